"""A session on a graph of a test, in this process, with a checkpoint file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from inspector.core.events import Namespace
from inspector.core.travel import Entry, Plan
from inspector.session import InlineSession
from inspector.store.history import thread_history
from tests.travel.graphs import Ran

THREAD = "t"


class Driven(InlineSession):
    """What a test asks of a session, to the end of each run."""

    def __init__(self, graph: Any, ran: Ran, path: Path) -> None:
        super().__init__(graph, config={"configurable": {"thread_id": THREAD}})
        self.ran = ran
        self.path = path
        self.live = graph

    async def run(self, input: Any = None, **how: Any) -> list[str]:
        """Run, and tell which nodes ran."""
        await self.start(input, **how)
        return await self.done()

    async def done(self) -> list[str]:
        while self.running or self.waiting():
            await self.arrived(1.0)
            self.drain(1.0)
        return self.ran.take()

    async def rerun(self, entry: Entry) -> list[str]:
        """Re-run from a checkpoint: the nodes that ran."""
        await self.travel.rerun(entry.id, entry.ns)
        return await self.done()

    async def plan(self, entry: Entry) -> Plan:
        return await self.travel.plan(entry.id, entry.ns)

    def history(self) -> list[Entry]:
        return thread_history(self.path, THREAD)

    def at(self, step: int, *path: str, nth: int = 0) -> Entry:
        """The checkpoint of a step in a (sub)graph, given by the nodes that lead to it; `nth` newest."""
        found = [entry for entry in self.history() if entry.step == step and names(entry.ns) == path]
        return found[nth]

    def rows(self) -> dict[tuple[Any, ...], tuple[Any, ...]]:
        """Every row of the file, by its key."""
        with sqlite3.connect(self.path) as db:
            rows = db.execute(
                "SELECT 'c', thread_id, checkpoint_ns, checkpoint_id, '', 0, parent_checkpoint_id, type, checkpoint, "
                "metadata FROM checkpoints UNION ALL SELECT 'w', thread_id, checkpoint_ns, checkpoint_id, task_id, "
                "idx, task_path, channel, type, value FROM writes"
            ).fetchall()
        db.close()
        return {row[:6]: row[6:] for row in rows}

    async def questions(self) -> dict[str, str]:
        """The ids of the interrupts that wait, by question."""
        state = await self.live.aget_state({"configurable": {"thread_id": THREAD}})
        return {interrupt.value: interrupt.id for interrupt in state.interrupts}

    async def answer(self, **answers: Any) -> list[str]:
        """Answer questions by the nodes that ask them."""
        ids = await self.questions()
        return await self.run(resume={ids[f"{node}?"]: answer for node, answer in answers.items()})

    async def state(self) -> dict[str, Any]:
        """The values of the thread's newest checkpoint."""
        found: dict[str, Any] = (await self.live.aget_state({"configurable": {"thread_id": THREAD}})).values
        return found


def names(ns: Namespace) -> tuple[str, ...]:
    return tuple(segment.partition(":")[0] for segment in ns)


def first(plan: Plan) -> list[str]:
    """The announced nodes, one for each task, sorted."""
    assert plan.refused == ""
    return sorted(planned.node for planned in plan.first for _ in range(planned.times))


@asynccontextmanager
async def driving(build: Callable[[Ran, Any], Any], path: Path) -> AsyncIterator[Driven]:
    """A session on the graph that `build(ran, saver)` makes, with its thread in a file in a directory."""
    file = path / "threads.sqlite"
    async with AsyncSqliteSaver.from_conn_string(str(file)) as saver:
        ran = Ran()
        session = Driven(build(ran, saver), ran, file)
        await session.wait_ready()
        try:
            yield session
        finally:
            await session.close()
