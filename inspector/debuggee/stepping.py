"""Where a step stops: which tasks are to be held, given what was stopped when the step was taken.

Stepping is by superstep: a superstep's tasks stop together and go on together. A graph (a namespace) that was stopped
has a *limit*, the superstep that it may still run; so have the graphs around it. Tasks up to the limit pass, however
late they start (`max_concurrency`). What lies beyond is held where the kind of step says so:

    over     in the graphs that were stopped and those around them, not in the subgraphs below
    into     wherever the next task starts
    out      in the graphs around those that were stopped
    to       where the task's node is the target
    first    anywhere (a run that begins stopped)
    pause    anywhere, because the developer asked for a pause

A graph that has stopped holds the rest of that superstep too, and no later one: the step is over there. `@task`
functions have no supersteps: each call of one counts as the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from inspector.core.breakpoints import matches_path
from inspector.core.events import Namespace
from inspector.debuggee.positions import Position


class Step:
    """One step that was taken. `holds` is asked of every task that is about to start."""

    def __init__(
        self, kind: str, stopped: Iterable[Position] = (), supersteps: Mapping[Namespace, int] | None = None, *,
        target: str = "", beginning: Iterable[Namespace] = (),
    ) -> None:  # fmt: skip
        """`stopped`: the tasks that were held when it was taken; `supersteps`: those under way, by graph. `beginning`:
        of a run that begins, the graphs that were stopped: they go on with the superstep to pass, whose number shows
        then."""
        self.kind = kind
        self.reason = "pause" if kind == "pause" else "step"
        self._target = target
        self._learnt_later = {
            ns[:depth]
            for ns in beginning
            for depth in range(len(ns) + (kind != "out"))
            if kind not in ("first", "pause")
        }
        self._limits: dict[Namespace, int] = {}
        self._calls: set[str] = set()  # `@task` calls that pass
        self._calling: set[Namespace] = set()  # graphs that were stopped before a call of one
        self._stopped: dict[Namespace, int] = {}
        held = list(stopped)
        for position in held:
            if position.called:
                self._calls.add(position.task)
                self._calling.add(position.ns)
            for depth in range(len(position.ns)):
                around = position.ns[:depth]
                self._limits.setdefault(around, (supersteps or {}).get(around, -2))
        for position in held:
            if kind != "out":
                self._limits[position.ns] = max(position.step, self._limits.get(position.ns, -2))
            elif not any(other.ns[: len(position.ns)] == position.ns != other.ns for other in held):
                self._limits.pop(position.ns, None)

    def holds(self, position: Position) -> bool:
        """Whether the task is to be held."""
        if position.ns in self._learnt_later and not position.called:
            self._learnt_later.discard(position.ns)
            self._limits[position.ns] = position.step
        hold = self._holds_call(position) if position.called else self._holds_task(position)
        if hold:
            self._stopped[position.ns] = position.step
        return hold

    def _holds_task(self, position: Position) -> bool:
        ns = position.ns
        if ns in self._stopped:
            return position.step == self._stopped[ns] and self._is_target(position)
        if any(len(inner) > len(ns) and inner[: len(ns)] == ns for inner in self._stopped):
            return False
        limit = self._limits.get(ns)
        if self.kind in ("over", "out"):
            return limit is not None and position.step > limit
        return (limit is None or position.step > limit) and self._is_target(position)

    def _holds_call(self, position: Position) -> bool:
        if position.task in self._calls or self.kind == "out":
            return False
        if self.kind == "over":
            return position.ns in self._calling
        return self._is_target(position)

    def _is_target(self, position: Position) -> bool:
        return self.kind != "to" or matches_path(self._target, position.path)
