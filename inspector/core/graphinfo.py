"""What a graph is before it runs: nodes, edges, nested graphs, channels, schemas. Plain data that crosses the link."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, Literal

START = "__start__"
END = "__end__"

NodeKind = Literal["start", "end", "node", "subgraph", "task"]


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """A node.

    `kind` "subgraph" is a compiled graph used as a node; a "node" may also call a graph from its code, `subgraph` then
    says which (as LangGraph detects it); "task" is a `@task` that the code of an `@entrypoint` names: it has no edges.
    `doc` is the first line of its docstring, `runs` the type of a node that is no function, `file` and `line` where
    the function is defined. `retry` is the number of attempts, `timeout` in seconds. `error_handler` names the node
    that takes over when this one raises. `dynamic`: where it goes next is decided by code and declared nowhere.
    """

    id: str
    kind: NodeKind
    doc: str = ""
    runs: str = ""
    file: str | None = None
    line: int | None = None
    is_async: bool = False
    retry: int | None = None
    cache: bool = False
    defer: bool = False
    timeout: float | None = None
    interrupt_before: bool = False
    interrupt_after: bool = False
    dynamic: bool = False
    error_handler: str | None = None
    is_error_handler: bool = False
    tools: tuple[str, ...] = ()
    subgraph: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class EdgeInfo:
    """An edge. `label` is what a router returns for it, when that differs from the target. `guessed` edges are declared
    nowhere, but the code that decides mentions the target's name."""

    source: str
    target: str
    conditional: bool = False
    label: str = ""
    guessed: bool = False


@dataclass(frozen=True, slots=True)
class ChannelInfo:
    """A channel of the state: `channel` is its class (`LastValue`, ...), `managed` for a managed value; `reducer` the
    name of the function that merges writes; `type` the annotation as text. `is_state`: it is part of what a checkpoint
    shows; `is_input` and `is_output`: of the input and the output schema. `initial` is what the state shows before the
    first write, as JSON data (`[]` for most reducers); None for a channel that is empty then."""

    name: str
    channel: str
    type: str = ""
    reducer: str = ""
    is_state: bool = True
    is_input: bool = False
    is_output: bool = False
    initial: Any = None


@dataclass(frozen=True, slots=True)
class GraphInfo:
    """A graph, at the root or (by `path`, names of nodes from the root) nested in another.

    `kind` is `StateGraph`, `agent` (made by `create_agent` or the like), `functional` (`@entrypoint`), `Pregel`, or the
    type of a graph that runs elsewhere. `checkpointer` and `store` are the types it was compiled with. The JSON schemas
    are those of the root; None when there is none or it could not be made, which `warnings` then say.
    """

    name: str
    kind: str
    path: tuple[str, ...] = ()
    description: str = ""
    nodes: tuple[NodeInfo, ...] = ()
    edges: tuple[EdgeInfo, ...] = ()
    channels: tuple[ChannelInfo, ...] = ()
    subgraphs: tuple[GraphInfo, ...] = ()
    input_schema: dict[str, Any] | None = None
    output_schema: dict[str, Any] | None = None
    context_schema: dict[str, Any] | None = None
    has_messages: bool = False
    checkpointer: str | None = None
    store: str | None = None
    langgraph_version: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def interrupt_before(self) -> tuple[str, ...]:
        """The nodes it was compiled to interrupt before."""
        return tuple(node.id for node in self.nodes if node.interrupt_before)

    @property
    def interrupt_after(self) -> tuple[str, ...]:
        """The nodes it was compiled to interrupt after."""
        return tuple(node.id for node in self.nodes if node.interrupt_after)

    def node(self, name: str) -> NodeInfo | None:
        """The node of that name."""
        return next((node for node in self.nodes if node.id == name), None)

    def subgraph(self, path: tuple[str, ...]) -> GraphInfo | None:
        """The graph at a path: itself for its own, a nested one, or None."""
        return next((info for info in self.walk() if info.path == path), None)

    def walk(self) -> Iterator[GraphInfo]:
        """This graph and all nested ones, outer before inner."""
        yield self
        for inner in self.subgraphs:
            yield from inner.walk()

    def to_wire(self) -> dict[str, Any]:
        """Mappings, lists, text, numbers, booleans and None."""
        wire: dict[str, Any] = _plain(self)
        return wire

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> GraphInfo:
        """The inverse of `to_wire`."""
        return cls(
            **{
                **wire,
                "path": tuple(wire["path"]),
                "nodes": tuple(_node(node) for node in wire["nodes"]),
                "edges": tuple(EdgeInfo(**edge) for edge in wire["edges"]),
                "channels": tuple(ChannelInfo(**channel) for channel in wire["channels"]),
                "subgraphs": tuple(cls.from_wire(inner) for inner in wire["subgraphs"]),
                "warnings": tuple(wire["warnings"]),
            }
        )


def _node(wire: dict[str, Any]) -> NodeInfo:
    subgraph = wire["subgraph"]
    return NodeInfo(
        **{**wire, "tools": tuple(wire["tools"]), "subgraph": None if subgraph is None else tuple(subgraph)}
    )


def _plain(value: Any) -> Any:
    if isinstance(value, (NodeInfo, EdgeInfo, ChannelInfo, GraphInfo)):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
