"""Going back in time in one session: asks the debuggee, which has the graph, and reads the thread's file.

What is announced before anything is done (`plan`, `preview`) comes from the debuggee, except what ran after a checkpoint
the last time: that is in the file, and the calls made there in the session's own `Run`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from inspector.core.events import Namespace
from inspector.core.travel import Edit, Entry, Plan, Preview, Writers

if TYPE_CHECKING:
    from inspector.session import Session


class Travel:
    """Implements `core.control.Travelling` for a session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def history(self) -> Sequence[Entry]:
        """The thread's checkpoints, newest first, those of subgraphs too."""
        return ()

    async def plan(self, checkpoint: str, ns: Namespace = ()) -> Plan:
        """What `rerun` would run."""
        wire = await self._ask("plan", checkpoint=checkpoint, ns=list(ns))
        return Plan.from_wire(wire)

    async def rerun(self, checkpoint: str, ns: Namespace = ()) -> None:
        """Run on from a checkpoint, as a second branch of the thread."""
        await self._ask("rerun", checkpoint=checkpoint, ns=list(ns))

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
        return str(await self._ask("fork", edit=asdict(edit)))

    async def jump(self, checkpoint: str, goto: Sequence[str], update: dict[str, Any] | None = None) -> None:
        """Run on from a checkpoint with `Command(goto=...)`."""
        await self._ask("jump", checkpoint=checkpoint, goto=list(goto), update=update)

    async def _ask(self, op: str, **fields: Any) -> Any:
        await self._session.wait_ready()
        return await self._session.request(op, thread=self._session.thread, **fields)
