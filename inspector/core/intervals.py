"""What held when, in a run that is over: values that changed, things that were open, mappings that grew.

A moment is a number of events, `n`: what there was once the first `n` events had happened. Questions about any moment
are answered in time that does not grow with the length of the run, but for the logarithm of it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, ValuesView
from itertools import islice
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_EVERY = 1024  # events between two lists of what was open
_NEVER = 0xFFFF_FFFF


class Track(Generic[V]):
    """A value that changed now and then."""

    __slots__ = ("_first", "moments", "values")

    def __init__(self, first: V) -> None:
        self._first = first
        self.moments = array("I")
        self.values: list[V] = []

    def add(self, moment: int, value: V) -> None:
        """It has this value from that moment on. Moments do not decrease."""
        self.moments.append(moment)
        self.values.append(value)

    def at(self, moment: int) -> V:
        index = bisect_right(self.moments, moment)
        return self.values[index - 1] if index else self._first

    def until(self, moment: int) -> int:
        """How many changes there were."""
        return bisect_right(self.moments, moment)


class Intervals:
    """Things that begin and end, numbered from 0 in the order in which they begin."""

    __slots__ = ("_frames", "_open", "begun", "ended")

    def __init__(self) -> None:
        self.begun = array("I")
        self.ended = array("I")
        self._open: dict[int, None] = {}
        self._frames: list[array[int]] = [array("I")]  # what was open at each multiple of `_EVERY`

    def begin(self, moment: int) -> int:
        """The next one begins. Returns its number. Moments do not decrease, here and in `end`."""
        self._reach(moment - 1)
        number = len(self.begun)
        self.begun.append(moment)
        self.ended.append(_NEVER)
        self._open[number] = None
        return number

    def end(self, number: int, moment: int) -> None:
        """It ends; one that has ended already turns out to end only now."""
        self._reach(moment - 1)
        before = self.ended[number]
        self.ended[number] = moment
        if self._open.pop(number, 0) == 0:
            for index in range(-(-before // _EVERY), min(-(-moment // _EVERY), len(self._frames))):
                self._frames[index].append(number)

    def _reach(self, moment: int) -> None:
        while len(self._frames) * _EVERY <= moment:
            self._frames.append(array("I", self._open))

    def count(self, moment: int) -> int:
        """How many had begun."""
        return bisect_right(self.begun, moment)

    def at(self, moment: int) -> list[int]:
        """The numbers of those that had begun and not ended, ascending."""
        frame = min(moment // _EVERY, len(self._frames) - 1)
        ended = self.ended
        known = bisect_right(self.begun, frame * _EVERY)
        found = sorted(n for n in self._frames[frame] if n < known and ended[n] > moment)
        found += [n for n in range(known, bisect_right(self.begun, moment)) if ended[n] > moment]
        return found


class Grown(Mapping[K, V]):
    """A mapping as it was at a moment, over what it became: `whole` in the order in which keys were added, `born` the
    moment at which a value was. `moment` may be moved. Of a key that was given several values, `earlier` has all but
    the last, each with its moment."""

    __slots__ = ("_added", "_born", "_earlier", "_whole", "moment")

    def __init__(
        self,
        whole: Mapping[K, V],
        added: array[int],
        born: Callable[[K, V], int],
        earlier: Mapping[K, list[tuple[int, V]]],
    ) -> None:
        self._whole = whole
        self._added = added
        self._born = born
        self._earlier = earlier
        self.moment = 0

    def __getitem__(self, key: K) -> V:
        value = self._whole[key]
        if self._born(key, value) <= self.moment:
            return value
        for born, older in reversed(self._earlier.get(key, ())):
            if born <= self.moment:
                return older
        raise KeyError(key)

    def __len__(self) -> int:
        return bisect_right(self._added, self.moment)

    def __iter__(self) -> Iterator[K]:
        return islice(iter(self._whole), len(self))

    def values(self) -> ValuesView[V]:
        return _Values(self)

    def now(self) -> Iterator[V]:
        """The values, in the order of the keys."""
        if not self._earlier:
            return islice(iter(self._whole.values()), len(self))
        return (self[key] if key in self._earlier else value for key, value in islice(self._whole.items(), len(self)))


class _Values(ValuesView[V]):
    """As fast as a dict's own: lists of many thousand tasks are gone through at every frame."""

    _mapping: Grown[object, V]

    def __iter__(self) -> Iterator[V]:
        return self._mapping.now()
