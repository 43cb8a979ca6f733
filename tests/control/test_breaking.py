"""Breakpoints on nodes: before, after, on errors, on changes, with conditions and hit counts; many held at once."""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path

import pytest

from inspector.core.breakpoints import parse_spec
from inspector.core.events import Blocked, Held, Released, TaskEnded
from inspector.errors import BreakpointError, CommandError
from tests.control.debugging import debugging, shown

INPUT = {"said": ["in"], "count": 0}


async def test_continue_after_a_breakpoint_runs_nothing_twice(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path, ["outer/inner/i2", "after:o1"]) as it:
        await it.session.start(INPUT)
        [after] = await it.stopped()
        assert (after.node, after.what, after.reason) == ("o1", "after", "breakpoint")
        assert shown(after)["said"] == ["o1"]
        assert it.order == ["a", "o1"]
        [before] = await it.step("continue")
        assert (before.node, before.what) == ("i2", "before")
        assert it.order == ["a", "o1", "i1"]
        assert shown(before)["said"][-1] == "i1"
        await it.steer.release(before.id)
        assert (await it.ended()).status == "done"
        assert it.order == ["a", "o1", "i1", "i2", "o2", "z"]


@pytest.mark.parametrize("order", [1, 2])
async def test_a_fan_out_is_released_one_by_one_in_any_order(order: int, tmp_path: Path) -> None:
    async with debugging("fan_out", tmp_path, ["work"]) as it:
        await it.session.start({"said": []})
        held = await it.stopped(20)
        assert not it.ran
        random.Random(order).shuffle(held)
        for count, each in enumerate(held, 1):
            await it.steer.release(each.id)
            await it.until(lambda count=count: it.ran["work"] == count)  # type: ignore[misc]
            assert len(it.of(Released)) == count or not it.session.drain()
        assert (await it.ended()).status == "done"
        assert it.ran == {"work": 20, "join": 1}


async def test_cancel_in_the_middle_of_a_fan_out_keeps_the_thread(tmp_path: Path) -> None:
    async with debugging("fan_out", tmp_path, ["work"]) as it:
        await it.session.start({"said": []})
        held = await it.stopped(20)
        for each in held[:7]:
            await it.steer.release(each.id)
        await it.until(lambda: sum(task.node == "work" for task in it.of(TaskEnded)) == 7)
        await it.session.cancel()
        assert (await it.ended()).status == "cancelled"
        assert not it.held
        assert [event.how for event in it.of(Released)].count("cancel") == 13
        with pytest.raises(CommandError, match="run is over"):
            await it.steer.release(held[9].id)
        await it.steer.set_breakpoints([])
        await it.session.start(goes_on=True)
        assert (await it.ended()).status == "done"
        assert it.ran == {"work": 20, "join": 1}  # what the seven wrote was kept


async def test_killed_while_held_loses_nothing(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path, ["i2"], process=True) as it:
        await it.session.start(INPUT)
        await it.stopped()
        thread = it.session.thread
        assert it.session._debuggee is not None
        os.kill(it.session._debuggee.pid, signal.SIGKILL)  # type: ignore[union-attr]
        await it.until(lambda: it.session.problem is not None or not it.session.running)
        assert "SIGKILL" in str(it.session.problem)
        assert "held" in str(it.session.problem)
    async with debugging("two_deep", tmp_path, thread=thread) as it:
        await it.session.start(goes_on=True)
        assert (await it.ended()).status == "done"
        assert it.order == ["a", "o1", "i1", "i2", "o2", "z"]


async def test_killed_while_stepping_loses_nothing(tmp_path: Path) -> None:
    async with debugging("line", tmp_path, process=True) as it:
        await it.session.start(INPUT, stop="first")
        await it.stopped()
        await it.step("over")
        thread = it.session.thread
        os.kill(it.session._debuggee.pid, signal.SIGKILL)  # type: ignore[union-attr]
        await it.until(lambda: not it.session.running)
        with pytest.raises(CommandError):
            await it.steer.release(None)
    async with debugging("line", tmp_path, thread=thread) as it:
        await it.session.start(goes_on=True, stop="first")
        assert [h.node for h in await it.stopped()] == ["b"]
        await it.step("continue")
        await it.ended()
        assert it.order == ["a", "b", "c"]


async def test_conditions_and_hit_counts(tmp_path: Path) -> None:
    async with debugging(
        "loop", tmp_path, ["work if state.count >= 3 and step > 0 hits 2", "work if state.count == 7"]
    ) as it:
        await it.session.start({"count": 0})
        stops = []
        while held := await it.stopped():
            stops.append((shown(held[0])["count"], held[0].breakpoint))
            await it.steer.release(held[0].id)
            await it.released(len(stops))
        first = it.steer.breakpoints[0].id
        assert stops == [(4, first), (5, first), (6, first), (7, first), (8, first)]
        assert it.ran == {"work": 9}


async def test_the_state_of_a_subgraph_is_seen_by_conditions_and_changes(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path, ["inner/i2 if state.count == 3", "change:count if node == 'i2'"]) as it:
        await it.session.start(INPUT)
        [held] = await it.stopped()
        assert (held.node, held.note) == ("i2", "")
        kept = it.steer.breakpoints
        assert held.breakpoint == kept[0].id
        await it.steer.set_breakpoints([])
        await it.session.cancel()
        await it.ended()
        await it.steer.set_breakpoints(kept[1:])
        await it.session.start(INPUT)
        [held] = await it.stopped()
        assert (held.node, held.breakpoint) == ("i2", kept[1].id)
        assert held.note.startswith("count changed: ")


async def test_a_condition_that_raises_stops_and_says_so(tmp_path: Path) -> None:
    async with debugging("line", tmp_path, ["b if state.cuont > 3"]) as it:
        await it.session.start(INPUT)
        [held] = await it.stopped()
        assert "cannot be evaluated" in held.note
        assert "did you mean 'count'" in held.note
        await it.steer.release(None)
        assert (await it.ended()).status == "done"


async def test_the_tasks_after_a_change_of_a_key_are_held(tmp_path: Path) -> None:
    async with debugging("loop", tmp_path, ["change:budget"]) as it:
        await it.session.start({"count": 0, "budget": 100})
        stops = []
        while held := await it.stopped():
            stops.append((shown(held[0])["count"], held[0].note))
            await it.steer.release(held[0].id)
            await it.released(len(stops))
        assert [count for count, _ in stops] == [3, 6]
        assert stops[0][1] == "budget changed: 100 -> 99"


async def test_errors_stop_where_they_are_raised_and_retries_are_not_held_again(tmp_path: Path) -> None:
    async with debugging("flaky", tmp_path, ["flaky", "error"]) as it:
        await it.session.start(INPUT)
        stops = []
        while held := await it.stopped():
            stops.append((held[0].node, held[0].what, str(held[0].error) if held[0].error else ""))
            await it.steer.release(held[0].id)
            await it.released(len(stops))
        assert stops == [
            ("flaky", "before", ""),
            ("flaky", "error", "ConnectionError: try again"),
            ("broken", "error", "ValueError: it is broken"),
        ]
        ended = await it.ended()
        assert (ended.status, str(ended.error)) == ("error", "ValueError: it is broken")
        assert it.ran == {"flaky": 2, "broken": 1}


async def test_breakpoints_can_be_set_and_lifted_while_it_is_held(tmp_path: Path) -> None:
    async with debugging("line", tmp_path, ["a"]) as it:
        await it.session.start(INPUT)
        await it.stopped()
        await it.steer.set_breakpoints([parse_spec("after:b"), parse_spec("error")])
        assert [(h.node, h.what) for h in await it.step("continue")] == [("b", "after")]
        await it.steer.set_breakpoints([])
        await it.steer.release(None)
        assert (await it.ended()).status == "done"


@pytest.mark.parametrize("graph", ["calling_in_thread", "calling_on_loop"])
async def test_nodes_of_a_graph_that_is_called_synchronously(graph: str, tmp_path: Path) -> None:
    async with debugging(graph, tmp_path, ["call/i2", "after:call/i2"], process=graph.endswith("loop")) as it:
        await it.session.start(INPUT)
        [held] = await it.stopped()
        assert (held.node, held.what, held.task in it.run.tasks) == ("i2", "before", True)
        assert it.order == ["i1"]
        await it.steer.release(held.id)
        await it.until(lambda: len(it.of(Held)) == 2)
        assert it.order == ["i1", "i2"]
        await it.session.cancel()
        assert (await it.ended()).status == "cancelled"
        assert not it.of(Blocked)


async def test_names_that_are_none_are_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path, ["inner"]) as it:
        kept = it.steer.breakpoints
        for spec, said in {
            "innre": "did you mean 'inner'",
            "outer/i1": "did you mean .*i1",
            "change:buget": "did you mean 'budget'",
            "error:qqq": "there are: a, outer",
        }.items():
            with pytest.raises(BreakpointError, match=said):
                await it.steer.set_breakpoints([*kept, parse_spec(spec)])
        assert it.steer.breakpoints == kept


async def test_breakpoints_are_kept_between_sessions(tmp_path: Path) -> None:
    async with debugging("line", tmp_path, ["b if step > 1 hits 2", "tool:pay"]) as it:
        kept = it.steer.breakpoints
    settings = it.session.settings
    from inspector.session import Session

    again = Session(settings)
    await again.wait_ready()
    assert again.steer.breakpoints == kept
    await again.close()


async def test_what_runs_beside_a_hold_runs_on_and_a_halt_waits_for_it(tmp_path: Path) -> None:
    async with debugging("beside", tmp_path, ["stop"]) as it:
        await it.session.start({"said": []})
        await it.stopped()
        assert not it.ran
        await it.session.request("halt")
        assert (await it.ended()).status == "paused"
        assert it.order == ["slow"]
        await it.steer.set_breakpoints([])
        await it.session.start(goes_on=True)
        await it.ended()
        assert it.ran == {"slow": 1, "stop": 1}
        assert not it.of(Blocked)
