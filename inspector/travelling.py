"""Going back in time in one session: asks the debuggee, which has the graph, and reads the thread's file.

What is announced before anything is done (`plan`, `preview`) comes from the debuggee, except what ran later the last
time: that is in the file, and the calls made there are in the session's own `Run`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from inspector.core.branches import calls_after, later
from inspector.core.events import Namespace
from inspector.core.travel import Edit, Entry, Plan, Preview, Writers
from inspector.errors import CommandError, StoreError

if TYPE_CHECKING:
    from inspector.session import Session
    from inspector.store.history import History


class Travel:
    """Implements `core.control.Travelling` for a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._history: History | None = None

    async def history(self) -> Sequence[Entry]:
        """The thread's checkpoints, newest first, those of subgraphs too. Where the graph keeps its own checkpointer,
        whose file is not known, it is asked."""
        path = self._session.database
        if path is None:
            return [_entry(wire) for wire in await self._ask("history")]
        if not path.exists():
            return ()
        if self._history is None:
            from inspector.store.history import History

            self._history = History(path, self._session.thread)
        return await asyncio.to_thread(self._history.entries)

    async def plan(self, checkpoint: str, ns: Namespace = ()) -> Plan:
        """What `rerun` would run."""
        plan = Plan.from_wire(await self._ask("plan", checkpoint=checkpoint, ns=list(ns)))
        if plan.refused:
            return plan
        try:
            after = later(await self.history(), checkpoint, ns)
        except StoreError:  # what comes first is known all the same
            return plan
        models, tools = calls_after(self._session.view.run, checkpoint, ns)
        return replace(plan, later=after, models=models, tools=tools)

    async def rerun(self, checkpoint: str, ns: Namespace = ()) -> None:
        """Run on from a checkpoint, as a second branch of the thread."""
        plan = Plan.from_wire(await self._ask("plan", checkpoint=checkpoint, ns=list(ns)))
        if plan.refused:
            raise CommandError(plan.refused)
        self._check_idle()
        ready = await self._ask("rewind", checkpoint=checkpoint, ns=list(ns))
        await self._session.start(goes_on=True, checkpoint=ready)

    async def writers(self, checkpoint: str, ns: Namespace = ()) -> Writers:
        """As whom an edit may be written."""
        wire = await self._ask("writers", checkpoint=checkpoint, ns=list(ns))
        return Writers(tuple(wire["names"]), wire["preset"], wire["why"])

    async def preview(self, edit: Edit) -> Preview:
        """What `fork` would come to."""
        wire = await self._ask("preview", edit=asdict(edit))
        return Preview(wire["values"], tuple(wire["next"]), wire["as_node"])

    async def fork(self, edit: Edit) -> str:
        """Save the edit as a new branch."""
        self._check_idle()
        return str(await self._ask("fork", edit=asdict(edit)))

    async def jump(self, checkpoint: str, goto: Sequence[str], update: dict[str, Any] | None = None) -> None:
        """Run on from a checkpoint with `Command(goto=...)`, instead of what was next there."""
        self._check_idle()
        await self._ask("jump", checkpoint=checkpoint, goto=list(goto), update=update)
        await self._session.start(goes_on=True)

    def _check_idle(self) -> None:
        if self._session.running:
            raise CommandError("A run is going on; cancel it or wait for its end.")

    async def _ask(self, verb: str, **fields: Any) -> Any:
        await self._session.wait_ready()
        settings = self._session.settings
        where = {"thread": self._session.thread, "config": settings.config, "context": settings.context}
        return await self._session.request("travel", verb=verb, **where, **fields)


def _entry(wire: Any) -> Entry:
    return Entry(**{**wire, "ns": tuple(wire["ns"]), "next": tuple(wire["next"])})
