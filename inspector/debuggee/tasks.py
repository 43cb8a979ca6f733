"""The tasks of a run that are open: by id, by the run of their chain, by the namespace they write in, by what is around
them. Says nothing to anybody; `debuggee.normalise` does."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from inspector.core.events import Failure, Namespace
from inspector.debuggee.places import task_of


@dataclass(slots=True)
class OpenTask:
    """What is remembered of a task while it is open."""

    ns: Namespace
    node: str
    step: int
    outer: str | None  # the task around it
    home: Namespace  # the namespace that chunks of its stream writer carry
    silent: bool = False  # no payload will tell its end: it is of a graph on a thread of its own, say
    graph: str | None = None  # the run of the inner graph that it belongs to
    run: str | None = None  # the run id of its chain, once it executes
    parent_run: str | None = None
    attempts: int = 1
    error: Failure | None = None
    returned: bool = False  # its chain ended, the payload may still come
    output: Any = None
    inner: dict[str, None] = field(default_factory=dict)  # open tasks inside it, in their order


class Recent:
    """The last few thousand task ids that ended: what still comes of them is late, not new."""

    def __init__(self, keep: int = 8192) -> None:
        self._keep = keep
        self._ids: dict[str, None] = {}

    def add(self, id_: str) -> None:
        self._ids[id_] = None
        if len(self._ids) > self._keep:
            del self._ids[next(iter(self._ids))]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._ids


class Tasks:
    """The open tasks. Memory does not grow with the run, but for the ids of the last few thousand that ended."""

    def __init__(self) -> None:
        self.open: dict[str, OpenTask] = {}
        self.ended = Recent()
        self.runs: dict[str, str] = {}  # chain run id -> task id
        self._homes: dict[Namespace, dict[str, str]] = {}  # namespace -> executing task -> its node

    def add(self, task_id: str, task: OpenTask) -> None:
        """A task begins."""
        self.open[task_id] = task
        outer = self.open.get(task.outer or "")
        if outer is not None:
            outer.inner[task_id] = None

    def execute(self, task_id: str, run: str, parent_run: str | None) -> None:
        """The chain of a task begins, for the first time or again."""
        task = self.open[task_id]
        task.run, task.parent_run, task.returned = run, parent_run, False
        self.runs[run] = task_id
        self._homes.setdefault(task.home, {})[task_id] = task.node

    def remove(self, task_id: str) -> OpenTask:
        """A task ends."""
        task = self.open.pop(task_id)
        self.ended.add(task_id)
        outer = self.open.get(task.outer or "")
        if outer is not None:
            outer.inner.pop(task_id, None)
        if task.run is not None:
            self.runs.pop(task.run, None)
            home = self._homes[task.home]
            del home[task_id]
            if not home:
                del self._homes[task.home]
        return task

    def of_run(self, run: str) -> OpenTask | None:
        """The open task whose chain a run is."""
        return self.open.get(self.runs.get(run, ""))

    def writing_in(self, home: Namespace) -> tuple[str | None, str, Namespace]:
        """`(task id, node, namespace of its graph)` of who writes in a namespace: the id if one task alone executes
        there, the node if it is the same for all of the first hundred."""
        tasks = self._homes.get(home)
        if not tasks:
            return None, "", home
        task_id, node = next(iter(tasks.items()))
        ns = self.open[task_id].ns
        if len(tasks) == 1:
            return task_id, node, ns
        alike = all(other == node for other in islice(tasks.values(), 100))
        return None, node if alike else "", ns

    def executing(self) -> list[tuple[str, str]]:
        """`(task id, node)` of the innermost tasks that are executing now."""
        open_ = {i: t for i, t in self.open.items() if t.run is not None and not t.returned}
        enclosing = {task_of(t.home) for t in open_.values()} | {t.outer for t in open_.values()}
        return [(i, t.node) for i, t in open_.items() if i not in enclosing]
