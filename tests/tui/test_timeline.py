from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from inspector.core.events import Failure, Usage
from inspector.core.nodes import Span, Task
from inspector.core.view import View
from inspector.tui.panes.base import NodeSelected, ShowNode, ShowText
from inspector.tui.panes.timeline import TimelinePane
from inspector.tui.panes.timeline_draw import columns
from tests.core.script import Script

BOOM = Failure("TimeoutError", "no answer")


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of a run stands between two events, so that the axis is what the events make it."""
    monkeypatch.setattr("inspector.tui.panes.timeline_rows.live_now", lambda run: run.now)


class Host(App[None]):
    def __init__(self, script: Script, *, obeys: bool = True) -> None:
        super().__init__()
        self.view = View(script.run)
        self.pane = TimelinePane(self.view)
        self.obeys = obeys  # what the app does with a selection
        self.selected: list[str] = []
        self.shown: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_mount(self) -> None:
        self.pane.rows.focus()

    def on_node_selected(self, message: NodeSelected) -> None:
        self.selected.append(name(message.node))
        if self.obeys:
            self.view.select(message.node)
            self.pane.sync_if_changed()

    def on_show_node(self, message: ShowNode) -> None:
        self.shown.append(name(message.node))

    def on_show_text(self, message: ShowText) -> None:
        self.shown.append(message.text)


def name(node: Any) -> str:
    if isinstance(node, Task):
        return node.node
    return node.name if isinstance(node, Span) else "nothing"


def lines(app: Host) -> list[str]:
    rows = app.pane.rows
    return [rows.render_line(y).text.rstrip() for y in range(rows.size.height)]


def named(app: Host) -> list[str]:
    """The rows without the columns to their right."""
    cols = columns(app.pane.rows.row_width, app.pane.rows.painter.digits)
    return [line[: 2 + cols.step + cols.name].rstrip() for line in lines(app)[1:] if line]


async def press(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


def travel() -> Script:
    s = Script().start()
    plan = s.task("plan")
    chain = s.span("chain", "RunnableSequence", plan)
    model = s.span("model", "ChatModel", plan, chain, model="sonnet")
    s.at(0.9).close(model, usage=Usage(412, 96)).close(chain).done(plan)
    s.checkpoint(1)
    tasks = [s.task("search", 2, {"topic": topic}) for topic in ("flights", "hotels")]
    tool = s.span("tool", "find", tasks[1], input={"city": "Lisbon"})
    s.at(1.5).close(tool, status="error", error=BOOM).retry(tasks[1], 2, BOOM)
    s.at(2).done(tasks[0])
    s.at(2.5).done(tasks[1])
    s.checkpoint(2)
    s.task("write", 3)
    return s


async def test_rows_say_what_matters() -> None:
    app = Host(travel())
    async with app.run_test(size=(90, 20)) as pilot:
        await pilot.pause()
        assert named(app) == [
            " ✔  1 ▾ plan",
            " ✔        model  412→96 tok  sonnet",
            " ✔  2   search «flights»",
            " ✔  2 ▾ search «hotels»  try 2",
            ' ✖        tool find  city="Lisbon"',
            " ✖        try 1",
            " ●  3   write",
        ]
        shown = lines(app)
        assert shown[0].split() == ["step", "task", "time", "0s", "1s", "2s"]
        assert "0.90s ━━" in shown[1]
        assert "╸ TimeoutErro…" in shown[5]
        assert shown[3].index("━") == shown[4].index("━"), "parallel branches begin in one column"


async def test_moving_selects_and_enter_opens() -> None:
    app = Host(travel())
    async with app.run_test(size=(90, 20)) as pilot:
        await pilot.pause()
        assert app.selected == ["write"], "it follows the newest row"
        await press(pilot, "up", "k", "k", "enter")
        assert app.selected[1:] == ["search", "find", "search"]
        assert app.pane.rows.cursor == 3, "a try that failed belongs to its task"
        assert app.shown == ["search"]
        await press(pilot, "home", "j")
        assert app.selected[-1] == "ChatModel"
        assert not app.pane.rows.following
        await press(pilot, "end")
        assert app.selected[-1] == "write"


async def test_folding_by_keys_and_mouse() -> None:
    app = Host(travel())
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "home", "space")
        assert named(app)[:2] == [" ✔  1 ▸ plan", " ✔  2   search «flights»"]
        await press(pilot, "right")
        assert "model" in named(app)[1]
        await press(pilot, "right")
        assert app.pane.rows.cursor == 1, "into the row"
        await press(pilot, "left")
        assert app.pane.rows.cursor == 0, "out of it"
        await press(pilot, "left")
        assert named(app)[0] == " ✔  1 ▸ plan"
        await press(pilot, "left", "space", "space")
        cols = columns(app.pane.rows.row_width, app.pane.rows.painter.digits)
        await pilot.click(app.pane.rows, offset=(2 + cols.step + 1, 1))
        await pilot.pause()
        assert named(app)[0] == " ✔  1 ▾ plan"
        await pilot.click(app.pane.rows, offset=(12, 3), times=2)
        await pilot.pause()
        assert app.shown == ["search"]


async def test_all_spans() -> None:
    app = Host(travel())
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "full_stop")
        assert any("chain RunnableSequence" in line for line in named(app))
        assert "all spans" in lines(app)[0]
        await press(pilot, "full_stop")
        assert not any("RunnableSequence" in line for line in named(app))


async def test_zoom_fits_the_parent_then_the_row_then_everything() -> None:
    app = Host(travel())
    async with app.run_test(size=(110, 20)) as pilot:
        await pilot.pause()
        rows = app.pane.rows
        rows.go_to(app.view.run.tools[0])
        await press(pilot, "z")
        task = app.view.run.tools[0].task
        assert task is not None
        assert (rows.painter.axis.start, rows.painter.axis.end) == (task.started, task.ended)
        assert "zoomed on search" in lines(app)[0]
        await press(pilot, "z")
        assert "zoomed on find" in lines(app)[0]
        await press(pilot, "z")
        assert rows.painter.axis.start == 0
        await press(pilot, "home", "z")
        assert "zoomed on plan" in lines(app)[0]
        await press(pilot, "z")
        assert "zoomed" not in lines(app)[0]


async def test_a_selection_from_elsewhere_is_followed_and_our_own_is_not_fought() -> None:
    s = travel()
    app = Host(s)
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "home", "space")
        app.view.select(s.run.models[0])
        app.pane.sync_if_changed()
        await pilot.pause()
        assert app.pane.rows.cursor == 1, "what it was folded into is open"
        await press(pilot, "down")
        assert app.pane.rows.cursor == 2

    app = Host(s, obeys=False)  # an app that is slow to take selections
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "home", "down", "down")
        app.view.select(next(iter(s.run.tasks.values())))
        app.pane.sync_if_changed()
        assert app.pane.rows.cursor == 2, "an old selection of ours that only comes now does not move the cursor"


async def test_following_and_staying() -> None:
    s = travel()
    app = Host(s)
    async with app.run_test(size=(90, 8)) as pilot:
        await pilot.pause()
        s.after(0.1).task("next", 4)
        app.pane.sync()
        await pilot.pause()
        assert app.selected[-1] == "next"
        await press(pilot, "up", "up")
        here = app.pane.rows.current()
        s.span("tool", "above", s.run.roots[0].id)
        s.task("more", 5)
        app.pane.sync()
        await pilot.pause()
        assert app.pane.rows.current() is here
        assert app.selected[-1] == "search", "the try that failed is the task's"


def fan(s: Script, count: int) -> list[str]:
    return [s.task("branch", 2, {"q": {"url": f"https://example.org/guides/page-{i:02}"}}) for i in range(count)]


async def test_fifty_branches_are_one_line_that_opens() -> None:
    s = Script().start()
    tasks = fan(s, 50)
    for task in tasks[:40]:
        s.after(0.01).done(task)
    s.done(tasks[40], status="error", error=BOOM)
    app = Host(s)
    async with app.run_test(size=(100, 60)) as pilot:
        await pilot.pause()
        assert named(app) == [
            " ●  2 ▸ branch ×50  40 ok  9 running  1 failed",
            " ✖  2     branch 41 «…page-40»  TimeoutError: no an…",
        ]
        assert "█" in lines(app)[1]
        await press(pilot, "home", "enter")
        assert len(named(app)) == 51
        assert named(app)[8] == " ✔  2     branch 8 «…page-07»"
        assert app.shown == []
        for task in tasks[41:]:
            s.done(task)
        s.end("error", BOOM)
        app.pane.sync()
        assert named(app)[0] == " ✖  2 ▾ branch ×50  49 ok  1 failed"


async def test_interrupts_resumes_and_inputs() -> None:
    s = Script().start({"a": 1})
    task = s.task("approve", 2)
    s.after(0.1).ask(task, {"question": "Book for 1,140 EUR?"})
    s.done(task, status="interrupted").end("interrupted")
    s.start({"type": "approve"}, resumed=True)
    s.after(0.1).done(s.task("approve", 2)).end()
    s.start("and now?")
    app = Host(s)
    async with app.run_test(size=(120, 12)) as pilot:
        await pilot.pause()
        shown = lines(app)
        assert shown[1].startswith(" ‖  2   approve")
        assert "Book for 1,140 EUR?" in shown[1]
        assert shown[2].startswith('── resumed  {type: "approve"} ──')
        assert shown[4].startswith('── input 3  "and now?" ──')
        await press(pilot, "enter")
        assert app.shown == ["and now?"]
        await press(pilot, "up", "down")
        assert app.selected == ["approve", "nothing"]


async def test_states_have_symbols_and_words() -> None:
    s = Script().start()
    s.done(s.task("from_cache", 1), cached=True)
    s.done(s.task("stopped", 2), status="cancelled")
    again = s.task("again", 3)
    s.retry(again, 3, BOOM)
    model = s.span("model", "m", again)
    blocking = s.task("blocking", 4)
    s.blocked(1.2, "agent.py:12 in think", blocking)
    app = Host(s)
    async with app.run_test(size=(100, 12)) as pilot:
        await pilot.pause()
        assert named(app)[:2] == [" ≡  1   from_cache  cached", " ⊘  2   stopped  cancelled"]
        assert named(app)[2] == " ↻  3 ▾ again  try 3"
        assert "model  waiting" in named(app)[4]
        assert "blocks the event loop at agent.py:1" in lines(app)[6]
        s.blocked(2.2, "/home/me/agent.py:12 in think")
        app.pane.sync()
        assert "event loop blocked at agent.py:12" in lines(app)[6], "nobody knows whose fault it is"
        assert not any("blocked" in line for line in lines(app)[:6])
        s.blocked(0, "")
        app.pane.sync()
        assert not any("block" in line for line in lines(app) if "blocking" not in line)
        s.blocked(1.2, "agent.py:12 in think", blocking)
        s.after(1).token(model, "a").after(1).token(model, "b").after(1).token(model, "c")
        app.pane.sync()
        assert "model  1 tok/s" in named(app)[4]
        assert "blocks the event loop at agent.p" in named(app)[5], "where the bar leaves no room"


async def test_looking_back_marks_the_step_and_dims_what_came_later() -> None:
    s = travel()
    app = Host(s)
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "home")
        app.view.look_at(s.run.checkpoints[0].id)
        app.pane.sync_if_changed()
        await pilot.pause()
        shown = lines(app)
        assert [line[0] for line in shown[1:6]] == ["▌", "▌", " ", " ", " "]
        rows = app.pane.rows
        later = rows.pen("timeline--later").color
        for y, dimmed in ((2, False), (3, True), (7, True)):
            colours = {segment.style.color for segment in rows.render_line(y) if segment.style and segment.text.strip()}
            assert (colours == {later}) == dimmed
        app.view.look_at(None)
        app.pane.sync_if_changed()
        assert {line[0] for line in lines(app)[1:6]} == {" "}


async def test_find() -> None:
    app = Host(travel())
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "home", "space")
        assert app.pane.find("SONNET")
        assert app.pane.rows.cursor == 1
        assert app.pane.find("timeout")
        assert app.pane.rows.cursor == 4
        assert app.pane.find("timeout")
        assert app.pane.rows.cursor == 5
        assert app.pane.find("plan")
        assert app.pane.rows.cursor == 0
        assert not app.pane.find("nowhere")


async def test_keys_that_do_nothing_are_not_offered() -> None:
    app = Host(Script())
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "space", "left", "right", "z", "full_stop", "enter", "end", "up")
        assert "No task has run yet" in lines(app)[1]
        offered = {active.binding.action for active in app.screen.active_bindings.values() if active.enabled}
        assert not offered & {"toggle_fold", "zoom", "everything", "choose", "follow"}


async def test_another_run_is_shown_from_its_beginning() -> None:
    app = Host(travel())
    async with app.run_test(size=(90, 20)) as pilot:
        await press(pilot, "home", "z")
        s = Script().start()
        s.task("other")
        app.view.run = s.run
        app.pane.sync_if_changed()
        await pilot.pause()
        assert named(app) == [" ●  1   other"]
        assert app.pane.rows.following


HOSTILE = "\x1b[31mred\x07 [bold]x[/bold] \u202egnp\u202c \u200b\x00漢字🙂\n\ttab"


@pytest.mark.parametrize("size", [(20, 5), (26, 8), (33, 10), (59, 20), (61, 20), (80, 24), (250, 80)])
async def test_hostile_text_and_any_size(size: tuple[int, int]) -> None:
    s = Script().start(HOSTILE)
    for i in range(10):
        task = s.task(HOSTILE, 2, {HOSTILE: HOSTILE + str(i)})
        span = s.span("tool", HOSTILE, task, input={HOSTILE: HOSTILE})
        s.after(0.1).close(span, status="error", error=Failure(HOSTILE, HOSTILE))
        s.retry(task, 2, Failure(HOSTILE, HOSTILE))
        s.span("model", HOSTILE, task, model=HOSTILE)
        s.span("chain", HOSTILE, task)
        s.span("retriever", HOSTILE, task, input=HOSTILE)
        s.ask(task, HOSTILE)
        s.done(task, status="interrupted")
    s.start(HOSTILE, resumed=True)
    s.blocked(3, HOSTILE, s.task(HOSTILE, 3))
    app = Host(s)
    async with app.run_test(size=size) as pilot:
        await press(pilot, "home", "enter", "full_stop", "end")
        await pilot.resize_terminal(20, 5)
        await press(pilot, "home", "pagedown", "z")
        await pilot.resize_terminal(*size)
        await press(pilot, "home", "pagedown", "end", "up", "space")
        rows = app.pane.rows
        for y in range(rows.size.height):
            text = rows.render_line(y).text
            assert cell_len(text) == rows.size.width
            assert not set(text) & set("\x1b\x07\x00\u202e\u202c\u200b\n\t\r")


@pytest.mark.parametrize("width", range(251))
def test_columns_fill_the_row(width: int) -> None:
    cols = columns(width, 2)
    total = 2 + cols.step + cols.name + cols.time + (cols.bar + 1 if cols.bar else 0)
    assert total == max(width, 2)
    if cols.bar:
        assert cols.name >= 18
    if width >= 60:
        assert cols.bar >= 10


async def test_rows_that_are_over_are_drawn_once_and_never_stale() -> None:
    s = Script().start()
    app = Host(s)
    async with app.run_test(size=(100, 40)) as pilot:
        rows = app.pane.rows
        tasks: list[str] = []
        for i in range(12):  # whatever happens, what is drawn is what a list without a memory would draw
            tasks.append(s.task("branch", 1, {"kind": "a" if i < 4 else f"b{i}"}))
            s.after(0.1)
            if i % 3 == 0:
                s.span("tool", "t", tasks[i // 2])
            if i % 3 == 1:
                s.done(tasks[i // 2], status="error" if i == 7 else "ok", error=BOOM if i == 7 else None)
            if i % 4 == 2:
                s.retry(tasks[-1], 2, BOOM)
            if i % 5 == 4:
                s.ask(tasks[-1], f"question {i}")
                s.done(tasks[-1], status="interrupted")
            app.pane.sync()
            await press(pilot, *(["home", "space"] if i == 10 else ["up"]))
            before = lines(app)
            rows.painter.forget()
            assert before == lines(app)
        s.checkpoint(1)
        app.view.look_at(s.run.checkpoints[0].id)
        app.pane.sync()
        before = lines(app)
        rows.painter.forget()
        assert before == lines(app)
