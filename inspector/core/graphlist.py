"""A graph's nodes as lines of a list, in the order that a run passes them, and what there is to say of one node."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from inspector.core.graphdrawing import NodePath, edges_of, in_order, inner_graph, label_of
from inspector.core.graphinfo import EdgeInfo, GraphInfo, NodeInfo
from inspector.core.graphstatus import NodeStatus
from inspector.core.nodes import Status
from inspector.core.text import duration, plural

_WORDS: dict[Status, str] = {
    "running": "running", "ok": "ok", "error": "failed", "interrupted": "interrupted", "cancelled": "cancelled",
}  # fmt: skip
SOLID, DASHED = "→", "⇢"


@dataclass(frozen=True, slots=True)
class GraphLine:
    """A node. `targets` are where it leads: an arrow (dashed where a router decides) and a name."""

    path: NodePath
    info: NodeInfo
    label: str
    opens: bool
    open: bool
    targets: tuple[tuple[str, str], ...]


def graph_lines(root: GraphInfo, opened: Collection[NodePath] | None) -> list[GraphLine]:
    """The nodes of a graph, with those of the subgraphs in `opened` (None: of all) below theirs."""
    return list(_lines(root, root, (), opened))


def _lines(
    root: GraphInfo, info: GraphInfo, path: NodePath, opened: Collection[NodePath] | None
) -> Iterator[GraphLine]:
    for node in in_order(info):
        here = (*path, node.id)
        inner = inner_graph(root, path, node)
        is_open = inner is not None and (opened is None or here in opened)
        yield GraphLine(here, node, label_of(node), inner is not None, is_open, _targets(info, node))
        if inner is not None and is_open:
            yield from _lines(root, inner, here, opened)


def _targets(info: GraphInfo, node: NodeInfo) -> tuple[tuple[str, str], ...]:
    edges = sorted((edge for edge in edges_of(info) if edge.source == node.id), key=_decided)
    names = {other.id: label_of(other) for other in info.nodes}
    return tuple((DASHED if _decided(edge) else SOLID, names.get(edge.target, edge.target)) for edge in edges)


def _decided(edge: EdgeInfo) -> bool:
    return edge.conditional or edge.guessed


def facts(root: GraphInfo, path: NodePath, status: NodeStatus | None) -> str:
    """What there is to say of a node, in one line: how it stands, where it leads, what is special about it."""
    info = _graph_of(root, path[:-1])
    node = info.node(path[-1]) if info is not None else None
    if info is None or node is None:
        return ""
    parts = [" › ".join((*path[:-1], label_of(node)))]
    if status is not None and status.total:
        parts.append(_how_it_stands(status))
    elif node.kind not in ("start", "end"):
        parts.append("has not run")
    edges = [edge for edge in edges_of(info) if edge.source == node.id]
    if edges:
        parts.append(", ".join(_edge(info, edge) for edge in sorted(edges, key=_decided)))
    if node.dynamic:
        parts.append("decides itself where to go")
    if node.subgraph is not None:
        parts.append("a subgraph" if node.kind == "subgraph" else "calls a graph")
    if node.retry is not None:
        parts.append(f"up to {plural(node.retry, 'attempt')}")
    for flag, words in (
        (node.interrupt_before, "interrupts before"), (node.interrupt_after, "interrupts after"),
        (node.cache, "cached"), (node.defer, "deferred"), (node.is_error_handler, "handles errors"),
    ):  # fmt: skip
        if flag:
            parts.append(words)
    if node.timeout is not None:
        parts.append(f"timeout {duration(node.timeout)}")
    if node.tools:
        parts.append(f"tools: {', '.join(node.tools)}")
    if node.doc:
        parts.append(node.doc)
    return " · ".join(parts)


def _how_it_stands(status: NodeStatus) -> str:
    words = [f"{status.running:,} running"] if status.running > 1 else ["running"] if status.running else []
    for kind, count in status.counts.items():
        words.append(f"{count:,} {_WORDS[kind]}" if status.total > 1 else _WORDS[kind])
    if status.ended:
        mean = status.seconds / status.ended
        words.append(f"{duration(mean)} each" if status.ended > 1 else duration(mean))
    return ", ".join(words)


def _edge(info: GraphInfo, edge: EdgeInfo) -> str:
    target = info.node(edge.target)
    name = label_of(target) if target is not None else edge.target
    label = f" ({edge.label})" if edge.label and edge.label != edge.target else ""
    return f"{DASHED if _decided(edge) else SOLID} {name}{label}{' (guessed)' if edge.guessed else ''}"


def _graph_of(root: GraphInfo, path: NodePath) -> GraphInfo | None:
    """The graph that is drawn inside the node at a path."""
    info = root
    for depth in range(len(path)):
        node = info.node(path[depth])
        inner = inner_graph(root, path[:depth], node) if node is not None else None
        if inner is None:
            return None
        info = inner
    return info
