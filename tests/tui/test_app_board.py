"""Panes on screen: switching, maximising, resizing, finding, and the footer, palette and help that name every key."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from inspector.core.events import Failure, SpanStarted, TaskEnded, TaskStarted
from inspector.tui import commands
from inspector.tui.commands import COMMANDS, Situation
from inspector.tui.panes.base import CheckpointSelected, NodeSelected, ShowNode, ShowText
from inspector.tui.places import PLACES
from inspector.tui.screens.help import help_lines
from inspector.tui.screens.viewer import TextViewer
from inspector.tui.widgets.editors import Line
from inspector.tui.widgets.findbar import FindBar
from inspector.tui.widgets.keyline import KeyLine
from tests.tui.drive import SMALL, WIDE, main, running, screen_text, shows, type_text, until
from tests.tui.fake import FakeSession


def board(pilot: Pilot[int]) -> set[str]:
    return {str(pane.id) for pane in main(pilot).board.displayed()}


def focused(pilot: Pilot[int]) -> str | None:
    pane = main(pilot).board.focused_pane()
    return pane.id if pane is not None else None


def past(pilot: Pilot[int]) -> bool:
    """Every frame says that an earlier moment is shown."""
    return all(frame.tone.startswith("past") for frame in main(pilot).board.frames)


async def started(pilot: Pilot[int], session: FakeSession) -> None:
    """A run that has ended, nobody typing."""
    await until(pilot, lambda: session.asked("start"))
    session.begin()
    for step in range(1, 4):
        session.step(step, step * 0.2)
    session.end()
    await until(pilot, lambda: isinstance(pilot.app.focused, Line))
    await pilot.press("escape")
    await until(pilot, lambda: focused(pilot) is not None)
    await pilot.press("1")
    await until(pilot, lambda: focused(pilot) == "timeline")


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_every_pane_is_one_key_away(size: tuple[int, int]) -> None:
    session = FakeSession()
    async with running(session, size=size, input={"messages": []}) as pilot:
        await started(pilot, session)
        for place in PLACES:
            await pilot.press(place.key)
            await until(pilot, lambda place=place: place.id in board(pilot))  # type: ignore[misc]
            own = {"timeline", "state", "history"}
            expected = {place.id} if size == SMALL else own | ({place.id} if not place.own else {"detail"})
            await until(pilot, lambda expected=expected: board(pilot) == expected)  # type: ignore[misc]


async def test_tab_goes_round_the_panes_on_display() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await started(pilot, session)
        for id in ("timeline", "state", "history", "detail", "timeline"):
            await until(pilot, lambda id=id: focused(pilot) == id)  # type: ignore[misc]
            await pilot.press("tab")
        await until(pilot, lambda: focused(pilot) == "state")
        await pilot.press("shift+tab")
        await until(pilot, lambda: focused(pilot) == "timeline")


async def test_tab_goes_through_all_panes_on_a_small_terminal() -> None:
    session = FakeSession()
    async with running(session, size=SMALL, input={"messages": []}) as pilot:
        await started(pilot, session)
        for place in (*PLACES[1:], PLACES[0]):
            await pilot.press("tab")
            await until(pilot, lambda place=place: board(pilot) == {place.id})  # type: ignore[misc]


async def test_maximising_and_back() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await started(pilot, session)
        await pilot.press("2")
        await until(pilot, lambda: focused(pilot) == "state")
        await pilot.press("M")
        await until(pilot, lambda: board(pilot) == {"state"})
        await pilot.press("5")
        await until(pilot, lambda: board(pilot) == {"tools"})
        await pilot.press("M")
        await until(pilot, lambda: board(pilot) == {"timeline", "state", "history", "tools"})


async def test_resizing_to_nothing_and_back_keeps_everything() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await started(pilot, session)
        await pilot.press("3")
        await until(pilot, lambda: focused(pilot) == "history")
        everything = {"timeline", "state", "history", "detail"}
        for size in (SMALL, (20, 5), (9, 3), (250, 80), (20, 5), WIDE):
            await pilot.resize_terminal(*size)
            expected = everything if size in (WIDE, (250, 80)) else {"history"}
            await until(pilot, lambda expected=expected: board(pilot) == expected)  # type: ignore[misc]
        await shows(pilot, "1 Timeline", "2 State", "3 History", "4 Tokens")


async def test_a_click_on_a_tab_opens_it() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await started(pilot, session)
        lines = screen_text(pilot).split("\n")
        y = next(number for number, line in enumerate(lines) if "5 Tools" in line)
        await pilot.click(offset=(lines[y].index("5 Tools") + 2, y))
        await until(pilot, lambda: "tools" in board(pilot))


async def test_what_panes_say_moves_the_view() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await started(pilot, session)
        node = session.view.run.roots[1]
        timeline = main(pilot).board.panes["timeline"]
        timeline.post_message(NodeSelected(node))
        await until(pilot, lambda: session.view.selected is node)
        timeline.post_message(ShowNode(session.view.run.roots[0]))
        await until(pilot, lambda: "detail" in board(pilot) and session.view.selected is session.view.run.roots[0])
        timeline.post_message(CheckpointSelected("cp-1"))
        await until(pilot, lambda: session.view.cursor == "cp-1" and past(pilot))
        timeline.post_message(CheckpointSelected(None))
        await until(pilot, lambda: session.view.live)
        timeline.post_message(ShowText("a [title]", "line one\n[bold]line two[/]\x1b[31m"))
        await shows(pilot, "a [title]", "line one", "[bold]line two[/]␛[31m")


async def test_the_footer_names_only_what_can_be_done() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await shows(pilot, "message ▸", "⏎ send", "esc panes")
        assert "q quit" not in screen_text(pilot)  # it would be typed
        await pilot.press("escape")
        await shows(pilot, "q quit", "? help", "i input")
        assert "p pause" not in screen_text(pilot)
        session.begin()
        await shows(pilot, "p pause", "x cancel")
        assert "i input" not in screen_text(pilot)


async def test_a_click_in_the_footer_does_what_the_key_does() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await pilot.press("escape")
        await shows(pilot, "? help")
        line = screen_text(pilot).split("\n")[-1]
        await pilot.click(KeyLine, offset=(line.index("? help") + 2, 0))
        await until(pilot, lambda: type(pilot.app.screen).__name__ == "HelpScreen")


async def test_the_help_has_every_command_and_closes() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await started(pilot, session)
        text = [text for _, _, text in help_lines(main(pilot).board.panes.values())]
        assert {command.help for command in COMMANDS} <= set(text)
        await pilot.press("question_mark")
        await shows(pilot, "The run", "Cancel the run; its checkpoints are kept")
        await pilot.press("escape")
        await until(pilot, lambda: "The run" not in screen_text(pilot))


async def test_the_palette_finds_commands_by_what_they_do() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await started(pilot, session)
        await pilot.press("ctrl+p")
        await type_text(pilot, "stream mode")
        await shows(pilot, "What each stream mode would have sent")
        await pilot.press("enter")
        await until(pilot, lambda: "streams" in board(pilot))


@pytest.mark.parametrize("size", [(20, 5), (12, 4)])
async def test_dialogs_survive_tiny_terminals(size: tuple[int, int]) -> None:
    session = FakeSession()
    async with running(session, size=size, input={"messages": []}) as pilot:
        await started(pilot, session)
        for key in ("question_mark", "ctrl+p"):
            await pilot.press(key)
            await until(pilot, lambda: len(pilot.app.screen_stack) > 2)
            await pilot.pause()
            await pilot.press("escape")
            await until(pilot, lambda: len(pilot.app.screen_stack) == 2)
        session.begin()
        await until(pilot, lambda: session.view.run.phase == "running")
        await pilot.press("q")
        await until(pilot, lambda: len(pilot.app.screen_stack) > 2)
        await pilot.press("n")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)


async def test_a_text_is_searched_copied_and_saved(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    session = FakeSession()
    async with running(session) as pilot:
        text = "\n".join(f"line {number}" for number in range(5000)) + "\nthe needle\n" + "日本 " * 40_000
        await pilot.app.push_screen(TextViewer("a/title: x", text, folder=tmp_path / "out"))
        await shows(pilot, "line 0", "line 1")
        await pilot.press("slash")
        await type_text(pilot, "needle")
        await pilot.press("enter")
        await shows(pilot, "the needle")
        await pilot.press("escape")
        await until(pilot, lambda: not pilot.app.screen.query_one(FindBar).has_class("-open"))
        await pilot.press("y", "s")
        await until(pilot, lambda: list((tmp_path / "out").glob("*.txt")))
        assert (tmp_path / "out" / "a-title-x.txt").read_text() == text
        assert pilot.app.clipboard == text[:100_000]
        await pilot.press("home")
        await shows(pilot, "line 0")
        await pilot.press("end", "escape")
        await until(pilot, lambda: len(pilot.app.screen_stack) == 2)


async def test_one_line_of_a_megabyte_opens_and_scrolls() -> None:
    session = FakeSession()
    async with running(session) as pilot:
        await pilot.app.push_screen(TextViewer("long", "x" * 1_000_000 + "END"))
        await shows(pilot, "xxxx")
        await pilot.press("end")
        await shows(pilot, "END")


def test_every_command_has_an_action_a_key_and_a_sentence() -> None:
    from inspector.tui.screens.main import MainScreen

    for command in COMMANDS:
        assert hasattr(MainScreen, f"action_{command.action.partition('(')[0]}"), command
        assert command.keys
        assert command.label
        assert command.help[0].isupper()
        assert not command.help.endswith(".")


@pytest.mark.parametrize(
    ("now", "actions"),
    [
        (Situation(stage="loading"), set()),
        (Situation(stage="ready", phase="ready"), {"input"}),
        (Situation(stage="ready", phase="running", running=True), {"pause", "cancel"}),
        (Situation(stage="ready", phase="running", running=True, cancelling=True), {"kill"}),
        (Situation(stage="ready", phase="paused", next=True), {"input", "go_on"}),
        (Situation(stage="ready", phase="interrupted", next=True, waiting=True), {"answer"}),
        (Situation(stage="ready", phase="done"), {"input"}),
        (Situation(stage="failed", can_restart=True), {"restart"}),
    ],
)
def test_what_can_be_done_with_the_run(now: Situation, actions: set[str]) -> None:
    assert {command.action for command in commands.applying(now) if command.group == "Run"} == actions


async def test_the_open_tab_is_one_with_something_in_it_until_one_is_chosen() -> None:
    session = FakeSession()
    async with running(session, input={"messages": []}) as pilot:
        await until(pilot, lambda: session.asked("start"))
        session.begin()
        session.step(1, 0.1)
        session.step(2, 0.3)
        await until(pilot, lambda: "detail" in board(pilot))
        session.play(TaskStarted(0.6, (), "t", "work", 3), SpanStarted(0.6, "m", None, "model", "chat", "t"))
        await until(pilot, lambda: "tokens" in board(pilot))
        await pilot.press("8")
        await until(pilot, lambda: "streams" in board(pilot))
        session.play(SpanStarted(0.7, "n", None, "model", "chat", "t"))
        session.end()
        await until(pilot, lambda: session.view.run.phase == "done")
        assert "streams" in board(pilot)


async def test_what_failed_is_shown_to_somebody_who_only_watches() -> None:
    session = FakeSession()
    failure = Failure("TimeoutError", "no answer")
    async with running(session, input={"messages": []}) as pilot:
        await until(pilot, lambda: session.asked("start"))
        session.begin()
        session.play(TaskStarted(0.6, (), "t", "work", 1), SpanStarted(0.6, "m", None, "model", "chat", "t"))
        session.play(TaskEnded(0.9, (), "t", "work", "error", failure))
        session.end("error", error=failure)
        await until(pilot, lambda: "detail" in board(pilot))
        await until(pilot, lambda: session.view.selected is session.view.run.tasks["t"])
