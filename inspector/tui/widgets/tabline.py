"""One line of numbered tabs, with a count behind each name where there is something to count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget


@dataclass(frozen=True, slots=True)
class Tab:
    """`name` is the tab's whole name, `short` what is shown where there is little room."""

    id: str
    key: str
    name: str
    short: str
    badge: str = ""


class TabLine(Widget):
    """Draws tabs; a click on one posts `Chosen`."""

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tabs--active", "tabs--key", "tabs--name", "tabs--badge"}
    DEFAULT_CSS = """
    TabLine {
        height: 1;
        color: $text-muted;
        & > .tabs--active { color: $foreground; background: $panel; text-style: bold; }
        & > .tabs--key { color: $primary; text-style: bold; }
        & > .tabs--name { color: $text-muted; }
        & > .tabs--badge { color: $foreground; }
        &:ansi > .tabs--active { text-style: reverse; }
    }
    """

    class Chosen(Message):
        def __init__(self, id: str) -> None:
            super().__init__()
            self.tab = id

    def __init__(self) -> None:
        super().__init__()
        self.tabs: tuple[Tab, ...] = ()
        self.active = ""
        self._spans: list[tuple[int, int, str]] = []

    def show(self, tabs: Sequence[Tab], active: str) -> None:
        """Draw these tabs, if they are not drawn already."""
        if (tuple(tabs), active) != (self.tabs, self.active):
            self.tabs, self.active = tuple(tabs), active
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.rich_style
        # Whole names, else short ones, else keys alone with the name of the active one.
        for style in ("name", "short", "key"):
            labels = [(tab, self._label(tab, style)) for tab in self.tabs]
            if sum(cell_len(tab.key) + cell_len(label) + len(tab.badge) + 4 for tab, label in labels) <= width:
                break
        segments = [Segment(" ", base)]
        self._spans = []
        x = 1
        for tab, label in labels:
            badge = f" {tab.badge}" if tab.badge and label else ""
            active = tab.id == self.active
            pens = {
                name: base + (self._pen("tabs--active", background=True) if active else self._pen(f"tabs--{name}"))
                for name in ("key", "name", "badge")
            }
            pieces = [
                Segment(f" {tab.key}", pens["key"]),
                Segment(f" {label}" if label else "", pens["name"]),
                Segment(badge, pens["badge"]),
                Segment(" ", pens["name"]),
            ]
            segments += pieces
            length = sum(piece.cell_length for piece in pieces)
            self._spans.append((x, x + length, tab.id))
            x += length
        return Strip(segments).adjust_cell_length(width, base)

    def _label(self, tab: Tab, style: str) -> str:
        if style == "key":
            return tab.short if tab.id == self.active else ""
        return tab.name if style == "name" else tab.short

    def _pen(self, name: str, *, background: bool = False) -> Style:
        style = self.get_component_rich_style(name)
        return Style(
            color=style.color, bgcolor=style.bgcolor if background else None, bold=style.bold, reverse=style.reverse
        )

    def on_click(self, event: events.Click) -> None:
        for start, end, id in self._spans:
            if start <= event.x < end:
                self.post_message(self.Chosen(id))
                return
