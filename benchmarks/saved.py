"""Saved threads of other applications, however large: how soon one sees something, against LangGraph's own API on the
same file in the same round.

Two files are made: one thread of 5,000 checkpoints of 200 kB, and 100,000 threads of 10 small ones. Cold is after the
file was taken out of the page cache, warm the same again. Each figure is from a process of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

from benchmarks.programs.empty import TEXT
from benchmarks.programs.saved import LONG, most_memory
from benchmarks.saved_files import forget, long_thread, many_threads
from benchmarks.setting import PYTHON, Setting, run
from benchmarks.table import Row, percentile
from benchmarks.terminal import Terminal

LIST, STATE, MEMORY = 0.01, 0.050, 200.0  # of the saver's time; seconds; megabytes
FIRST, FILTER = 1.8, 0.300  # of an empty app's; seconds
MEGABYTE = 1_000_000
MOVES = 20


def saved(setting: Setting) -> Iterator[Row]:
    """A thread of 5,000 checkpoints of 200 kB, and a file of 100,000 threads."""
    checkpoints, threads = (300, 3_000) if setting.quick else (5_000, 100_000)
    setting.say(f"saved: writing {checkpoints:,} checkpoints of 200 kB, and {threads:,} threads")
    long = long_thread(setting.fresh("long.sqlite"), checkpoints, 200_000)
    many = many_threads(setting.fresh("many.sqlite"), threads, 10)
    yield from _long(setting, long, f"{checkpoints:,} checkpoints of 200 kB")
    yield from _opened(setting, long, checkpoints, f"{checkpoints:,} checkpoints of 200 kB")
    yield from _many(setting, many, f"{threads:,} threads")


def _long(setting: Setting, path: Path, what: str) -> Iterator[Row]:
    memory: list[float] = []
    for cold in (True, False):
        kind = "cold" if cold else "warm"
        ours, bare, held, states = [], [], [], []
        for number in range(1, setting.rounds + 1):
            mine, theirs = _look(setting, "ours", path, cold=cold), _look(setting, "theirs", path, cold=cold)
            state = _look(setting, "states", path, cold=cold)
            ours.append(mine["list"])
            bare.append(theirs["list"])
            states.append(state["state"] * 1000)
            held.append(theirs["memory"] / MEGABYTE)
            memory.append(max(mine["memory"], state["memory"]) / MEGABYTE)
            took = f"{mine['list']:.3f} s, {theirs['list']:.1f} s"
            setting.say(f"saved, {what}, {kind} {number}/{setting.rounds}: {took}")
        note = f"over saver.list(), which held {max(held):,.0f} MB"
        yield Row(f"list of {what}, {kind}", "s", ours, bare, LIST, note=note)
        yield Row(f"any state of {what}, {kind}", "ms", states, limit=STATE * 1000, note="the slowest of 100")
    yield Row(f"memory, {what}", "MB", memory, limit=MEMORY, note="the most that any of it held")


def _opened(setting: Setting, path: Path, checkpoints: int, what: str) -> Iterator[Row]:
    """The app itself on the long thread."""
    newest = checkpoints - 2
    opening = [PYTHON, "-m", "inspector", "open", str(path), "--thread", LONG]
    first: dict[bool, list[float]] = {True: [], False: []}
    bare: list[float] = []
    moves: list[float] = []
    memory: list[float] = []
    for number in range(setting.rounds + 1):
        empty = _painted(setting, [PYTHON, "-m", "benchmarks.programs.empty"], TEXT)
        for cold, seen in first.items():
            if cold:
                forget(path)
            cwd = setting.fresh("open")
            cwd.mkdir()
            terminal = Terminal(opening, cwd=cwd)
            painted = terminal.wait_text("3 History", f" {newest}  work") - terminal.started
            if number:  # the first round fills the caches
                seen.append(painted)
            if not cold and number:
                moves += _moves(terminal, newest)
                memory.append(most_memory(terminal.pid) / MEGABYTE)
            terminal.leave()
        if number:
            bare.append(empty)
            setting.say(f"saved, {what}, the app {number}/{setting.rounds}: {first[True][-1]:.2f} s, {empty:.2f} s")
    for cold, seen in first.items():
        kind = "cold" if cold else "warm"
        note = "over an empty Textual app: the newest checkpoints in the history's place"
        yield Row(f"first screen of {what}, {kind}", "s", seen, bare, FIRST, note=note)
    every = [1000 * seconds for seconds in moves]
    note = f"key to picture of the state, p50 {percentile(every, 0.5):.0f} ms; one back, the oldest, the newest"
    yield Row(f"moving in {what}", "ms", every, limit=STATE * 1000, value=percentile(every, 0.95), note=f"p95; {note}")
    yield Row(f"memory of the app, {what}", "MB", memory, limit=MEMORY, note="the most it ever held")


def _moves(terminal: Terminal, newest: int) -> list[float]:
    """The seconds from a key to the state of the checkpoint that it goes to."""
    terminal.wait_text("SAVED", f"2 State  step {newest}", "event ")
    sleep(1.0)
    took = []
    goals = [("[", f"2 State  step {newest - back}") for back in range(1, MOVES + 1)]
    terminal.press("3")
    sleep(0.3)
    for key, text in [*goals, ("\x1b[F", "2 State  step -1"), ("\x1b[H", f"2 State  step {newest}")]:
        seen = len(terminal.chunks)
        at = terminal.press(key)
        took.append(terminal.wait_text(text, after=seen) - at)
        sleep(0.3)
    return took


def _many(setting: Setting, path: Path, what: str) -> Iterator[Row]:
    found: list[dict[str, float]] = []
    first: list[float] = []
    bare: list[float] = []
    for number in range(setting.rounds + 1):
        empty = _painted(setting, [PYTHON, "-m", "benchmarks.programs.empty"], TEXT)
        screen = _painted(setting, [PYTHON, "-m", "inspector", "open", str(path)], "user-")
        forget(path)
        if number:  # the first round fills the caches
            found.append(_look(setting, "threads", path, cold=True))
            first.append(screen)
            bare.append(empty)
            setting.say(f"saved, {what} {number}/{setting.rounds}: {screen:.2f} s, {empty:.2f} s")
    yield Row(f"first screen of {what}", "s", first, bare, FIRST, note="over an empty Textual app")
    yield Row(f"newest of {what}, cold", "ms", [one["first"] * 1000 for one in found])
    yield Row(f"all of {what}, cold", "s", [one["all"] for one in found], note="behind the screen")
    for kind in ("id", "status", "metadata"):
        times = [one[f"filter by {kind}"] * 1000 for one in found]
        read = max(one["metadata read"] for one in found)
        note = f"once read, behind the screen, in {read:.1f} s" if kind == "metadata" else ""
        yield Row(f"filter of {what} by {kind}", "ms", times, limit=FILTER * 1000, note=note)
    yield Row(f"memory, {what}", "MB", [one["memory"] / MEGABYTE for one in found], limit=MEMORY)


def _look(setting: Setting, what: str, path: Path, *, cold: bool) -> dict[str, float]:
    if cold:
        forget(path)
    finished = run(
        [PYTHON, "-m", "benchmarks.programs.saved", what, str(path)], cwd=setting.scratch, output=setting.fresh(what)
    )
    figures: dict[str, Any] = json.loads(finished.output)
    return figures


def _painted(setting: Setting, argv: list[str], *picture: str) -> float:
    """Seconds from the start of the process until all of this is on the screen."""
    cwd = setting.fresh("paint")
    cwd.mkdir()
    terminal = Terminal(argv, cwd=cwd)
    took = terminal.wait_text(*picture) - terminal.started
    terminal.leave()
    return took


BENCHMARKS: dict[str, Callable[[Setting], Iterator[Row]]] = {"saved": saved}
