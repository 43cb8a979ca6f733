"""Holds calls of tools and models before they are made.

A callback could hold them too, but only once the call has begun, with no way to change it or to answer in its place. So
the methods that every call goes through are wrapped, on LangChain's base classes and when the first such breakpoint is
set. A call that no breakpoint is about passes straight through. Whole batches (`generate`, a completion model's
`batch`) are not held.

The run that a call belongs to is found by its callbacks, which LangChain hands down to it (`HoldPoints` is among them),
the task by its metadata.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from typing import Any, TypeAlias

from langchain_core.language_models import BaseChatModel, BaseLLM
from langchain_core.runnables.config import var_child_runnable_config
from langchain_core.tools import BaseTool

from inspector.debuggee import substitutes
from inspector.debuggee.holdpoints import HoldPoints
from inspector.debuggee.holds import Decision, Hold, Holds
from inspector.debuggee.positions import Position, position_of

Model: TypeAlias = BaseChatModel | BaseLLM

_lock = threading.Lock()
_installed: set[type] = set()


class _Decided(dict[str, Any]):
    """The config of a call that was looked at already: `astream` may fall back to `ainvoke` with the same one."""


def install(*, tools: bool, models: bool) -> None:
    """Wrap what is not wrapped yet."""
    with _lock:
        if tools and BaseTool not in _installed:
            _installed.add(BaseTool)
            _wrap_tools()
        for cls in (BaseChatModel, BaseLLM) if models else ():
            if cls not in _installed:
                _installed.add(cls)
                _wrap_models(cls)


def _scene(kind: str, given: dict[str, Any]) -> tuple[Holds, Position | None] | None:
    """Who may hold a call with this `callbacks` and `metadata`, and in which task it is. None outside a run, and where
    no breakpoint is about calls of this kind."""
    around = var_child_runnable_config.get() or {}
    callbacks = given.get("callbacks") or around.get("callbacks")
    handlers = callbacks if isinstance(callbacks, (list, tuple)) else getattr(callbacks, "handlers", ())
    for handler in handlers:
        if isinstance(handler, HoldPoints):
            if not handler.holds.of_calls(kind):
                return None
            metadata = {**(around.get("metadata") or {}), **(given.get("metadata") or {})}
            return handler.holds, position_of(metadata)
    return None


# ---------------------------------------------------------------------- tools


def _tool_hold(tool: BaseTool, given: Any, more: dict[str, Any]) -> tuple[Holds, Hold] | None:
    scene = _scene("tool", more)
    if scene is None:
        return None
    holds, position = scene
    call_id = str(more.get("tool_call_id") or "")
    shown = substitutes.shown_arguments(tool, given)
    prepare = functools.partial(substitutes.prepare_tool, tool, given, call_id)
    hold = holds.call("tool", position, (tool.name,), shown, shown, prepare, call_id)
    return None if hold is None else (holds, hold)


def _decided_tool(tool: BaseTool, given: Any, decision: Decision) -> tuple[BaseTool, Any]:
    if decision.how == "edit":
        return tool, decision.value
    if decision.how in ("answer", "fail"):
        return substitutes.substitute_tool(tool, decision.how, decision.value), given
    return tool, given


def _wrap_tools() -> None:
    original_run, original_arun = BaseTool.run, BaseTool.arun

    @functools.wraps(original_run)
    def run(self: BaseTool, tool_input: Any, *args: Any, **more: Any) -> Any:
        held = _tool_hold(self, tool_input, more)
        if held is not None:
            holds, hold = held
            self, tool_input = _decided_tool(self, tool_input, holds.block(hold))
        return original_run(self, tool_input, *args, **more)

    @functools.wraps(original_arun)
    async def arun(self: BaseTool, tool_input: Any, *args: Any, **more: Any) -> Any:
        held = _tool_hold(self, tool_input, more)
        if held is not None:
            holds, hold = held
            self, tool_input = _decided_tool(self, tool_input, await holds.wait(hold))
        return await original_arun(self, tool_input, *args, **more)

    _replace(BaseTool, run=run, arun=arun)


# ---------------------------------------------------------------------- models


def _model_hold(model: Model, given: Any, config: Any) -> tuple[Holds, Hold] | None:
    if isinstance(config, _Decided):
        return None
    scene = _scene("model", config or {})
    if scene is None:
        return None
    holds, position = scene
    prompt = model._convert_input(given)
    messages = prompt.to_messages()
    chat = isinstance(model, BaseChatModel)
    prepare = functools.partial(substitutes.prepare_model, chat)
    shown = messages if chat else prompt.to_string()
    hold = holds.call("model", position, _model_names(model), {"messages": messages}, shown, prepare)
    return None if hold is None else (holds, hold)


def _decided_model(model: Model, given: Any, decision: Decision) -> tuple[Model, Any]:
    if decision.how == "edit":
        return model, decision.value
    if decision.how in ("answer", "fail"):
        return substitutes.substitute_model(model, decision.how, decision.value), given
    return model, given


def _model_names(model: Model) -> tuple[str, ...]:
    """What a model may be called by: as the provider calls it, by its class, by the name it was given."""
    try:
        named = model._get_ls_params().get("ls_model_name")
    except Exception:
        named = None
    names = (named, getattr(model, "model_name", None), getattr(model, "model", None), type(model).__name__, model.name)
    return tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name))


def _wrap_models(cls: type[Model]) -> None:
    originals: dict[str, Callable[..., Any]] = {
        name: getattr(cls, name) for name in ("invoke", "ainvoke", "stream", "astream")
    }

    @functools.wraps(originals["invoke"])
    def invoke(self: Model, input: Any, config: Any = None, **more: Any) -> Any:
        held = _model_hold(self, input, config)
        if held is not None:
            holds, hold = held
            self, input = _decided_model(self, input, holds.block(hold))
        return originals["invoke"](self, input, _Decided(config or {}), **more)

    @functools.wraps(originals["ainvoke"])
    async def ainvoke(self: Model, input: Any, config: Any = None, **more: Any) -> Any:
        held = _model_hold(self, input, config)
        if held is not None:
            holds, hold = held
            self, input = _decided_model(self, input, await holds.wait(hold))
        return await originals["ainvoke"](self, input, _Decided(config or {}), **more)

    @functools.wraps(originals["stream"])
    def stream(self: Model, input: Any, config: Any = None, **more: Any) -> Iterator[Any]:
        held = _model_hold(self, input, config)
        if held is not None:
            holds, hold = held
            self, input = _decided_model(self, input, holds.block(hold))
        yield from originals["stream"](self, input, _Decided(config or {}), **more)

    @functools.wraps(originals["astream"])
    async def astream(self: Model, input: Any, config: Any = None, **more: Any) -> AsyncIterator[Any]:
        held = _model_hold(self, input, config)
        if held is not None:
            holds, hold = held
            self, input = _decided_model(self, input, await holds.wait(hold))
        async with aclosing(originals["astream"](self, input, _Decided(config or {}), **more)) as chunks:
            async for chunk in chunks:
                yield chunk

    _replace(cls, invoke=invoke, ainvoke=ainvoke, stream=stream, astream=astream)


def _replace(cls: type, **methods: Callable[..., Any]) -> None:
    for name, method in methods.items():
        setattr(cls, name, method)
