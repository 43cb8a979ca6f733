"""What has to hold for any run, whatever the graph: shared by the tests over the samples and over odd shapes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

from langchain_core.messages import AIMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from inspector.core.events import RunEnded, RunStarted, SpanEnded, SpanStarted, TaskEnded, TaskStarted
from inspector.core.messages import as_usage
from inspector.core.nodes import Span, Task
from inspector.core.values import decode_typed
from inspector.store.checkpoints import CheckpointFile
from tests.runs.watching import Watched

# The contract of headless lines: what each kind has, exactly.
FIELDS = {
    "run_started": "run thread graph at input resumed",
    "checkpoint": "ns id parent step source next tasks",
    "task_started": "ns task node step triggers parent input metadata span",
    "task_ended": "ns task node status error writes cached attempts",
    "span_started": "span parent type name task input detail model provider call_id",
    "span_ended": "span parent type name task status output error usage model call_id calls",
    "custom": "ns task node name value",
    "log": "stream text level logger task node",
    "interrupt": "id ns task node value schema",
    "run_ended": "status next error output duration streams",
}
CHOICES = {
    ("checkpoint", "source"): {"input", "loop", "update", "fork"},
    ("task_ended", "status"): {"ok", "error", "interrupted", "cancelled"},
    ("span_ended", "status"): {"ok", "error", "interrupted", "cancelled"},
    ("span_started", "type"): {"model", "tool", "retriever", "chain", "graph"},
    ("log", "stream"): {"stdout", "stderr", "logging", "warnings", "inspector"},
    ("run_ended", "status"): {"done", "interrupted", "paused", "error", "cancelled"},
}


def inert(value: Any) -> Any:
    """A live value as the inspector shows it, by way of LangGraph's own encoding."""
    return decode_typed(*JsonPlusSerializer().dumps_typed(value))


def everything_ended_once(watched: Watched) -> None:
    """No task or span is left open, for any reader of the events."""
    assert [node for node in watched.nodes if node.open] == []
    assert not watched.run.running
    tasks = [event.task for event in watched.of(TaskStarted)]
    assert sorted(event.task for event in watched.of(TaskEnded)) == sorted(tasks), "every task ends by an event"
    begun = {event.span for event in watched.of(SpanStarted)}
    ended = [event.span for event in watched.of(SpanEnded)]
    assert set(ended) <= begun
    assert len(set(ended)) == len(ended)
    assert isinstance(watched.events[0], RunStarted)
    assert isinstance(watched.events[-1], RunEnded)


def spans_are_within_their_parents(watched: Watched) -> None:
    for node in watched.nodes:
        assert node.ended is not None
        assert node.started <= node.ended
        if node.parent is not None:
            assert node.parent.started <= node.started
        for child in node.children or ():
            assert child.parent is (node if isinstance(child, Span) or isinstance(node, Task) else node.task)


def tasks_are_those_of_the_stream(watched: Watched) -> None:
    """Ids, nodes, namespaces, order and status of the tasks are what `stream_mode="tasks"` said in the same run."""
    started = [(p["id"], p["name"], ns, p["triggers"]) for ns, p in watched.mode("tasks") if "input" in p]
    results = {p["id"]: (ns, p) for ns, p in watched.mode("tasks") if "input" not in p}
    ours = {task.id: task for task in watched.tasks}
    assert len(ours) == len(watched.tasks), "a task runs once in one invocation"
    extra = {task.node for id_, task in ours.items() if id_ not in {each[0] for each in started}}
    assert not [node for node in extra if not node.startswith("__error_handler__")]
    for id_, name, ns, triggers in started:
        assert (ours[id_].node, ours[id_].ns, ours[id_].triggers) == (name, ns, tuple(triggers))
    for level in {ns for _, _, ns, _ in started}:
        theirs = [id_ for id_, _, ns, triggers in started if ns == level and tuple(triggers) != ("__pregel_push",)]
        assert [task.id for task in watched.tasks if task.id in theirs] == theirs
    for id_, (ns, payload) in results.items():
        assert (ours[id_].status, ours[id_].ns) == (_status_of(payload), ns)
    attempts = watched.attempts()
    for id_, task in ours.items():
        assert task.cached == (not attempts[id_] and task.status == "ok"), task.node
        assert task.attempts == max(1, attempts[id_]), task.node


def _status_of(payload: dict[str, Any]) -> str:
    error = payload.get("error")
    if error is not None:
        return "cancelled" if isinstance(error, asyncio.CancelledError) else "error"
    return "interrupted" if payload["interrupts"] else "ok"


async def tasks_are_those_of_the_history(watched: Watched, graph: Any, config: Any) -> None:
    """The same from `get_state_history`, in the root graph and in every subgraph that it knows."""
    ours = {task.id: task for task in watched.tasks}
    compared = set()
    for ns in {task.ns for task in watched.tasks}:
        if ns and not (await _knows(graph, config, ns)):
            continue
        where = {"configurable": {**config["configurable"], "checkpoint_ns": "|".join(ns)}}
        snapshots = [snapshot async for snapshot in graph.aget_state_history(where)]
        for snapshot in snapshots:
            step = (snapshot.metadata or {}).get("step", 0) + 1
            seen = snapshot.config["configurable"]["checkpoint_id"] in watched.run.by_checkpoint
            for task in snapshot.tasks if seen else ():
                if task.name != "__start__" and (task.id in ours or task.result is not None):
                    assert (ours[task.id].node, ours[task.id].step, ours[task.id].ns) == (task.name, step, ns)
                    expected = _kept_status(task)
                    assert expected is None or ours[task.id].status == expected
                    compared.add(task.id)
        steps = {snapshot.config["configurable"]["checkpoint_id"]: snapshot for snapshot in snapshots}
        for checkpoint in watched.run.inner_checkpoints.get(ns, []) if ns else watched.run.checkpoints:
            snapshot = steps[checkpoint.id]
            assert checkpoint.step == (snapshot.metadata or {}).get("step")
            assert sorted(checkpoint.next) == sorted(task.name for task in snapshot.tasks)
            parent = snapshot.parent_config
            assert checkpoint.parent == (parent and parent["configurable"]["checkpoint_id"])
    root = [t.id for t in watched.tasks if not t.ns and "__pregel_push" not in t.triggers and t.node != "__start__"]
    assert set(root) <= compared


async def _knows(graph: Any, config: Any, ns: tuple[str, ...]) -> bool:
    """Whether the graph can tell the state of a subgraph: of those that it finds in its nodes' code, it can."""
    names = "|".join(segment.partition(":")[0] for segment in ns)
    return names in {name async for name, _ in graph.aget_subgraphs(recurse=True)}


def _kept_status(task: Any) -> str | None:
    if task.error:
        return "cancelled" if "Cancelled" in str(task.error) else "error"
    if task.result is not None:
        return "ok"
    return "interrupted" if task.interrupts else None  # those that were answered are kept beside the result


def tokens_are_the_messages(watched: Watched) -> int:
    """Tokens, joined, are the text, reasoning and tool calls of the message that each model returned; so is the usage.
    Returns how many calls were compared."""
    compared = 0
    for event in watched.raw:
        if event["event"] not in ("on_chat_model_end", "on_llm_end"):
            continue
        span = watched.run.spans[event["run_id"]]
        message = event["data"]["output"]
        assert span.tokens is not None
        if not isinstance(message, AIMessage):
            assert span.tokens.text == message["generations"][0][0]["text"]
        else:
            assert span.tokens.text == message.text
            assert span.tokens.reasoning == _reasoning(message)
            calls = [(call.name, json.loads(call.text), call.call_id) for call in span.tokens.calls()]
            assert calls == [(call["name"], call["args"], call["id"]) for call in message.tool_calls]
            assert span.calls == tuple(call["id"] for call in message.tool_calls)
            assert span.usage == as_usage(message.usage_metadata)
            assert span.model == message.response_metadata["model_name"]
        compared += 1
    assert compared == len([span for span in watched.run.models if span.status == "ok"])
    return compared


def _reasoning(message: AIMessage) -> str:
    return "".join(block.get("reasoning", "") for block in message.content_blocks if block["type"] == "reasoning")


def tools_know_who_asked(watched: Watched) -> int:
    """Every tool call that has an id is linked with the model call that asked for it. Returns how many."""
    linked = 0
    for tool in watched.run.tools:
        if tool.call_id:
            asked = watched.run.asked_by[tool.call_id]
            assert tool.call_id in asked.calls
            assert asked.ended is not None
            assert asked.ended <= tool.started + 0.001
            linked += 1
    return linked


def lines_keep_the_contract(lines: Sequence[dict[str, Any]]) -> None:
    """Headless lines: exact fields, gapless `seq`, `t` in order but for late news, one end for every start."""
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[0]["kind"] == "run_started"
    assert lines[-1]["kind"] == "run_ended"
    assert lines[-1]["duration"] == lines[-1]["t"] >= max(line["t"] for line in lines) - 0.05
    open_: dict[str, str] = {}
    for line in lines:
        kind = line["kind"]
        if kind == "token":
            assert set(line) - {"seq", "t", "kind", "span"} in ({"text"}, {"reasoning"}, {"tool_call"})
            if "tool_call" in line:
                assert set(line["tool_call"]) == {"index", "name", "id", "args"}
            assert open_.get(line["span"]) == "span"
            continue
        assert set(line) == {"seq", "t", "kind", *FIELDS[kind].split()}, kind
        for (of, field), allowed in CHOICES.items():
            assert of != kind or line[field] in allowed
        if "ns" in line:
            assert all(isinstance(segment, str) for segment in line["ns"])
        if kind.endswith("_started") and kind != "run_started":
            what = kind.removesuffix("_started")
            assert line[what] not in open_
            open_[line[what]] = what
        elif kind in ("task_ended", "span_ended"):
            what = kind.removesuffix("_ended")
            assert open_.pop(line[what]) == what
    assert not open_


async def states_are_those_of_the_graph(watched: Watched, graph: Any, config: Any, file: CheckpointFile) -> None:
    """The state read inertly from the file, at every checkpoint of every graph, is what `get_state` returns there."""
    thread = config["configurable"]["thread_id"]
    for checkpoint in watched.run.by_checkpoint.values():
        if checkpoint.ns and not (await _knows(graph, config, checkpoint.ns)):
            continue
        where = {"thread_id": thread, "checkpoint_ns": "|".join(checkpoint.ns), "checkpoint_id": checkpoint.id}
        snapshot = await graph.aget_state({"configurable": where})
        state = file.state(thread, checkpoint.id, checkpoint.ns)
        expected = snapshot.values
        if not checkpoint.ns and isinstance(graph.stream_channels_asis, str):  # the state is one value
            expected = {} if snapshot.values is None else {"": snapshot.values}
        assert state.values == inert(expected)
        assert state.problem == ""
    file.close()
