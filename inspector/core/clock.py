"""What time it is now on a run's axis, so that what is running can tick between two events."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from weakref import WeakKeyDictionary

from inspector.core.run import Run


class Clock:
    """Follows one run. Between events the axis advances with this process's own clock.

    An event arrives a little after it happened, never before: the largest `axis - clock` difference seen in an
    invocation (since all was held last) is the best guess of how the two clocks stand to one another.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._stretch = (-1, 0)  # of time in which the two clocks run side by side
        self._count = -1
        self._ahead = 0.0

    def now(self, run: Run) -> float:
        """Seconds on the run axis: `run.now` when nothing runs (all that would is held), else at least that."""
        if run.phase != "running" or run.invocation is None or (run.held and not run.others()):
            return run.now
        wall = self._clock()
        stretch = (run.invocation.index, run.stills)
        if stretch != self._stretch:
            self._stretch, self._ahead, self._count = stretch, run.now - wall, run.count
        elif run.count != self._count:
            self._count = run.count
            self._ahead = max(self._ahead, run.now - wall)
        return max(run.now, wall + self._ahead)


_clocks: WeakKeyDictionary[Run, Clock] = WeakKeyDictionary()


_paces: WeakKeyDictionary[Run, Callable[[], float]] = WeakKeyDictionary()


def pace(run: Run, now: Callable[[], float]) -> None:
    """The time of this run is told by somebody else from now on: a replay, which stands still or plays at its own
    speed."""
    _paces[run] = now


def live_now(run: Run) -> float:
    """The time now on the run axis, in seconds. All who ask about one run get the same answer."""
    told = _paces.get(run)
    if told is not None:
        return max(run.now, told())
    clock = _clocks.get(run)
    if clock is None:
        clock = _clocks[run] = Clock()
    return clock.now(run)
