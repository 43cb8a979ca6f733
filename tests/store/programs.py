"""Plain LangGraph programs, of the kinds that people write: each fills a thread and leaves it somewhere."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.channels.delta import DeltaChannel
from langgraph.func import entrypoint, task
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, Send, interrupt
from pydantic import BaseModel

CONFIG: RunnableConfig = {"configurable": {"thread_id": 'it\'s "t"\n☃\x1b[31m'}, "metadata": {"user": "ana"}}


class Words(TypedDict, total=False):
    words: Annotated[list[Any], operator.add]
    number: int


def say(word: str) -> Callable[[Any], Any]:
    return lambda state: {"words": [word]}


def ask(state: Any) -> Any:
    return {"words": [interrupt({"question": "Which word?"})]}


def fail(state: Any) -> Any:
    raise ValueError("no words left (today)")


def chain(*nodes: tuple[str, Any], state: Any = Words) -> Any:
    builder: Any = StateGraph(state)
    before = START
    for name, function in nodes:
        builder.add_node(name, function)
        builder.add_edge(before, name)
        before = name
    return builder


def fan_out(saver: Any) -> Any:
    """Branches, a join, packets of which one asks, a subgraph; answered."""

    def each(state: Any) -> Any:
        return {"words": [interrupt("And?") if state["number"] == 1 else state["number"]]}

    builder: Any = StateGraph(Words)
    for name in ("a", "b", "c"):
        builder.add_node(name, say(name))
    builder.add_node("each", each)
    builder.add_node("inner", chain(("one", say("1")), ("two", say("2"))).compile())
    builder.add_edge(START, "a")
    builder.add_edge(START, "b")
    builder.add_edge(["a", "b"], "c")
    builder.add_conditional_edges("c", lambda s: [Send("each", {"number": n}) for n in range(3)], ["each"])
    builder.add_edge("each", "inner")
    graph = builder.compile(checkpointer=saver)
    graph.invoke({"words": []}, CONFIG)
    graph.invoke(Command(resume="yes"), CONFIG)
    return graph


def waiting_inside(saver: Any) -> Any:
    """A question two subgraphs deep, not answered, while a sibling is done."""
    deep = chain(("hello", say("hello")), ("ask", ask)).compile()
    middle = chain(("first", say("first")), ("deep", deep)).compile()
    builder = chain(("before", say("before")), ("middle", middle))
    builder.add_node("beside", say("beside"))
    builder.add_edge("before", "beside")
    graph = builder.compile(checkpointer=saver)
    graph.invoke({"words": []}, CONFIG)
    return graph


def answered_inside(saver: Any) -> Any:
    """The same, answered twice over, and a second input."""
    inner = chain(("hello", say("hello")), ("ask", ask), ("again", ask)).compile()
    graph = chain(("inner", inner), ("after", say("after"))).compile(checkpointer=saver)
    inputs: tuple[Any, ...] = ({"words": ["in"]}, Command(resume="one"), Command(resume="two"), {"words": ["more"]})
    for given in inputs:
        graph.invoke(given, CONFIG)
    return graph


def forked(saver: Any) -> Any:
    """An edit of an earlier state, run on from there; an edit as somebody; a re-run."""
    graph = chain(("a", say("a")), ("b", say("b")), ("c", say("c"))).compile(checkpointer=saver)
    graph.invoke({"words": ["in"]}, CONFIG)
    history = list(graph.get_state_history(CONFIG))
    there = next(s for s in history if s.next == ("b",))
    edited = graph.update_state(there.config, {"words": ["edited"]})
    graph.invoke(None, edited)
    graph.invoke(None, next(s for s in history if s.next == ("c",)).config)
    graph.update_state(CONFIG, {"words": ["as b"]}, as_node="b")
    return graph


def failed(saver: Any) -> Any:
    """One of two branches fails; the other's writes are pending."""
    builder = chain(("a", say("a")), ("bad", fail))
    builder.add_node("good", say("good"))
    builder.add_edge("a", "good")
    graph = builder.compile(checkpointer=saver)
    with suppress(ValueError):
        graph.invoke({"words": []}, CONFIG)
    return graph


def failed_then_done(saver: Any) -> Any:
    """A failure, and the run taken up again."""
    tries: list[int] = []

    def flaky(state: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OSError("gone")
        return {"words": ["there"]}

    graph = chain(("a", say("a")), ("flaky", flaky), ("z", say("z"))).compile(checkpointer=saver)
    with suppress(OSError):
        graph.invoke({"words": []}, CONFIG)
    graph.invoke(None, CONFIG)
    return graph


def stopped(saver: Any) -> Any:
    """A static breakpoint, once passed, once not."""
    graph = chain(("a", say("a")), ("b", say("b")), ("c", say("c")), ("d", say("d"))).compile(
        checkpointer=saver, interrupt_before=["b", "d"]
    )
    graph.invoke({"words": []}, CONFIG)
    graph.invoke(None, CONFIG)
    return graph


def deferred(saver: Any) -> Any:
    """A node that waits until all else is done, and one that jumps by a command."""
    builder: Any = StateGraph(Words)
    builder.add_node("a", say("a"))
    builder.add_node("b", lambda state: Command(goto="far", update={"words": ["b"]}), destinations=("far",))
    builder.add_node("far", say("far"))
    builder.add_node("last", say("last"), defer=True)
    for name in ("a", "b"):
        builder.add_edge(START, name)
        builder.add_edge(name, "last")
    builder.add_edge("far", END)
    graph = builder.compile(checkpointer=saver)
    graph.invoke({"words": []}, CONFIG)
    return graph


def remembering(saver: Any) -> Any:
    """A subgraph with a memory of its own, called in two runs."""
    inner = chain(("one", say("1")), ("two", say("2"))).compile(checkpointer=True)
    graph = chain(("a", say("a")), ("inner", inner)).compile(checkpointer=saver)
    graph.invoke({"words": ["x"]}, CONFIG)
    graph.invoke({"words": ["y"]}, CONFIG)
    return graph


class Item(BaseModel):
    name: str
    tags: set[str] = set()


class Order(BaseModel):
    items: list[Item] = []
    total: float = 0.0
    note: str | None = None


def pydantic_state(saver: Any) -> Any:
    def add(state: Order) -> Any:
        return {"items": [*state.items, Item(name="lamp", tags={"light"})], "total": 40.5}

    graph = chain(("add", add), ("close", lambda state: {"note": "closed"}), state=Order).compile(checkpointer=saver)
    graph.invoke({"items": [Item(name="bulb")]}, CONFIG)
    return graph


@dataclass
class Trip:
    city: str
    days: int = 1
    stops: Annotated[list[str], operator.add] = field(default_factory=list)


def dataclass_state(saver: Any) -> Any:
    graph = chain(("go", lambda s: {"stops": [s.city]}), ("stay", lambda s: {"days": s.days + 1}), state=Trip)
    compiled = graph.compile(checkpointer=saver)
    compiled.invoke({"city": "Lisbon"}, CONFIG)
    return compiled


class Chat(TypedDict):
    messages: Annotated[list[Any], add_messages]


def messages(saver: Any) -> Any:
    def answer(state: Chat) -> Any:
        call = {"name": "look", "args": {"where": "up"}, "id": "call-1"}
        return {"messages": [AIMessage("Let me look.", tool_calls=[call], id="ai-1")]}

    graph = chain(("answer", answer), state=Chat).compile(checkpointer=saver)
    graph.invoke({"messages": [HumanMessage("What is it?", id="h-1")]}, CONFIG)
    return graph


def functional(saver: Any) -> Any:
    """An entrypoint with calls and a question, answered; then again with what it remembers."""

    @task
    def double(number: int) -> int:
        return number * 2

    @entrypoint(checkpointer=saver)
    def work(number: int, previous: Any = None) -> Any:
        doubled = double(number).result()
        more = interrupt(f"{doubled}: how many more?")
        return entrypoint.final(value={"sum": double(doubled + more).result()}, save=doubled)

    work.invoke(3, CONFIG)
    work.invoke(Command(resume=4), CONFIG)
    work.invoke(5, CONFIG)
    return work


def at_exit(saver: Any) -> Any:
    """Only the last checkpoint is kept."""
    graph = chain(("a", say("a")), ("b", say("b"))).compile(checkpointer=saver)
    graph.invoke({"words": ["in"]}, CONFIG, durability="exit")
    return graph


def joined(state: list[str], writes: list[list[str]]) -> list[str]:
    return [*state, *(line for write in writes for line in write)]


class Lines(TypedDict):
    lines: Annotated[list[str], DeltaChannel(joined, list, snapshot_frequency=2)]


def deltas(saver: Any) -> Any:
    """State that is kept as deltas, with a snapshot now and then."""
    graph = chain(*((name, lambda s, name=name: {"lines": [name]}) for name in "abcde"), state=Lines)
    compiled = graph.compile(checkpointer=saver)
    compiled.invoke({"lines": ["in"]}, CONFIG)
    return compiled


PROGRAMS: tuple[Callable[[Any], Any], ...] = (
    fan_out, waiting_inside, answered_inside, forked, failed, failed_then_done, stopped, deferred, remembering,
    pydantic_state, dataclass_state, messages, functional, at_exit, deltas,
)  # fmt: skip
