"""`RowList`: a list of one-line rows drawn straight from a model, the base of every long list in the app.

It owns the cursor, following the newest row, scrolling, keys and mouse; a subclass says how many rows there are and
draws one. Nothing in it costs more than the rows on screen, so it is as quick with a million rows as with ten.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from inspector.core.text import safe
from inspector.tui.widgets.cells import cut, strip_of


class RowList(ScrollView, can_focus=True):
    """An abstract list. Subclasses override `row_count` and `render_row`, and usually `row_key` and `index_of`.

    Call `model_changed` when the model behind it changed. `following` says whether the cursor stays on the newest
    row; moving away (keys, click, wheel) ends that, `End` or going to the last row begins it again.
    """

    ALLOW_SELECT = False
    FOLLOWS: ClassVar[bool] = True
    """Whether this kind of list ever follows its newest row."""

    DEFAULT_CSS = """
    RowList {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .rows--cursor { background: $foreground 10%; }
        &:focus > .rows--cursor { background: $primary 40%; text-style: bold; }
        &:ansi:focus > .rows--cursor { text-style: reverse; }
        & > .rows--header { color: $text-muted; }
        & > .rows--empty { color: $text-muted; text-style: italic; }
        & > .rows--muted { color: $text-muted; }
        & > .rows--strong { text-style: bold; }
        & > .rows--accent { color: $accent; }
        & > .rows--warning { color: $warning; }
        & > .rows--error { color: $error; }
        & > .rows--success { color: $success; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor", "rows--header", "rows--empty", "rows--muted", "rows--strong", "rows--accent", "rows--warning",
        "rows--error", "rows--success",
    }  # fmt: skip

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

    empty: str = ""
    """What is shown instead of rows while there are none."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._cursor_key: Any = None
        self._anchor: tuple[Any, int] | None = None  # a row's key, and the line of the window that it is on
        self._peeking = False  # following was left by scrolling alone, so scrolling back takes it up again
        self._own_scroll = False
        self._pens: dict[str, Style] = {}
        self._base: Style | None = None  # while lines are rendered
        self._drawn: dict[int, Any] = {}  # versions of the rows in the window, as they were drawn
        self._header_drawn: Strip | None = None
        self._window: tuple[Any, ...] = ()
        self.set_reactive(RowList.following, self.FOLLOWS)

    # ------------------------------------------------------------------ for subclasses

    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        """Row `index` as a strip of exactly `width` cells (`cells.strip_of`), without the cursor's background."""
        raise NotImplementedError

    def header(self, width: int) -> Strip | None:
        """A line that stays above the rows. Whether there is one must not change with `width`."""
        return None

    def row_key(self, index: int) -> Any:
        """What identifies the row while others are inserted above it."""
        return index

    def index_of(self, key: Any) -> int | None:
        """Where the row of `row_key` is now (or the row that stands for it), None if there is none."""
        return key if isinstance(key, int) and key < self.row_count() else None

    def row_version(self, index: int) -> Any:
        """Everything that the drawing of a row depends on, besides width and cursor: it is drawn again when this
        changes. None: whenever the model changes."""
        return None

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

    def pen(self, name: str) -> Style:
        """The foreground (colour, bold, ...) of the component class `rows--<name>`, or of a class by its full name."""
        style = self._pens.get(name)
        if style is None:
            full = self.get_component_rich_style(name if "--" in name else f"rows--{name}")
            style = Style(
                color=full.color, bold=full.bold, dim=full.dim, italic=full.italic, underline=full.underline,
                strike=full.strike, reverse=full.reverse,
            )  # fmt: skip
            self._pens[name] = style
        return style

    @property
    def row_width(self) -> int:
        """The cells of a row: the window without its scrollbar's column."""
        return self.scrollable_content_region.width

    @property
    def page(self) -> int:
        """How many rows the window shows."""
        return max(1, self.size.height - self._header_lines)

    @property
    def visible_rows(self) -> range:
        """The indices of the rows in the window."""
        top = self.scroll_offset.y
        return range(top, min(self.row_count(), top + self.page))

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

    # ------------------------------------------------------------------ drawing

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style  # costs as much as a row
        try:
            return super().render_lines(crop)
        finally:
            self._base = None

    def render_line(self, y: int) -> Strip:
        """The header, a row, the empty text, or nothing."""
        width, full = self.row_width, self.size.width
        base = self.rich_style if self._base is None else self._base
        first = self._header_lines
        count = self.row_count()
        index = self.scroll_offset.y + y - first
        strip: Strip | None = None
        if y < first:
            strip = self.header(width)
            base = base + self.get_component_rich_style("rows--header")
        elif 0 <= index < count:
            selected = index == self.cursor
            strip = self.render_row(index, width, selected)
            if selected:
                base = base + self.get_component_rich_style("rows--cursor")
        elif not count and self.empty:
            lines = self._empty_lines(width)
            if y - first < len(lines):
                strip = strip_of([(lines[y - first], self.pen("empty"))], width)
        return Strip.blank(full, base) if strip is None else strip.adjust_cell_length(full).apply_style(base)

    def _empty_lines(self, width: int) -> list[str]:
        lines: list[str] = [""]
        for word in safe(self.empty).split():
            joined = f"{lines[-1]} {word}" if lines[-1] else word
            if len(joined) <= max(1, width - 2):
                lines[-1] = joined
            else:
                lines.append(cut(word, width))
        return [f" {line}" for line in lines if line]

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._pens.clear()

    def on_resize(self) -> None:
        self.model_changed()

    def watch_cursor(self, old: int, new: int) -> None:
        for index in (old, new):
            if index >= 0:
                self.refresh_lines(index + self._header_lines)

    # ------------------------------------------------------------------ inside

    @property
    def _header_lines(self) -> int:
        return 0 if type(self).header is RowList.header else 1

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

    def _refresh_changed(self) -> None:
        """Draw again what changed in the window: all of it when it moved, else the lines of rows that did."""
        first, rows = self._header_lines, self.visible_rows
        versions = {index: self.row_version(index) for index in rows}
        drawn, self._drawn = self._drawn, versions
        header = self.header(self.row_width) if first else None
        before, self._window = self._window, (rows.start, self.size, self.row_count() == 0)
        if before != self._window or not self.is_attached:
            self._header_drawn = header
            self.refresh()
            return
        changed = [index for index, version in versions.items() if version is None or drawn.get(index, self) != version]
        changed += drawn.keys() - versions.keys()
        if len(changed) > len(rows) // 2:
            self._header_drawn = header
            self.refresh()
            return
        if header != self._header_drawn:
            self._header_drawn = header
            self.refresh_lines(self.scroll_offset.y)
        for index in changed:
            self.refresh_lines(index + first)

    def _resize_virtual(self, height: int) -> None:
        """Set the virtual size without a layout of the whole screen, which `virtual_size` would ask for at each row."""
        size = Size(0, height)
        self.set_reactive(RowList.virtual_size, size)
        with self._scrolling():
            self._scroll_update(size)

    @contextmanager
    def _scrolling(self) -> Iterator[None]:
        before, self._own_scroll = self._own_scroll, True
        try:
            yield
        finally:
            self._own_scroll = before

    def _scroll(self, y: int) -> None:
        with self._scrolling():
            self.scroll_to(y=min(max(y, 0), self.max_scroll_y), animate=False, force=True)

    def _scroll_end(self) -> None:
        if self.scroll_offset.y != self.max_scroll_y:
            self._scroll(self.max_scroll_y)

    def _scroll_to_cursor(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self._scroll(self.cursor)
        elif self.cursor >= top + self.page:
            self._scroll(self.cursor - self.page + 1)
        self._set_anchor()
