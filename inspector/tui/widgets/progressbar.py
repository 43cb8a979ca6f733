"""Progress bars, one a line: what progresses, how far it is, how fast, and how long it will take."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import ClassVar

from rich.style import Style
from textual.strip import Strip

from inspector.core.progress import Bar
from inspector.core.text import duration, number, one_line
from inspector.tui.widgets.cells import cut, fit, strip_of
from inspector.tui.widgets.drawn import Drawn

_SHOWN = 3


def bar_parts(bar: Bar, width: int, now: float, pen: Callable[[str], Style]) -> list[tuple[str, Style | None]]:
    """A bar in pieces that fill `width` cells: symbol, title, bar, percentage, and what there is room for."""
    symbol, tone = {"running": ("●", "accent"), "done": ("✔", "muted"), "stopped": ("⊘", "warning")}[bar.state]
    title = min(28, max(8, width // 4))
    numbers = _numbers(bar, now)
    side = 30 if width >= 90 else 20 if width >= 60 else 0
    note = min(len(bar.note), width // 4) if width >= 110 and bar.note else 0
    length = width - 3 - title - 2 - 6 - (side + 1 if side else 0) - (note + 2 if note else 0)
    parts: list[tuple[str, Style | None]] = [
        (f" {symbol} ", pen(tone)),
        (fit(one_line(bar.title, 80) or "progress", title) + "  ", None),
    ]
    if length >= 4:
        full = round(bar.fraction * length)
        parts += [("━" * full, pen(tone)), ("─" * (length - full), pen("muted"))]
    parts.append((f" {int(bar.fraction * 100):>3}% ", pen("strong")))
    if side:
        shown = numbers if len(numbers) <= side else numbers.partition("  ")[0]
        parts.append((" " + fit(shown, side), pen("muted")))
    if note:
        parts.append(("  " + cut(one_line(bar.note, 200), note), pen("muted")))
    return parts


def _numbers(bar: Bar, now: float) -> str:
    """`5/12  2.3/s  3s left`, `12/12  in 4s`."""
    parts = [f"{_short(bar.done)}/{_short(bar.total)}"] if bar.total is not None else []
    rate, left = bar.rate(), bar.eta(now)
    if bar.state == "running":
        if rate is not None and bar.total is not None:
            parts.append(f"{_rate(rate)}/s")
        if left is not None:
            parts.append(f"{duration(left) if left >= 1 else '<1s'} left")
    elif bar.state == "done":
        parts.append(f"in {duration(max(0.0, bar.updated - bar.started)) or '0s'}")
    else:
        parts.append("stopped")
    return "  ".join(parts)


def _short(value: float) -> str:
    return number(int(value)) if value == int(value) else f"{value:.1f}"


def _rate(rate: float) -> str:
    return f"{rate:.1f}" if rate < 9.95 else number(round(rate))


class ProgressStrip(Drawn):
    """The bars that are running, at most three of them. Takes no room when there are none."""

    can_focus = False
    ALLOW_SELECT = False
    PENS = "progress"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "progress--accent",
        "progress--muted",
        "progress--warning",
        "progress--strong",
    }
    DEFAULT_CSS = """
    ProgressStrip {
        height: 0;
        display: none;
        & > .progress--accent { color: $accent; }
        & > .progress--muted { color: $text-muted; }
        & > .progress--warning { color: $warning; }
        & > .progress--strong { text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.bars: list[Bar] = []
        self.now = 0.0
        self._more = 0

    def show(self, bars: list[Bar], now: float, room: int) -> None:
        """Draw what runs among `bars`, on at most `room` lines. While anything runs the strip keeps its height: what
        has ended meanwhile stays as long."""
        running = [bar for bar in bars if bar.state == "running"]
        most = max(0, min(_SHOWN, room))
        count = min(max(len(running), len(self.bars)), most) if running else 0
        chosen = running[-count:] if count else []
        if len(chosen) < count:
            ended = (bar for bar in sorted(bars, key=lambda bar: bar.updated, reverse=True) if bar.state != "running")
            chosen += islice(ended, count - len(chosen))
        self.bars = sorted(chosen, key=bars.index)
        self._more = max(0, len(running) - count)
        self.now = now
        if self.display != bool(count):
            self.display = bool(count)
        if count and (self.styles.height is None or self.styles.height.value != count):
            self.styles.height = count
        if count:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self.bars):
            return Strip.blank(width, self.base)
        more = f" +{self._more} more" if self._more and y == len(self.bars) - 1 else ""
        parts = bar_parts(self.bars[y], max(1, width - len(more)), self.now, self.pen)
        if more:
            parts.append((more, self.pen("muted")))
        return strip_of(parts, width).apply_style(self.base)
