"""How long one waits at the start: for the first picture, and for the graph to be ready to run.

The first picture counts from the start of the process to when the last of it arrives in the terminal: for an app with
nothing in it the one line that it has, for the inspector its header, the status, every pane's frame and tab. The screen
is whole when its panes and keys are there too. The graph is ready when its session says so, over `python -c` importing
the same module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic

from benchmarks.programs.empty import TEXT
from benchmarks.setting import PYTHON, ROOT, Setting, run
from benchmarks.table import Row
from benchmarks.terminal import Terminal, start_app

PAINT, READY = 1.6, 1.2
MODULES = {"travel_agent": "sample_graphs.travel_agent", "a graph that imports much": "benchmarks.graphs.heavy"}
PICTURE = ("Timeline", "State", "History", "Tokens", "Tools", "Output", "Streams", "loading")
KEYS = ("help", "commands")


def paint(setting: Setting) -> Iterator[Row]:
    """The first picture, for a light graph and for one that imports much."""
    for title, module in MODULES.items():
        bare, first, whole = [], [], []
        for number in range(_rounds(setting) + 1):
            (empty,) = _painted(setting, [PYTHON, "-m", "benchmarks.programs.empty"], [TEXT])
            ours = _painted(setting, [PYTHON, "-m", "inspector", "run", _ref(module)], PICTURE, KEYS)
            if number:  # the first round fills the caches
                bare.append(empty)
                first.append(ours[0])
                whole.append(ours[1])
        setting.say(f"first paint, {title}: {len(first)} rounds")
        yield Row(f"first paint, {title}", "s", first, bare, PAINT)
        yield Row(f"the whole screen, {title}", "s", whole, bare)


def ready(setting: Setting) -> Iterator[Row]:
    """The graph, ready to run: in a session alone, and beside the app."""
    for title, module in MODULES.items():
        bare, alone, beside = [], [], []
        for number in range(_rounds(setting) + 1):
            imported = _import(setting, module)
            session = _session_ready(setting, module)
            app = _app_ready(setting, module)
            if number:
                bare.append(imported)
                alone.append(session)
                beside.append(app)
        setting.say(f"ready, {title}: {len(bare)} rounds")
        yield Row(f"ready to run, {title}, headless", "s", alone, bare, READY)
        yield Row(f"ready to run, {title}, app", "s", beside, bare, READY)


def _rounds(setting: Setting) -> int:
    return setting.rounds if setting.quick else max(setting.rounds, 10)  # they are short, and vary


def _ref(module: str) -> str:
    return f"{ROOT / Path(*module.split('.'))}.py:graph"


def _painted(setting: Setting, argv: list[str], *pictures: Sequence[str]) -> list[float]:
    """Seconds until each of the pictures was there."""
    cwd = setting.fresh("paint")
    cwd.mkdir()
    terminal = Terminal(argv, cwd=cwd)
    painted = [terminal.wait_text(*picture) - terminal.started for picture in pictures]
    terminal.leave()
    return painted


def _import(setting: Setting, module: str) -> float:
    return run([PYTHON, "-c", f"import {module}"], cwd=setting.scratch, output=setting.fresh("import")).wall


def _session_ready(setting: Setting, module: str) -> float:
    cwd = setting.fresh("session")
    cwd.mkdir()
    began = monotonic()
    finished = run([PYTHON, "-m", "benchmarks.programs.session", _ref(module)], cwd=cwd, output=cwd / "out")
    return float(finished.output) - began


def _app_ready(setting: Setting, module: str) -> float:
    terminal = start_app(setting.fresh("ready"), {"ref": _ref(module)})
    at: float = terminal.wait_report("ready")["at"]
    terminal.leave()
    return at - terminal.started


BENCHMARKS: dict[str, Callable[[Setting], Iterator[Row]]] = {"paint": paint, "ready": ready}
