"""Breakpoints on screen: set with a key on what is selected, listed, written, and marked where they stop."""

from __future__ import annotations

from dataclasses import replace

import pytest

from inspector.core.breakpoints import Breakpoint, parse_spec
from inspector.core.events import SpanStarted, TaskStarted
from inspector.core.graphinfo import ChannelInfo, EdgeInfo, GraphInfo, NodeInfo
from inspector.errors import BreakpointError
from tests.tui.drive import SMALL, main, running, screen_text, shows, type_text, until
from tests.tui.fake import FakeSession

INNER = GraphInfo("days", "StateGraph", path=("itinerary",), nodes=(NodeInfo("plan", "node"), NodeInfo("day", "node")))
TRIP = GraphInfo(
    "trip",
    "StateGraph",
    nodes=(
        NodeInfo("__start__", "start"), NodeInfo("plan", "node"), NodeInfo("search", "node", tools=("find_flights",)),
        NodeInfo("itinerary", "subgraph"), NodeInfo("__end__", "end"),
    ),
    edges=(EdgeInfo("__start__", "plan"), EdgeInfo("plan", "search"), EdgeInfo("search", "itinerary")),
    channels=(ChannelInfo("budget", "LastValue"), ChannelInfo("topic", "LastValue")),
    subgraphs=(INNER,),
)  # fmt: skip


def specs(session: FakeSession) -> list[tuple[str, str, str, int, bool]]:
    points = session.steer.breakpoints
    return [(point.kind, point.target, point.condition, point.hits, point.enabled) for point in points]


async def test_a_key_sets_one_on_the_selected_task_and_takes_it_away() -> None:
    session = FakeSession(TRIP)
    async with running(session, input={}) as pilot:
        session.begin()
        session.play(TaskStarted(0.1, (), "t1", "search", 1))
        await shows(pilot, "search", "b break")
        await pilot.press("b")
        await until(pilot, lambda: specs(session) == [("before", "search", "", 1, True)])
        await until(pilot, lambda: any(line.startswith("│•● ") for line in screen_text(pilot).splitlines()))
        assert [note.message for note in pilot.app._notifications] == ["It stops before search."]
        await pilot.press("f9")
        await until(pilot, lambda: specs(session) == [])
        await until(pilot, lambda: "•" not in screen_text(pilot))


async def test_on_a_call_it_is_about_the_tool_and_one_with_a_condition_is_only_switched_off() -> None:
    session = FakeSession(TRIP)
    session.steer.breakpoints = (parse_spec("tool:find_flights if args.seats > 2", id="kept"),)
    async with running(session, input={}) as pilot:
        session.begin()
        session.play(TaskStarted(0.1, (), "t1", "search", 1))
        session.play(SpanStarted(0.2, "s1", None, "tool", "find_flights", "t1"))
        await shows(pilot, "tool find_flights", "•●")
        await pilot.press("b")
        await until(pilot, lambda: specs(session) == [("tool", "find_flights", "args.seats > 2", 1, False)])
        await shows(pilot, "◦●")


async def test_a_name_that_several_nodes_have_is_set_with_its_path() -> None:
    session = FakeSession(TRIP)
    async with running(session, input={}) as pilot:
        session.begin()
        session.play(TaskStarted(0.1, (), "t1", "plan", 1))
        await shows(pilot, "b break")
        await pilot.press("b")
        await until(pilot, lambda: specs(session) == [("before", "/plan", "", 1, True)])


async def test_in_the_graph_pane_and_the_state_pane_it_is_about_what_their_cursor_is_on() -> None:
    session = FakeSession(TRIP)
    async with running(session, input={}) as pilot:
        session.begin()
        session.step(1, 0.1, "search")
        session.end("paused", next=("itinerary",))
        await until(pilot, lambda: session.view.run.phase == "paused")
        await pilot.press("escape", "2", "home")
        await shows(pilot, "topic")
        await pilot.press("b")
        await until(pilot, lambda: ("change", "topic", "", 1, True) in specs(session))
        await pilot.press("7")
        await shows(pilot, "itinerary", "search")
        await pilot.press("v", "v")
        await until(pilot, lambda: main(pilot).board.panes["graph"].query("GraphRows").first().display)
        await pilot.press("home", "down", "down")
        await pilot.press("b")
        await until(pilot, lambda: ("before", "search", "", 1, True) in specs(session))
        await until(pilot, lambda: any("•✔ " in line and "search" in line for line in screen_text(pilot).splitlines()))
        await pilot.press("t")
        await until(pilot, lambda: session.asked("step"))
        assert session.asked("step") == [("to", "search")]


async def test_one_is_written_checked_while_it_is_typed_and_kept() -> None:
    session = FakeSession(TRIP)
    async with running(session, input={}) as pilot:
        session.begin()
        await until(pilot, lambda: main(pilot).now.running)
        await pilot.press("B")
        await shows(pilot, "It stops nowhere.", "tool:NAME")
        await type_text(pilot, "serch")
        await shows(pilot, "✖ The graph has no node 'serch'; did you mean 'search'?")
        await pilot.press("enter")
        assert specs(session) == []
        await pilot.press(*["backspace"] * 3)
        await type_text(pilot, "arch if state.budge.x > nope")
        await shows(pilot, "✖", "nope")
        await pilot.press(*["backspace"] * 4)
        await type_text(pilot, "9 hits 3")
        await shows(pilot, "✔ stops before search if state.budge.x > 9, from hit 3 on")
        await pilot.press("enter")
        await until(pilot, lambda: specs(session) == [("before", "search", "state.budge.x > 9", 3, True)])
        await shows(pilot, "• on   before search  if state.budge.x > 9  from hit 3")


async def test_they_are_switched_changed_and_removed() -> None:
    session = FakeSession(TRIP)
    session.steer.breakpoints = tuple(parse_spec(text, id=text) for text in ("search", "tool:find_flights", "error"))
    async with running(session, input={}) as pilot:
        session.begin()
        session.hold("search", "search", breakpoint="search")
        await shows(pilot, "‖ held before search")
        await pilot.press("B")
        await shows(pilot, "before search  stopped 1 time", "before tool find_flights", "when any node fails")
        await pilot.press("space")
        await until(pilot, lambda: specs(session)[0] == ("before", "search", "", 1, False))
        await shows(pilot, "◦ off  before search")
        await pilot.press("down", "enter")
        await shows(pilot, "✔ stops before tool find_flights")
        await type_text(pilot, " if args.seats > 2")
        await pilot.press("enter")
        await until(pilot, lambda: specs(session)[1] == ("tool", "find_flights", "args.seats > 2", 1, True))
        assert session.steer.breakpoints[1].id == "tool:find_flights"
        await pilot.press("d")
        await until(pilot, lambda: len(specs(session)) == 2)
        await pilot.press("D")
        await until(pilot, lambda: specs(session) == [])
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))


async def test_what_the_graph_refuses_is_said_and_nothing_is_lost() -> None:
    session = FakeSession(TRIP)
    async with running(session, input={}) as pilot:
        session.begin()
        await until(pilot, lambda: main(pilot).now.running)
        await pilot.press("B")
        await shows(pilot, "It stops nowhere.")
        session.steer.refusal = BreakpointError("The graph has [no] node 'search' any more.")
        await type_text(pilot, "search")
        await pilot.press("enter")
        await shows(pilot, "✖ The graph has [no] node 'search' any more.", "search")
        await pilot.press("enter")
        await until(pilot, lambda: specs(session) == [("before", "search", "", 1, True)])


@pytest.mark.parametrize("size", [SMALL, (20, 5), (250, 80)])
async def test_many_hostile_ones_at_any_size(size: tuple[int, int]) -> None:
    session = FakeSession(TRIP)
    evil = Breakpoint("x", "tool", "[bold]\x1b[31m\u202e" * 9, "'\u202e\x1b' == node", 10**9)
    session.steer.breakpoints = tuple(replace(evil, id=str(number), enabled=number % 2 == 0) for number in range(300))
    async with running(session, input={}, size=size) as pilot:
        session.begin()
        await until(pilot, lambda: main(pilot).now.running)
        await pilot.press("B")
        await until(pilot, lambda: pilot.app.screen is not main(pilot))
        await pilot.press("down", "space", "end", "enter", "x", "escape", "a", "escape", "d")
        await until(pilot, lambda: len(specs(session)) == 299)
        assert not set("\x1b\u202e") & set(screen_text(pilot))
