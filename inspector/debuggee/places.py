"""Where in a graph something runs, read from the metadata that LangGraph puts on every callback.

`metadata["langgraph_checkpoint_ns"]` is `node:task_id|node:task_id|...`, from the root graph to the task. A segment
that is a bare number counts the repeated calls of graphs within one task and belongs to no task itself.
`metadata["langgraph_path"]` tells how the task came about: a node that was triggered, a `Send`, a `@task` call, a
node's error handler. Measured on langgraph 1.2.22.
"""

from __future__ import annotations

from typing import Any

from inspector.core.events import Namespace

HIDDEN = "langsmith:hidden"  # the tag of runs that LangGraph keeps out of its own streams (`__start__`, writers)
_PUSH = "__pregel_push"


def segments(metadata: dict[str, Any]) -> Namespace:
    """The whole path of segments, the task's own last; `()` outside any task."""
    ns = metadata.get("langgraph_checkpoint_ns")
    return tuple(ns.split("|")) if ns else ()


def task_of(path: Namespace) -> str | None:
    """The task id of the last segment that names a task."""
    for segment in reversed(path):
        _, colon, task_id = segment.rpartition(":")
        if colon:
            return task_id
    return None


def node_of(path: Namespace) -> str:
    """The node of the last segment that names a task, or nothing."""
    for segment in reversed(path):
        node, colon, _ = segment.rpartition(":")
        if colon:
            return node
    return ""


def is_call(metadata: dict[str, Any]) -> bool:
    """Whether a task is that of a `@task`, called from inside another task."""
    return _is_call_path(metadata.get("langgraph_path") or ())


def is_error_handler(metadata: dict[str, Any]) -> bool:
    """Whether a task handles the error of another (`add_node(..., error_handler=...)`)."""
    return "node_error_handler" in (metadata.get("langgraph_path") or ())


def graph_of(path: Namespace, metadata: dict[str, Any]) -> Namespace:
    """The namespace of the graph that a task belongs to, which its `tasks` payloads carry.

    The path of a `@task` goes through the tasks that called it, and that of an error handler through the task that
    failed, but they belong to the same graph as those.
    """
    drop = 2 if is_error_handler(metadata) else 1
    came: Any = metadata.get("langgraph_path")
    while _is_call_path(came):
        drop += 1
        came = came[1]
    return path[:-drop]


def _is_call_path(path: Any) -> bool:
    return isinstance(path, (tuple, list)) and len(path) == 4 and path[0] == _PUSH and path[-1] is True
