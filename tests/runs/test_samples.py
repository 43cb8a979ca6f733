"""Every sample, inline: what the inspector says of it is what LangGraph itself says, to the last task and token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command

from inspector.core.events import RunStarted
from inspector.core.run import Run
from inspector.debuggee.describe import describe
from inspector.store.checkpoints import CheckpointFile
from tests.runs import checks
from tests.runs.samples import PLAYS, Play
from tests.runs.watching import THREAD, Watched, watch
from tests.sample_graphs.playing import open_sample

LINKED = {"travel_agent": 5, "tool_loop": 4}  # tool calls that a model asked for


async def _check(watched: Watched, graph: Any, db: Path) -> None:
    checks.everything_ended_once(watched)
    checks.spans_are_within_their_parents(watched)
    checks.tasks_are_those_of_the_stream(watched)
    await checks.tasks_are_those_of_the_history(watched, graph, THREAD)
    info = describe(graph, schemas=False)
    await checks.states_are_those_of_the_graph(watched, graph, THREAD, CheckpointFile(db, info))
    checks.lines_keep_the_contract(watched.lines)


@pytest.mark.parametrize("play", PLAYS, ids=str)
async def test_a_sample_is_shown_as_it_ran(play: Play, tmp_path: Path) -> None:
    db = tmp_path / "threads.sqlite"
    async with open_sample(play.name, db, InMemoryStore()) as stage:
        graph = stage.graph
        first = await watch(graph, play.input, context=play.context)
        await _check(first, graph, db)
        checks.tokens_are_the_messages(first)
        assert checks.tools_know_who_asked(first) == LINKED.get(play.name, 0)
        state = await graph.aget_state(THREAD)
        assert first.ended.next == state.next
        waiting = [interrupt.id for interrupt in state.interrupts]
        assert sorted(first.run.pending) == sorted(waiting)
        if str(play) == "flaky-failing":
            assert first.ended.status == "error"
            assert first.ended.error is not None
            assert first.ended.error.type.endswith("CourierGone")
            return
        assert first.ended.status == ("interrupted" if play.answers else "done")

        if play.answers:
            answers = dict(zip(waiting, play.answers, strict=True))
            second = await watch(graph, Command(resume=answers))
            assert second.ended.status == "done"
            assert second.of(RunStarted)[0].resumed
            await _check(second, graph, db)
            both = Run()
            for event in first.events + second.events:
                both.append(event)
            assert not both.pending
            assert not [node for _, node in both.walk() if node.open]
            assert both.task_count == len(first.tasks) + len(second.tasks)
