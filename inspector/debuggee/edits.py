"""Turns an edit, which is plain JSON, into values that a graph's state takes: checked, and of the channels' types.

LangGraph itself drops keys that it does not know and checks no types, so a slip of the pen would do nothing, or show up
as an error in some node later.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from langchain_core.messages import AnyMessage, BaseMessage, RemoveMessage, convert_to_messages
from pydantic import TypeAdapter, ValidationError

from inspector.debuggee.channels import hints_of
from inspector.errors import InputError

_OVERWRITE = "__overwrite__"
_CLASS = re.compile(r"\w+(\.\w+)+")
_ONE_VALUE = ""  # the key under which the state of a graph is shown that is one value


def update_of(graph: Any, values: Mapping[str, Any], state: Mapping[str, Any], as_node: str) -> Any:
    """What to call `update_state` with. `state` are the live values before the edit.

    Raises `InputError`: a key that is no state of the graph, a value that its channel does not take.
    """
    if isinstance(graph.stream_channels_asis, str):
        if set(values) != {_ONE_VALUE}:
            raise InputError('The state of this graph is one value; give it under the key "".')
        return _checked("the state", values[_ONE_VALUE], _hint(graph, graph.stream_channels_asis), None)
    known = _writable(graph, as_node)
    for key in values:
        if key not in known:
            raise InputError(f"{as_node} cannot write {key!r}: {near(key, known)}")
    return {key: _value(graph, key, value, state.get(key)) for key, value in values.items()}


def near(name: str, known: Iterable[str]) -> str:
    """What to say of a name that does not exist: the nearest ones, else all of them (or that there are none)."""
    names = list(known)
    close = difflib.get_close_matches(name, names, 3, 0.5)
    if close:
        return f"did you mean {' or '.join(map(repr, close))}?"
    if not names:
        return "there are none."
    return f"there is {', '.join(names[:12])}{', ...' if len(names) > 12 else ''}."


def _writable(graph: Any, as_node: str) -> list[str]:
    builder = getattr(graph, "builder", None)
    if as_node == "__start__" and builder is not None:
        return list(builder.schemas[builder.input_schema])
    return list(graph.stream_channels_list)


def _value(graph: Any, key: str, value: Any, before: Any) -> Any:
    channel = graph.channels[key]
    merges = hasattr(channel, "operator") or hasattr(channel, "reducer")
    replaced, inner = _replaced(value)
    hint = _hint(graph, key)
    if _is_conversation(hint, before):
        checked: Any = _messages(key, inner, many=replaced)
    else:
        checked = _checked(key, inner, hint, None if replaced or not merges else before)
    return {_OVERWRITE: checked} if replaced and merges else checked


def _replaced(value: Any) -> tuple[bool, Any]:
    """Whether a value is to replace what a reducer would merge it into, as LangGraph's `Overwrite` in JSON."""
    if isinstance(value, dict) and value.keys() == {_OVERWRITE}:
        return True, value[_OVERWRITE]
    return False, value


def _hint(graph: Any, key: str) -> Any:
    hints = hints_of(getattr(graph, "builder", None))
    return hints.get(key, getattr(graph.channels[key], "typ", Any))


def _checked(key: str, value: Any, hint: Any, merged_into: Any) -> Any:
    """The value as its type has it. A reducer may take more than the type of what it makes: then a value that does not
    fit, but is of the kind that the state holds, is left to it."""
    try:
        adapter = TypeAdapter(hint)
    except Exception:  # a type that pydantic knows nothing of: then anything goes
        return value
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        bare = _bare(value)
        if bare != value:
            return _checked(key, bare, hint, merged_into)
        if merged_into is not None and not isinstance(value, type(merged_into)):
            return value
        raise InputError(f"{key} does not take that: {_said(error)}") from None
    except Exception as error:  # a validator of the user's
        raise InputError(f"{key} does not take that: {error}.") from None


def _bare(value: Any) -> Any:
    """JSON without the names of classes that objects are shown with (`core.values.to_json`)."""
    if isinstance(value, list):
        return [_bare(item) for item in value]
    if not isinstance(value, dict):
        return value
    shown = isinstance(value.get("type"), str) and _CLASS.fullmatch(value["type"]) is not None
    if shown and value.keys() == {"type", "value"}:
        return _bare(value["value"])
    return {name: _bare(item) for name, item in value.items() if not (shown and name == "type")}


def _said(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in first["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{f'at {place}: ' if place else ''}{first['msg'][:300]}{more}."


def _is_conversation(hint: Any, before: Any) -> bool:
    if isinstance(before, list) and before:
        return isinstance(before[0], BaseMessage)
    return _mentions_messages(hint)


def _mentions_messages(hint: Any) -> bool:
    if isinstance(hint, type):
        return issubclass(hint, BaseMessage)
    if typing.get_origin(hint) is typing.Annotated and any(
        "add_messages" in getattr(part, "__name__", "") for part in typing.get_args(hint)[1:]
    ):
        return True
    return any(_mentions_messages(part) for part in typing.get_args(hint))


def _messages(key: str, value: Any, *, many: bool) -> Any:
    try:
        if isinstance(value, list):
            return [_message(item) for item in value]
        return [_message(value)] if many else _message(value)
    except ValidationError as error:
        raise InputError(f"{key} does not take that: {_said(error)}") from None
    except Exception as error:
        said = str(error).split("\n", 1)[0].removesuffix(".")
        raise InputError(f"{key} does not take that: {said}.") from None


def _message(value: Any) -> BaseMessage:
    """A message from the JSON that it is shown as, or from the short `{"role": ..., "content": ...}`."""
    if isinstance(value, dict) and value.get("type") == "remove" and "id" in value:
        return RemoveMessage(id=value["id"])
    if isinstance(value, dict) and "type" in value:
        message: BaseMessage = TypeAdapter(AnyMessage).validate_python(value)
        return message
    return convert_to_messages([value])[0]
