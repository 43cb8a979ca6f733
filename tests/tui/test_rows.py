from __future__ import annotations

from typing import Any, ClassVar

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.strip import Strip

from inspector.tui.widgets.cells import cut, cut_left, fit, strip_of
from inspector.tui.widgets.rows import RowList


class Words(RowList):
    """Rows of plain words, which are their own keys."""

    empty = "nothing here yet, type something that is long enough to wrap"

    def __init__(self, words: list[str], *, with_header: bool = False) -> None:
        super().__init__()
        self.words = words
        self.drawn: list[int] = []

    def row_count(self) -> int:
        return len(self.words)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        self.drawn.append(index)
        return strip_of([(self.words[index], self.pen("muted"))], width)

    def row_key(self, index: int) -> Any:
        return self.words[index]

    def index_of(self, key: Any) -> int | None:
        return self.words.index(key) if key in self.words else None


class Titled(Words):
    clicked = -1

    def header(self, width: int) -> Strip | None:
        return strip_of([("TITLE", None)], width)

    def header_clicked(self, x: int) -> None:
        self.clicked = x


class Host(App[None]):
    CSS = "Screen { layers: a; } RowList { height: 1fr; }"

    def __init__(self, rows: Words) -> None:
        super().__init__()
        self.rows = rows
        self.highlighted: list[tuple[str, bool]] = []
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.rows

    def on_mount(self) -> None:
        self.rows.focus()

    def on_row_list_highlighted(self, message: RowList.Highlighted) -> None:
        self.highlighted.append((message.key, message.by_user))

    def on_row_list_chosen(self, message: RowList.Chosen) -> None:
        self.chosen.append(message.key)


def words(count: int) -> list[str]:
    return [f"w{i}" for i in range(count)]


def screen(rows: RowList) -> list[str]:
    return [rows.render_line(y).text.rstrip() for y in range(rows.size.height)]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_follows_the_newest_row_until_the_developer_moves() -> None:
    app = Host(Words(words(5)))
    async with app.run_test(size=(30, 4)) as pilot:
        rows = app.rows
        rows.model_changed()
        assert rows.cursor == 4
        assert screen(rows) == ["w1", "w2", "w3", "w4"]
        rows.words.append("w5")
        rows.model_changed()
        await pilot.pause()
        assert rows.cursor == 5
        assert screen(rows)[-1] == "w5"
        assert app.highlighted[-1] == ("w5", False)

        await press(pilot, "k")
        assert (rows.cursor, rows.following) == (4, False)
        rows.words.append("w6")
        rows.model_changed()
        await pilot.pause()
        assert rows.cursor == 4
        assert screen(rows) == ["w2", "w3", "w4", "w5"]
        assert app.highlighted[-1] == ("w4", True)

        await press(pilot, "end")
        assert (rows.cursor, rows.following) == (6, True)
        await press(pilot, "home")
        assert (rows.cursor, rows.following) == (0, False)
        await press(pilot, *["down"] * 6)
        assert (rows.cursor, rows.following) == (6, True), "going to the last row by hand follows again"


async def test_cursor_and_window_stay_on_their_rows_when_rows_come_above() -> None:
    app = Host(Words(words(50)))
    async with app.run_test(size=(30, 6)) as pilot:
        rows = app.rows
        rows.model_changed()
        rows.move_to(20)
        await pilot.pause()
        before = screen(rows)
        count = len(app.highlighted)
        rows.words[3:3] = ["new a", "new b", "new c"]
        rows.model_changed()
        await pilot.pause()
        assert rows.cursor == 23
        assert screen(rows) == before
        assert len(app.highlighted) == count, "the cursor did not change its row"

        rows.words.remove("w20")
        rows.model_changed()
        assert rows.words[rows.cursor] == "w21", "a row that is gone leaves the cursor where it was"


async def test_window_is_kept_when_the_cursor_is_out_of_sight() -> None:
    app = Host(Words(words(100)))
    async with app.run_test(size=(30, 6)) as pilot:
        rows = app.rows
        rows.model_changed()
        rows.move_to(0)
        rows.scroll_to(y=40, animate=False)
        await pilot.pause()
        before = screen(rows)
        rows.words.insert(10, "new")
        rows.model_changed()
        assert screen(rows) == before
        assert rows.cursor == 0


async def test_scrolling_away_stops_following_and_scrolling_back_takes_it_up() -> None:
    app = Host(Words(words(40)))
    async with app.run_test(size=(30, 6)) as pilot:
        rows = app.rows
        rows.model_changed()
        rows.scroll_to(y=10, animate=False)
        await pilot.pause()
        assert not rows.following
        rows.words.append("w40")
        rows.model_changed()
        assert screen(rows)[0] == "w10"
        rows.scroll_to(y=rows.max_scroll_y, animate=False)
        await pilot.pause()
        assert (rows.cursor, rows.following) == (40, True)


async def test_wheel_scrolls() -> None:
    app = Host(Words(words(40)))
    async with app.run_test(size=(30, 6)) as pilot:
        rows = app.rows
        rows.model_changed()
        await pilot.pause()
        await pilot._post_mouse_events([events.MouseScrollUp], offset=(3, 3))
        await pilot.pause()
        assert rows.scroll_offset.y < rows.max_scroll_y
        assert not rows.following


async def test_keys_and_bounds() -> None:
    app = Host(Words(words(30)))
    async with app.run_test(size=(30, 10)) as pilot:
        rows = app.rows
        rows.model_changed()
        await press(pilot, "home")
        await press(pilot, "up", "k")
        assert rows.cursor == 0
        await press(pilot, "down", "j")
        assert rows.cursor == 2
        await press(pilot, "pagedown")
        assert rows.cursor == 11
        assert 11 in rows.visible_rows
        await press(pilot, "pageup", "pageup")
        assert rows.cursor == 0
        await press(pilot, "enter")
        assert app.chosen == ["w0"]


async def test_clicks() -> None:
    app = Host(Titled(words(30)))
    async with app.run_test(size=(30, 6)) as pilot:
        rows = app.rows
        assert isinstance(rows, Titled)
        rows.model_changed()
        rows.move_to(0)
        await pilot.pause()
        await pilot.click(rows, offset=(2, 3))
        assert rows.cursor == 2
        await pilot.click(rows, offset=(2, 4), times=2)
        await pilot.pause()
        assert app.chosen == ["w3"]
        await pilot.click(rows, offset=(4, 0))
        assert rows.clicked == 4
        assert rows.cursor == 3


async def test_header_stays_and_all_rows_can_be_reached() -> None:
    app = Host(Titled(words(20)))
    async with app.run_test(size=(30, 6)) as pilot:
        rows = app.rows
        rows.model_changed()
        await pilot.pause()
        assert screen(rows) == ["TITLE", "w15", "w16", "w17", "w18", "w19"]
        await press(pilot, "home")
        assert screen(rows) == ["TITLE", "w0", "w1", "w2", "w3", "w4"]


async def test_empty_says_what_would_fill_it() -> None:
    app = Host(Words([]))
    async with app.run_test(size=(30, 6)) as pilot:
        rows = app.rows
        rows.model_changed()
        await press(pilot, "down", "enter", "end", "pageup")
        assert screen(rows)[0] == " nothing here yet, type"
        assert app.chosen == []
        rows.words.extend(words(3))
        rows.model_changed()
        assert rows.cursor == 2
        rows.words.clear()
        rows.model_changed()
        assert rows.cursor == -1


async def test_a_million_rows_draw_only_what_is_seen() -> None:
    class Many(Words):
        def row_count(self) -> int:
            return 1_000_000

        def render_row(self, index: int, width: int, selected: bool) -> Strip:
            self.drawn.append(index)
            return strip_of([(str(index), None)], width)

        def row_key(self, index: int) -> Any:
            return index

        def index_of(self, key: Any) -> int | None:
            return int(key)

    app = Host(Many([]))
    async with app.run_test(size=(30, 10)) as pilot:
        rows = app.rows
        rows.model_changed()
        await pilot.pause()
        rows.drawn.clear()
        rows.model_changed()
        await pilot.pause()
        assert set(rows.drawn) <= set(range(999_990, 1_000_000))
        rows.drawn.clear()
        await press(pilot, "up")
        assert len(rows.drawn) <= 2, "moving the cursor redraws the two rows it concerns"


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (20, 5), (250, 80)])
async def test_any_size(size: tuple[int, int]) -> None:
    app = Host(Titled([*words(10), "漢字かな", "\N{FAMILY}" * 40]))
    async with app.run_test(size=(80, 24)) as pilot:
        app.rows.model_changed()
        await pilot.resize_terminal(*size)
        await press(pilot, "home", "end", "pageup")
        for y in range(app.rows.size.height):
            assert app.rows.render_line(y).cell_length == app.rows.size.width


@pytest.mark.parametrize("width", range(12))
def test_cells_are_exact(width: int) -> None:
    for text in ("", "plain", "a longer text than that", "漢字かなカナ混じり", "a漢b字c", "🙂" * 9, "x" * 5000):
        assert cell_len(cut(text, width)) <= width
        assert cell_len(cut_left(text, width)) <= width
        assert cell_len(fit(text, width)) == width
        assert cell_len(fit(text, width, "right")) == width
        strip = strip_of([("ab", None), (text, None), ("z", None)], width)
        assert cell_len(strip.text) == width == strip.cell_length


def test_cut_marks_the_cut() -> None:
    assert cut("abcdef", 4) == "abc…"
    assert cut("abcd", 4) == "abcd"
    assert cut_left("abcdef", 4) == "…def"
    assert strip_of([("abc", None), ("def", None), ("g", None)], 5).text == "abcd…"


async def test_rows_end_before_the_scrollbar() -> None:
    app = Host(Words(["x" * 100] * 30))
    async with app.run_test(size=(30, 10)) as pilot:
        app.rows.model_changed()
        await pilot.pause()
        assert app.rows.show_vertical_scrollbar
        strip = app.rows.render_line(3)
        assert strip.text == "x" * 28 + "… "
        assert strip.cell_length == app.rows.size.width


async def test_only_what_changed_is_drawn_again() -> None:
    class Versioned(Titled):
        versions: ClassVar[dict[str, int]] = {}

        def row_version(self, index: int) -> Any:
            word = self.words[index]
            return (word, self.versions.get(word, 0))

    app = Host(Versioned(words(8)))
    async with app.run_test(size=(30, 12)) as pilot:
        rows = app.rows
        rows.model_changed()
        await pilot.pause()

        async def drawn() -> list[int]:
            rows.drawn.clear()
            rows.model_changed()
            await pilot.pause()
            return sorted(set(rows.drawn))

        rows.move_to(0)
        await pilot.pause()
        assert await drawn() == []
        Versioned.versions["w3"] = 1
        assert await drawn() == [3]
        rows.words.insert(6, "new")
        assert await drawn() == [6, 7, 8]
        del rows.words[6:]
        await drawn()
        assert screen(rows)[7:] == ["", "", "", "", ""]
        shown = [strip.text.strip() for strip in rows.render_lines(rows.size.region)]
        assert shown == ["TITLE", "w0", "w1", "w2", "w3", "w4", "w5", "", "", "", "", ""]
