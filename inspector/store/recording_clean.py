"""Keeps recordings within bounds: what is too old goes, then the oldest until the rest is small enough.

The policy, where nothing else is asked for: `KEEP` seconds and `MOST` bytes, looked at when a session begins to record.
Whole sessions go, with their events and marks; one that an inspector may still be writing stays. Checkpoints are never
touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from time import time

from inspector.errors import StoreError
from inspector.store.recording import Recorded, connect, sessions
from inspector.store.recording_schema import migrate

DAY = 86_400.0  # seconds
KEEP = 90 * DAY
MOST = 1_000_000_000  # bytes
_STILL = DAY  # seconds since it began in which a session without an end may still be going on


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What goes, and what stays; `size` is the file's, in bytes, before and after (the same where nothing was done)."""

    gone: tuple[Recorded, ...]
    kept: tuple[Recorded, ...]
    before: int
    after: int


def excess(known: Sequence[Recorded], older_than: float, most: int, now: float) -> tuple[Recorded, ...]:
    """The sessions that have to go: begun more than `older_than` seconds before `now`, and of the others the oldest,
    until those that stay have at most `most` bytes."""
    gone: list[Recorded] = []
    size = sum(session.bytes for session in known)
    for session in sorted(known, key=lambda session: session.began):
        if session.ended is None and now - session.began < _STILL:
            continue
        if now - session.began > older_than or size > most:
            gone.append(session)
            size -= session.bytes
    return tuple(gone)


def clean(
    path: Path, *, older_than: float = KEEP, most: int = MOST, dry_run: bool = False, now: float | None = None
) -> Cleaning:
    """Remove sessions from a recordings file, and give their space back. `older_than` in seconds, `most` in bytes.

    Raises:
        StoreError: the file cannot be read or written, is none of ours, or is of a newer inspector.
    """
    connection = connect(path)
    if connection is None:
        return Cleaning((), (), 0, 0)
    with closing(connection):
        known = sessions(connection, path)
    gone = excess(known, older_than, most, time() if now is None else now)
    before = size_of(path)
    if gone and not dry_run:
        try:
            _remove(path, [session.id for session in gone])
        except sqlite3.Error as error:
            raise StoreError(f"The recordings in {path} cannot be cleaned: {error}.") from None
    kept = tuple(session for session in known if session not in gone)
    return Cleaning(gone, kept, before, size_of(path))


def size_of(path: Path) -> int:
    """The bytes of a recordings file, with what was written and not moved into it yet."""
    parts = (path, path.with_name(f"{path.name}-wal"))
    return sum(part.stat().st_size for part in parts if part.exists())


def _remove(path: Path, ids: Sequence[int]) -> None:
    with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
        migrate(connection, path)
        for id_ in ids:  # each by itself: a writer waits for no more than one
            connection.execute("BEGIN IMMEDIATE")
            for table, column in (("chunks", "session"), ("marks", "session"), ("sessions", "id")):
                connection.execute(f"DELETE FROM {table} WHERE {column}=?", (id_,))
            connection.execute("COMMIT")
        connection.executescript("PRAGMA incremental_vacuum(1000000000)")  # `execute` would free one page
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
