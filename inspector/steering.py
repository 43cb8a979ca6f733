"""Stopping and going on in one session: its breakpoints, which outlive it, and the orders for what is held.

The debuggee does the holding (`inspector.debuggee.holds`). A run that ended paused is not held by anybody any more: a
step from there starts the thread again from its checkpoint, to stop where the step says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from inspector.core.breakpoints import Breakpoint, format_spec, to_wire, validate
from inspector.core.control import ReleaseKind, StepKind, StopAt
from inspector.errors import BreakpointError, CommandError, StoreError

if TYPE_CHECKING:
    from inspector.core.graphinfo import GraphInfo
    from inspector.core.run import Run
    from inspector.session import Session
    from inspector.store.breakpoints import KeptBreakpoints


class Steer:
    """Implements `core.control.Steering` for a session. `keep`: breakpoints are kept between sessions."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.keep = True
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self._given: tuple[Breakpoint, ...] = ()
        self._begins_stopped = False
        self._recalled = False

    def prepare(self, breakpoints: Sequence[Breakpoint], *, step: bool = False) -> None:
        """Before the graph is loaded: breakpoints that it gets besides those that are kept; `step`: the next run that
        begins, begins stopped before its first task."""
        self._given = tuple(breakpoints)
        self._begins_stopped = step

    def recall(self, graph: GraphInfo) -> None:
        """The graph is loaded: take the breakpoints that it had, and those that were given; or, where it is loaded
        again, those there are. One whose node or key is gone stays, disabled. Raises `BreakpointError` for one that
        was given and that the graph cannot have."""
        for each in self._given:
            validate(each, graph)
        known = self.breakpoints
        if self.keep and not self._recalled:
            known = self._kept().of(self._session.graph_key)
        specs = {format_spec(each) for each in self._given}
        before = [_fitting(each, graph) for each in known if format_spec(each) not in specs]
        self.breakpoints = (*before, *self._given)
        self._given, self._recalled = (), True

    async def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Replace the breakpoints, of the run that is under way too. Raises `BreakpointError` for a node or a key that
        the graph has not, with the nearest names, or a wrong condition; then nothing is changed."""
        session = self._session
        graph = await session.wait_ready()
        for each in breakpoints:
            if each.enabled:
                validate(each, graph)
        if session.running:
            await session.request("breakpoints", breakpoints=to_wire(breakpoints))
        self.breakpoints = tuple(breakpoints)
        if self.keep:
            with contextlib.suppress(StoreError):  # they hold for this session in any case
                self._kept().keep(session.graph_key, self.breakpoints)

    def start_fields(self, stop: StopAt, target: str) -> dict[str, Any]:
        """What `StartRun` has to know of stopping."""
        if self._begins_stopped and not stop:
            stop = "first"
        self._begins_stopped = False
        return {"stop": stop, "target": target, "breakpoints": to_wire(self.breakpoints)}

    async def step(self, how: StepKind, target: str = "") -> None:
        """Go on from where it is stopped, to stop again. Raises `CommandError` where nothing is stopped,
        `BreakpointError` for a `target` that is no node."""
        session = self._session
        if how == "to":
            validate(Breakpoint("", "before", target), await session.wait_ready())
        if session.running:
            await session.request("step", how=how, target=target)
            return
        run = session.view.run
        if run.phase == "interrupted":
            raise CommandError("The graph waits for an answer; answer it, then step.")
        if run.phase in ("ready", "done") or not run.next:
            raise CommandError("Nothing is stopped that could go on; start a run first.")
        await session.start(goes_on=True, stop=how, target=target)

    async def release(self, hold: str | None, action: ReleaseKind = "go", value: Any = None) -> None:
        """Let one thing that is held go on, or all. Raises `CommandError` for what is not held any more, and for a
        value that does not fit what is held."""
        if not self._session.running:
            raise CommandError("Nothing is held; the run is over.")
        await self._session.request("release", hold=hold, action=action, value=value)

    def _kept(self) -> KeptBreakpoints:
        from inspector.store.breakpoints import KeptBreakpoints

        return KeptBreakpoints(self._session.beside("breakpoints.json"))


def lost_with(run: Run) -> str:
    """What the death of the process meant for what was held, in a sentence."""
    names = list(dict.fromkeys(held.name or held.node for held in run.held.values()))
    what = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    if all(held.what in ("before", "tool", "model") for held in run.held.values()):
        return f"What was held ({what}) had not been executed; the thread goes on from its last checkpoint."
    return f"What {what} wrote while it was held was not saved; the thread goes on from its last checkpoint."


def _fitting(breakpoint: Breakpoint, graph: GraphInfo) -> Breakpoint:
    try:
        validate(breakpoint, graph)
    except BreakpointError:
        return replace(breakpoint, enabled=False)
    return breakpoint
