"""`run --break` and `run --step` without a UI: the run ends paused where it is held, and can be gone on with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.control.debugging import GRAPHS


def inspector(cwd: Path, *argv: str) -> tuple[int, list[dict[str, Any]], str]:
    """`(exit status, objects, standard error)` of the command."""
    done = subprocess.run(
        [sys.executable, "-m", "inspector", *argv], cwd=cwd, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "RAN": str(cwd / "ran.txt"), "PYTHONPATH": str(GRAPHS.parent.parent.parent)},
    )  # fmt: skip
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def run(cwd: Path, graph: str, *options: str, input: str = '{"said": []}') -> tuple[int, list[dict[str, Any]], str]:
    return inspector(cwd, "run", f"{GRAPHS}:{graph}", "--input", input, "--headless", *options)


def ran(cwd: Path) -> Counter[str]:
    return (
        Counter((cwd / "ran.txt").read_text(encoding="utf-8").splitlines()) if (cwd / "ran.txt").exists() else Counter()
    )


def test_a_run_with_a_breakpoint_ends_paused_and_is_resumed(tmp_path: Path) -> None:
    status, lines, _ = run(tmp_path, "two_deep", "--break", "outer/inner/i2 if step == 2", "--break", "tool:none")
    assert status == 3
    [held] = [line for line in lines if line["kind"] == "held"]
    assert (held["node"], held["what"], held["reason"]) == ("i2", "before", "breakpoint")
    assert held["breakpoint"] == "outer/inner/i2 if step == 2"
    assert (lines[-1]["kind"], lines[-1]["status"], lines[-1]["next"]) == ("run_ended", "paused", ["outer"])
    assert ran(tmp_path) == {"a": 1, "o1": 1, "i1": 1}
    status, lines, _ = inspector(tmp_path, "resume", lines[0]["thread"])
    assert (status, lines[-1]["status"]) == (0, "done")
    assert ran(tmp_path) == dict.fromkeys(["a", "o1", "i1", "i2", "o2", "z"], 1)


def test_what_runs_beside_the_hold_is_let_finish(tmp_path: Path) -> None:
    status, lines, _ = run(tmp_path, "beside", "--break", "stop")
    assert status == 3
    assert ran(tmp_path) == {"slow": 1}
    status, lines, _ = inspector(tmp_path, "resume", lines[0]["thread"])
    assert (status, ran(tmp_path)) == (0, {"slow": 1, "stop": 1})


def test_a_run_with_step_stops_before_the_first_node(tmp_path: Path) -> None:
    status, lines, _ = run(tmp_path, "line", "--step")
    assert (status, lines[-1]["status"], lines[-1]["next"]) == (3, "paused", ["a"])
    assert [(line["node"], line["reason"]) for line in lines if line["kind"] == "held"] == [("a", "step")]
    assert not ran(tmp_path)


def test_a_held_call_on_the_loops_own_thread_ends_the_run_too(tmp_path: Path) -> None:
    status, lines, _ = run(tmp_path, "on_loop", "--break", "tool:pay_loop")
    assert (status, lines[-1]["status"], lines[-1]["next"]) == (3, "paused", ["work"])
    assert not ran(tmp_path)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("bb", "The graph has no node 'bb'; did you mean 'b'?"),
        ("b if sate.count", "There is no variable 'sate' here; did you mean 'state'?"),
        ("befor:b", "'befor' is no kind of breakpoint; did you mean before:b?"),
    ],
)
def test_a_wrong_breakpoint_is_refused_before_anything_runs(spec: str, said: str, tmp_path: Path) -> None:
    status, lines, error = run(tmp_path, "line", "--break", spec)
    assert (status, lines, error) == (2, [], f"inspector: {said}\n")
    assert not ran(tmp_path)
