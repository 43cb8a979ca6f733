"""The timeline: a run's tasks and spans as foldable rows, taken in as they come.

Besides a row per task and span there are rows that no node stands for:
- *group*: more than `GROUP_FROM` tasks of one node side by side in one superstep (`Send`), folded to one line; those
  of its members that failed or wait for an answer stay visible (the first `NOTABLE`).
- *attempt*: where a retry policy gave a task another try, the try that failed.
- *invocation*: where the thread was resumed or given its next input.

Plumbing (`core.noise`, and the task of `__start__` unless it fails) has no line, nor has an inner graph that is the
only one of its task: what is under them is shown in their place.
"""

from __future__ import annotations

from collections import deque

from inspector.core.nodes import Node, Span, Task
from inspector.core.noise import is_noise
from inspector.core.rowtree import Attempt, Group, Row, RowTree
from inspector.core.run import Run

NOTABLE = 8
RECENT = 256


class Timeline(RowTree):
    """The rows of one run. Call `sync` when the run grew; it costs what is new and what is running."""

    def __init__(self, run: Run) -> None:
        super().__init__()
        self.run = run
        self._rows: dict[int, Row] = {}  # by the node's number
        self._invocations = 0
        self._watched: dict[int, Row] = {}  # rows of open nodes, which children may come to
        self._recent: deque[Row] = deque(maxlen=RECENT)  # closed ones that late children may still come to
        self._queue: deque[Row] = deque()  # rows with children that have no rows yet
        self._gap = 0

    def row_of(self, node: Node) -> Row | None:
        """The row of a task or span, visible or not; None before `sync` came to it."""
        return self._rows.get(node.number)

    def sync(self, budget: int = 2500) -> bool:
        """Take in what is new, about `budget` nodes at most. Returns whether there are more: then call again soon."""
        for number, row in list(self._watched.items()):
            self._queue.append(row)
            node = row.node
            if node is not None and node.ended is not None:
                del self._watched[number]
                self._recent.append(row)
                self._settle(row)
                if node.status == "error" and isinstance(node, Task) and row.plumbing:
                    row.plumbing = False
                    self._resize(row)
        self._queue.extend(self._recent)
        left = self._take_roots(budget)
        while self._queue and left > 0:
            left = self._take(self._queue.popleft(), left)
        more = self._root.taken < len(self.run.roots)
        if not self._queue and not more:
            self._look_for_late_ones()
        return bool(self._queue) or more

    # ------------------------------------------------------------------ taking in

    def _take_roots(self, left: int) -> int:
        roots = self.run.roots
        while self._root.taken < len(roots) and left > 0:
            node = roots[self._root.taken]
            if isinstance(node, Task):
                self._separate(node.invocation)
            self._root.taken += 1
            left -= 1
            self._adopt(self._root, node)
        if self._root.taken == len(roots):
            self._separate(len(self.run.invocations) - 1)
        return left

    def _separate(self, invocation: int) -> None:
        """Put in the rows that begin the invocations up to this one; the first needs none."""
        while self._invocations <= invocation < len(self.run.invocations):
            if self._invocations:
                self._push(self._root, Row("invocation", thing=self.run.invocations[self._invocations]))
            self._invocations += 1

    def _take(self, row: Row, left: int) -> int:
        """Make rows for the children of the row's node that have none yet."""
        node = row.node
        children = node.children if node is not None else None
        if children is not None:
            while row.taken < len(children):
                if left <= 0:
                    self._queue.append(row)
                    return left
                child = children[row.taken]
                self._take_retries(row, child.started)
                row.taken += 1
                left -= 1
                self._adopt(row, child)
        self._take_retries(row, None)
        return left

    def _take_retries(self, row: Row, before: float | None) -> None:
        task = row.node
        if not isinstance(task, Task) or not task.retries:
            return
        while row.tries < len(task.retries):
            at, event = task.retries[row.tries]
            if before is not None and at > before:
                return
            started = task.retries[row.tries - 1][0] if row.tries else task.started
            row.tries += 1
            self._push(row, Row("attempt", thing=Attempt(task, event.attempt - 1, started, at, event.error)))

    def _adopt(self, parent: Row, node: Node) -> None:
        if isinstance(node, Task):
            row = self._rows[node.number] = Row("task", node)
            row.plumbing = node.node == "__start__" and node.status != "error"
            parent = self._home(parent, row, node)
        else:
            row = self._rows[node.number] = Row("span", node)
            row.plumbing = self._lone_graph(parent, row) if node.type == "graph" else is_noise(node)
        self._push(parent, row)
        if isinstance(parent.thing, Group):
            self._count(parent.thing, row, node)
        if isinstance(node, Task) or node.type != "chain":
            self._deepen(parent)
        if node.open:
            self._watched[node.number] = row
        if node.children or (isinstance(node, Task) and node.retries):
            self._queue.append(row)

    def _lone_graph(self, parent: Row, row: Row) -> bool:
        """Whether an inner graph that begins is the only one of its parent. A second one makes the first visible."""
        first, parent.graph = parent.graph, parent.graph or row
        if first is not None:
            if first.plumbing:
                first.plumbing = False
                self._resize(first)
            return False
        return not isinstance(parent.node, Span) or parent.node.type != "chain" or parent.plumbing

    def _deepen(self, row: Row) -> None:
        """Something worth seeing is under these rows: chains above it are open by themselves."""
        up: Row | None = row
        while up is not None and not up.deep:
            up.deep = True
            self._resize(up)
            up = up.parent

    # ------------------------------------------------------------------ groups

    def _home(self, parent: Row, row: Row, task: Task) -> Row:
        """The row that a task belongs under: its parent's, or that of the group of its siblings."""
        key = (task.invocation, task.step, task.node)
        siblings = parent.siblings
        if siblings is None or (siblings and next(iter(siblings))[:2] != key[:2]):
            siblings = parent.siblings = {}  # a new superstep: the one before gets no more siblings
        known = siblings.get(key)
        last = known.kids[-1] if known is not None and known.kids and known.kind == "group" else known
        if known is None or last is None or not _side_by_side(last.node, task):
            siblings[key] = row
            return parent
        if known.kind == "group":
            return known
        assert isinstance(known.node, Task)
        group = siblings[key] = Row("group", thing=Group(known.node))
        self._replace(known, group)
        self._push(group, known)
        assert isinstance(group.thing, Group)
        self._count(group.thing, known, known.node)
        return group

    def _count(self, group: Group, row: Row, task: Node) -> None:
        row.seen = "running"
        group.statuses["running"] = group.statuses.get("running", 0) + 1
        if task.ended is not None:
            self._settle(row)

    def _settle(self, row: Row) -> None:
        """Count a group's member that ended under its status, and keep it visible if it did not end well."""
        parent, node = row.parent, row.node
        if parent is None or node is None or node.ended is None or not isinstance(parent.thing, Group):
            return
        group = parent.thing
        group.ended = max(group.ended, node.ended)
        group.statuses[row.seen] -= 1
        group.statuses[node.status] = group.statuses.get(node.status, 0) + 1
        row.seen = node.status
        bad = sum(group.statuses.get(status, 0) for status in ("error", "interrupted"))
        if node.status in ("error", "interrupted") and not row.notable and bad <= NOTABLE:
            counted = self._counted(parent, row)
            row.notable = True
            if not counted:
                self._add(parent, row, row.size)

    # ------------------------------------------------------------------ late children

    def _look_for_late_ones(self) -> None:
        """A child can come to a node long after it ended (a callback in a thread). Then look everywhere, once."""
        gap = self.run.task_count + len(self.run.spans) - len(self._rows)
        if gap > self._gap:
            for row in self._rows.values():
                if row.node is not None and row.node.children is not None and row.taken < len(row.node.children):
                    self._queue.append(row)
        self._gap = gap if not self._queue else 0


def _side_by_side(last: Node | None, task: Task) -> bool:
    """Whether a task ran beside the last of its siblings (`Send`), rather than after it (`@task` in a loop)."""
    return last is not None and (last.ended is None or task.started < last.ended or task.started == last.started)
