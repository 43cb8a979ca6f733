"""From a key press to its picture: how long the app takes to answer while the graph makes it hard.

The keys 4 and 5 open the panes *Tokens* and *Tools* in turn. A press is answered when the terminal has got the other
tab with its pane; the presses come every 110 to 150 ms, at no fixed distance from the app's own beat. While a stream
runs, while an `async` node sits in `time.sleep`, while a node computes without a pause; and, for comparison, while
nothing runs.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from statistics import median
from time import sleep
from typing import Any

from benchmarks.feeding import feeder
from benchmarks.screen import Press, answers
from benchmarks.setting import SAMPLES, Setting
from benchmarks.table import Row, percentile
from benchmarks.terminal import Terminal, start_app

LIMIT = 50.0  # milliseconds, of the 99th percentile
RATE = 5_000  # tokens a second
SETTLED = 1.5  # seconds after the start of a run, when all panes are made
WARM = 0.25  # `blocking` waits 0.2 s before it blocks

IDLE, FED, FLOOD, SLEEP, SPIN = (
    "idle",
    f"{RATE:,} tokens/s",
    "a graph that streams",
    "async node in time.sleep(3)",
    "node spinning in Python",
)


@dataclass(slots=True)
class Answers:
    """The seconds that answers took, by round, and what there is to note."""

    rounds: list[list[float]] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def row(self, what: str) -> Row:
        every = [1000 * seconds for taken in self.rounds for seconds in taken]
        each = [1000 * percentile(taken, 0.99) for taken in self.rounds]
        p99 = percentile(every, 0.99)
        note = f"p50 {median(every):.0f} ms, p99 of all {p99:.0f} ms, max {max(every):.0f} ms, {len(every)} presses"
        if self.rates:
            note += f", {median(self.rates):,.0f} tokens/s"
        limit = None if what == IDLE else LIMIT
        return Row(f"key to picture p99, {what}", "ms", each, limit=limit, note=note)


def keys(setting: Setting) -> Iterator[Row]:
    """From key press to its picture: idle, while tokens stream in, while nodes block."""
    found: dict[str, Answers] = defaultdict(Answers)
    seconds = 2 if setting.quick else 5
    for number in range(1, setting.rounds + 1):
        fed, rate, idle = _streaming(setting, _fed(setting, seconds), seconds, idle=3.0)
        found[IDLE].rounds.append(idle)
        found[FED].rounds.append(fed)
        found[FED].rates.append(rate)
        flood, rate, _ = _streaming(setting, _flood(seconds), seconds)
        found[FLOOD].rounds.append(flood)
        found[FLOOD].rates.append(rate)
        for what, taken in _blocking(setting).items():
            found[what].rounds.append(taken)
        worst = ", ".join(f"{what} {1000 * max(taken.rounds[-1]):.0f}" for what, taken in found.items())
        setting.say(f"keys {number}/{setting.rounds}: longest, ms: {worst}")
    for what in (IDLE, FED, FLOOD, SLEEP, SPIN):
        yield found[what].row(what)


def _fed(setting: Setting, seconds: int) -> dict[str, Any]:
    count = int((seconds + SETTLED) * RATE)
    given = {"tokens": count, "per_call": count, "per_second": RATE}
    return {"ref": _sample("token_flood"), "db": None, "python": feeder(setting), "input": given}


def _flood(seconds: int) -> dict[str, Any]:
    return {
        "ref": _sample("token_flood"),
        "input": {"tokens": int((seconds + SETTLED) * RATE), "per_second": RATE},
    }


def _streaming(
    setting: Setting, spec: dict[str, Any], seconds: int, idle: float = 0.0
) -> tuple[list[float], float, list[float]]:
    """`(answers while tokens came, tokens a second, answers when it was over)`."""
    terminal = start_app(setting.fresh("keys"), spec)
    began = terminal.wait_report("started")["at"]
    sleep(SETTLED)
    typing = Typing(terminal)
    typing.until(lambda: any(report["kind"] == "ended" for report in terminal.reports))
    ended = terminal.wait_report("ended")
    sleep(0.5)
    if idle:
        typing.during(idle)
        sleep(0.5)
    terminal.leave()
    taken = answers(terminal.chunks, typing.presses)
    last = began + ended["duration"]
    streamed = [seconds for press, seconds in taken if press.at < last - 0.1]
    after = [seconds for press, seconds in taken if press.at > ended["at"] + 0.3]
    return streamed, spec["input"]["tokens"] / ended["duration"], after


def _blocking(setting: Setting) -> dict[str, list[float]]:
    """Answers while the sample `blocking` blocks, by how it does."""
    terminal = start_app(setting.fresh("keys"), {"ref": _sample("blocking"), "input": {"seconds": 3.0}})
    terminal.wait_report("started")
    typing = Typing(terminal)
    typing.until(lambda: any(report["kind"] == "ended" for report in terminal.reports))
    sleep(0.5)
    terminal.leave()
    tasks = {node: (start + WARM, end) for node, start, end in terminal.wait_report("left")["tasks"]}
    taken = answers(terminal.chunks, typing.presses)
    return {
        what: [seconds for press, seconds in taken if tasks[node][0] <= press.at < tasks[node][1]]
        for what, node in ((SLEEP, "sleeper"), (SPIN, "spinner"))
    }


class Typing:
    """Presses the keys of the two tabs in turn."""

    def __init__(self, terminal: Terminal) -> None:
        self.presses: list[Press] = []
        self._terminal = terminal
        self._keys = cycle("54")

    def until(self, over: Callable[[], bool]) -> None:
        while not over():
            key = next(self._keys)
            self.presses.append(Press(self._terminal.press(key), key))
            sleep(random.uniform(0.11, 0.15))

    def during(self, seconds: float) -> None:
        left = int(seconds / 0.13)
        countdown = iter(range(left, -1, -1))
        self.until(lambda: next(countdown) == 0)


def _sample(name: str) -> str:
    return f"{Path(SAMPLES, name)}.py:graph"


BENCHMARKS: dict[str, Callable[[Setting], Iterator[Row]]] = {"keys": keys}
