"""`ValueTreeView`: inert values as a tree on the screen, over the rows of `core.valuetree`.

Used for the state, for arguments, results and inputs. It draws what is visible, folds, copies, opens a value whole,
and jumps from change to change; what the values are, its owner says with `show` or `show_value`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip

from inspector.core.diff import Change, Entry, Path, changes
from inspector.core.outline import Kind, count, kind, message_summary, path_text, summary, whole
from inspector.core.text import one_line, plural
from inspector.core.values import Clipped, Opaque
from inspector.core.valuetree import Row, ValueTree
from inspector.tui.panes.base import ShowText
from inspector.tui.widgets.cells import cut, fit, strip_of
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.value_text import mark_text, wrapped

_LABEL = 24  # cells that a key takes at most
_ROLE = 6
_TRAIL = 8
_QUIET: frozenset[Kind] = frozenset({"none", "list", "mapping", "bytes"})
_LONGEST_COPY = 100_000  # characters; terminals drop longer ones silently


class ValueTreeView(RowList):
    """A tree of values.

    `marked` says whether it shows what changed; then rows bear `+`, `~` or `−` and `n` / `N` go from one to the next.
    """

    DEFAULT_CSS = """
    ValueTreeView {
        & > .value-tree--key { color: $foreground; }
        & > .value-tree--role { color: $primary; }
        & > .value-tree--gone { color: $text-muted; text-style: strike; }
        & > .value-tree--problem { color: $error; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "value-tree--key", "value-tree--role", "value-tree--gone", "value-tree--problem",
    }  # fmt: skip

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open"),
        Binding("space", "fold", "Fold", show=False),
        Binding("left,h", "shut", "Close", show=False),
        Binding("right", "unfold", "Open", show=False),
        Binding("o", "whole", "Whole"),
        Binding("n", "next_change", "Next change"),
        Binding("N", "previous_change", "Previous change", show=False),
        Binding("y", "copy", "Copy value", show=False),
        Binding("Y", "copy_path", "Copy path", show=False),
    ]

    FOLLOWS = False

    trails: ClassVar[bool] = False
    """Whether there is a last column, for sizes."""

    def __init__(self, *, marked: bool = False, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.model = ValueTree(wrap=wrapped)
        self.marked = marked
        self.added_word = "new"
        self._changes: list[Change] | None = None

    # ------------------------------------------------------------------ what owners use

    def show(self, roots: Iterable[Entry]) -> None:
        """Exchange the values; what was open, and the cursor, stay where they are by path."""
        self._changes = None
        self.model.show(roots)
        self.model_changed()

    def show_value(self, value: Any) -> None:
        """Show the children of one value (or itself, if it has none)."""
        self._changes = None
        self.model.show_value(value)
        self.model_changed()

    def current(self) -> Row | None:
        """The row that the cursor is on."""
        return self.model.rows[self.cursor] if 0 <= self.cursor < len(self.model.rows) else None

    def go_to(self, path: Path, *, removed: bool = False) -> bool:
        """Open what is above a path and put the cursor on it. Returns whether there is such a value."""
        index = self.model.reveal(path, removed=removed)
        self.model_changed()
        if index is not None:
            self.move_to(index)
        return index is not None

    def find(self, text: str) -> bool:
        """Go to the next value whose key or text contains `text`, opening what it is in."""
        row = self.current()
        path = self.model.find(text, row.path if row is not None else None) if text else None
        return path is not None and self.go_to(path)

    def note(self, row: Row) -> tuple[str, str]:
        """What is said at the right of a row, and the pen it is said with. By default its mark."""
        return mark_text(row, self.added_word), "success"

    def trailing(self, row: Row) -> str:
        """A short text for the last column, where `trails`."""
        return ""

    def lead(self, row: Row) -> tuple[str, str] | None:
        """What is shown in place of the key, and its pen; None for the key."""
        return None

    def said(self, row: Row) -> tuple[str, str] | None:
        """What is shown in place of the value, and its pen; None for the value."""
        return None

    # ------------------------------------------------------------------ rows

    def row_count(self) -> int:
        return len(self.model.rows)

    def row_key(self, index: int) -> Any:
        return self.model.rows[index].place

    def index_of(self, key: Any) -> int | None:
        return self.model.index_of(key)

    def row_clicked(self, index: int, x: int) -> bool:
        row = self.model.rows[index]
        if x <= 2 * row.depth + 1 or row.kind == "more":
            self._toggle(index)
            return True
        return False

    def on_resize(self) -> None:
        self.model.resize(max(16, self.row_width))
        super().on_resize()

    # ------------------------------------------------------------------ drawing

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        row = self.model.rows[index]
        indent = "  " * min(row.depth, max(0, width // 2 - 6))
        if row.kind == "line":
            return strip_of([(f"{indent}  ", None), (row.text, None)], width)
        if row.kind == "more":
            return strip_of([(f"{indent}  ", None), (row.text, self.pen("accent"))], width)
        symbol = ("▾ " if row.open else "▸ ") if row.opens else "  "
        parts: list[tuple[str, Style | None]] = [(indent, None), (symbol, self.pen("muted")), *self._key(row, width)]
        parts.extend(self._value(row))
        note, pen = self.note(row)
        trailing = (self.trailing(row) or "") if self.trails and width >= 44 else ""
        # Notes begin in one column and what trails ends in one; a row without them has the room for its value.
        last = _TRAIL if self.trails and width >= 44 else 0
        notes = width - last - (min(22, width * 7 // 25) if width >= 30 else 1)
        left = notes - 2 if note else width - _TRAIL if trailing else width
        if not note and not trailing:
            return strip_of(parts, width)
        tail: list[tuple[str, Style | None]] = [("  ", None)] if note else []
        room = width - notes - (_TRAIL if trailing else 0) if note else 0
        tail.append((fit(note if room > 1 else note[:1], room), self.pen(pen)))
        tail.append((fit(trailing, _TRAIL if trailing else 0, "right"), self.pen("muted")))
        return Strip.join([strip_of(parts, left), strip_of(tail, width - left)])

    def _key(self, row: Row, width: int) -> Iterator[tuple[str, Style | None]]:
        led = self.lead(row)
        if led is not None:
            yield f"{led[0]}  ", self.pen(led[1])
            return
        pen = "value-tree--gone" if row.mark == "removed" else "value-tree--key"
        if isinstance(row.entry.key, int):
            yield f"{row.label:>{min(row.label_width, 7)}} ", self.pen("muted" if pen.endswith("key") else pen)
        elif row.label:
            room = min(row.label_width, _LABEL, max(6, width // 3))
            label = cut(row.label, room)
            yield label, self.pen(pen)
            yield " " * (room - cell_len(label) + 2), None

    def _value(self, row: Row) -> Iterator[tuple[str, Style | None]]:
        gone = self.pen("value-tree--gone") if row.mark == "removed" else None
        said = self.said(row)
        if said is not None:
            yield said[0], self.pen(said[1])
            return
        message = row.message
        if message is not None:
            yield fit(message.role, _ROLE) + " ", gone or self.pen("value-tree--role")
            failed = message.status == "error"
            text = message_summary(message, 300)
            yield text, gone or (self.pen("value-tree--problem") if failed else None)
            return
        is_ = kind(row.value)
        if is_ == "unreadable":
            yield summary(row.value, 300), gone or self.pen("value-tree--problem")
        elif row.open and isinstance(row.value, (list, dict)):
            yield plural(count(row.value) or 0, "item"), self.pen("muted")
        elif row.open and isinstance(row.value, Opaque):
            yield one_line(row.value.name, 80), self.pen("muted")
        elif row.open and is_ == "text":
            length = row.value.total if isinstance(row.value, Clipped) else len(row.value)
            yield f"text, {plural(length, 'character')}", self.pen("muted")
        else:
            yield summary(row.value, 300), gone or (self.pen("muted") if is_ in _QUIET else None)

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("next_change", "previous_change"):
            return self.marked and self.row_count() > 0
        if action in ("choose", "whole", "copy", "copy_path", "fold"):
            return self.row_count() > 0
        return super().check_action(action, parameters)

    def action_choose(self) -> None:
        row = self.current()
        if row is None:
            return
        if row.opens or row.kind == "more":
            self._toggle(self.cursor)
        else:
            self.action_whole()

    def action_fold(self) -> None:
        if self.current() is not None:
            self._toggle(self.cursor)

    def action_unfold(self) -> None:
        row = self.current()
        if row is None:
            return
        if row.opens and not row.open:
            self._toggle(self.cursor)
        elif row.open:
            self.move_to(self.cursor + 1)

    def action_shut(self) -> None:
        row = self.current()
        if row is None:
            return
        if row.open:
            self._toggle(self.cursor)
            return
        above = self.model.parent(self.cursor)
        if above is not None:
            self.move_to(above)

    def _toggle(self, index: int) -> None:
        self.model.toggle(index)
        self.model_changed()

    def action_whole(self) -> None:
        row = self.current()
        if row is not None:
            title = path_text(row.path) or "value"
            text = whole(row.value)
            if row.mark == "changed":
                text += f"\n\n── before ──\n\n{whole(row.entry.old)}"
            self.post_message(ShowText(title, text))

    def action_copy(self) -> None:
        row = self.current()
        if row is None:
            return
        text = whole(row.value)
        self.app.copy_to_clipboard(text[:_LONGEST_COPY])
        cut_off = f" (its first {_LONGEST_COPY:,} characters)" if len(text) > _LONGEST_COPY else ""
        self.notify(f"Copied {path_text(row.path) or 'the value'}{cut_off}.", timeout=3, markup=False)

    def action_copy_path(self) -> None:
        row = self.current()
        if row is not None:
            self.app.copy_to_clipboard(path_text(row.path))
            self.notify(f"Copied the path {path_text(row.path)}", timeout=3, markup=False)

    def action_next_change(self) -> None:
        self._jump(1)

    def action_previous_change(self) -> None:
        self._jump(-1)

    def _jump(self, by: int) -> None:
        """To the next or previous place that changed, as deep as it can be told; round at the ends."""
        if self._changes is None:
            self._changes = [
                Change((root.key, *change.path), change.mark, change.old, change.new)
                for root in self.model.roots
                if root.mark
                for change in changes(root.old, root.new)
            ]
        found = self._changes
        if not found:
            self.notify("Nothing changed in this step.", timeout=3, markup=False)
            return
        change = found[self._next(found, by)]
        self.go_to(change.path, removed=change.mark == "removed")

    def _next(self, found: list[Change], by: int) -> int:
        """The index of the next change after the cursor, or of the last one before it."""
        row = self.current()
        here = row.path if row is not None else ()
        on_it = next((n for n, change in enumerate(found) if change.path == here), None)
        if on_it is not None:
            return (on_it + by) % len(found)
        lines = {row.path: index for index, row in enumerate(self.model.rows) if row.kind == "value"}
        places = [
            next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), 0)
            for path in (change.path for change in found)
        ]
        if by > 0:
            after = (n for n, place in enumerate(places) if place >= self.cursor)
            return next(after, 0)
        before = (n for n in range(len(places) - 1, -1, -1) if places[n] < self.cursor)
        return next(before, len(found) - 1)
