"""Runs a sample as anybody would: `astream_events` with a SQLite checkpointer. Owns what the tests read from a run."""

from __future__ import annotations

import inspect
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import StateGraph
from langgraph.pregel import Pregel
from langgraph.store.base import BaseStore
from langgraph.types import Command, StateSnapshot

from sample_graphs import SAMPLES

MODES = ["tasks", "checkpoints", "custom", "updates", "values", "debug"]


@dataclass
class Call:
    """One call of a chat model."""

    name: str
    node: str
    chunks: list[AIMessageChunk] = field(default_factory=list)
    message: AIMessage | None = None


@dataclass
class Run:
    """What a run told while it ran, and the state it left."""

    events: list[Any]
    state: StateSnapshot
    error: Exception | None

    @property
    def kinds(self) -> Counter[str]:
        return Counter(event["event"] for event in self.events)

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event["event"] == kind]

    def mode(self, mode: str) -> list[tuple[tuple[str, ...], Any]]:
        """The namespace and payload of each chunk of a stream mode."""
        chunks = [event["data"]["chunk"] for event in self.of("on_chain_stream") if not event["parent_ids"]]
        return [(namespace, payload) for namespace, each, payload in chunks if each == mode]

    @property
    def started(self) -> list[tuple[str, ...]]:
        """The path of each task that started: the nodes of its namespace, and its own."""
        return [(*_nodes(namespace), task["name"]) for namespace, task in self.mode("tasks") if "input" in task]

    @property
    def unfinished(self) -> set[str]:
        """Ids of tasks that started and did not end."""
        tasks = [task for _, task in self.mode("tasks")]
        return {task["id"] for task in tasks if "input" in task} - {task["id"] for task in tasks if "input" not in task}

    @property
    def calls(self) -> list[Call]:
        """The calls of chat models, in the order of their start."""
        calls: dict[str, Call] = {}
        for event in self.events:
            run_id, data = event["run_id"], event["data"]
            match event["event"]:
                case "on_chat_model_start":
                    calls[run_id] = Call(event["name"], event["metadata"]["langgraph_node"])
                case "on_chat_model_stream":
                    calls[run_id].chunks.append(data["chunk"])
                case "on_chat_model_end":
                    calls[run_id].message = data["output"]
        return list(calls.values())

    def call(self, node: str) -> Call:
        return next(call for call in self.calls if call.node == node)

    @property
    def attempts(self) -> Counter[str]:
        """How often each node was begun, by name: more often than it has tasks when it was retried."""
        begun: defaultdict[str, set[str]] = defaultdict(set)
        for event in self.of("on_chain_start"):
            node = event["metadata"].get("langgraph_node")
            if node and event["name"] == node:
                begun[node].add(event["run_id"])
        return Counter({node: len(runs) for node, runs in begun.items()})


@dataclass
class Stage:
    """A sample, opened, on a thread."""

    graph: Pregel[Any, Any, Any, Any]
    config: RunnableConfig

    async def run(self, input: Any, context: Any = None, thread: str | None = None) -> Run:
        if thread is not None:
            self.config = {**self.config, "configurable": {"thread_id": thread}}
        events: list[Any] = []
        error = None
        try:
            async for event in self.graph.astream_events(
                input, self.config, version="v2", stream_mode=MODES, subgraphs=True, context=context
            ):
                events.append(event)  # noqa: PERF401 (what came before an error is wanted, too)
        except Exception as raised:
            error = raised
        return Run(events, await self.state(), error)

    async def state(self) -> StateSnapshot:
        """The newest state of the thread."""
        return await self.graph.aget_state(self.config)

    async def answer(self, run: Run, *answers: Any) -> Run:
        """Resume with an answer for each of the waiting interrupts, in their order."""
        ids = [waiting.id for waiting in run.state.interrupts]
        return await self.run(Command(resume=dict(zip(ids, answers, strict=False))))


def _nodes(namespace: tuple[str, ...]) -> list[str]:
    return [part.partition(":")[0] for part in namespace]


@asynccontextmanager
async def open_sample(name: str, db: Path, store: BaseStore) -> AsyncIterator[Stage]:
    """The sample's graph, whatever kind of object it is, with a checkpointer and a store."""
    found = import_module(SAMPLES[name].module).graph
    async with AsyncExitStack() as stack:
        if inspect.isfunction(found):
            found = found({"configurable": {}}) if inspect.signature(found).parameters else found()
            if inspect.isawaitable(found):
                found = await found
            elif hasattr(found, "__aenter__"):
                found = await stack.enter_async_context(found)
        if isinstance(found, StateGraph):
            found = found.compile()
        assert isinstance(found, Pregel)
        assert found.checkpointer is None, "a sample leaves the checkpointer to whoever runs it"
        saver = await stack.enter_async_context(AsyncSqliteSaver.from_conn_string(str(db)))
        graph = found.copy(update={"checkpointer": saver, "store": store})
        # `astream_events` runs with 25 unless it is told the graph's own limit.
        limit = (graph.config or {}).get("recursion_limit", 1000)
        yield Stage(graph, {"configurable": {"thread_id": name}, "recursion_limit": limit})
