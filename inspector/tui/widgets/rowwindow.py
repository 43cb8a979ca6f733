"""`RowWindow`: the visible part of a list of one-line rows, drawn straight from a model.

It owns drawing and what has to be drawn again, the header line, the empty text, colours, and the size that is scrolled
over. Nothing in it costs more than the rows on screen, so it is as quick with a million rows as with ten.
"""

from __future__ import annotations

from typing import Any, ClassVar

from textual.strip import Strip

from inspector.core.text import safe
from inspector.tui.widgets.cells import cut, strip_of
from inspector.tui.widgets.ownscroll import OwnScroll


class RowWindow(OwnScroll):
    """What `widgets.rows.RowList` is drawn with. Subclasses override `row_count`, `render_row` and `is_cursor`."""

    ALLOW_SELECT = False
    PENS = "rows"

    DEFAULT_CSS = """
    RowWindow {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
        & > .rows--cursor { background: $foreground 10%; }
        & > .rows--cursor-lit { background: $primary 40%; text-style: bold; }
        &:ansi > .rows--cursor-lit { text-style: reverse; }
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
        "rows--cursor", "rows--cursor-lit", "rows--header", "rows--empty", "rows--muted", "rows--strong",
        "rows--accent", "rows--warning", "rows--error", "rows--success",
    }  # fmt: skip

    empty: str = ""
    """What is shown instead of rows while there are none."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self._drawn: dict[int, Any] = {}  # versions of the rows in the window, as they were drawn
        self._header_drawn: Strip | None = None
        self._window: tuple[Any, ...] = ()

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

    def row_version(self, index: int) -> Any:
        """Everything that the drawing of a row depends on, besides width and cursor: it is drawn again when this
        changes. None: whenever the model changes."""
        return None

    def is_cursor(self, index: int) -> bool:
        """Whether the cursor is on the row."""
        return False

    # ------------------------------------------------------------------ what callers use

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

    # ------------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        """The header, a row, the empty text, or nothing."""
        width, full = self.row_width, self.size.width
        base = self.base
        first = self._header_lines
        count = self.row_count()
        index = self.scroll_offset.y + y - first
        strip: Strip | None = None
        if y < first:
            strip = self.header(width)
            base = base + self.get_component_rich_style("rows--header")
        elif 0 <= index < count:
            selected = self.is_cursor(index)
            strip = self.render_row(index, width, selected)
            if selected:
                lit = "rows--cursor-lit" if self.has_focus else "rows--cursor"
                base = base + self.get_component_rich_style(lit)
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

    # ------------------------------------------------------------------ inside

    @property
    def _header_lines(self) -> int:
        return 0 if type(self).header is RowWindow.header else 1

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
        if len(changed) > len(rows) // 2 or not rows:
            self._header_drawn = header
            self.refresh()
            return
        if header != self._header_drawn:
            self._header_drawn = header
            self.refresh_lines(self.scroll_offset.y)
        for index in changed:
            self.refresh_lines(index + first)

    def _scroll(self, y: int) -> None:
        with self._scrolling():
            self.scroll_to(y=min(max(y, 0), self.max_scroll_y), animate=False, force=True)

    def _scroll_end(self) -> None:
        if self.scroll_offset.y != self.max_scroll_y:
            self._scroll(self.max_scroll_y)
