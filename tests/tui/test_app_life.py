"""Loading, failing, choosing, leaving, crashing: the app's life around the runs."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from inspector.core.events import Failure
from inspector.errors import LoadError, SeveralGraphs, StoreError, UsageError
from inspector.tui import app as app_module
from inspector.tui import crash
from inspector.tui.app import InspectorApp, run_app
from inspector.tui.summary import exit_status, summary
from tests.tui.drive import SMALL, running, screen_text, shows, type_text, until
from tests.tui.fake import CHAT, FORM, FakeSession


@pytest.mark.parametrize("size", [(120, 40), SMALL, (20, 5)])
async def test_a_graph_that_fails_to_load_shows_the_users_traceback_and_is_tried_again(
    size: tuple[int, int],
) -> None:
    trace = (
        'Traceback (most recent call last):\n  File "agent.py", line 3, in [bold]<module>\nZeroDivisionError: \x1b[31m'
    )
    session = FakeSession(problems=[LoadError("agent.py cannot be imported: ZeroDivisionError.", traceback=trace)])
    async with running(session, size=size) as pilot:
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "FailedScreen")
        if size != (20, 5):
            await shows(pilot, "✖ agent.py cannot be imported", "in [bold]<module>", "␛[31m", "r try again")
        await pilot.press("r")
        await until(pilot, lambda: session.stage == "ready" and pilot.app.screen.id != "FailedScreen")
        assert session.asked("restart") == [None]
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "MainScreen")


async def test_leaving_a_graph_that_cannot_be_loaded_is_status_2() -> None:
    session = FakeSession(problems=[StoreError("The file x is not SQLite.")])
    async with running(session) as pilot:
        await shows(pilot, "✖ The file x is not SQLite.", "--db")
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == 2
    assert session.asked("close")


async def test_of_several_graphs_one_is_chosen() -> None:
    session = FakeSession(problems=[SeveralGraphs("a.py has 2 graphs: choose one.", ["first", "[b]second[/b]"])])
    async with running(session) as pilot:
        await shows(pilot, "a.py has 2 graphs: choose one.", "first", "[b]second[/b]")
        await pilot.press("j", "enter")
        await until(pilot, lambda: session.asked("choose"))
        assert session.asked("choose") == ["[b]second[/b]"]
        await shows(pilot, "message ▸")


async def test_leaving_the_choice_is_status_2() -> None:
    session = FakeSession(problems=[SeveralGraphs("Choose.", ["first", "second"])])
    async with running(session) as pilot:
        await shows(pilot, "Choose.")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == 2


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaving_without_a_run_does_not_ask(key: str) -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await pilot.press("escape")
        await shows(pilot, "q quit")
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == 0
    assert session.asked("close")


@pytest.mark.parametrize("key", ["q", "ctrl+q", "ctrl+c"])
async def test_leaving_while_the_graph_runs_asks_once(key: str) -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        await shows(pilot, "● running")
        await pilot.press(key)
        await shows(pilot, "is still running", "kept on thread thread-1", "stop it and leave")
        await pilot.press("escape")
        await until(pilot, lambda: "is still running" not in screen_text(pilot))
        assert not session.asked("close")
        await pilot.press(key)
        await shows(pilot, "is still running")
        await pilot.press(key)
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == 130
    assert session.asked("close")


async def test_ctrl_c_copies_what_is_selected_and_does_not_leave() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await type_text(pilot, "word")
        await pilot.press("shift+home", "ctrl+c")
        await until(pilot, lambda: pilot.app.clipboard == "word")
        assert pilot.app.return_value is None
        await pilot.press("end", "ctrl+c")
        await until(pilot, lambda: pilot.app.return_value is not None)


async def test_impatience_while_leaving_kills_the_process() -> None:
    session = FakeSession()
    gate = asyncio.Event()

    async def slow_close() -> None:
        await gate.wait()
        session.stage = "closed"

    session.close = slow_close  # type: ignore[method-assign]
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        await shows(pilot, "● running")
        await pilot.press("q")
        await shows(pilot, "is still running")
        await pilot.press("q")
        await shows(pilot, "stopping the graph")
        await pilot.press("ctrl+c")
        await until(pilot, lambda: session.asked("kill"))
        gate.set()
        await until(pilot, lambda: pilot.app.return_value is not None)


async def test_a_process_that_dies_keeps_the_thread_and_can_be_restarted() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        session.step(1, 0.1)
        await shows(pilot, "● running")
        session.die("The graph's process was killed by SIGKILL; its checkpoints are kept on thread thread-1.")
        await shows(pilot, "✖ The graph's process was killed by SIGKILL", "r restart")
        await pilot.press("r")
        await shows(pilot, "message ▸")
        assert session.asked("restart")


@pytest.mark.parametrize(
    ("status", "expected"), [("done", 0), ("error", 1), ("interrupted", 3), ("paused", 3), ("cancelled", 130)]
)
async def test_exit_on_end_leaves_with_the_runs_status(status: str, expected: int) -> None:
    session = FakeSession(FORM)
    async with running(session, input={"topic": "x"}, exit_on_end=True) as pilot:
        await until(pilot, lambda: session.asked("start"))
        session.begin()
        session.step(1, 0.1)
        session.end(status, error=Failure("ValueError", "bad [x]") if status == "error" else None)
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == expected
    text = summary(session)
    assert text.splitlines()[0].startswith("writer  thread thread-1  ")
    assert "1 superstep, 1 task" in text
    assert ("ValueError: bad [x]" in text) == (status == "error")


async def test_exit_on_end_does_not_wait_in_front_of_a_graph_that_cannot_be_loaded() -> None:
    session = FakeSession(problems=[LoadError("There is no such file.")])
    async with running(session, exit_on_end=True) as pilot:
        await until(pilot, lambda: pilot.app.return_value is not None)
    assert pilot.app.return_value == 2


def test_nothing_run_is_status_0() -> None:
    assert exit_status(FakeSession()) == 0


# ------------------------------------------------------------------ errors of ours


class Terminal:
    """Lets `show` run without a terminal."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        monkeypatch.chdir(folder)
        original = InspectorApp.run_async

        async def headless(app: InspectorApp, **_: Any) -> int | None:
            return await original(app, headless=True, size=(80, 24))

        monkeypatch.setattr(InspectorApp, "run_async", headless)


async def test_an_error_of_the_app_is_one_sentence_and_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Terminal(monkeypatch, tmp_path)
    session = FakeSession()

    def broken(budget: float = 0.008) -> bool:
        raise RuntimeError("a bug [of] ours")

    session.drain = broken  # type: ignore[method-assign]
    status = await app_module.show(session)
    said = capsys.readouterr().err
    assert status == crash.STATUS
    assert session.asked("close")
    assert said.startswith("inspector: The inspector met an error of its own (RuntimeError)")
    assert len(said.splitlines()) == 1
    assert "Traceback" not in said
    log = (tmp_path / ".inspector" / "crash.log").read_text()
    assert "RuntimeError: a bug [of] ours" in log
    assert "in broken" in log


async def test_an_error_in_a_worker_is_recorded_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Terminal(monkeypatch, tmp_path)
    session = FakeSession()

    async def broken(*_: Any, **__: Any) -> None:
        raise KeyError("in a worker")

    session.start = broken  # type: ignore[method-assign]
    assert await app_module.show(session, input={"messages": []}) == crash.STATUS
    assert "KeyError" in capsys.readouterr().err
    assert "in a worker" in (tmp_path / ".inspector" / "crash.log").read_text()


async def test_what_is_left_on_the_terminal_after_leaving(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Terminal(monkeypatch, tmp_path)
    session = FakeSession(FORM)

    def script() -> None:
        session.begin()
        session.step(1, 0.1)
        session.end()

    session.script = script
    assert await app_module.show(session, input={"topic": "x"}, exit_on_end=True) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("writer  thread thread-1  ✔ done")
    assert printed.err == ""


async def test_with_exit_on_end_a_loading_error_is_raised(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Terminal(monkeypatch, tmp_path)
    session = FakeSession(problems=[LoadError("There is no such file.")])
    with pytest.raises(LoadError, match="There is no such file"):
        await app_module.show(session, exit_on_end=True)
    assert session.asked("close")


def test_without_a_terminal_it_refuses_at_once() -> None:
    with pytest.raises(UsageError, match="needs a terminal"):
        run_app(FakeSession(CHAT))


def test_a_folder_that_cannot_be_written_does_not_lose_the_traceback(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = crash.record(ValueError("x"), tmp_path / "file")
    assert "crash.log" in sentence
