"""Rows that fold: a tree that knows which of its rows are visible, on which line, and how deep.

Every row knows how many lines it takes with what is visible under it, and keeps a running sum over its kids. Finding
the row of a line, or the line of a row, is logarithmic, whether a million rows are at the root or under one parent.
`core.timeline` fills the tree; it costs about 0.4 kB a row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, TypeAlias

from inspector.core.counts import Counts
from inspector.core.events import Failure
from inspector.core.nodes import Invocation, Node, Span, Status, Task

GROUP_FROM = 8  # siblings of one node and superstep, above which they fold into a group
Kind: TypeAlias = Literal["root", "task", "span", "group", "attempt", "invocation"]


class Attempt:
    """A try of a task that failed and was followed by another. Times on the run axis."""

    __slots__ = ("ended", "error", "number", "started", "task")

    def __init__(self, task: Task, number: int, started: float, ended: float, error: Failure | None) -> None:
        self.task = task
        self.number = number
        self.started = started
        self.ended = ended
        self.error = error


class Group:
    """Tasks of one node in one superstep: how many are in each status, and when the last of them ended.

    `path` leads to what tells their inputs apart, `prefix` is how all of that begins (`core.labels` finds both, from
    the first `sampled` members).
    """

    __slots__ = ("ended", "first", "path", "prefix", "sampled", "statuses")

    def __init__(self, first: Task) -> None:
        self.first = first
        self.statuses: dict[Status, int] = {}
        self.ended = 0.0
        self.path: tuple[str | int, ...] | None = None
        self.prefix = ""
        self.sampled = 0


class Row:
    """A line, visible or folded away. Its identity lasts as long as the tree."""

    __slots__ = (
        "counts", "deep", "fold", "graph", "kids", "kind", "node", "notable", "parent", "place", "plumbing", "seen",
        "siblings", "size", "taken", "thing", "tries",
    )  # fmt: skip

    def __init__(self, kind: Kind, node: Node | None = None, thing: Attempt | Group | Invocation | None = None) -> None:
        self.kind: Kind = kind
        self.node = node
        self.thing = thing
        self.parent: Row | None = None
        self.kids: list[Row] | None = None
        self.counts: Counts | None = None  # the lines that each kid adds
        self.place = 0  # index among the parent's kids
        self.size = 0  # lines: its own and those under it
        self.fold: bool | None = None  # what the developer made of it: True folded, False open
        self.plumbing = False  # hidden unless everything is asked for
        self.deep = False  # something worth seeing (model, tool, retriever, task) is under it
        self.notable = False  # of a group's member: stays visible while the group is folded
        self.seen: Status = "running"  # of a group's member: the status it is counted under
        self.taken = 0  # how many children of the node have rows
        self.tries = 0  # how many retries of the task have rows
        self.graph: Row | None = None  # the first inner graph among the kids
        self.siblings: dict[tuple[int, int, str], Row] | None = None  # newest superstep: row of each node

    @property
    def members(self) -> int:
        """How many tasks a group has."""
        return len(self.kids) if self.kids else 0

    @property
    def started(self) -> float:
        """On the run axis."""
        if self.node is not None:
            return self.node.started
        if isinstance(self.thing, Invocation):
            return self.thing.offset
        if isinstance(self.thing, Group):
            return self.thing.first.started
        return self.thing.started if self.thing is not None else 0.0

    @property
    def ended(self) -> float | None:
        """On the run axis; None while it runs."""
        if self.node is not None:
            return self.node.ended
        if isinstance(self.thing, Group) and self.thing.statuses.get("running"):
            return None
        return self.thing.ended if self.thing is not None else None

    @property
    def task(self) -> Task | None:
        """The task that the row is, or is about."""
        if isinstance(self.thing, Attempt):
            return self.thing.task
        return self.node.task if isinstance(self.node, Span) else self.node


class RowTree:
    """The visible rows, in order. `len()` is how many lines they take."""

    def __init__(self) -> None:
        self._root = Row("root")
        self._root.kids, self._root.counts = [], Counts()
        self._everything = False

    def __len__(self) -> int:
        return self._root.size

    def row(self, index: int) -> tuple[Row, int]:
        """The row on line `index` and its depth (0 at the root). Raises `IndexError`."""
        if not 0 <= index < self._root.size:
            raise IndexError(index)
        row, depth = self._root, 0
        while row.kids is not None and row.counts is not None:
            place, index = row.counts.find(index)
            row = row.kids[place]
            if not self.hidden(row):
                if index == 0:
                    break
                index -= 1
                depth += 1
        return row, depth

    def index_of(self, row: Row) -> int | None:
        """The line of a row, or of the row that it is folded into; None in an empty tree."""
        shown = row
        up = row
        while up.parent is not None:
            if (up is shown and self.hidden(up)) or not self._counted(up.parent, up, folding=True):
                shown = up.parent
            up = up.parent
        if shown is self._root:
            return 0 if self._root.size else None
        index = 0
        parent = shown.parent
        while parent is not None and parent.counts is not None:
            index += parent.counts.before(shown.place)
            if parent is not self._root and not self.hidden(parent):
                index += 1
            shown, parent = parent, parent.parent
        return index

    def parent_of(self, row: Row) -> Row | None:
        """The row that this one is indented under, None at the root."""
        parent = row.parent
        while parent is not None and parent is not self._root and self.hidden(parent):
            parent = parent.parent
        return None if parent is self._root else parent

    def walk(self) -> Iterator[Row]:
        """Every row that has a line or would have one if nothing were folded, in order."""
        stack = [self._root]
        while stack:
            row = stack.pop()
            if not self.hidden(row):
                yield row
            stack.extend(reversed(row.kids or ()))

    def hidden(self, row: Row) -> bool:
        """Whether the row has no line of its own; what is under it is shown in its place."""
        if row.plumbing:
            return not self._everything
        return row.kind == "root" or (row.kind == "group" and row.members <= GROUP_FROM)

    def foldable(self, row: Row) -> bool:
        """Whether there is something under the row."""
        return row.kind == "group" or (row.counts is not None and row.counts.total > 0)

    def folded(self, row: Row) -> bool:
        """Whether what is under the row is folded away (of a group: all but its notable members)."""
        if self.hidden(row):
            return False
        if row.fold is not None:
            return row.fold
        if row.kind == "task":
            return row.parent is not None and row.parent.kind == "group" and not self.hidden(row.parent)
        if row.kind == "group":
            return True
        return isinstance(row.node, Span) and row.node.type == "chain" and not row.deep

    # ------------------------------------------------------------------ folding

    def fold(self, row: Row, folded: bool) -> None:
        """Fold or open a row."""
        if self.foldable(row) and self.folded(row) != folded:
            row.fold = folded
            if row.kind == "group":
                self._recount(row)
            self._resize(row)

    def reveal(self, row: Row) -> None:
        """Open what the row is folded into. A group that shows the row although it is folded stays folded."""
        chain: list[tuple[Row, Row]] = []
        kid = row
        while kid.parent is not None and kid.parent is not self._root:
            chain.append((kid.parent, kid))
            kid = kid.parent
        for parent, kid in reversed(chain):
            if not self._counted(parent, kid, folding=True):
                self.fold(parent, False)

    @property
    def everything(self) -> bool:
        """Whether plumbing has rows too."""
        return self._everything

    @everything.setter
    def everything(self, everything: bool) -> None:
        if everything == self._everything:
            return
        self._everything = everything
        order = [self._root]
        for row in order:
            order.extend(row.kids or ())
        for row in reversed(order):  # kids before their parents
            if row.kids:
                self._recount(row)
            row.size = self._size(row)

    # ------------------------------------------------------------------ growing, for subclasses

    def _push(self, parent: Row, row: Row) -> None:
        """Add a row as the last kid."""
        if parent.kids is None or parent.counts is None:
            parent.kids, parent.counts = [], Counts()
        row.parent = parent
        row.place = len(parent.kids)
        parent.kids.append(row)
        if parent.kind == "group" and parent.members == GROUP_FROM + 1:
            parent.counts.append(0)
            for kid in parent.kids:  # the group has a line of its own from now on, and its members fold
                kid.size = self._size(kid)
            self._recount(parent)
        else:
            row.size = self._size(row)
            parent.counts.append(row.size if self._counted(parent, row) else 0)
        self._resize(parent)

    def _replace(self, old: Row, new: Row) -> None:
        """Put a row that has no lines yet in the place of another, which is taken out."""
        parent = old.parent
        if parent is None or parent.kids is None:
            return
        new.parent, new.place = parent, old.place
        parent.kids[old.place] = new
        self._add(parent, new, -old.size)

    def _add(self, parent: Row, kid: Row, delta: int) -> None:
        """A kid that is counted takes `delta` lines more."""
        if delta and parent.counts is not None:
            parent.counts.add(kid.place, delta)
            self._resize(parent)

    def _resize(self, row: Row) -> None:
        """The row's size may have changed: bring it and what is above it up to date."""
        while True:
            size = self._size(row)
            delta, row.size = size - row.size, size
            parent = row.parent
            if not delta or parent is None or parent.counts is None or not self._counted(parent, row):
                return
            parent.counts.add(row.place, delta)
            row = parent

    def _recount(self, row: Row) -> None:
        counts = Counts()
        for kid in row.kids or ():
            counts.append(kid.size if self._counted(row, kid) else 0)
        row.counts = counts

    def _counted(self, parent: Row, kid: Row, *, folding: bool = False) -> bool:
        """Whether a kid's lines are in its parent's counts. Folded rows count theirs all the same, so that opening
        them is cheap; a folded group counts its notable members only. With `folding`: whether it is visible in it."""
        if parent.kind == "group" or folding:
            return not self.folded(parent) or (parent.kind == "group" and kid.notable)
        return True

    def _size(self, row: Row) -> int:
        own = 0 if self.hidden(row) else 1
        if row.counts is None or (row.kind != "group" and self.folded(row)):
            return own
        return own + row.counts.total
