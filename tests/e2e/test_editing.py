"""Editing, in a real terminal: a state in the developer's own editor, and the graph's code under a run."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.terminal import Terminal

FLOW = """
from typing import TypedDict
from langgraph.graph import StateGraph

class State(TypedDict, total=False):
    topic: str
    text: str

def draft(state: State):
    return {"text": "old words on " + state["topic"]}

graph = StateGraph(State).add_node(draft).set_entry_point("draft").compile()
"""
EDITOR = """#!/bin/sh
grep -q topic "$1" || exit 4
[ -e refuse ] && exit 3
sed -i 's/"sea"/"hills"/' "$1"
"""


def test_the_editor_and_the_code(tmp_path: Path) -> None:
    flow, editor = tmp_path / "flow.py", tmp_path / "editor.sh"
    flow.write_text(FLOW)
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    argv = ["run", "flow.py", "--break", "draft", "--input", '{"topic": "sea"}']
    with Terminal(argv, cwd=tmp_path, size=(100, 30), env={"VISUAL": str(editor)}) as app:
        app.wait_for("‖ held", "before draft")

        # Code that is wrong is shown, and changes nothing; right, it goes on before the same node.
        flow.write_text(FLOW.replace("def draft(state: State):", "def draft(state"))
        app.wait_for("flow.py changed", "^r")
        app.press("ctrl+r")
        app.wait_for("The new code cannot be loaded", "flow.py", "stays as it was")
        app.press("escape")
        app.wait_for("‖ held", "before draft", "c continue")
        flow.write_text(FLOW.replace("old words", "other words"))
        app.wait_for("flow.py changed")
        app.press("ctrl+r")
        app.wait_gone("flow.py changed")
        app.wait_for("‖ held", "before draft", "Loaded the new code", "── resumed", lambda: app.line("‖  1   draft"))
        app.press("c")
        app.wait_for("✔ done")
        app.press("2")
        app.wait_for("other words on sea")

        # The state in an editor that fails, and in one that does its work.
        app.press("[")
        app.wait_for("◀ step 0")
        (tmp_path / "refuse").touch()
        app.press("e")
        app.wait_for("Edit the state at step 0", '"topic": "sea"', "written as")
        app.press("ctrl+e")
        app.wait_for("ended with status 3; nothing was taken")
        (tmp_path / "refuse").unlink()
        app.press("ctrl+e")
        app.wait_for('"topic": "hills"', "changes topic")
        app.press("ctrl+s")
        app.wait_for("next: draft", "save it and run")
        app.press("r")
        app.wait_for("‖ held", "before draft")
        app.press("c")
        app.wait_for("✔ done")
        app.press("2")
        app.wait_for("other words on hills")
        app.press("ctrl+q")
        assert app.wait_end() == 0
        app.assert_restored()
        assert app.family() == []
