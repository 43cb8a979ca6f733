"""Bars on a time axis, exact to half a cell, and how many ran at a time as blocks of different height.

Bars are heavy lines: rows stay apart without anything between them, which blocks that fill their cells do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.style import Style

from inspector.core.axis import Axis

Part: TypeAlias = tuple[str, Style | None]

_BODY, _RIGHT_HALF, _LEFT_HALF = "━", "╺", "╸"
_HEIGHTS = " ▁▂▃▄▅▆▇█"


def bar(axis: Axis, start: float, end: float, width: int) -> tuple[int, str, int]:
    """`(cells before, the bar, cells after)`, together `width` cells. What lies outside the axis is cut; what began
    within it is at least half a cell long."""
    left, right = axis.place(start, width), axis.place(max(start, end), width)
    if width <= 0 or right < 0 or left > width:
        return max(width, 0), "", 0
    a = min(round(max(left, 0.0) * 2), width * 2 - 1)
    b = max(a + 1, min(round(right * 2), width * 2))
    first = a // 2
    if a % 2:
        body, text = b // 2 - first - 1, _RIGHT_HALF
    else:
        body, text = b // 2 - first, ""
    text += _BODY * body + (_LEFT_HALF if b % 2 else "")
    return first, text, width - first - len(text)


def density(axis: Axis, spans: Iterable[tuple[float, float]], width: int) -> list[int]:
    """For each cell of the axis, how many of the `(start, end)` spans are in it."""
    edges = [0] * (width + 1)
    for start, end in spans:
        left, right = axis.place(start, width), axis.place(end, width)
        if right < 0 or left >= width:
            continue
        edges[max(0, int(left))] += 1
        edges[min(width, int(max(right, left)) + 1)] -= 1
    out: list[int] = []
    level = 0
    for edge in edges[:width]:
        level += edge
        out.append(level)
    return out


def heights(levels: Sequence[int], most: int) -> str:
    """Levels as blocks of different height; `most` is a full one, and anything above nothing is seen."""
    if most <= 0:
        return " " * len(levels)
    return "".join(_HEIGHTS[0 if level <= 0 else max(1, min(8, -(-level * 8 // most)))] for level in levels)


def header(axis: Axis, width: int) -> str:
    """The labels of the axis in exactly `width` cells."""
    line = ""
    for cell, label in axis.ticks(width):
        line = line.ljust(cell) + label
    return line.ljust(width)[:width]
