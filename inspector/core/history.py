"""The checkpoints of a thread as a tree: which lane each is drawn in, what runs past it, and what its step wrote.

`Lanes` lays out checkpoints in the order they were made, each once, so that a run of any length costs only what is
new; a row is then drawn from a few look-ups. A checkpoint stays in its parent's lane if it is the first to continue
it; every further child forks off into a lane of its own, the leftmost that is free from its parent on.

`written` says what the superstep that ended in a checkpoint wrote, from the writes of its tasks, `ran` which nodes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from inspector.core.nodes import Checkpoint
from inspector.core.run import Run
from inspector.core.values import More, Opaque, decode


class _Branch:
    """A run of checkpoints in one lane. `start` is the index of the checkpoint that it forks off (its own first
    one's, where there is no such), `first` and `last` those of its own."""

    __slots__ = ("first", "lane", "last", "start")

    def __init__(self, lane: int, start: int, first: int) -> None:
        self.lane = lane
        self.start = start
        self.first = first
        self.last = first


@dataclass(frozen=True, slots=True)
class Cell:
    """What is drawn in one lane of a row.

    `node`: the checkpoint itself. `up`, `down`: a line goes on to newer, to older rows. `left`, `right`: a line
    goes on to the lanes beside.
    """

    node: bool = False
    up: bool = False
    down: bool = False
    left: bool = False
    right: bool = False


class Lanes:
    """The layout of a growing sequence of checkpoints."""

    def __init__(self) -> None:
        self.width = 0
        self._ids: dict[str, int] = {}
        self._rows: list[_Branch] = []  # the branch of each checkpoint
        self._starts: dict[int, list[_Branch]] = {}  # branches by the index that they fork off
        self._lanes: list[list[_Branch]] = []  # by lane, in the order of their rows
        self._firsts: list[list[int]] = []  # by lane: where those begin

    def __len__(self) -> int:
        return len(self._rows)

    def extend(self, checkpoints: Sequence[Checkpoint]) -> None:
        """Take in what came after the checkpoints known so far (`checkpoints` is the whole sequence)."""
        for index in range(len(self._rows), len(checkpoints)):
            self._add(index, checkpoints[index].id, checkpoints[index].parent)

    def index(self, id: str) -> int | None:
        """Where a checkpoint is."""
        return self._ids.get(id)

    def lane(self, index: int) -> int:
        """The lane of a checkpoint."""
        return self._rows[index].lane

    def forked(self, index: int) -> bool:
        """Whether a checkpoint is the first of a branch that forks off another."""
        branch = self._rows[index]
        return branch.first == index and branch.start != index

    def is_tip(self, index: int) -> bool:
        """Whether no checkpoint came after this one on its branch (others may have forked off it)."""
        return self._rows[index].last == index

    def row(self, index: int) -> list[Cell]:
        """What is drawn in each lane at a checkpoint, up to the last lane that something is drawn in."""
        own = self._rows[index]
        joining = {branch.lane for branch in self._starts.get(index, ())}
        reach = range(min(joining, default=own.lane), max(joining, default=own.lane) + 1)
        first, last = min(reach.start, own.lane), max(reach.stop - 1, own.lane)
        cells: list[Cell] = []
        for lane in range(self.width):
            left, right = first < lane <= last, first <= lane < last
            if lane == own.lane:
                older = index > own.first or own.start < index
                cells.append(Cell(True, index < own.last, older, left, right))
            elif lane in joining:
                cells.append(Cell(False, True, False, left, right))
            else:
                passing = self._passing(lane, index)
                cells.append(Cell(False, passing, passing, left, right))
        while cells and cells[-1] == Cell():
            cells.pop()
        return cells

    def _passing(self, lane: int, index: int) -> bool:
        """Whether a branch runs past a row in a lane without having anything there."""
        position = bisect_right(self._firsts[lane], index) - 1
        branches = self._lanes[lane]
        return position >= 0 and branches[position].start < index < branches[position].last

    def _add(self, index: int, id: str, parent: str | None) -> None:
        above = self._ids.get(parent) if parent is not None else None
        self._ids[id] = index
        if above is not None:
            branch = self._rows[above]
            if branch.last == above and self._lanes[branch.lane][-1] is branch:
                branch.last = index
                self._rows.append(branch)
                return
        start = index if above is None else above
        lane = self._free(start)
        branch = _Branch(lane, start, index)
        self._lanes[lane].append(branch)
        self._firsts[lane].append(start)
        self._rows.append(branch)
        if above is not None:
            self._starts.setdefault(above, []).append(branch)

    def _free(self, start: int) -> int:
        """The leftmost lane in which nothing is drawn from row `start` on."""
        for lane, branches in enumerate(self._lanes):
            if branches[-1].last < start:
                return lane
        self._lanes.append([])
        self._firsts.append([])
        self.width = len(self._lanes)
        return self.width - 1


_GLYPHS: dict[tuple[bool, bool, bool, bool], str] = {  # up, down, left, right
    (False, False, False, False): " ", (True, True, False, False): "│", (True, False, True, False): "┘",
    (True, False, True, True): "┴", (True, True, True, True): "┼", (False, False, True, True): "─",
    (True, False, False, True): "└",
}  # fmt: skip


def drawing(cells: Sequence[Cell], symbol: str) -> list[tuple[str, bool]]:
    """A row as text, two characters a lane, for a list with the newest row on top: pieces, each with whether it is
    the checkpoint itself (drawn as `symbol`)."""
    out: list[tuple[str, bool]] = []
    for cell in cells:
        after = "─" if cell.right else " "
        if cell.node:
            out += [(symbol, True), (after, False)]
        else:
            out.append((_GLYPHS[cell.up, cell.down, cell.left, cell.right] + after, False))
    return out


@dataclass(frozen=True, slots=True)
class Write:
    """What was written to one channel in a superstep: by how many tasks, and how many items (of lists)."""

    channel: str
    tasks: int = 1
    items: int = 0


def written(run: Run, checkpoint: Checkpoint) -> tuple[Write, ...]:
    """What the superstep that ended in a checkpoint wrote, channel by channel, as far as it was seen."""
    if checkpoint.source == "input":
        for invocation in reversed(run.invocations[: checkpoint.invocation + 1]):
            if not invocation.event.resumed:
                return _merge([decode(invocation.event.input)])
        return ()
    parent = run.by_checkpoint.get(checkpoint.parent) if checkpoint.parent else None
    if parent is None or checkpoint.source != "loop":  # an edit: no task ran
        return ()
    tasks = (run.tasks.get(id_) for id_, _ in parent.tasks)
    return _merge([decode(task.writes) for task in tasks if task is not None and task.writes])


def _merge(writes: Iterable[Any]) -> tuple[Write, ...]:
    merged: dict[str, Write] = {}
    for value in writes:
        fields = value.fields if isinstance(value, Opaque) else value
        if not isinstance(fields, dict):
            continue
        for channel, wrote in fields.items():
            if isinstance(wrote, More) or not isinstance(channel, str):
                continue
            known = merged.get(channel, Write(channel, 0))
            merged[channel] = Write(channel, known.tasks + 1, known.items + _items(wrote))
    return tuple(merged.values())


def _items(value: Any) -> int:
    if not isinstance(value, list):
        return 0
    return len(value) - 1 + value[-1].count if value and isinstance(value[-1], More) else len(value)


def ran(run: Run, checkpoint: Checkpoint) -> tuple[tuple[str, int], ...]:
    """The nodes whose tasks ended in a checkpoint, in order, each with the number of its tasks."""
    parent = run.by_checkpoint.get(checkpoint.parent) if checkpoint.parent else None
    if parent is None or checkpoint.source != "loop":
        return ()
    counts: dict[str, int] = {}
    for node in [node for _, node in parent.tasks] or parent.next:
        counts[node] = counts.get(node, 0) + 1
    return tuple(counts.items())


def unseen(run: Run, checkpoint: Checkpoint) -> bool:
    """Whether what a step wrote was not seen: it is of an earlier session, or an edit."""
    if checkpoint.source == "input":
        return checkpoint.invocation < 0
    parent = run.by_checkpoint.get(checkpoint.parent) if checkpoint.parent else None
    if checkpoint.source != "loop" or parent is None:
        return True
    ran_here = [(id_, node) for id_, node in parent.tasks if node != "__start__"]  # which writes the input, unseen
    return not any(id_ in run.tasks for id_, _ in ran_here) if ran_here or not parent.tasks else False


class Writes:
    """What the supersteps of a run wrote, worked out once for each that is looked at."""

    def __init__(self, run: Run, keep: int = 2000) -> None:
        self.run = run
        self._keep = keep
        self._known: dict[str, tuple[Write, ...]] = {}

    def of(self, checkpoint: Checkpoint) -> tuple[Write, ...]:
        """As `written`."""
        known = self._known.get(checkpoint.id)
        if known is None:
            known = self._known[checkpoint.id] = written(self.run, checkpoint)
            if len(self._known) > self._keep:
                del self._known[next(iter(self._known))]
        return known


def last_written(writes: Writes, checkpoint: Checkpoint, channels: Iterable[str], most: int = 200) -> dict[str, int]:
    """For each channel the step that last wrote it, at a checkpoint: looking back over at most `most` checkpoints."""
    run = writes.run
    missing = set(channels)
    found: dict[str, int] = {}
    at: Checkpoint | None = checkpoint
    while at is not None and missing and most:
        for write in writes.of(at):
            if write.channel in missing:
                missing.discard(write.channel)
                found[write.channel] = at.step
        at = run.by_checkpoint.get(at.parent) if at.parent else None
        most -= 1
    return found
