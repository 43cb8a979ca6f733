"""Calls a user's graph factory with what it asks for: nothing, the config, a runtime, or the inspector's checkpointer.

What a parameter wants is told by its annotation, then by its name, as LangGraph's own server does; a parameter with a
default is filled only when it clearly asks for one of these. Runtimes are `langgraph_sdk.runtime.ServerRuntime` (the
one of LangGraph's server, in its execution variant) and `langgraph.runtime.Runtime`.
"""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from inspector.core.text import one_line
from inspector.errors import LoadError

_CONFIG_NAMES = re.compile(r"_*(config|configuration|runnable_config|cfg|conf)_*")
_RUNTIME_NAMES = re.compile(r"_*(runtime|server_runtime|rt)_*")
_BY_TEXT = (
    ("server_runtime", re.compile(r"\bServerRuntime\b")),
    ("config", re.compile(r"\bRunnableConfig\b")),
    ("runtime", re.compile(r"\bRuntime\b")),
    ("store", re.compile(r"\bBaseStore\b")),
    ("checkpointer", re.compile(r"\b(BaseCheckpointSaver|Checkpointer)\b")),
)
_BY_CLASS = {
    "ServerRuntime": "server_runtime",
    "_ServerRuntimeBase": "server_runtime",
    "RunnableConfig": "config",
    "Runtime": "runtime",
    "BaseStore": "store",
    "BaseCheckpointSaver": "checkpointer",
}
_MOST_LAYERS = 5  # a coroutine giving a context manager giving a graph is three


@dataclass(frozen=True)
class Supplies:
    """What factories may ask for."""

    config: Mapping[str, Any]
    context: Any = None
    store: Any = None
    checkpointer: Any = None


def arguments(factory: Callable[..., Any], label: str, supplies: Supplies) -> tuple[list[Any], dict[str, Any]]:
    """The positional and keyword arguments to call `factory` with.

    Raises:
        LoadError: it needs something that is not among the supplies, so it is no graph factory.
    """
    try:
        parameters = inspect.signature(factory).parameters.values()
    except (TypeError, ValueError):  # written in C, or hiding its signature
        return [], {}
    hints = _hints(factory)
    positional: list[Any] = []
    named: dict[str, Any] = {}
    skipped = False
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        hint = hints.get(parameter.name, parameter.annotation)
        wants = _wanted(parameter, hint)
        if wants is None:
            if parameter.default is parameter.empty:
                raise LoadError(
                    f"{label} is no graph factory the inspector can call: it needs `{_shown(parameter, hint)}`. "
                    "A factory takes nothing, a config or a runtime."
                )
            skipped = True
        elif parameter.kind is parameter.KEYWORD_ONLY or (skipped and parameter.kind is not parameter.POSITIONAL_ONLY):
            named[parameter.name] = _supply(wants, hint, supplies)
        elif not skipped:
            positional.append(_supply(wants, hint, supplies))
    return positional, named


async def settle(value: Any, stack: AsyncExitStack, is_done: Callable[[Any], bool]) -> Any:
    """What a factory returned, awaited and entered until it is a graph (`is_done`) or nothing more can be done.
    Context managers and generators are closed by `stack`."""
    for _ in range(_MOST_LAYERS):
        if is_done(value):
            return value
        if inspect.isasyncgen(value):
            value = asynccontextmanager(_giving(value))()
        elif inspect.isgenerator(value):
            value = contextmanager(_giving(value))()
        if inspect.isawaitable(value):
            value = await value
        elif hasattr(type(value), "__aenter__"):
            value = await stack.enter_async_context(value)
        elif hasattr(type(value), "__enter__"):
            value = stack.enter_context(value)
        else:
            return value
    return value


def is_factory(value: Any) -> bool:
    """Whether calling it might give a graph: a function, a method, a callable object; not a class."""
    return not inspect.isclass(value) and callable(value)


def is_unsettled(value: Any) -> bool:
    """Whether it is what a factory returned, unawaited or unentered (`graph = make_graph()` at the top level)."""
    if inspect.isawaitable(value) or inspect.isasyncgen(value) or inspect.isgenerator(value):
        return True
    # Only those made by `@contextmanager`: a module also holds locks, files and clients, which are not ours to enter.
    return type(value).__module__ == "contextlib" and "gen" in vars(value)


def _giving(value: Any) -> Callable[[], Any]:
    return lambda: value


def _hints(factory: Callable[..., Any]) -> dict[str, Any]:
    target = factory
    while hasattr(target, "func") and not inspect.isroutine(target):  # functools.partial
        target = target.func
    if not inspect.isroutine(target) and not inspect.isclass(target):
        target = type(target).__call__
    try:
        return typing.get_type_hints(target)
    except Exception:  # names imported under TYPE_CHECKING: the text has to do
        return {}


def _wanted(parameter: inspect.Parameter, hint: Any) -> str | None:
    """Which of the supplies a parameter is for; None when it is for none of them."""
    if hint is not parameter.empty and (kind := _kind(hint)) is not None:
        return kind
    loose = hint is parameter.empty or hint is Any or _is_mapping(hint) or isinstance(hint, str)
    if _CONFIG_NAMES.fullmatch(parameter.name):
        return "config"
    if _RUNTIME_NAMES.fullmatch(parameter.name):
        return "server_runtime"
    if parameter.default is not parameter.empty or not loose:
        return None
    if parameter.name in ("store", "checkpointer"):
        return parameter.name
    # A single unannotated parameter of any other name is the config for the server, but a node takes its state so.
    return None if parameter.name in ("state", "messages", "input", "inputs", "data") else "config"


def _kind(hint: Any) -> str | None:
    if isinstance(hint, str):
        return next((kind for kind, pattern in _BY_TEXT if pattern.search(hint)), None)
    if typing.get_origin(hint) in (typing.Union, types.UnionType, typing.Annotated):
        return next((kind for part in typing.get_args(hint) if (kind := _kind(part)) is not None), None)
    part = typing.get_origin(hint) or hint
    for base in part.__mro__ if inspect.isclass(part) else (part,):
        library = str(getattr(base, "__module__", "")).partition(".")[0]
        if library in ("langgraph", "langgraph_sdk", "langchain_core"):
            kind = _BY_CLASS.get(getattr(base, "__name__", ""))
            if kind is not None:
                return kind
    return None


def _is_mapping(hint: Any) -> bool:
    kind = typing.get_origin(hint) or hint
    return inspect.isclass(kind) and issubclass(kind, Mapping)


def _supply(wants: str, hint: Any, supplies: Supplies) -> Any:
    if wants == "config":
        return {**supplies.config, "configurable": dict(supplies.config.get("configurable") or {})}
    if wants == "store":
        return supplies.store
    if wants == "checkpointer":
        return supplies.checkpointer
    context = _typed_context(hint, supplies.context)
    if wants == "runtime":
        from langgraph.runtime import Runtime

        return Runtime(context=context, store=supplies.store)
    return server_runtime(context, supplies.store)


def server_runtime(context: Any, store: Any) -> Any:
    """What LangGraph's server hands a factory for a run: its own class when it is installed, else one like it."""
    try:
        from langgraph_sdk import runtime

        kind = runtime._ExecutionRuntime
        known = {field.name for field in fields(kind)}
        values = {"access_context": "threads.create_run", "user": None, "store": store, "context": context}
        return kind(**{name: value for name, value in values.items() if name in known})
    except (ImportError, AttributeError, TypeError):
        return _ServerRuntime(store=store, context=context)


@dataclass(frozen=True, kw_only=True)
class _ServerRuntime:
    """Stands in for the SDK's class where its version has none."""

    access_context: str = "threads.create_run"
    user: Any = None
    store: Any = None
    context: Any = None

    @property
    def execution_runtime(self) -> _ServerRuntime:
        return self

    def ensure_user(self) -> Any:
        raise PermissionError("No authenticated user: the inspector runs the graph without a server.")


def _typed_context(hint: Any, context: Any) -> Any:
    """The context as the class in `ServerRuntime[Context]`, when it was given as a mapping."""
    if not isinstance(context, Mapping):
        return context
    union = typing.get_origin(hint) in (typing.Union, types.UnionType)
    for part in typing.get_args(hint) if union else (hint,):
        for inner in typing.get_args(part):
            if inspect.isclass(inner) and (is_dataclass(inner) or hasattr(inner, "model_validate")):
                return inner(**context)
    return context


def _shown(parameter: inspect.Parameter, hint: Any) -> str:
    if hint is parameter.empty:
        return one_line(parameter.name, 80)
    return one_line(f"{parameter.name}: {hint if isinstance(hint, str) else inspect.formatannotation(hint)}", 80)
