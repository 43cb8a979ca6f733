"""What the inspector's saver keeps of tasks that did not end well, and when checkpoints are announced."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
from langgraph.graph import START, StateGraph
from typing_extensions import TypedDict

from inspector.core.events import CheckpointSaved, Event, Log, from_wire
from inspector.debuggee.commits import Commits
from inspector.debuggee.outbox import Outbox
from inspector.debuggee.saver import open_storage
from inspector.link.frames import Reader


class State(TypedDict, total=False):
    done: int


async def test_a_task_whose_router_failed_runs_again(tmp_path: Path) -> None:
    ran: list[int] = []
    fails = [True]

    async def step(state: State) -> State:
        ran.append(state.get("done", 0))
        return {"done": state.get("done", 0) + 1}

    def again(state: State) -> str:
        if state["done"] == 2 and fails:
            fails.clear()
            raise RuntimeError("the router")
        return "step" if state["done"] < 4 else "__end__"

    async with open_storage(str(tmp_path / "threads.sqlite"), lambda text: None) as (saver, _):
        builder = StateGraph(State).add_node(step).add_edge(START, "step")
        graph = builder.add_conditional_edges("step", again).compile(checkpointer=saver)
        config: Any = {"configurable": {"thread_id": "thread"}}
        try:
            await graph.ainvoke({}, config)
        except RuntimeError:
            pass
        failed = await graph.aget_state(config)
        assert failed.next == ("step",)
        assert "the router" in str(failed.tasks[0].error)
        assert await graph.ainvoke(None, config) == {"done": 4}
        assert ran == [0, 1, 1, 2, 3]


class Wire:
    """An outbox, and what comes out of it."""

    def __init__(self, commits: Commits) -> None:
        self._socket, self._theirs = socket.socketpair()
        self.outbox = Outbox(self._theirs, commits)
        self._frames = Reader()

    def read(self, count: int) -> list[Event]:
        """That many events."""
        found: list[Event] = []
        while len(found) < count:
            for items in self._frames.feed(self._socket.recv(1 << 16)):
                found += [from_wire(item) for item in items]
        return found

    def close(self) -> None:
        self.outbox.close()
        self._theirs.close()
        self._socket.close()


def saved(id_: str, ns: tuple[str, ...] = ()) -> CheckpointSaved:
    return CheckpointSaved(0.0, ns, id_, None, 0, "loop", ())


class Saver:
    """Saves when it is let to."""

    async def aput(self, config: Any, checkpoint: Any) -> None:
        pass

    async def aget_tuple(self, config: Any) -> None:
        pass


async def test_a_checkpoint_is_announced_once_it_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.debuggee.commits.PATIENCE", 60.0)
    commits = Commits()
    saver = commits.watch(Saver())
    wire = Wire(commits)
    order: list[str] = []

    def listen() -> None:
        order.extend(event.id for event in wire.read(2) if isinstance(event, CheckpointSaved))

    wire.outbox.emit(Log(0.0, "stdout", "before"))
    wire.outbox.emit(saved("one"))
    [before] = wire.read(1)
    assert isinstance(before, Log)
    wire.outbox.emit(Log(0.0, "stdout", "after"))
    reader = threading.Thread(target=listen)
    reader.start()
    order.append("saving")
    await saver.aput({}, {"id": "one"})
    order.append("saved")
    reader.join()
    assert order in (["saving", "saved", "one"], ["saving", "one", "saved"])
    wire.close()


async def test_what_is_never_saved_is_announced_all_the_same() -> None:
    commits = Commits()
    commits.watch(Saver())
    wire = Wire(commits)
    for number in range(6):  # those of a subgraph with a checkpointer of its own
        wire.outbox.emit(saved(f"inner{number}", ("agent:task",)))
    assert [event.id for event in wire.read(6) if isinstance(event, CheckpointSaved)] == [f"inner{n}" for n in range(6)]
    assert commits.gave_up(("agent:task",))
    assert not commits.gave_up(())
    wire.close()


def test_without_a_saver_of_ours_nothing_waits() -> None:
    commits = Commits()
    assert commits.is_saved("any")
    wire = Wire(commits)
    wire.outbox.emit(saved("one"))
    assert len(wire.read(1)) == 1
    wire.close()
