"""What a front end can ask of a debugging session: the one interface between the UI and the session behind it."""

from __future__ import annotations

from typing import Any, Literal, Protocol, TypeAlias

from inspector.core.graphinfo import GraphInfo
from inspector.core.view import View
from inspector.errors import InspectorError

Stage: TypeAlias = Literal["starting", "loading", "ready", "failed", "closed"]


class Debugger(Protocol):
    """One debugging session: a debuggee, the run it makes, and the verbs that steer it.

    `stage` moves from starting over loading to ready; `problem` says why it is failed (`LoadError`,
    `SeveralGraphs`, `StoreError`, or `LinkClosed` when the debuggee went away, also in the middle of a run).
    """

    view: View
    stage: Stage
    problem: InspectorError | None
    thread: str

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

    async def start(self, input: Any = None, *, resume: dict[str, Any] | None = None, goes_on: bool = False) -> None:
        """Invoke the graph: with an input, with answers by interrupt id, or to go on from where it stopped.

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

    async def close(self) -> None:
        """Stop a run that is under way, keep its checkpoints, end the process. May be called again."""
        ...

    def inputs(self) -> list[str]:
        """Earlier inputs of this graph as JSON text, newest first."""
        ...
