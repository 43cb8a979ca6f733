"""A plain text of any length, wrapped to the width, that can be scrolled, selected and searched."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment

from inspector.tui.widgets.textlayout import Block, Fixed, Line
from inspector.tui.widgets.wrapped import WrappedView


class TextView(WrappedView):
    """Shows one text. `find` goes to its next occurrence and marks all of them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--found"}
    DEFAULT_CSS = """
    TextView > .text--found { background: $warning 40%; text-style: bold; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self._block = Block(Fixed(text))
        self._lower: str | None = None
        self._needle = ""
        self._found = -1  # the character where it was found last

    def on_mount(self) -> None:
        self.show([self._block])

    def exchange(self, text: str) -> None:
        """Show another text, from its beginning."""
        self.text, self._block = text, Block(Fixed(text))
        self._lower, self._needle, self._found = None, "", -1
        self.show([self._block])
        self.action_top()

    def show_end(self) -> None:
        """Scroll to the end of the text."""
        self.action_follow()

    def find(self, text: str) -> bool:
        """Go to the next occurrence of a text, whatever its case; after the last, to the first again."""
        needle = text.lower()
        if needle != self._needle:
            self._needle, self._found = needle, -1
        if self._lower is None:
            lower = self.text.lower()
            self._lower = lower if len(lower) == len(self.text) else self.text  # offsets have to be those of the text
        at = self._lower.find(needle, self._found + 1) if needle else -1
        if at < 0 and self._found >= 0:
            at = self._lower.find(needle)
        self._found = at
        if at >= 0:
            self._go_to(at)
        self.refresh()
        return at >= 0

    def _go_to(self, at: int) -> None:
        layout = self._ready()
        if layout is None:
            return
        page = next((page for page in layout.pages if page.start <= at < page.start + max(page.length, 1)), None)
        if page is not None:
            line = layout.find(page, at - page.start + page.lead)
            self.following = False
            self._resize_virtual(layout.height)
            self._scroll(max(0, line - self.size.height // 3))
            self._settle(layout)

    def _segments(self, line: Line, y: int, width: int) -> list[Segment]:
        segments = super()._segments(line, y, width)
        needle = self._needle
        if not needle or needle not in line.text.lower():
            return segments
        mark = self.get_component_rich_style("text--found")
        out: list[Segment] = []
        for text, style, _ in segments:
            lower, start = text.lower(), 0
            while (found := lower.find(needle, start)) >= 0 and len(lower) == len(text):
                end = found + len(needle)
                out += [Segment(text[start:found], style), Segment(text[found:end], style + mark if style else mark)]
                start = end
            out.append(Segment(text[start:], style))
        return out
