"""Saved threads whose graph is not there yet: which graph that would be, verbs that load it first, and answers that are
sent to a thread without showing it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.errors import CommandError, InspectorError

if TYPE_CHECKING:
    from inspector.core.breakpoints import Breakpoint
    from inspector.core.control import ReleaseKind, StepKind
    from inspector.core.events import Namespace
    from inspector.core.travel import Edit, Entry, Plan, Preview, Writers
    from inspector.opening import SavedThread
    from inspector.session import Settings

NO_GRAPH = "This thread was opened without its graph. Name the graph with G, or open the file with --graph REF."


def remembered(path: Path, thread: str) -> Settings | None:
    """How the thread was last run, where that is known and its graph is still there."""
    from inspector.core.reference import environment, resolve
    from inspector.session import Settings
    from inspector.store.known_graphs import KnownGraphs

    known = KnownGraphs(path).of(thread)
    if known is None:
        return None
    try:
        cwd = Path(known.cwd)
        reference = resolve(known.ref, cwd)
        env = environment(reference, Path(known.env) if known.env else None)
    except InspectorError:
        return None
    return Settings(reference=reference, python=known.python, env=env, env_file=known.env, cwd=cwd)


async def answer(path: Path, thread: str, settings: Settings | None, id: str, value: Any) -> str:
    """Answer one question of a thread, without showing the thread. Returns how the run ended, as a sentence.

    Raises:
        CommandError: it is not known which graph runs the thread, or the question does not wait any more.
        LoadError: the graph cannot be loaded.
    """
    from inspector.session import Session

    settings = settings or await asyncio.to_thread(remembered, path, thread)
    if settings is None:
        raise CommandError(NO_GRAPH)
    session = Session(replace(settings, db=path.absolute(), thread=thread, keep_checkpointer=False))
    try:
        session.begin()
        await session.wait_ready()
        await session.start(resume={id: value})
        while session.running or session.waiting():
            session.drain()
            await session.arrived(0.1)
        run = session.view.run
        if run.error is not None:
            return f"{thread} failed: {run.error}"
        if run.pending:
            return f"{thread} asks again."
        return f"{thread} is {_ENDS.get(run.phase, run.phase)}."
    finally:
        await session.close()


_ENDS = {"done": "done", "interrupted": "stopped", "paused": "paused", "cancelled": "cancelled"}


class Later:
    """Steering and travelling of a thread whose graph is not there yet: it is loaded with the first verb."""

    def __init__(self, saved: SavedThread) -> None:
        self._saved = saved

    breakpoints: tuple[Breakpoint, ...] = ()

    async def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        await (await self._saved.attach()).steer.set_breakpoints(breakpoints)

    async def step(self, how: StepKind, target: str = "") -> None:
        await (await self._saved.attach()).steer.step(how, target)

    async def release(self, hold: str | None, action: ReleaseKind = "go", value: Any = None) -> None:
        raise CommandError("Nothing is held; the run is over.")

    async def history(self) -> Sequence[Entry]:
        from inspector.store.history import thread_history

        return await asyncio.to_thread(thread_history, self._saved.path, self._saved.thread)

    async def plan(self, checkpoint: str, ns: Namespace = ()) -> Plan:
        return await (await self._saved.attach()).travel.plan(checkpoint, ns)

    async def rerun(self, checkpoint: str, ns: Namespace = ()) -> None:
        await (await self._saved.attach()).travel.rerun(checkpoint, ns)

    async def writers(self, checkpoint: str, ns: Namespace = ()) -> Writers:
        return await (await self._saved.attach()).travel.writers(checkpoint, ns)

    async def preview(self, edit: Edit) -> Preview:
        return await (await self._saved.attach()).travel.preview(edit)

    async def fork(self, edit: Edit) -> str:
        return await (await self._saved.attach()).travel.fork(edit)

    async def jump(self, checkpoint: str, goto: Sequence[str], update: dict[str, Any] | None = None) -> None:
        await (await self._saved.attach()).travel.jump(checkpoint, goto, update)
