"""The nodes of a graph: what runs in each, where its code is, and the policies it runs under."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from inspector.core.graphinfo import END, START, EdgeInfo, NodeInfo
from inspector.core.text import one_line
from inspector.debuggee.functions import code_of, plain_function, values_named


def nodes_of(
    graph: Any, path: tuple[str, ...], edges: Iterable[EdgeInfo], dynamic: frozenset[str]
) -> tuple[NodeInfo, ...]:
    """Start, the nodes in the order they were added, tasks of an `@entrypoint`, end."""
    names = [name for name in graph.nodes if name != START]
    found = [NodeInfo(START, "start", dynamic=START in dynamic)]
    found += [_node(graph, name, path, name in dynamic) for name in names]
    if getattr(graph, "builder", None) is None:
        found += _tasks(graph, set(names))
    if any(edge.target == END for edge in edges):
        found.append(NodeInfo(END, "end"))
    return tuple(found)


def _node(graph: Any, name: str, path: tuple[str, ...], dynamic: bool) -> NodeInfo:
    node = graph.nodes[name]
    bound = node.bound
    inner = node.subgraphs[0] if node.subgraphs else None
    code = code_of(bound)
    spec = graph.builder.nodes.get(name) if hasattr(graph, "builder") else None
    tools = getattr(bound, "tools_by_name", None)
    return NodeInfo(
        id=name,
        kind="subgraph" if inner is not None and inner is bound else "node",
        doc=code.doc,
        runs="" if inner is bound else code.runs,
        file=code.file,
        line=code.line,
        is_async=code.is_async,
        retry=_attempts(node.retry_policy or graph.retry_policy),
        cache=node.cache_policy is not None or graph.cache_policy is not None,
        defer=bool(getattr(spec, "defer", False)),
        timeout=_seconds(getattr(node, "timeout", None)),
        interrupt_before=_includes(graph.interrupt_before_nodes, name),
        interrupt_after=_includes(graph.interrupt_after_nodes, name),
        dynamic=dynamic,
        error_handler=getattr(node, "error_handler_node", None),
        is_error_handler=bool(getattr(node, "is_error_handler", False)),
        tools=tuple(one_line(str(tool), 80) for tool in tools) if isinstance(tools, dict) else (),
        subgraph=None if inner is None else (*path, name),
    )


def _tasks(graph: Any, taken: set[str]) -> list[NodeInfo]:
    """The `@task` functions that the code of an `@entrypoint` refers to by name, and those that these refer to."""
    from langgraph.func import _TaskFunction

    waiting = [code_of(node.bound).function for node in graph.nodes.values()]
    found: dict[str, NodeInfo] = {}
    seen: set[int] = set()
    while waiting:
        function = waiting.pop(0)
        if function is None or id(function) in seen:
            continue
        seen.add(id(function))
        for value in values_named(function):
            if type(value) is not _TaskFunction or value.func.__name__ in taken | found.keys():
                continue
            code = code_of(value.func)
            found[value.func.__name__] = NodeInfo(
                id=value.func.__name__,
                kind="task",
                doc=code.doc,
                file=code.file,
                line=code.line,
                is_async=code.is_async,
                retry=_attempts(value.retry_policy),
                cache=value.cache_policy is not None,
                timeout=_seconds(getattr(value, "timeout", None)),
            )
            waiting.append(plain_function(value.func))
    return list(found.values())


def _attempts(policies: Any) -> int | None:
    if not policies:
        return None
    several = policies if isinstance(policies, (list, tuple)) and not hasattr(policies, "max_attempts") else (policies,)
    return max(int(policy.max_attempts) for policy in several)


def _seconds(policy: Any) -> float | None:
    """The shortest time after which an attempt is given up."""
    limits = [getattr(policy, name, None) for name in ("run_timeout", "idle_timeout")]
    seconds = [limit.total_seconds() if isinstance(limit, timedelta) else float(limit) for limit in limits if limit]
    return min(seconds, default=None)


def _includes(names: Any, name: str) -> bool:
    return names == "*" or name in (names or ())
