"""The Python API: a graph object is observed in the caller's own process."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import StateGraph
from langgraph.types import Command, interrupt

import inspector
from inspector.core.events import Event, Interrupted, RunEnded, RunStarted, TaskEnded, TaskStarted
from inspector.core.values import decode
from inspector.errors import UsageError


class State(TypedDict, total=False):
    n: int
    said: str


def compiled(node: Any, **options: Any) -> Any:
    builder = StateGraph(State).add_node("work", node).set_entry_point("work").set_finish_point("work")
    return builder.compile(**options)


async def seen(graph: Any, input: Any, config: Any = None) -> list[Event]:
    return [event async for event in inspector.observe(graph, input, config)]


def ended(events: list[Event]) -> RunEnded:
    last = events[-1]
    assert isinstance(last, RunEnded)
    return last


@pytest.fixture(autouse=True)
def nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)
    yield
    assert list(tmp_path.iterdir()) == []


async def test_what_happens_is_yielded_in_order() -> None:
    events = await seen(compiled(lambda state: {"n": state["n"] + 1}), {"n": 1})
    assert isinstance(events[0], RunStarted)
    assert decode(events[0].input) == {"n": 1}
    [started] = [event for event in events if isinstance(event, TaskStarted)]
    [done] = [event for event in events if isinstance(event, TaskEnded)]
    assert (started.node, done.status, decode(done.writes)) == ("work", "ok", {"n": 2})
    assert ended(events).status == "done"


async def test_an_error_of_the_graph_is_told_and_not_raised() -> None:
    def fails(state: State) -> State:
        raise LookupError("nothing there")

    error = ended(await seen(compiled(fails), {})).error
    assert error is not None
    assert (error.type, error.message) == ("LookupError", "nothing there")


async def test_a_thread_goes_on_with_the_graphs_own_checkpointer() -> None:
    graph = compiled(lambda state: {"said": interrupt("who?")}, checkpointer=InMemorySaver())
    config = {"configurable": {"thread_id": "mine"}}
    events = await seen(graph, {"n": 1}, config)
    assert isinstance(events[0], RunStarted)
    assert events[0].thread == "mine"
    assert [decode(e.value) for e in events if isinstance(e, Interrupted)] == ["who?"]
    assert ended(events).status == "interrupted"
    assert ended(await seen(graph, Command(resume="me"), config)).status == "done"
    assert graph.get_state(config).values == {"n": 1, "said": "me"}


async def test_leaving_the_loop_cancels_the_run() -> None:
    cancelled = asyncio.Event()

    async def waits(state: State) -> State:
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return {}

    stream = inspector.observe(compiled(waits), {})
    async for event in stream:
        if isinstance(event, TaskStarted):
            break
    await stream.aclose()  # type: ignore[attr-defined]
    assert cancelled.is_set()


def test_inspect_refuses_where_there_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.__stdin__", None)
    with pytest.raises(UsageError, match="needs a terminal"):
        inspector.inspect(compiled(lambda state: {}))
