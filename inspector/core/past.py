"""A thread's checkpoints that no run of this session announced, as events: made earlier, by an edit, or by another
program. `Run.append` takes them like any other, so history, state and forks look the same however they came about."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from inspector.core.events import CheckpointSaved
from inspector.core.run import Run
from inspector.core.travel import Entry


def missing(run: Run, entries: Sequence[Entry], wall: float) -> Iterator[CheckpointSaved]:
    """The checkpoints among `entries` (newest first) that a run does not have, oldest first.

    Those made before the run's first are put before its beginning on its axis, by the wall clock (`wall` is Unix time
    now); those that came since are put at its end.
    """
    first = min(run.by_checkpoint, default=None)
    last = run.invocation
    here = run.now - (last.offset if last is not None else 0.0)
    for entry in reversed(entries):
        if entry.id in run.by_checkpoint:
            continue
        early = first is None or entry.id < first
        age = max(0.0, wall - entry.at) if entry.at is not None else 0.0
        since = -age - (last.offset if last is not None else 0.0) if early else here
        yield CheckpointSaved(since, entry.ns, entry.id, entry.parent, entry.step, entry.source, entry.next)
