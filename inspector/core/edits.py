"""Editing a state as JSON: the text that is edited, and what has to be written so that the state becomes what it says.

What is written goes through the reducers, so the value of a channel that has one is wrapped: messages are told apart by
their ids, other values are replaced by LangGraph's own `{"__overwrite__": value}`. What comes of it a preview shows.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from inspector.core.graphinfo import ChannelInfo
from inspector.core.json_schema import Schema, check, clip
from inspector.core.messages import as_message
from inspector.core.values import Opaque, Unreadable, to_json
from inspector.errors import InputError

OVERWRITE = "__overwrite__"
_REMOVE_ALL = {"type": "remove", "id": "__remove_all__", "content": ""}
_MESSAGE_KEYS = ("type", "content", "name", "tool_calls", "tool_call_id", "status", "artifact", "id")


def document(values: Mapping[str, Any]) -> dict[str, Any]:
    """A state (inert values) as the JSON that a person edits; messages without the fields that say nothing.

    Raises:
        InputError: the state has no channels by name (the functional API keeps one value).
    """
    if set(values) == {""}:
        raise InputError("This graph's state is one value without a name; only named state keys can be edited.")
    return {name: _plain(value) for name, value in values.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key if isinstance(key, str) else repr(key): _plain(item) for key, item in value.items()}
    if isinstance(value, Opaque) and as_message(value) is not None and isinstance(value.fields, dict):
        fields = to_json(value)
        kept = {key: fields[key] for key in _MESSAGE_KEYS if key == "content" or fields.get(key) not in (None, [], "")}
        return kept if kept.get("status") != "success" else {k: v for k, v in kept.items() if k != "status"}
    return to_json(value)


def lean(value: Any) -> Any:
    """An inert value whose messages lack the fields that say nothing, which not every encoding of a message has."""
    if isinstance(value, list):
        return [lean(item) for item in value]
    if isinstance(value, dict):
        return {key: lean(item) for key, item in value.items()}
    if isinstance(value, Opaque) and isinstance(value.fields, dict):
        is_message = as_message(value) is not None
        kept = {
            key: item for key, item in value.fields.items() if not is_message or item not in (None, [], {}, "", False)
        }
        return Opaque(value.type, lean(kept))
    return value


def changed(before: Mapping[str, Any], after: Any) -> dict[str, Any]:
    """The keys of an edited document that differ, in its order, with their new values.

    Raises:
        InputError: it is no object, or lacks a key of the document (a key of a state cannot be taken out).
    """
    if not isinstance(after, dict):
        raise InputError("A state is a JSON object: { … }.")
    gone = next((key for key in before if key not in after), None)
    if gone is not None:
        raise InputError(f"“{clip(gone)}” cannot be taken out of a state; write null for nothing.")
    return {key: value for key, value in after.items() if key not in before or not alike(before[key], value)}


def alike(a: Any, b: Any) -> bool:
    """Whether two JSON values are the same; `1`, `1.0` and `true` are not."""
    if type(a) is not type(b):
        return False
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(alike(value, b[key]) for key, value in a.items())
    if isinstance(a, list):
        return len(a) == len(b) and all(map(alike, a, b))
    return bool(a == b)


def check_edit(
    changes: Mapping[str, Any], before: Mapping[str, Any], channels: Sequence[ChannelInfo], schema: Schema | None
) -> None:
    """Raises `InputError` where a changed key is none of the state's, or its value not what the schema takes."""
    names = {channel.name for channel in channels if channel.is_state} | set(before)
    for key in changes:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1) or sorted(names)[:8]
            raise InputError(f"The state has no key “{clip(key)}”; did you mean {', '.join(near)}?")
    if schema:
        properties = schema.get("properties")
        known = {key: value for key, value in changes.items() if isinstance(properties, dict) and key in properties}
        wrong = check(schema, known, what="The state") if known else None
        if wrong:
            raise InputError(wrong)


def writes(before: Mapping[str, Any], changes: Mapping[str, Any], channels: Sequence[ChannelInfo]) -> dict[str, Any]:
    """What is to be written to each channel so that it becomes what `changes` say, whatever its reducer."""
    reducers = {channel.name: channel.reducer for channel in channels}
    return {key: _write(before.get(key), value, reducers.get(key, "")) for key, value in changes.items()}


def _write(old: Any, new: Any, reducer: str) -> Any:
    if not reducer:
        return new
    if isinstance(new, list) and (_are_messages(new) or (not new and _are_messages(old))):
        return _messages(old if isinstance(old, list) else [], new)
    return {OVERWRITE: new}


def _are_messages(items: Any) -> bool:
    return isinstance(items, list) and bool(items) and all(as_message(item) is not None for item in items)


def _messages(old: list[Any], new: list[Any]) -> list[Any]:
    """Messages with a known id replace those, others are appended; where that does not come to the new list (one is
    gone, or has moved), all are written anew."""
    ids = [item.get("id") if isinstance(item, dict) else None for item in old]
    kept = [item.get("id") for item in new[: len(old)]]
    if None in ids or ids != kept:
        return [_REMOVE_ALL, *new]
    return [item for item, known in zip(new, [*old, *[None] * (len(new) - len(old))], strict=True) if item != known]


def objects_in(value: Any) -> tuple[str, ...]:
    """The names of the classes of a value that JSON turns into plain mappings (messages are made messages again)."""
    found: dict[str, None] = {}
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, Unreadable):
            found[item.type] = None
        elif isinstance(item, Opaque):
            if as_message(item) is None:
                found[item.name] = None
        elif isinstance(item, dict):
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)
    return tuple(found)
