"""A loop of supersteps with a second node that is never reached: for breakpoints on the loop's node, and elsewhere."""

from __future__ import annotations

from typing import Any, Literal

from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict


class Walk(TypedDict, total=False):
    steps: int
    done: int


async def step(state: Walk) -> dict[str, Any]:
    """One more."""
    return {"done": state.get("done", 0) + 1}


async def never(state: Walk) -> dict[str, Any]:
    """Not reached."""
    return {}


def again(state: Walk) -> Literal["step", "never", "__end__"]:
    if state["done"] < 0:
        return "never"
    return "step" if state["done"] < state["steps"] else "__end__"


builder = StateGraph(Walk)
builder.add_node(step)
builder.add_node(never)
builder.add_edge(START, "step")
builder.add_conditional_edges("step", again)

graph = builder.compile().with_config(recursion_limit=1_000_000)
