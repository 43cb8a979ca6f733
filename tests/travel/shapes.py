"""Graphs of the shapes that are hard to go back in: fan-outs of subgraphs, deltas, histories of their own, commands."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from langgraph.channels.delta import DeltaChannel
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.types import Command, Send

from tests.travel.graphs import Ran, State, asks, line, says


def a_fan_out_of_subgraphs(ran: Ran, saver: Any) -> Any:
    builder = StateGraph(State)
    builder.add_node("split", says(ran, "split"))
    builder.add_node("child", line(ran, "one", "two"))
    builder.add_node("join", says(ran, "join"))
    builder.add_edge(START, "split")
    builder.add_conditional_edges("split", lambda state: [Send("child", {"said": [str(n)]}) for n in range(2)])
    builder.add_edge("child", "join")
    return builder.compile(checkpointer=saver)


def _all(state: list[str] | None, writes: list[list[str]]) -> list[str]:
    return [*(state or []), *(item for write in writes for item in write)]


class Kept(TypedDict, total=False):
    said: Annotated[list[str], DeltaChannel(_all, list)]
    budget: int


def _kept(ran: Ran, *names: str, saver: Any = None, **nodes: Any) -> Any:
    builder = StateGraph(Kept)
    before = START
    for name in names:
        builder.add_node(name, nodes.get(name) or says(ran, name))
        builder.add_edge(before, name)
        before = name
    return builder.compile(checkpointer=saver)


def state_in_deltas(ran: Ran, saver: Any) -> Any:
    return _kept(ran, "pre", "child", "post", saver=saver, child=_kept(ran, "one", "two", "three"))


def a_history_of_its_own(ran: Ran, saver: Any) -> Any:
    child = line(ran, "one", "ask", "two", saver=True, ask=asks(ran, "ask"))
    return line(ran, "pre", "child", "post", saver=saver, child=child)


def commands_out_of_a_subgraph(ran: Ran, saver: Any) -> Any:
    async def a(state: State) -> Command[Any]:
        ran.append("a")
        return Command(goto="child", update={"said": ["a"]})

    async def x(state: State) -> Command[Any]:
        ran.append("x")
        return Command(goto="y")

    async def y(state: State) -> Command[Any]:
        ran.append("y")
        return Command(goto="z", graph=Command.PARENT, update={"said": ["y"]})

    child = StateGraph(State)
    child.add_node("x", x, destinations=("y",))
    child.add_node("y", y)
    child.add_edge(START, "x")
    builder = StateGraph(State)
    builder.add_node("a", a, destinations=("child",))
    builder.add_node("child", child.compile())
    builder.add_node("z", says(ran, "z"))
    builder.add_edge(START, "a")
    return builder.compile(checkpointer=saver)


def a_failure_in_a_subgraph(ran: Ran, saver: Any) -> Any:
    async def bad(state: State) -> dict[str, Any]:
        ran.append("bad")
        if ran.count("bad") == 1 and not failed:
            failed.append("once")
            raise ValueError("once")
        return {"said": ["bad"]}

    failed: list[str] = []
    return line(ran, "pre", "child", "post", saver=saver, child=line(ran, "one", "bad", "two", bad=bad))


def two_calls_in_a_node(ran: Ran, saver: Any) -> Any:
    inner = line(ran, "one", "two")

    async def call(state: State) -> dict[str, Any]:
        ran.append("call")
        first = await inner.ainvoke({"said": []})
        other = await inner.ainvoke({"said": []})
        return {"said": first["said"] + other["said"]}

    return line(ran, "before", "call", "after", saver=saver, call=call)


def functions(ran: Ran, saver: Any) -> Any:
    @task
    async def one(number: int) -> int:
        ran.append("one")
        return number + 1

    @entrypoint(checkpointer=saver)
    async def main(given: Any) -> Any:
        ran.append("main")
        return {"said": [str(await one(1))]}

    return main


# What runs from each checkpoint that has something next: `path step: announced | what ran`, the oldest first. A `!`
# stands for a refusal, `?` for an answer that was given on the way.
RERUNS = {
    a_fan_out_of_subgraphs: """
        -1: __start__ | join one one split two two
        0: split | join one one split two two
        1: child child | join one one two two
        child -1: __start__ | join one two
        child -1: __start__ | join one two
        child 0: one | join one two
        child 0: one | join one two
        child 1: two | join two
        child 1: two | join two
        2: join | join
    """,
    state_in_deltas: """
        -1: __start__ | one post pre three two
        0: pre | one post pre three two
        1: child | one post three two
        child -1: __start__ | one post three two
        child 0: one | one post three two
        child 1: two | post three two
        child 2: three | post three
        2: post | post
    """,
    a_history_of_its_own: """
        -1: __start__ | ask one pre ? ask post two
        0: pre | ask one pre ? ask post two
        1: child | ask one ? ask post two
        child -1: __start__ | ask one ? ask post two
        child 0: one | ask one ? ask post two
        child 1: ask | ask ? ask post two
        child 2: two | post two
        2: post | post
    """,
    commands_out_of_a_subgraph: """
        -1: __start__ | a x y z
        0: a | a x y z
        1: child | x y z
        child -1: __start__ | x y z
        child 0: x | x y z
        child 1: y | y z
        2: z | z
    """,
    a_failure_in_a_subgraph: """
        -1: __start__ | bad one post pre two
        0: pre | bad one post pre two
        1: child | bad one post two
        child -1: __start__ | bad one post two
        child 0: one | bad one post two
        child 1: bad | bad post two
    """,
    two_calls_in_a_node: """
        -1: __start__ | after before call one one two two
        0: before | after before call one one two two
        1: call | after call one one two two
        call -1: __start__ call | after call one one two two
        call 0: call one | after call one one two two
        call 1: call two | after call one two two
        call > 1 -1: !
        call > 1 0: !
        call > 1 1: !
        2: after | after
    """,
    functions: """
        -1: main | main one
    """,
}
