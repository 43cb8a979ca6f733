"""The tools pane: rows while calls are asked for, run and end; keys, filter, finding."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from inspector.core.events import Failure, Token
from inspector.core.run import Run
from inspector.tui.panes.tools import ToolsPane
from tests.core.script import Script
from tests.tui.paneapp import FORBIDDEN, HOSTILE, SIZES, PaneApp, screen


class Host(PaneApp):
    pane: ToolsPane

    def __init__(self, script: Script | None = None) -> None:
        super().__init__(ToolsPane, script)

    def on_mount(self) -> None:
        self.pane.rows.focus()


def three() -> Script:
    """Three calls of one model: one fine, one failed, one running."""
    script = Script().start()
    model = script.span("model", "chat", script.task("plan"), model="gpt-x")
    for n, name in enumerate(("flights", "hotels", "tables")):
        script.add(Token(0.5, model, "tool_call", '{"city": "Lisbon"}', n, name, f"c{n}"))
    script.at(1).close(model, calls=("c0", "c1", "c2"))
    task = script.task("search")
    tools = [
        script.span("tool", name, task, input={"city": "Lisbon"}, call_id=f"c{n}")
        for n, name in enumerate(("flights", "hotels", "tables"))
    ]
    script.at(1.5).close(tools[0], "TP 929, 336 EUR")
    script.at(2).close(tools[1], status="error", error=Failure("builtins.TimeoutError", "no answer"))
    return script


async def test_rows_say_what_was_asked_and_what_came() -> None:
    app = Host(three())
    async with app.run_test(size=(120, 8)) as pilot:
        await pilot.pause()
        shown = screen(app)
        assert shown[0].split() == ["tool", "arguments", "result", "node", "time"]
        assert shown[1].split("  ")[0].strip() == "✔ flights"
        for text in ('city="Lisbon"', "TP 929, 336 EUR", "search", "0.50s"):
            assert text in shown[1]
        for text in ("✖ hotels", "TimeoutError: no answer", "1.00s"):
            assert text in shown[2]
        assert "● tables" in shown[3]
        assert "running" in shown[3]
        assert "asked by plan · gpt-x" in shown[-1]
        assert "id c2" in shown[-1]
        assert app.pane.badge == "3 ✖1"


async def test_arguments_come_in_while_the_model_writes_them() -> None:
    app = Host()
    async with app.run_test(size=(100, 8)) as pilot:
        assert "No tool has been called yet" in screen(app)[0] + screen(app)[1]
        script = app.script.start()
        model = script.span("model", "chat", script.task("plan"))
        script.add(Token(0.5, model, "tool_call", '{"ci', 0, "search", "c1"))
        app.pane.sync()
        await pilot.pause()
        assert "◌ search" in screen(app)[1]
        assert '{"ci▏' in screen(app)[1]
        assert "being asked for" in screen(app)[1]
        script.add(Token(0.6, model, "tool_call", 'ty": "' + "x" * 5_000, 0))
        app.pane.sync()
        await pilot.pause()
        assert '{"city": "xxx' in screen(app)[1]
        script.close(model)
        app.pane.sync()
        await pilot.pause()
        assert "○ search" in screen(app)[1]
        assert "asked for, not begun" in screen(app)[1]
        script.span("tool", "search", script.task("tools"), call_id="c1")
        app.pane.sync()
        await pilot.pause()
        assert "● search" in screen(app)[1]
        assert screen(app)[2].strip() == ""


async def test_moving_selects_and_enter_opens() -> None:
    app = Host(three())
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert app.selected == []
        await pilot.press("up")
        await pilot.press("k")
        assert app.selected == ["hotels", "flights"]
        await pilot.press("enter")
        assert app.shown == ["flights"]
        await pilot.press("end")
        assert app.pane.rows.following


async def test_only_what_failed() -> None:
    app = Host(three())
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        await pilot.press("F")
        await pilot.pause()
        assert "failed calls" in screen(app)[0]
        assert "✖ hotels" in screen(app)[1]
        assert screen(app)[2] == ""
        await pilot.press("F")
        await pilot.pause()
        assert "tables" in screen(app)[3]
        app.view.run = Run()
        app.pane.sync()
        assert not app.pane.check_action("failed", ())


async def test_finding() -> None:
    app = Host(three())
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        assert app.pane.find("336 eur")
        assert app.pane.rows.cursor == 0
        assert app.pane.find("no ANSWER")
        assert app.pane.rows.cursor == 1
        assert not app.pane.find("nowhere")


async def test_a_call_selected_elsewhere_when_the_run_is_over() -> None:
    script = three()
    app = Host(script)
    async with app.run_test(size=(80, 10)) as pilot:
        await pilot.pause()
        first = app.view.run.tools[0]
        app.view.select(first)
        app.pane.sync_if_changed()
        assert app.pane.rows.cursor == 2
        script.end()
        app.pane.sync()
        app.view.select(app.view.run.tools[1])
        app.view.select(first)
        app.pane._selected = None
        app.pane.sync_if_changed()
        assert app.pane.rows.cursor == 0


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_at_every_size(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        script = app.script.start()
        task = script.task(HOSTILE)
        model = script.span("model", HOSTILE, task, model=HOSTILE)
        script.add(Token(0.1, model, "tool_call", HOSTILE, 0, HOSTILE, HOSTILE))
        tool = script.span("tool", HOSTILE, task, input={HOSTILE: HOSTILE})
        script.close(tool, HOSTILE)
        failed = script.span("tool", HOSTILE, task, input=HOSTILE)
        script.close(failed, status="error", error=Failure(HOSTILE, HOSTILE))
        app.pane.sync()
        await pilot.press("up")
        await pilot.pause()
        for line in screen(app):
            assert cell_len(line) <= size[0]
            assert not FORBIDDEN & set(line)
