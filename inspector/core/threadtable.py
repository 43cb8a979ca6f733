"""The threads of the open files as a table: which are shown, in which order, which of them are marked.

`ThreadTable` is what the browser's list is drawn from. It is filled in portions while files are read; every look-up
that drawing needs is constant, and nothing is sorted more than once a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, TypeAlias

from inspector.core.saved import Insight, Listing, Mark, ThreadKey

Column: TypeAlias = Literal["thread", "last", "steps", "checkpoints", "size", "status"]

COLUMNS: tuple[Column, ...] = ("last", "thread", "steps", "checkpoints", "size", "status")
_DOWNWARDS: frozenset[Column] = frozenset(("last", "steps", "checkpoints", "size"))
_ORDER = {"waiting": 0, "failed": 1, "stopped": 2, "done": 3, "unreadable": 4}
_LATE = 1 << 62  # what is not known yet sorts behind everything, whichever way


class ThreadTable:
    """`listings`, `insights` and `marks` are what is known, by key; `shown` are the keys of the rows, from the top."""

    def __init__(self) -> None:
        self.listings: dict[ThreadKey, Listing] = {}
        self.insights: dict[ThreadKey, Insight] = {}
        self.marks: dict[ThreadKey, Mark] = {}
        self.chosen: set[ThreadKey] = set()
        self.shown: list[ThreadKey] = []
        self.column: Column = "last"
        self.reverse = True
        self.revision = 0
        self._matching: Callable[[ThreadKey], bool] | None = None
        self._at: dict[ThreadKey, int] | None = None

    # ------------------------------------------------------------------ reading

    def index(self, key: ThreadKey) -> int | None:
        """The row of a thread, None where it is not shown."""
        if self._at is None:
            self._at = {key: index for index, key in enumerate(self.shown)}
        return self._at.get(key)

    def picked(self, cursor: ThreadKey | None) -> list[ThreadKey]:
        """What a command is about: the marked threads in the order of their rows, those that are not shown last; else
        the one that the cursor is on."""
        if self.chosen:
            at = self.index
            return sorted(self.chosen, key=lambda key: (index if (index := at(key)) is not None else _LATE, key))
        return [cursor] if cursor is not None else []

    # ------------------------------------------------------------------ filling

    def add(self, listings: Iterable[Listing]) -> None:
        """Take in threads, or what is new of them."""
        for listing in listings:
            before = self.listings.get(listing.key)
            if before is not None and before.newest != listing.newest:
                self.insights.pop(listing.key, None)  # what was true of an older checkpoint
            self.listings[listing.key] = listing
        self.arrange()

    def replace(self, file: int, listings: Iterable[Listing]) -> None:
        """These are all the threads of a file now."""
        new = {listing.key: listing for listing in listings}
        for key in [key for key in self.listings if key[0] == file and key not in new]:
            self._forget(key)
        self.add(new.values())

    def learn(self, insights: Mapping[ThreadKey, Insight]) -> None:
        """Take in what rows told of threads. Keeps the order, unless that is by what was learnt."""
        self.insights.update(insights)
        if self.column in ("size", "status"):
            self.arrange()
        else:
            self.revision += 1

    def note(self, marks: Mapping[ThreadKey, Mark]) -> None:
        """Aliases and tags are these."""
        for key, mark in marks.items():
            if mark.alias or mark.tags:
                self.marks[key] = mark
            else:
                self.marks.pop(key, None)
        self.revision += 1

    def remove(self, keys: Iterable[ThreadKey]) -> None:
        """These threads are gone."""
        for key in keys:
            self._forget(key)
        self.arrange()

    def _forget(self, key: ThreadKey) -> None:
        for known in (self.listings, self.insights, self.marks):
            known.pop(key, None)
        self.chosen.discard(key)

    # ------------------------------------------------------------------ steering

    def sort(self, column: Column, reverse: bool | None = None) -> None:
        """Order by a column; again by the same turns it round."""
        if reverse is None:
            reverse = not self.reverse if column == self.column else column in _DOWNWARDS
        self.column, self.reverse = column, reverse
        self.arrange()

    def show(self, matching: Callable[[ThreadKey], bool] | None) -> None:
        """Show only the threads that match; None shows all."""
        self._matching = matching
        self.arrange()

    def choose(self, keys: Iterable[ThreadKey], chosen: bool | None = None) -> None:
        """Mark threads, or not any more; None turns each round."""
        for key in keys:
            if chosen if chosen is not None else key not in self.chosen:
                self.chosen.add(key)
            else:
                self.chosen.discard(key)
        self.revision += 1

    def arrange(self) -> None:
        """Work out again which rows there are, and in which order."""
        keys: Iterable[ThreadKey] = self.listings
        if self._matching is not None:
            keys = filter(self._matching, keys)
        self.shown = sorted(keys, key=self._sort_key(), reverse=self.reverse)
        self._at = None
        self.revision += 1

    def _sort_key(self) -> Callable[[ThreadKey], Any]:
        listings, insights, marks = self.listings, self.insights, self.marks
        late = -_LATE if self.reverse else _LATE
        if self.column == "last":
            return lambda key: (listings[key].last or 0.0, key)
        if self.column == "steps":
            return lambda key: (listings[key].steps, key)
        if self.column == "checkpoints":
            return lambda key: (listings[key].checkpoints, key)
        if self.column == "size":
            return lambda key: (insights[key].size if key in insights else late, key)
        if self.column == "status":
            return lambda key: (_ORDER[insights[key].standing] if key in insights else late, key)
        return lambda key: ((marks[key].alias if key in marks else "") or key[1], key)
