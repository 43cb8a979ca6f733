"""State kept as deltas, put together from the file alone, against what the graph itself says of each checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import StateGraph
from langgraph.graph.message import REMOVE_ALL_MESSAGES, add_messages
from langgraph.types import Overwrite

from inspector.core.values import Opaque, to_json
from inspector.store.checkpoints import CheckpointFile
from inspector.store.deltas import left_out, merged

deltas = pytest.importorskip("langgraph.channels.delta", reason="DeltaChannel came with langgraph 1.2")
CONFIG: RunnableConfig = {"configurable": {"thread_id": "t"}}


def chat(state: Any, writes: list[Any]) -> Any:
    for write in writes:
        state = add_messages(state or [], write)
    return state


def files(state: dict[str, Any], writes: list[dict[str, Any]]) -> dict[str, Any]:
    for write in writes:
        state = {name: text for name, text in {**state, **write}.items() if text is not None}
    return state


def lines(state: list[str], writes: list[list[str]]) -> list[str]:
    return [*state, *(line for write in writes for line in write)]


class State(TypedDict, total=False):
    messages: Annotated[list[Any], deltas.DeltaChannel(chat, list, snapshot_frequency=3)]
    files: Annotated[dict[str, Any], deltas.DeltaChannel(files, dict)]
    log: Annotated[list[str], deltas.DeltaChannel(lines, list)]
    steps: int


def work(state: State) -> Any:
    """Writes each step in another way; parallel with `note`."""
    step = state.get("steps", 0) + 1
    update: dict[str, Any] = {"steps": step, "messages": AIMessage(f"answer {step}", id=f"a{step}")}
    if step == 2:
        update |= {"files": {"a.md": "one", "b.md": "two"}, "messages": [AIMessage("changed", id="a1")]}
    if step == 3:
        update |= {"files": {"a.md": None, "c.md": "three"}, "messages": [RemoveMessage(id="a1")]}
    if step == 5:
        update |= {"messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES), HumanMessage("a summary", id="s")]}
    if step == 6:
        update |= {"log": Overwrite(["from here on"])}
    return update


def note(state: State) -> Any:
    step = state.get("steps", 0)
    return {} if step == 5 else {"log": [f"noted {step}"], "files": {"log.txt": str(step)}}


@contextmanager
def graph(path: Path) -> Iterator[Any]:
    with SqliteSaver.from_conn_string(str(path)) as saver:
        builder = StateGraph(State).add_node("work", work).add_node("note", note)
        builder.add_edge("__start__", "work").add_edge("__start__", "note")
        builder.add_conditional_edges("work", lambda state: ["work", "note"] if state["steps"] < 8 else [])
        yield builder.compile(checkpointer=saver)


def plain(values: dict[str, Any]) -> dict[str, Any]:
    """What the graph says of its state, comparable with what is read inertly."""
    message = {"human": HumanMessage, "ai": AIMessage}
    assert all(type(m) in message.values() for m in values.get("messages", ()))
    return {**values, "messages": [(m.type, m.id, m.content) for m in values.get("messages", ())]}


def shown(values: dict[str, Any]) -> dict[str, Any]:
    read = {name: to_json(value) for name, value in values.items()}
    return {**read, "messages": [(m["type"], m["id"], m["content"]) for m in read.get("messages", ())]}


def test_every_checkpoint_reads_as_the_graph_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "threads.sqlite"
    with graph(path) as compiled:
        compiled.invoke({"messages": [HumanMessage("begin", id="h")]}, CONFIG)
        early = next(s for s in compiled.get_state_history(CONFIG) if s.values.get("steps") == 4)
        compiled.update_state(early.config, {"log": ["forked"], "steps": 6}, as_node="work")
        compiled.invoke(None, CONFIG)
        history = list(compiled.get_state_history(CONFIG))
        file = CheckpointFile(path)
        snapshots = 0
        for snapshot in history:
            state = file.state("t", snapshot.config["configurable"]["checkpoint_id"])
            wanted = {name: value for name, value in plain(snapshot.values).items() if value or name in state.values}
            read = shown(state.values)
            assert {name: read.get(name, []) for name in wanted} == wanted
            snapshots += "messages" not in state.rebuilt
        file.close()
    assert len(history) > 10
    assert 0 < snapshots < len(history), "some checkpoints hold a snapshot of the messages, most do not"


def test_only_channels_that_the_checkpoint_does_not_hold_are_rebuilt() -> None:
    metadata = {"step": 3, "counters_since_delta_snapshot": {"messages": [2, 4], "files": [0, 0]}}
    assert left_out(metadata, {"files": {}}) == ("messages",)
    assert left_out({"step": 3}, {}) == ()
    assert left_out({"counters_since_delta_snapshot": None}, {}) == ()


@pytest.mark.parametrize(
    ("value", "write", "after"),
    [
        (None, ["a"], ["a"]),
        (["a"], ["b"], ["a", "b"]),
        ({"a": 1, "b": None}, {"a": None, "c": 2}, {"b": None, "c": 2}),
        (["a"], {"__overwrite__": ["z"]}, ["z"]),
        (["a"], {"type": "__overwrite__", "value": []}, []),
        (["a"], Opaque("langgraph.types.Overwrite", {"value": ["z"]}), ["z"]),
        (3, 4, 4),
        ("a", ["b"], ["b"]),
    ],
)
def test_a_write_is_merged_by_what_it_is(value: Any, write: Any, after: Any) -> None:
    assert merged(value, write) == after
