"""Graphs drawn in characters: the pictures themselves, and what must hold for any graph."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import pytest

from inspector.core.arrangement import Engine, barycentres
from inspector.core.layout import Direction, Item, Link
from inspector.core.routing import Picture, draw
from inspector.tui.widgets.layout_engine import netext_engine

REACT = [("start", "agent"), ("agent", "tools"), ("tools", "agent"), ("agent", "end")]
TRIP = [("start", "plan"), ("plan", "search"), ("plan", "write"), ("search", "trip"), ("trip", "write"),
        ("write", "end")]  # fmt: skip


def items(edges: Sequence[tuple[str, str]]) -> list[Item]:
    names = dict.fromkeys(name for edge in edges for name in edge)
    return [
        Item(name, len(name) + 2, 1, bare=True) if name in ("start", "end") else Item(name, len(name) + 4, 3)
        for name in names
    ]


def drawn(
    edges: Sequence[tuple[str, str]],
    direction: Direction = "down",
    dashed: Sequence[tuple[str, str]] = (),
    engine: Engine = barycentres,
) -> list[str]:
    """The picture as lines of text."""
    picture = draw(items(edges), [Link(*edge, edge in dashed) for edge in edges], direction, engine)
    grid = [[" "] * picture.width for _ in range(picture.height)]
    for box in picture.boxes.values():
        if box.height == 1:
            rows = [f"({box.id})"]
        else:
            inner = box.width - 2
            rows = ["╭" + "─" * inner + "╮", *(["│" + " " * inner + "│"] * (box.height - 2)), "╰" + "─" * inner + "╯"]
            rows[1] = f"│ {box.id:<{inner - 1}}│"
        for y, row in enumerate(rows):
            grid[box.y + y][box.x : box.x + len(row)] = row
    for (x, y), glyph in [*((at, mark.glyph) for at, mark in picture.marks.items()), *picture.ports.items()]:
        grid[y][x] = glyph
    return ["".join(row).rstrip() for row in grid]


def test_a_straight_line() -> None:
    assert drawn([("start", "a"), ("a", "end")]) == [
        "(start)",
        "   ▼",
        " ╭───╮",
        " │ a │",
        " ╰─┬─╯",
        "   ▼",
        " (end)",
    ]


def test_across() -> None:
    assert drawn(TRIP, "right", [("plan", "search"), ("plan", "write")]) == [
        "          ╭──────╮    ╭────────╮   ╭──────╮    ╭───────╮",
        "(start)──▶│ plan ├╌┬╌▶│ search ├──▶│ trip ├─┬─▶│ write ├──▶(end)",
        "          ╰──────╯ ╎  ╰────────╯   ╰──────╯ ╎  ╰───────╯",
        "                   ╰╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╌╯",
    ]


def test_two_nodes_that_call_each_other_share_a_line() -> None:
    assert drawn(REACT, "right", [("agent", "tools"), ("agent", "end")]) == [
        "                        ╭───────╮",
        "          ╭───────╮  ╭╌▶│ tools │",
        "(start)──▶│ agent │◀╌╯  ╰───────╯",
        "          │       ├╌╌╌╌▶(end)",
        "          ╰───────╯",
    ]


def test_a_longer_loop_has_a_line_of_its_own() -> None:
    picture = drawn([("start", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "end")])
    assert "▲" in "".join(picture)
    assert "".join(picture).count("▼") == 4


def test_a_fan_out_and_in() -> None:
    edges = [("start", name) for name in "abc"] + [(name, "end") for name in "abc"]
    assert drawn(edges) == [
        "      (start)",
        "  ╭──────┼──────╮",
        "  ▼      ▼      ▼",
        "╭───╮  ╭───╮  ╭───╮",
        "│ a │  │ b │  │ c │",
        "╰─┬─╯  ╰─┬─╯  ╰─┬─╯",
        "  ╰──────┼──────╯",
        "         ▼",
        "       (end)",
    ]


@pytest.mark.parametrize("engine", [barycentres, netext_engine])
@pytest.mark.parametrize("direction", ["down", "right"])
def test_any_graph(engine: Engine, direction: Direction) -> None:
    """Boxes do not overlap, lines run outside of them, and every edge can be followed from its source to an arrow at
    its target."""
    dice = random.Random(11)
    for _ in range(60):
        ids = [f"n{number}" for number in range(dice.randrange(1, 40))]
        pairs = {(dice.choice(ids), dice.choice(ids)) for _ in range(dice.randrange(0, 2 * len(ids)))}
        boxes = [Item(id_, dice.randrange(5, 20), 3) for id_ in ids]
        picture = draw(boxes, [Link(*pair) for pair in sorted(pairs)], direction, engine)
        assert set(picture.boxes) == set(ids)
        taken = _cells(picture)
        assert not taken & set(picture.marks)
        for x, y in (*taken, *picture.marks):
            assert 0 <= x < picture.width
            assert 0 <= y < picture.height
        cells = _cells_of_edges(picture)
        for source, target in sorted(pairs):
            if source != target:
                _follow(picture, cells[source, target], source, target)


def _cells_of_edges(picture: Picture) -> dict[tuple[str, str], set[tuple[int, int]]]:
    cells = defaultdict[tuple[str, str], set[tuple[int, int]]](set)
    for at, mark in picture.marks.items():
        for link in mark.links:
            cells[link].add(at)
    return cells


def _cells(picture: Picture) -> set[tuple[int, int]]:
    cells: set[tuple[int, int]] = set()
    for box in picture.boxes.values():
        own = {(x, y) for x in range(box.x, box.x + box.width) for y in range(box.y, box.y + box.height)}
        assert not own & cells
        cells |= own
    return cells


def _follow(picture: Picture, cells: set[tuple[int, int]], source: str, target: str) -> None:
    """The cells that bear the edge are one piece that touches both boxes, and the target with an arrow."""
    assert cells
    todo, seen = [min(cells)], {min(cells)}
    while todo:
        x, y = todo.pop()
        for at in ((x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)):
            if at in cells and at not in seen:
                seen.add(at)
                todo.append(at)
    assert seen == cells, (source, target)
    assert _touches(picture, cells, source)
    arrows = {at for at in cells if picture.marks[at].glyph in "▲▼◀▶"}
    assert _touches(picture, arrows, target)


def _touches(picture: Picture, cells: set[tuple[int, int]], id_: str) -> bool:
    box = picture.boxes[id_]
    return any(
        (box.x <= x < box.x + box.width and y in (box.y - 1, box.y + box.height))
        or (box.y <= y < box.y + box.height and x in (box.x - 1, box.x + box.width))
        for x, y in cells
    )


def test_no_edges_and_no_nodes() -> None:
    assert draw([], []).boxes == {}
    lone = draw([Item(name, 5, 3) for name in "abcdef"], [Link("a", "a"), Link("a", "unknown")])
    assert len(lone.boxes) == 6
    assert not lone.marks
    _cells(lone)
