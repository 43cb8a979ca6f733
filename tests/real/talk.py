"""What the models of providers say in these tests, and a graph that calls one."""

from __future__ import annotations

from typing import Any

from langchain_core.tools import tool
from langgraph.graph import MessagesState, StateGraph

from tests.real.wire import Say

THOUGHT = ["**First** I look at it", "**Then** I decide"]
CALLS = [("call_1", "add", {"a": 1, "b": 2}), ("call_2", "add", {"a": 30, "b": 4})]
ASKS = Say("Let me add.", THOUGHT, CALLS, read=100, wrote=50, cached=40, written=10, thought=22)
TELLS = Say("3 and 34.", read=160, wrote=9, cached=100)


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


def asking(model: Any, how: str = "ainvoke") -> Any:
    """A graph of one node that calls the model."""

    async def node(state: MessagesState) -> Any:
        if how == "ainvoke":
            return {"messages": [await model.ainvoke("hi")]}
        pieces = [piece async for piece in model.astream("hi")]
        return {"messages": [sum(pieces[1:], pieces[0])]}

    def waiting(state: MessagesState) -> Any:
        return {"messages": [model.invoke("hi")]}

    builder = StateGraph(MessagesState).add_node("ask", waiting if how == "invoke" else node)
    return builder.add_edge("__start__", "ask").compile()
