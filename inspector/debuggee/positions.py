"""Where in a run a task is: what breakpoints and steps are decided by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inspector.core.events import Namespace
from inspector.debuggee.places import graph_of, is_call, is_error_handler, node_of, segments, task_of


@dataclass(frozen=True, slots=True)
class Position:
    """A task. `ns` is the namespace of its graph, `path` the names of the nodes from the root graph to it; `called`: it
    is a `@task`, called by the code of another task; `quiet`: no `tasks` payload tells of it before it runs."""

    task: str
    node: str
    ns: Namespace
    step: int
    path: tuple[str, ...]
    called: bool = False
    quiet: bool = False


def position_of(metadata: dict[str, Any]) -> Position | None:
    """The task that something belongs to, by the metadata of its callbacks; None outside any."""
    path = segments(metadata)
    task = task_of(path)
    if task is None:
        return None
    node = str(metadata.get("langgraph_node") or node_of(path))
    ns = graph_of(path, metadata)
    step = metadata.get("langgraph_step")
    called = is_call(metadata)
    quiet = called or is_error_handler(metadata)
    return Position(task, node, ns, step if isinstance(step, int) else 0, path_of(ns, node), called, quiet)


def path_of(ns: Namespace, node: str) -> tuple[str, ...]:
    """The names of the nodes from the root graph to a node of the graph at `ns`."""
    return (*(node_of((segment,)) for segment in ns if ":" in segment), node)
