"""The demo as a newcomer meets it: run, look at every pane, answer, say more, leave."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

APPROVE = '{"type": "approve"}'


def checkpoints(db: Path) -> list[str]:
    """The ids of the root checkpoints in a checkpoint file, oldest first."""
    with sqlite3.connect(f"file:{db}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT checkpoint_id FROM checkpoints WHERE checkpoint_ns = '' ORDER BY 1")
        found = [row[0] for row in rows]
    connection.close()
    return found


def test_the_demo_in_every_pane(tmp_path: Path) -> None:
    with Terminal(["demo"], cwd=tmp_path) as app:
        # The question is on the screen, large, with the choices that it leaves, which have the keyboard already.
        app.wait_for("‖ interrupted", "‖ approve asks", "2 nights at Pensão da Graça for 620 EUR?", "● approve")
        app.wait_for("‖  5   approve", "step 4 · next: approve", "→ book_trip")
        assert "1 question" in app.lines[0]
        assert "in 444 out 465 tok" in app.lines[0]
        assert app.line("messages  7 items"), "the state at the newest checkpoint"
        assert app.line("search ×4"), "the history"

        # An answer that the graph would not take is refused in words, and still there to be put right.
        app.press("ctrl+o")
        app.wait_for("answer ▸")
        app.press(*["backspace"] * len(APPROVE))
        app.wait_for("answer ▸ text, or JSON")
        app.press("certainly", "enter")
        app.wait_for("✖ ", "answer ▸ certainly")
        app.press(*["backspace"] * len("certainly"))
        app.wait_for("answer ▸ text, or JSON")
        app.press(APPROVE)
        app.wait_for("sends Command(resume={'", "{'type': 'approve'}})")
        app.press("enter")
        app.wait_for("✔ done", "message ▸", "✔  6 ▾ book", "tool book_trip", "── resumed")
        app.wait_for("step 6 · the end", "approved  True", "booking   5 keys")

        # Every pane, by its key.
        app.press("escape")
        app.wait_for("q quit")
        app.press("1", "home")
        app.wait_for("1 ▾ plan")
        app.press("enter")
        app.wait_for("✔ plan", "step 1")
        app.press("4")
        app.wait_for("✔ write_up · gpt-5-mini", "306→194 tok", "Shall I book them?")
        app.press(",")
        app.wait_for("✔ day_one", "✔ day_two", "✔ day_three", "Tram 28")  # they spoke at the same time
        app.press("5")
        app.wait_for("✖ check_weather", "ToolException: no forecast", "✔ ↻ find_hotels", "✔ book_trip", 'origin="ZRH"')
        app.press("6")
        app.wait_for("Logs 2", "⚠ warn  search", "print   add_up", "688 of 1500 EUR planned")
        app.press("right")
        app.wait_for("day_one")
        app.press("7")
        app.wait_for("(start)──▶", "✔ plan", "✔ search", "✔ book", "▶(end)")
        app.press("8")
        app.wait_for("stream_mode", "values", "checkpoints", "graph.astream(..., stream_mode=")
        app.press("d")
        app.wait_for("step 1")
        app.press("3", "end")
        app.wait_for("◀ step -1 of 6", "before the end", "next: __start__")
        app.press("escape")
        app.wait_for("LIVE", "step 6 · the end")
        app.press("2")
        app.press("?")
        app.wait_for("─ Keys ─", "Write the next input", "Stop at what is selected")
        app.press("escape")
        app.wait_gone("─ Keys ─")

        # The next input goes on with the same thread.
        thread = app.lines[0].split()[1]
        app.press("i")
        app.wait_for("⏎ send")
        app.press("Nicer hotel, please", "enter")
        app.wait_for("‖ approve asks", "● approve", "History  14", "step 12 · next: approve")
        app.press("ctrl+q")
        assert app.wait_end() == 3
        app.assert_restored()
        assert app.family() == []
    db = tmp_path / ".inspector" / "threads.sqlite"
    assert len(checkpoints(db)) == 14
    with sqlite3.connect(db) as connection:
        assert connection.execute("SELECT DISTINCT thread_id FROM checkpoints").fetchall() == [(thread,)]
    connection.close()


def test_leaving_at_the_end(tmp_path: Path) -> None:
    with Terminal(["demo", "--exit-on-end"], cwd=tmp_path) as app:
        assert app.wait_end() == 3
        app.assert_restored()
        assert app.family() == []
        for words in ("travel_agent  thread ", "‖ waiting in ", "5 model calls", "approve waits for an answer"):
            assert words in app.farewell


@pytest.mark.parametrize(
    ("program", "status", "words"),
    [("state['n'] + 1", 0, "✔ done"), ("1 // 0", 1, "✖ failed")],
)
def test_the_exit_status_tells_how_it_went(tmp_path: Path, program: str, status: int, words: str) -> None:
    (tmp_path / "flow.py").write_text(f"""
from typing import TypedDict
from langgraph.graph import StateGraph
class S(TypedDict):
    n: int
def work(state: S):
    return {{"n": {program}}}
graph = StateGraph(S).add_node(work).set_entry_point("work").set_finish_point("work").compile()
""")
    with Terminal(["run", "flow.py", "--input", '{"n": 1}', "--exit-on-end"], cwd=tmp_path, size=(80, 24)) as app:
        assert app.wait_end() == status
        app.assert_restored()
        assert words in app.farewell
        assert "1 superstep, 1 task" in app.farewell
        assert ("ZeroDivisionError" in app.farewell) == (status == 1)
        assert app.family() == []


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_leaving_while_it_runs_asks_once_and_keeps_every_checkpoint(tmp_path: Path, size: tuple[int, int]) -> None:
    with Terminal(["demo", "long_loop", "--input", '{"steps": 1000000}'], cwd=tmp_path, size=size) as app:
        app.wait_for("● running", lambda: re.search(r"step \d{3}", app.lines[0]))
        debuggee = app.debuggee()
        app.press("q")
        app.wait_for("is still running", "Every checkpoint that it has made", "stop it and leave")
        app.press("escape")
        app.wait_gone("is still running")
        app.wait_for("● running")
        assert app.debuggee() == debuggee
        app.press("q")
        app.wait_for("is still running")
        shown = len(checkpoints(tmp_path / ".inspector" / "threads.sqlite"))
        app.press("q")
        assert app.wait_end() == 130
        app.assert_restored()
        assert app.family() == []
    kept = checkpoints(tmp_path / ".inspector" / "threads.sqlite")
    assert len(kept) >= shown > 20
    with sqlite3.connect(tmp_path / ".inspector" / "threads.sqlite") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
