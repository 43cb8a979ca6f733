"""Lets LangGraph prepare a run, and stops it before the first task: what would run, by the code that would run it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl


async def prepare(graph: Any, given: Any, config: Any, context: Any = None) -> list[tuple[str, str]]:
    """The `(id, node)` of the tasks that `graph` would begin with. What a run saves before its first task it does save:
    give a graph over an `Overlay`. Raises what LangGraph raises."""
    control = RunControl()
    control.request_drain("a plan of the inspector")
    extra = {} if context is None else {"context": context}
    run = graph.astream(given, {**config, "callbacks": []}, stream_mode="checkpoints", control=control, **extra)
    tasks: list[tuple[str, str]] = []
    with contextlib.suppress(GraphDrained), _untraced():
        async for chunk in run:
            tasks = [(task["id"], task["name"]) for task in chunk["tasks"]]
    return tasks


@contextlib.contextmanager
def _untraced() -> Iterator[None]:
    """Keep LangSmith's tracer, where the environment turns it on, from recording what is no run."""
    try:
        from langsmith import tracing_context
    except ImportError:
        yield
        return
    with tracing_context(enabled=False):
        yield
