"""The view of a growing text: it follows the end until somebody scrolls, and draws what is there, safely."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.selection import Selection

from inspector.core.tokens import Segment
from inspector.tui.widgets.markdown import LIMIT
from inspector.tui.widgets.textlayout import Block, Fixed
from inspector.tui.widgets.wrapped import CURSOR, WrappedView
from tests.tui.paneapp import FORBIDDEN, HOSTILE, SIZES, screen


class Host(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.text = WrappedView()

    def compose(self) -> ComposeResult:
        yield self.text

    def on_mount(self) -> None:
        self.text.focus()


def seen(app: Host) -> list[str]:
    return [line.rstrip(" ▁▂▃▄▅▆▇█") for line in screen(app)]


def following(app: Host) -> bool:
    return app.text.following


async def settled(pilot: Pilot[None], app: Host) -> None:
    while app.text._layout is not None and not app.text._layout.settled:
        await pilot.pause(0.02)
    await pilot.pause()


async def test_it_follows_the_end_until_somebody_scrolls_and_end_follows_again() -> None:
    app = Host()
    async with app.run_test(size=(30, 6)) as pilot:
        source = Segment("text")
        app.text.show([Block(source)], live=True)
        for n in range(20):
            source.append(f"line {n}\n")
            app.text.grown(live=True)
        await pilot.pause()
        assert seen(app)[:5] == [f"line {n}" for n in range(15, 20)]
        assert seen(app)[5] == CURSOR
        await pilot.press("up")
        assert not following(app)
        source.append("more\n" * 5)
        app.text.grown(live=True)
        await pilot.pause()
        assert seen(app)[0] == "line 14"
        await pilot.press("end")
        await pilot.pause()
        assert following(app)
        assert seen(app)[4] == "more"
        await pilot.press("home")
        await pilot.pause()
        assert seen(app)[0] == "line 0"
        await pilot.press("j", "pagedown")
        await pilot.pause()
        assert seen(app)[0] == "line 6"
        await pilot.press("k", "pageup")
        await pilot.pause()
        assert seen(app)[0] == "line 0"
        for _ in range(10):
            await pilot.press("pagedown")
        assert following(app)


async def test_the_wheel_leaves_and_takes_up_following() -> None:
    app = Host()
    async with app.run_test(size=(30, 6)) as pilot:
        source = Segment("text")
        source.append("line\n" * 50)
        app.text.show([Block(source)], live=True)
        await pilot.pause()
        app.text.scroll_up(animate=False)
        await pilot.pause()
        assert not following(app)
        app.text.scroll_end(animate=False)
        await pilot.pause()
        assert following(app)


async def test_kinds_are_told_apart_without_colours() -> None:
    app = Host()
    async with app.run_test(size=(31, 8)) as pilot:
        call = Segment("tool_call")
        call.append('{"query": "flights to Lisbon in May"}')
        app.text.show(
            [
                Block(Fixed("hm"), "reasoning", gutter="┊ ", prefix="reasoning  ", prefix_style="quiet"),
                Block(Fixed("I look it up."), "text"),
                Block(call, "call", gutter="│ ", prefix="→ search  "),
            ]
        )
        await pilot.pause()
        assert seen(app)[:4] == [
            "┊ reasoning  hm",
            "I look it up.",
            '│ → search  {"query": "flights',
            '│ to Lisbon in May"}',
        ]


async def test_resizing_keeps_the_place() -> None:
    app = Host()
    async with app.run_test(size=(40, 10)) as pilot:
        app.text.show([Block(Fixed("\n".join(f"paragraph {n} " + "word " * 30 for n in range(400))))])
        await pilot.pause()
        for _ in range(60):
            app.text.action_page(1)
        await settled(pilot, app)
        await pilot.press("up", "up", "up")
        top = app.text.scroll_offset.y
        assert app.text._layout is not None
        line = app.text._layout.line(top)
        assert line is not None
        await pilot.resize_terminal(20, 5)
        await settled(pilot, app)
        again = app.text._layout.line(app.text.scroll_offset.y)
        assert again is not None
        assert line.text.startswith(again.text.rstrip())
        await pilot.resize_terminal(40, 10)
        await settled(pilot, app)
        assert app.text._layout.line(app.text.scroll_offset.y) == line


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_at_every_size(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.text.show([Block(Fixed(HOSTILE * 20), "text", gutter="┊ ", prefix="p "), Block(Fixed("x" * 100_000))])
        await pilot.pause()
        for line in screen(app):
            assert cell_len(line) <= size[0]
            assert not FORBIDDEN & set(line)
        if size[0] >= 60:
            assert "[bold red]markup[/]" in "".join(screen(app))


async def test_a_line_of_a_megabyte_opens_and_ends() -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        app.text.show([Block(Fixed("start " + "x" * 1_000_000 + " the end"))])
        await pilot.pause()
        assert screen(app)[0].startswith("start")
        await pilot.press("end")
        await pilot.pause()
        assert seen(app)[-1].endswith("the end")


MARKDOWN = "# Plan\n\nTake *the* **tram**:\n\n- one\n- two\n\n```python\nprint('x')\n```\n\n[link](http://x.y)\n"


async def test_markdown_and_back() -> None:
    app = Host()
    async with app.run_test(size=(40, 16)) as pilot:
        app.text.show([Block(Fixed("thinks"), "reasoning", gutter="┊ "), Block(Fixed(MARKDOWN), markdown=True)])
        await pilot.pause()
        assert "# Plan" in screen(app)
        await pilot.press("m")
        await app.workers.wait_for_complete()
        await pilot.pause()
        shown = screen(app)
        assert shown[0] == "┊ thinks"
        assert "Plan" in shown
        assert "Take the tram:" in shown
        assert " • one" in shown
        assert "  print('x')" in shown
        assert any("http://x.y" in line for line in shown)
        assert "\x1b]8" not in "".join(shown)
        await pilot.resize_terminal(20, 5)
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Take the tram:" in screen(app)
        assert all(cell_len(line) <= 20 for line in screen(app))
        await pilot.press("m")
        await pilot.resize_terminal(40, 16)
        await pilot.pause()
        assert "# Plan" in screen(app)


async def test_markdown_only_when_it_can_be() -> None:
    app = Host()
    async with app.run_test(size=(40, 16)) as pilot:
        source = Segment("text")
        source.append("**x**")
        app.text.show([Block(source, markdown=True)], live=True)
        assert not app.text.check_action("markdown", ())
        app.text.grown(live=False)
        assert app.text.check_action("markdown", ())
        app.text.show([Block(Fixed("x" * (LIMIT + 1)), markdown=True)])
        assert not app.text.check_action("markdown", ())
        app.text.show([Block(Fixed("{}"), "call")])
        assert not app.text.check_action("markdown", ())
        await pilot.press("m")
        await pilot.pause()
        assert screen(app)[0] == "{}"


async def test_selected_text_is_the_text_as_it_was_written() -> None:
    app = Host()
    async with app.run_test(size=(20, 6)) as pilot:
        app.text.show([Block(Fixed("one two three four five six\nseven"), gutter="┊ ")])
        await pilot.pause()
        assert app.text.get_selection(Selection(Offset(4, 0), Offset(3, 2))) == ("two three four five six\nsev", "\n")
        assert app.text.get_selection(Selection(None, None)) == ("one two three four five six\nseven", "\n")
        await pilot.mouse_down(app.text, offset=(6, 0))
        await pilot.hover(app.text, offset=(5, 2))
        await pilot.mouse_up(app.text, offset=(5, 2))
        await pilot.pause()
        assert app.screen.get_selected_text() == "two three four five six\nseve"


async def test_nothing_to_show() -> None:
    app = Host()
    async with app.run_test(size=(30, 4)) as pilot:
        app.text.empty = "no output"
        app.text.show([])
        await pilot.pause()
        assert screen(app)[0] == " no output"
