"""A thread's checkpoints as branches: which way a checkpoint was run on, and what ran there.

The same for checkpoints of a file (`travel.Entry`) and those seen in a session (`nodes.Checkpoint`).
"""

from __future__ import annotations

import difflib
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Protocol, TypeVar

from inspector.core.events import Namespace
from inspector.core.nodes import Node, Span
from inspector.core.run import Run
from inspector.core.travel import Entry, Planned
from inspector.errors import UnknownThread


class _Saved(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def parent(self) -> str | None: ...
    @property
    def ns(self) -> Namespace: ...
    @property
    def source(self) -> str: ...
    @property
    def next(self) -> tuple[str, ...]: ...


SavedT = TypeVar("SavedT", bound=_Saved)


def path_to(checkpoints: Iterable[SavedT], id: str, ns: Namespace = ()) -> list[SavedT]:
    """A checkpoint and its ancestors, the oldest first; empty where it is unknown."""
    known = {saved.id: saved for saved in checkpoints if saved.ns == ns}
    path: list[SavedT] = []
    at = known.get(id)
    while at is not None:
        path.append(at)
        del known[at.id]  # a damaged file may go round in circles
        at = known.get(at.parent) if at.parent else None
    return path[::-1]


def onward(checkpoints: Iterable[SavedT], id: str, ns: Namespace = ()) -> list[SavedT]:
    """A checkpoint and those that came after it, on the branch with the newest of its descendants."""
    mine = [saved for saved in checkpoints if saved.ns == ns]
    below = {id}
    newest = id
    for saved in sorted(mine, key=lambda saved: saved.id):
        if saved.parent in below:
            below.add(saved.id)
            newest = saved.id
    path = path_to(mine, newest, ns)
    return path[next((index for index, saved in enumerate(path) if saved.id == id), len(path)) :]


def _ran(path: Sequence[SavedT]) -> list[SavedT]:
    """Those of a path whose tasks ran: all that a superstep came after, and the last one, if it has tasks, for its
    tasks were begun at least. The copies that a fork begins with are passed over."""
    ran = [saved for saved, then in itertools.pairwise(path) if then.source == "loop"]
    return [*ran, path[-1]] if len(path) > 1 and path[-1].next else ran


def later(entries: Sequence[Entry], checkpoint: str, ns: Namespace = ()) -> tuple[Planned, ...]:
    """What ran, the last time, after the superstep that follows a checkpoint: in the order in which the nodes first
    came, each with how often it ran. For a checkpoint of a subgraph, then also what ran in the graphs around it."""
    counts: Counter[tuple[str, Namespace]] = Counter()
    for id, level in _levels(entries, checkpoint, ns):
        for entry in _ran(onward(entries, id, level))[1:]:
            counts.update((node, level) for node in entry.next)
    return tuple(Planned(node, times, level) for (node, level), times in counts.items())


def _levels(entries: Sequence[Entry], checkpoint: str, ns: Namespace) -> list[tuple[str, Namespace]]:
    """The checkpoint, and those of the graphs around it that it belongs to, from the inside out."""
    levels = [(checkpoint, ns)]
    entry = next((entry for entry in entries if entry.id == checkpoint and entry.ns == ns), None)
    parents = entry.metadata.get("parents") if entry is not None else None
    for depth in range(len(ns) - 1, -1, -1):
        outer = parents.get("|".join(ns[:depth])) if isinstance(parents, dict) else None
        if isinstance(outer, str):
            levels.append((outer, ns[:depth]))
    return levels


def calls_after(run: Run, checkpoint: str, ns: Namespace = ()) -> tuple[int, int]:
    """How many calls of models and of tools were made after a checkpoint, on the branch that was run on: as far as this
    session saw it."""
    seen = run.inner_checkpoints.get(ns, []) if ns else run.checkpoints
    kinds: Counter[str] = Counter()
    for saved in onward(seen, checkpoint, ns):
        for task, _ in saved.tasks:
            if task in run.tasks:
                _count(run.tasks[task], kinds)
    return kinds["model"], kinds["tool"]


def _count(node: Node, kinds: Counter[str]) -> None:
    waiting: list[Node] = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Span):
            kinds[node.type] += 1
        waiting.extend(node.children or ())


def find(entries: Sequence[Entry], text: str, thread: str) -> Entry:
    """The checkpoint that an id, or the unique beginning of one, names. Raises `UnknownThread` with the nearest."""
    found = [entry for entry in entries if entry.id.startswith(text)] if text else []
    exact = [entry for entry in found if entry.id == text]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if not found:
        near = difflib.get_close_matches(text, [entry.id for entry in entries], 1, 0.0)
        raise UnknownThread(
            f"Thread {thread!r} has no checkpoint {text!r}{f'; the nearest is {near[0]}' if near else ''}."
        )
    some = ", ".join(_named(entry) for entry in found[:4])
    raise UnknownThread(f"{text!r} is the beginning of {len(found)} checkpoints ({some}, ...); give more of the id.")


def _named(entry: Entry) -> str:
    where = " > ".join(segment.partition(":")[0] for segment in entry.ns)
    return f"{entry.id} in {where}" if where else entry.id


def common(entries: Sequence[Any], a: Entry, b: Entry) -> tuple[list[Entry], list[Entry], list[Entry]]:
    """`(shared, only_a, only_b)`: the ancestors that two checkpoints of one graph have in common, oldest first, and
    those of each alone, itself included."""
    left, right = path_to(entries, a.id, a.ns), path_to(entries, b.id, b.ns)
    shared = 0
    while shared < min(len(left), len(right)) and left[shared].id == right[shared].id:
        shared += 1
    return left[:shared], left[shared:], right[shared:]
