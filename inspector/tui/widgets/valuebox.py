"""A value shown as lines, as high as it needs to be and no higher than it may; longer ones scroll."""

from __future__ import annotations

from itertools import islice
from typing import Any, ClassVar

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.pretty import Line, pretty

_MOST = 1000  # lines; the whole of a longer value is in the detail of its task


class ValueBox(ScrollView, can_focus=False):
    """Draws an inert value. `at_end`: its end is what one wants to see."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"value--key", "value--quiet", "value--plain", "value--bad"}
    DEFAULT_CSS = """
    ValueBox {
        height: auto; max-height: 10; padding: 0 1;
        scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto;
        & > .value--key { color: $primary; }
        & > .value--quiet { color: $text-muted; }
        & > .value--plain { color: $foreground; }
        & > .value--bad { color: $error; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._value: Any = None
        self._at_end = False
        self._lines: dict[int, list[Line]] = {}  # by width: with and without a scrollbar

    def show(self, value: Any, *, at_end: bool = False) -> None:
        """Show this value."""
        self._value, self._at_end = value, at_end
        self._lines.clear()
        self.refresh(layout=True)
        self.call_after_refresh(self._fit, True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return max(1, len(self._wrap(width)))

    def on_resize(self) -> None:
        self._fit(False)

    def _fit(self, fresh: bool) -> None:
        width = self.scrollable_content_region.width
        height = len(self._wrap(width))
        if self.virtual_size != (width, height):
            self.virtual_size = Size(width, height)
        if fresh:
            self.scroll_to(0, max(0, height - self.size.height) if self._at_end else 0, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        lines = self._wrap(width)
        index = y + self.scroll_offset.y
        if not 0 <= index < len(lines):
            return Strip.blank(width, self.rich_style)
        parts = [
            (text, self.get_component_rich_style(f"value--{_NAMES.get(tone, tone)}")) for text, tone in lines[index]
        ]
        return strip_of(parts, width).apply_style(self.rich_style)

    def _wrap(self, width: int) -> list[Line]:
        lines = self._lines.get(width)
        if lines is None:
            if len(self._lines) > 4:
                self._lines.clear()
            lines = self._lines[width] = list(islice(pretty(self._value, width), _MOST))
        return lines


_NAMES = {"": "plain", "role": "quiet", "number": "plain", "reasoning": "quiet"}
