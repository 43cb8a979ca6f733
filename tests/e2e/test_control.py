"""Taking control of the demo in a real terminal: break, step, answer, go back, edit, fork, run the fork, compare."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

from tests.e2e.terminal import Terminal


def rows(db: Path) -> dict[str, tuple[bytes, str]]:
    """Every checkpoint as it is stored, by id."""
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
        found = connection.execute("SELECT checkpoint_id, checkpoint, parent_checkpoint_id FROM checkpoints").fetchall()
    connection.close()
    return {id_: (blob, parent) for id_, blob, parent in found}


def test_break_step_answer_go_back_edit_fork_and_compare(tmp_path: Path) -> None:
    db = tmp_path / ".inspector" / "threads.sqlite"
    with Terminal(["demo", "--break", "itinerary"], cwd=tmp_path) as app:
        # It stops before the node, and says so; one step runs that node alone.
        app.wait_for("‖ held", "before itinerary", "c continue", "s step")
        assert "write_up" not in app.line("‖  3")
        app.press("s")
        app.wait_for("before write_up", lambda: app.line("✔  3 ▾ itinerary"))
        app.press("c")
        app.wait_for("‖ approve asks", "● approve")
        app.press("i")
        app.wait_for("⏎ send")
        app.press("enter")
        app.wait_for("✔ done", "step 6 · the end", "esc panes", lambda: "✔  6 ▾ book" in app.screen)
        first = rows(db)

        # Back to where the budget was set, and what would run again from there.
        app.press("escape")
        app.wait_for("q quit")
        app.press("2", "[", "[", "[", "[")
        app.wait_for("◀ step 2 of 6", lambda: app.line("budget    1,500"))
        app.press("r")
        app.wait_for("Re-run from step 2", "will run again  itinerary", "then, last time write_up, approve, book")
        app.wait_for("4 model calls and 1 tool call", "called for real")
        app.press("escape")
        app.wait_gone("Re-run from step 2")

        # Another budget: edited, seen, saved as a branch and run, the breakpoint still in its way.
        app.press("home", "down")
        app.wait_for("◀ step 2 of 6")
        app.press("e")
        app.wait_for("Edit the state at step 2", "● search", '"budget": 1500')
        app.press("delete", "delete")
        app.press("12")
        app.wait_for('"budget": 1200', "changes budget")
        app.press("ctrl+s")
        app.wait_for("written as search", "next: itinerary", "~ was 1,500", "save it and run")
        assert rows(db) == first, "a preview saves nothing"
        app.press("r")
        app.wait_for("‖ held", "before itinerary", lambda: app.line("budget    1,200"))
        app.press("c")
        app.wait_for("‖ approve asks", lambda: re.search(r"History  1\d", app.screen))
        kept = rows(db)
        assert {id_: kept[id_] for id_ in first} == first, "the first branch is as it was"

        # The two beside each other: marked here, compared with the end of the first branch.
        app.press("=")
        app.wait_for("Marked step")
        app.press(*"[" * 3)
        app.wait_for("◀ step 6")
        app.press("=")
        app.wait_for("Compare step 5 write_up with step 6 book", "They part after step 2 search ×4")
        app.wait_for("there step 3 edited, here step 3 itinerary", lambda: app.line("~ budget"))
        assert re.search(r"~ budget\s+1,200\s+1,500", app.screen)
        app.press("escape")
        app.wait_gone("They part after")

        # Who wrote the budget of the first branch? The plan; and before it, the input.
        app.press("2", "home", "w")
        app.wait_for("written in step")
        app.press("ctrl+q")
        assert app.wait_end() == 3
        app.assert_restored()
        assert app.family() == []
    assert {id_: rows(db)[id_] for id_ in first} == first
