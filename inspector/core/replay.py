"""The transport of a replay: where it is, whether it plays, how fast; and the run as it was at that instant.

player = Player(recording.batches(), recording.count)
while player.load(0.01): ...            # in the background; what is loaded can be shown
player.seek(1_000); view.run = player.run
player.play(); ...; player.tick()       # thirty times a second
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter

from inspector.core.batches import TOKEN, Batch, fold
from inspector.core.events import Event
from inspector.core.moments import Moments
from inspector.core.reel import Mark, Reel
from inspector.core.run import Run

SPEEDS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 100.0, math.inf)
"""The last one is as fast as it paints: every tick shows something new."""

_STRIDE = 256  # tokens that a tick at that speed goes past at most


class Player:
    """Plays recorded events. A position is a number of events: 0 before the first, `length` at the end.

    `run` is the run at the position, and changes identity when it goes back: look at it anew after every move. It is
    not to be appended to. Nothing is run and nothing is called by playing. All moves stop playing, but for `tick`.
    """

    def __init__(
        self, batches: Iterable[Batch], length: int, *, clock: Callable[[], float] = perf_counter,
        preview_budget: int = 256_000_000,
    ) -> None:  # fmt: skip
        """`length` is how many events there are in all; `preview_budget` bounds the bytes of values that are kept (of
        the oldest ones it is said that they were let go)."""
        self._batches = iter(batches)
        self._reel = Reel(preview_budget=preview_budget)
        self._moments = Moments(self._reel)
        self._length = length
        self._clock = clock
        self._wanted: int | None = None
        self._began: tuple[float, float] | None = None  # while it plays: clock, and time on the run axis
        self._speed = 1.0
        self.complete = False

    @classmethod
    def of(cls, events: Sequence[Event], *, clock: Callable[[], float] = perf_counter) -> Player:
        """A player of events that are in memory, loaded."""
        player = cls(fold(events), len(events), clock=clock)
        player.load()
        return player

    # ------------------------------------------------------------------ loading

    def load(self, budget: float = math.inf) -> bool:
        """Take in more of the events for at most `budget` seconds (one batch at least). Returns whether there are more.
        A `seek` to what was not loaded yet is made good as soon as it is. Raises what reading a batch raises."""
        if self.complete:
            return False
        end = perf_counter() + budget
        self._moments.leave()
        try:
            for batch in self._batches:
                self._reel.feed(batch)
                if perf_counter() >= end:
                    break
            else:
                self.complete, self._length = True, self._reel.count
        finally:
            wanted = self.position if self._wanted is None else self._wanted
            self._moments.show(wanted)
            if wanted <= self.loaded or self.complete:
                self._wanted = None
        return not self.complete

    @property
    def loaded(self) -> int:
        """How many events have been taken in: how far one can go."""
        return self._reel.count

    @property
    def length(self) -> int:
        return max(self._length, self._reel.count)

    @property
    def damaged(self) -> int:
        """How many events could not be read and were left out."""
        return self._reel.damaged

    # ------------------------------------------------------------------ where it is

    @property
    def run(self) -> Run:
        """The run as it was at the position."""
        return self._moments.run

    @property
    def position(self) -> int:
        return self._moments.moment

    @property
    def time(self) -> float:
        """Seconds on the run axis: of the position; while playing, between two events too."""
        at = self._reel.times[self.position]
        return max(at, self._due()) if self._began is not None and math.isfinite(self._speed) else at

    @property
    def duration(self) -> float:
        """Seconds on the run axis of what is loaded."""
        return self._reel.times[-1]

    def time_at(self, position: int) -> float:
        """The run axis time of a position that is loaded, in seconds."""
        return self._reel.times[min(max(position, 0), self.loaded)]

    def marks(self, mark: Mark) -> Sequence[int]:
        """The positions just after everything of that kind, ascending, as far as is loaded."""
        return self._reel.marks[mark]

    # ------------------------------------------------------------------ moving

    def seek(self, position: int) -> None:
        """Go to a position; to what is loaded of the way there, and on with the loading, if it is not loaded yet."""
        self.pause()
        position = min(max(position, 0), self.length)
        self._wanted = position if position > self.loaded else None
        self._moments.show(position)

    def seek_time(self, seconds: float) -> None:
        """Go to a time on the run axis."""
        self.seek(self.position_at(seconds))

    def position_at(self, seconds: float) -> int:
        """The position at a time on the run axis, as far as is loaded."""
        return max(bisect_right(self._reel.times, seconds) - 1, 0)

    def step(self, by: int) -> None:
        """Go that many events forward, or back."""
        self.seek(self.position + by)

    def jump(self, mark: Mark, forward: bool = True) -> bool:
        """Go to the next (or previous) mark of that kind. Returns whether there is one; else the position stays."""
        found = self.neighbour(mark, forward)
        if found is not None:
            self.seek(found)
        return found is not None

    def neighbour(self, mark: Mark, forward: bool = True) -> int | None:
        """The position of the next (or previous) mark of that kind, None where there is none."""
        marks = self._reel.marks[mark]
        index = bisect_right(marks, self.position) if forward else bisect_left(marks, self.position) - 1
        return marks[index] if 0 <= index < len(marks) else None

    # ------------------------------------------------------------------ playing

    @property
    def playing(self) -> bool:
        return self._began is not None

    @property
    def speed(self) -> float:
        """Times the recorded pace; `math.inf`: as fast as it paints."""
        return self._speed

    @speed.setter
    def speed(self, speed: float) -> None:
        if not speed > 0:
            raise ValueError(f"a speed of {speed}")
        at = self.time
        self._speed = speed
        if self._began is not None:
            self._began = self._clock(), at

    def faster(self, steps: int = 1) -> float:
        """The next of `SPEEDS` (with a negative number: the one before). Returns it."""
        index = (bisect_right(SPEEDS, self._speed) - 1 if steps > 0 else bisect_left(SPEEDS, self._speed)) + steps
        self.speed = SPEEDS[min(max(index, 0), len(SPEEDS) - 1)]
        return self._speed

    def play(self) -> None:
        """Play on from here; from the beginning, if this is the end."""
        if self._began is not None:
            return
        if self.complete and self.position >= self.length:
            self.seek(0)
        self._began = self._clock(), self.time

    def pause(self) -> None:
        """Stay where it is."""
        self._began = None

    def _due(self) -> float:
        """The time on the run axis that playing has come to."""
        assert self._began is not None
        clock, at = self._began
        return at + (self._clock() - clock) * self._speed

    def tick(self) -> bool:
        """Go on with playing. Returns whether the position changed. At the end it pauses."""
        if self._began is None:
            return False
        before = self.position
        target = self._next() if math.isinf(self._speed) else self.position_at(self._due())
        target = max(target, before)
        if target >= self.loaded:
            target = self.loaded
            # What is not loaded yet is waited for, and does not count as played.
            self._began = (self._clock(), self.duration) if not self.complete else None
        if target != before:
            self._moments.show(target)
        return target != before

    def _next(self) -> int:
        """Past the next event that is no token, or past a good many tokens."""
        codes = self._reel.codes
        position = self.position + 1
        last = min(position + _STRIDE, self.loaded)
        while position < last and codes[position] == TOKEN:
            position += 1
        return position
