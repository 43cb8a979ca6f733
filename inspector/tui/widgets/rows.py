"""`RowList`: a list of one-line rows drawn straight from a model, the base of every long list in the app.

It owns the cursor, following the newest row, what happens to the window when rows come, keys and mouse;
`widgets.rowwindow` draws. A subclass says how many rows there are and draws one.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive

from inspector.tui.widgets.rowwindow import RowWindow


class RowList(RowWindow, can_focus=True):
    """An abstract list. Subclasses override `row_count` and `render_row`, and usually `row_key` and `index_of`.

    Call `model_changed` when the model behind it changed. `following` says whether the cursor stays on the newest
    row; moving away (keys, click, wheel) ends that, `End` or going to the last row begins it again.
    """

    FOLLOWS: ClassVar[bool] = True
    """Whether this kind of list ever follows its newest row."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", "Up", show=False),
        Binding("down,j", "cursor_down", "Down", show=False),
        Binding("pageup", "page_up", "Page up", show=False),
        Binding("pagedown", "page_down", "Page down", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "follow", "Follow", show=False),
        Binding("enter", "choose", "Open", show=False),
    ]

    class Highlighted(Message):
        """The cursor went to another row: by the developer, or (`by_user` False) because the list follows.

        `key` is the row's `row_key`; by the time this is handled, another row may be at `index`.
        """

        def __init__(self, rows: RowList, index: int, key: Any, by_user: bool) -> None:
            super().__init__()
            self.rows = rows
            self.index = index
            self.key = key
            self.by_user = by_user

        @property
        def control(self) -> RowList:
            return self.rows

    class Chosen(Message):
        """The developer opened a row: enter, or a double click. `index` and `key` as in `Highlighted`."""

        def __init__(self, rows: RowList, index: int, key: Any) -> None:
            super().__init__()
            self.rows = rows
            self.index = index
            self.key = key

        @property
        def control(self) -> RowList:
            return self.rows

    cursor: reactive[int] = reactive(-1, repaint=False)
    following: reactive[bool] = reactive(True, repaint=False)

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._cursor_key: Any = None
        self._anchor: tuple[Any, int] | None = None  # a row's key, and the line of the window that it is on
        self._peeking = False  # following was left by scrolling alone, so scrolling back takes it up again
        self.set_reactive(RowList.following, self.FOLLOWS)

    # ------------------------------------------------------------------ for subclasses

    def row_key(self, index: int) -> Any:
        """What identifies the row while others are inserted above it."""
        return index

    def index_of(self, key: Any) -> int | None:
        """Where the row of `row_key` is now (or the row that stands for it), None if there is none."""
        return key if isinstance(key, int) and key < self.row_count() else None

    def row_clicked(self, index: int, x: int) -> bool:
        """A click on a row, at cell `x`. Return True if it is dealt with (nothing is chosen by a double click)."""
        return False

    def header_clicked(self, x: int) -> None:
        """A click on the header line, at cell `x`."""

    # ------------------------------------------------------------------ what callers use

    def model_changed(self) -> None:
        """The rows changed: keep the cursor on its row and the window where it is, or follow."""
        count = self.row_count()
        height = count + self._header_lines
        if self.virtual_size.height != height:
            self._resize_virtual(height)
        if not count:
            self.set_reactive(RowList.cursor, -1)
            self._cursor_key = None
        elif self.following:
            self._put_cursor(count - 1, by_user=False)
            self._scroll_end()
        else:
            self._restore(count)
        self._set_anchor()
        self._refresh_changed()

    def move_to(self, index: int, *, by_user: bool = True) -> None:
        """Put the cursor on a row and scroll to it. The last row follows again."""
        count = self.row_count()
        if not count:
            return
        index = min(max(index, 0), count - 1)
        self._peeking = False
        self.following = self.FOLLOWS and index == count - 1
        self._put_cursor(index, by_user=by_user)
        self._scroll_to_cursor()

    def forget(self) -> None:
        """The rows are other rows altogether: follow from the beginning."""
        self.set_reactive(RowList.cursor, -1)
        self._cursor_key = self._anchor = None
        self._peeking = False
        self.following = self.FOLLOWS

    # ------------------------------------------------------------------ keys

    def action_cursor_up(self) -> None:
        self.move_to(self.cursor - 1)

    def action_cursor_down(self) -> None:
        self.move_to(self.cursor + 1)

    def action_page_up(self) -> None:
        self.move_to(self.cursor - max(1, self.page - 1))

    def action_page_down(self) -> None:
        self.move_to(self.cursor + max(1, self.page - 1))

    def action_first(self) -> None:
        self.move_to(0)

    def action_follow(self) -> None:
        self.move_to(self.row_count() - 1)
        self.following = self.FOLLOWS

    def action_choose(self) -> None:
        if 0 <= self.cursor < self.row_count():
            self.post_message(self.Chosen(self, self.cursor, self.row_key(self.cursor)))

    # ------------------------------------------------------------------ mouse

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        event.stop()
        if offset.y < self._header_lines:
            self.header_clicked(offset.x)
            return
        index = self.scroll_offset.y + offset.y - self._header_lines
        if index >= self.row_count():
            return
        self.move_to(index)
        if not self.row_clicked(index, offset.x) and event.chain == 2:
            self.action_choose()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._own_scroll and round(old_value) != round(new_value):
            if round(new_value) < self.max_scroll_y:
                self._peeking = self._peeking or self.following
                self.following = False
            elif self._peeking:
                self._peeking = False
                self.following = True
                self._put_cursor(self.row_count() - 1, by_user=False)
        self._set_anchor()

    # ------------------------------------------------------------------ inside

    def is_cursor(self, index: int) -> bool:
        return index == self.cursor

    def on_resize(self) -> None:
        self.model_changed()

    def watch_cursor(self, old: int, new: int) -> None:
        for index in (old, new):
            if index >= 0:
                self.refresh_lines(index + self._header_lines)

    def _put_cursor(self, index: int, *, by_user: bool) -> None:
        key = self.row_key(index) if index >= 0 else None
        same_row = key == self._cursor_key and self.cursor >= 0
        self._cursor_key = key
        self.cursor = index
        if not same_row:
            self.post_message(self.Highlighted(self, index, key, by_user))

    def _restore(self, count: int) -> None:
        """Put the cursor back on its row, and the window so that the row it is anchored to stays on its line."""
        if self._cursor_key is None:
            self._put_cursor(min(max(self.cursor, 0), count - 1), by_user=False)
        else:
            index = self.index_of(self._cursor_key)
            if index is None:
                index = min(max(self.cursor, 0), count - 1)
            self._put_cursor(index, by_user=False)
        if self._anchor is not None:
            key, line = self._anchor
            index = self.index_of(key)
            if index is not None and index - line != self.scroll_offset.y:
                self._scroll(index - line)

    def _set_anchor(self) -> None:
        rows = self.visible_rows
        if not rows:
            self._anchor = None
        elif self.cursor in rows:
            self._anchor = (self._cursor_key, self.cursor - rows.start)
        else:
            self._anchor = (self.row_key(rows.start), 0)

    def _scroll_to_cursor(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self._scroll(self.cursor)
        elif self.cursor >= top + self.page:
            self._scroll(self.cursor - self.page + 1)
        self._set_anchor()
