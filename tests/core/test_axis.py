from __future__ import annotations

import pytest

from inspector.core.axis import Axis, fitting, nice_end
from inspector.core.clock import Clock, live_now
from tests.core.script import Script


def test_the_axis_grows_in_steps() -> None:
    ends = [nice_end(t / 100) for t in range(1, 20_000)]
    assert all(end >= t / 100 for t, end in enumerate(ends, 1))
    assert ends == sorted(ends)
    assert len(set(ends)) < 50
    assert all(end <= t / 100 * 1.51 for t, end in enumerate(ends, 1))


@pytest.mark.parametrize("length", [0.0, 0.0004, 0.3, 1.0, 7.3, 59, 61, 3599, 3700, 90_000, 9e6])
def test_nice_ends_cover(length: float) -> None:
    assert nice_end(length) >= length
    assert nice_end(length) > 0


@pytest.mark.parametrize("length", [0.002, 0.04, 0.5, 4, 12, 75, 400, 4000, 200_000])
@pytest.mark.parametrize("start", [0.0, 3.21])
@pytest.mark.parametrize("width", [3, 8, 20, 44, 120])
def test_ticks_fit_and_do_not_overlap(length: float, start: float, width: int) -> None:
    axis = fitting(start + length, start)
    ticks = axis.ticks(width)
    right = -1
    for cell, label in ticks:
        assert right < cell
        right = cell + len(label)
        assert right <= width
    if width >= 20:
        assert ticks


def test_ticks_are_round() -> None:
    assert Axis(0, 5).ticks(30) == [(0, "0s"), (6, "1s"), (12, "2s"), (18, "3s"), (24, "4s")]
    assert Axis(0, 8).ticks(22) == [(0, "0s"), (5, "2s"), (11, "4s"), (16, "6s")]
    assert [label for _, label in Axis(0, 0.4).ticks(40)] == ["0s", "100ms", "200ms", "300ms"]
    assert [label for _, label in Axis(0, 150).ticks(40)] == ["0s", "30s", "1m", "1m30", "2m"]
    assert Axis(1, 1).start == 1


def test_the_clock_ticks_between_events_and_never_falls_behind_them() -> None:
    wall = [100.0]
    clock = Clock(lambda: wall[0])
    s = Script()
    assert clock.now(s.run) == 0
    s.start()
    assert clock.now(s.run) == 0
    wall[0] += 1.5
    assert clock.now(s.run) == 1.5
    s.at(1.0).task("a")
    assert clock.now(s.run) == 1.5, "an event that came late does not turn the clock back"
    wall[0] += 0.1
    s.at(2.0).task("b")
    assert clock.now(s.run) == 2.0
    wall[0] += 1
    assert clock.now(s.run) == 3.0
    s.at(2.5).end()
    assert clock.now(s.run) == 2.5
    wall[0] += 60
    s.start(resumed=True)
    assert clock.now(s.run) == 2.5, "the pause between two invocations is not on the axis"
    wall[0] += 1
    assert clock.now(s.run) == 3.5


def test_everybody_gets_the_same_clock() -> None:
    s = Script().start()
    s.at(4).task("a")
    first = live_now(s.run)
    assert first >= 4
    assert live_now(s.run) >= first
    s.end()
    assert live_now(s.run) == s.run.now
