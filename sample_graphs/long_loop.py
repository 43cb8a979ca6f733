"""A loop of many supersteps, a thousand unless the input says otherwise.

What to look at: that nothing gets slower. *Timeline* follows the newest of the rows while you can scroll through all of
them, the superstep counts up in the header, and a step far back opens as fast as the last one. It walks the Collatz
sequence, starting over from the next number whenever it reaches 1.

The recursion limit is set on the graph with `with_config`, high enough for any number of steps one would wait for.
"""

from __future__ import annotations

from typing import Any, Literal

from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

EXAMPLE_INPUT = {"steps": 1000}

LIMIT = 1_000_000


class Walk(TypedDict, total=False):
    steps: int
    done: int
    start: int
    value: int
    peak: int


async def step(state: Walk) -> dict[str, Any]:
    """One step of the sequence."""
    start, value = state.get("start", 1), state.get("value", 1)
    if value == 1:
        start = value = start + 1
    else:
        value = value // 2 if value % 2 == 0 else 3 * value + 1
    return {"done": state.get("done", 0) + 1, "start": start, "value": value, "peak": max(state.get("peak", 0), value)}


def again(state: Walk) -> Literal["step", "__end__"]:
    return "step" if state["done"] < state.get("steps", EXAMPLE_INPUT["steps"]) else "__end__"


builder = StateGraph(Walk)
builder.add_node(step)
builder.add_edge(START, "step")
builder.add_conditional_edges("step", again)

graph = builder.compile().with_config(recursion_limit=LIMIT)
