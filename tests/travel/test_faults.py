"""What goes wrong in the middle of going back: one sentence, and the thread is what it was."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inspector.core.reference import resolve
from inspector.core.travel import Edit
from inspector.errors import CommandError, LinkClosed
from inspector.session import Session, Settings
from inspector.store.history import thread_history
from tests.travel import graphs
from tests.travel.driving import driving

DEADLY = """
import operator, os
from typing import Annotated, TypedDict
from langgraph.graph import START, StateGraph


def merge(old, new):
    if new == "die":
        os.kill(os.getpid(), 9)
    return new


class State(TypedDict, total=False):
    word: Annotated[str, merge]


builder = StateGraph(State)
builder.add_node("one", lambda state: {"word": "one"})
builder.add_node("two", lambda state: {"word": "two"})
builder.add_edge(START, "one")
builder.add_edge("one", "two")
graph = builder.compile()
"""


async def done(session: Session) -> None:
    while session.running or session.waiting():
        await session.arrived(1.0)
        session.drain(1.0)


async def test_the_process_dies_in_the_middle_of_an_edit(tmp_path: Path) -> None:
    (tmp_path / "agent.py").write_text(DEADLY, encoding="utf-8")
    session = Session(Settings(resolve("agent.py", tmp_path), thread="t", cwd=tmp_path, db=Path("t.sqlite")))
    session.begin()
    try:
        await session.start({"word": "go"})
        await done(session)
        before = thread_history(tmp_path / "t.sqlite", "t")
        edit = Edit(before[1].id, {"word": "die"})
        with pytest.raises(LinkClosed, match="killed"):
            await session.travel.fork(edit)
        assert thread_history(tmp_path / "t.sqlite", "t") == before

        await session.restart()
        made = await session.travel.fork(Edit(before[1].id, {"word": "live"}))
        after = await session.travel.history()
        assert (after[0].id, after[0].parent, after[0].next) == (made, before[1].id, ("two",))
        assert list(after[1:]) == before
    finally:
        await session.close()


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Another program in the middle of a transaction on the file."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield other
    finally:
        if other.in_transaction:
            other.execute("ROLLBACK")
        other.close()


async def test_another_process_that_writes_is_waited_for(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        await session.run({"said": []})
        edit = Edit(session.at(1).id, {"budget": 500})
        before = session.rows()
        with writing(session.path) as other:
            forking = asyncio.create_task(session.travel.fork(edit))
            assert (await session.travel.preview(edit)).next == ("dear",), "looking needs no lock"
            assert not forking.done()
            other.execute("COMMIT")
            made = await forking
        assert session.history()[0].id == made
        assert len(session.rows()) == len(before) + 1


async def test_one_that_does_not_stop_is_named(tmp_path: Path) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        await session.run({"said": []})
        await session.live.checkpointer.conn.execute("PRAGMA busy_timeout=20")
        before = session.rows()
        with writing(session.path):
            for place in (session.at(1), session.at(0, "research", "read")):
                with pytest.raises(CommandError, match="Another process is writing to the checkpoint file"):
                    await session.travel.fork(Edit(place.id, {"budget": 1}, "", place.ns))
            with pytest.raises(CommandError, match="Another process is writing"):
                await session.travel.rerun(place.id, place.ns)
        assert session.rows() == before
        assert session.ran.take() == []


async def test_nothing_is_changed_under_a_run(tmp_path: Path) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        await session.run({"said": []})
        entry = session.at(0)
        await session.answer(ask="yes")
        await session.start(goes_on=True, checkpoint=entry.id)
        for asked in (
            session.travel.fork(Edit(entry.id, {"budget": 1})),
            session.travel.rerun(entry.id),
            session.travel.jump(entry.id, ["write"]),
        ):
            with pytest.raises(CommandError, match="A run is going on"):
                await asked
        await session.done()


async def test_a_branch_that_is_saved_half_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        await session.run({"said": []})
        await session.answer(ask="yes")
        saver = session.live.checkpointer
        put, saved = saver.aput, []

        async def full(config: Any, checkpoint: Any, metadata: Any, versions: Any) -> Any:
            if not config["configurable"]["checkpoint_ns"]:
                raise sqlite3.OperationalError("database or disk is full")
            saved.append(checkpoint["id"])
            return await put(config, checkpoint, metadata, versions)

        asked = session.at(1, "research", "read")
        before, newest = session.rows(), session.at(3)
        monkeypatch.setattr(saver, "aput", full)
        with pytest.raises(CommandError, match="The checkpoint file cannot be written: database or disk is full"):
            await session.travel.rerun(asked.id, asked.ns)
        monkeypatch.undo()
        assert len(saved) == 2, "inner graphs come first"
        assert session.rows().items() > before.items()
        state = await session.live.aget_state({"configurable": {"thread_id": "t"}})
        assert (state.config["configurable"]["checkpoint_id"], state.next) == (newest.id, ())
        assert await session.rerun(asked) == ["ask"], "and it can be tried again"
