"""resume, history, rerun, fork and diff, as a script uses them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inspector import cli

AGENT = """
import operator
from pathlib import Path
from typing import Annotated, TypedDict
from langgraph.graph import START, StateGraph
from langgraph.types import interrupt


class State(TypedDict, total=False):
    said: Annotated[list[str], operator.add]
    budget: int


def ran(name):
    with open("ran.txt", "a") as file:
        file.write(name + "\\n")


def plan(state):
    ran("plan")
    return {"said": ["plan"]}


def book(state):
    ran("book")
    return {"said": [f"book for {state.get('budget')}: {interrupt('Book it?')}"]}


def pay(state):
    ran("pay")
    return {"said": ["pay"]}


builder = StateGraph(State)
builder.add_sequence([plan, book, pay])
builder.add_edge(START, "plan")
graph = builder.compile()
"""


class Script:
    """A directory with an agent, and commands in it."""

    def __init__(self, path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        self._capsys = capsys
        (path / "project").mkdir()
        (path / "project" / "agent.py").write_text(AGENT, encoding="utf-8")
        monkeypatch.chdir(path / "project")

    def __call__(self, *argv: str) -> tuple[int, list[dict[str, Any]], str]:
        """Exit status, the lines of standard output as objects, standard error."""
        status = cli.run([*argv])
        out, said = self._capsys.readouterr()
        return status, [json.loads(line) for line in out.splitlines()], said

    def refused(self, *argv: str) -> str:
        """The sentence that a command ends with, which prints nothing else."""
        status, lines, said = self(*argv)
        assert (status, lines) == (2, [])
        assert len(said.splitlines()) == 1
        return said.strip()

    def ran(self) -> list[str]:
        """The nodes that ran since the last look."""
        file = self.path / "project" / "ran.txt"
        names = file.read_text(encoding="utf-8").split() if file.exists() else []
        file.write_text("", encoding="utf-8")
        return names


@pytest.fixture
def script(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Script:
    return Script(tmp_path, capsys, monkeypatch)


def test_a_thread_is_answered_forked_and_compared(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    status, lines, _ = script("run", "agent.py", "--headless", "--thread", "t", "--input", '{"said": [], "budget": 9}')
    assert (status, lines[-1]["status"], script.ran()) == (3, "interrupted", ["plan", "book"])
    asked = next(line for line in lines if line["kind"] == "interrupt")

    monkeypatch.chdir(script.path)  # from elsewhere: the graph is remembered with the directory it was named in
    db = ("--db", "project/.inspector/threads.sqlite")
    wrong = "0" * 32
    assert asked["id"] in script.refused("resume", "t", *db, "--answer", f"{wrong}=true")
    status, lines, _ = script("resume", "t", *db, "--answer", "yes, do")
    assert (status, lines[0]["resumed"], lines[-1]["status"]) == (0, True, "done")
    assert script.ran() == ["book", "pay"]
    assert "Nothing waits for an answer" in script.refused("resume", "t", *db, "--answer", "yes")

    status, entries, _ = script("history", "t", *db, "--json")
    assert status == 0
    assert [set(entry) for entry in entries] == [{"id", "parent", "ns", "step", "source", "next", "time"}] * 5
    assert [(entry["step"], *entry["next"]) for entry in entries] == [
        (3,), (2, "pay"), (1, "book"), (0, "plan"), (-1, "__start__"),
    ]  # fmt: skip
    assert [entry["source"] for entry in entries] == ["loop"] * 4 + ["input"]
    assert [entry["parent"] for entry in entries] == [*(entry["id"] for entry in entries[1:]), None]
    assert all(entry["time"].endswith("Z") for entry in entries)

    planned = entries[2]["id"]
    status, [plan], _ = script("rerun", "t", *db, "--from", planned, "--dry-run")
    assert (status, script.ran()) == (0, [])
    assert plan["first"] == [{"node": "book", "times": 1, "ns": []}]
    assert plan["later"] == [{"node": "pay", "times": 1, "ns": []}]
    status, lines, _ = script("rerun", "t", *db, "--from", planned)
    assert (status, lines[-1]["status"], script.ran()) == (3, "interrupted", ["book"])

    change = ("fork", "t", *db, "--from", planned, "--set", "budget=500")
    status, [seen], _ = script(*change, "--dry-run")
    assert (status, seen["as_node"], seen["next"]) == (0, "plan", ["book"])
    assert seen["values"] == {"said": ["plan"], "budget": 500}
    status, [forked, *lines], _ = script(*change, "--run")
    assert (status, forked["kind"], forked["next"], lines[-1]["status"]) == (3, "forked", ["book"], "interrupted")
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    assert script.ran() == ["book"]
    status, lines, _ = script("resume", "t", *db, "--answer", '"no"')
    assert (status, script.ran()) == (0, ["book", "pay"])

    newest = script("history", "t", *db, "--json")[1][0]["id"]
    status, [found], _ = script("diff", "t", entries[0]["id"], newest, *db, "--json")
    assert (status, found["ancestor"], found["parted"]) == (0, planned, 2)
    assert found["changes"] == [
        {"path": ["said", 1], "mark": "changed", "old": "book for 9: yes, do", "new": "book for 500: no"},
        {"path": ["budget"], "mark": "changed", "old": 9, "new": 500},
    ]


def test_what_is_not_there_is_refused_in_a_sentence(script: Script) -> None:
    assert "There is no file" in script.refused("history", "t")
    script("run", "agent.py", "--headless", "--thread", "thread-1", "--input", "{}")
    assert "Did you mean 'thread-1'?" in script.refused("history", "thread-2")
    assert "no thread 'nobody'" in script.refused("resume", "nobody")
    assert "has no checkpoint 'zzz'; the nearest is" in script.refused("rerun", "thread-1", "--from", "zzz")
    assert "has no checkpoint" in script.refused("diff", "thread-1", "a", "b")
    newest = script("history", "thread-1", "--json")[1][0]["id"]
    assert "Say what to change" in script.refused("fork", "thread-1", "--from", newest)
    assert "--set takes KEY=JSON" in script.refused("fork", "thread-1", "--from", newest, "--set", "budget")
    assert "not JSON" in script.refused("fork", "thread-1", "--from", newest, "--set", "budget=much")
    fork = ("fork", "thread-1", "--from", newest, "--set")
    assert "did you mean 'budget'?" in script.refused(*fork, "budgte=1")
    (script.path / "project" / ".inspector" / "graphs.json").unlink()
    assert "name it with --graph REF" in script.refused("rerun", "thread-1", "--from", newest)
