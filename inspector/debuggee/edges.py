"""The edges of a graph, read from what the developer declared.

Not LangGraph's `get_graph()`, which finds edges by simulating a run: it leaves out what a conditional edge without a
`path_map` may reach, cannot tell what is declared, and fails on some graphs made without a builder (all as of 1.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.core.graphinfo import END, START, EdgeInfo
from inspector.core.text import one_line
from inspector.debuggee.functions import code_of, names_used, texts_named


def edges_of(graph: Any) -> tuple[tuple[EdgeInfo, ...], frozenset[str]]:
    """The edges in the order they are declared, one for each pair of nodes; and the nodes whose next node is decided
    by code without being declared."""
    builder = getattr(graph, "builder", None)
    if builder is None:
        return tuple(_wired(graph)), frozenset()
    nodes = {START, END, *graph.nodes}
    dynamic = set(_undeclared(builder))
    edges: dict[tuple[str, str], EdgeInfo] = {}
    for edge in (*_declared(builder), *_guessed(builder, nodes)):
        # A builder may have got more nodes after it was compiled.
        if edge.source in nodes and edge.target in nodes:
            edges.setdefault((edge.source, edge.target), edge)
    order = {name: at for at, name in enumerate((START, *builder.nodes, END))}  # sets have none of their own
    found = sorted(edges.values(), key=lambda edge: (order[edge.source], order[edge.target]))
    sources = {edge.source for edge in found}
    found += [EdgeInfo(name, END) for name in graph.nodes if name not in sources and name not in dynamic]
    return tuple(found), frozenset(dynamic & set(nodes))


def _wired(graph: Any) -> Iterator[EdgeInfo]:
    """The edges of a graph made without a builder: from what writes a channel to what it triggers."""
    starts, ends = _names(graph.input_channels), _names(graph.output_channels)
    written = {START: starts, **{name: _writes(node) for name, node in graph.nodes.items()}}
    for source, channels in written.items():
        for target, node in graph.nodes.items():
            if channels & set(node.triggers):
                yield EdgeInfo(source, target)
        if source != START and channels & ends:
            yield EdgeInfo(source, END)


def _writes(node: Any) -> set[str]:
    entries = [entry for writer in node.writers for entry in getattr(writer, "writes", ())]
    return {entry.channel for entry in entries if isinstance(getattr(entry, "channel", None), str)}


def _names(channels: Any) -> set[str]:
    return {channels} if isinstance(channels, str) else set(channels)


def _declared(builder: Any) -> Iterator[EdgeInfo]:
    for source, target in builder.edges:
        yield EdgeInfo(source, target)
    for sources, target in builder.waiting_edges:
        for source in sources:
            yield EdgeInfo(source, target)
    for source, branches in builder.branches.items():
        for branch in branches.values():
            for answer, target in (branch.ends or {}).items():
                yield EdgeInfo(source, target, True, _label(answer, target))
    for name, spec in builder.nodes.items():
        ends = spec.ends or ()
        for target in ends:
            yield EdgeInfo(name, target, True, _label(ends[target], target) if isinstance(ends, dict) else "")
        handler = getattr(spec, "error_handler_node", None)
        if handler is not None:
            yield EdgeInfo(name, handler, True, "on error")


def _guessed(builder: Any, nodes: set[str]) -> Iterator[EdgeInfo]:
    for source, function in _deciding(builder):
        for target in _mentioned(function, nodes) - {START}:
            yield EdgeInfo(source, target, True, guessed=True)


def _undeclared(builder: Any) -> Iterator[str]:
    for source, function in _deciding(builder):
        if function is None or not _mentioned(function, {END, *builder.nodes}) - {END}:
            yield source


def _deciding(builder: Any) -> Iterator[tuple[str, Any]]:
    """The nodes, with the function, that choose where to go without saying where they may."""
    for source, branches in builder.branches.items():
        for branch in branches.values():
            if branch.ends is None:
                yield source, code_of(branch.path).function
    for name, spec in builder.nodes.items():
        if not spec.ends:
            function = code_of(spec.runnable).function
            # The names of keyword arguments stand among the constants.
            if function is not None and "Command" in names_used(function) and "goto" in texts_named(function):
                yield name, function


def _mentioned(function: Any, nodes: set[str]) -> set[str]:
    return texts_named(function) & nodes if function is not None else set()


def _label(value: Any, target: str) -> str:
    text = "" if value is None else str(value)
    return "" if text == target else one_line(text, 60)
