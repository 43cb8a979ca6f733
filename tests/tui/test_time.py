"""Going back in time from the screen: running again, editing, jumping. Each says first what it will do."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from textual.pilot import Pilot

from inspector.core.graphinfo import ChannelInfo, GraphInfo, NodeInfo
from inspector.core.travel import Edit, Entry, Plan, Planned, Preview, Writers
from inspector.errors import CommandError, InputError
from inspector.tui.screens.fork import ForkScreen
from inspector.tui.screens.rerun import RerunScreen
from tests.tui.drive import SMALL, WIDE, main, running, screen_text, shows, until
from tests.tui.fake import FakeSession, pack

GRAPH = GraphInfo(
    "agent",
    "StateGraph",
    nodes=(NodeInfo("__start__", "start"), NodeInfo("work", "node", doc="Does the work."), NodeInfo("check", "node")),
    channels=(ChannelInfo("topic", "LastValue"), ChannelInfo("words", "BinaryOperatorAggregate", reducer="add")),
)


def ran(steps: int = 3) -> FakeSession:
    """A session whose run has come to its end after some steps."""
    session = FakeSession(GRAPH)
    session.begin(input={"topic": "x"})
    for step in range(steps):
        session.step(step, step + 1.0)
    session.end(next=())
    return session


async def settled(pilot: Pilot[int]) -> None:
    """The run is over, and a pane has the keyboard."""
    await until(pilot, lambda: main(pilot).now.idle and main(pilot).now.index == 2)
    main(pilot).board.focus_pane("history")
    await pilot.pause()


@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 12)])
async def test_a_re_run_says_what_will_run_and_then_runs(size: tuple[int, int]) -> None:
    session = ran()
    session.travel.planned = Plan(
        "cp-1", (), (Planned("search", 4),), (Planned("plan", 1, ("trip:1",)), Planned("approve")), 2, 3, ("i1",)
    )
    async with running(session, size=size) as pilot:
        await settled(pilot)
        await pilot.press("left_square_bracket", "r")
        await shows(pilot, "search ×4", "trip/plan, approve")
        if size != (40, 12):
            await shows(pilot, "Re-run from step 1", "2 model calls and 3 tool calls", "real", "used again")
        assert not session.asked("rerun")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("rerun") == [("cp-1", ())])
        assert main(pilot).view.live


async def test_a_re_run_can_be_left_and_a_refused_one_says_why() -> None:
    session = ran()
    async with running(session) as pilot:
        await settled(pilot)
        await pilot.press("r")
        await shows(pilot, "Re-run from step 2", "work")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(pilot.app.screen, RerunScreen))
        session.travel.planned = Plan("cp-2", refused="The subgraph has ended: [b]re-run its parent[/b].")
        await pilot.press("r")
        await shows(pilot, "✖ This cannot be re-run. The subgraph has ended: [b]re-run its parent[/b].")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, RerunScreen)
        await pilot.press("escape")
        session.travel.refusal = CommandError("There is no such checkpoint.")
        await until(pilot, lambda: not isinstance(pilot.app.screen, RerunScreen))
        await pilot.press("r")
        await shows(pilot, "✖ This cannot be re-run. There is no such checkpoint.")
        assert not session.asked("rerun")


async def test_nothing_travels_while_it_runs() -> None:
    session = FakeSession(GRAPH)
    session.begin()
    session.step(0, 1.0)
    async with running(session) as pilot:
        await until(pilot, lambda: main(pilot).now.index == 0)
        await pilot.press("r", "e", "g")
        await pilot.pause()
        assert pilot.app.screen is main(pilot)
        assert not session.asked("plan")


async def edit_topic(pilot: Pilot[int], text: str) -> ForkScreen:
    """Open the editor on the checkpoint that is shown and type another document."""
    await pilot.press("e")
    await until(pilot, lambda: isinstance(pilot.app.screen, ForkScreen))
    screen = pilot.app.screen
    assert isinstance(screen, ForkScreen)
    await shows(pilot, "written as")
    await until(pilot, lambda: screen._writer.options)
    screen._area.load_text(text)
    await pilot.pause()
    return screen


@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 12)])
async def test_an_edit_is_previewed_then_saved_as_a_branch(size: tuple[int, int]) -> None:
    session = ran()
    session.travel.previewed = Preview(pack({"topic": "rain", "words": 7}), ("check",), "work")
    async with running(session, size=size) as pilot:
        await settled(pilot)
        await pilot.press("left_square_bracket")
        await edit_topic(pilot, '{"topic": "rain", "words": 7}')
        await shows(pilot, "changes topic, words")
        await pilot.press("ctrl+s")
        await shows(pilot, "next: check", "topic", "rain")
        assert session.asked("preview") == [Edit("cp-1", {"topic": "rain", "words": {"__overwrite__": 7}}, "work")]
        assert not session.asked("fork")
        session.travel.entries = [Entry("cp-forked", "cp-1", (), 2, "update", ("check",))]
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("fork") and pilot.app.screen is main(pilot))
        await until(pilot, lambda: main(pilot).view.run.checkpoints[-1].id == "cp-forked")
        run = main(pilot).view.run
        assert main(pilot).view.live
        assert (run.phase, run.next) == ("paused", ("check",))
        await until(pilot, lambda: main(pilot).now.next)
        await pilot.press("c")
        await until(pilot, lambda: session.asked("go_on"))


async def test_an_edit_can_be_run_at_once() -> None:
    session = ran()  # and has no file in which the new checkpoint could be found
    async with running(session) as pilot:
        await settled(pilot)
        await edit_topic(pilot, '{"topic": "rain"}')
        await pilot.press("ctrl+s")
        await shows(pilot, "save it and run")
        await pilot.press("r")
        await until(pilot, lambda: session.asked("go_on"))
        saved = main(pilot).view.run.checkpoints[-1]
        assert (saved.id, saved.parent, saved.source, saved.next) == ("cp-forked", "cp-2", "update", ("work",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"topic": }', "This is not JSON: line 1, column 11"),
        ("[1]", "A state is a JSON object"),
        ("{}", "“topic” cannot be taken out of a state"),
        ('{"topic": "cp-2", "wrods": 1}', "did you mean words?"),
        ('{"topic": "cp-2"}', "Nothing is changed yet"),
    ],
)
async def test_what_is_no_edit_is_said_while_it_is_typed(text: str, words: str) -> None:
    session = ran()
    async with running(session) as pilot:
        await settled(pilot)
        await edit_topic(pilot, text)
        await shows(pilot, words)
        await pilot.press("ctrl+s")
        await shows(pilot, words)
        assert not session.asked("preview")


async def test_what_the_graph_refuses_of_an_edit_is_said_and_nothing_is_lost() -> None:
    session = ran()
    async with running(session) as pilot:
        await settled(pilot)
        screen = await edit_topic(pilot, '{"topic": 5}')
        session.travel.refusal = InputError("The reducer of topic does not take 5.")
        await pilot.press("ctrl+s")
        await shows(pilot, "✖ The reducer of topic does not take 5.")
        assert screen._area.text == '{"topic": 5}'
        await pilot.press("ctrl+s")
        await shows(pilot, "next: work")
        session.travel.refusal = CommandError("The graph's process ended.")
        await pilot.press("enter")
        await shows(pilot, "✖ The graph's process ended.")
        await pilot.press("escape")
        assert screen._area.text == '{"topic": 5}'
        await pilot.press("escape")
        await shows(pilot, "esc again throws the edit away")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))


async def test_a_writer_that_is_not_clear_has_to_be_chosen() -> None:
    session = ran()
    session.travel.writing = Writers(("plan", "check"), "", "two nodes ran in that step")
    async with running(session) as pilot:
        await settled(pilot)
        screen = await edit_topic(pilot, '{"topic": "rain"}')
        await shows(pilot, "choose above as which node")
        await pilot.press("ctrl+s")
        await shows(pilot, "two nodes ran in that step")
        assert screen.focused is screen._writer
        await pilot.press("right", "right", "ctrl+s")
        await until(pilot, lambda: session.asked("preview"))
        assert session.asked("preview")[0].as_node == "check"


async def test_the_edit_can_be_made_in_an_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nexit 3\n")
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    session = ran()
    async with running(session) as pilot:
        await settled(pilot)
        screen = await edit_topic(pilot, '{"topic": "mine"}')
        for name, words in (("nowhere-at-all", "there is no such program"), ("'", "is no command")):
            monkeypatch.setenv("VISUAL", name)
            await pilot.press("ctrl+e")
            await shows(pilot, words)
        monkeypatch.setenv("VISUAL", str(editor))
        await pilot.press("ctrl+e")
        await shows(pilot, "cannot be given to an editor here")  # there is no terminal in a test
        monkeypatch.delenv("VISUAL")
        monkeypatch.setenv("PATH", os.fspath(tmp_path))
        monkeypatch.delenv("EDITOR", raising=False)
        await pilot.press("ctrl+e")
        await shows(pilot, "set $EDITOR to one")
        assert screen._area.text == '{"topic": "mine"}'


@pytest.mark.parametrize("size", [WIDE, SMALL, (30, 8)])
async def test_a_jump_goes_to_the_nodes_that_are_chosen(size: tuple[int, int]) -> None:
    session = ran()
    async with running(session, size=size) as pilot:
        await settled(pilot)
        await pilot.press("g")
        await shows(pilot, "work", "check")
        assert "__start__" not in screen_text(pilot)
        await pilot.press("down", "enter")
        await until(pilot, lambda: session.asked("jump") == [("cp-2", ("check",), None)])
        session.end()
        await until(pilot, lambda: main(pilot).now.idle)
        await pilot.press("g")
        await shows(pilot, "work")
        await pilot.press("space", "down", "space", "enter")
        await until(pilot, lambda: session.asked("jump")[1:] == [("cp-2", ("work", "check"), None)])


async def test_a_thread_that_is_edited_elsewhere_shows_its_past(tmp_path: Path) -> None:
    session = FakeSession(GRAPH)
    session.travel.entries = [
        Entry("c3", "c1", (), 1, "update", ("check",), 90.0),
        Entry("c2", "c1", (), 1, "loop", (), 80.0),
        Entry("c1", None, (), 0, "input", ("work",), 70.0),
    ]
    async with running(session) as pilot:
        await shows(pilot, "edited", "check")
        run = main(pilot).view.run
        assert [checkpoint.id for checkpoint in run.checkpoints] == ["c1", "c2", "c3"]
        assert (run.phase, run.next) == ("paused", ("check",))
        await main(pilot).recall()
        assert len(run.checkpoints) == 3
