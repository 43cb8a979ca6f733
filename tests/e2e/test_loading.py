"""References that name no graph, on screen: a sentence, the user's own traceback, exit status 2, a second chance."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import ROOT, Terminal

GRAPH = """
from typing import TypedDict
from langgraph.graph import StateGraph
class S(TypedDict, total=False):
    n: int
def {name}(state: S):
    return {{"n": 7}}
{name}_graph = StateGraph(S).add_node({name}).set_entry_point("{name}").set_finish_point("{name}").compile()
"""


@pytest.mark.parametrize(
    ("ref", "words"),
    [
        ("nowhere.py", ["nowhere.py", "There is no file nowhere.py."]),
        ("plain.py:graph", ["plain.py", "graph"]),
        ("no_such_package.agent:graph", ["no_such_package"]),
        ("plain.py:number", ["plain.py:number", "int"]),
    ],
)
def test_nothing_there(tmp_path: Path, ref: str, words: list[str]) -> None:
    (tmp_path / "plain.py").write_text("number = 7\n")
    with Terminal(["run", ref], cwd=tmp_path, size=(80, 24)) as app:
        app.wait_told(lambda: "✖" in app.screen or "inspector: " in app.screen)
        for word in words:
            assert word.lower() in " ".join(app.screen.split()).lower()
        if app.process.poll() is None:
            app.press("q")
        assert app.wait_end() == 2
        assert "inspector: " in app.farewell, "it is still there to be read when the app has left"
        app.assert_restored()
        assert app.family() == []


def test_code_that_fails_is_shown_put_right_and_tried_again(tmp_path: Path) -> None:
    file = tmp_path / "agent.py"
    file.write_text("def broken(:\n    pass\n")
    with Terminal(["run", "agent.py"], cwd=tmp_path) as app:
        app.wait_for("✖ ", "agent.py", "def broken(:", "SyntaxError", "r try again")
        file.write_text("import os\n\ndef prepare():\n    raise RuntimeError('no key \\x1b]0;x\\x07')\n\nprepare()\n")
        app.press("r")
        app.wait_for("✖ ", "RuntimeError", "line 6", "prepare()", "line 4", "no key")
        assert "inspector/" not in app.screen, "the traceback is the user's, not ours"
        file.write_text(GRAPH.format(name="first") + GRAPH.format(name="second"))
        app.press("r")
        app.wait_for("first_graph", "second_graph", "▸ first_graph")
        app.press("j")
        app.wait_for("▸ second_graph")
        app.press("enter")
        app.wait_for("○ ready", "agent.py:second_graph")
        app.press("ctrl+q")
        assert app.wait_end() == 0
        app.assert_restored()
        assert app.family() == []


def test_with_exit_on_end_a_graph_that_cannot_be_loaded_ends_the_app(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text("1 / 0\n")
    with Terminal(["run", "agent.py", "--input", "{}", "--exit-on-end"], cwd=tmp_path) as app:
        assert app.wait_end() == 2
        assert "ZeroDivisionError" in app.farewell
        assert 'agent.py", line 1' in app.farewell
        assert "inspector: " in app.farewell
        app.assert_restored()


@pytest.mark.parametrize("command", [["demo"], ["run", "agent.py", "--message", "hello"]])
def test_without_a_terminal_it_refuses(tmp_path: Path, command: list[str]) -> None:
    (tmp_path / "agent.py").write_text(GRAPH.format(name="first"))
    done = subprocess.run(
        [sys.executable, "-m", "inspector", *command], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, text=True,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "inspector: The app needs a terminal; use --headless for a run without one.\n"
    assert not (tmp_path / ".inspector").exists()
