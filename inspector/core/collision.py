"""`InvalidUpdateError` names the key that several tasks wrote in one superstep, not the tasks: found here."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inspector.core.labels import tell_apart
from inspector.core.nodes import Task
from inspector.core.run import Run
from inspector.core.text import one_line
from inspector.core.values import decode

_KEY = re.compile(r"At key '(.*?)': Can receive only one value per step")
_LOOKED_AT = 2_000  # tasks, the newest


def collided(run: Run) -> tuple[str, tuple[Task, ...]]:
    """The key, and the tasks whose writes to it collided, in the order in which they began; `("", ())` where the newest
    invocation did not fail of that."""
    error = run.error
    found = _KEY.search(error.message) if error is not None and "InvalidUpdateError" in error.type else None
    if found is None or run.invocation is None:
        return "", ()
    key, wrote = found.group(1), list[Task]()
    for task in list(run.tasks.values())[-_LOOKED_AT:]:
        if task.invocation == run.invocation.index and task.status == "ok" and task.writes:
            writes = decode(task.writes)
            if isinstance(writes, dict) and key in writes:
                wrote.append(task)
    # Of several supersteps that wrote it, the last one failed.
    last = max(wrote, key=lambda task: task.number, default=None)
    if last is None:
        return key, ()
    return key, tuple(task for task in wrote if task.step == last.step and task.ns == last.ns)


def collision(run: Run) -> str:
    """`budget was written by search «a», search «b» in one step`, or nothing."""
    key, tasks = collided(run)
    return f"{one_line(key, 60)} was written by {', '.join(names(tasks))} in one step" if tasks else ""


def names(tasks: Sequence[Task], most: int = 6) -> list[str]:
    """The tasks' nodes, told apart by what they were given where they are of one node."""
    labels = tell_apart([decode(task.input) for task in tasks]) if len({task.node for task in tasks}) == 1 else ()
    shown = [one_line(task.node, 40) for task in tasks]
    for index, label in enumerate(labels):
        if label:
            shown[index] += f" «{label}»"
    return shown if len(shown) <= most else [*shown[:most], f"{len(shown) - most} more"]
