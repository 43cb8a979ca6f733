"""What the inspector's process holds on to after a very long run, all panes made, in its terminal.

The events are made up, by a program in the graph's place (`benchmarks.programs.feeder`): no graph sends a million
tokens in the time that one cares to wait. Link, session, run and app are the real ones. The process is looked at from
outside (its resident memory), at every tenth of the load, when it has taken in all that was sent.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.feeding import feeder
from benchmarks.programs.feeder import QUIET
from benchmarks.setting import SAMPLES, Setting
from benchmarks.table import Row
from benchmarks.terminal import start_app

PER_TOKEN = 32.0  # bytes, with the characters of it (6 in the mean)
PER_TASK = 4_000.0  # bytes, with its checkpoint, its router, and small previews
MEGABYTE = 1_000_000


def memory(setting: Setting) -> Iterator[Row]:
    """Memory of the inspector's process after 1,000,000 tokens, and after 100,000 tasks."""
    scale = 20 if setting.quick else 1
    tokens, tasks = 1_000_000 // scale, 100_000 // scale
    yield from _grown(setting, "token", {"tokens": tokens, "per_call": max(tokens // 100, 1)}, PER_TOKEN)
    yield from _grown(setting, "task", {"tasks": tasks, "preview": 20}, PER_TASK)
    yield from _grown(setting, "task with previews of 4 kB", {"tasks": tasks, "preview": 2_000}, None)


def _grown(setting: Setting, what: str, given: dict[str, Any], limit: float | None) -> Iterator[Row]:
    sizes, each, rates = [], [], []
    for number in range(1, setting.rounds + 1):
        held, took = _watch(setting, {**given, "marks": 10})
        marks = sorted(held)
        first, middle, last = marks[0], marks[len(marks) // 2], marks[-1]
        sizes.append(held[last] / MEGABYTE)
        each.append((held[last] - held[middle]) / (last - middle))
        rates.append(last / took)
        setting.say(f"memory, {last:,} × {what} {number}/{setting.rounds}: {sizes[-1]:.0f} MB, {took:.0f} s")
    begun = f"from {held[first] / MEGABYTE:.0f} MB; made-up events, real link and app"
    yield Row(f"memory, {last:,} × {what}", "MB", sizes, note=begun)
    pace = f"over the second half; taken in at {median(rates):,.0f} a second"
    yield Row(f"memory a {what}", "B", each, limit=limit, note=pace)


def _watch(setting: Setting, given: dict[str, Any]) -> tuple[dict[int, int], float]:
    """`(resident bytes by how many were sent, seconds from first to last)`."""
    spec = {
        "ref": f"{Path(SAMPLES, 'long_loop.py')}:graph",
        "db": None,
        "python": feeder(setting),
        "input": given,
        "exit_on_end": True,
    }
    terminal = start_app(setting.fresh("memory"), spec)
    held: dict[int, int] = {}
    began = ended = 0.0
    for number in range(1, given["marks"] + 2):
        mark = terminal.wait_report("mark", count=number)
        held[int(mark["value"])] = resident(terminal.pid)
        began, ended = began or mark["at"], mark["at"]
    terminal.wait_report("left")
    terminal.wait_end()
    quiet = given["marks"] * QUIET
    return held, ended - began - quiet


def resident(pid: int) -> int:
    """The resident memory of a process, in bytes."""
    statm = Path("/proc", str(pid), "statm")
    if statm.exists():
        return os.sysconf("SC_PAGE_SIZE") * int(statm.read_text(encoding="ascii").split()[1])
    said = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True, check=True)
    return 1024 * int(said.stdout)


BENCHMARKS: dict[str, Callable[[Setting], Iterator[Row]]] = {"memory": memory}
