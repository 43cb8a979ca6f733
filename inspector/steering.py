"""Stopping and going on in one session: its breakpoints, which outlive it, and the orders for what is held.

The debuggee does the holding (`inspector.debuggee.holds`). A run that ended paused is not held by anybody any more: a
step from there starts the thread again from its checkpoint, to stop where the step says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inspector.core.breakpoints import Breakpoint
from inspector.core.control import ReleaseKind, StepKind, StopAt
from inspector.errors import CommandError

if TYPE_CHECKING:
    from inspector.session import Session


class Steer:
    """Implements `core.control.Steering` for a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.breakpoints: tuple[Breakpoint, ...] = ()

    async def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Replace the breakpoints. Raises `BreakpointError`; then nothing is changed."""
        self.breakpoints = tuple(breakpoints)

    def start_fields(self, stop: StopAt, target: str) -> dict[str, Any]:
        """What `StartRun` has to know of stopping."""
        return {"stop": stop, "target": target}

    async def step(self, how: StepKind, target: str = "") -> None:
        """Go on from where it is stopped, to stop again. Raises `CommandError` where nothing is stopped."""
        session = self._session
        if session.running:
            await session.request("step", how=how, target=target)
            return
        phase = session.view.run.phase
        if phase == "interrupted":
            raise CommandError("The graph waits for an answer; answer it, then step.")
        if phase in ("ready", "done") or not session.view.run.next:
            raise CommandError("Nothing is stopped that could go on; start a run first.")
        await session.start(goes_on=True, stop=how, target=target)

    async def release(self, hold: str | None, action: ReleaseKind = "go", value: Any = None) -> None:
        """Let one thing that is held go on, or all. Raises `CommandError` for what is not held any more."""
        if not self._session.running:
            raise CommandError("Nothing is held; the run is over.")
        await self._session.request("release", hold=hold, action=action, value=value)
