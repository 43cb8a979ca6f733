"""Small graphs in the shapes that graphs come in: what calls what, what fails, what waits. Each is a function that
builds a fresh one, compiled with a checkpointer of its own."""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Annotated, Any

from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.cache.memory import InMemoryCache
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.pregel import Pregel
from langgraph.types import CachePolicy, Command, RetryPolicy, Send, StreamWriter, interrupt
from typing_extensions import TypedDict

from sample_graphs._model import Reply, model

INPUT: Any = {"said": ["in"]}
Node = Callable[..., Awaitable[Any]]


class State(TypedDict, total=False):
    said: Annotated[list[str], operator.add]


def says(text: str) -> Node:
    """A node that writes a custom event, and its text into the state."""

    async def node(state: State, writer: StreamWriter) -> dict[str, Any]:
        writer({"from": text})
        return {"said": [text]}

    return node


def chain(*names: str, saver: Any = None, name: str | None = None, **compiling: Any) -> Pregel[Any, Any, Any, Any]:
    """Nodes one after the other."""
    builder = StateGraph(State)
    for each in names:
        builder.add_node(each, says(each))
    builder.add_edge(START, names[0])
    for one, other in pairwise(names):
        builder.add_edge(one, other)
    return builder.compile(checkpointer=saver, name=name or "LangGraph", **compiling)


def beside(saver: Any = True, **nodes: Any) -> Pregel[Any, Any, Any, Any]:
    """Nodes side by side in one superstep."""
    builder = StateGraph(State)
    for name, node in nodes.items():
        builder.add_node(name, node)
        builder.add_edge(START, name)
    return builder.compile(checkpointer=InMemorySaver() if saver is True else saver)


def calling(inner: Pregel[Any, Any, Any, Any], how: Callable[[Any], Awaitable[Any]]) -> Pregel[Any, Any, Any, Any]:
    """One node whose code calls a graph."""

    async def call(state: State) -> dict[str, Any]:
        await how(inner)
        return {"said": ["call"]}

    return beside(call=call)


async def fails(state: State) -> dict[str, Any]:
    await asyncio.sleep(0.01)  # after its siblings began
    raise ValueError("bad")


async def waits_for_ever(state: State) -> dict[str, Any]:
    await asyncio.Event().wait()
    return {}


async def asks(state: State) -> dict[str, Any]:
    return {"said": [interrupt("why?")]}


# --------------------------------------------------------------------- graphs in graphs


def a_subgraph_twice_in_one_node() -> Pregel[Any, Any, Any, Any]:
    async def how(inner: Any) -> None:
        await inner.ainvoke(INPUT)
        await inner.ainvoke(INPUT)

    return calling(chain("x", "y", name="inner"), how)


def two_subgraphs_at_once_in_one_node() -> Pregel[Any, Any, Any, Any]:
    async def how(inner: Any) -> None:
        await asyncio.gather(inner.ainvoke(INPUT), inner.ainvoke(INPUT))

    return calling(chain("x", "y", name="inner"), how)


def a_graph_on_a_thread_of_its_own() -> Pregel[Any, Any, Any, Any]:
    async def how(inner: Any) -> None:
        await inner.ainvoke(INPUT, {"configurable": {"thread_id": "another"}})

    builder = StateGraph(State)
    builder.add_node("deeper", chain("x", "y", name="deeper"))
    builder.add_node("last", says("last"))
    builder.add_edge(START, "deeper")
    builder.add_edge("deeper", "last")
    return calling(builder.compile(checkpointer=InMemorySaver(), name="inner"), how)


def a_failing_graph_on_a_thread_of_its_own() -> Pregel[Any, Any, Any, Any]:
    async def how(inner: Any) -> None:
        try:
            await inner.ainvoke(INPUT, {"configurable": {"thread_id": "another"}})
        except ValueError:
            pass

    inner = StateGraph(State)
    inner.add_node("bad", fails, retry_policy=RetryPolicy(max_attempts=2, initial_interval=0, retry_on=ValueError))
    inner.add_edge(START, "bad")
    return calling(inner.compile(checkpointer=InMemorySaver(), name="inner"), how)


def a_tool_that_calls_a_graph() -> Pregel[Any, Any, Any, Any]:
    inner = chain("x", name="inner")

    @tool
    async def ask(question: str) -> str:
        """Ask the graph."""
        return str(await inner.ainvoke({"said": [question]}))

    async def call(state: State) -> dict[str, Any]:
        return {"said": [await ask.ainvoke({"question": "hi"})]}

    return beside(call=call)


def a_sync_node_that_calls_a_sync_graph() -> Pregel[Any, Any, Any, Any]:
    def shout(state: State) -> dict[str, Any]:
        return {"said": ["hey"]}

    builder = StateGraph(State)
    builder.add_node("shout", shout)
    builder.add_edge(START, "shout")
    inner = builder.compile(name="inner")

    def call(state: State) -> dict[str, Any]:
        inner.invoke({"said": []})
        return {"said": ["call"]}

    return beside(call=call)


def sends_to_a_subgraph() -> Pregel[Any, Any, Any, Any]:
    builder = StateGraph(State)
    builder.add_node("child", chain("x", name="inner"))
    builder.add_node("join", says("join"), defer=True)
    builder.add_conditional_edges(START, lambda state: [Send("child", {"said": [str(i)]}) for i in range(3)])
    builder.add_edge("child", "join")
    return builder.compile(checkpointer=InMemorySaver())


def a_command_to_the_parent() -> Pregel[Any, Any, Any, Any]:
    async def up(state: State) -> Command[Any]:
        return Command(goto="other", graph=Command.PARENT, update={"said": ["up"]})

    inner = StateGraph(State)
    inner.add_node("up", up)
    inner.add_edge(START, "up")
    builder = StateGraph(State)
    builder.add_node("child", inner.compile(name="inner"))
    builder.add_node("other", says("other"))
    builder.add_edge(START, "child")
    return builder.compile(checkpointer=InMemorySaver())


# --------------------------------------------------------------------- order, joins, retries, caches


def a_deferred_node() -> Pregel[Any, Any, Any, Any]:
    builder = StateGraph(State)
    for name in ("a", "b", "c"):
        builder.add_node(name, says(name))
    builder.add_node("last", says("last"), defer=True)
    for one, other in ((START, "a"), (START, "b"), ("b", "c"), ("a", "last"), ("c", "last")):
        builder.add_edge(one, other)
    return builder.compile(checkpointer=InMemorySaver())


def no_checkpointer() -> Pregel[Any, Any, Any, Any]:
    graph = a_deferred_node()
    graph.checkpointer = None
    return graph


def a_cached_subgraph_and_a_cached_node() -> Pregel[Any, Any, Any, Any]:
    async def count(state: State) -> dict[str, Any]:
        return {"said": ["counted"]}

    def again(state: State) -> str:
        return "first" if state["said"].count("judge") < 2 else "__end__"

    builder = StateGraph(State)
    policy = CachePolicy(key_func=lambda given: b"always")
    builder.add_node("first", count, cache_policy=policy)
    builder.add_node("child", chain("x", name="inner"), cache_policy=policy)
    builder.add_node("judge", says("judge"))  # where an edge leads is cached, so not from `child`
    builder.add_edge(START, "first")
    builder.add_edge("first", "child")
    builder.add_edge("child", "judge")
    builder.add_conditional_edges("judge", again)
    return builder.compile(checkpointer=InMemorySaver(), cache=InMemoryCache())


def retried() -> Pregel[Any, Any, Any, Any]:
    tries: list[int] = []

    async def flaky(state: State) -> dict[str, Any]:
        tries.append(1)
        if len(tries) < 3:
            raise ConnectionError(f"try {len(tries)}")
        return {"said": ["flaky"]}

    builder = StateGraph(State)
    builder.add_node("flaky", flaky, retry_policy=RetryPolicy(initial_interval=0, jitter=False))
    builder.add_edge(START, "flaky")
    return builder.compile(checkpointer=InMemorySaver())


def nothing_written() -> Pregel[Any, Any, Any, Any]:
    async def idle(state: State) -> None:
        return None

    return beside(idle=idle)


# --------------------------------------------------------------------- failures


def one_of_three_fails() -> Pregel[Any, Any, Any, Any]:
    return beside(bad=fails, slow=waits_for_ever, fast=says("fast"))


def a_subgraph_fails() -> Pregel[Any, Any, Any, Any]:
    return beside(child=beside(saver=None, bad=fails, fast=says("fast")))


def an_error_handler() -> Pregel[Any, Any, Any, Any]:
    async def rescue(state: State) -> dict[str, Any]:
        return {"said": ["rescued"]}

    builder = StateGraph(State)
    builder.add_node("bad", fails, error_handler=rescue)
    builder.add_edge(START, "bad")
    return builder.compile(checkpointer=InMemorySaver())


def the_router_of_start_fails() -> Pregel[Any, Any, Any, Any]:
    def route(state: State) -> str:
        raise KeyError("nowhere")

    builder = StateGraph(State)
    builder.add_node("a", says("a"))
    builder.add_conditional_edges(START, route, ["a"])
    return builder.compile(checkpointer=InMemorySaver())


def too_many_steps() -> Pregel[Any, Any, Any, Any]:
    builder = StateGraph(State)
    builder.add_node("again", says("again"))
    builder.add_edge(START, "again")
    builder.add_edge("again", "again")
    return builder.compile(checkpointer=InMemorySaver()).with_config(recursion_limit=3)


# --------------------------------------------------------------------- questions


def two_ask_and_one_answers() -> Pregel[Any, Any, Any, Any]:
    return beside(ask=asks, wonder=asks, fast=says("fast"))


def a_subgraph_asks() -> Pregel[Any, Any, Any, Any]:
    return beside(child=beside(saver=None, ask=asks))


def a_breakpoint() -> Pregel[Any, Any, Any, Any]:
    return chain("a", "b", saver=InMemorySaver(), interrupt_before=["b"])


def a_breakpoint_after() -> Pregel[Any, Any, Any, Any]:
    return chain("a", "b", saver=InMemorySaver(), interrupt_after=["a"])


def a_breakpoint_in_a_subgraph() -> Pregel[Any, Any, Any, Any]:
    return beside(child=chain("a", "b", interrupt_before=["b"], name="inner"))


# --------------------------------------------------------------------- functional


def tasks_in_tasks() -> Pregel[Any, Any, Any, Any]:
    @task
    async def leaf(number: int) -> int:
        get_stream_writer()({"leaf": number})
        return number + 1

    @task
    async def middle(number: int) -> int:
        return await leaf(number)

    @entrypoint(checkpointer=InMemorySaver())
    async def main(given: Any) -> int:
        one, other = await asyncio.gather(middle(1), leaf(10))
        return one + other

    return main


def a_task_asks() -> Pregel[Any, Any, Any, Any]:
    @task
    async def ask(number: int) -> Any:
        return interrupt("why?")

    @entrypoint(checkpointer=InMemorySaver())
    async def main(given: Any) -> Any:
        return await ask(1)

    return main


# --------------------------------------------------------------------- models and messages


def a_model_in_the_router_of_start() -> Pregel[Any, Any, Any, Any]:
    chooser = model([Reply("go to a")])

    async def route(state: State) -> str:
        await chooser.ainvoke("where to?")
        return "a"

    builder = StateGraph(State)
    builder.add_node("a", says("a"))
    builder.add_conditional_edges(START, route, ["a"])
    return builder.compile(checkpointer=InMemorySaver())


class Chat(TypedDict, total=False):
    messages: Annotated[list[Any], operator.add]
    last: Any


def messages_of_many_kinds() -> Pregel[Any, Any, Any, Any]:
    """A streamed message; one that no model made; one without an id, twice; a silent model; one in a subgraph."""
    loud, quiet, inner = model([Reply("loud words")]), model([Reply("quiet words")]), model([Reply("inner words")])
    silent = quiet.with_config(tags=["nostream"])

    async def speak(state: Chat) -> dict[str, Any]:
        return {"messages": [await loud.ainvoke("hi")]}

    async def write(state: Chat) -> Command[Any]:
        made = AIMessage("made here")
        return Command(update={"messages": [made, HumanMessage("with an id", id="h1")], "last": made})

    async def hush(state: Chat) -> dict[str, Any]:
        return {"last": await silent.ainvoke("hi")}

    async def deep(state: Chat) -> dict[str, Any]:
        return {"messages": [await inner.ainvoke("hi")]}

    within = StateGraph(Chat)
    within.add_node(deep)
    within.add_edge(START, "deep")
    builder = StateGraph(Chat)
    for node in (speak, write, hush):
        builder.add_node(node)
    builder.add_node("child", within.compile(name="inner"))
    for one, other in ((START, "speak"), ("speak", "write"), ("write", "hush"), ("hush", "child")):
        builder.add_edge(one, other)
    return builder.compile(checkpointer=InMemorySaver())


TREES: dict[Callable[[], Pregel[Any, Any, Any, Any]], str] = {
    a_subgraph_twice_in_one_node: "call{(graph inner){x y} (graph inner){x y}}",
    two_subgraphs_at_once_in_one_node: "call{(graph inner){x y} (graph inner){x y}}",
    a_graph_on_a_thread_of_its_own: "call{(graph inner){deeper{(graph deeper){x y}} last}}",
    a_failing_graph_on_a_thread_of_its_own: "call{(graph inner)[error]{bad[error attempts=2]}}",
    a_tool_that_calls_a_graph: "call{(tool ask){(graph inner){x}}}",
    a_sync_node_that_calls_a_sync_graph: "call{(graph inner){shout}}",
    sends_to_a_subgraph: "child{(graph inner){x}} child{(graph inner){x}} child{(graph inner){x}} join",
    a_command_to_the_parent: "child{(graph inner){up}} other",
    a_deferred_node: "a b c last",
    no_checkpointer: "a b c last",
    a_cached_subgraph_and_a_cached_node: (
        "first child{(graph inner){x}} judge{(chain again)} first[cached] child[cached] judge{(chain again)}"
    ),
    retried: "flaky[attempts=3]",
    nothing_written: "idle",
    one_of_three_fails: "bad[error] fast slow[cancelled]",
    a_subgraph_fails: "child[error]{(graph LangGraph)[error]{bad[error] fast}}",
    an_error_handler: "__error_handler__bad bad[error]",
    the_router_of_start_fails: "__start__[error]",
    too_many_steps: "again again again",
    two_ask_and_one_answers: "ask[interrupted] fast wonder[interrupted]",
    a_subgraph_asks: "child[interrupted]{(graph LangGraph)[interrupted]{ask[interrupted]}}",
    a_breakpoint: "a",
    a_breakpoint_after: "a",
    a_breakpoint_in_a_subgraph: "child[interrupted]{(graph inner)[interrupted]{a}}",
    tasks_in_tasks: "main{leaf middle{leaf}}",
    a_task_asks: "main[interrupted]{ask[interrupted]}",
    a_model_in_the_router_of_start: "(chain route){(model ScriptedChatModel)} a",
    messages_of_many_kinds: (
        "speak{(model ScriptedChatModel)} write hush{(model ScriptedChatModel)} "
        "child{(graph inner){deep{(model ScriptedChatModel)}}}"
    ),
}
"""Each shape, and its timeline: rows in the order of superstep and name, those inside in braces, what is not ok in
brackets."""
