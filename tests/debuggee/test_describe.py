"""Descriptions: what a graph declares is told, nothing of it is run, and nothing makes the description fail."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Literal, NotRequired, Required, TypedDict, cast

import ormsgpack
import pytest
import typing_extensions
from langchain.agents import create_agent
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AnyMessage
from langchain_core.runnables import RunnableLambda
from langgraph.cache.memory import InMemoryCache
from langgraph.channels import EphemeralValue, LastValue
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, MessagesState, StateGraph, add_messages
from langgraph.managed import RemainingSteps
from langgraph.prebuilt import ToolNode
from langgraph.pregel import NodeBuilder, Pregel
from langgraph.store.memory import InMemoryStore
from langgraph.types import CachePolicy, Command, RetryPolicy, Send
from pydantic import BaseModel

from inspector.core.graphinfo import EdgeInfo, GraphInfo
from inspector.core.reference import resolve
from inspector.debuggee.describe import describe, describe_loaded, with_schemas
from inspector.debuggee.loading import load, load_object


class State(TypedDict, total=False):
    count: int
    names: Annotated[list[str], operator.add]
    maybe: Literal["a", "b"] | None
    left: RemainingSteps


def never(*args: Any) -> Any:
    raise AssertionError("a description must not run the graph's code")


def one(state: State) -> dict[str, Any]:
    """What one does.

    And why.
    """
    return cast("dict[str, Any]", never())


async def two(state: State) -> dict[str, Any]:
    return cast("dict[str, Any]", never())


def chooses(state: State) -> Command[Literal["one", "__end__"]]:
    return cast("Command[Any]", never())


def nothing(state: Any) -> Any:
    return never()


def router(state: State) -> Any:
    return never()


def described(builder: Any, **options: Any) -> GraphInfo:
    info = describe(builder.compile() if isinstance(builder, StateGraph) else builder, **options)
    assert GraphInfo.from_wire(ormsgpack.unpackb(ormsgpack.packb(info.to_wire()))) == info
    return info


def pairs(info: GraphInfo, **wanted: bool) -> set[tuple[str, str]]:
    return {(e.source, e.target) for e in info.edges if all(getattr(e, k) == v for k, v in wanted.items())}


def small(*names: str) -> StateGraph[State]:
    builder = StateGraph(State)
    for name in names:
        builder.add_node(name, one)
    return builder.add_edge(START, names[0])


# --- nodes ---------------------------------------------------------------------------------------------------------


def test_nodes_with_their_code_and_policies() -> None:
    builder = StateGraph(State)
    builder.add_node("one", one, retry_policy=[RetryPolicy(max_attempts=2), RetryPolicy(max_attempts=5)])
    builder.add_node("two", two, cache_policy=CachePolicy(), defer=True, timeout=timedelta(seconds=90))
    builder.add_node("guarded", one, error_handler=one)
    builder.add_node("chain", RunnableLambda(never) | RunnableLambda(never))
    builder.add_sequence([("three", one), ("four", two)])
    for name in ("one", "two", "guarded", "chain", "three"):
        builder.add_edge(START, name)
    graph = builder.compile(interrupt_before=["one"], interrupt_after="*", cache=InMemoryCache())
    info = described(graph)
    nodes = {node.id: node for node in info.nodes}
    assert [node.kind for node in info.nodes][:: len(info.nodes) - 1] == ["start", "end"]
    first = nodes["one"]
    assert (first.doc, first.retry, first.cache, first.is_async) == ("What one does.", 5, False, False)
    assert (first.file, first.line) == (one.__code__.co_filename, one.__code__.co_firstlineno)
    second = nodes["two"]
    assert (second.is_async, second.cache, second.defer, second.timeout) == (True, True, True, 90.0)
    assert info.interrupt_before == ("one",)
    assert set(info.interrupt_after) == set(graph.nodes) - {START}
    assert nodes["guarded"].error_handler == "__error_handler__guarded"
    assert nodes["__error_handler__guarded"].is_error_handler
    assert EdgeInfo("guarded", "__error_handler__guarded", True, "on error") in info.edges
    assert (nodes["chain"].runs, nodes["chain"].file) == ("RunnableSequence", None)


def test_methods_partials_and_callable_objects() -> None:
    import functools

    class Worker:
        def method(self, state: State) -> dict[str, Any]:
            """A method."""
            return {}

        async def __call__(self, state: State) -> dict[str, Any]:
            """An object."""
            return {}

    @functools.wraps(one)
    def wrapped(state: State) -> dict[str, Any]:
        return one(state)

    builder = small("start")
    builder.add_node("method", Worker().method)
    builder.add_node("object", cast("Any", Worker()))
    builder.add_node("partial", functools.partial(one))
    builder.add_node("wrapped", wrapped)
    nodes = {node.id: node for node in described(builder).nodes}
    assert [nodes[n].doc for n in ("method", "object")] == ["A method.", "An object."]
    assert {nodes[n].line for n in ("partial", "wrapped")} == {one.__code__.co_firstlineno}


def test_tools_of_a_tool_node() -> None:
    def search(query: str) -> str:
        """Search."""
        return query

    builder = StateGraph(MessagesState).add_node("tools", ToolNode([search])).add_edge(START, "tools")
    node = described(builder).node("tools")
    assert node is not None
    assert (node.runs, node.tools) == ("ToolNode", ("search",))


# --- edges ---------------------------------------------------------------------------------------------------------


def test_declared_edges_are_those_langgraph_draws() -> None:
    builder = small("one", "two", "three", "join", "last")
    builder.add_node("chooses", chooses)
    builder.add_edge("one", "two").add_edge("one", "three").add_edge(["two", "three"], "join")
    builder.add_conditional_edges("join", router, {"yes": "last", "again": "one", True: "chooses", "stop": END})
    graph = builder.compile()
    info = described(graph)
    drawn = graph.get_graph().edges
    assert {(e.source, e.target, e.conditional) for e in info.edges} == {
        (e.source, e.target, bool(e.conditional)) for e in drawn
    }
    labels = {e.target: e.label for e in info.edges if e.source == "join"}
    assert labels == {"last": "yes", "one": "again", "chooses": "True", END: "stop"}
    assert info.warnings == ()


def test_the_order_of_edges_does_not_depend_on_hashing() -> None:
    builder = small("one", "two", "three")
    for pair in (("two", "three"), ("one", "three"), ("one", "two")):
        builder.add_edge(*pair)
    assert [(e.source, e.target) for e in described(builder).edges] == [
        (START, "one"),
        ("one", "two"),
        ("one", "three"),
        ("two", "three"),
        ("three", END),
    ]


def test_undeclared_targets_are_guessed_from_the_code_that_decides() -> None:
    target = "three"

    def decides(state: State) -> Any:
        never()
        if state["count"]:
            return [Send("two", {}) for _ in state["names"]]
        return target if state["names"] else END

    def jumps(state: State) -> Any:
        return Command(goto="one", update={"count": never()})

    builder = small("one", "two", "three")
    builder.add_node("jumps", jumps)
    builder.add_conditional_edges("one", decides).add_edge("two", "jumps")
    info = described(builder)
    assert pairs(info, guessed=True) == {("one", "two"), ("one", "three"), ("one", END), ("jumps", "one")}
    assert all(edge.conditional for edge in info.edges if edge.guessed)
    assert info.warnings == ()


def test_targets_that_cannot_be_told_are_said_to_be_open() -> None:
    builder = small("one", "two")
    builder.add_conditional_edges("one", lambda state: state["names"][0])
    info = described(builder)
    node = info.node("one")
    assert node is not None
    assert node.dynamic
    assert pairs(info) == {(START, "one"), ("two", END)}
    assert len(info.warnings) == 1
    assert "Where one goes next is decided at run time" in info.warnings[0]


def test_a_node_no_edge_leads_to() -> None:
    builder = small("one", "island", "beach").add_edge("island", "beach")
    warnings = described(builder).warnings
    assert [warning.split(":")[0] for warning in warnings] == [
        "No edge leads to island",
        "No edge leads to beach",
    ]


def test_what_is_added_to_a_builder_after_compiling_is_not_in_the_graph() -> None:
    builder = small("one")
    graph = builder.compile()
    builder.add_node("late", one).add_edge("one", "late")
    info = described(graph)
    assert info.node("late") is None
    assert pairs(info) == {(START, "one"), ("one", END)}


# --- other kinds ---------------------------------------------------------------------------------------------------


def test_an_entrypoint_with_its_tasks() -> None:
    @task
    async def inner(x: int) -> int:
        """Inside."""
        return x

    retried: Any = task(name="outer", retry_policy=RetryPolicy(max_attempts=7))

    @retried  # type: ignore[untyped-decorator]
    async def outer(x: int) -> int:
        return await inner(x)

    @entrypoint(checkpointer=InMemorySaver())
    async def flow(x: int, *, previous: int | None = None) -> int:
        """The flow."""
        return cast("int", await outer(x))

    info = described(flow)
    assert (info.kind, info.name, info.checkpointer) == ("functional", "flow", "InMemorySaver")
    assert [(node.id, node.kind, node.doc) for node in info.nodes] == [
        (START, "start", ""),
        ("flow", "node", "The flow."),
        ("outer", "task", ""),
        ("inner", "task", "Inside."),
        (END, "end", ""),
    ]
    assert [node.retry for node in info.nodes if node.kind == "task"] == [7, None]
    assert pairs(info) == {(START, "flow"), ("flow", END)}
    assert info.input_schema is not None
    assert info.input_schema["type"] == "integer"
    assert info.warnings == ()


def test_an_agent() -> None:
    def search(query: str) -> str:
        """Search."""
        return query

    agent = create_agent(GenericFakeChatModel(messages=iter(())), [search], name="helper")
    for graph, name in ((agent, "helper"), (agent.with_config({"tags": ["x"]}), "helper")):
        info = described(graph)
        assert (info.kind, info.name, info.has_messages) == ("agent", name, True)
        assert pairs(info) == {(START, "model"), ("model", "tools"), ("tools", "model"), ("model", END)}
        assert info.warnings == ()


def test_a_graph_made_by_hand() -> None:
    node = NodeBuilder().subscribe_only("a").do(lambda text: text + "!").write_to("b")
    graph: Pregel[Any, Any, Any, Any] = Pregel(
        nodes={"shout": node},
        channels={"a": EphemeralValue(str), "b": LastValue(str)},
        input_channels=["a"],
        output_channels=["b"],
    )
    info = described(graph)
    assert info.kind == "Pregel"
    assert pairs(info) == {(START, "shout"), ("shout", END)}
    assert [(c.name, c.is_input, c.is_output) for c in info.channels] == [("a", True, False), ("b", False, True)]


# --- nested graphs -------------------------------------------------------------------------------------------------


def test_nested_graphs_by_path() -> None:
    leaf = small("leaf").compile(name="Leaf")
    middle = StateGraph(State).add_node("deep", leaf).add_edge(START, "deep").compile()

    def calls(state: State) -> Any:
        return leaf.invoke(state)

    builder = StateGraph(State).add_node("inner", middle).add_node("calls", calls)
    info = described(builder.add_edge(START, "inner").add_edge("inner", "calls"))
    assert [(graph.path, graph.name) for graph in info.walk()] == [
        ((), "graph"),
        (("inner",), "inner"),
        (("inner", "deep"), "Leaf"),
        (("calls",), "Leaf"),
    ]
    kinds = {node.id: (node.kind, node.subgraph) for node in info.nodes}
    assert kinds["inner"] == ("subgraph", ("inner",))
    assert kinds["calls"] == ("node", ("calls",))
    deep = info.subgraph(("inner", "deep"))
    assert deep is not None
    assert [node.id for node in deep.nodes] == [START, "leaf", END]
    assert info.subgraph(("nowhere",)) is None


def test_a_graph_that_contains_itself_is_shown_once() -> None:
    graph: Any = small("one").compile()
    graph.nodes["one"].subgraphs = [graph]
    info = described(graph)
    assert info.subgraphs == ()
    assert info.warnings == ("The graph one contains itself; it is shown once.",)


def test_very_many_nested_graphs_are_cut() -> None:
    graph: Any = small("one").compile()
    for _ in range(8):  # 2 ** 8 leaves
        builder = small("a", "b")
        for name in ("a", "b"):
            builder.nodes.pop(name)
            builder.add_node(name, graph)
        graph = builder.compile()
    info = described(graph)
    assert len(list(info.walk())) == 200
    assert any("there are too many" in warning for warning in info.warnings)


# --- channels and schemas ------------------------------------------------------------------------------------------


def test_channels_of_the_state() -> None:
    class Input(TypedDict):
        count: int

    class Output(TypedDict):
        names: Annotated[list[str], operator.add]

    builder = StateGraph(State, input_schema=Input, output_schema=Output).add_node("one", one).add_edge(START, "one")
    found = {c.name: c for c in described(builder).channels}
    assert set(found) == {"count", "names", "maybe", "left"}
    names = found["names"]
    assert (names.type, names.reducer, names.is_input, names.is_output) == ("list[str]", "operator.add", False, True)
    assert (found["count"].type, found["count"].is_input, found["count"].is_output) == ("int", True, False)
    assert found["maybe"].type == "Literal['a', 'b'] | None"
    assert (found["left"].channel, found["left"].is_state) == ("managed", False)


class Attachment(BaseModel):
    name: str


class Chat(MessagesState):
    files: dict[str, list[Attachment]]
    callback: Callable[[int, str], None]
    merged: Annotated[set[int], lambda a, b: a | b]


def test_types_and_reducers_read_as_written() -> None:
    builder = StateGraph(Chat).add_node("one", nothing).add_edge(START, "one")
    found = {c.name: (c.type, c.reducer) for c in described(builder, schemas=False).channels}
    assert found == {
        "messages": ("list[AnyMessage]", "add_messages"),
        "files": ("dict[str, list[Attachment]]", ""),
        "callback": ("Callable[[int, str], None]", ""),
        "merged": ("set[int]", "lambda"),
    }


@pytest.mark.parametrize(
    ("hint", "expected"),
    [
        (Annotated[list[AnyMessage], add_messages], True),
        (list[AnyMessage], True),
        (list, True),
        (list[Any], True),
        (list[str], False),
        (str, False),
    ],
)
def test_whether_a_graph_takes_messages(hint: Any, expected: bool) -> None:
    schema = TypedDict("schema", {"messages": hint})  # noqa: UP013
    info = described(StateGraph(schema).add_node("one", nothing).add_edge(START, "one"), schemas=False)
    assert info.has_messages is expected
    replaced = [w for w in info.warnings if "has no reducer" in w]
    assert len(replaced) == (hint == list[AnyMessage])


def test_schemas_are_those_of_langgraph() -> None:
    @dataclass
    class Context:
        tier: str = "free"

    class Output(BaseModel):
        count: int

    builder = StateGraph(MessagesState, Context, output_schema=Output)
    graph = builder.add_node("one", nothing).add_edge(START, "one").compile(store=InMemoryStore(), checkpointer=False)
    info = described(graph)
    assert info.input_schema == graph.get_input_jsonschema()
    assert info.output_schema == graph.get_output_jsonschema()
    assert info.context_schema == graph.get_context_jsonschema()
    assert (info.store, info.checkpointer) == ("InMemoryStore", "checkpointer=False")
    assert info.langgraph_version.count(".") == 2
    assert info.warnings == ()
    bare = described(graph, schemas=False)
    assert (bare.input_schema, bare.output_schema, bare.context_schema) == (None, None, None)
    assert with_schemas(bare, graph) == info


class Line(TypedDict):
    """A line of an order."""

    item: str
    amount: NotRequired[int]


class Order(TypedDict, total=False):
    lines: Required[Annotated[list[Line], operator.add]]
    notes: dict[str, Line | None] | Literal["none"]
    limits: tuple[int, ...]


class ModernLine(typing_extensions.TypedDict):
    """A line of an order."""

    item: str
    amount: NotRequired[int]


class ModernOrder(typing_extensions.TypedDict, total=False):
    lines: Required[Annotated[list[ModernLine], operator.add]]
    notes: dict[str, ModernLine | None] | Literal["none"]
    limits: tuple[int, ...]


def test_the_typed_dicts_of_the_standard_library_have_schemas_on_every_python() -> None:
    """Pydantic has none for them before Python 3.12."""
    old, new = (
        described(StateGraph(schema, schema).add_node("one", nothing).add_edge(START, "one"))
        for schema in (Order, ModernOrder)
    )
    for name in ("input_schema", "output_schema", "context_schema"):
        assert json.loads(json.dumps(getattr(new, name)).replace("Modern", "")) == getattr(old, name)
    assert (old.warnings, old.output_schema) == ((), old.input_schema)
    assert old.input_schema is not None
    assert old.input_schema["required"] == ["lines"]


class Tree(TypedDict):
    left: Tree | None
    right: Tree | None
    more: list[Tree]


def test_a_typed_dict_nested_in_itself_is_cut() -> None:
    schema = described(StateGraph(Tree).add_node("one", nothing).add_edge(START, "one")).input_schema
    assert schema is not None
    assert schema["properties"]["more"] == {"items": {}, "title": "More", "type": "array"}
    assert schema["required"] == ["left", "right", "more"]


# --- what must not make it fail ------------------------------------------------------------------------------------


class Nasty:
    """No schema can be made for it, and it raises from everything."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __str__(self) -> str:
        raise RuntimeError("no str")

    def __hash__(self) -> int:
        return 1

    def __eq__(self, other: object) -> bool:
        return self is other


def test_keys_and_schemas_that_have_no_json_schema_are_warned_of() -> None:
    class Strange(TypedDict):
        value: Nasty
        count: NotRequired[int]

    builder = StateGraph(Strange, cast("Any", int)).add_node("one", nothing).add_edge(START, "one")
    info = described(builder)
    assert info.input_schema == {
        "title": "Strange",
        "type": "object",
        "properties": {"value": {"title": "Value"}, "count": {"title": "Count", "type": "integer"}},
        "required": ["value"],
    }
    assert info.context_schema is None
    assert [warning.split(":")[0] for warning in info.warnings] == [
        "The key value of the input has no JSON schema",
        "The context schema could not be made",
    ]


def test_labels_docs_and_names_are_made_safe() -> None:
    def escape(state: State) -> dict[str, Any]:
        return {}

    escape.__doc__ = "\x1b[31mred\u202e" + "x" * 1000 + "\nmore"
    builder = small("one")
    builder.add_node("esc", escape)
    builder.add_conditional_edges("one", router, {3: "esc", "\x07bell": END})
    info = described(builder)
    node = info.node("esc")
    assert node is not None
    assert node.doc.startswith("␛[31mred\ufffdx")
    assert len(node.doc) <= 201
    assert {edge.label for edge in info.edges if edge.source == "one"} == {"3", "␇bell"}


def test_a_graph_whose_insides_are_broken_is_still_described() -> None:
    graph: Any = small("one").compile()
    graph.builder = object()
    graph.nodes["one"].retry_policy = 3
    info = described(graph)
    assert info.kind == "StateGraph"
    assert len(info.warnings) >= 3
    assert info.nodes == ()


# --- with a reference ----------------------------------------------------------------------------------------------


async def test_a_loaded_graph_is_described_as_it_was_compiled() -> None:
    loaded = await load_object(small("one").compile(), checkpointer=InMemorySaver(), keep_checkpointer=False)
    assert describe_loaded(loaded).checkpointer is None
    from tests.debuggee.test_loading import HERE

    named = describe_loaded(await load(resolve("project:support", HERE)))
    assert (named.name, named.description) == ("support", "Answers questions.")
