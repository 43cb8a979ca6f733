"""Graphs that note each execution of a node, for tests that count them."""

from __future__ import annotations

import operator
from typing import Annotated, Any, TypedDict

from langchain_core.messages import AnyMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, Send, interrupt


class State(TypedDict, total=False):
    said: Annotated[list[str], operator.add]
    budget: int
    answers: Annotated[dict[str, Any], operator.or_]
    messages: Annotated[list[AnyMessage], add_messages]


class Ran(list[str]):
    """The nodes that ran, in order."""

    def take(self) -> list[str]:
        """What ran since the last look, sorted: parallel nodes come in any order."""
        taken = sorted(self)
        self.clear()
        return taken


def says(ran: Ran, name: str) -> Any:
    async def node(state: Any) -> dict[str, Any]:
        ran.append(name)
        return {"said": [name]}

    return node


def asks(ran: Ran, name: str) -> Any:
    async def node(state: State) -> dict[str, Any]:
        ran.append(name)
        return {"said": [name], "answers": {name: interrupt(f"{name}?")}}

    return node


def line(ran: Ran, *names: str, saver: Any = None, **nodes: Any) -> Any:
    """A graph of nodes one after another: those of `nodes`, else nodes that say their name."""
    builder = StateGraph(State)
    before = START
    for name in names:
        builder.add_node(name, nodes.get(name) or says(ran, name))
        builder.add_edge(before, name)
        before = name
    return builder.compile(checkpointer=saver)


def deep(ran: Ran, saver: Any) -> Any:
    """plan, then research(search, read(fetch, ask, note), rank) beside check, then write. `ask` interrupts."""
    read = line(ran, "fetch", "ask", "note", ask=asks(ran, "ask"))
    research = line(ran, "search", "read", "rank", read=read)
    builder = StateGraph(State)
    for name in ("plan", "check", "write"):
        builder.add_node(name, says(ran, name))
    builder.add_node("research", research)
    builder.add_edge(START, "plan")
    builder.add_edge("plan", "research")
    builder.add_edge("plan", "check")
    builder.add_edge(["research", "check"], "write")
    return builder.compile(checkpointer=saver)


def parallel_questions(ran: Ran, saver: Any) -> Any:
    """left and right ask at the same time, beside work; then done."""
    builder = StateGraph(State)
    for name in ("left", "right"):
        builder.add_node(name, asks(ran, name))
    builder.add_node("work", says(ran, "work"))
    builder.add_node("done", says(ran, "done"))
    for name in ("left", "right", "work"):
        builder.add_edge(START, name)
        builder.add_edge(name, "done")
    return builder.compile(checkpointer=saver)


def fan_out(ran: Ran, saver: Any) -> Any:
    """split sends three packets to work, then join; a router decides after split."""
    builder = StateGraph(State)
    builder.add_node("split", says(ran, "split"))
    builder.add_node("work", says(ran, "work"))
    builder.add_node("join", says(ran, "join"))
    builder.add_edge(START, "split")
    builder.add_conditional_edges("split", lambda state: [Send("work", {"said": [], "budget": n}) for n in range(3)])
    builder.add_edge("work", "join")
    return builder.compile(checkpointer=saver)


def routed(ran: Ran, saver: Any) -> Any:
    """judge goes to cheap or dear by the budget, then end; spare is reached by a jump only."""
    builder = StateGraph(State)
    for name in ("judge", "cheap", "dear"):
        builder.add_node(name, says(ran, name))

    async def spare(state: State) -> Command[Any]:
        ran.append("spare")
        return Command(update={"said": ["spare"]}, goto=END)

    builder.add_node("spare", spare)
    builder.add_edge(START, "judge")
    builder.add_conditional_edges("judge", lambda s: "dear" if s.get("budget", 0) > 100 else "cheap", ["cheap", "dear"])
    return builder.compile(checkpointer=saver)


def called_in_a_node(ran: Ran, saver: Any) -> Any:
    """before, then call, whose code runs a graph (one, two), then after."""
    inner = line(ran, "one", "two")

    async def call(state: State) -> dict[str, Any]:
        ran.append("call")
        found = await inner.ainvoke({"said": []})
        return {"said": found["said"]}

    return line(ran, "before", "call", "after", saver=saver, call=call)


def waits_beside(ran: Ran, saver: Any) -> Any:
    """left asks beside child (one, ask); then done."""
    child = line(ran, "one", "ask", ask=asks(ran, "ask"))
    builder = StateGraph(State)
    builder.add_node("child", child)
    builder.add_node("left", asks(ran, "left"))
    builder.add_node("done", says(ran, "done"))
    for name in ("child", "left"):
        builder.add_edge(START, name)
    builder.add_edge(["child", "left"], "done")
    return builder.compile(checkpointer=saver)


def two_in_a_row(ran: Ran, saver: Any) -> Any:
    """pre, then child(ask, further), which both ask."""
    child = line(ran, "ask", "further", ask=asks(ran, "ask"), further=asks(ran, "further"))
    return line(ran, "pre", "child", saver=saver, child=child)
