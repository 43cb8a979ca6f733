"""The first frame: the outlines of header, panes and tabs, drawn by one widget before the panes are imported.

It looks like the main screen on a graph that is loading, at the same places, so that nothing jumps when the real panes
take over a few hundred milliseconds later.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.text import one_line
from inspector.tui.places import FIRST_TAB, LOW, PLACES, geometry, is_narrow


class Outline(Widget):
    """Draws the frame."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"outline--frame", "outline--quiet", "outline--now", "outline--strong"}
    DEFAULT_CSS = """
    Outline {
        width: 100%; height: 100%;
        & > .outline--frame { color: $border-blurred; }
        & > .outline--quiet { color: $text-muted; }
        & > .outline--now { color: $accent; }
        & > .outline--strong { text-style: bold; }
    }
    """

    class Drawn(Message):
        """The frame has been drawn for the first time."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = one_line(title, 80)
        self._lines: list[list[tuple[str, str]]] = []
        self._at = (0, 0)
        self._drawn = False

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._at != self.size:
            self._at = (width, self.size.height)
            self._lines = outline(self._title, *self._at)
        if not self._drawn:
            self._drawn = True
            self.call_later(self._tell)  # a message made here would count as the screen's own, and not bubble to it
        pens: dict[str, Style] = {}
        segments = []
        for text, name in self._lines[y] if y < len(self._lines) else ():
            if name not in pens:
                pens[name] = self.get_component_rich_style(f"outline--{name}")
            segments.append(Segment(text, pens[name]))
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def _tell(self) -> None:
        self.post_message(self.Drawn())


class FirstScreen(Screen[None]):
    """Shown until the main screen is there."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "Quit")]

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def compose(self) -> Iterator[Widget]:
        yield Outline(self._title)


def outline(title: str, width: int, height: int) -> list[list[tuple[str, str]]]:
    """The lines of the frame, as `(text, tone)` pieces."""
    head = [(f" {title}   ", "strong"), ("◌ loading", "now")]
    foot = [[(" ◌ loading ", "now"), ("the graph is being imported", "quiet")], [("", "quiet")]]
    rows = height - 3
    if rows < 4:
        return [head, *([[]] * max(rows, 0)), *foot][:height]
    own = [place for place in PLACES if place.own]
    tabs = [place for place in PLACES if not place.own]
    if is_narrow(width, height):
        if height < LOW:
            return [head, [], *([[]] * (rows - 1)), *foot]
        names = "".join(f" {place.key} {place.short} " for place in PLACES)
        return [head, _edge(names, width), *([_sides(width)] * (rows - 2)), _bottom(width), *foot]
    plan = geometry(width, rows)
    left = _box(f"{own[0].key} {own[0].name}", plan.left, plan.upper + plan.lower)
    right = _box(f"{own[1].key} {own[1].name}", plan.right, plan.upper)
    right += _box(f"{own[2].key} {own[2].name}", plan.right, plan.lower)
    upper = [[*a, *b] for a, b in zip(left, right, strict=True)]
    names = "─".join(f" {place.key} {place.name} " for place in tabs)
    lower = [_edge(names, width), *([_sides(width)] * (plan.tabbed - 1)), _bottom(width)]
    assert tabs[0].id == FIRST_TAB
    return [head, *upper, *lower, *foot]


def _box(name: str, width: int, height: int) -> list[list[tuple[str, str]]]:
    return [_edge(f" {name} ", width), *([_sides(width)] * (height - 2)), _bottom(width)]


def _edge(text: str, width: int) -> list[tuple[str, str]]:
    text = text[: width - 3]
    return [("╭─", "frame"), (text, "quiet"), ("─" * (width - 3 - len(text)) + "╮", "frame")]


def _sides(width: int) -> list[tuple[str, str]]:
    return [("│" + " " * (width - 2) + "│", "frame")]


def _bottom(width: int) -> list[tuple[str, str]]:
    return [("╰" + "─" * (width - 2) + "╯", "frame")]
