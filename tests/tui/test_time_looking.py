"""Looking back with questions: who wrote this, what differs, what a watched expression was."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from inspector.core.events import CheckpointSaved, TaskEnded, TaskStarted
from inspector.core.graphinfo import ChannelInfo, GraphInfo
from inspector.core.view import State
from inspector.tui.screens.compare import CompareScreen
from inspector.tui.screens.watches import WatchesScreen
from tests.tui.drive import SMALL, WIDE, main, running, screen_text, shows, type_text, until
from tests.tui.fake import FakeSession, pack

GRAPH = GraphInfo(
    "agent", "StateGraph", channels=(ChannelInfo("budget", "LastValue"), ChannelInfo("days", "LastValue"))
)
STATES: dict[str, dict[str, Any]] = {
    "c0": {"budget": 1},
    "c1": {"budget": 2},
    "c2": {"budget": 2, "days": ["sea"]},
    "f1": {"budget": 3},
    "f2": {"budget": 3, "days": ["hills"]},
}


class Branched(FakeSession):
    """A thread of two branches: c0, c1, c2 and f1, f2 off c0."""

    def __init__(self) -> None:
        super().__init__(GRAPH)
        self.begin(input={"budget": 1})
        self.play(CheckpointSaved(0.0, (), "c0", None, -1, "input", ("plan",), (("t1", "plan"),)))
        self.work("t1", "plan", 0, {"budget": 2}, ("c1", "c0", "walk", "t2"))
        self.work("t2", "walk", 1, {"days": ["sea"]}, ("c2", "c1", "", ""))
        self.play(CheckpointSaved(2.0, (), "f1", "c0", 0, "update", ("walk",), (("t3", "walk"),)))
        self.work("t3", "walk", 1, {"days": ["hills"]}, ("f2", "f1", "", ""))
        self.end()

    def work(self, task: str, node: str, step: int, writes: Any, saved: tuple[str, str, str, str]) -> None:
        """A task runs, and a checkpoint is saved: its id, its parent's, what comes next and its task."""
        id_, parent, following, next_task = saved
        self.play(
            TaskStarted(step + 0.1, (), task, node, step),
            TaskEnded(step + 0.5, (), task, node, "ok", writes=pack(writes)),
            CheckpointSaved(
                step + 0.6, (), id_, parent, step, "loop", (following,) if following else (),
                ((next_task, following),) if following else (),
            ),
        )  # fmt: skip

    async def _state(self, checkpoint: str, ns: tuple[str, ...]) -> State:
        return State(checkpoint, ns, STATES[checkpoint])


async def told(pilot: Pilot[int], text: str) -> None:
    """Wait until this was said in a corner of the screen."""
    await until(pilot, lambda: any(text in note.message for note in pilot.app._notifications))


async def at_state(pilot: Pilot[int]) -> None:
    """The run is over and the state pane has the keyboard."""
    await until(pilot, lambda: main(pilot).now.idle and main(pilot).now.index == 4)
    main(pilot).board.show("state")
    await shows(pilot, "budget")


@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 12)])
async def test_who_wrote_this_and_who_before(size: tuple[int, int]) -> None:
    session = Branched()
    async with running(session, size=size) as pilot:
        await at_state(pilot)
        view = main(pilot).view
        view.look_at("c2")
        main(pilot).moved()
        await until(pilot, lambda: main(pilot)._state_pane.badge == "step 1" and main(pilot).now.at_value)
        await pilot.press("home")
        await pilot.press("w")
        await until(pilot, lambda: view.checkpoint is not None and view.checkpoint.id == "c1")
        await told(pilot, "budget was written in step 0, by plan. w again")
        assert view.selected is not None
        assert view.selected.id == "t1"
        await until(pilot, lambda: main(pilot)._state_pane.badge == "step 0")
        await pilot.press("w")
        await until(pilot, lambda: view.checkpoint is not None and view.checkpoint.id == "c0")
        await told(pilot, "in step -1, by the input")
        await until(pilot, lambda: main(pilot)._state_pane.badge == "step -1")
        await pilot.press("w")
        await told(pilot, "nothing was there")
        view.look_at(None)
        main(pilot).moved()
        await until(pilot, lambda: main(pilot)._state_pane.badge == "step 1")
        await pilot.press("w")
        await told(pilot, "by an edit")
        assert view.checkpoint is not None
        assert view.checkpoint.id == "f1"


@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 12)])
async def test_two_checkpoints_beside_each_other(size: tuple[int, int]) -> None:
    session = Branched()
    async with running(session, size=size) as pilot:
        await at_state(pilot)
        view = main(pilot).view
        view.look_at("c1")
        main(pilot).moved()
        await pilot.press("equals_sign")
        await told(pilot, "Marked step 0")
        assert main(pilot).now.marked
        view.look_at(None)
        main(pilot).moved()
        await pilot.press("equals_sign")
        await until(pilot, lambda: isinstance(pilot.app.screen, CompareScreen))
        await shows(pilot, "differ in 2 places", "~ budget", "+ days")
        if size != (40, 12):
            await shows(pilot, "They part after step -1 input: there step 0 plan, here step 0 edited", "(not set)")
        await pilot.press("t")  # the ends of the branches
        await shows(pilot, "~ days")
        await pilot.press("down", "enter")
        await shows(pilot, "── step 1 walk ──", "sea", "hills")
        await pilot.press("escape", "x")
        await until(pilot, lambda: pilot.app.screen.sides[0].id == "f2")  # type: ignore[attr-defined]
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))
        assert not main(pilot).now.marked


async def test_a_mark_is_taken_away_where_it_was_set() -> None:
    session = Branched()
    async with running(session) as pilot:
        await at_state(pilot)
        await pilot.press("equals_sign")
        await until(pilot, lambda: main(pilot).now.marked)
        await pilot.press("equals_sign")
        await until(pilot, lambda: not main(pilot).now.marked)
        assert pilot.app.screen is main(pilot)


@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 12)])
async def test_watches_are_typed_once_and_shown_with_every_state(size: tuple[int, int]) -> None:
    session = Branched()
    async with running(session, size=size) as pilot:
        await at_state(pilot)
        await pilot.press("W")
        await shows(pilot, "Watch an expression")  # nothing is watched yet: it begins with the value under the cursor
        await pilot.press("end", *["backspace"] * 40)
        await type_text(pilot, "bugdet")
        await pilot.press("asterisk", "1", "0", "enter")
        await shows(pilot, "budget")  # the nearest name
        assert not main(pilot).view.watches
        await pilot.press(*["backspace"] * 9)
        await type_text(pilot, "budget")
        await pilot.press("asterisk", "1", "0", "enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WatchesScreen) and session.watched == ["budget*10"])
        await shows(pilot, "30")
        await pilot.press("escape")
        await shows(pilot, "⊙ budget*10", "30")
        main(pilot).view.look_at("c1")
        main(pilot).moved()
        await shows(pilot, "20")
        await pilot.press("home")
        await until(pilot, lambda: not main(pilot).now.at_value)  # a watch is no value of the state
        await pilot.press("v")
        await shows(pilot, "10", "20", "30")  # at every checkpoint
        await pilot.press("escape", "W")
        await until(pilot, lambda: isinstance(pilot.app.screen, WatchesScreen) and pilot.app.screen.focused is not None)
        await pilot.press("x")
        await until(pilot, lambda: session.watched == [])
        await pilot.press("escape")
        await until(pilot, lambda: "⊙" not in screen_text(pilot))


def watched(pilot: Pilot[int]) -> str:
    """What is shown of the watch on `days[0]`."""
    return next((line for line in screen_text(pilot).splitlines() if "⊙ days[0]" in line), "hills")


async def test_watches_of_the_last_time_are_there_and_a_failing_one_says_why() -> None:
    session = Branched()
    session.watched = ["days[0]", "this is (no expression", "len(days)"]
    async with running(session) as pilot:
        await at_state(pilot)
        await shows(pilot, "⊙ days[0]", '"hills"', "⊙ len(days)")
        assert len(main(pilot).view.watches) == 2
        main(pilot).view.look_at("f1")
        main(pilot).moved()
        await until(pilot, lambda: main(pilot)._state_pane.badge == "step 0" and "hills" not in watched(pilot))
        await shows(pilot, "⊙ days[0]")
