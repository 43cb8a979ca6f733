"""What the benchmarks share: how many rounds, where they work, and how a measured program is started."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "sample_graphs"
PYTHON = sys.executable


@dataclass(frozen=True, slots=True)
class Setting:
    """`scratch` is a directory that is removed in the end; `quick` is for working on the benchmarks: small loads."""

    rounds: int
    scratch: Path
    quick: bool = False

    def say(self, text: str) -> None:
        """Progress, for whoever waits."""
        print(f"  {text}", file=sys.stderr, flush=True)

    def fresh(self, name: str) -> Path:
        """A path in the scratch directory where nothing is yet."""
        number = 0
        while (path := self.scratch / f"{number}-{name}").exists():
            number += 1
        return path


def environment() -> dict[str, str]:
    """The environment of every measured program: a full-colour terminal, and nothing that changes what runs."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("TEXTUAL", "INSPECTOR", "LANGSMITH", "LANGCHAIN", "SAMPLE_", "PYTHON", "NO_COLOR"))
    }
    return {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)}


@dataclass(frozen=True, slots=True)
class Finished:
    """A program that ran to its end: seconds on the clock, and of CPU time with all that it started."""

    wall: float
    cpu: float
    output: str


def run(argv: list[str], *, cwd: Path, output: Path) -> Finished:
    """Run a program with its standard output in a file. Raises `RuntimeError` unless it ends well."""
    with output.open("wb") as out, output.with_suffix(".err").open("wb") as err:
        began = perf_counter()
        process = subprocess.Popen(argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=environment())
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        said = output.with_suffix(".err").read_text(errors="replace")[-2000:]
        raise RuntimeError(f"{' '.join(argv)} ended with status {process.returncode}:\n{said}")
    return Finished(wall, usage.ru_utime + usage.ru_stime, output.read_text(encoding="utf-8"))
