"""A plain text of any length, wrapped to the width, that can be scrolled and searched. Opens a megabyte at once."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.textlayout import Block, Fixed, Layout


class TextView(ScrollView, can_focus=True):
    """Shows a text. `find` goes to its next occurrence."""

    ALLOW_SELECT = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up", show=False),
        Binding("down,j", "scroll_down", "Down", show=False),
        Binding("pageup,b", "page_up", "Page up", show=False),
        Binding("pagedown,space", "page_down", "Page down", show=False),
        Binding("home,g", "scroll_home", "Start", show=False),
        Binding("end,G", "scroll_end", "End", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"text--found"}
    DEFAULT_CSS = """
    TextView {
        scrollbar-size-vertical: 1; overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable;
        & > .text--found { background: $warning 40%; text-style: bold; }
    }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self._layout = Layout(80)
        self._layout.add(Block(Fixed(text)))
        self._layout.grow()
        self._needle = ""
        self._found = -1  # the character where it was found last

    # ------------------------------------------------------------------ layout

    def on_resize(self) -> None:
        place = self._layout.locate(self.scroll_offset.y)
        self._layout.resize(self.scrollable_content_region.width)
        self._fit(self._layout.find(*place) if place is not None else 0)

    def _fit(self, top: int) -> None:
        """Wrap what is on screen when line `top` is at its top, and scroll there."""
        top = self._layout.reveal(top, self.size.height)
        if self.virtual_size.height != self._layout.height:
            self.virtual_size = Size(self.scrollable_content_region.width, self._layout.height)
        if self.scroll_offset.y != top:
            self.scroll_to(y=top, animate=False, force=True)
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        top = self.scroll_offset.y
        height = self._layout.height
        if self._layout.reveal(top, self.size.height) != top or self._layout.height != height:
            self.call_later(self._fit, top)

    # ------------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        line = self._layout.line(self.scroll_offset.y + y)
        base = self.rich_style
        if line is None:
            return Strip.blank(width, base)
        text = line.text
        needle = self._needle
        if not needle or needle not in text.lower():
            return strip_of([(text, base)], width)
        found = base + self.get_component_rich_style("text--found")
        return Strip(list(_marked(text, needle, base, found))).adjust_cell_length(width, base)

    # ------------------------------------------------------------------ finding

    def find(self, text: str) -> bool:
        """Go to the next occurrence of a text (its case does not matter), from the start again after the last."""
        needle = text.lower()
        if needle != self._needle:
            self._needle, self._found = needle, -1
        haystack = self.text.lower() if len(self.text.lower()) == len(self.text) else self.text
        at = haystack.find(needle, self._found + 1) if needle else -1
        if at < 0 and self._found >= 0:
            at = haystack.find(needle)
        self._found = at
        if at >= 0:
            self._show(at)
        self.refresh()
        return at >= 0

    def _show(self, at: int) -> None:
        for page in self._layout.pages:
            if page.start <= at < page.start + max(page.length, 1):
                line = self._layout.find(page, at - page.start + page.lead)
                self._fit(max(0, line - self.size.height // 3))
                return


def _marked(text: str, needle: str, base: Style, found: Style) -> list[Segment]:
    out: list[Segment] = []
    lower = text.lower()
    start = 0
    while (at := lower.find(needle, start)) >= 0 and len(lower) == len(text):
        out += [Segment(text[start:at], base), Segment(text[at : at + len(needle)], found)]
        start = at + len(needle)
    out.append(Segment(text[start:], base))
    return out
