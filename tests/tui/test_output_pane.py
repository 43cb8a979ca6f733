"""The output pane: a list for each kind of output, counts, progress on top, keys."""

from __future__ import annotations

import pytest
from langchain_core.documents import Document
from rich.cells import cell_len

from inspector.core.events import Custom, Failure, Log, SpanEnded
from inspector.core.run import Run
from inspector.debuggee.encode import preview
from inspector.tui.panes.output import OutputPane
from inspector.tui.panes.output_lines import LogList
from tests.core.script import Script
from tests.tui.paneapp import FORBIDDEN, HOSTILE, SIZES, PaneApp, screen


class Host(PaneApp):
    pane: OutputPane

    def __init__(self, script: Script | None = None) -> None:
        super().__init__(OutputPane, script or Script())
        self.script.start()

    def on_mount(self) -> None:
        self.pane.current.focus()

    def say(self, text: str, stream: str = "stdout", level: str = "", task: str | None = None) -> None:
        node = self.view.run.tasks[task].node if task else ""
        self.script.add(Log(self.script.t, stream, text, level, "", task, node))

    def custom(self, value: object, name: str = "", task: str | None = None) -> None:
        node = self.view.run.tasks[task].node if task else ""
        self.script.add(Custom(self.script.t, (), task, node, name, preview(value)))


def opened(app: Host) -> str:
    return app.pane.current.tab


async def test_the_first_list_with_anything_is_shown_until_the_developer_chooses() -> None:
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        assert opened(app) == "Logs"
        assert "Nothing has been printed" in "".join(screen(app))
        app.custom({"a": 1})
        app.pane.sync()
        assert opened(app) == "Custom"
        await pilot.pause()
        assert app.pane.current.has_focus
        app.say("hello")
        app.pane.sync()
        assert opened(app) == "Custom"
        await pilot.press("right", "right")
        assert opened(app) == "Documents"
        assert app.pane.current.has_focus
        await pilot.press("left", "comma", "comma")
        assert opened(app) == "Logs"
        await pilot.press("left")
        assert opened(app) == "Errors"
        app.say("more")
        app.pane.sync()
        assert opened(app) == "Errors"
        await pilot.press("full_stop")
        await pilot.pause()
        assert "Logs 2" in screen(app)[0]
        await pilot.click(offset=(14, 0))
        assert opened(app) == "Custom"
        assert app.pane.badge == "3"


async def test_logs_follow_and_are_filtered() -> None:
    app = Host()
    async with app.run_test(size=(100, 8)) as pilot:
        task = app.script.task("search")
        for n in range(30):
            app.say(f"line {n}", task=task)
        app.script.at(1.5)
        app.say("look out", "logging", "WARNING", task)
        app.say("too late", "logging", "ERROR", task)
        app.pane.sync()
        await pilot.pause()
        shown = screen(app)
        assert shown[-1].split()[:4] == ["1.50s", "✖", "error", "search"]
        assert "too late" in shown[-1]
        assert "⚠ warn" in shown[-2]
        await pilot.press("up", "up")
        assert app.selected == ["search"]
        app.say("newest")
        app.pane.sync()
        await pilot.pause()
        assert "newest" not in screen(app)[-1]
        await pilot.press("F")
        await pilot.pause()
        assert "only warnings, errors and stderr" in screen(app)[1]
        assert "look out" in screen(app)[2]
        assert "too late" in screen(app)[3]
        assert len(screen(app)[4]) == 0
        await pilot.press("F", "F", "F")
        await pilot.press("end")
        await pilot.pause()
        assert "newest" in screen(app)[-1]


async def test_a_long_line_is_cut_and_enter_shows_it_whole() -> None:
    app = Host()
    async with app.run_test(size=(60, 8)) as pilot:
        app.say("x" * 1_000_000, task=app.script.task("search"))
        app.pane.sync()
        await pilot.pause()
        assert screen(app)[2].rstrip().endswith("…")
        await pilot.press("enter")
        [(title, text)] = app.texts
        assert title.split()[:2] == ["stdout", "search"]
        assert len(text) == 1_000_000


async def test_the_cursor_stays_on_its_line_when_old_lines_go() -> None:
    app = Host(Script(Run(keep_lines=20)))
    async with app.run_test(size=(60, 10)) as pilot:
        for n in range(20):
            app.say(f"line {n}")
        app.pane.sync()
        await pilot.press("up", "up", "up")
        logs = app.pane.current
        assert isinstance(logs, LogList)
        assert logs.lines.line(logs.lines.number(logs.cursor))[1].text == "line 16"
        for n in range(20, 30):
            app.say(f"line {n}")
        app.pane.sync()
        assert logs.lines.line(logs.lines.number(logs.cursor))[1].text == "line 16"
        for n in range(30, 99):
            app.say(f"line {n}")
        app.pane.sync()
        assert logs.cursor == 0


async def test_custom_events() -> None:
    app = Host()
    async with app.run_test(size=(100, 8)) as pilot:
        task = app.script.task("index")
        app.custom({"stage": "reading", "files": [1, 2]}, "stage", task)
        app.custom("just text", task=task)
        app.pane.sync()
        await pilot.pause()
        shown = screen(app)
        assert all(word in shown[2] for word in ("index", "stage", '{"stage": "reading", "files": [1, 2]}'))
        assert all(word in shown[3] for word in ("(writer)", "just text"))
        await pilot.press("up", "enter")
        assert app.texts[0][1].startswith("{\n")


async def test_progress_on_top_while_it_goes_on_and_in_its_list() -> None:
    app = Host()
    async with app.run_test(size=(100, 16)) as pilot:
        a, b = app.script.task("fetch"), app.script.task("parse")
        app.custom({"current": 3, "total": 12, "label": "files"}, task=a)
        app.script.at(1)
        app.custom({"current": 6, "total": 12, "label": "files"}, task=a)
        app.custom({"progress": 0.25}, task=b)
        app.pane.sync()
        await pilot.pause()
        shown = screen(app)
        assert "● files" in shown[1]
        assert "50%" in shown[1]
        assert "6/12  3.0/s  2.00s left" in shown[1]
        assert "● parse" in shown[2]
        assert "25%" in shown[2]
        app.custom({"current": 12, "total": 12, "label": "files"}, task=a)
        app.pane.sync()
        await pilot.pause()
        assert "✔ files" in screen(app)[1]  # it stays while the other goes on
        app.script.done(b)
        app.pane.sync()
        await pilot.pause()
        assert "files" not in screen(app)[1]
        await pilot.press("right")
        assert opened(app) == "Progress"
        await pilot.pause()
        assert "✔ files" in screen(app)[1]
        assert "100%" in screen(app)[1]
        assert "⊘ parse" in screen(app)[2]
        assert "stopped" in screen(app)[2]
        await pilot.press("enter")
        assert app.shown == ["parse"]


async def test_documents() -> None:
    app = Host()
    async with app.run_test(size=(120, 8)) as pilot:
        span = app.script.span("retriever", "Handbook", app.script.task("retrieve"), input={"query": "trams at night"})
        found = [Document("Trams run late.", metadata={"source": "lisbon.md", "score": 0.83, "lang": "en"})]
        app.script.add(SpanEnded(0.5, span, "ok", preview(found)))
        app.pane.sync()
        await pilot.pause()
        assert opened(app) == "Documents"
        shown = screen(app)
        assert all(word in shown[1] for word in ("✔", "1 document", "Handbook", "trams at night"))
        assert all(word in shown[2] for word in ("0.830", "lisbon.md", "lang=en", "Trams run late."))
        await pilot.press("enter")
        assert app.texts == [("lisbon.md", "score  0.83\nsource  lisbon.md\nlang  en\n\nTrams run late.")]
        await pilot.press("up", "enter")
        assert app.shown == ["Handbook"]


async def test_errors() -> None:
    app = Host()
    async with app.run_test(size=(100, 8)) as pilot:
        task = app.script.task("search")
        tool = app.script.span("tool", "hotels", task)
        boom = Failure("builtins.TimeoutError", "no answer")
        app.script.close(tool, status="error", error=boom)
        app.script.done(task, status="error", error=boom)
        app.script.end("error", boom)
        app.pane.sync()
        await pilot.pause()
        assert opened(app) == "Errors"
        shown = screen(app)
        assert all(word in shown[1] for word in ("✖", "hotels", "TimeoutError: no answer", "ended search"))
        await pilot.press("enter")
        assert app.shown == ["hotels"]


async def test_an_error_of_the_run_itself_shows_its_traceback() -> None:
    app = Host()
    async with app.run_test(size=(100, 8)) as pilot:
        app.script.end("error", Failure("ValueError", "bad input", "Traceback: line 1"))
        app.pane.sync()
        await pilot.press("enter")
        assert app.texts == [("the run failed", "Traceback: line 1")]


async def test_finding_in_each_list() -> None:
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        for n in range(5):
            app.say(f"line {n}")
            app.custom({"n": f"value {n}"})
        app.pane.sync()
        assert app.pane.find("LINE 2")
        assert app.pane.current.cursor == 2
        await pilot.press("right")
        assert app.pane.find("value 3")
        assert app.pane.current.cursor == 3
        assert not app.pane.find("nowhere")


async def test_a_backlog_is_taken_in_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.tui.panes.output._BUDGET", 0.0)
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        for n in range(3_000):
            app.custom({"current": n, "total": 3_000})
        app.pane.sync()
        first = app.pane.outputs.tracker.bars[0].count
        assert first < 3_000
        while app.pane.outputs.tracker.bars[0].count < 3_000:
            await pilot.pause(0.02)


async def test_another_run() -> None:
    app = Host()
    async with app.run_test(size=(80, 10)) as pilot:
        app.say("old")
        app.pane.sync()
        app.view.run = Run()
        app.pane.sync_if_changed()
        await pilot.pause()
        assert "old" not in "".join(screen(app))
        assert app.pane.badge == ""


@pytest.mark.parametrize("size", SIZES)
async def test_hostile_text_at_every_size(size: tuple[int, int]) -> None:
    app = Host()
    async with app.run_test(size=size) as pilot:
        task = app.script.task(HOSTILE)
        app.say(HOSTILE, "logging", HOSTILE, task)
        app.custom({HOSTILE: HOSTILE}, HOSTILE, task)
        app.custom({"label": HOSTILE, "current": 1, "total": 3, "message": HOSTILE}, HOSTILE, task)
        span = app.script.span("retriever", HOSTILE, task, input={"query": HOSTILE})
        app.script.add(
            SpanEnded(0.5, span, "ok", preview([Document(HOSTILE, metadata={"source": HOSTILE, "x": HOSTILE})]))
        )
        app.script.done(task, status="error", error=Failure(HOSTILE, HOSTILE))
        for _ in range(5):
            app.pane.sync()
            await pilot.press("right", "up")
            await pilot.pause()
            for line in screen(app):
                assert cell_len(line) <= size[0]
                assert not FORBIDDEN & set(line)
