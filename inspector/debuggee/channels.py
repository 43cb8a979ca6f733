"""The channels of a graph's state, with types and reducers as a developer would write them."""

from __future__ import annotations

import functools
import inspect
import types
import typing
from typing import Any

from inspector.core.graphinfo import ChannelInfo
from inspector.core.text import one_line

_PLUMBING = ("branch:", "join:", "__pregel_")
_LONGEST = 100  # characters of a type
_DEEPEST = 5


def channels_of(graph: Any) -> tuple[ChannelInfo, ...]:
    """The channels that hold state, inputs or outputs, and managed values; not those that only trigger nodes."""
    builder = getattr(graph, "builder", None)
    hints = hints_of(builder)
    state = set(graph.stream_channels_list)
    if builder is not None:
        inputs, outputs = set(builder.schemas[builder.input_schema]), set(builder.schemas[builder.output_schema])
    else:
        inputs, outputs = _names(graph.input_channels), _names(graph.output_channels)
    found = []
    for name, channel in graph.channels.items():
        if name.startswith(_PLUMBING) or (name == "__start__" and builder is not None):
            continue
        managed = inspect.isclass(channel)
        found.append(
            ChannelInfo(
                name,
                "managed" if managed else type(channel).__name__,
                type_text(channel if managed else hints.get(name, getattr(channel, "typ", Any))),
                reducer_name(channel),
                name in state,
                name in inputs,
                name in outputs,
                None if managed else initial_value(channel),
            )
        )
    return tuple(found)


def takes_messages(channels: tuple[ChannelInfo, ...]) -> bool:
    """Whether the input has a `messages` key that holds a conversation."""
    for channel in channels:
        if channel.name == "messages" and channel.is_input:
            return "Message" in channel.type or "message" in channel.reducer or channel.type in ("list", "list[Any]")
    return False


def initial_value(channel: Any) -> Any:
    """What a channel shows that was never written: an empty list, mapping, text or number; None for anything else."""
    try:
        from langgraph._internal._typing import MISSING

        value = channel.from_checkpoint(MISSING).get()  # as LangGraph loads a checkpoint that does not hold it
    except Exception:  # empty, or a channel class of the user's own
        return None
    return value if type(value) in (list, dict, str, int, float, bool) and not value else None


def reducer_name(channel: Any) -> str:
    """What the function that merges writes is called; nothing for a channel that just keeps the last."""
    function = getattr(channel, "operator", None) or getattr(channel, "reducer", None)
    while isinstance(function, functools.partial):
        function = function.func
    if function is None or inspect.isclass(channel):
        return ""
    name = getattr(function, "__name__", type(function).__name__)
    if name == "<lambda>":
        return "lambda"
    module = getattr(function, "__module__", None)
    text = f"operator.{name}" if module == "_operator" else name.removeprefix("_") if name == "_add_messages" else name
    return one_line(text, 60)


def type_text(hint: Any) -> str:
    """A type as short as one would write it: `list[AnyMessage]`, `str | None`."""
    try:
        return one_line(_text(hint, 0), _LONGEST)
    except Exception:  # annotations may be anything
        return one_line(type(hint).__name__, _LONGEST)


def _text(hint: Any, depth: int) -> str:
    from langchain_core.messages import AnyMessage

    if depth > _DEEPEST:
        return "..."
    if hint is AnyMessage:  # a union of a dozen classes
        return "AnyMessage"
    if hint is None or hint is type(None):
        return "None"
    if hint is Any:
        return "Any"
    if hint is Ellipsis:
        return "..."
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated or origin in (typing.Required, typing.NotRequired):
        return _text(args[0], depth)
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, args))}]"
    if origin in (typing.Union, types.UnionType):
        return " | ".join(_text(arg, depth + 1) for arg in args)
    if origin is not None and args:
        return f"{_text(origin, depth)}[{', '.join(_text(arg, depth + 1) for arg in args)}]"
    if isinstance(hint, list):  # the parameters of a Callable
        return f"[{', '.join(_text(arg, depth + 1) for arg in hint)}]"
    if isinstance(hint, str):
        return hint
    if isinstance(hint, typing.ForwardRef):
        return hint.__forward_arg__
    return str(getattr(hint, "__qualname__", None) or getattr(hint, "__name__", None) or hint).rpartition("<locals>.")[
        2
    ]


def hints_of(builder: Any) -> dict[str, Any]:
    """The type of each state channel as it was annotated, by the schemas of a graph builder (None: nothing)."""
    hints: dict[str, Any] = {}
    for schema in (builder.state_schema, *builder.schemas) if builder is not None else ():
        try:
            for name, hint in typing.get_type_hints(schema, include_extras=True).items():
                hints.setdefault(name, hint)
        except Exception:  # a schema given as a bare type, or names known to the type checker only
            continue
    if builder is not None and "__root__" in builder.channels:
        hints["__root__"] = builder.state_schema
    return hints


def _names(channels: Any) -> set[str]:
    return {channels} if isinstance(channels, str) else set(channels)
