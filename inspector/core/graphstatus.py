"""What a run has done so far with each node of its graph: how often it ran, what runs now, how it ended last.

Kept by the path of node names, so that all tasks of a node of a subgraph count together. Costs what is new: tasks that
began, and those that were still open at the last look.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice

from inspector.core.events import Namespace
from inspector.core.graphdrawing import NodePath
from inspector.core.nodes import Status, Task
from inspector.core.run import Run


@dataclass(slots=True)
class NodeStatus:
    """What happened to a node. `seconds` is the time that its ended tasks took together; `last` its newest task."""

    running: int = 0
    counts: dict[Status, int] = field(default_factory=dict)
    seconds: float = 0.0
    last: Task | None = None

    @property
    def ended(self) -> int:
        """How many of its tasks have ended."""
        return sum(self.counts.values())

    @property
    def total(self) -> int:
        return self.running + self.ended

    @property
    def status(self) -> Status | None:
        """What to show: running while any task is, else what went wrong in the newest superstep it was in, else how
        its newest task ended."""
        if self.running:
            return "running"
        return self.last.status if self.last is not None else None


def node_path(task: Task) -> NodePath:
    """The names from the root graph to a task's node. (Bare numbers in a namespace count repeated calls.)"""
    return (*names(task.ns), task.node)


def names(ns: Namespace) -> NodePath:
    """The node names of a namespace."""
    return tuple(segment.partition(":")[0] for segment in ns if not segment.isdigit())


class GraphStatus:
    """The statuses of all nodes of a run, brought up to date by `update`."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.nodes: dict[NodePath, NodeStatus] = {}
        self._seen = 0  # tasks of `run.tasks` that were counted
        self._replaced = 0  # executions that took the place of an earlier one of the same task
        self._open: dict[int, Task] = {}

    def update(self) -> None:
        """Take in what happened since the last call."""
        run = self.run
        replaced = run.task_count - len(run.tasks)
        if replaced != self._replaced or len(run.tasks) < self._seen:
            self.nodes, self._seen, self._open = {}, 0, {}
            self._replaced = replaced
        for number, task in list(self._open.items()):
            if not task.open:
                del self._open[number]
                status = self._of(task)
                status.running -= 1
                self._end(status, task)
        for task in islice(run.tasks.values(), self._seen, None):
            status = self._of(task)
            if status.last is None or task.number > status.last.number:
                status.last = task
            if task.open:
                status.running += 1
                self._open[task.number] = task
            else:
                self._end(status, task)
        self._seen = len(run.tasks)

    def _of(self, task: Task) -> NodeStatus:
        path = node_path(task)
        status = self.nodes.get(path)
        if status is None:
            status = self.nodes[path] = NodeStatus()
        return status

    def _end(self, status: NodeStatus, task: Task) -> None:
        status.counts[task.status] = status.counts.get(task.status, 0) + 1
        status.seconds += task.duration or 0.0
        # Of several tasks in one superstep, what went wrong is what there is to see.
        last = status.last
        worse = task.status != "ok" and last is not None and last.step == task.step and last.ns == task.ns
        if last is None or worse:
            status.last = task


def as_of(tasks: Iterable[Task], at: float) -> dict[NodePath, NodeStatus]:
    """The statuses at a moment on the run axis at which no superstep was under way (a checkpoint)."""
    nodes: dict[NodePath, NodeStatus] = {}
    for task in tasks:
        if task.ended is None or task.ended > at:
            continue
        status = nodes.setdefault(node_path(task), NodeStatus())
        status.counts[task.status] = status.counts.get(task.status, 0) + 1
        status.seconds += task.duration or 0.0
        if status.last is None or task.number > status.last.number:
            status.last = task
    return nodes
