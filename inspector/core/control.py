"""What a front end can ask of a debugging session: the one interface between the UI and the session behind it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from inspector.core.breakpoints import Breakpoint
from inspector.core.events import Namespace
from inspector.core.graphinfo import GraphInfo
from inspector.core.travel import Edit, Entry, Plan, Preview, Writers
from inspector.core.view import View
from inspector.errors import InspectorError

Stage: TypeAlias = Literal["starting", "loading", "ready", "failed", "closed"]

StepKind: TypeAlias = Literal["over", "into", "out", "to", "continue"]
StopAt: TypeAlias = StepKind | Literal["", "first"]
ReleaseKind: TypeAlias = Literal["go", "edit", "answer", "fail"]


class Steering(Protocol):
    """Stopping and going on: breakpoints, steps, and what is held (`Run.held`).

    All raise `CommandError` for what cannot be done now, and `LinkClosed`.
    """

    breakpoints: tuple[Breakpoint, ...]
    """All of this graph, kept between sessions."""

    async def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        """Replace the breakpoints. Raises `BreakpointError`: no such node (with the nearest names), or a condition that
        cannot be evaluated; then nothing is changed."""
        ...

    async def step(self, how: StepKind, target: str = "") -> None:
        """Go on from where it is stopped (held, paused, or not begun yet), to stop again: `over` after one superstep of
        the graph that is stopped, `into` before the next task wherever it is, `out` once that graph is left, `to`
        before the node `target`; `continue` only at breakpoints. All that is held is released first."""
        ...

    async def release(self, hold: str | None, action: ReleaseKind = "go", value: Any = None) -> None:
        """Let one thing that is held go on (None: all of them, as they are), other things staying held. `value`: the
        arguments to `edit` with, the result (or message) to `answer` with, the text of the error to `fail` with."""
        ...


class Travelling(Protocol):
    """Going back in time. All raise `CommandError` for what is refused, and `LinkClosed`; only `rerun` and `jump` run
    anything, and `fork` writes one new checkpoint."""

    async def history(self) -> Sequence[Entry]:
        """The thread's checkpoints from its file, newest first, those of subgraphs too."""
        ...

    async def plan(self, checkpoint: str, ns: Namespace = ()) -> Plan:
        """What `rerun` would run."""
        ...

    async def rerun(self, checkpoint: str, ns: Namespace = ()) -> None:
        """Run on from a checkpoint, as a second branch of the thread."""
        ...

    async def writers(self, checkpoint: str, ns: Namespace = ()) -> Writers:
        """As whom an edit may be written."""
        ...

    async def preview(self, edit: Edit) -> Preview:
        """What `fork` would come to; saves nothing. Raises `InputError` where the values do not fit."""
        ...

    async def fork(self, edit: Edit) -> str:
        """Save the edit as a new branch. Returns the id of the root graph's checkpoint that is the thread's newest."""
        ...

    async def jump(self, checkpoint: str, goto: Sequence[str], update: dict[str, Any] | None = None) -> None:
        """Run on from a checkpoint with `Command(goto=...)`."""
        ...


class Reloading(Protocol):
    """Edit and continue. `automatic`: changed code is loaded without being asked for."""

    automatic: bool

    async def changed(self) -> Sequence[str]:
        """The graph's source files that changed since they were loaded, as a developer would name them."""
        ...

    async def reload(self) -> None:
        """Go on with the code as it is now: on the same thread, with the same breakpoints, stopped at the same place.
        Raises `LoadError` where it cannot be loaded; then the old code and everything else stay as they were."""
        ...


class Debugger(Protocol):
    """One debugging session: a debuggee, the run it makes, and the verbs that steer it.

    `stage` moves from starting over loading to ready; `problem` says why it is failed (`LoadError`,
    `SeveralGraphs`, `StoreError`, or `LinkClosed` when the debuggee went away, also in the middle of a run).
    """

    view: View
    thread: str

    @property
    def stage(self) -> Stage: ...

    @property
    def problem(self) -> InspectorError | None: ...

    @property
    def database(self) -> Path | None:
        """The checkpoint file that the thread is in, where there is one."""
        ...

    @property
    def steer(self) -> Steering:
        """Stopping and going on."""
        ...

    @property
    def travel(self) -> Travelling:
        """Going back in time."""
        ...

    @property
    def code(self) -> Reloading:
        """Edit and continue."""
        ...

    @property
    def running(self) -> bool:
        """Whether an invocation is under way."""
        ...

    def drain(self, budget: float = 0.008) -> bool:
        """Apply waiting events to the run for at most `budget` seconds. Returns whether more are waiting."""
        ...

    def waiting(self) -> bool:
        """Whether there are events that `drain` has not applied yet."""
        ...

    async def wait_ready(self) -> GraphInfo:
        """The graph, once it is loaded. Raises what `problem` says."""
        ...

    async def choose(self, name: str) -> None:
        """After `SeveralGraphs`: load this one. Then `wait_ready` again."""
        ...

    async def start(
        self,
        input: Any = None,
        *,
        resume: dict[str, Any] | None = None,
        goes_on: bool = False,
        stop: StopAt = "",
        target: str = "",
    ) -> None:
        """Invoke the graph: with an input, with answers by interrupt id, or to go on from where it stopped.

        `stop`: where it is to be held besides breakpoints: `first` before the first task, otherwise as
        `Steering.step(stop, target)` from where it begins.

        Raises:
            InputError: the input is not what the schema takes.
            CommandError: the debuggee refused (a run is under way, nothing to resume).
            LinkClosed: the debuggee is gone.
        """
        ...

    async def cancel(self) -> None:
        """Cancel the run that is under way."""
        ...

    async def pause(self) -> None:
        """Stop the run after the current superstep."""
        ...

    async def kill(self) -> None:
        """End the debuggee's process, which does not answer."""
        ...

    async def restart(self) -> None:
        """A fresh debuggee for the same thread, after loading failed or the old one went away. Then `wait_ready`."""
        ...

    async def recall(self) -> None:
        """Take in the checkpoints that the thread has and the run does not: those of earlier sessions, an edit's,
        another program's. Does nothing while a run goes on. Raises `StoreError`, `CommandError` or `LinkClosed`."""
        ...

    async def close(self) -> None:
        """Stop a run that is under way, keep its checkpoints, end the process. May be called again."""
        ...

    def watches(self) -> list[str]:
        """The watch expressions of this graph, kept between sessions."""
        ...

    def keep_watches(self, texts: Sequence[str]) -> None:
        """Replace the watch expressions. Raises `StoreError` where they cannot be kept."""
        ...

    def inputs(self) -> list[str]:
        """Earlier inputs of this graph as JSON text, newest first."""
        ...
