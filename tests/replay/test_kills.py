"""`kill -9` at any moment: the recording opens, what was announced is saved, and the thread goes on.

Once each; `INSPECTOR_KILLS=50` for as many, on a machine that has nothing else to do: then how much was lost is looked
at too.
"""

from __future__ import annotations

import json
import os
import random
import re
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from time import monotonic, time
from typing import Any

import pytest

from inspector.core.events import CheckpointSaved, RunEnded
from inspector.core.replay import Player
from inspector.store.checkpoints import CheckpointFile
from inspector.store.recording import open_recording
from tests.e2e.terminal import Terminal
from tests.headless.command import Command, run

KILLS = int(os.environ.get("INSPECTOR_KILLS", "1"))
QUIET = "INSPECTOR_KILLS" in os.environ
THREAD, STEPS = "walk", 200
LOST = 0.5  # seconds of events that may be lost

GRAPH = """
import asyncio
from typing import TypedDict
from langgraph.graph import START, StateGraph

class State(TypedDict, total=False):
    steps: int
    done: int

async def step(state):
    await asyncio.sleep(0.002)
    print("step", state.get("done", 0))
    return {"done": state.get("done", 0) + 1}

def again(state):
    return "step" if state["done"] < state["steps"] else "__end__"

graph = StateGraph(State).add_node(step).add_edge(START, "step").add_conditional_edges("step", again).compile()
"""


def moments(seed: int) -> Iterator[Any]:
    """After how many steps the process is killed."""
    dice = random.Random(seed)
    for number in range(KILLS):
        yield pytest.param(dice.randrange(0, STEPS - 20), id=f"{number}")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "walk.py").write_text(GRAPH, encoding="utf-8")
    return tmp_path


def argv(*more: str) -> list[str]:
    return ["run", "walk.py:graph", "--input", json.dumps({"steps": STEPS}), "--thread", THREAD, *more]


def debuggee(command: Command) -> int:
    [pid] = [pid for pid in command.family() if pid != command.process.pid]
    return pid


def recorded(project: Path) -> list[Any]:
    """The events of the recording, which has to be whole."""
    recording = open_recording(project / ".inspector" / "threads.sqlite", THREAD)
    if recording is None:
        return []
    with closing(recording):
        events = list(recording.events())
        assert recording.missing == 0
        player = Player.of(events)
        player.seek(player.length)
        assert player.damaged == 0
        assert not [node for _, node in player.run.walk() if node.open]
    return events


def holds_all(project: Path, announced: list[str]) -> None:
    """Every announced checkpoint is in the file."""
    with closing(CheckpointFile(project / ".inspector" / "threads.sqlite")) as file:
        for id_ in announced:
            assert not file.state(THREAD, id_).problem


def goes_on(project: Path, announced: list[str]) -> None:
    """The thread runs on to its end, from where it was."""
    done = run("resume", THREAD, cwd=project)
    assert done.status == 0, done.said
    with closing(CheckpointFile(project / ".inspector" / "threads.sqlite")) as file:
        assert file.state(THREAD, file.newest(THREAD)).values["done"] == STEPS
    lines = [json.loads(line) for line in done.out.splitlines()]
    steps = [line for line in lines if line["kind"] == "task_started" and line["node"] == "step"]
    assert len(steps) <= STEPS - max(len(announced) - 3, 0)  # what was saved does not run again


def last_line(command: Command, steps: int) -> list[str]:
    """Read the command's output until so many steps were printed. Returns the checkpoints announced by then."""
    command.read_until(f'"text": "step {steps}"')
    return [json.loads(line)["id"] for line in command.read if '"kind": "checkpoint"' in line]


@pytest.mark.parametrize("steps", [*moments(1)])
def test_the_graphs_process_is_killed(steps: int, project: Path) -> None:
    with Command(*argv("--headless"), cwd=project) as command:
        last_line(command, steps)
        os.kill(debuggee(command), signal.SIGKILL)
        done = command.done()
    announced = [line["id"] for line in done.of("checkpoint")]
    assert done.ended["error"]["type"] == "ProcessDied"
    holds_all(project, announced)
    events = recorded(project)
    assert [event.id for event in events if isinstance(event, CheckpointSaved)] == announced
    assert isinstance(events[-1], RunEnded)
    assert events[-1].status == "error"
    goes_on(project, announced)


@pytest.mark.parametrize("steps", [*moments(2)])
def test_the_inspector_is_killed(steps: int, project: Path) -> None:
    with Command(*argv("--headless"), cwd=project) as command:
        announced = last_line(command, steps)
        began = next(json.loads(line)["at"] for line in command.read if '"kind": "run_started"' in line)
        killed = time()
        os.kill(command.process.pid, signal.SIGKILL)
        command.process.wait()
        wait_dead(command)
    holds_all(project, announced)
    events = recorded(project)
    seen = [event.id for event in events if isinstance(event, CheckpointSaved)]
    assert seen[: len(announced)] == announced[: len(seen)]
    if QUIET and killed - began > LOST:
        assert events[-1].t > killed - began - LOST
    goes_on(project, announced)


def wait_dead(command: Command) -> None:
    """Until the graph's process has noticed and left."""
    end = monotonic() + 30
    while len(command.family()) > 0:
        assert monotonic() < end


@pytest.mark.parametrize("steps", [*moments(3)])
def test_the_app_is_killed(steps: int, project: Path) -> None:
    with Terminal(argv(), cwd=project) as app:
        app.wait_for(lambda: (shown := re.search(r" step +(\d+)", app.lines[0])) and int(shown[1]) >= max(steps, 1))
        app.process.kill()
        app.wait_dead()
    announced = [event.id for event in recorded(project) if isinstance(event, CheckpointSaved)]
    holds_all(project, announced)
    goes_on(project, announced)
