"""The time axis of a waterfall: what stretch of the run it shows, and where its ticks are.

While a run grows, the end of the axis moves in steps of about a fifth, so that bars stay put most of the time.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

_ENDS = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_MINUTE_ENDS = (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60)  # of a minute, of an hour
_ROOM = 5  # cells between two ticks, at least
_TICKS = (1.0, 2.0, 5.0, 10.0)
_MINUTE_TICKS = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 21600.0, 86400.0)


@dataclass(frozen=True, slots=True)
class Axis:
    """A stretch of the run axis, in seconds. `end` is greater than `start`."""

    start: float
    end: float

    @property
    def length(self) -> float:
        return self.end - self.start

    def place(self, t: float, width: int) -> float:
        """Where a time is, in cells from the left of an axis of `width` cells (may lie outside)."""
        return (t - self.start) / self.length * width

    def ticks(self, width: int) -> list[tuple[int, str]]:
        """`(cell, label)` of round times, as many as there is room for, all labels within `width`."""
        ticks: list[tuple[int, str]] = []
        if width < 3:
            return ticks
        step = self._step(width)
        for i in range(ceil(self.start / step - 1e-9), floor(self.end / step + 1e-9) + 1):
            cell = max(0, int(self.place(i * step, width) + 1e-6))
            label = tick_label(i * step, step)
            if cell + len(label) <= width and (not ticks or cell > ticks[-1][0] + len(ticks[-1][1])):
                ticks.append((cell, label))
        return ticks

    def _step(self, width: int) -> float:
        """The shortest round step at which labels stand well apart."""
        at_least = self.length * _ROOM / width
        while True:
            step = _round_step(at_least)
            longest = max(len(tick_label(t, step)) for t in (self.end, self.end - self.end % step, self.start + step))
            if step / self.length * width >= longest + 2 or step > self.length:
                return step
            at_least = step * 1.01


def fitting(end: float, start: float = 0.0) -> Axis:
    """The axis from `start` that shows everything up to `end`, ending at a round length."""
    return Axis(start, start + nice_end(end - start))


def nice_end(length: float) -> float:
    """The shortest round length that is at least `length` (and at least a millisecond)."""
    length = max(length, 0.001)
    if length > 60:
        unit = 60.0 if length <= 3600 else 3600.0
        for end in _MINUTE_ENDS:
            if end * unit >= length:
                return end * unit
    power = 10.0 ** floor(log10(length))
    for end in _ENDS:
        if end * power >= length * (1 - 1e-9):
            return end * power
    return 10.0 * power


def _round_step(at_least: float) -> float:
    if at_least > 20:
        for step in _MINUTE_TICKS:
            if step >= at_least:
                return step
    power = 10.0 ** floor(log10(max(at_least, 1e-6)))
    return next(step * power for step in _TICKS if step * power >= at_least * (1 - 1e-9))


def tick_label(t: float, step: float) -> str:
    """A time on the axis as short as the step allows: `0 250ms 1.5s 2s 1m30 2h`."""
    if abs(t) < step / 1000:
        return "0s"
    if t >= 3600:
        hours, minutes = divmod(round(t / 60), 60)
        return f"{hours}h{minutes:02d}" if minutes else f"{hours}h"
    if t >= 60 and step >= 1:
        minutes, seconds = divmod(round(t), 60)
        return f"{minutes}m{seconds:02d}" if seconds else f"{minutes}m"
    if step < 0.001:
        return f"{t * 1000:.1f}ms"
    if step < 1 and t < 1:
        return f"{t * 1000:.0f}ms"
    decimals = max(0, ceil(-log10(step) - 1e-9))
    return f"{t:.{decimals}f}s"
