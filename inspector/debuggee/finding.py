"""Finds the graph in an imported module, by attribute or as the one graph in there.

The module's objects may be anything: one whose `__getattr__`, `__eq__` or `__class__` raises must not matter unless it
is the one asked for. So objects are told apart by `type()` and identity only, and looked up in the module's dictionary.
"""

from __future__ import annotations

import ast
import difflib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from langgraph.graph.state import StateGraph
from langgraph.pregel import Pregel
from langgraph.pregel.protocol import PregelProtocol

from inspector.core.reference import Reference
from inspector.debuggee.factories import is_factory, is_unsettled
from inspector.debuggee.tracebacks import in_short, sentence, user_traceback
from inspector.errors import LoadError, SeveralGraphs

_BUILDERS = re.compile(
    r"(make|build|create|get|new|compile|load|setup|init)_\w*|\w*(graph|agent|workflow|app|supervisor|swarm)(_factory)?",
    re.IGNORECASE,
)
_GRAPH_TYPES = re.compile(r"\b(\w*StateGraph|Pregel|CompiledGraph|MessageGraph)\b")


def is_graph(value: Any) -> bool:
    """A compiled graph: from `compile()`, `@entrypoint`, `create_agent`, or a `Pregel` made by hand."""
    return issubclass(type(value), Pregel)


def is_builder(value: Any) -> bool:
    """A graph still to be compiled."""
    return issubclass(type(value), StateGraph)


def find(module: ModuleType, reference: Reference) -> tuple[str, Any]:
    """The attribute's (dotted) name and value.

    Raises:
        SeveralGraphs: no attribute was named, and the module has several graphs.
        LoadError: it has none, or no such attribute.
    """
    if reference.attr is None:
        return _the_one_graph(module, reference)
    return reference.attr, _attribute(module, reference.attr, reference)


def check_loadable(value: Any, module: ModuleType | None, label: str) -> None:
    """Raises LoadError, saying what it is instead, unless a graph may come of `value`."""
    if is_graph(value) or is_builder(value):
        return
    try:
        said = _objection(value, module, label)
    except Exception as error:  # its `__class__` may be a property that raises
        raise LoadError(
            sentence(f"Looking at {label} failed: {in_short(error)}"), traceback=user_traceback(error)
        ) from None
    if said is not None:
        raise LoadError(said)


def _objection(value: Any, module: ModuleType | None, label: str) -> str | None:
    kind = type(value).__qualname__
    if inspect.isclass(value):
        said = f"{label} is a class, not a graph"
    elif issubclass(type(value), ModuleType):
        said = f"{label} is a module, not a graph"
    elif kind == "_TaskFunction":
        said = f"{label} is a @task, one step of a workflow: name the @entrypoint that calls it"
    elif issubclass(type(value), PregelProtocol):
        said = f"{label} is a {kind}, whose nodes run on a server, where the inspector cannot watch them"
    elif _is_runnable(value):
        said = f"{label} is a {kind}, a LangChain runnable around or without a graph: name the graph itself"
    elif is_unsettled(value) or is_factory(value):
        return None
    else:
        said = f"{label} is of type {kind}, not a graph"
    inside = next((name for name, held in _held(value) if is_graph(held) or is_builder(held)), None)
    if inside is not None:
        said += f"; its attribute {inside} is one: name {label}.{inside}"
    elif module is not None and (names := _graph_names(module)):
        said += f"; the graphs there are {', '.join(names)}" if len(names) > 1 else f"; the graph there is {names[0]}"
    return f"{said}."


def _attribute(module: ModuleType, attr: str, reference: Reference) -> Any:
    first, *rest = attr.split(".")
    held = _variables(module)
    value: Any = module
    done: list[str] = []
    for part in (first, *rest):
        try:
            value = held[part] if value is module and part in held else getattr(value, part)
        except AttributeError:
            raise LoadError(_missing(value, part, ".".join(done), module, reference)) from None
        except BaseException as error:
            raise LoadError(
                sentence(f"Reading {'.'.join([*done, part])} from {_name(reference)} failed: {in_short(error)}"),
                traceback=user_traceback(error),
            ) from None
        done.append(part)
    return value


def _missing(owner: Any, part: str, path: str, module: ModuleType, reference: Reference) -> str:
    names = list(_variables(module)) if owner is module else [name for name, _ in _held(owner)]
    names = [name for name in names if not name.startswith("__")]
    said = f"{_name(reference)} has no attribute {path + '.' if path else ''}{part}"
    near = difflib.get_close_matches(part, names, n=1)
    if near:
        return f"{said}; did you mean {path + '.' if path else ''}{near[0]}?"
    graphs = _graph_names(module)
    if graphs:
        return (
            f"{said}; the graphs there are {', '.join(graphs)}."
            if len(graphs) > 1
            else (f"{said}; the graph there is {graphs[0]}.")
        )
    return f"{said}."


def _the_one_graph(module: ModuleType, reference: Reference) -> tuple[str, Any]:
    names = _graph_names(module)
    if len(names) == 1:
        return names[0], _variables(module)[names[0]]
    if names:
        raise SeveralGraphs(
            f"{_name(reference)} has {len(names)} graphs ({', '.join(names)}): choose one, as in "
            f"{reference.ref}:{names[0]}.",
            names,
        )
    said = f"{_name(reference)} has no compiled graph, StateGraph or @entrypoint at its top level"
    makers = _makers(module)
    if makers:
        raise LoadError(f"{said}; if {makers[0]}() builds it, name {reference.ref}:{makers[0]}.")
    for name, value in _variables(module).items():
        for inner, held in _held(value) if not name.startswith("_") else ():
            if is_graph(held) or is_builder(held):
                raise LoadError(f"{said}; {name}.{inner} is one: name {reference.ref}:{name}.{inner}.")
    raise LoadError(f"{said}.")


def _graph_names(module: ModuleType) -> list[str]:
    """The names of the module's graphs, those that contain others first. Builders count when nothing is compiled,
    imported ones when none is defined here, private ones when none is public; a second name for a graph does not."""
    variables = _variables(module)
    for test in (is_graph, is_builder):
        names: dict[int, str] = {}
        for name, value in variables.items():
            known = names.get(id(value))
            if test(value) and (known is None or (known.startswith("_") and not name.startswith("_"))):
                names[id(value)] = name
        if names:
            imported = _imported_names(module)
            found = list(names.values())
            found = [name for name in found if name not in imported] or found
            found = [name for name in found if not name.startswith("_")] or found
            inner = {id(graph) for name in found for graph in _nested(variables[name])}
            return sorted(found, key=lambda name: id(variables[name]) in inner)
    return []


def _nested(graph: Any) -> Iterator[Any]:
    waiting = [graph]
    seen = {id(graph)}
    while waiting:
        for node in getattr(waiting.pop(), "nodes", {}).values():
            for inner in getattr(node, "subgraphs", None) or ():
                if id(inner) not in seen:
                    seen.add(id(inner))
                    waiting.append(inner)
                    yield inner


def _imported_names(module: ModuleType) -> set[str]:
    """The names that the module's own source binds by importing them."""
    try:
        tree = ast.parse(Path(str(_variables(module)["__file__"])).read_bytes())
    except (KeyError, OSError, SyntaxError, ValueError, RecursionError):
        return set()
    names: set[str] = set()
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, (ast.If, ast.Try, ast.With)):
            waiting.extend(ast.iter_child_nodes(node))
        elif isinstance(node, ast.ExceptHandler):
            waiting.extend(node.body)
    return names


def _makers(module: ModuleType) -> list[str]:
    """Functions of the module that look as if they build a graph, the likeliest first."""
    sure: list[str] = []
    likely: list[str] = []
    for name, value in _variables(module).items():
        if type(value) is not FunctionType or value.__module__ != module.__name__ or name.startswith("_"):
            continue
        returns = value.__annotations__.get("return")
        text = returns if isinstance(returns, str) else getattr(returns, "__name__", "") or repr(returns)
        if _GRAPH_TYPES.search(text):
            sure.append(name)
        elif _BUILDERS.fullmatch(name):
            likely.append(name)
    return sure + sorted(likely, key=lambda name: not re.search(r"graph|agent|workflow|app", name))


def _variables(module: Any) -> dict[str, Any]:
    try:
        return dict(vars(module))
    except Exception:  # something put itself in the place of the module
        return {}


def _held(value: Any) -> list[tuple[str, Any]]:
    try:
        return list(vars(value).items())
    except Exception:
        return []


def _is_runnable(value: Any) -> bool:
    from langchain_core.runnables import Runnable

    return issubclass(type(value), Runnable)


def _name(reference: Reference) -> str:
    return reference.path.name if reference.path else str(reference.module)
