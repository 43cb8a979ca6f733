"""How much longer a run takes under the inspector: a loop of many supersteps, and a long stream of tokens.

The bare thing is `async for` over the same call in a process of its own, the loop alone on the clock. Headless is the
command with its output in a file; the time is the run's own (`run_ended.duration`), and the command's as a whole over
that of the bare program. In the app, in a terminal of 120x40 that is read, it is from when the graph began by its own
clock to when the app has taken in the end of the run: an app that lags behind its graph does not look fast.

A bare run goes before each of ours.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.setting import PYTHON, SAMPLES, Finished, Setting, run
from benchmarks.table import Row
from benchmarks.terminal import start_app

HEADLESS, APP = 1.10, 1.15


@dataclass(frozen=True, slots=True)
class Load:
    """What is run: a sample graph and its input."""

    title: str
    sample: str
    input: dict[str, Any]

    @property
    def ref(self) -> str:
        return f"{SAMPLES / self.sample}.py:graph"


@dataclass(slots=True)
class Pairs:
    """A bare figure and ours for every round."""

    bare: list[float] = field(default_factory=list)
    ours: list[float] = field(default_factory=list)

    def add(self, bare: float, ours: float) -> None:
        self.bare.append(bare)
        self.ours.append(ours)

    def row(self, name: str, limit: float | None = None, note: str = "") -> Row:
        return Row(name, "s", self.ours, self.bare, limit, note=note)


def loop(setting: Setting) -> Iterator[Row]:
    """The loop of a thousand supersteps."""
    steps = 100 if setting.quick else 1_000
    return _compare(setting, Load(f"{steps:,} supersteps", "long_loop", {"steps": steps}))


def tokens(setting: Setting) -> Iterator[Row]:
    """The stream of twenty thousand tokens, as fast as they can be made."""
    count = 2_000 if setting.quick else 20_000
    return _compare(setting, Load(f"{count:,} tokens", "token_flood", {"tokens": count}))


def _compare(setting: Setting, load: Load) -> Iterator[Row]:
    headless, command, app, graph = Pairs(), Pairs(), Pairs(), Pairs()
    shares = []
    for number in range(1, setting.rounds + 1):
        bare, whole = _bare(setting, load)
        duration, finished = _headless(setting, load)
        headless.add(bare["wall"], duration)
        command.add(whole.wall, finished.wall)
        bare, whole = _bare(setting, load)
        seen, left = _app(setting, load)
        app.add(bare["wall"], seen)
        graph.add(whole.cpu, left["graph_cpu"])
        shares.append(left["cpu"] / seen)
        setting.say(
            f"{load.title} {number}/{setting.rounds}: bare {headless.bare[-1]:.2f} s, headless {duration:.2f} s; "
            f"bare {bare['wall']:.2f} s, app {seen:.2f} s"
        )
    yield headless.row(f"{load.title}, headless", HEADLESS)
    yield app.row(f"{load.title}, app", APP, note=f"the app itself, start to end: {median(shares):.0%} of a core")
    yield command.row(f"{load.title}, headless, the whole command", note="with all imports, both")
    yield graph.row(f"{load.title}, app, CPU time of the graph's process", note="with imports, both")


def _bare(setting: Setting, load: Load) -> tuple[dict[str, float], Finished]:
    cwd = setting.fresh("bare")
    cwd.mkdir()
    module, given = f"sample_graphs.{load.sample}", json.dumps(load.input)
    finished = run(
        [PYTHON, "-m", "benchmarks.programs.bare", module, given, "threads.sqlite"], cwd=cwd, output=cwd / "out"
    )
    said: dict[str, float] = json.loads(finished.output)
    return said, finished


def _headless(setting: Setting, load: Load) -> tuple[float, Finished]:
    cwd = setting.fresh("headless")
    cwd.mkdir()
    argv = [PYTHON, "-m", "inspector", "run", load.ref, "--input", json.dumps(load.input), "--headless"]
    finished = run(argv, cwd=cwd, output=cwd / "out")
    last = json.loads(finished.output.splitlines()[-1])
    if last["kind"] != "run_ended" or last["status"] != "done":
        raise RuntimeError(f"{load.title}: the last line is {last}")
    return float(last["duration"]), finished


def _app(setting: Setting, load: Load) -> tuple[float, dict[str, float]]:
    """Seconds until the app had taken in the end, and the report that it `left`."""
    terminal = start_app(setting.fresh("app"), {"ref": load.ref, "input": load.input, "exit_on_end": True})
    began = terminal.wait_report("started")["at"]
    ended = terminal.wait_report("ended")["at"]
    left = terminal.wait_report("left")
    terminal.wait_end()
    return ended - began, left


BENCHMARKS: dict[str, Callable[[Setting], Iterator[Row]]] = {"loop": loop, "tokens": tokens}
