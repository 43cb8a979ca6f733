"""The graphs inside a run: which are open, who called them, and in which superstep each is.

A graph without checkpoints tells no superstep: a new one begins with the first task after a result.
"""

from __future__ import annotations

from inspector.core.events import Namespace
from inspector.debuggee.places import task_of


class Graphs:
    """The open inner graphs by their run, and the supersteps of all graphs by their namespace."""

    def __init__(self, first_step: int) -> None:
        """`first_step` is the superstep of the root graph's first tasks on a new thread."""
        self._first_step = first_step
        self._callers: dict[str, str] = {}  # open runs -> the task that called them
        self._called: dict[str, list[str]] = {}  # task -> the runs of the graphs that it called, in order
        self._steps: dict[Namespace, int] = {}  # of the newest checkpoint
        self._over: dict[Namespace, bool] = {}  # graphs without checkpoints -> whether their superstep is over

    # ------------------------------------------------------------------ runs

    def begin(self, run: str, task_id: str) -> None:
        """A task calls a graph."""
        self._callers[run] = task_id
        self._called.setdefault(task_id, []).append(run)

    def end(self, run: str) -> bool:
        """A run is over. Returns whether it was that of a graph."""
        return self._callers.pop(run, None) is not None

    def __contains__(self, run: object) -> bool:
        return run in self._callers

    def caller(self, run: str | None) -> str | None:
        """The task that called a graph."""
        return self._callers.get(run or "")

    def at(self, ns: Namespace) -> str | None:
        """The run of the inner graph with this namespace: LangGraph numbers those that one task calls."""
        called = self._called.get(task_of(ns) or "")
        if not called:
            return None
        index = int(ns[-1]) if ns[-1].isdecimal() else 0
        return called[index] if index < len(called) else None

    def forget(self, task_id: str, inside: Namespace) -> None:
        """A task is over, and with it the graphs that it called, whose namespaces begin with `inside`."""
        self._called.pop(task_id, None)
        count = 0
        ns = inside
        while self._steps.pop(ns, None) is not None:
            self._over.pop(ns, None)
            count += 1
            ns = (*ns[: -1 if count > 1 else None], str(count))

    # ------------------------------------------------------------------ supersteps

    def knows(self, ns: Namespace) -> bool:
        """Whether the superstep of a graph is known."""
        return ns in self._steps

    def step(self, ns: Namespace, unknown: int = -1) -> int:
        """The superstep of a graph's newest checkpoint."""
        return self._steps.get(ns, unknown)

    def committed(self, ns: Namespace, step: int) -> None:
        """A checkpoint of this superstep was saved."""
        self._steps[ns] = step

    def wrote(self, ns: Namespace) -> None:
        """A task of the graph has its result."""
        if ns in self._over:
            self._over[ns] = True

    def begins(self, ns: Namespace, hint: int | None) -> int | None:
        """Tasks of a graph begin; `hint` is the superstep that LangGraph gives one of them, where it is known. Returns
        the superstep that is over by that, where none told so."""
        over = self._over.get(ns)
        if over is None and ns not in self._steps:
            self._steps[ns] = (hint if hint is not None else 1 if ns else self._first_step) - 1
            self._over[ns] = False
        elif over:
            self._steps[ns] += 1
            self._over[ns] = False
            return self._steps[ns]
        return None

    def skipped(self, ns: Namespace, step: int) -> int | None:
        """A task of superstep `step` runs: the supersteps before it are over. Returns the last of them, where no
        checkpoint told so (one of `Send`s, whose payloads wait for this)."""
        if ns in self._over and step > self._steps[ns] + 1:
            self._steps[ns] = step - 1
            self._over[ns] = False
            return step - 1
        return None
