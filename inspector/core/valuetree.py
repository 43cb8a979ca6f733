"""Inert values as rows that fold: which rows there are, what each holds, how it differs from before.

A `ValueTree` owns which rows are open and keeps that by path while the values under it are exchanged for those of
another step. It builds rows only for what is open. A group of more than `GROUP` children shows its first and its last
ones with a `more` row between, which gives way a piece at a time; a long text opens into lines.

Values come in as `core.diff.Entry` (old and new, either may be `MISSING`): each row bears its mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, TypeAlias

from inspector.core.diff import MISSING, Entry, Key, Mark, Path, level
from inspector.core.messages import Message, as_message
from inspector.core.text import one_line, plural, safe
from inspector.core.values import Clipped, Opaque, is_container

GROUP = 500  # children of one value that are shown at once
TAIL = 100  # how many of those are the last ones
LONG = 60  # texts longer than this, or of several lines, open
_LINES = 400  # lines of a text that are shown at first

Place: TypeAlias = tuple[Key, ...]
"""What identifies a row: as its path, but with ids for messages and a sign for what was removed."""

RowKind: TypeAlias = Literal["value", "more", "line"]
Wrap: TypeAlias = Callable[[str, int], Iterator[str]]


@dataclass(slots=True, eq=False)
class Row:
    """A row. `path` leads to its value (`core.diff.at`); for a `line` or `more` row, to the value that it is part of.

    `label_width` is that of the widest key among its siblings; `text` is what a `line` or `more` row says.
    """

    kind: RowKind
    place: Place
    path: Path
    depth: int
    entry: Entry
    opens: bool = False
    open: bool = False
    label_width: int = 0
    message: Message | None = None
    text: str = ""
    hidden: int = 0

    @property
    def value(self) -> Any:
        return self.entry.value

    @property
    def mark(self) -> Mark:
        return self.entry.mark if self.kind == "value" else ""

    @property
    def label(self) -> str:
        return one_line(str(self.entry.key), 60)


def pieces(text: str, width: int) -> Iterator[str]:
    """A text in lines of at most `width` characters: the plainest `Wrap`."""
    for line in safe(text).split("\n"):
        yield from (line[start : start + width] for start in range(0, max(len(line), 1), max(width, 1)))


class ValueTree:
    """The rows of a few values. `rows` is what is shown, in order; read it freely, it is rebuilt by the methods."""

    def __init__(self, *, wrap: Wrap = pieces, width: int = 80) -> None:
        self.rows: list[Row] = []
        self.width = width
        self._wrap = wrap
        self._roots: tuple[Entry, ...] = ()
        self._open: set[Place] = set()
        self._limits: dict[Place, int] = {}
        self._index: dict[Place, int] | None = None

    # ------------------------------------------------------------------ values

    @property
    def roots(self) -> tuple[Entry, ...]:
        """The values at the top."""
        return self._roots

    def show(self, roots: Iterable[Entry]) -> None:
        """Exchange the values. What was open stays open where it is still there."""
        self._roots = tuple(roots)
        self._rebuild()

    def show_value(self, value: Any) -> None:
        """Show the children of one value, unmarked (or itself, if it has none)."""
        entries = level(MISSING, value) if is_container(value) else [Entry("", MISSING, value, "")]
        self.show(entries)

    def resize(self, width: int) -> None:
        """Lines of texts are to be at most this wide."""
        if width != self.width:
            self.width = width
            if any(row.kind == "line" for row in self.rows):
                self._rebuild()

    # ------------------------------------------------------------------ folding

    def toggle(self, index: int) -> None:
        """Open or close a row; a `more` row gives way to the next `GROUP` of what it stands for."""
        row = self.rows[index]
        if row.kind == "more":
            parent = row.place[:-1]
            self._limits[parent] = self._limits.get(parent, self._first(row)) + GROUP
            self._rebuild()
        elif row.open:
            self.close(index)
        elif row.opens:
            self.open(index)

    def open(self, index: int) -> None:
        """Open a row."""
        row = self.rows[index]
        if not row.opens or row.open:
            return
        self._open.add(row.place)
        row.open = True
        self.rows[index + 1 : index + 1] = self._below(row)
        self._index = None

    def close(self, index: int) -> None:
        """Close a row; what is open inside it will be open when it is opened again."""
        row = self.rows[index]
        if not row.open:
            return
        self._open.discard(row.place)
        row.open = False
        end = index + 1
        while end < len(self.rows) and self.rows[end].depth > row.depth:
            end += 1
        del self.rows[index + 1 : end]
        self._index = None

    def parent(self, index: int) -> int | None:
        """The index of the row that a row is in."""
        depth = self.rows[index].depth
        return next((above for above in range(index - 1, -1, -1) if self.rows[above].depth < depth), None)

    # ------------------------------------------------------------------ finding

    def index_of(self, place: Place) -> int | None:
        """Where the row is, or the nearest row above it that is still there."""
        if self._index is None:
            self._index = {row.place: index for index, row in enumerate(self.rows)}
        while place:
            index = self._index.get(place)
            if index is not None:
                return index
            place = place[:-1]
        return None

    def reveal(self, path: Path, *, removed: bool = False) -> int | None:
        """Open everything above a path, and return the index of its row. None if there is no such value."""
        above: Row | None = None
        for depth in range(1, len(path) + 1):
            gone = removed and depth == len(path)
            index = self._child(above, path[:depth], gone)
            if index is None:
                return None
            above = self.rows[index]
            if depth < len(path) and not above.open:
                if not above.opens:
                    return index
                self.open(index)
        return self.index_of(above.place) if above is not None else None

    def _child(self, parent: Row | None, path: Path, gone: bool) -> int | None:
        """The index of a child's row, after making room for it in a group too long to be shown whole."""
        place = parent.place if parent is not None else ()
        entries = self._entries(parent) if parent is not None else self._roots
        position = next(
            (n for n, entry in enumerate(entries) if entry.key == path[-1] and (entry.new is MISSING) == gone), None
        )
        if position is None:
            return None
        limit = self._limits.get(place, GROUP - TAIL)
        if limit <= position < len(entries) - TAIL:
            self._limits[place] = position + GROUP // 2
            self._rebuild()
        start = self.index_of(place)
        for index in range(0 if start is None else start + 1, len(self.rows)):
            row = self.rows[index]
            if row.depth < len(path) - 1:
                break
            if row.path == path and row.kind == "value" and (row.entry.new is MISSING) == gone:
                return index
        return None

    def find(self, text: str, after: Path | None = None, *, most: int = 200_000) -> Path | None:
        """The path of the next value whose key or text contains `text` (its case does not matter), looking at no more
        than `most` values; from the start again after the last. Removed values are not looked at."""
        needle = text.casefold()
        first: Path | None = None
        passed = after is None
        for path, key, value in islice(self._walk(), most):
            if path == after:
                passed = True
            elif (passed or first is None) and (needle in str(key).casefold() or needle in _words(value)):
                if passed:
                    return path
                first = path
        return first

    def _walk(self) -> Iterator[tuple[Path, Key, Any]]:
        stack: list[tuple[Path, Iterator[Entry]]] = [((), iter(self._roots))]
        while stack:
            path, entries = stack[-1]
            entry = next(entries, None)
            if entry is None:
                stack.pop()
                continue
            if entry.new is MISSING:
                continue
            here = (*path, entry.key)
            yield here, entry.key, entry.new
            if is_container(entry.new) and len(stack) < 100:
                stack.append((here, iter(_fields(entry.new, level(MISSING, entry.new)))))

    # ------------------------------------------------------------------ building

    def _rebuild(self) -> None:
        self.rows = self._group((), (), 0, self._roots)
        self._index = None

    def _below(self, row: Row) -> list[Row]:
        """The rows under an open row."""
        text = _long_text(row.value)
        if text is not None:
            return self._text_lines(row, text)
        return self._group(row.place, row.path, row.depth + 1, self._entries(row))

    def _entries(self, row: Row) -> Sequence[Entry]:
        return _fields(row.value, level(row.entry.old, row.entry.new))

    def _group(self, place: Place, path: Path, depth: int, entries: Sequence[Entry]) -> list[Row]:
        total = len(entries)
        limit = self._limits.get(place, GROUP - TAIL)
        cut = total > limit + TAIL
        shown = [*entries[:limit], *entries[total - TAIL :]] if cut else entries
        label_width = max((len(one_line(str(entry.key), 60)) for entry in shown), default=0)
        rows: list[Row] = []
        used: set[Key] = set()
        for number, entry in enumerate(shown):
            if cut and number == limit:
                rows.append(_more(place, path, depth, entries[limit : total - TAIL]))
            slot = _slot(entry)
            if slot in used:
                slot = f"{entry.key}·{number}"
            used.add(slot)
            row = self._row((*place, slot), (*path, entry.key), depth, entry, label_width)
            rows.append(row)
            if row.open:
                rows.extend(self._below(row))
        return rows

    def _row(self, place: Place, path: Path, depth: int, entry: Entry, label_width: int) -> Row:
        value = entry.value
        opens = is_container(value) or _long_text(value) is not None
        return Row(
            "value", place, path, depth, entry, opens, opens and place in self._open, label_width, as_message(value)
        )

    def _text_lines(self, row: Row, text: str) -> list[Row]:
        limit = self._limits.get(row.place, _LINES)
        width = max(8, self.width - 2 * (row.depth + 2))
        rows: list[Row] = []
        used = 0
        for line in self._wrap(text, width):
            if len(rows) == limit:
                left = len(text) - used
                rows.append(
                    Row("more", (*row.place, "…"), row.path, row.depth + 1, row.entry,
                        text=f"⋯ {plural(left, 'character')} more", hidden=left)
                )  # fmt: skip
                break
            used += len(line) + 1
            rows.append(Row("line", (*row.place, len(rows)), row.path, row.depth + 1, row.entry, text=line))
        return rows

    def _first(self, row: Row) -> int:
        return _LINES if _long_text(row.value) is not None else GROUP - TAIL


def _more(place: Place, path: Path, depth: int, hidden: Sequence[Entry]) -> Row:
    marked = sum(1 for entry in hidden if entry.mark)
    text = f"⋯ {len(hidden):,} more" + (f", {marked:,} changed" if marked else "")
    return Row("more", (*place, "⋯"), path, depth, Entry("⋯", MISSING, None, ""), text=text, hidden=len(hidden))


def _slot(entry: Entry) -> Key:
    """What identifies a child among its siblings at any step: its id in a list, if it has one, else its key."""
    if entry.new is MISSING:
        return f"−{entry.key}"
    if isinstance(entry.key, int):
        fields = entry.new.fields if isinstance(entry.new, Opaque) else entry.new
        id_ = fields.get("id") if isinstance(fields, dict) else None
        if isinstance(id_, str) and id_:
            return f"#{id_}"
    return entry.key


def _long_text(value: Any) -> str | None:
    """The text that opens into lines, None for everything else."""
    text = value.text if isinstance(value, Clipped) else value
    return text if isinstance(text, str) and (len(text) > LONG or "\n" in text) else None


def _words(value: Any) -> str:
    text = value.text if isinstance(value, Clipped) else value
    if isinstance(text, str):
        return text.casefold()
    if isinstance(text, (int, float)):
        return f"{text} {text:,}" if not isinstance(text, bool) else str(text).casefold()
    return value.type.casefold() if isinstance(value, Opaque) else ""


_SHOWN_FIRST = ("content", "tool_calls", "invalid_tool_calls", "artifact", "name", "status", "tool_call_id", "id",
          "usage_metadata", "response_metadata")  # fmt: skip
_ORDER = {name: number for number, name in enumerate(_SHOWN_FIRST)}


def _fields(value: Any, entries: Sequence[Entry]) -> Sequence[Entry]:
    """The children as they are shown. Those of a message as one reads them: what it says first, and nothing that is
    empty and was empty before, nor the type, which the row above says."""
    if as_message(value) is None:
        return entries
    shown = [
        entry
        for entry in entries
        if entry.mark or (entry.key != "type" and entry.value not in (None, "", [], {}, False))
    ]
    return sorted(shown, key=lambda entry: _ORDER.get(str(entry.key), len(_ORDER)))
