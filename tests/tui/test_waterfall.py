from __future__ import annotations

import random

import pytest

from inspector.core.axis import Axis
from inspector.tui.widgets.waterfall import bar, density, header, heights


def drawn(axis: Axis, start: float, end: float, width: int) -> str:
    before, text, after = bar(axis, start, end, width)
    return " " * before + text + " " * after


@pytest.mark.parametrize(
    ("start", "end", "line"),
    [
        (0, 10, "━━━━━━━━━━"),
        (0, 5, "━━━━━     "),
        (0.5, 2.5, "╺━╸       "),
        (3, 3, "   ╸      "),
        (3.5, 3.5, "   ╺      "),
        (9.9, 10, "         ╺"),
        (-4, 2, "━━        "),
        (8, 40, "        ━━"),
        (12, 14, "          "),
        (-3, -1, "          "),
        (10, 10, "         ╺"),
    ],
)
def test_bars(start: float, end: float, line: str) -> None:
    assert drawn(Axis(0, 10), start, end, 10) == line


def test_bars_are_as_wide_as_they_are_told_and_never_out_of_order() -> None:
    rng = random.Random(3)
    for _ in range(2000):
        width = rng.randrange(0, 40)
        axis = Axis(rng.random(), 1 + rng.random() * 9)
        start = rng.uniform(-1, 11)
        end = start + rng.random() * rng.choice((0.01, 5))
        line = drawn(axis, start, end, width)
        assert len(line) == width
        assert " " not in line.strip()
        if axis.start <= start < axis.end and width:
            assert line.strip(), "what began within the axis is seen"


def test_parallel_branches_are_seen_as_parallel() -> None:
    axis = Axis(0, 4)
    assert density(axis, [(0, 4), (1, 2.5), (1, 1)], 4) == [1, 3, 2, 1]
    assert heights([0, 1, 4, 8], 8) == " ▁▄█"
    assert heights([1, 1000], 1000) == "▁█"
    assert heights([0, 0], 0) == "  "


def test_header_has_the_labels_of_the_axis() -> None:
    assert header(Axis(0, 5), 22) == "0s      2s       4s   "
    assert header(Axis(0, 5), 2) == "  "
