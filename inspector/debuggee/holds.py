"""What is held, and what is to be: breakpoints, the step that was taken, and the way back for everything that waits.

Something that is held waits on a `concurrent.futures.Future`, awaited on the loop or blocked on in a thread, and can be
released from any thread: the loop itself may be what is blocked, by a synchronous call inside an asynchronous node. So
every order here is a plain function, safe on any thread. The hold points (`holdpoints`, `calls`) ask `before`, `after`,
`failed` and `call`, and then `wait` or `block` for the decision.

A task that is held before it runs has not executed, and its checkpoint is saved: a process that dies then loses
nothing.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from inspector.core.breakpoints import from_wire
from inspector.core.events import NOTHING, Event, Failure, Held, HoldKind, Log, Released
from inspector.debuggee.encode import preview
from inspector.debuggee.failures import failure
from inspector.debuggee.graphstates import GraphStates
from inspector.debuggee.matching import Breakpoints, Match
from inspector.debuggee.normalise import Normaliser
from inspector.debuggee.positions import Position
from inspector.debuggee.stepping import Step
from inspector.debuggee.tasks import Recent
from inspector.errors import CommandError

PATIENCE = 0.2  # seconds that the subscription gets to announce a task before it is told that it is held
_TICK = 0.002
_NOWHERE = Position("", "", (), -1, ())


@dataclass(frozen=True, slots=True)
class Decision:
    """How something goes on: `go`, `edit`, `answer`, `fail` or `cancel`, and with what."""

    how: str = "go"
    value: Any = None


@dataclass(eq=False)
class Hold:
    """One thing that is held. `prepare` checks what a decision brings and makes of it what the hold point needs; None
    where there is nothing to decide but that it goes on."""

    event: Held
    position: Position | None
    prepare: Callable[[str, Any], Any] | None = None
    future: Future[Decision] = field(default_factory=Future)
    threaded: bool = False  # a thread blocks on it, which no cancellation of a task reaches
    told: bool = False


class Holds:
    """One for a debuggee. A run begins (`begin`) and ends (`end`); breakpoints and their hits outlive it."""

    def __init__(self, emit: Callable[[Event], None], *, blocks_loop: bool = True) -> None:
        """`blocks_loop`: a call on the loop's own thread may be held. Not where the inspector shares the loop."""
        self._emit = emit
        self._blocks_loop = blocks_loop
        self._lock = threading.RLock()
        self._breakpoints = Breakpoints()
        self._step: Step | None = None
        self._held: dict[str, Hold] = {}
        self._passed = Recent()  # tasks that were held, or let pass: a retry is not held again
        self._changes: dict[str, dict[str, str]] = {}  # task -> changed keys
        self._failures: list[BaseException] = []  # the last that were held
        self._normaliser: Normaliser | None = None
        self._loop_thread = 0
        self._blocking = 0
        self._warned = False
        self.states = GraphStates(self._changed)
        self.watching = False  # whether starts, ends and errors of tasks have to be told

    # ------------------------------------------------------------------ a run

    def begin(self, normaliser: Normaliser, *, stop: str = "", target: str = "", fresh: bool = True) -> None:
        """A run begins, on the loop's thread. `stop`: hold at first, or step from where it begins. `fresh`: it is given
        an input, so that hits count anew."""
        with self._lock:
            self._normaliser = normaliser
            self._loop_thread = threading.get_ident()
            self._passed, self._changes, self._failures = Recent(), {}, []
            stopped = [()] if fresh else self.states.unfinished() or [()]  # where the run before this one ended
            self.states = GraphStates(self._changed)
            self.states.watch(self._breakpoints.keys)
            if fresh:
                self._breakpoints.hits = dict.fromkeys(self._breakpoints.hits, 0)
            self._step = Step(stop, target=target, beginning=stopped) if stop not in ("", "continue") else None
            self._update()

    def end(self) -> None:
        """The run is over: whatever still waits is cancelled."""
        with self._lock:
            for hold in list(self._held.values()):
                self._settle(hold, Decision("cancel"))
            self._step = None
            self._changes.clear()
            self._update()

    def cancel(self) -> None:
        """The run is being cancelled: threads that wait have to be told."""
        with self._lock:
            for hold in list(self._held.values()):
                if hold.threaded:
                    self._settle(hold, Decision("cancel"))

    @property
    def blocks(self) -> bool:
        """Whether a hold is what blocks the event loop."""
        return self._blocking > 0

    @property
    def tasks(self) -> set[str]:
        """The tasks that are held, or whose calls are, and those around them, which wait for them."""
        with self._lock:
            positions = [hold.position for hold in self._held.values() if hold.position is not None]
        around = {segment.rpartition(":")[2] for position in positions for segment in position.ns}
        return around | {position.task for position in positions}

    # ------------------------------------------------------------------ orders, from any thread

    def set_breakpoints(self, breakpoints: Any) -> None:
        """Replace the breakpoints (`core.breakpoints.to_wire`). Raises `BreakpointError`; then nothing is changed."""
        replaced = Breakpoints(from_wire(breakpoints), hits=self._breakpoints.hits)
        with self._lock:
            self._breakpoints = replaced
            self.states.watch(replaced.keys)
            self._update()
        if replaced.of_tools or replaced.of_models:
            from inspector.debuggee import calls

            calls.install(tools=replaced.of_tools, models=replaced.of_models)

    def step(self, how: str, target: str = "") -> None:
        """Let all that is held go, to stop again as the step says. Raises `CommandError` where nothing is held."""
        with self._lock:
            if not self._held:
                raise CommandError("Nothing is held here; pause the run first, or set a breakpoint.")
            stopped = [hold.position for hold in self._held.values() if hold.position is not None]
            step = Step(how, stopped, self.states.supersteps, target=target)
            self._step = step if how != "continue" else None
            self._update()
            for hold in list(self._held.values()):
                self._settle(hold, Decision())

    def pause(self) -> None:
        """Hold whatever starts next."""
        with self._lock:
            self._step = Step("pause")
            self._update()

    def release(self, hold: str | None, action: str = "go", value: Any = None) -> None:
        """Let one thing go on, or all (None), as they are. Raises `CommandError` for what is not held any more, and for
        a value that does not fit."""
        with self._lock:
            if hold is None:
                self._step = None
                self._update()
                for each in list(self._held.values()):
                    self._settle(each, Decision())
                return
            held = self._held.get(hold)
            if held is None:
                raise CommandError("That is not held any more: it was released, or its run is over.")
            if action != "go":
                if held.prepare is None:
                    raise CommandError("Only a held call of a tool or a model can be edited, answered or failed.")
                value = held.prepare(action, value)
            self._settle(held, Decision(action, value))

    def _settle(self, hold: Hold, decision: Decision) -> None:
        self._held.pop(hold.event.id, None)
        if hold.future.done():
            return
        if hold.told:
            self._emit(Released(self._now(), hold.event.id, decision.how))
        hold.future.set_result(decision)

    # ------------------------------------------------------------------ what hold points ask

    def before(self, position: Position, given: Any) -> Hold | None:
        """A task is about to start."""
        with self._lock:
            if position.task in self._passed:
                return None
            self._passed.add(position.task)
            superstep = self.states.supersteps
            superstep[position.ns] = max(position.step, superstep.get(position.ns, -2))
            stepped = self._step is not None and self._step.holds(position)
            names = self._names(position, given)
            changed = self._changes.pop(position.task, None)
            match = self._breakpoints.change(changed, names) if changed else None
            match = self._breakpoints.node("before", position.path, names) or match
            if match is None and not stepped:
                return None
            return self._hold("before", position, match, given)

    def after(self, position: Position, output: Any) -> Hold | None:
        """A task ran; its writes are not committed yet."""
        with self._lock:
            match = self._breakpoints.node("after", position.path, self._names(position, output))
            return None if match is None else self._hold("after", position, match, output)

    def failed(self, position: Position, error: BaseException) -> Hold | None:
        """A task raised. The tasks around it raise the same: the innermost is held."""
        with self._lock:
            if any(error is known for known in self._failures):
                return None
            match = self._breakpoints.node("error", position.path, self._names(position, None))
            if match is None:
                return None
            self._failures = [*self._failures[-15:], error]
            return self._hold("error", position, match, None, error=failure(error))

    def call(
        self, what: HoldKind, position: Position | None, names: tuple[str, ...], args: Any, shown: Any,
        prepare: Callable[[str, Any], Any], call_id: str = "",
    ) -> Hold | None:  # fmt: skip
        """A tool or a model is about to be called. It is known by all the names, and shown by the first."""
        with self._lock:
            match = self._breakpoints.call(what, names, self._names(position, args, {}))
            if match is None:
                return None
            return self._hold(what, position, match, shown, name=names[0], call_id=call_id, prepare=prepare)

    def may_hold(self, kind: str, node: str) -> bool:
        """Whether a task of this node could be held at this point. Cheap: most could not."""
        if kind == "before" and (self._step is not None or self._changes):
            return True
        return self._breakpoints.may_be_about(kind, node)

    def of_calls(self, kind: str) -> bool:
        """Whether calls of tools (`tool`) or of models (`model`) could be held."""
        return self._breakpoints.of_tools if kind == "tool" else self._breakpoints.of_models

    @property
    def of_ends(self) -> bool:
        """Whether ends and errors of tasks could be held."""
        return self._breakpoints.of_ends

    def _names(self, position: Position | None, args: Any, state: Any = None) -> Callable[[], dict[str, Any]]:
        """The variables of conditions. Without a checkpoint `state` is what is given for it, else what the task got."""

        def names() -> dict[str, Any]:
            models = self._normaliser.models if self._normaliser is not None else None
            ns = position.ns if position is not None else ()
            return {
                "state": self.states.values(ns, args if state is None else state),
                "node": position.node if position is not None else "",
                "step": position.step if position is not None else -1,
                "args": args,
                "usage": {"input": models.input, "output": models.output} if models is not None else {},
            }

        return names

    def _hold(
        self, what: HoldKind, position: Position | None, match: Match | None, shown: Any, *, name: str = "",
        call_id: str = "", error: Failure | None = None, prepare: Callable[[str, Any], Any] | None = None,
    ) -> Hold:  # fmt: skip
        value = NOTHING if shown is None else preview(shown)
        reason = "breakpoint" if match is not None else self._step.reason if self._step is not None else "step"
        at = position or _NOWHERE
        event = Held(
            0.0, uuid4().hex[:12], what, at.ns, at.task or None, at.node, at.step, reason, name, value,
            match.breakpoint.id if match is not None else "", match.note if match is not None else "", call_id, error,
        )  # fmt: skip
        hold = Hold(event, position, prepare)
        self._held[event.id] = hold
        return hold

    def _changed(self, key: str, note: str, tasks: list[str]) -> None:
        """A watched key of the state changed: the tasks that come next are to be held."""
        with self._lock:
            for task in tasks:
                self._changes.setdefault(task, {})[key] = note
            self._update()

    def _update(self) -> None:
        self.watching = bool(self._breakpoints.of_nodes or self._step is not None or self._changes)

    # ------------------------------------------------------------------ waiting

    async def wait(self, hold: Hold) -> Decision:
        """On the loop: until it is released. Raises `CancelledError` when it is cancelled instead."""
        try:
            end = time.monotonic() + PATIENCE
            while not self._announced(hold) and time.monotonic() < end:
                await asyncio.sleep(_TICK)
            self._tell(hold)
            decision = await asyncio.wrap_future(hold.future)
        except asyncio.CancelledError:
            with self._lock:
                if self._held.pop(hold.event.id, None) is not None and hold.told:
                    self._emit(Released(self._now(), hold.event.id, "cancel"))
            raise
        if decision.how == "cancel":
            raise asyncio.CancelledError
        return decision

    def block(self, hold: Hold) -> Decision:
        """In a synchronous call, on whatever thread: until it is released. Raises `CancelledError` likewise."""
        on_loop = threading.get_ident() == self._loop_thread
        if on_loop and not self._blocks_loop:
            return self._let_pass(hold)
        hold.threaded = True
        if not on_loop:
            end = time.monotonic() + PATIENCE
            while not self._announced(hold) and time.monotonic() < end:
                time.sleep(_TICK)
        self._blocking += on_loop
        try:
            self._tell(hold)
            decision = hold.future.result()
        finally:
            self._blocking -= on_loop
        if decision.how == "cancel":
            raise asyncio.CancelledError
        return decision

    def _let_pass(self, hold: Hold) -> Decision:
        with self._lock:
            self._held.pop(hold.event.id, None)
        if not self._warned:
            self._warned = True
            text = "A synchronous call on the event loop's own thread cannot be held where the app shares that loop."
            self._emit(Log(self._now(), "inspector", text, "warning"))
        return Decision()

    def _announced(self, hold: Hold, *, for_sure: bool = False) -> bool:
        """Whether the task was announced, or (unless `for_sure`) will not be while it is held."""
        position, normaliser = hold.position, self._normaliser
        if position is None or normaliser is None or normaliser.place(position.task) is not None:
            return True
        return not for_sure and not normaliser.announces(position)

    def _tell(self, hold: Hold) -> None:
        """Say that it is held, unless it has been released meanwhile."""
        if self._normaliser is not None and not self._announced(hold, for_sure=True):
            self._normaliser.release()  # the loop is blocked, or the subscription has more to do than this
        with self._lock:
            if hold.future.done():
                return
            place = None
            if self._normaliser is not None and hold.event.task is not None:
                place = self._normaliser.place(hold.event.task)
            ns, node, step = place or (hold.event.ns, hold.event.node, hold.event.step)
            hold.event = replace(hold.event, t=self._now(), ns=ns, node=node, step=step)
            hold.told = True
            self._emit(hold.event)

    def _now(self) -> float:
        return self._normaliser.now() if self._normaliser is not None else 0.0
