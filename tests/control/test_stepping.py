"""Stepping: what runs between two stops, where it stops, and that nothing runs twice."""

from __future__ import annotations

from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from inspector.core.events import Released, TaskEnded
from inspector.debuggee import runner
from inspector.errors import BreakpointError, CommandError
from inspector.session import InlineSession
from tests.control.debugging import debugging
from tests.runs.shapes import chain

INPUT = {"said": ["in"], "count": 0}


async def test_step_over_stops_before_each_superstep(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path) as it:
        await it.session.start(INPUT, stop="first")
        assert [(held.node, held.what, held.reason) for held in await it.stopped()] == [("a", "before", "step")]
        assert not it.ran
        stops = ["a"]
        while held := await it.step("over"):
            stops.append(held[0].node)
        assert stops == ["a", "outer", "z"]
        assert (await it.ended()).status == "done"
        assert it.order == ["a", "o1", "i1", "i2", "o2", "z"]


async def test_step_into_out_and_to(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path) as it:
        await it.session.start(INPUT, stop="first")
        await it.stopped()
        assert [h.node for h in await it.step("into")] == ["outer"]
        assert [h.node for h in await it.step("into")] == ["o1"]
        assert [h.node for h in await it.step("over")] == ["inner"]
        inner = await it.step("into")
        assert [(h.node, len(h.ns)) for h in inner] == [("i1", 2)]
        assert it.run.tasks[str(inner[0].task)].node == "i1"  # announced before it was held
        assert it.order == ["a", "o1"]
        assert [h.node for h in await it.step("out")] == ["o2"]
        assert it.order == ["a", "o1", "i1", "i2"]
        assert [h.node for h in await it.step("to", "z")] == ["z"]
        await it.step("continue")
        assert (await it.ended()).status == "done"
        assert set(it.ran.values()) == {1}
        assert it.order[-2:] == ["o2", "z"]


async def test_step_over_at_the_end_of_a_subgraph_stops_in_the_one_around_it(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path, ["inner/i2"]) as it:
        await it.session.start(INPUT)
        assert [h.node for h in await it.stopped()] == ["i2"]
        assert [h.node for h in await it.step("over")] == ["o2"]
        assert [h.node for h in await it.step("over")] == ["z"]


@pytest.mark.parametrize("graph", ["line", "sync_line"])
async def test_stepping_runs_each_task_exactly_once(graph: str, tmp_path: Path) -> None:
    async with debugging(graph, tmp_path) as it:
        await it.session.start(INPUT, stop="first")
        await it.stopped()
        while await it.step("into"):
            pass
        assert (await it.ended()).status == "done"
        assert it.order == ["a", "b", "c"]


async def test_a_superstep_stops_and_goes_on_together_also_what_starts_late(tmp_path: Path) -> None:
    async with debugging("fan_out", tmp_path) as it:
        object.__setattr__(it.session.settings, "config", {"max_concurrency": 3})
        await it.session.start({"said": []}, stop="first")
        await it.stopped(3)
        assert {h.node for h in it.held} == {"work"}
        assert [h.node for h in await it.step("over")] == ["join"]  # the other 17 started after the step, and passed
        assert it.ran == {"work": 20}
        await it.step("continue")
        await it.ended()
        assert it.ran == {"work": 20, "join": 1}


async def test_tasks_of_the_functional_api_are_stepped_one_by_one(tmp_path: Path) -> None:
    async with debugging("functional", tmp_path) as it:
        await it.session.start([1, 2, 3], stop="first")
        assert [h.node for h in await it.stopped()] == ["functional"]
        assert [h.node for h in await it.step("into")] == ["double"]
        assert it.order == []
        await it.step("over")
        assert it.order == ["double 1"]
        await it.step("over")
        assert it.order == ["double 1", "double 2"]
        await it.step("out")
        assert (await it.ended()).status == "done"
        assert it.order == ["double 1", "double 2", "double 3"]


async def test_a_run_that_paused_is_stepped_on_from_its_checkpoint(tmp_path: Path) -> None:
    async with debugging("line", tmp_path) as it:
        await it.session.start(INPUT, stop="first")
        await it.stopped()
        await it.session.request("halt")
        ended = await it.ended()
        assert (ended.status, ended.next) == ("paused", ("a",))
        assert not it.ran
        assert [h.node for h in await it.step("over")] == ["b"]
        await it.session.request("halt")
        assert (await it.ended()).next == ("b",)
        assert [h.node for h in await it.step("to", "c")] == ["c"]
        await it.step("continue")
        assert (await it.ended()).status == "done"
        assert it.order == ["a", "b", "c"]


async def test_a_run_that_paused_in_a_subgraph_is_stepped_on_inside_it(tmp_path: Path) -> None:
    async with debugging("two_deep", tmp_path, ["after:i1"]) as it:
        await it.session.start(INPUT)
        await it.stopped()
        await it.session.pause()
        await it.steer.release(None)
        assert (await it.ended()).status == "paused"
        assert it.order == ["a", "o1", "i1"]
        assert [h.node for h in await it.step("over")] == ["o2"]
        await it.session.cancel()
        await it.ended()
        assert [h.node for h in await it.step("out")] == ["z"]
        await it.step("continue")
        assert (await it.ended()).status == "done"
        assert it.order == ["a", "o1", "i1", "i2", "o2", "z"]


async def test_a_pause_without_run_control_stops_before_the_next_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "_run_control", lambda: None)
    session = InlineSession(chain("a", "b", saver=InMemorySaver()))
    await session.wait_ready()
    await session.start({"said": []}, stop="first")
    while not session.view.run.held:
        await session.arrived(1.0)
        session.drain()
    await session.pause()
    await session.steer.release(next(iter(session.view.run.held)))
    while [held.node for held in session.view.run.held.values()] != ["b"]:
        await session.arrived(1.0)
        session.drain()
    assert [held.reason for held in session.view.run.held.values()] == ["pause"]
    await session.steer.step("continue")
    while session.running:
        await session.arrived(1.0)
        session.drain()
    assert session.view.run.phase == "done"
    await session.close()


async def test_what_cannot_be_stepped_is_refused(tmp_path: Path) -> None:
    async with debugging("line", tmp_path) as it:
        with pytest.raises(CommandError, match="Nothing is stopped"):
            await it.steer.step("over")
        await it.session.start(INPUT, stop="first")
        await it.stopped()
        with pytest.raises(BreakpointError, match="there are: a, b, c"):
            await it.steer.step("to", "d")
        await it.steer.step("continue")
        await it.ended()
        with pytest.raises(CommandError, match="Nothing is held"):
            await it.steer.release(None)


async def test_releasing_all_ends_the_step(tmp_path: Path) -> None:
    async with debugging("line", tmp_path) as it:
        await it.session.start(INPUT, stop="first")
        await it.stopped()
        await it.step("over")
        await it.steer.release(None)
        assert (await it.ended()).status == "done"
        assert [event.how for event in it.of(Released)] == ["go", "go"]
        assert [event.node for event in it.of(TaskEnded)] == ["a", "b", "c"]
