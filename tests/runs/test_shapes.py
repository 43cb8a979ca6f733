"""Graphs of every shape: what ran inside what, how it ended, and how many chunks each stream mode would have sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, cast

import pytest
from langchain_core.callbacks import AsyncCallbackHandler, AsyncCallbackManager
from langchain_core.messages import AIMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.errors import GraphRecursionError
from langgraph.types import Command, StreamMode

from inspector.core.values import decode
from inspector.debuggee import streams
from tests.runs import checks, shapes
from tests.runs.watching import MODES, THREAD, Watched, watch

Shape = Callable[[], Any]
ALL = pytest.mark.parametrize("shape", shapes.TREES, ids=lambda shape: shape.__name__)
UNFINISHED = {
    "interrupted": {"two_ask_and_one_answers", "a_subgraph_asks", "a_task_asks"},
    "paused": {"a_breakpoint", "a_breakpoint_after", "a_breakpoint_in_a_subgraph"},
    "error": {"one_of_three_fails", "a_subgraph_fails", "the_router_of_start_fails", "too_many_steps"},
}


async def _sent(shape: Shape, mode: str) -> int:
    """How many chunks `astream` really sends, before it ends or raises."""
    chunks = 0
    try:
        async for _ in shape().astream(shapes.INPUT, THREAD, stream_mode=cast(StreamMode, mode)):
            chunks += 1
    except (ValueError, KeyError, GraphRecursionError):
        pass
    return chunks


@ALL
async def test_a_shape_is_shown_as_it_ran(shape: Shape) -> None:
    graph = shape()
    watched = await watch(graph, shapes.INPUT)

    assert watched.tree() == shapes.TREES[shape]
    status = next((status for status, names in UNFINISHED.items() if shape.__name__ in names), "done")
    assert watched.ended.status == status
    checks.everything_ended_once(watched)
    checks.spans_are_within_their_parents(watched)
    checks.lines_keep_the_contract(watched.lines)
    if "thread_of_its_own" not in shape.__name__ and shape is not shapes.the_router_of_start_fails:
        checks.tasks_are_those_of_the_stream(watched)
    if graph.checkpointer is not None:
        await checks.tasks_are_those_of_the_history(watched, graph, THREAD)
        assert watched.ended.next == (await graph.aget_state(THREAD)).next


@ALL
async def test_stream_modes_are_counted_to_the_chunk(shape: Shape) -> None:
    watched = await watch(shape(), shapes.INPUT)

    counted = {mode: watched.run.streams[mode].chunks for mode in MODES}
    assert counted == {mode: await _sent(shape, mode) for mode in MODES}


@pytest.mark.parametrize("answer", ["because", None])
async def test_stream_modes_of_a_resume_are_counted_to_the_chunk(answer: str | None) -> None:
    graph = shapes.two_ask_and_one_answers() if answer else shapes.a_breakpoint()

    def resumed() -> Any:
        return Command(resume=dict.fromkeys(ids, answer)) if answer else None

    counted, sent = {}, {}
    watched = Watched()
    for mode in MODES:
        theirs: Any = {"configurable": {"thread_id": mode}}
        ours: Any = {"configurable": {"thread_id": f"ours {mode}"}}
        for config in (theirs, ours):
            await graph.ainvoke(shapes.INPUT, config)
        ids = [waiting.id for waiting in (await graph.aget_state(theirs)).interrupts]
        sent[mode] = len([part async for part in graph.astream(resumed(), theirs, stream_mode=cast(StreamMode, mode))])
        ids = [waiting.id for waiting in (await graph.aget_state(ours)).interrupts]
        watched = await watch(graph, resumed(), ours)
        counted[mode] = watched.run.streams[mode].chunks
    assert counted == sent
    assert watched.ended.status == "done"
    checks.everything_ended_once(watched)
    checks.tasks_are_those_of_the_stream(watched)


async def test_messages_are_not_touched_by_counting_them() -> None:
    given = AIMessage("no id")

    async def repeat(state: Any) -> dict[str, Any]:
        return {"last": given}

    await watch(shapes.beside(repeat=repeat), shapes.INPUT)

    assert given.id is None


async def test_bytes_of_the_modes_are_those_of_the_encoding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "SHARE", 1000.0)  # all are measured, however slow the machine
    watched = await watch(shapes.a_deferred_node(), shapes.INPUT)

    encoded = JsonPlusSerializer().dumps_typed
    for mode in ("tasks", "checkpoints", "custom"):
        count = watched.run.streams[mode]
        assert count.exact
        assert count.bytes == sum(len(encoded(payload)[1]) for _, payload in watched.mode(mode))
    assert watched.run.streams["debug"].bytes > sum(
        watched.run.streams[mode].bytes for mode in ("tasks", "checkpoints")
    )


async def test_custom_events_know_their_task_where_it_is_the_only_one() -> None:
    watched = await watch(shapes.tasks_in_tasks(), 0)
    events = {str(decode(event.value)): event for _, event in watched.run.customs}
    deep = next(task for task in watched.tasks if task.node == "leaf" and task.parent and task.parent.node == "middle")
    assert events["{'leaf': 1}"].task == deep.id
    assert {event.ns for event in events.values()} == {()}

    watched = await watch(shapes.sends_to_a_subgraph(), shapes.INPUT)
    assert [(event.node, event.task is not None) for _, event in watched.run.customs] == [("x", True)] * 3 + [
        ("join", True)
    ]

    watched = await watch(shapes.a_deferred_node(), shapes.INPUT)
    assert [event.node for _, event in watched.run.customs] == ["", "", "c", "last"]


async def test_a_command_to_the_parent_is_what_the_node_wrote() -> None:
    watched = await watch(shapes.a_command_to_the_parent(), shapes.INPUT)

    [up] = [task for task in watched.tasks if task.node == "up"]
    assert checks.inert({"said": ["up"]}) == decode(up.writes).get("update")


async def test_errors_keep_their_place_and_time() -> None:
    watched = await watch(shapes.one_of_three_fails(), shapes.INPUT)

    tasks = {task.node: task for task in watched.tasks}
    bad = tasks["bad"]
    assert bad.error is not None
    assert (bad.error.type, bad.error.message) == ("ValueError", "bad")
    assert 'raise ValueError("bad")' in bad.error.traceback
    assert "langgraph" not in bad.error.traceback
    assert watched.run.failures[0][1] is bad
    assert len(watched.run.failures) == 1, "the run's error is the same one"
    assert bad.ended is not None
    assert tasks["slow"].ended is not None
    assert bad.started < bad.ended <= tasks["slow"].ended


async def test_callbacks_of_the_user_still_hear_everything() -> None:
    class Ear(AsyncCallbackHandler):
        heard: ClassVar[list[str]] = []

        async def on_chain_start(self, *args: Any, **kwargs: Any) -> None:
            self.heard.append(kwargs.get("name") or "")

    for callbacks in ([Ear()], AsyncCallbackManager([Ear()], inheritable_handlers=[Ear()])):
        Ear.heard.clear()
        watched = await watch(shapes.chain("a", "b"), shapes.INPUT, {"callbacks": callbacks})
        assert watched.ended.status == "done"
        assert Ear.heard == ["LangGraph", "a", "b"]
