"""One line of numbered tabs, with a count behind each name where there is something to count.

It is the upper edge of the frame around the tab's pane, where there is a frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from inspector.tui.frames import Tone
from inspector.tui.widgets.drawn import Drawn


@dataclass(frozen=True, slots=True)
class Tab:
    """`name` is the tab's whole name, `short` what is shown where there is little room."""

    id: str
    key: str
    name: str
    short: str
    badge: str = ""


class TabLine(Drawn):
    """Draws tabs; a click on one posts `Chosen`."""

    ALLOW_SELECT = False
    PENS = "tabs"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "tabs--active", "tabs--active-lit", "tabs--key", "tabs--name", "tabs--badge", "tabs--quiet", "tabs--lit",
        "tabs--past", "tabs--past-lit",
    }  # fmt: skip
    DEFAULT_CSS = """
    TabLine {
        height: 1;
        color: $text-muted;
        & > .tabs--active { color: $foreground; background: $panel; text-style: bold; }
        & > .tabs--active-lit { color: $background; background: $primary; text-style: bold; }
        & > .tabs--key { color: $primary; text-style: bold; }
        & > .tabs--name { color: $text-muted; }
        & > .tabs--badge { color: $foreground; }
        & > .tabs--quiet { color: $border-blurred; }
        & > .tabs--lit { color: $primary; }
        & > .tabs--past { color: $warning 60%; }
        & > .tabs--past-lit { color: $warning; }
        &:ansi > .tabs--active, &:ansi > .tabs--active-lit { text-style: reverse; }
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
        self.frame: Tone = "quiet"
        self.framed = True
        self._spans: list[tuple[int, int, str]] = []

    def show(self, tabs: Sequence[Tab], active: str, frame: Tone, *, framed: bool) -> None:
        """Draw these tabs, if they are not drawn already. `frame` is the tone of the frame that it belongs to, where
        there is one."""
        state = (tuple(tabs), active, frame, framed)
        if state != (self.tabs, self.active, self.frame, self.framed):
            self.tabs, self.active, self.frame, self.framed = state
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.base
        frame = base + self.pen(self.frame)
        labels, gap = self._labels(width - 3)
        segments = [Segment("╭─" if self.framed else " ", frame)]
        self._spans = []
        x = segments[0].cell_length
        for tab, label in labels:
            pieces = list(self._pieces(tab, label, base))
            length = sum(piece.cell_length for piece in pieces)
            self._spans.append((x, x + length, tab.id))
            segments += pieces
            x += length
            if self.framed and gap and x < width - 2:
                segments.append(Segment("─", frame))
                x += 1
        if self.framed and x < width:
            segments.append(Segment("─" * (width - x - 1) + "╮", frame))
        return Strip(segments).adjust_cell_length(width, base)

    def _labels(self, width: int) -> tuple[list[tuple[Tab, str]], bool]:
        """What stands on each tab: whole names, else short ones, with counts as long as they fit, else keys alone with
        the name of the active one; and whether there is room between the tabs."""
        bare = tuple(replace(tab, badge="") for tab in self.tabs)
        for tabs, names, gap in (
            (self.tabs, "name", True), (self.tabs, "name", False), (self.tabs, "short", False), (bare, "short", False),
        ):  # fmt: skip
            labels = [(tab, str(getattr(tab, names))) for tab in tabs]
            if sum(cell_len(tab.key + label + tab.badge) + 3 + gap + bool(tab.badge) for tab, label in labels) <= width:
                return labels, gap
        return [(tab, tab.short if tab.id == self.active else "") for tab in bare], False

    def _pieces(self, tab: Tab, label: str, base: Style) -> Iterator[Segment]:
        active = tab.id == self.active

        def pen(name: str) -> Style:
            if active:
                return base + self.pen("active-lit" if "lit" in self.frame else "active", background=True)
            return base + self.pen(name)

        yield Segment(f" {tab.key}", pen("key"))
        yield Segment(f" {label}" if label else "", pen("name"))
        yield Segment(f" {tab.badge}" if tab.badge and label else "", pen("badge"))
        yield Segment(" ", pen("name"))

    def on_click(self, event: events.Click) -> None:
        for start, end, id in self._spans:
            if start <= event.x < end:
                self.post_message(self.Chosen(id))
                return
