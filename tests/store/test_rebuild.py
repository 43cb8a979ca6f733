"""A thread read from its file alone, against what LangGraph says of it with the graph: states value by value, what
comes next and its tasks; and the timeline rebuilt from it, which names each task once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command

from inspector.core.events import CheckpointSaved, Event, TaskEnded, TaskStarted
from inspector.core.run import Run
from inspector.core.values import decode, decode_typed
from inspector.debuggee.describe import describe
from inspector.store.checkpoints import CheckpointFile
from inspector.store.rebuild import rebuild
from inspector.store.threads import ThreadFile
from tests.runs.samples import PLAYS, Play
from tests.runs.watching import THREAD, watch
from tests.sample_graphs.playing import open_sample
from tests.store import programs
from tests.store.programs import CONFIG, PROGRAMS

HIDDEN = "__start__"


def inert(value: Any) -> Any:
    """A live value as the inspector shows it, by way of LangGraph's own encoding."""
    return decode_typed(*JsonPlusSerializer().dumps_typed(value))


def timeline(db: Path, thread: str) -> tuple[list[Event], Run]:
    file, run = ThreadFile(db), Run()
    events = list(rebuild(file, thread))
    for event in events:
        run.append(event)
    file.close()
    return events, run


def agrees(graph: Any, history: list[Any], db: Path, thread: str) -> None:
    """States, `next` and tasks at every checkpoint of the root graph, and the tasks of the timeline."""
    file = ThreadFile(db)
    states, bare = CheckpointFile(db, describe(graph, schemas=False)), CheckpointFile(db)
    executed: dict[str, str] = {}
    for snapshot in history:
        id_ = snapshot.config["configurable"]["checkpoint_id"]
        saved = file.checkpoint(thread, "", id_)
        assert saved is not None
        found = [(task.id, task.node) for task in file.tasks(saved)]
        assert sorted(found) == sorted((task.id, task.name) for task in snapshot.tasks)
        assert sorted(node for _, node in found) == sorted(snapshot.next)
        executed |= {t.id: t.name for t in snapshot.tasks if t.result is not None or t.error or t.interrupts}
        expected = inert(snapshot.values)
        if isinstance(graph.stream_channels_asis, str):
            expected = {} if snapshot.values is None else {"": expected}
        assert states.state(thread, id_).values == expected
        unwritten = {"": None} if "" in expected else {}
        for name, value in bare.state(thread, id_).values.items():
            assert value == {**unwritten, **expected}[name]
        assert saved.parent == (snapshot.parent_config or CONFIG)["configurable"].get("checkpoint_id")
    events, run = timeline(db, thread)
    started = [event for event in events if isinstance(event, TaskStarted)]
    assert max(Counter(event.task for event in started).values(), default=1) == 1, "each task once"
    told = {event.task: event.node for event in started if event.parent is None}
    assert told == {id_: name for id_, name in executed.items() if name != HIDDEN}
    assert {c.id for c in run.checkpoints} == {s.config["configurable"]["checkpoint_id"] for s in history}
    assert not run.running
    for event in events:
        if isinstance(event, TaskStarted) and event.parent is not None:
            assert event.parent in run.tasks, "what runs inside a task comes after its start"
    newest = history[0]
    assert sorted(run.next) == sorted(t.name for t in newest.tasks if not t.result)
    for thing in (file, states, bare):
        thing.close()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.__name__)
def test_a_plain_program(program: Callable[[Any], Any], tmp_path: Path) -> None:
    db = tmp_path / "app.sqlite"
    with SqliteSaver.from_conn_string(str(db)) as saver:
        graph = program(saver)
        agrees(graph, list(graph.get_state_history(CONFIG)), db, CONFIG["configurable"]["thread_id"])


@pytest.mark.parametrize("play", PLAYS, ids=str)
async def test_a_sample(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The async saver; and the tasks of all graphs are those that were seen live."""
    monkeypatch.setenv("SAMPLE_SPEED", "0")
    db = tmp_path / "app.sqlite"
    async with open_sample(play.name, db, InMemoryStore()) as stage:
        graph = stage.graph
        runs = [await watch(graph, play.input, context=play.context)]
        if play.answers:
            waiting = [interrupt.id for interrupt in (await graph.aget_state(THREAD)).interrupts]
            runs.append(await watch(graph, Command(resume=dict(zip(waiting, play.answers, strict=True)))))
        live = {id_: (task.ns, task.node) for watched in runs for id_, task in watched.run.tasks.items()}
        history = [snapshot async for snapshot in graph.aget_state_history(THREAD)]
    thread = THREAD["configurable"]["thread_id"]
    agrees(graph, history, db, thread)
    events, run = timeline(db, thread)
    rebuilt = {id_: (task.ns, task.node) for id_, task in run.tasks.items()}
    saved = {id_: where for id_, where in live.items() if id_ in rebuilt}
    named = {id_: (ns, node if node != "@task" else saved[id_][1]) for id_, (ns, node) in rebuilt.items()}
    assert named == saved
    kept = {"|".join(ns) for ns in run.inner_checkpoints} | {""}
    lost = [where for id_, where in live.items() if id_ not in rebuilt and "|".join(where[0]) in kept]
    assert lost == [], "of graphs that saved checkpoints, every task"
    writes = {e.task: decode(e.writes) for e in events if isinstance(e, TaskEnded)}
    ended = [e for watched in runs for e in watched.of(TaskEnded) if e.status == "ok" and not e.cached]
    seen = {e.task: decode(e.writes) for e in ended}
    assert {id_: writes[id_] for id_ in seen if id_ in writes} == {id_: seen[id_] for id_ in seen if id_ in writes}


async def test_the_async_saver_of_a_plain_program(tmp_path: Path) -> None:
    db = tmp_path / "app.sqlite"
    async with AsyncSqliteSaver.from_conn_string(str(db)) as saver:
        graph = programs.chain(("a", programs.say("a")), ("ask", programs.ask)).compile(checkpointer=saver)
        await graph.ainvoke({"words": []}, CONFIG)
        history = [snapshot async for snapshot in graph.aget_state_history(CONFIG)]
        agrees(graph, history, db, CONFIG["configurable"]["thread_id"])


def test_questions_answers_and_failures_are_told(tmp_path: Path) -> None:
    phases: dict[str, list[str]] = {}
    for program in (programs.answered_inside, programs.failed_then_done, programs.forked, programs.stopped):
        db = tmp_path / f"{program.__name__}.sqlite"
        with SqliteSaver.from_conn_string(str(db)) as saver:
            program(saver)
        _, run = timeline(db, CONFIG["configurable"]["thread_id"])
        phases[program.__name__] = [str(invocation.status) for invocation in run.invocations]
        if program is programs.answered_inside:
            assert next(iter(run.pending.values())).node == "ask"
            assert next(iter(run.pending.values())).ns != ()
            assert [decode(i.event.input) for i in run.invocations][1:3] == ["two", {"words": ["more"]}]
        if program is programs.failed_then_done:
            assert run.invocations[0].error is not None
            assert str(run.invocations[0].error) == "OSError: gone"
    assert phases["answered_inside"] == ["interrupted", "done", "interrupted"]
    assert phases["failed_then_done"] == ["error", "done"]
    assert phases["stopped"] == ["paused", "paused"]
    assert phases["forked"] == ["done", "done", "done"]


def test_a_window_of_a_long_thread_is_the_same_as_that_part_of_the_whole(tmp_path: Path) -> None:
    db = tmp_path / "app.sqlite"
    with SqliteSaver.from_conn_string(str(db)) as saver:
        programs.fan_out(saver)
    thread = CONFIG["configurable"]["thread_id"]
    events, run = timeline(db, thread)
    ids = [checkpoint.id for checkpoint in run.checkpoints]
    file = ThreadFile(db)
    part = list(rebuild(file, thread, ids[2], ids[4]))
    file.close()
    saved = [e.id for e in part if isinstance(e, CheckpointSaved) and not e.ns]
    assert saved == ids[2:5]
    tasks = {e.task for e in part if isinstance(e, TaskStarted) and not e.ns}
    between = [t for c in run.checkpoints[2:4] for t, _ in c.tasks]
    assert tasks == set(between)
    assert len(events) > len(part)
