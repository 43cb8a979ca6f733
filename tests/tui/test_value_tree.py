"""The tree of values on its own: any size of value at the cost of what is visible, any text without harm."""

from __future__ import annotations

from typing import Any

from rich.cells import cell_len
from textual.app import App, ComposeResult

from inspector.core.diff import MISSING, Entry
from inspector.core.values import Clipped, Opaque, Unreadable
from inspector.tui.panes.base import ShowText
from inspector.tui.widgets.value_text import mark_text, wrapped
from inspector.tui.widgets.value_tree import ValueTreeView
from tests.tui.scene import HOSTILE


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.tree_view = ValueTreeView()
        self.texts: list[ShowText] = []

    def compose(self) -> ComposeResult:
        yield self.tree_view

    def on_show_text(self, event: ShowText) -> None:
        self.texts.append(event)

    def lines(self) -> list[str]:
        return [self.tree_view.render_line(y).text.rstrip() for y in range(self.tree_view.size.height)]


async def test_shows_any_kind_of_value() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.tree_view.show_value({
            "none": None, "flag": True, "count": 1200, "text": "Lisbon", "list": [[1], [2]], "mapping": {"a": {"b": 1}},
            "object": Opaque("app.Trip", {"days": [1, 2], "city": {"x": 1}}), "clipped": Clipped("Tram", 900),
            "broken": Unreadable("app.Thing", "no way"), "bytes": b"12345",
        })  # fmt: skip
        app.tree_view.focus()
        await pilot.pause()
        assert app.lines()[:10] == [
            "  none     None",
            "  flag     True",
            "  count    1,200",
            '  text     "Lisbon"',
            "▸ list     2 items",
            "▸ mapping  1 key: a",
            "▸ object   Trip  2 keys: days, city",
            '  clipped  "Tram"  900 characters',
            "  broken   unreadable app.Thing: no way",
            "  bytes    5 B of bytes",
        ]
        await pilot.press("end", "up", "up", "up", "right")
        assert app.lines()[6:9] == ["▾ object   Trip", "  ▸ days  [1, 2]", "  ▸ city  {x: 1}"]
        await pilot.press("right", "left", "left")
        assert app.lines()[6] == "▸ object   Trip  2 keys: days, city"
        await pilot.press("n", "N", "v")  # nothing is marked: these keys do nothing
        assert app.tree_view.current() is app.tree_view.model.rows[6]
        await pilot.press("o")
        await pilot.pause()
        assert app.texts[0].title == "object"


async def test_a_hundred_thousand_children_cost_what_is_shown() -> None:
    app = Host()
    async with app.run_test(size=(60, 20)) as pilot:
        app.tree_view.show_value({"many": [{"n": number} for number in range(100_000)]})
        app.tree_view.focus()
        await pilot.press("enter")
        assert app.tree_view.row_count() == 502
        await pilot.press("end")
        assert app.lines()[-1] == "  ▸ 99999 {n: 99,999}"
        for _ in range(100):
            await pilot.press("up")
        current = app.tree_view.current()
        assert current is not None
        assert current.text == "⋯ 99,500 more"
        await pilot.press("enter")
        assert app.tree_view.row_count() == 1002


async def test_columns_stay_aligned_with_wide_characters() -> None:
    app = Host()
    async with app.run_test(size=(40, 8)) as pilot:
        app.tree_view.show_value({"漢字": "値" * 50, "ab": 1, HOSTILE: HOSTILE})
        await pilot.pause()
        lines = [app.tree_view.render_line(y) for y in range(3)]
        assert [line.cell_length for line in lines] == [40, 40, 40]
        assert len({cell_len(line.text[: line.text.index(mark)]) for line, mark in zip(lines, '"1', strict=False)}) == 1


def test_wrapped() -> None:
    assert [line.rstrip() for line in wrapped("one two three", 8)] == ["one two", "three"]
    assert list(wrapped("a\n\nb", 8)) == ["a", "", "b"]
    assert all(cell_len(line.rstrip()) <= 10 for line in wrapped("漢字 " * 40 + HOSTILE, 10))
    assert not {"\x1b", "\x00", "\u202e"} & set("".join(wrapped(HOSTILE, 10)))
    text = "word " * 100_000
    assert "".join(wrapped(text, 37)).replace(" ", "") == "word" * 100_000
    assert "".join(wrapped("x" * 100_000, 37)) == "x" * 100_000


def test_mark_text() -> None:
    def said(old: Any, new: Any, mark: Any = "changed") -> str:
        from inspector.core.valuetree import ValueTree

        tree = ValueTree()
        tree.show([Entry("k", old, new, mark)])
        return mark_text(tree.rows[0], "step 3")

    assert said(MISSING, 1, "added") == "+ step 3"
    assert said(1, MISSING, "removed") == "− removed"
    assert said(1, 1, "") == ""
    assert said(1500, 1200) == "~ was 1,500"
    assert said([1], [1, 2, 3]) == "+2"
    assert said([1, 2], [1]) == "−1"
    assert said({"a": 1}, {"a": 2}) == "~ changed"
    assert said("x" * 30, "x" * 30 + "yz") == "~ +2 characters"
    assert said([1], {"a": 1}) == "~ was [1]"
    assert said(Opaque("m.E", "red"), Opaque("m.E", "blue")) == '~ was E("red")'
    assert "\x1b" not in said(HOSTILE, 1)
