"""What a breakpoint is made of when it is set on something that is looked at: a task, a call, a node of the drawing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inspector.core.breakpoints import BreakKind, Breakpoint, matches_name, matches_path
from inspector.core.graphinfo import END, START, GraphInfo
from inspector.core.graphstatus import node_path
from inspector.core.nodes import Node, Span
from inspector.core.text import one_line


@dataclass(frozen=True, slots=True)
class Aim:
    """What to stop at: the kind and target of a breakpoint."""

    kind: BreakKind
    target: str

    @property
    def words(self) -> str:
        """`before search`, `before tool find_flights`, `when budget changes`. Safe, on one line."""
        return words(self.kind, self.target)


def words(kind: BreakKind, target: str) -> str:
    """A breakpoint without its condition, as people say it. Safe, on one line."""
    name = one_line(target, 80) if target not in ("", "*") else ""
    if kind == "error":
        return f"when {name or 'any node'} fails"
    if kind == "change":
        return f"when {name or 'anything'} changes"
    if kind in ("tool", "model"):
        return f"before {kind} {name}" if name else f"before any {kind}"
    return f"{kind} {name or 'any node'}"


def aim(node: Node | None, graph: GraphInfo | None) -> Aim | None:
    """A breakpoint on a task is one before its node; on a tool or model call, one before calls of that tool or model;
    on any other span, one before the node that it is in."""
    if isinstance(node, Span) and node.type == "tool":
        return Aim("tool", node.name)
    if isinstance(node, Span) and node.type == "model":
        return Aim("model", node.model or node.name)
    task = node.task if isinstance(node, Span) else node
    return at_node(node_path(task), graph) if task is not None else None


def at_node(path: tuple[str, ...], graph: GraphInfo | None) -> Aim | None:
    """A breakpoint before a node, by its names from the root. A name that no other node has stands alone."""
    if not path or path[-1] in (START, END):
        return None
    named = sum(node.id == path[-1] for info in graph.walk() for node in info.nodes) if graph is not None else 1
    if named <= 1:
        return Aim("before", path[-1])
    return Aim("before", "/".join(path) if len(path) > 1 else f"/{path[0]}")


def marked(node: Node, points: Iterable[Breakpoint]) -> bool | None:
    """Whether breakpoints are about a task or a span: True where one is that is enabled, False where all that are are
    disabled, None where none is."""
    if isinstance(node, Span):
        if node.type not in ("tool", "model"):
            return None
        names = {node.name, node.model}
        found = [
            point for point in points
            if point.kind == node.type and any(matches_name(point.target, name) for name in names)
        ]  # fmt: skip
    else:
        found = at_path(node_path(node), points)
    return any(point.enabled for point in found) if found else None


def at_path(path: tuple[str, ...], points: Iterable[Breakpoint]) -> list[Breakpoint]:
    """The breakpoints about a node, by its names from the root."""
    return [
        point for point in points
        if point.kind in ("before", "after", "error") and matches_path(point.target or "*", path)
    ]  # fmt: skip
