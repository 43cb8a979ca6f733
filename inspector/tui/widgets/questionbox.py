"""The question of an interrupt, large above the line that answers it; long ones scroll."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import ClassVar

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from inspector.core.question import Question
from inspector.core.text import safe
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.wrapping import wrap

_LONGEST = 20_000  # characters of a headline; the whole of it is in the detail of its task


class QuestionBox(ScrollView, can_focus=False):
    """Draws a `Question`, wrapped to the width."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"question--headline", "question--details"}
    DEFAULT_CSS = """
    QuestionBox {
        height: auto; max-height: 12; padding: 0 1;
        scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto;
        & > .question--headline { color: $warning; text-style: bold; }
        & > .question--details { color: $foreground; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._question = Question("")
        self._lines: dict[int, list[tuple[str, str]]] = {}  # by width: with and without a scrollbar

    def ask(self, question: Question) -> None:
        """Show this question."""
        self._question = question
        self._lines.clear()
        self.scroll_to(0, 0, animate=False)
        self.refresh(layout=True)
        self.call_after_refresh(self._fit)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._wrap(width)))

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        width = self.scrollable_content_region.width
        height = len(self._wrap(width))
        if self.virtual_size != (width, height):
            self.virtual_size = Size(width, height)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        lines = self._wrap(width)
        index = y + self.scroll_offset.y
        if not 0 <= index < len(lines):
            return Strip.blank(width, self.rich_style)
        name, text = lines[index]
        return strip_of([(text, self.get_component_rich_style(name))], width).apply_style(self.rich_style)

    def _wrap(self, width: int) -> list[tuple[str, str]]:
        lines = self._lines.get(width)
        if lines is None:
            headline = safe(self._question.headline[:_LONGEST])
            lines = [("question--headline", line) for line in _wrapped(headline, max(width, 1))]
            for detail in self._question.details:
                lines += [("question--details", line) for line in _wrapped("  " + safe(detail), max(width, 1))]
            if len(self._lines) > 4:
                self._lines.clear()
            self._lines[width] = lines
        return lines


def _wrapped(text: str, width: int) -> Iterator[str]:
    starts = array("I", [0])
    wrap(text, 0, width, starts)
    for begin, end in zip(starts, [*starts[1:], len(text)], strict=True):
        yield text[begin:end].rstrip("\n ")
