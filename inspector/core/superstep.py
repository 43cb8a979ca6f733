"""What happened around a task in its superstep: its siblings, and the checkpoints before and after it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter

from inspector.core.nodes import Checkpoint, Node, Task
from inspector.core.run import Run

_number = attrgetter("number")


def siblings(run: Run, task: Task) -> Iterator[Task]:
    """The other tasks of the same graph and superstep, those that began before it first. Costs what it finds."""
    beside = _beside(run, task)
    at = bisect_left(beside, task.number, key=_number)
    before: list[Task] = []
    for index in range(at - 1, -1, -1):
        node = beside[index]
        if isinstance(node, Task):
            if not _same(node, task):
                break
            before.append(node)
    yield from reversed(before)
    for index in range(at + 1, len(beside)):
        node = beside[index]
        if isinstance(node, Task):
            if not _same(node, task):
                break
            yield node


def _beside(run: Run, task: Task) -> Sequence[Node]:
    """The list of nodes that the task is in: its parent's children, or those of the inner graph that it runs in."""
    if task.parent is None:
        return run.roots
    stack: list[Node] = [task.parent]
    while stack:
        node = stack.pop()
        children = node.children or []
        at = bisect_left(children, task.number, key=_number)
        if at < len(children) and children[at] is task:
            return children
        stack.extend(child for child in children[max(0, at - 8) : at] if not isinstance(child, Task))
    return [task]


def _same(a: Task, b: Task) -> bool:
    return a.step == b.step and a.invocation == b.invocation and a.ns == b.ns


def checkpoints(run: Run, task: Task) -> tuple[Checkpoint | None, Checkpoint | None]:
    """The checkpoints of the task's graph before and after its superstep, as far as they were seen."""
    known = run.inner_checkpoints.get(task.ns, []) if task.ns else run.checkpoints
    after: Checkpoint | None = None
    for checkpoint in reversed(known):
        if checkpoint.invocation < task.invocation:
            break
        same = checkpoint.step == task.step and checkpoint.invocation == task.invocation
        if same and checkpoint.source == "loop" and checkpoint.at >= task.started:
            after = checkpoint
            break
    if after is not None:
        return (run.by_checkpoint.get(after.parent) if after.parent else None), after
    for checkpoint in reversed(known):
        if checkpoint.step < task.step and checkpoint.at <= task.started:
            return checkpoint, None
    return None, None
