"""What a node must not do, and how it shows: hold up the event loop.

What to look at: `beat` ticks ten times a second beside each offender, and its ticks (*Output*) stop while `sleeper`, an
async node, calls `time.sleep`, and again while `spinner` computes without a pause. The inspector stays responsive and
says which node blocks. The input says for how many seconds; 3 unless it does.
"""

from __future__ import annotations

import time
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import StreamWriter
from typing_extensions import TypedDict

from ._pace import hold_up, pause, waits

EXAMPLE_INPUT = {"seconds": 3.0}

TICK = 0.1


class Load(TypedDict, total=False):
    seconds: float
    slept: float
    rounds: int


def seconds(state: Load) -> float:
    return state.get("seconds", EXAMPLE_INPUT["seconds"])


async def tick(state: Load, writer: StreamWriter, beside: str) -> None:
    """Tick for a little longer than the offender blocks."""
    began = last = time.perf_counter()
    for n in range(1, round(seconds(state) / TICK) + 5):
        await pause(TICK)
        now = time.perf_counter()
        writer({"tick": n, "beside": beside, "late_ms": round(max(0.0, now - last - TICK * waits()) * 1000)})
        last = now
        if now - began > (seconds(state) + 4 * TICK) * waits():
            break


async def beat(state: Load, writer: StreamWriter) -> dict[str, Any]:
    await tick(state, writer, "sleeper")
    return {}


async def beat_again(state: Load, writer: StreamWriter) -> dict[str, Any]:
    await tick(state, writer, "spinner")
    return {}


async def sleeper(state: Load) -> dict[str, Any]:
    """Sleeps in the event loop, instead of `await asyncio.sleep`."""
    await pause(2 * TICK)
    began = time.perf_counter()
    hold_up(seconds(state))
    return {"slept": round(time.perf_counter() - began, 2)}


async def spinner(state: Load) -> dict[str, Any]:
    """Computes in the event loop, holding Python's lock all the while."""
    await pause(2 * TICK)
    until = time.perf_counter() + seconds(state) * waits()
    rounds, total = 0, 0
    while time.perf_counter() < until:
        total += sum(n * n for n in range(1000))
        rounds += 1
    return {"rounds": rounds}


builder = StateGraph(Load)
builder.add_node(sleeper)
builder.add_node(beat)
builder.add_node(spinner)
builder.add_node(beat_again)
builder.add_edge(START, "sleeper")
builder.add_edge(START, "beat")
builder.add_edge(["sleeper", "beat"], "spinner")
builder.add_edge(["sleeper", "beat"], "beat_again")
builder.add_edge("spinner", END)
builder.add_edge("beat_again", END)

graph = builder.compile()
