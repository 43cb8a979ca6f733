"""Runs graphs under the inspector and keeps everything that was said, beside what the graph itself said: the raw v2
events of the very same run, so that ids can be compared."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

import inspector
from inspector.core.events import Event, RunEnded
from inspector.core.nodes import Node, Span, Task
from inspector.core.run import Run
from inspector.headless import Writer

MODES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")
THREAD: Any = {"configurable": {"thread_id": "observed"}}


class Tee:
    """A graph whose `astream_events` can be listened in on. Everything else is the graph's own."""

    def __init__(self, graph: Any) -> None:
        self._graph = graph
        self.raw: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._graph, name)

    async def astream_events(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        async for event in self._graph.astream_events(*args, **kwargs):
            self.raw.append(event)
            yield event


@dataclass
class Watched:
    """What the inspector said of one run, and what LangGraph did."""

    events: list[Event] = field(default_factory=list)
    run: Run = field(default_factory=Run)
    raw: list[Any] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)

    def take(self, event: Event) -> None:
        self.events.append(event)
        self.run.append(event)

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    @property
    def nodes(self) -> list[Node]:
        return [node for _, node in self.run.walk()]

    @property
    def tasks(self) -> list[Task]:
        return [node for node in self.nodes if isinstance(node, Task)]

    @property
    def spans(self) -> list[Span]:
        return [node for node in self.nodes if isinstance(node, Span)]

    def named(self, name: str) -> list[Node]:
        return [node for node in self.nodes if (node.node if isinstance(node, Task) else node.name) == name]

    @property
    def ended(self) -> RunEnded:
        last = self.events[-1]
        assert isinstance(last, RunEnded)
        return last

    def tree(self) -> str:
        """The timeline in a line, as `tests.runs.shapes.TREES` writes it."""
        return _row(self.run.roots)

    def mode(self, mode: str) -> list[tuple[tuple[str, ...], Any]]:
        """The `(namespace, payload)` of each chunk of the subscription in a stream mode."""
        chunks = [e["data"]["chunk"] for e in self.raw if e["event"] == "on_chain_stream" and not e["parent_ids"]]
        return [(tuple(ns), payload) for ns, each, payload in chunks if each == mode]

    def attempts(self) -> Counter[str]:
        """How often the chain of each task was begun, by task id, from the raw events."""
        begun: Counter[str] = Counter()
        parents: dict[str, str] = {}
        for event in self.raw:
            ns = event["metadata"].get("langgraph_checkpoint_ns")
            if event["event"] == "on_chain_start" and ns:
                task = ns.rpartition(":")[2]
                if parents.setdefault(task, event["parent_ids"][-1]) == event["parent_ids"][-1]:
                    begun[task] += event["name"] == event["metadata"]["langgraph_node"]
        return begun


def _row(nodes: list[Node]) -> str:
    steps = [(node.step if isinstance(node, Task) else 0, _text(node)) for node in nodes]
    return " ".join(text for _, text in sorted(steps))


def _text(node: Node) -> str:
    words: list[str] = [node.status] if node.status != "ok" else []
    if isinstance(node, Task):
        words += ["cached"] if node.cached else []
        words += [f"attempts={node.attempts}"] if node.attempts > 1 else []
    name = node.node if isinstance(node, Task) else f"({node.type} {node.name})"
    status = f"[{' '.join(words)}]" if words else ""
    inside = f"{{{_row(node.children)}}}" if node.children else ""
    return name + status + inside


async def watch(graph: Any, input: Any, config: Any = None, *, context: Any = None) -> Watched:
    """Run a graph with `inspector.observe`."""
    tee = Tee(graph)
    watched = Watched()
    out = StringIO()
    write = Writer(out)
    async for event in inspector.observe(tee, input, config or THREAD, context=context):
        watched.take(event)
        write(event)
    watched.raw = tee.raw
    watched.lines = [json.loads(line) for line in out.getvalue().splitlines()]
    return watched
