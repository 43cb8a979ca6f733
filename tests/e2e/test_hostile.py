"""Graphs that fail, hang, die, and try to write on the terminal; signals; tiny terminals."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

ACTS = r"""
import asyncio, logging, os, signal, sys, time
from typing import TypedDict
from langgraph.config import get_stream_writer
from langgraph.graph import StateGraph

EVIL = ("\x1b[7;7H\x1b[38;5;199mowned\x1b]0;evil title\x07\x1b]52;c;ZXZpbA==\x07\x1b[?1049l\x9b31m \x00 \x07 \r"
        "\u202eright to left\u202c\u2066 [bold red]markup[/] 東京 🚀 e\u0301 end")

class Odd:
    def __repr__(self):
        raise ValueError("no repr")

class S(TypedDict, total=False):
    act: str
    out: object
    said: str

async def play(state: S):
    act = state["act"]
    if act == "raise":
        raise RuntimeError(EVIL)
    if act == "exit":
        sys.exit(7)
    if act == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "block":
        time.sleep(600)
    if act == "spin":
        while True:
            pass
    if act == "stubborn":
        while True:
            try:
                await asyncio.sleep(600)
            except asyncio.CancelledError:
                pass
    if act == "wait":
        await asyncio.sleep(600)
    if act == "write":
        print(EVIL)
        print(EVIL, file=sys.stderr)
        logging.getLogger(EVIL).warning(EVIL)
        os.write(1, EVIL.encode() + b"\xff\xfe\n")
        print("m" * 1_000_000 + "\x1b[31m")
        get_stream_writer()({EVIL: EVIL, "progress": 1, "total": 2})
        return {"said": EVIL * 3, "out": {EVIL: [EVIL, Odd(), b"\x1b[31m"]}}
    return {"said": act}

graph = StateGraph(S).add_node("play", play).set_entry_point("play").set_finish_point("play").compile()
"""


@pytest.fixture
def acts(tmp_path: Path) -> Path:
    """A directory with a graph that does what its input says."""
    (tmp_path / "acts.py").write_text(ACTS)
    return tmp_path


def run(cwd: Path, act: str, size: tuple[int, int] = (120, 40)) -> Terminal:
    """The app, running the graph with that act."""
    return Terminal(["run", "acts.py", "--input", f'{{"act": "{act}"}}'], cwd=cwd, size=size)


def send(app: Terminal, act: str) -> None:
    """The next act on the same thread; in a new process where the last one ended it."""
    app.wait_for(lambda: re.search("[iI] input|r restart", app.lines[-1]))
    if "r restart" in app.lines[-1]:
        app.press("r")
        app.wait_for(lambda: re.search("[iI] input|⏎ send", app.lines[-1]))
    if "⏎ send" not in app.lines[-1]:
        app.press("I")  # `i` steps where the kill left the thread in the middle, which depends on what it had saved
        app.wait_for("⏎ send")
    app.press(act)
    app.wait_for(lambda: re.search(rf"act +{act}", app.screen))
    app.press("enter")
    app.wait_gone("⏎ send")


def test_nothing_that_a_graph_writes_reaches_the_terminal(acts: Path) -> None:
    with run(acts, "write") as app:
        app.wait_for("✔ done", "i next input")
        for pane, words in (("6", "Logs"), ("1", "play"), ("d", "play"), ("7", "(start)"), ("8", "stream_mode")):
            app.press(pane)
            app.wait_for(words)
        app.press("2", "end", "enter")
        app.wait_for("[bold red]markup[/] 東京 🚀")
        app.press("6", "home")
        app.wait_for("Logs 6", "Custom 1", "Progress 1", "␛[7;7H␛[38;5;199mowned␛]0;evil title")
        app.press("enter")
        app.wait_for("[bold red]markup[/]", "esc close")  # one of them, whole
        app.press("escape")
        app.wait_for("q quit", "mmmmmmmmmm")
        app.press("right")
        app.wait_gone("mmmmmmmmmm")
        app.press("right")
        app.wait_for("⊘ play", "━━━")
        send(app, "raise")
        app.wait_for("✖ failed", "owned", "[bold red]markup[/]")
        app.press("ctrl+q")
        assert app.wait_end() == 1
        app.assert_restored()  # and `strange`: nothing but what the app itself is known to send
        for sign in (b"\x1b]0;", b"\x1b]52", b"\x1b[38;5;199m", b"\x00", b"\xc2\x9b", "\u202e".encode()):
            assert sign not in app.raw


def test_a_graph_that_fails_exits_and_dies_takes_nothing_with_it(acts: Path) -> None:
    with run(acts, "exit") as app:
        app.wait_for("✖ ", lambda: "SystemExit" in app.screen or "exit" in app.lines[-2])
        assert app.process.poll() is None
        send(app, "die")
        app.wait_for("killed by SIGKILL", "r restarts it")
        send(app, "fine")
        app.press("2")
        app.wait_for("✔ done", 'said  "fine"')
        app.press("q")
        assert app.wait_end() == 0
        app.assert_restored()
        assert app.family() == []


@pytest.mark.parametrize("act", ["block", "spin", "stubborn"])
def test_a_graph_that_does_not_let_go_is_killed(acts: Path, act: str) -> None:
    with run(acts, act) as app:
        app.wait_for("● running", "●  1   play")
        debuggee = app.debuggee()
        app.press("8")
        app.wait_for("stream_mode")  # the app answers
        app.press("x")
        app.wait_for("cancelling", "x again")
        app.press("x")
        app.wait_for("killed by SIGKILL", "r restarts it")
        assert app.family() == [app.process.pid]
        assert debuggee != app.process.pid
        app.press("q")
        assert app.wait_end() == 1
        app.assert_restored()


def test_leaving_a_graph_that_spins(acts: Path) -> None:
    with run(acts, "spin") as app:
        app.wait_for("●  1   play")
        app.press("ctrl+c")
        app.wait_for("is still running")
        app.press("ctrl+c")
        app.wait_for("stopping the graph")
        app.press("ctrl+c")  # the third one does not wait for it
        assert app.wait_end() == 130
        app.assert_restored()
        assert app.family() == []


def test_a_terminated_app_ends_in_good_order(acts: Path) -> None:
    with run(acts, "wait") as app:
        app.wait_for("●  1   play")
        app.signal(signal.SIGTERM)
        assert app.wait_end() == 130
        app.assert_restored()
        assert app.family() == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGHUP, 129), (signal.SIGKILL, -9)])
def test_an_app_that_has_no_time_to_leave_leaves_no_graph_behind(
    acts: Path, number: signal.Signals, status: int
) -> None:
    with run(acts, "wait") as app:
        app.wait_for("●  1   play")
        app.signal(number)
        assert app.wait_end() == status
        app.wait_dead()


def test_an_app_whose_terminal_goes_away_while_nothing_happens(tmp_path: Path) -> None:
    """The kernel tells the leader of the session alone, which is a shell here that does not hand it on."""
    command = f"trap '' HUP; {sys.executable} -m inspector demo; true"
    with Terminal([], cwd=tmp_path, program=["sh", "-c", command]) as app:
        app.wait_for("‖ interrupted", "⏎ send")
        app.wait_quiet()  # who writes to a terminal that is gone notices
        app.hang_up()


def test_the_graph_does_not_get_ctrl_c_of_the_terminal(acts: Path) -> None:
    with run(acts, "wait") as app:
        app.wait_for("●  1   play")
        os.kill(app.debuggee(), signal.SIGINT)
        app.wait_for(lambda: "● running" not in app.screen)
        assert app.process.poll() is None
        app.press("q")
        assert app.wait_end() in (1, 130)
        app.assert_restored()
        assert app.family() == []


def test_terminals_of_every_size(tmp_path: Path) -> None:
    with Terminal(["demo"], cwd=tmp_path, size=(80, 24)) as app:
        app.wait_for("‖ approve asks", "● approve")
        for columns, rows in ((20, 5), (250, 60), (1, 1), (20, 5), (40, 12), (80, 24)):
            app.resize(columns, rows)
            app.wait_for(app.display.painted)
        app.wait_for("‖ approve asks", "● approve")
        app.press("escape")
        app.wait_for("q quit")
        for pane in "12345678d":
            app.resize(20, 5)
            app.wait_for(app.display.painted)
            app.press(pane)
            app.resize(120, 40)
            app.wait_for("4 Tokens", "3 History")
            app.resize(80, 24)
            app.wait_for("3 Hist")
        app.press("q")
        assert app.wait_end() == 3
        app.assert_restored()
