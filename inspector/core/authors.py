"""Who wrote a value: the checkpoint and the task that last changed what is at a path of the state.

Goes back from checkpoint to parent and compares the value; states are fetched only where the writes that were seen
could have changed it. Items of lists that bear ids (messages) are followed by their id, as the tree and the diff do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspector.core.diff import MISSING, Key, Path, at, same
from inspector.core.history import ran
from inspector.core.nodes import Checkpoint, Task
from inspector.core.run import Run
from inspector.core.states import States
from inspector.core.values import MORE, Opaque, decode

MOST = 2_000  # checkpoints that are looked at


@dataclass(frozen=True, slots=True)
class Author:
    """The checkpoint in which the value came to be as it is, and its path there. `task` is the one that wrote it, where
    that was seen; `tasks` are all that wrote to its channel in that superstep. `nodes` are the nodes that ran. `before`
    is where the value was in the checkpoint before, None where it was not there."""

    checkpoint: Checkpoint
    path: Path
    task: Task | None = None
    tasks: tuple[Task, ...] = ()
    nodes: tuple[str, ...] = ()
    before: Path | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody is found: `why` says why, `checkpoint` is the oldest one that was looked at."""

    why: str
    checkpoint: Checkpoint | None = None


async def author(run: Run, states: States, start: Checkpoint, path: Path, *, most: int = MOST) -> Author | Unknown:
    """Who last changed the value at `path`, as it is at the checkpoint `start`.

    The path begins with the channel. Looks back over at most `most` checkpoints of the namespace of `start`.
    """
    at_, where = start, path
    value: Any = MISSING
    loaded = False
    for _ in range(most):
        parent = run.by_checkpoint.get(at_.parent) if at_.parent else None
        if parent is not None and not _could_have(run, parent, at_, str(where[0])):
            at_ = parent
            continue
        if not loaded:
            state = await states.load(at_.id, at_.ns)
            if state.problem:
                return Unknown(f"the state of step {at_.step} cannot be read: {state.problem}", at_)
            value, loaded = at(state.values, where), True
            if value is MISSING:
                return Unknown("there is no such value at this step", at_)
            current: Mapping[str, Any] = state.values
        if parent is None:
            if at_.parent is not None:
                return Unknown("it was there already at the first checkpoint that is known", at_)
            return _author(run, None, at_, where, value, None)
        earlier = await states.load(parent.id, parent.ns)
        if earlier.problem:
            return Unknown(f"the state of step {parent.step} cannot be read: {earlier.problem}", parent)
        old_path = follow(earlier.values, current, where)
        old = at(earlier.values, old_path) if old_path is not None else MISSING
        if old_path is None or old is MISSING or not same(old, value):
            return _author(run, parent, at_, where, value, None if old is MISSING else old_path)
        at_, where, value, current = parent, old_path, old, earlier.values
    return Unknown(f"it did not change in the last {most:,} checkpoints", at_)


def follow(old: Mapping[str, Any], new: Mapping[str, Any], path: Path) -> Path | None:
    """Where the value at `path` of the new state was in the old one, None where an item of that id was not there."""
    found: list[Key] = []
    before: Any = old
    after: Any = new
    for key in path:
        inner_before = before.fields if isinstance(before, Opaque) else before
        inner_after = after.fields if isinstance(after, Opaque) else after
        place = key
        if isinstance(key, int) and isinstance(inner_after, list) and isinstance(inner_before, list):
            id_ = _id(inner_after[key]) if key < len(inner_after) else None
            if id_ is not None and (key >= len(inner_before) or _id(inner_before[key]) != id_):
                same_id = next((n for n, item in enumerate(inner_before) if _id(item) == id_), None)
                if same_id is None:
                    return None
                place = same_id
        found.append(place)
        before, after = at(before, (place,)), at(after, (key,))
        if before is MISSING or after is MISSING:
            break
    return (*found, *path[len(found) :])


def _id(item: Any) -> Any:
    fields = item.fields if isinstance(item, Opaque) else item
    id_ = fields.get("id") if isinstance(fields, dict) else None
    return id_ if isinstance(id_, (str, int)) and id_ != "" else None


def _could_have(run: Run, parent: Checkpoint, checkpoint: Checkpoint, channel: str) -> bool:
    """Whether the superstep between two checkpoints can have changed a channel, from what was seen of its tasks."""
    if checkpoint.source != "loop" or not parent.tasks:
        return True
    for id_, _ in parent.tasks:
        task = run.tasks.get(id_)
        if task is None or not task.writes:
            return True
        writes = decode(task.writes)
        if writes is None:
            continue
        if not isinstance(writes, dict) or channel in writes or any(not isinstance(key, str) for key in writes):
            return True
        if MORE in writes or channel == "":
            return True
    return False


def _author(
    run: Run, parent: Checkpoint | None, checkpoint: Checkpoint, path: Path, value: Any, before: Path | None
) -> Author:
    nodes = tuple(node for node, _ in ran(run, checkpoint))
    if parent is None or checkpoint.source != "loop":
        return Author(checkpoint, path, nodes=nodes, before=before)
    wrote: list[tuple[Task, Any]] = []
    for id_, _ in parent.tasks:
        task = run.tasks.get(id_)
        writes = decode(task.writes) if task is not None and task.writes else None
        if task is not None and isinstance(writes, dict) and path[0] in writes:
            wrote.append((task, writes[str(path[0])]))
    best = max(wrote, key=lambda item: _fits(item[1], value, path), default=None)
    return Author(checkpoint, path, best[0] if best else None, tuple(task for task, _ in wrote), nodes, before)


def _fits(written: Any, value: Any, path: Path) -> int:
    """How surely a value comes from what a task wrote to its channel: 3 the same, 2 the same id, 1 a part of it."""
    items = written if isinstance(written, list) else [written]
    for item in items:
        if same(item, value):
            return 3
    wanted = _id(value)
    if wanted is not None and any(_id(item) == wanted for item in items):
        return 2
    inside = at(written, path[1:])
    if inside is not MISSING and (same(inside, value) or type(inside) is type(value)):
        return 2 if same(inside, value) else 1
    return 0
