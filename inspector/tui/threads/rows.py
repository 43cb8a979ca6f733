"""The list of saved threads: one row a thread, drawn from the table of the library."""

from __future__ import annotations

from time import time
from typing import Any, ClassVar

from rich.cells import cell_len
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from inspector.core.saved import Library, ThreadKey
from inspector.core.threadtable import Column
from inspector.tui.threads.columns import Field, Pieces, fields, said, starts
from inspector.tui.widgets.cells import cut, fit, strip_of
from inspector.tui.widgets.rows import RowList

_EDGE = 3  # cells in front of the columns: the cursor and the mark


class ThreadRows(RowList):
    """Rows over `Library.table`. `sync` brings it up to date; what it shows it asks the library to read."""

    class Sorted(Message):
        """The developer wants the list sorted by this column."""

        def __init__(self, column: Column) -> None:
            super().__init__()
            self.column = column

    FOLLOWS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "open", key_display="⏎"),
        Binding("space", "mark", "mark"),
        Binding("end", "follow", "Last", show=False),
    ]
    DEFAULT_CSS = "ThreadRows { height: 1fr; }"

    def __init__(self, library: Library) -> None:
        super().__init__(id="threads")
        self.library = library
        self._fields: tuple[Field, ...] = ()
        self._wanted: list[ThreadKey] = []
        self._moved = False  # the developer has been somewhere else than on the first row

    # ------------------------------------------------------------------ rows

    def row_count(self) -> int:
        return len(self.library.table.shown)

    def row_key(self, index: int) -> Any:
        return self.library.table.shown[index]

    def index_of(self, key: Any) -> int | None:
        return self.library.table.index(key)

    def row_version(self, index: int) -> Any:
        table = self.library.table
        key = table.shown[index]
        return table.listings[key], table.insights.get(key), table.marks.get(key), key in table.chosen

    @property
    def at(self) -> ThreadKey | None:
        """The thread that the cursor is on."""
        shown = self.library.table.shown
        return shown[self.cursor] if 0 <= self.cursor < len(shown) else None

    def sync(self) -> None:
        """The table changed: keep the cursor on its thread, at the top while nobody has moved it."""
        if not self._moved:
            self.forget()
            self.scroll_to(y=0, animate=False, force=True)
        self.model_changed()
        self.look()

    def look(self) -> None:
        """Ask for what is not known yet of the rows on display."""
        table = self.library.table
        visible = [table.shown[index] for index in self.visible_rows]
        unknown = [key for key in visible if key not in table.insights or not table.insights[key].size]
        if unknown != self._wanted:
            self._wanted = unknown
            self.library.want(unknown, all=table.column in ("size", "status"))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self.look()

    def on_resize(self) -> None:
        super().on_resize()
        self.look()

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self._moved = self._moved or (old >= 0 and new > 0)

    def reset(self) -> None:
        """Other threads are listed, or in another order: begin at the top again."""
        self._moved = False

    # ------------------------------------------------------------------ keys and mouse

    def action_mark(self) -> None:
        """Mark the thread, and go on to the next."""
        if self.at is not None:
            self.library.table.choose([self.at])
            self.move_to(self.cursor + 1)
            self.model_changed()

    def row_clicked(self, index: int, x: int) -> bool:
        if x < _EDGE:
            self.library.table.choose([self.row_key(index)])
            self.model_changed()
            return True
        return False

    def header_clicked(self, x: int) -> None:
        for field, start in zip(reversed(self._fields), reversed(starts(self._fields)), strict=True):
            if x >= start + _EDGE - 1 and field.column is not None:
                self.post_message(self.Sorted(field.column))
                return

    # ------------------------------------------------------------------ drawing

    def header(self, width: int) -> Strip | None:
        self._fields = fields(width - _EDGE, files=len(self.library.files) > 1)
        table = self.library.table
        parts = [(" " * _EDGE, None)]
        for field in self._fields:
            title = field.title
            if field.column == table.column and field.width > 2:
                title = f"{title} {'▼' if table.reverse else '▲'}" if cell_len(title) + 2 <= field.width else title
            parts += [(fit(title, field.width, "right" if field.right else "left"), None), ("  ", None)]
        return strip_of(parts, width)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        table = self.library.table
        key = table.shown[index]
        listing = table.listings[key]
        chosen = key in table.chosen
        columns = self._fields or fields(width - _EDGE, files=len(self.library.files) > 1)
        strips = [strip_of([("▸" if selected else " ", self.pen("accent")),
                            ("◆ " if chosen else "  ", self.pen("success"))], _EDGE)]  # fmt: skip
        now, file = time(), self.library.files[key[0]].name
        for number, field in enumerate(columns):
            pieces = said(field, listing, table.insights.get(key), table.marks.get(key), file=file, now=now)
            if number:
                strips.append(strip_of([], 2))
            strips.append(self._cell(pieces, field))
        return Strip.join(strips)

    def _cell(self, pieces: Pieces, field: Field) -> Strip:
        if field.right:
            (text, tone), *_ = pieces
            pieces = [(fit(cut(text, field.width), field.width, "right"), tone)]
        return strip_of([(text, self.pen(tone) if tone else None) for text, tone in pieces], field.width)
