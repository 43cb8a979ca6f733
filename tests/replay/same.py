"""Two runs, compared in everything that can be seen of them."""

from __future__ import annotations

from typing import Any

from inspector.core.batches import TICKS
from inspector.core.nodes import Checkpoint, Invocation, Node, Span, Task
from inspector.core.run import Run
from inspector.core.tokens import TokenStream

# How a run works inside, and what only tells panes that something changed.
INTERNAL = {
    "revisions", "_numbers", "_offset", "_open_spans", "_budget", "_kept", "_previews", "_handlers", "_tasks", "_spans",
    "_by_checkpoint", "_inner_checkpoints", "_asked_by",
}  # fmt: skip


def same(ours: Run, theirs: Run) -> None:
    """Fail unless they are the same in all that is not `INTERNAL`."""
    assert list(vars(ours)) == list(vars(theirs))
    for name in set(vars(theirs)) - INTERNAL:
        assert shown(getattr(ours, name)) == shown(getattr(theirs, name)), name


def shown(value: Any) -> Any:
    """A value of a run as plain data. Records that it refers to are given by their numbers."""
    if isinstance(value, (Task, Span)):
        return _record(value)
    if isinstance(value, (Checkpoint, Invocation)):
        return _fields(value)
    if isinstance(value, (str, bytes, int, float)) or value is None:
        return value
    if hasattr(value, "items"):
        return [(key, shown(each)) for key, each in value.items()]
    if hasattr(value, "__dataclass_fields__"):
        return value
    return [shown(each) for each in value]


def _record(node: Node) -> Any:
    return node.number, _fields(node), [shown(child) for child in node.children or ()]


def _fields(value: Any) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in value.__slots__:
        field = getattr(value, name)
        if name == "children":
            continue
        if isinstance(field, TokenStream):
            out[name] = _stream(field)
        elif isinstance(field, (Task, Span)):
            out[name] = field.number
        else:
            out[name] = shown(field)
    return out


def _stream(stream: TokenStream) -> dict[str, Any]:
    segments = [(s.type, s.index, s.name, s.call_id, s.length, s.text) for s in stream.segments]
    calls = {index: stream.segments.index(segment) for index, segment in stream._calls.items()}
    return {
        "segments": segments, "calls": calls, "count": stream.count, "first_at": shown(stream.first_at),
        "last_at": round(stream.last_at * TICKS), "times": list(stream.times),
        "lengths": list(stream.lengths), "kinds": list(stream.kinds), "usage": stream.usage,
    }  # fmt: skip
