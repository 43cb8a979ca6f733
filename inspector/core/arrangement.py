"""Where the nodes of a layered graph go within their layers: in the engine's order, as straight as can be.

See `core.layout`, which makes the layers, and `core.routing`, which draws the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from statistics import fmean
from typing import TypeAlias

from inspector.core.layout import Layers, Piece, Place, Sense, Side

Engine: TypeAlias = Callable[[Sequence[tuple[str, str]], Mapping[str, int]], Mapping[str, float]]
"""Edges between neighbouring layers, and the cross size of each node, to cross positions (only their order counts)."""


def barycentres(edges: Sequence[tuple[str, str]], sizes: Mapping[str, int]) -> Mapping[str, float]:
    """The plainest `Engine`: each node at the mean of those it comes from, in order of appearance where that ties."""
    above: dict[str, list[str]] = {}
    for source, target in edges:
        above.setdefault(target, []).append(source)
    at: dict[str, float] = {}
    for number, id_ in enumerate(sizes):
        known = [at[source] for source in above.get(id_, ()) if source in at]
        at[id_] = (fmean(known) if known else 0.0) + number * 1e-6
    return at


def arrange(layers: Layers, engine: Engine, gap: int) -> None:
    """Order each layer as the engine has it, and set the cross position of every place, the leftmost at 0.

    `gap` is the least number of cells between two places of a layer.
    """
    places = layers.places
    # Nodes layer by layer, so that a simple engine sees what is above first.
    sizes = {id_: places[id_].size for row in layers.rows for id_ in row}
    at = engine([(piece.upper, piece.lower) for piece in layers.pieces], sizes)
    for row in layers.rows:
        row.sort(key=lambda id_: at.get(id_, 0.0))
        cross = 0
        for id_ in row:
            places[id_].cross = cross
            cross += places[id_].size + gap
    upward: dict[str, list[Piece]] = {}
    downward: dict[str, list[Piece]] = {}
    for piece in layers.pieces:
        upward.setdefault(piece.lower, []).append(piece)
        downward.setdefault(piece.upper, []).append(piece)
    for turn in range(4):
        for row in layers.rows[1:]:
            _even_out(row, places, upward, gap)
        for row in reversed(layers.rows[:-1]):
            _even_out(row, places, downward, gap)
        if turn == 1:
            _uncross(places, upward, downward)
    for row in layers.rows[1:]:
        _even_out(row, places, upward, gap)
    _straighten(places, upward)
    for row in reversed(layers.rows):
        _straighten_bends(row, places, downward, gap)
    for row in layers.rows:
        _straighten_bends(row, places, upward, gap)
    first = min((place.cross for place in places.values()), default=0)
    for place in places.values():
        place.cross -= first


def _uncross(
    places: Mapping[str, Place], upward: Mapping[str, Sequence[Piece]], downward: Mapping[str, Sequence[Piece]]
) -> None:
    """Exchange the two ports at a side where the edges that go on and the loops would cross."""
    for place in places.values():
        for side, pieces in (("top", upward.get(place.id, ())), ("bottom", downward.get(place.id, ()))):
            on, loop = (place.ports[side, sense] for sense in (True, False))  # type: ignore[index]
            ends: dict[bool, list[int]] = {True: [], False: []}
            for piece in pieces:
                other = places[piece.upper if side == "top" else piece.lower]
                ends[piece.sense == "on"].append(other.cross + other.size // 2)
            if on != loop and ends[True] and ends[False] and (fmean(ends[True]) > fmean(ends[False])) != (on > loop):
                place.ports[side, True], place.ports[side, False] = loop, on  # type: ignore[index]


def _straighten(places: Mapping[str, Place], upward: Mapping[str, Sequence[Piece]]) -> None:
    """Let an edge enter a box a little beside its middle, where that spares it a bend."""
    for place in places.values():
        middle = place.ports.get(("top", True), 0)
        if place.bend or place.size < 7 or place.ports["top", False] != middle:
            continue
        straight = [port(places[piece.upper], "bottom", piece.sense) for piece in upward.get(place.id, ())]
        near = [at - place.cross for at in straight if abs(at - place.cross - middle) <= min(3, place.size // 2 - 2)]
        if near:
            place.ports["top", True] = place.ports["top", False] = min(near, key=lambda at: abs(at - middle))


def _straighten_bends(
    row: Sequence[str], places: Mapping[str, Place], neighbours: Mapping[str, Sequence[Piece]], gap: int
) -> None:
    """Move the bends of a layer into line with those of the layer before (or after), where there is room."""
    for number in [*range(len(row)), *reversed(range(len(row)))]:
        place = places[row[number]]
        others = [
            places[piece.lower if piece.upper == place.id else piece.upper] for piece in neighbours.get(place.id, ())
        ]
        if not place.bend or not others or not all(other.bend for other in others):
            continue
        wanted = others[0].cross
        left = places[row[number - 1]] if number else None
        right = places[row[number + 1]] if number + 1 < len(row) else None
        least = left.cross + left.size + gap if left is not None else wanted
        most = right.cross - gap - 1 if right is not None else wanted
        if least <= most:
            place.cross = min(max(wanted, least), most)


def port(place: Place, side: Side, sense: Sense) -> int:
    """Where an edge meets a place, across."""
    return place.cross + place.ports[side, sense == "on"]


def _wish(place: Place, piece: Piece, places: Mapping[str, Place]) -> tuple[float, float]:
    """Where a place would have to be for a piece to be straight, and how much that matters."""
    top, bottom = port(places[piece.lower], "top", piece.sense), port(places[piece.upper], "bottom", piece.sense)
    other = places[piece.upper if place.id == piece.lower else piece.lower]
    wish = place.cross + (bottom - top if place.id == piece.lower else top - bottom)
    if place.bend and other.bend:
        return wish, 8.0
    if place.bend or other.bend:
        return wish, 0.05
    return wish, 4.0 if piece.sense == "on" else 2.0 if piece.sense == "both" else 0.25


def _even_out(
    row: Sequence[str], places: Mapping[str, Place], neighbours: Mapping[str, Sequence[Piece]], gap: int
) -> None:
    """Move the places of a layer as near as they can be to where their edges would be straight, keeping order and gap.

    Least squares under an order: places that would overlap become a block, which goes to its mean (the pool adjacent
    violators algorithm).
    """
    blocks: list[tuple[float, float, int]] = []  # weighted sum, weight, how many
    offset = 0
    for id_ in row:
        place = places[id_]
        wishes = [_wish(place, piece, places) for piece in neighbours.get(id_, ())]
        weight = sum(weight for _, weight in wishes) or 0.1
        wish = sum(at * weight for at, weight in wishes) / weight if wishes else place.cross
        blocks.append(((wish - offset) * weight, weight, 1))
        offset += place.size + gap
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] > blocks[-1][0] / blocks[-1][1]:
            total, weight, count = blocks.pop()
            before = blocks.pop()
            blocks.append((before[0] + total, before[1] + weight, before[2] + count))
    offset = 0
    ids = iter(row)
    for total, weight, count in blocks:
        start = round(total / weight)
        for _ in range(count):
            place = places[next(ids)]
            place.cross = start + offset
            offset += place.size + gap
