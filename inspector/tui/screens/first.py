"""The first frame: the outlines of header, panes and tabs, drawn by one widget before the panes are imported.

It looks like the main screen on a graph that is loading, at the same places, so that nothing jumps when the real panes
take over a few hundred milliseconds later. Of a saved thread it shows the newest checkpoints, where the history
will be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from time import time
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.saved import Glance
from inspector.core.text import ago, one_line
from inspector.tui.frames import Frame, Pieces, frame_line, plan_frames
from inspector.tui.places import LOW, PLACES, is_narrow
from inspector.tui.widgets.cells import fit
from inspector.tui.widgets.drawn import Drawn

_IMPORTED = "the graph is being imported"


class Outline(Drawn):
    """Draws the frame."""

    PENS = "outline"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "outline--quiet",
        "outline--quiet-title",
        "outline--now",
        "outline--strong",
    }
    DEFAULT_CSS = """
    Outline {
        width: 100%; height: 100%;
        & > .outline--quiet { color: $border-blurred; }
        & > .outline--quiet-title { color: $text-muted; }
        & > .outline--now { color: $accent; }
        & > .outline--strong { text-style: bold; }
    }
    """

    class Drawn(Message):
        """The frame has been drawn for the first time."""

    def __init__(self, title: str, doing: str, newest: Callable[[], Sequence[Glance]]) -> None:
        super().__init__()
        self._title = one_line(title, 80)
        self._doing = one_line(doing, 80)
        self._newest = newest
        self._lines: list[Pieces] = []
        self._at = (0, 0)
        self._drawn = False

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._at != self.size:
            self._at = (width, self.size.height)
            self._lines = outline(self._title, self._doing, self._newest(), *self._at)
        if not self._drawn:
            self._drawn = True
            self.call_later(self._tell)  # a message made here would count as the screen's own, and not bubble to it
        line = self._lines[y] if y < len(self._lines) else ()
        segments = [Segment(text, self.base + self.pen(name)) for text, name in line]
        return Strip(segments).adjust_cell_length(width, self.base)

    def _tell(self) -> None:
        self.post_message(self.Drawn())


class FirstScreen(Screen[None]):
    """Shown until the main screen is there."""

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "app.quit", "Quit")]

    def __init__(self, title: str, doing: str = _IMPORTED, newest: Callable[[], Sequence[Glance]] = tuple) -> None:
        """`doing` is what is waited for, `newest` gives the newest checkpoints of a saved thread, newest first."""
        super().__init__()
        self._outline = Outline(title, doing, newest)

    def compose(self) -> Iterator[Widget]:
        yield self._outline


def outline(title: str, doing: str, newest: Sequence[Glance], width: int, height: int) -> list[Pieces]:
    """The lines of the frame, as `(text, tone)` pieces."""
    head: Pieces = [(f" {title}   ", "strong"), ("◌ loading", "now")]
    foot: list[Pieces] = [[(" ◌ loading ", "now"), (doing, "quiet-title")], []]
    rows = height - 3
    if rows < 4 or height < LOW:
        return [head, *([[]] * max(rows, 0)), *foot][: max(height, 0)]
    narrow = is_narrow(width, height)
    if narrow:
        tabs, at = "".join(f" {place.key} {place.short} " for place in PLACES), 0
        frames = [Frame(0, 0, width, rows, open=True)]
    else:
        tabs = "─".join(f" {place.key} {place.name} " for place in PLACES if not place.own)
        planned = plan_frames(width, rows)
        names = [f"{place.key} {place.name}" for place in PLACES if place.own]
        frames = [replace(frame, title=name) for frame, name in zip(planned, (*names, ""), strict=True)]
        at = planned[-1].y - 1
    lines = [frame_line(frames, y, width) for y in range(rows)]
    tabs = tabs[: width - 3]
    lines[at] = [("╭─", "quiet"), (tabs, "quiet-title"), ("─" * (width - 3 - len(tabs)) + "╮", "quiet")]
    if not narrow:
        history = frames[2]
        for y, row in enumerate(newest[: history.height - 2], history.y + 1):
            text = f"○ {row.step:>3}  {one_line(row.made_by, 60)}"
            when = ago(row.at, time())
            inner = history.width - 2
            words = fit(text, max(0, inner - 10)) + fit(when, min(10, inner), "right")
            lines[y] = [*frame_line(frames[:1], y, history.x), ("│", "quiet"), (words, "quiet-title"), ("│", "quiet")]
    return [head, *lines, *foot]
