"""What goes wrong is said in one clear sentence, with the right exit status, and breaks nothing else."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import sqlite3
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from tests.headless.command import PATIENCE, Command, run

ACTS = r"""
import asyncio, logging, os, signal, sys, threading
from typing import Any, TypedDict
from langgraph.graph import StateGraph
from langgraph.types import interrupt

EVIL = "\x1b[7;7H\x1b]0;evil title\x07\x9b31m \x00 \r\u202eright to left\u202c [bold red]markup[/] end"

class Odd(Exception):
    def __repr__(self):
        raise ValueError("no repr")
    __str__ = __repr__

class S(TypedDict, total=False):
    act: str
    out: Any

async def play(state: S):
    act = state["act"]
    if act == "raise":
        raise RuntimeError(EVIL)
    if act == "odd":
        raise Odd(Odd())
    if act == "exit":
        sys.exit(7)
    if act == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if act == "wait":
        print("begun", flush=True)
        await asyncio.sleep(600)
    if act == "spin":
        print("begun", flush=True)
        while True:
            pass
    if act == "keep":
        return {"out": threading.Lock()}
    if act == "write":
        print(EVIL)
        logging.getLogger(EVIL).warning(EVIL)
        os.write(1, EVIL.encode() + b"\xff\xfe\n")
        os.write(2, b"d" * 1_500_000 + b"\n")
        print("m" * 1_500_000)
        print("next")
        return {"out": {EVIL: [EVIL, "\ud800", float("nan"), Odd(), b"\x1b[31m"]}}
    return {"out": sys.prefix}

def after(state: S):
    if state["act"] == "keep":
        print(type(state["out"]).__name__)
        interrupt("go on?")
    return {}

builder = StateGraph(S).add_node("play", play).add_node("after", after)
graph = builder.add_edge("play", "after").set_entry_point("play").set_finish_point("after").compile()
"""


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    """A directory with a graph that does what its input says, and a few files that are no good."""
    (tmp_path / "acts.py").write_text(ACTS)
    (tmp_path / "raises.py").write_text("def prepare():\n    raise RuntimeError('no \\x1b[31mkey')\n\nprepare()\n")
    (tmp_path / "makes.py").write_text("def make():\n    raise LookupError('no model')\n")
    (tmp_path / "text.txt").write_text("hello, this is no database")
    (tmp_path / "folder").mkdir()
    return tmp_path


def act(name: str, *more: str) -> list[str]:
    return ["run", "acts.py", "--headless", "--thread", "t", "--input", json.dumps({"act": name}), *more]


@pytest.mark.parametrize(
    ("ref", "sentence", "shows"),
    [
        ("nowhere.py", "There is no file nowhere.py.", []),
        (
            "raises.py",
            "Importing raises.py failed (line 2): RuntimeError: no ␛[31mkey.",
            ['raises.py", line 4, in <module>', 'raises.py", line 2, in prepare'],
        ),
        ("makes.py:make", "The factory makes.py:make failed: LookupError: no model.", ['makes.py", line 2, in make']),
    ],
)
def test_what_cannot_be_loaded(cwd: Path, ref: str, sentence: str, shows: list[str]) -> None:
    done = run("run", ref, "--headless", "--input", "{}", cwd=cwd)
    assert (done.status, done.lines) == (2, [])
    assert done.said.endswith(f"inspector: {sentence}\n")
    assert re.findall(r'File ".*/(.*", line \d+, in .*)', done.said) == shows, "the user's frames and no others"


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("{act", "--input: This is not JSON: line 1, column 2: expecting property name enclosed in double quotes."),
        ('{"act": 7}', "“act” must be text, not 7."),
        ("@absent.json", "Cannot read absent.json: No such file or directory."),
    ],
)
def test_an_input_that_is_none(cwd: Path, given: str, sentence: str) -> None:
    done = run("run", "acts.py", "--headless", "--input", given, cwd=cwd)
    assert (done.status, done.lines, done.said) == (2, [], f"inspector: {sentence}\n")


@pytest.mark.parametrize(
    ("db", "sentence"),
    [
        ("folder", "{}/folder is a directory; --db takes a file."),
        ("text.txt", "{}/text.txt is not a SQLite file. Choose another file with --db."),
        (
            "/proc/nowhere/threads.sqlite",
            "Cannot make the directory /proc/nowhere for the threads: No such file or directory. "
            "Choose another file with --db.",
        ),
    ],
)
def test_a_file_that_takes_no_threads(cwd: Path, db: str, sentence: str) -> None:
    done = run(*act("fine", "--db", db), cwd=cwd)
    assert (done.status, done.lines, done.said) == (2, [], f"inspector: {sentence.format(cwd)}\n")
    assert (cwd / "text.txt").read_text() == "hello, this is no database"


def test_a_locked_file(cwd: Path) -> None:
    with contextlib.closing(sqlite3.connect(cwd / "held.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        done = run(*act("fine", "--db", "held.sqlite"), cwd=cwd)
    sentence = f"{cwd}/held.sqlite is locked by another process. Close that program, or choose another file with --db."
    assert (done.status, done.lines, done.said) == (2, [], f"inspector: {sentence}\n")


@pytest.mark.parametrize(
    ("argv", "sentence"),
    [
        (["helo"], "threads.sqlite has no thread 'helo'. Did you mean 'hello'?"),
        (["hello", "--checkpoint", "x"], "Thread 'hello' has no checkpoint 'x'."),
        (["hello", "--db", "absent.sqlite"], "There is no file absent.sqlite."),
        (["hello", "--db", "text.txt"], "text.txt is no SQLite file."),
        (["hello", "--db", "other.sqlite"], "other.sqlite has no checkpoints in it: it is no LangGraph checkpoint"),
    ],
)
def test_a_state_that_is_not_there(cwd: Path, argv: list[str], sentence: str) -> None:
    for name, table in (("threads", "checkpoints"), ("other", "things")):
        with contextlib.closing(sqlite3.connect(cwd / f"{name}.sqlite")) as connection:
            connection.execute(f"CREATE TABLE {table} (thread_id TEXT, checkpoint_ns TEXT, checkpoint_id TEXT,"
                               " parent_checkpoint_id TEXT, type TEXT, checkpoint BLOB, metadata BLOB)")  # fmt: skip
            connection.execute(f"INSERT INTO {table} VALUES ('hello', '', '1', NULL, 'msgpack', x'80', x'7b7d')")
            connection.commit()
    db = [] if "--db" in argv else ["--db", "threads.sqlite"]
    done = run("state", *argv, *db, cwd=cwd)
    assert (done.status, done.out) == (2, "")
    assert done.said.startswith(f"inspector: {sentence}")
    assert done.said.count("\n") == 1
    assert not (cwd / "absent.sqlite").exists()


@pytest.mark.parametrize(
    ("name", "error"),
    [("raise", "RuntimeError"), ("odd", "acts.Odd"), ("exit", "SystemExit")],
)
def test_a_graph_that_fails(cwd: Path, name: str, error: str) -> None:
    done = run(*act(name), cwd=cwd)
    assert (done.status, done.said) == (1, "")
    assert (done.ended["status"], done.ended["error"]["type"]) == ("error", error)
    assert 'acts.py", line' in done.ended["error"]["traceback"]
    assert "inspector/" not in done.ended["error"]["traceback"]
    assert done.ended["next"] == ["play"]


def test_a_graph_that_ends_its_own_process(cwd: Path) -> None:
    done = run(*act("die"), cwd=cwd)
    assert (done.status, done.said) == (1, "inspector: The graph's process was killed by SIGKILL.\n")
    assert done.lines[0]["kind"] == "run_started"
    assert done.ended["error"]["type"] == "ProcessDied"
    assert len(done.of("task_started")) == len(done.of("task_ended"))


def test_a_value_that_cannot_be_stored(cwd: Path) -> None:
    done = run(*act("keep"), cwd=cwd)
    assert (done.status, done.said, done.ended["status"]) == (3, "", "interrupted")
    logs = [(line["stream"], line["text"]) for line in done.of("log")]
    assert ("stdout", "lock") in logs, "the live run keeps the value"
    [warning] = [text for stream, text in logs if stream != "stdout"]
    assert warning.startswith("out holds a _thread.lock, which cannot be stored in a checkpoint;")
    [line] = run("state", "t", "--json", cwd=cwd).out.splitlines()
    assert json.loads(line)["out"]["type"] == "_thread.lock"

    # On the same thread: what is loaded is the placeholder, and nobody is warned of the inspector's own class.
    done = run(*act("fine"), cwd=cwd)
    assert done.status == 0
    assert [line for line in done.of("log") if "inspector" in line["text"] + line["logger"]] == []


def test_text_that_would_be_more_than_text(cwd: Path) -> None:
    done = run(*act("write"), cwd=cwd)
    assert (done.status, done.said) == (0, "")
    assert done.lines[0]["kind"] == "run_started"
    evil = "\x1b[7;7H\x1b]0;evil title\x07\x9b31m \x00 \r\u202eright to left\u202c [bold red]markup[/] end"
    logs = [(line["stream"], line["text"]) for line in done.of("log")]
    assert [text[:4] for stream, text in logs if stream == "stdout" and text[:3] in ("mmm", "nex")] == ["mmmm", "next"]
    assert "".join(text for stream, text in logs if stream == "stderr") == "d" * 1_500_000
    assert "" not in [text for _, text in logs]
    assert [stream for stream, text in logs if text == evil] == ["stdout", "logging"]
    assert ("stdout", evil + "\ufffd\ufffd") in logs, "written to the descriptor itself"
    [play] = [line for line in done.of("task_ended") if line["node"] == "play"]
    assert list(play["writes"]["out"]) == [evil]


@pytest.mark.parametrize(("name", "times"), [("wait", 1), ("spin", 2)])
def test_ctrl_c(cwd: Path, name: str, times: int) -> None:
    with Command(*act(name), cwd=cwd) as command:
        command.read_until('"begun"')
        command.process.send_signal(signal.SIGINT)
        if times == 2:  # it cannot stop: the second one kills it
            with pytest.raises(subprocess.TimeoutExpired):
                command.process.wait(0.3)
            command.process.send_signal(signal.SIGINT)
        done = command.done()
        assert command.family() == []
    assert (done.status, done.said) == (130, "")
    assert done.ended["status"] == ("cancelled" if times == 1 else "error")
    assert [line["status"] for line in done.of("task_ended")] == ["cancelled"]


def test_killing_the_inspector_leaves_no_graph_behind(cwd: Path) -> None:
    with Command(*act("spin"), cwd=cwd) as command:
        command.read_until('"begun"')
        assert len(command.family()) == 2
        command.process.kill()
        end = time.monotonic() + PATIENCE
        while command.family():
            assert time.monotonic() < end
            with contextlib.suppress(subprocess.TimeoutExpired):
                command.process.wait(0.05)


def test_a_python_without_the_inspector_in_it(cwd: Path) -> None:
    """What `langgraph` needs is there, the inspector is not; the project's own `.venv` is found."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", ".venv"], cwd=cwd, check=True)
    [site] = (cwd / ".venv").glob("lib/python*/site-packages")
    for theirs in Path(sysconfig.get_path("purelib")).iterdir():
        if "inspector" not in theirs.name and theirs.suffix != ".pth":
            (site / theirs.name).symlink_to(theirs)
    absent = [f"{cwd}/.venv/bin/python", "-c", "import langgraph, inspector"]
    assert "inspector" in subprocess.run(absent, cwd=cwd, capture_output=True, text=True, check=False).stderr
    done = run(*act("fine"), cwd=cwd)
    assert (done.status, done.said) == (0, "")
    [play] = [line for line in done.of("task_ended") if line["node"] == "play"]
    assert play["writes"]["out"] == str(cwd / ".venv")
