"""The header: how the run stands in one line, whatever the width."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from inspector.core.events import RunStatus, Usage
from inspector.core.graphinfo import GraphInfo
from inspector.core.prices import Meter
from inspector.tui.panes.header import Header
from inspector.tui.widgets.fitting import Part, fitted
from tests.core.script import Script
from tests.tui.paneapp import FORBIDDEN, HOSTILE, PaneApp, screen


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.tui.panes.header.live_now", lambda run: run.now)


class Host(PaneApp):
    pane: Header

    def __init__(self, script: Script | None = None) -> None:
        super().__init__(Header, script)
        self.view.title = "travel_agent"
        self.pane.meter = Meter(lambda: lambda provider, model, usage: Decimal("0.004") if model == "known" else None)


async def line(app: Host, pilot: Pilot[None]) -> str:
    app.pane.sync()
    await pilot.pause()
    return screen(app)[0]


async def priced(app: Host, pilot: Pilot[None]) -> str:
    await line(app, pilot)
    while app.pane.meter.loading:
        await pilot.pause(0.02)
    return await line(app, pilot)


def running() -> Script:
    script = Script().start()
    script.run.thread = "1122-1432-lisbon"
    script.at(1).checkpoint(4)
    model = script.span("model", "chat", script.task("write_up", 5), model="known")
    script.at(4.2).close(model, usage=Usage(2_100, 1_300))
    return script


async def test_a_running_graph() -> None:
    app = Host(running())
    async with app.run_test(size=(120, 3)) as pilot:
        shown = (await priced(app, pilot)).split("  ")
        words = [word.strip() for word in shown if word.strip()]
        assert words == [
            "travel_agent", "1122-1432-lisbon", "● running", "step 5", "4.20s", "in 2.1k out 1.3k tok", "$0.0040",
            "write_up", "LIVE",
        ]  # fmt: skip


async def test_loading_and_ready() -> None:
    app = Host()
    async with app.run_test(size=(80, 3)) as pilot:
        assert await line(app, pilot) == " travel_agent  ◌ loading"
        app.view.graph = GraphInfo("travel_agent", "StateGraph")
        assert await line(app, pilot) == " travel_agent  ○ ready"


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("done", "✔ done"),
        ("error", "✖ failed"),
        ("interrupted", "‖ interrupted"),
        ("paused", "‖ paused"),
        ("cancelled", "⊘ cancelled"),
    ],
)
async def test_how_it_ended(status: RunStatus, shown: str) -> None:
    app = Host(running().end(status))
    async with app.run_test(size=(120, 3)) as pilot:
        assert shown in await line(app, pilot)


async def test_questions_that_wait() -> None:
    script = running()
    script.ask(script.task("approve"), "ok?")
    script.ask(script.task("confirm"), "sure?")
    app = Host(script.end("interrupted"))
    async with app.run_test(size=(120, 3)) as pilot:
        shown = await line(app, pilot)
        assert "‖ interrupted" in shown
        assert "2 questions" in shown


async def test_what_has_no_price_is_not_shown_and_a_part_is_marked() -> None:
    script = running()
    app = Host(script)
    async with app.run_test(size=(120, 3)) as pilot:
        assert "$0.0040 " in await priced(app, pilot)
        other = script.span("model", "chat", script.task("other"), model="unheard of")
        script.close(other, usage=Usage(10, 10))
        assert "$0.0040+" in await priced(app, pilot)
    script = Script().start()
    other = script.span("model", "chat", script.task("other"), model="unheard of")
    script.close(other, usage=Usage(10, 10))
    app = Host(script)
    async with app.run_test(size=(120, 3)) as pilot:
        assert "$" not in await priced(app, pilot)


async def test_parallel_and_inner_tasks() -> None:
    script = Script().start()
    outer = script.task("trip")
    for _ in range(3):
        script.task("search", parent=outer)
    for n in range(6):
        script.task(f"node{n}")
    app = Host(script)
    async with app.run_test(size=(160, 3)) as pilot:
        assert "search ×3, node0, node1, node2 +3" in await line(app, pilot)


async def test_a_blocked_event_loop() -> None:
    script = running()
    script.blocked(3.0, "slow.py:12 in fetch")
    app = Host(script)
    async with app.run_test(size=(140, 3)) as pilot:
        assert "⚠ event loop blocked 3.00s: slow.py:12 in fetch" in await line(app, pilot)
        await pilot.resize_terminal(60, 3)
        assert "⚠ blocked 3.00s" in await line(app, pilot)
        script.blocked(0.0, "")
        assert "⚠" not in await line(app, pilot)


async def test_looking_back() -> None:
    script = Script().start()
    first = ""
    for step in range(6):
        id = script.at(step).checkpoint(step)
        first = first or (id if step == 3 else "")
    app = Host(script.at(4.7).end())
    async with app.run_test(size=(120, 3)) as pilot:
        app.view.look_at(first)
        shown = await line(app, pilot)
        assert "◀ step 3 of 5   2.00s before the end   (nothing is changed by looking)" in shown
        assert shown.endswith("esc   live")
        assert app.pane.has_class("-past")
        await pilot.resize_terminal(40, 3)
        assert "◀ step 3" in await line(app, pilot)
        app.view.look_at(None)
        assert "LIVE" in await line(app, pilot)
        assert not app.pane.has_class("-past")


@pytest.mark.parametrize("width", [20, 25, 30, 40, 50, 60, 80, 100, 120, 160, 200, 250])
@pytest.mark.parametrize("past", [False, True])
async def test_every_width(width: int, past: bool) -> None:
    script = running()
    script.checkpoint(5)
    script.ask(script.task("approve"), "ok?")
    script.blocked(3.0, HOSTILE)
    script.task(HOSTILE)
    app = Host(script)
    app.view.title = HOSTILE if width % 100 else "travel_agent"
    async with app.run_test(size=(width, 5)) as pilot:
        if past:
            app.view.move(-1)
        shown = await line(app, pilot)
        assert cell_len(shown) <= width
        assert not FORBIDDEN & set(shown)
        assert ("◀" if past else "●") in shown


def test_what_is_missed_least_leaves_first() -> None:
    parts = [Part("title", "", ((5, "t"), (9, ""))), Part("words", "", ((1, "w"), (2, ""))), Part("", "")]

    def texts(width: int) -> list[str]:
        return [part.text for part in fitted(parts, width)]

    assert texts(12) == ["title", "words", ""]
    assert texts(11) == ["title", "w", ""]
    assert texts(7) == ["title", "", ""]
    assert texts(4) == ["t", "", ""]
    assert texts(0) == ["", "", ""]
