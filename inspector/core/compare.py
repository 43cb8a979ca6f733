"""Two moments of a thread beside each other: where their branches part, and what differs in their states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspector.core.branches import common, onward
from inspector.core.diff import Change, changes
from inspector.core.travel import Entry


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ancestor` is the newest checkpoint that both come from (one of them itself, where the other came after it; None
    where they share nothing). `left` and `right` are the checkpoints of each branch after it, oldest first, ending
    with the compared ones. `parted` is the step of the first of them; None where one is the other. `changes` lead from
    the first state to the second; their paths begin with the channel."""

    ancestor: Entry | None
    left: tuple[Entry, ...]
    right: tuple[Entry, ...]
    changes: tuple[Change, ...]

    @property
    def parted(self) -> int | None:
        first = [branch[0].step for branch in (self.left, self.right) if branch]
        return min(first) if first else None


def compare(
    entries: Sequence[Entry], a: Entry, b: Entry, values_a: Mapping[str, Any], values_b: Mapping[str, Any]
) -> Comparison:
    """Compare two checkpoints of a thread, given their states as `State.values` has them."""
    shared, left, right = common(entries, a, b)
    differing = changes(dict(values_a), dict(values_b))
    return Comparison(shared[-1] if shared else None, tuple(left), tuple(right), tuple(differing))


def tip(entries: Sequence[Entry], entry: Entry) -> Entry:
    """The end of the branch that a checkpoint is on: the newest that came after it, or itself."""
    path = onward(entries, entry.id, entry.ns)
    return path[-1] if path else entry
