"""A thread's checkpoints that no run of this session announced, as events: made earlier, by an edit, or by another
program. `Run.append` takes them like any other, so history, state and forks look the same however they came about."""

from __future__ import annotations

from collections.abc import Sequence

from inspector.core.events import CheckpointSaved
from inspector.core.run import Run
from inspector.core.travel import Entry


def missing(run: Run, entries: Sequence[Entry], wall: float) -> tuple[list[CheckpointSaved], list[CheckpointSaved]]:
    """The checkpoints among `entries` (newest first) that a run does not have, oldest first: those made before the
    run's first, and those that came since.

    The early ones are put before the beginning of the run's axis, by the wall clock (`wall` is Unix time now); the
    later ones at its end.
    """
    first = min(run.by_checkpoint, default=None)
    offset = run.invocation.offset if run.invocation is not None else 0.0
    past: list[CheckpointSaved] = []
    since: list[CheckpointSaved] = []
    for entry in reversed(entries):
        if entry.id in run.by_checkpoint:
            continue
        early = first is None or entry.id < first
        age = max(0.0, wall - entry.at) if entry.at is not None else 0.0
        t = -age - offset if early else run.now - offset
        (past if early else since).append(
            CheckpointSaved(t, entry.ns, entry.id, entry.parent, entry.step, entry.source, entry.next)
        )
    return past, since
