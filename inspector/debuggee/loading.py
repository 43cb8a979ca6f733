"""Loads the graph a reference names, ready to run with the inspector's checkpointer and store.

What a reference names may be a compiled graph, a `StateGraph`, an `@entrypoint`, an agent, or a factory of one of these
(plain, async, a context manager or generator of either kind). Which checkpointer and store the loaded graph has:

- The checkpointer given to `load` replaces the one it was compiled with, also `checkpointer=False`. With
  `keep_checkpointer` its own stays (and `False` stays off); a graph without any still gets the given one.
- The store given to `load` is for graphs that have none, or an `InMemoryStore` that is empty and has no index. A store
  the developer filled, indexed or put somewhere else is part of the program, and stays.
"""

from __future__ import annotations

import copy
import warnings as python_warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from inspector.core.reference import Reference
from inspector.core.text import one_line
from inspector.debuggee.factories import Supplies, is_factory
from inspector.debuggee.importing import import_target
from inspector.debuggee.keeper import Keeper
from inspector.debuggee.tracebacks import in_short, sentence, user_traceback
from inspector.errors import LoadError

_NO_NAMES = frozenset({"graph", "app", "agent", "workflow", "builder", "main", "compiled", "src", "__init__"})


@dataclass(eq=False)
class LoadedGraph:
    """A graph ready to run, and what keeps it alive.

    `graph` is a copy of `original` (as the user compiled it) with checkpointer and store put in; `name` is for people;
    `reference` has `attr` filled in, and is None for a graph object; `warnings` are sentences.
    """

    graph: Any
    original: Any
    name: str
    reference: Reference | None = None
    warnings: list[str] = field(default_factory=list)
    _keeper: Keeper | None = field(default=None, repr=False)

    async def aclose(self) -> None:
        """Leave the factory's context managers, in the task that entered them. May be called again.

        Raises:
            LoadError: leaving one raised.
        """
        keeper, self._keeper = self._keeper, None
        if keeper is not None:
            await keeper.close()


async def load(
    reference: Reference,
    *,
    checkpointer: Any = None,
    store: Any = None,
    keep_checkpointer: bool = False,
    config: Mapping[str, Any] | None = None,
    context: Any = None,
) -> LoadedGraph:
    """Import and prepare the graph; `config` and `context` are for factories that ask for them.

    Raises:
        SeveralGraphs: the file has several graphs and the reference names none.
        LoadError: anything else that stands between the reference and a graph, `sys.exit()` and the like included.
    """
    module = import_target(reference)
    from inspector.debuggee.finding import find

    attr, value = find(module, reference)
    reference = reference.with_attr(attr)
    supplies = Supplies(config or {}, context, store, checkpointer)
    loaded = await _settled(value, module, reference.label, supplies)
    loaded.reference = reference
    loaded.warnings[:0] = reference.warnings
    loaded.name = display_name(loaded.original, reference)
    _equip(loaded, checkpointer, store, keep_checkpointer)
    return loaded


async def load_object(
    value: Any,
    *,
    checkpointer: Any = None,
    store: Any = None,
    keep_checkpointer: bool = True,
    config: Mapping[str, Any] | None = None,
    context: Any = None,
) -> LoadedGraph:
    """The same for a graph object (or builder, or factory) that no path names. Raises as `load`."""
    kind = type(value).__qualname__
    loaded = await _settled(value, None, f"The {kind}", Supplies(config or {}, context, store, checkpointer))
    loaded.name = display_name(loaded.original, None)
    _equip(loaded, checkpointer, store, keep_checkpointer)
    return loaded


async def _settled(value: Any, module: ModuleType | None, label: str, supplies: Supplies) -> LoadedGraph:
    from inspector.debuggee.finding import check_loadable, is_builder, is_graph

    check_loadable(value, module, label)
    keeper: Keeper | None = None
    if not is_graph(value) and not is_builder(value):
        keeper = Keeper(value, label, supplies, lambda made: is_graph(made) or is_builder(made))
        made = await keeper.open()
        try:
            if is_factory(made) and not is_graph(made) and not is_builder(made):
                raise LoadError(f"{label} returned another function, not a graph.")
            check_loadable(made, None, f"What {label} gives")
        except LoadError:
            await keeper.close()
            raise
        value = made
    warnings: list[str] = []
    try:
        graph = _compiled(value, label, warnings) if is_builder(value) else value
    except LoadError:
        if keeper is not None:
            await keeper.close()
        raise
    return LoadedGraph(graph, graph, "", warnings=warnings, _keeper=keeper)


def _compiled(builder: Any, label: str, warnings: list[str]) -> Any:
    with python_warnings.catch_warnings(record=True) as caught:
        python_warnings.simplefilter("default")
        try:
            graph = builder.compile()
        except BaseException as error:
            raise LoadError(
                sentence(f"{label} could not be compiled: {in_short(error)}"), traceback=user_traceback(error)
            ) from None
    warnings.extend(one_line(str(warning.message)) for warning in caught)
    return graph


def _equip(loaded: LoadedGraph, checkpointer: Any, store: Any, keep_checkpointer: bool) -> None:
    original = loaded.original
    update: dict[str, Any] = {}
    own = original.checkpointer
    if checkpointer is not None and not (keep_checkpointer and own is not None):
        update["checkpointer"] = checkpointer
        if keep_checkpointer:
            loaded.warnings.append("The graph has no checkpointer of its own to keep: it runs with the inspector's.")
    elif own is True:
        loaded.warnings.append(
            "The graph was compiled with checkpointer=True, which only a subgraph may have: run it without "
            "--keep-checkpointer."
        )
    elif own is not None and own is not False and _is_synchronous(own):
        loaded.warnings.append(
            f"Its {type(own).__name__} has no async methods, and the inspector runs graphs asynchronously: run it "
            "without --keep-checkpointer, or compile it with the async variant."
        )
    if store is not None and _may_replace(original.store):
        update["store"] = store
    loaded.graph = _with(original, update) if update else original


def _with(graph: Any, update: dict[str, Any]) -> Any:
    # Not `graph.copy()`: that rebuilds the object by its constructor, which loses what `compile()` set afterwards
    # (the mappers to Pydantic states, the allowlist of the serializer) and what subclasses add.
    clone = copy.copy(graph)
    for name, value in update.items():
        setattr(clone, name, value)
    return clone


def _is_synchronous(checkpointer: Any) -> bool:
    from langgraph.checkpoint.base import BaseCheckpointSaver

    kind = type(checkpointer)
    # The synchronous SQLite saver overrides the async methods too, only to raise from them.
    return kind.aget_tuple is BaseCheckpointSaver.aget_tuple or kind.__name__ in ("SqliteSaver", "PostgresSaver")


def _may_replace(store: Any) -> bool:
    if store is None:
        return True
    from langgraph.store.memory import InMemoryStore

    return type(store) is InMemoryStore and not store._data and not store.index_config


def display_name(graph: Any, reference: Reference | None) -> str:
    """Its name in `langgraph.json`, else the one it was compiled with, else that of the attribute, file or directory:
    the first that says something."""
    given = graph.name if isinstance(graph.name, str) else ""
    nodes = list(graph.nodes)
    candidates = [reference.graph_id if reference else None, given if given != "LangGraph" else None]
    if not hasattr(graph, "builder") and len(nodes) == 1:
        candidates.append(nodes[0])  # @entrypoint: the function
    if reference is not None:
        places = [reference.attr or ""]
        if reference.path is not None:
            places += [reference.path.stem, reference.path.parent.name]
        elif reference.module is not None:
            places += reversed(reference.module.split("."))
        candidates += [place.rpartition(".")[2] for place in places if place.rpartition(".")[2] not in _NO_NAMES]
        candidates.append(reference.attr)
    return next((one_line(name, 80) for name in candidates if name), "graph")
