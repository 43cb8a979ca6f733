"""The line with the names of the output pane's lists, and how much is in each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from inspector.core.text import number
from inspector.tui.widgets.drawn import Drawn


class OutputTabs(Drawn):
    """A click on a name posts `Chosen`."""

    can_focus = False
    ALLOW_SELECT = False
    PENS = "tabs"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--active", "tabs--name", "tabs--count", "tabs--error"}
    DEFAULT_CSS = """
    OutputTabs {
        height: 1;
        & > .tabs--active { background: $panel; color: $foreground; text-style: bold; }
        & > .tabs--name { color: $text-muted; }
        & > .tabs--count { color: $foreground; }
        & > .tabs--error { color: $error; text-style: bold; }
        &:ansi > .tabs--active { text-style: reverse; }
    }
    """

    class Chosen(Message):
        def __init__(self, tab: str) -> None:
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__()
        self.tabs: tuple[tuple[str, int], ...] = ()
        self.active = ""
        self._spans: list[tuple[int, int, str]] = []

    def show(self, tabs: Sequence[tuple[str, int]], active: str) -> None:
        """Draw these `(name, count)`, if they are not drawn already."""
        if (tuple(tabs), active) != (self.tabs, self.active):
            self.tabs, self.active = tuple(tabs), active
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.base
        for length in (20, 4, 3, 1):  # whole names, else their beginnings; the active one stays whole
            texts = [
                (name, name if name == self.active else name[:length], number(count) if count else "")
                for name, count in self.tabs
            ]
            if sum(cell_len(text) + (len(count) + 1 if count else 0) + 3 for _, text, count in texts) <= width:
                break
        segments: list[Segment] = [Segment(" ", base)]
        self._spans = []
        x = 1
        active = self.pen("active", background=True)
        for name, text, count in texts if self.tabs else ():
            tone = "error" if name == "Errors" and count else "count"
            pens = [base + (active if name == self.active else self.pen(pen)) for pen in ("name", tone)]
            if name == self.active and tone == "error":
                pens[1] += Style(color=self.pen("error").color)
            pieces = [Segment(f" {text}", pens[0]), Segment(f" {count} " if count else " ", pens[1])]
            size = sum(piece.cell_length for piece in pieces)
            segments += [*pieces, Segment(" ", base)]
            self._spans.append((x, x + size, name))
            x += size + 1
        return Strip(segments).adjust_cell_length(width, base)

    def on_click(self, event: events.Click) -> None:
        for begin, end, name in self._spans:
            if begin <= event.x < end:
                self.post_message(self.Chosen(name))
