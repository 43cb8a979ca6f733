"""What `inspector check REF` prints about a graph: text for people, or JSON. Pure functions of a `GraphInfo`."""

from __future__ import annotations

import json
import os
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from inspector.core.graphinfo import END, START, ChannelInfo, EdgeInfo, GraphInfo, NodeInfo
from inspector.core.text import one_line

_NAMES = {START: "start", END: "end"}
_CHANNELS = {"__start__": "input", "__end__": "result", "__previous__": "previous", "__root__": "(value)"}
_WIDEST_NAME = 28  # cells; a longer name pushes what follows to the right


def to_json(info: GraphInfo) -> str:
    """The whole description as JSON, in ASCII: nothing in it can act on a terminal. Keys as in `GraphInfo`."""
    return json.dumps(info.to_wire(), indent=2)


def render(info: GraphInfo, *, width: int = 80) -> str:
    """The description as lines of at most `width` cells (a single long word may stick out), newline at the end."""
    lines = _wrap(_head(info), width)
    lines += _wrap(_clean(info.description, 1000), width) if info.description else []
    for graph in info.walk():
        lines += _graph(graph, width) if not graph.path else _nested(graph, width)
    for title, schema in (
        ("Input", info.input_schema),
        ("Output", info.output_schema if info.output_schema != info.input_schema else None),
        ("Context", info.context_schema),
    ):
        if schema is not None:
            lines += _section(title, _table(_schema_rows(schema), width - 2))
    lines += _section("Persistence", _table(_persistence(info), width - 2))
    warnings = [line for text in info.warnings for line in _wrap(f"! {_clean(text, 1000)}", width - 2, "  ")]
    return "\n".join(lines + _section("Warnings", warnings)) + "\n"


def _graph(info: GraphInfo, width: int) -> list[str]:
    rows = (_node_row(node) for node in info.nodes if node.kind not in ("start", "end"))
    lines = _section("Nodes", _table(rows, width - 2))
    lines += _section("Edges", _edges(info, width - 2))
    title = "State" if info.kind != "functional" else "Channels"
    return lines + _section(title, _table((_channel_row(channel) for channel in info.channels), width - 2))


def _nested(info: GraphInfo, width: int) -> list[str]:
    title = f"Subgraph {_clean('/'.join(info.path))}: {_summary(info)}"
    return ["", *_wrap(title, width, "  "), *(f"  {line}" if line else "" for line in _graph(info, width - 2))]


def _head(info: GraphInfo) -> str:
    return _summary(info) + (f" · langgraph {_clean(info.langgraph_version)}" if info.langgraph_version else "")


def _summary(info: GraphInfo) -> str:
    nodes = sum(node.kind in ("node", "subgraph") for node in info.nodes)
    counts = [_count(nodes, "node"), _count(len(info.edges), "edge")]
    if tasks := sum(node.kind == "task" for node in info.nodes):
        counts.append(_count(tasks, "task"))
    if info.subgraphs:
        counts.append(_count(len(info.subgraphs), "subgraph"))
    return " · ".join([_clean(info.name), _clean(info.kind), *counts])


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    body = [f"  {line}" for line in lines]
    return ["", title, *body] if body else []


def _node_row(node: NodeInfo) -> tuple[str, str]:
    facts = []
    if node.kind == "task":
        facts.append("task")
    if node.kind == "subgraph":
        facts.append("subgraph")
    elif node.subgraph is not None:
        facts.append("calls a graph")
    if node.runs:
        facts.append(_clean(node.runs))
    if node.tools:
        facts.append(f"tools {_clean(', '.join(node.tools))}")
    facts += [word for said, word in _flags(node) if said]
    if node.file and not node.file.startswith("<"):
        facts.append(f"{_clean(os.path.basename(node.file))}:{node.line}")
    text = " · ".join(facts)
    return _clean(node.id), f"{text} · {_clean(node.doc)}" if node.doc and text else text or _clean(node.doc)


def _flags(node: NodeInfo) -> Iterator[tuple[Any, str]]:
    yield node.is_async, "async"
    yield node.retry, f"up to {node.retry} attempts"
    yield node.timeout, f"timeout {node.timeout:g}s" if node.timeout else ""
    yield node.cache, "cached"
    yield node.defer, "deferred"
    yield node.interrupt_before, "interrupts before"
    yield node.interrupt_after, "interrupts after"
    yield node.is_error_handler, "handles errors"


def _edges(info: GraphInfo, width: int) -> list[str]:
    """One line a source and kind of edge: `→` always, `⇢` conditional; `?` marks a target that is only guessed."""
    groups: dict[tuple[str, bool], list[str]] = {}
    for edge in info.edges:
        groups.setdefault((edge.source, edge.conditional), []).append(_target(edge))
    lines: list[str] = []
    for (source, conditional), targets in groups.items():
        arrow = "⇢" if conditional else "→"
        lines += _wrap(f"{_name(source)} {arrow} {', '.join(targets)}", width, "    ")
    lines += [f"{_name(node.id)} ⇢ decided at run time" for node in info.nodes if node.dynamic]
    if any(edge.guessed for edge in info.edges):
        lines += _wrap("(? declared nowhere; the code that decides mentions it)", width)
    return lines


def _target(edge: EdgeInfo) -> str:
    label = f" [{_clean(edge.label)}]" if edge.label else ""
    return f"{_name(edge.target)}{'?' if edge.guessed else ''}{label}"


def _channel_row(channel: ChannelInfo) -> tuple[str, str]:
    facts = [_clean(channel.type) or "Any"]
    if channel.reducer:
        facts.append(f"merged by {_clean(channel.reducer)}")
    if channel.channel not in ("LastValue", "BinaryOperatorAggregate"):
        facts.append(_clean(channel.channel))
    uses = [word for word, use in (("input", channel.is_input), ("output", channel.is_output)) if use]
    name = _CHANNELS.get(channel.name) or _clean(channel.name)
    return name, " · ".join(facts + ([" and ".join(uses)] if uses else ["internal"]))


def _schema_rows(schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        yield "(value)", _json_type(schema)
        return
    required = schema.get("required") or []
    for name, prop in properties.items():
        facts = [_json_type(prop)]
        if name in required:
            facts.append("required")
        elif isinstance(prop, dict) and prop.get("default") is not None:
            facts.append(f"default {_clean(json.dumps(prop['default']), 40)}")
        yield _clean(name), " · ".join(facts)


def _json_type(schema: Any) -> str:
    if not isinstance(schema, dict):
        return "anything"
    if "$ref" in schema:
        return _clean(str(schema["$ref"]).rpartition("/")[2], 60)
    if "enum" in schema or "const" in schema:
        values = schema.get("enum") or [schema.get("const")]
        return _clean(" | ".join(json.dumps(value) for value in values), 60)
    options = schema.get("anyOf") or schema.get("oneOf")
    if options:
        kinds = list(dict.fromkeys(_json_type(option) for option in options))
        if all(kind.endswith(("Message", "MessageChunk")) for kind in kinds):
            return "message"  # a union of a dozen
        return " | ".join(kinds) if len(kinds) <= 4 else f"one of {len(kinds)} kinds"
    kind = schema.get("type")
    if kind == "array" and "items" in schema:
        return f"array of {_json_type(schema['items'])}"
    return _clean(str(kind), 60) if kind else "anything"


def _persistence(info: GraphInfo) -> Iterator[tuple[str, str]]:
    yield "checkpointer", f"compiled with {_clean(info.checkpointer)}" if info.checkpointer else "compiled with none"
    yield "store", f"compiled with {_clean(info.store)}" if info.store else "compiled with none"


def _table(rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Two columns; what does not fit goes on below in the second."""
    found = list(rows)
    column = min(max((_cells(name) for name, _ in found), default=0), _WIDEST_NAME)
    indent = " " * (column + 2)
    lines: list[str] = []
    for name, text in found:
        padded = name + " " * (column - _cells(name))
        lines += _wrap(f"{padded}  {text}".rstrip(), width, indent)
    return lines


def _wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Break at spaces into lines of at most `width` cells, all but the first indented."""
    lines: list[str] = []
    line, empty = "", True
    for word in text.split(" "):
        longer = line + word if empty else f"{line} {word}"
        if not empty and line.strip() and _cells(longer) > width:
            lines.append(line.rstrip())
            longer = indent + word
        line, empty = longer, False
    return [*lines, line.rstrip()]


def _name(node: str) -> str:
    return _NAMES.get(node) or _clean(node)


def _clean(text: str, limit: int = 200) -> str:
    return one_line(text, limit)


def _cells(text: str) -> int:
    """Terminal cells: two for wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )
