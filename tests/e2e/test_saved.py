"""Saved threads in a real terminal: what a plain LangGraph script left behind, and a recorded demo, replayed."""

from __future__ import annotations

import hashlib
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import ROOT, Terminal

SCRIPT = """
import runpy, sqlite3, sys
from langgraph.checkpoint.sqlite import SqliteSaver
connection = sqlite3.connect("app.sqlite", check_same_thread=False)
graph = runpy.run_path(sys.argv[1])["graph"].compile(checkpointer=SqliteSaver(connection))
for thread, topic in (("trip-1", "Lisbon"), ("trip-2", "Porto"), ("asks", "wait")):
    graph.invoke({"topic": topic}, {"configurable": {"thread_id": thread}})
"""


def test_a_file_of_a_plain_script(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-c", SCRIPT, str(ROOT / "tests" / "fixtures" / "trips.py")], cwd=tmp_path, check=True
    )
    before = hashlib.sha256((tmp_path / "app.sqlite").read_bytes()).hexdigest()
    with Terminal(["open", "app.sqlite"], cwd=tmp_path) as app:
        app.wait_for("app.sqlite   3 threads", "trip-1", "trip-2", "‖ Book it for 200 EUR?", "✔ done")
        app.press("/")
        app.wait_for("filter ▸")
        app.press("trip")
        app.wait_for("2 shown")
        app.wait_gone("‖ Book it")
        app.press("enter")
        app.wait_for("⏎ open")
        app.press("down", "enter")
        app.wait_for("trip-1", "≈ times", "SAVED", "✔  1   plan", "✔  2   book", "History  4", "step 2 · the end")
        app.press("3")
        app.wait_for("[ ] back/forward")
        app.press("down")  # walks back, and the state says what changed
        app.wait_for("◀ step 1 of 2", "◀ step 1 · next: book", '["planned Lisbon"]', "+ step 1")
        app.press("down")
        app.wait_for("next: plan", "◀ step 0 of 2")
        app.press("escape")
        app.wait_for("step 2 · the end", "+1")
        app.press("9")
        app.wait_for("play/pause")
        app.press("left")
        app.wait_for("◀ REPLAY", "step 1 · next: book", "nothing is run or called by it")
        app.press("T")
        app.wait_for("2 shown", "filter ▸ trip")
        app.press("q")
        assert app.wait_end() == 0
        app.assert_restored()
        assert app.family() == []
    with Terminal(["open", "app.sqlite", "--thread", "asks"], cwd=tmp_path) as app:
        app.wait_for("SAVED", "book asks", "Book it for 200 EUR?", "‖ interrupted")
        app.press("ctrl+q")
        assert app.wait_end() == 0
    with Terminal(["open", "app.sqlite", "--thread", "trip-9"], cwd=tmp_path) as app:
        assert app.wait_end() == 2
        assert "has no thread 'trip-9'" in " ".join(app.screen.split())
    assert hashlib.sha256((tmp_path / "app.sqlite").read_bytes()).hexdigest() == before
    assert [path.name for path in tmp_path.iterdir()] == ["app.sqlite"]


def test_a_demo_is_replayed_and_answered_later(tmp_path: Path) -> None:
    demo = [sys.executable, "-m", "inspector", "demo", "--headless", "--thread", "lisbon"]
    with Terminal([], cwd=tmp_path, program=demo) as run:
        assert run.wait_end() == 3
    with Terminal(["open"], cwd=tmp_path) as app:
        app.wait_for("threads.sqlite   1 thread", "lisbon", "‖ Book TP 929")
        app.press("enter")
        app.wait_for("SAVED", "‖ approve asks", "444", lambda: re.search(r"event (\d+) of \1$", app.line("event")))
        to_the_beginning(app)
        app.press("n")
        app.wait_for("tool call", "● ", "tool find_flights")
        app.press("g")
        app.wait_for("Go to")
        app.press("step 3", "enter")
        app.wait_for("◀ REPLAY", "History  5", "688")
        app.press(" ")  # plays to the end
        app.wait_for("‖ interrupted", "SAVED", "‖ approve asks")
        app.press("i")
        app.wait_for("⏎ send", "● approve", "sends Command(resume={")
        app.press("enter")  # the graph that it was run with is remembered
        app.wait_for("✔ done", "LIVE", "✔  6 ▾ book", "tool book_trip", "booking")
        app.wait_for("⏎ send")  # the line for the next message has the keyboard
        app.press("escape")
        app.wait_for("i input", "⏎ detail")
        app.press("T")
        app.wait_for("threads.sqlite   1 thread", "✔ done", "e export")
        for name in ("trip.html", "trip.json"):
            app.press("e")
            app.wait_for("Export lisbon to", "lisbon.html")
            app.press("ctrl+u")
            app.wait_gone("lisbon.html")
            app.press(name)
            app.wait_for(name)
            app.press("enter")
            app.wait_for(f"Exported to {name}")
        app.press("ctrl+q")
        assert app.wait_end() == 0
        app.assert_restored()
        assert app.family() == []
    with sqlite3.connect(tmp_path / ".inspector" / "threads.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM checkpoints WHERE checkpoint_ns = ''").fetchone() == (8,)
    connection.close()
    looks_right_in_a_browser(tmp_path / "trip.html")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with Terminal(["import", "../trip.json", "--db", "theirs.sqlite", "--thread", "trip"], cwd=elsewhere) as done:
        assert done.wait_end() == 0
    with Terminal(["open", "theirs.sqlite", "--thread", "trip"], cwd=elsewhere) as app:
        app.wait_for(
            "SAVED",
            "✔ done",
            "book",
            "booking",
            "History  8",
            lambda: re.search(r"event (\d+) of \1$", app.line("event")),
        )
        to_the_beginning(app)
        app.press("n")
        app.wait_for("tool find_flights", "● running")
        app.press("end")
        app.wait_for("✔ done", "tool book_trip")
        app.press("ctrl+q")
        assert app.wait_end() == 0


def to_the_beginning(app: Terminal) -> None:
    """Give the keyboard to the bar, and go to the first moment."""
    app.press("9")
    app.wait_for("play/pause")
    app.press("home")
    app.wait_for("◀ REPLAY", "event 0 of", "No task has run yet")


def looks_right_in_a_browser(page: Path) -> None:
    """What a browser made of an exported page: its text, and that it drew something. Nothing where there is none."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        return
    picture = page.with_suffix(".png")
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={page.parent / 'profile'}"]
    made = subprocess.run(
        [*command, "--dump-dom", f"--screenshot={picture}", "--window-size=1200,1600", page.as_uri()],
        capture_output=True, text=True, timeout=60, check=True, encoding="utf-8",
    )  # fmt: skip
    assert all(text in made.stdout for text in ("lisbon", "find_flights", "book_trip", "approve", "done")), made.stderr
    assert picture.stat().st_size > 20_000


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["open", "missing.sqlite"], "There is no file missing.sqlite"),
        (["open"], "name a checkpoint file, or run a graph"),
        (["open", "words.txt"], "words.txt is no SQLite file"),
        (["open", "other.sqlite"], "it is no LangGraph checkpoint file"),
        (["open", "app.sqlite", "--graph", "nothing.py"], "nothing.py"),
    ],
)
def test_what_cannot_be_opened_is_said_and_not_made(tmp_path: Path, argv: list[str], words: str) -> None:
    (tmp_path / "words.txt").write_text("just words")
    (tmp_path / "app.sqlite").touch()
    with sqlite3.connect(tmp_path / "other.sqlite") as connection:
        connection.execute("CREATE TABLE other (x)")
    connection.close()
    before = {path.name for path in tmp_path.iterdir()}
    with Terminal(argv, cwd=tmp_path) as app:
        assert app.wait_end() == 2
        assert words in app.screen.replace("\n", "")
        assert "Traceback" not in app.screen
    assert {path.name for path in tmp_path.iterdir()} == before
