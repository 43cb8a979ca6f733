"""What stopping costs: a breakpoint whose condition is never true, one elsewhere, and a step.

Runs with a breakpoint are compared with the same run without one, headless, by the run's own duration
(`run_ended.duration`). A step is from the developer's order to the moment that the next task is held, as the session
sees both, over a graph whose nodes take no time: all of it is the inspector's and LangGraph's own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from statistics import median
from time import perf_counter

from benchmarks.setting import PYTHON, ROOT, Setting, run
from benchmarks.table import Row

GRAPH = ROOT / "benchmarks" / "graphs" / "steps.py"
ON_THE_NODE, ELSEWHERE, STEP = 1.25, 1.05, 30.0


def breakpoints(setting: Setting) -> Iterator[Row]:
    """The loop of a thousand supersteps with a breakpoint that never stops it."""
    steps = 100 if setting.quick else 1_000
    kinds = {
        "a condition that is never true": ("step if state.steps < 0 and step > 0", ON_THE_NODE),
        "a breakpoint elsewhere": ("never", ELSEWHERE),
    }
    bare: dict[str, list[float]] = {kind: [] for kind in kinds}
    ours: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(1, setting.rounds + 1):
        for kind, (spec, _) in kinds.items():
            bare[kind].append(_duration(setting, steps))
            ours[kind].append(_duration(setting, steps, "--break", spec))
            setting.say(f"{kind} {number}/{setting.rounds}: {bare[kind][-1]:.2f} s, {ours[kind][-1]:.2f} s with it")
    for kind, (_, limit) in kinds.items():
        yield Row(f"{steps:,} supersteps, {kind}", "s", ours[kind], bare[kind], limit)


def step(setting: Setting) -> Iterator[Row]:
    """A step over a node that takes no time."""
    steps = 20 if setting.quick else 200
    figures = [asyncio.run(_steps(setting, steps)) for _ in range(setting.rounds)]
    yield Row("a step, order to stop", "ms", [median(each) * 1e3 for each in figures], limit=STEP)


def _duration(setting: Setting, steps: int, *options: str) -> float:
    cwd = setting.fresh("control")
    cwd.mkdir()
    given = json.dumps({"steps": steps})
    argv = [PYTHON, "-m", "inspector", "run", f"{GRAPH}:graph", "--input", given, "--headless", *options]
    finished = run(argv, cwd=cwd, output=cwd / "out")
    last = json.loads(finished.output.splitlines()[-1])
    if last["kind"] != "run_ended" or last["status"] != "done":
        raise RuntimeError(f"a run with {options}: the last line is {last}")
    return float(last["duration"])


async def _steps(setting: Setting, steps: int) -> list[float]:
    """Seconds of each step."""
    from inspector.core.reference import resolve
    from inspector.session import Session, Settings

    cwd = setting.fresh("step")
    cwd.mkdir()
    session = Session(Settings(resolve(f"{GRAPH}:graph", cwd), cwd=cwd))
    taken = []

    async def held_after(hold: str) -> str:
        while hold in session.view.run.held or not session.view.run.held:
            if not session.running:
                raise RuntimeError("the run ended while it was stepped")
            await session.arrived(1.0)
            session.drain()
        return next(iter(session.view.run.held))

    try:
        await session.wait_ready()
        await session.start({"steps": steps + 2}, stop="first")
        hold = await held_after("")
        for _ in range(steps):
            began = perf_counter()
            await session.steer.step("over")
            hold = await held_after(hold)
            taken.append(perf_counter() - began)
        await session.cancel()
    finally:
        await session.close()
    return taken


BENCHMARKS: dict[str, Callable[[Setting], Iterator[Row]]] = {"breaks": breakpoints, "step": step}
