"""`WrappedView`: a growing text, wrapped, drawn straight from its source, following its end until somebody scrolls up.

Drawing costs the lines on screen, growing costs the new text (`widgets.textlayout`). A finished text of moderate size
can be shown as Markdown.
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.selection import Selection
from textual.strip import Strip

from inspector.tui.widgets.cells import cut
from inspector.tui.widgets.markdown import LIMIT, markdown_lines
from inspector.tui.widgets.textlayout import Block, Layout, Line
from inspector.tui.widgets.textscroll import TextScroll

CURSOR = "▏"


class WrappedView(TextScroll, can_focus=True):
    """Shows blocks of text one below the other.

    `show` sets them, `extend` adds one, `grown` says that they grew (and whether they may grow further: then the end
    carries a cursor, and there is no Markdown yet).
    """

    PENS = "wrapped"
    DEFAULT_CSS = """
    WrappedView {
        & > .wrapped--text { color: $foreground; }
        & > .wrapped--reasoning { color: $text-muted; text-style: italic; }
        & > .wrapped--call { color: $foreground; }
        & > .wrapped--label { color: $accent; text-style: bold; }
        & > .wrapped--quiet { color: $text-muted; }
        & > .wrapped--gutter { color: $text-muted; }
        & > .wrapped--error { color: $error; }
        & > .wrapped--cursor { color: $accent; text-style: bold; }
        & > .wrapped--heading { color: $foreground; text-style: bold; }
        & > .wrapped--code { color: $text-secondary; }
        & > .wrapped--empty { color: $text-muted; text-style: italic; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "wrapped--text", "wrapped--reasoning", "wrapped--call", "wrapped--label", "wrapped--quiet", "wrapped--gutter",
        "wrapped--error", "wrapped--cursor", "wrapped--heading", "wrapped--code", "wrapped--empty",
    }  # fmt: skip

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "line(-1)", "Up", show=False),
        Binding("down,j", "line(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "top", "Beginning", show=False),
        Binding("end", "follow", "Follow the end", show=False),
        Binding("m", "markdown", "Markdown"),
    ]

    empty: str = ""
    """What is shown while there is no text."""

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name=name, id=id, classes=classes)
        self.live = False
        self._blocks: list[Block] = []
        self._layout: Layout | None = None
        self._as_markdown = False
        self._rendered: list[Strip] | None = None
        self._rendering = 0  # the width that Markdown is being rendered at
        self._refining = False

    # ------------------------------------------------------------------ what callers use

    def show(self, blocks: Iterable[Block], *, live: bool = False, follow: bool | None = None) -> None:
        """Show these blocks instead, from their end if `follow` (by itself: if `live`), else from their beginning."""
        self._blocks = list(blocks)
        self._layout = None
        self._as_markdown, self._rendered, self._rendering = False, None, 0
        self.following = live if follow is None else follow
        self._scroll(0)
        self.grown(live=live)

    def extend(self, block: Block) -> None:
        """Add a block at the end; `grown` draws it."""
        self._blocks.append(block)
        if self._layout is not None:
            self._layout.add(block)

    def grown(self, *, live: bool) -> None:
        """The blocks grew, or ended (`live` False)."""
        if live != self.live:
            self.live = live
            self.refresh_bindings()
        layout = self._ready()
        if layout is not None:
            layout.grow(all=not live)
            self._settle(layout)
        self.refresh()

    @property
    def line_count(self) -> int:
        """How many lines there are, as far as is known."""
        if self._rendered is not None:
            return len(self._rendered)
        return self._layout.height if self._layout is not None else 0

    # ------------------------------------------------------------------ keys

    def action_line(self, by: int) -> None:
        self._scroll_by(by)

    def action_page(self, by: int) -> None:
        self._scroll_by(by * max(1, self.size.height - 1))

    def action_top(self) -> None:
        self._scroll_by(-self.line_count)

    def action_follow(self) -> None:
        self.following = True
        self.settle()
        self.refresh()

    def action_markdown(self) -> None:
        """Show the text as Markdown, or plain again."""
        self._as_markdown = not self._as_markdown
        self._rendered, self._rendering = None, 0
        self.following = False
        self._scroll(0)
        self.settle()
        self.refresh()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "markdown":
            size = sum(block.source.length for block in self._blocks)
            return not self.live and size <= LIMIT and any(b.markdown and b.source.length for b in self._blocks)
        return True

    # ------------------------------------------------------------------ layout

    def _ready(self) -> Layout | None:
        """The layout at the present width; None before there is one."""
        width = self._room
        if self.size.width <= 0:
            return None
        if self._layout is None:
            self._layout = Layout(width)
            for block in self._blocks:
                self._layout.add(block)
            self._layout.grow(all=True)
        return self._layout

    def settle(self) -> None:
        if self._layout is not None:
            self._settle(self._layout)

    def _settle(self, layout: Layout) -> None:
        """Wrap what is on screen, keep the window where it is (or at the end), and the rest for spare moments."""
        height = max(1, self.size.height)
        if self._as_markdown and self._rendered is None and self._rendering != layout.width:
            self._rendering = layout.width
            self.run_worker(self._render_markdown(layout.width), group="markdown", exclusive=True)
        if self._rendered is not None:
            self._resize_virtual(self.line_count)
            if self.following:
                self._scroll(self.max_scroll_y)
            return
        if self.following:
            layout.reveal_end(height)
            self._resize_virtual(layout.height)
            self._scroll(self.max_scroll_y)
        else:
            top = layout.reveal(self.scroll_offset.y, height)
            self._resize_virtual(layout.height)
            self._scroll(top)
        if not layout.settled and not self._refining:
            self._refining = True
            self.set_timer(0.05, self._refine)

    def _refine(self) -> None:
        self._refining = False
        layout = self._layout
        if layout is None or self._as_markdown or not self.display:
            return
        top = layout.refine(self.scroll_offset.y, 0.004)
        self._resize_virtual(layout.height)
        self._scroll(top)
        self._settle(layout)

    def on_resize(self) -> None:
        layout = self._layout
        if layout is not None and layout.width != self._room and self.size.width > 0:
            place = None if self.following else layout.locate(self.scroll_offset.y)
            layout.resize(self._room)
            self._rendered, self._rendering = None, 0
            if place is not None:
                top = layout.find(*place)
                self._resize_virtual(layout.height)
                self._scroll(top)
        self.grown(live=self.live)

    # ------------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        """A line of the text, the text for none, or nothing."""
        width = self.size.width
        base = self.base
        top = self.scroll_offset.y
        if self._rendered is not None:
            strip = self._rendered[top + y] if top + y < len(self._rendered) else Strip([])
            return strip.crop(0, width).extend_cell_length(width).apply_style(base)
        layout = self._layout
        if layout is None or not any(block.source.length for block in self._blocks):
            text = cut(f" {self.empty}", width) if y == 0 and self.empty and not self.live else ""
            if y or not self._blocks or layout is None:
                return Strip([Segment(text, self.pen("empty"))]).extend_cell_length(width).apply_style(base)
        assert layout is not None
        line = layout.line(top + y)
        if line is None:
            return Strip.blank(width, base)
        segments = self._segments(line, top + y, width)
        if self.live and top + y == layout.height - 1:
            if not line.text:
                segments.pop()
            segments.append(Segment(CURSOR, self.pen("cursor")))
        return Strip(segments).crop(0, width).extend_cell_length(width).apply_style(base)

    def _segments(self, line: Line, y: int, width: int) -> list[Segment]:
        block, text = line.block, line.text
        segments: list[Segment] = []
        if block.gutter:
            segments.append(Segment(block.gutter, self.pen(block.gutter_style)))
        place = Style.from_meta({"offset": (0, y)})
        selected = self._selected(y, len(text))
        ends = sorted({0, min(line.prefix, len(text)), *selected, len(text)})
        for begin, end in pairwise(ends):
            style = self.pen(block.prefix_style if begin < line.prefix else block.style)
            if begin:
                place = Style.from_meta({"offset": (begin, y)})
            if selected and selected[0] <= begin < selected[1]:
                style += self.screen.get_component_rich_style("screen--selection")
            segments.append(Segment(text[begin:end], style + place))
        if not text:
            segments.append(Segment(" ", place))
        return segments

    async def _render_markdown(self, width: int) -> None:
        """Render it in a thread, for it may take a while; until then the text is shown as it is."""
        styles = {name: self.pen(name) for name in ("heading", "code", "quiet")}
        strips: list[Strip] = []
        for block in self._blocks:
            if block.markdown:
                lines = await to_thread(markdown_lines, block.source.text, width, styles)
                strips.extend(Strip(line) for line in lines)
            else:
                alone = Layout(width)
                alone.add(replace(block))
                alone.grow()
                alone.refine(0, 1.0)
                drawn = (alone.line(y) for y in range(alone.height))
                strips.extend(Strip(self._segments(line, y, width)) for y, line in enumerate(drawn) if line is not None)
        if self._as_markdown and self._rendering == width:
            self._rendered, self._rendering = strips, 0
            self.settle()
            self.refresh()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._rendered, self._rendering = None, 0

    # ------------------------------------------------------------------ selecting with the mouse

    def _selected(self, y: int, length: int) -> tuple[int, ...]:
        """The characters of a line that are selected, as `(begin, end)`, or nothing."""
        selection = self.text_selection
        span = selection.get_span(y) if selection is not None else None
        if span is None:
            return ()
        begin, end = min(span[0], length), length if span[1] < 0 else min(span[1], length)
        return (begin, end) if begin < end else ()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text as it was written: lines that were wrapped here are joined again."""
        layout = self._layout
        if layout is None or self._rendered is not None:
            return None
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else layout.height - 1
        layout.reveal(first, last - first + 1)
        parts: list[str] = []
        for y in range(first, min(last, layout.height - 1) + 1):
            line, span = layout.line(y), selection.get_span(y)
            if line is not None and span is not None:
                parts.append(line.text[span[0] : None if span[1] < 0 else span[1]])
                if line.ended and y != last:
                    parts.append("\n")
        return "".join(parts), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        self.refresh()
