"""Says what a loaded graph is (`GraphInfo`), for `inspector check`, the graph pane and the input form.

Cheap: it reads what the graph declares, runs none of the user's code, and costs a few milliseconds beside the JSON
schemas (some 20 ms for one with messages, once per distinct schema). Nothing about a graph makes it fail: what cannot
be found out is left empty and told in `warnings`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

from langgraph.pregel import Pregel

from inspector.core.graphinfo import END, START, ChannelInfo, EdgeInfo, GraphInfo, NodeInfo
from inspector.core.reference import Reference
from inspector.core.text import one_line
from inspector.debuggee.channels import channels_of, takes_messages
from inspector.debuggee.edges import edges_of
from inspector.debuggee.functions import code_of
from inspector.debuggee.loading import LoadedGraph, display_name
from inspector.debuggee.nodes import nodes_of
from inspector.debuggee.schemas import schemas_of
from inspector.debuggee.tracebacks import in_short, sentence

T = TypeVar("T")
_NO_NODES: tuple[NodeInfo, ...] = ()
_NO_EDGES: tuple[tuple[EdgeInfo, ...], frozenset[str]] = ((), frozenset())
_NO_CHANNELS: tuple[ChannelInfo, ...] = ()
_MOST_GRAPHS = 200
_DEEPEST = 12


def describe_loaded(loaded: LoadedGraph, *, schemas: bool = True) -> GraphInfo:
    """`describe` for what `load` returned: the checkpointer and store are those it was compiled with."""
    return describe(loaded.original, loaded.reference, name=loaded.name, warnings=loaded.warnings, schemas=schemas)


def describe(
    graph: Any,
    reference: Reference | None = None,
    *,
    name: str | None = None,
    warnings: Iterable[str] = (),
    schemas: bool = True,
) -> GraphInfo:
    """What the graph is. Without `schemas` the three JSON schemas are left None, which saves most of the time; they can
    be had later (`with_schemas`), when a form is needed."""
    said = list(warnings)
    budget = [_MOST_GRAPHS]
    info = _describe(graph, name or display_name(graph, reference), (), (), budget, said)
    description = reference.description if reference is not None else None
    info = replace(
        info,
        description=one_line(description or "", 500),
        checkpointer=_type_name(graph.checkpointer),
        store=_type_name(graph.store),
        langgraph_version=_version(),
        warnings=tuple(dict.fromkeys(said)),
    )
    return with_schemas(info, graph) if schemas else info


def with_schemas(info: GraphInfo, graph: Any) -> GraphInfo:
    """The description with the JSON schemas that `describe(..., schemas=False)` left out, and warnings about them."""
    said = list(info.warnings)
    made = schemas_of(graph, said)
    return replace(
        info,
        input_schema=made["input_schema"],
        output_schema=made["output_schema"],
        context_schema=made["context_schema"],
        warnings=tuple(dict.fromkeys(said)),
    )


def _describe(
    graph: Any, name: str, path: tuple[str, ...], above: tuple[int, ...], budget: list[int], said: list[str]
) -> GraphInfo:
    budget[0] -= 1
    if not issubclass(type(graph), Pregel):
        return GraphInfo(one_line(name, 80), type(graph).__name__, path)
    place = f" of {'/'.join(path)}" if path else ""
    edges, dynamic = _tried(lambda: edges_of(graph), _NO_EDGES, f"The edges{place}", said)
    nodes = _tried(lambda: nodes_of(graph, path, edges, dynamic), _NO_NODES, f"The nodes{place}", said)
    channels = _tried(lambda: channels_of(graph), _NO_CHANNELS, f"The channels{place}", said)
    inner: list[GraphInfo] = []
    for node in nodes:
        if node.subgraph is None:
            continue
        nested = graph.nodes[node.id].subgraphs[0]
        if id(nested) in (*above, id(graph)):
            said.append(f"The graph {'/'.join(node.subgraph)} contains itself; it is shown once.")
        elif budget[0] <= 0 or len(path) >= _DEEPEST:
            said.append(f"The graphs in {'/'.join(node.subgraph)} are not shown: there are too many.")
        else:
            title = getattr(nested, "name", None)
            title = title if isinstance(title, str) and title != "LangGraph" else node.id
            inner.append(_describe(nested, title, node.subgraph, (*above, id(graph)), budget, said))
    info = GraphInfo(
        name=one_line(name, 80),
        kind=_tried(lambda: _kind(graph), "Pregel", f"The kind{place}", said),
        path=path,
        nodes=nodes,
        edges=edges,
        channels=channels,
        subgraphs=tuple(inner),
        has_messages=takes_messages(channels),
    )
    said.extend(_remarks(info))
    return info


def _kind(graph: Any) -> str:
    integration = ((graph.config or {}).get("metadata") or {}).get("ls_integration", "")
    if "agent" in str(integration):
        return "agent"
    if not hasattr(graph, "builder"):
        return "functional" if "__previous__" in graph.channels else "Pregel"
    for node in graph.nodes.values():
        function = code_of(node.bound).function
        if function is not None and function.__module__ in (
            "langchain.agents.factory",
            "langgraph.prebuilt.chat_agent_executor",
        ):
            return "agent"
    return "StateGraph"


def _remarks(info: GraphInfo) -> Iterator[str]:
    """What a developer would want to be told about the graph itself."""
    where = f" (in {'/'.join(info.path)})" if info.path else ""
    for node in info.nodes:
        if node.dynamic:
            yield (
                f"Where {_shown(node)} goes next is decided at run time and declared nowhere{where}: give "
                "add_conditional_edges a path_map, or the function a Literal return type, to see its edges."
            )
    if info.kind in ("StateGraph", "agent") and not any(node.dynamic for node in info.nodes):
        for node in _unreached(info):
            yield f"No edge leads to {_shown(node)}{where}: it runs only if a Send or a Command names it."
    for channel in info.channels:
        if channel.name == "messages" and channel.channel == "LastValue" and "Message" in channel.type:
            yield (
                f"The key messages has no reducer{where}: each write replaces the whole conversation; annotate it with "
                "add_messages to append."
            )


def _unreached(info: GraphInfo) -> list[NodeInfo]:
    following: dict[str, list[str]] = {}
    for edge in info.edges:
        following.setdefault(edge.source, []).append(edge.target)
    reached: set[str] = set()
    waiting = [START]
    while waiting:
        node = waiting.pop()
        if node not in reached:
            reached.add(node)
            waiting.extend(following.get(node, ()))
    return [node for node in info.nodes if node.id not in reached and node.id != END]


def _tried(what: Callable[[], T], otherwise: T, name: str, said: list[str]) -> T:
    try:
        return what()
    except Exception as error:
        said.append(sentence(f"{name} could not be found out: {in_short(error)}"))
        return otherwise


def _type_name(value: Any) -> str | None:
    if value is None:
        return None
    return f"checkpointer={value}" if isinstance(value, bool) else type(value).__name__


def _version() -> str:
    try:
        return version("langgraph")
    except PackageNotFoundError:
        return ""


def _shown(node: NodeInfo) -> str:
    return "the graph" if node.id == START else one_line(node.id, 80)
