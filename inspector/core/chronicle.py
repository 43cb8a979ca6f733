"""Dicts that note when what is in them came, and went: so that they can be shown as they were."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from operator import itemgetter
from typing import Any, TypeVar

from inspector.core.intervals import Intervals

K = TypeVar("K")
V = TypeVar("V")


class Chronicle(dict[K, V]):
    """A dict that notes when its keys were added: `added` in their order, `born` for each value. Where a key was given
    another value, `earlier` has those before."""

    def __init__(self, now: Callable[[], int], born: Callable[[K, V], int] | None = None) -> None:
        super().__init__()
        self._now = now
        self._moments: dict[K, int] = {}
        self.born = born or (lambda key, value: self._moments[key])
        self._noted = born is None
        self.added = array("I")
        self.earlier: dict[K, list[tuple[int, V]]] = {}

    def __setitem__(self, key: K, value: V) -> None:
        if key in self:
            if self[key] is value:
                return
            self.earlier.setdefault(key, []).append((self.born(key, self[key]), self[key]))
        else:
            self.added.append(self._now())
        if self._noted:
            self._moments[key] = self._now()
        super().__setitem__(key, value)


_first = itemgetter(0)


class Waiting(dict[str, V]):
    """A dict of what waits, which notes when each thing came and went: `life`, and `things` by their numbers there,
    each with its key and the number of the first of its key since when there was always one (a dict keeps its place).
    """

    def __init__(self, now: Callable[[], int]) -> None:
        super().__init__()
        self._now = now
        self._numbers: dict[str, int] = {}
        self.life = Intervals()
        self._since: dict[str, int] = {}
        self.things: list[tuple[int, str, V]] = []

    def __setitem__(self, key: str, value: V) -> None:
        known = self._numbers.get(key)
        if known is not None:
            self.life.end(known, self._now())
        number = self._numbers[key] = self.life.begin(self._now())
        self.things.append((self._since.setdefault(key, number), key, value))
        super().__setitem__(key, value)

    def _end(self, key: str) -> None:
        number = self._numbers.pop(key, None)
        if number is not None:
            self.life.end(number, self._now())
            del self._since[key]

    def at(self, moment: int) -> dict[str, V]:
        """What waited at a moment."""
        return {key: value for _, key, value in sorted((self.things[n] for n in self.life.at(moment)), key=_first)}

    def pop(self, key: str, default: Any = None) -> Any:
        self._end(key)
        return super().pop(key, default)

    def clear(self) -> None:
        for key in list(self):
            self._end(key)
        super().clear()
