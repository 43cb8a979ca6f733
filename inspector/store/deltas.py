"""State that LangGraph keeps as deltas (`DeltaChannel`, beta in 1.2; deepagents keeps its messages and files so).

A checkpoint leaves such a channel out: its value is the newest snapshot among the ancestors and what was written since.
How writes are merged is code of the graph, and is not run here. They are merged by what they are: messages by id (as
`add_messages` does), mappings by key (None removes one), lists end to end; of anything else the newest is shown. That
is right for the reducers in use; the graph's own process, where there is one, knows for sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from inspector.core.messages import as_message
from inspector.core.values import Opaque, decode_typed

_COUNTERS = "counters_since_delta_snapshot"
_ALL_MESSAGES = "__remove_all__"
_OVERWRITE = "__overwrite__"

# One ancestor after the other, from the newest on. `CROSS JOIN` keeps each step a look-up of the primary key.
_ANCESTORS = """
WITH RECURSIVE up(id, parent) AS (
  SELECT checkpoint_id, parent_checkpoint_id FROM checkpoints
  WHERE thread_id = :thread AND checkpoint_ns = :ns AND checkpoint_id = :checkpoint
  UNION
  SELECT c.checkpoint_id, c.parent_checkpoint_id FROM up CROSS JOIN checkpoints c
  ON c.thread_id = :thread AND c.checkpoint_ns = :ns AND c.checkpoint_id = up.parent
) SELECT id FROM up
"""
_BLOB = "SELECT type, checkpoint FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ?"
_WRITES = (
    "SELECT channel, type, value FROM writes "
    "WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? ORDER BY task_path, task_id, idx"
)


class Query(Protocol):
    """Runs SQL on a checkpoint file and returns the rows."""

    def __call__(self, sql: str, parameters: Any, /) -> list[tuple[Any, ...]]: ...


def unwrapped(value: Any) -> Any:
    """A snapshot's value; anything else as it is."""
    return value.fields if isinstance(value, Opaque) and value.type == "langgraph.DeltaSnapshot" else value


def left_out(metadata: Mapping[str, Any], values: dict[str, Any]) -> tuple[str, ...]:
    """The channels that a checkpoint with this metadata keeps as deltas and does not hold."""
    counters = metadata.get(_COUNTERS)
    return tuple(name for name in counters if name not in values) if isinstance(counters, dict) else ()


def rebuild(query: Query, thread: str, ns: str, checkpoint: str, channels: Iterable[str]) -> dict[str, Any]:
    """The values of these channels at a checkpoint; a channel that nothing was written to is left out."""
    missing = set(channels)
    writes: dict[str, list[Any]] = {name: [] for name in missing}  # newest first
    values: dict[str, Any] = {}
    ids = query(_ANCESTORS, {"thread": thread, "ns": ns, "checkpoint": checkpoint})
    for (ancestor,) in ids[1:]:
        for channel, type_, blob in reversed(query(_WRITES, (thread, ns, ancestor))):
            if channel in missing:
                writes[channel].append(decode_typed(type_, blob))
        held = _values(query(_BLOB, (thread, ns, ancestor)))
        for channel in [name for name in missing if name in held]:
            values[channel] = unwrapped(held[channel])
            missing.discard(channel)
        if not missing:
            break
    for channel, newest_first in writes.items():
        for value in reversed(newest_first):
            values[channel] = merged(values.get(channel), value)
    return values


def _values(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    decoded = decode_typed(*rows[0]) if rows else None
    values = decoded.get("channel_values") if isinstance(decoded, dict) else None
    return values if isinstance(values, dict) else {}


def merged(value: Any, write: Any) -> Any:
    """A channel's value after a write."""
    overwritten, by = _overwrite(write)
    if overwritten:
        return by
    if as_message(write) is not None:
        write = [write]
    if isinstance(write, list) and (value is None or isinstance(value, list)):
        if any(as_message(item) is not None for item in write):
            return _messages(value or [], write)
        return [*(value or []), *write]
    if isinstance(write, dict) and (value is None or isinstance(value, dict)):
        both = {**(value or {}), **write}
        return {key: item for key, item in both.items() if item is not None or key not in write}
    return write


def _overwrite(write: Any) -> tuple[bool, Any]:
    if isinstance(write, Opaque) and write.name == "Overwrite":
        return True, write.get("value")
    if isinstance(write, dict):
        if write.keys() == {_OVERWRITE}:
            return True, write[_OVERWRITE]
        if write.get("type") == _OVERWRITE and "value" in write:
            return True, write["value"]
    return False, None


def _messages(held: list[Any], new: list[Any]) -> list[Any]:
    result: dict[Any, Any] = {}
    for key, message in _keyed([*held, *new]):
        if message.get("type") != "remove":
            result[key] = message
        elif key == _ALL_MESSAGES:
            result.clear()
        else:
            result.pop(key, None)
    return list(result.values())


def _keyed(messages: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Messages under their ids; those without, and what is no message, under keys of their own."""
    for place, message in enumerate(messages):
        id_ = message.get("id") if isinstance(message, (Opaque, dict)) else None
        yield (id_ or place), message if isinstance(message, (Opaque, dict)) else {"content": message}
