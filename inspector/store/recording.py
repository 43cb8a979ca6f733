"""Recordings: what was seen live of each thread, in a file of the inspector's own beside the checkpoints.

    path = recording_path(Path("threads.sqlite"))           # threads.recording.sqlite
    recording = open_recording(Path("threads.sqlite"), thread)
    player = Player(recording.batches(), recording.count)

A *session* is what one inspector saw of one thread; a thread's recording is its sessions in order. Events lie in
*chunks* of some thousand (`store.recording_format`), found by their place, time and superstep; what one may want to
jump to is in `marks`. The file is in WAL mode: what was written survives the death of any process, and reading never
waits for writing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

from inspector.core.batches import RUN_STARTED, TICKS, Batch, fold, unfold
from inspector.core.events import Event, Failure, RunEnded
from inspector.errors import StoreError
from inspector.store.recording_format import Damaged, decode
from inspector.store.recording_schema import version

CUT_OFF = Failure(
    "RecordingEnds", "The inspector ended here in the middle of the run; the thread keeps its checkpoints."
)


def recording_path(db: Path) -> Path:
    """Where the recordings of a checkpoint file's threads are."""
    return db.with_name(f"{db.stem}.recording{db.suffix or '.sqlite'}")


@dataclass(frozen=True, slots=True)
class Recorded:
    """A session: which one, of which thread and graph; when it began and ended (Unix seconds; None: it was cut off, or
    goes on); how many events it has, in how many bytes, over how many seconds of running; whether it is in the middle
    of a run; whether secrets were masked."""

    id: int
    thread: str
    graph: str
    began: float
    ended: float | None
    events: int
    bytes: int
    duration: float
    running: bool
    masked: bool

    @property
    def count(self) -> int:
        """Its events, with the end that is made up for a run that was cut off."""
        return self.events + self.running


class Recording:
    """What was recorded of one thread. Reads as it goes; an inspector may be writing the file meanwhile, what it adds
    after this was opened is not in it."""

    def __init__(self, connection: sqlite3.Connection, path: Path, thread: str, sessions: tuple[Recorded, ...]) -> None:
        self._connection = connection
        self.path = path
        self.thread = thread
        self.sessions = sessions
        self.missing = 0
        """How many events lay in chunks that could not be read, so far."""

    @property
    def count(self) -> int:
        """How many events `batches` gives."""
        return sum(session.count for session in self.sessions)

    @property
    def duration(self) -> float:
        """Seconds on the run axis."""
        return sum(session.duration for session in self.sessions)

    @property
    def size(self) -> int:
        """Bytes of its chunks."""
        return sum(session.bytes for session in self.sessions)

    def batches(self) -> Iterator[Batch]:
        """All events, in order. A chunk that cannot be read is left out and counted in `missing`. The end of a run that
        was cut off with its inspector is made up: nothing of it can still be going on.

        Raises:
            StoreError: the file cannot be read any further.
        """
        for session in self.sessions:
            last = 0.0
            for first, count in self._chunks(session):
                try:
                    batch = _shortened(self._read(session, first), session.events - first)
                except Damaged:
                    self.missing += count
                    continue
                last = last_time(batch, last)
                yield batch
            if session.running:
                yield Batch(1, [(0, RunEnded(last, "cancelled", (), CUT_OFF))])

    def _chunks(self, session: Recorded) -> list[tuple[int, int]]:
        sql = "SELECT first, count FROM chunks WHERE session=? AND first<? ORDER BY first"
        return [(int(first), int(count)) for first, count in self._query(sql, (session.id, session.events))]

    def _read(self, session: Recorded, first: int) -> Batch:
        sql = "SELECT format, CAST(body AS BLOB) FROM chunks WHERE session=? AND first=?"
        try:
            rows = self._query(sql, (session.id, first))
        except StoreError as error:  # its pages are damaged; those of others may not be
            raise Damaged(str(error)) from None
        if not rows:
            raise Damaged("it was removed")
        return decode(rows[0][1], rows[0][0])

    def events(self) -> Iterator[Event]:
        """All events one by one, as `batches`; what cannot be read is left out."""
        for batch in self.batches():
            yield from unfold(batch)

    def marks(self) -> list[tuple[int, str]]:
        """The `(position, kind)` of what one may want to jump to (`error`, `interrupt`, `tool`), known before the
        events are read. A position is a number of events, as in a `Player`. Empty in a file of an older inspector."""
        if version(self._connection, self.path) < 2:
            return []
        found: list[tuple[int, str]] = []
        before = 0
        for session in self.sessions:
            sql = "SELECT position, kind FROM marks WHERE session=? AND position<? ORDER BY position"
            found += [(before + at + 1, kind) for at, kind in self._query(sql, (session.id, session.events))]
            before += session.count
        return found

    def _query(self, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        return _query(self._connection, self.path, sql, parameters)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


def open_recording(db: Path, thread: str) -> Recording | None:
    """What was recorded of a thread of the checkpoint file `db`; None where nothing was.

    Raises:
        StoreError: the recordings file cannot be read, is none, or is of a newer inspector.
    """
    path = recording_path(db)
    connection = connect(path)
    if connection is None:
        return None
    try:
        found = sessions(connection, path, thread)
    except BaseException:
        connection.close()
        raise
    if found:
        return Recording(connection, path, thread, found)
    connection.close()
    return None


def connect(path: Path) -> sqlite3.Connection | None:
    """The recordings file, for reading; None where there is none. Raises `StoreError`."""
    if not path.exists():
        return None
    for how in ("mode=ro", "mode=ro&immutable=1"):  # the latter where WAL's own files cannot be made
        connection = None
        try:
            connection = sqlite3.connect(
                f"file:{quote(str(path))}?{how}", uri=True, timeout=5, check_same_thread=False, isolation_level=None
            )
            if version(connection, path) == 0:
                connection.close()
                return None
            return connection
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            problem = _problem(path, error)
        except StoreError:
            if connection is not None:
                connection.close()
            raise
    raise problem


def sessions(connection: sqlite3.Connection, path: Path, thread: str | None = None) -> tuple[Recorded, ...]:
    """The sessions of a thread, or of all, in order. Raises `StoreError`."""
    sql = "SELECT id, thread, graph, began, ended, events, bytes, duration, running, masked FROM sessions"
    where, parameters = (" WHERE thread=?", (thread,)) if thread is not None else ("", ())
    rows = _query(connection, path, f"{sql}{where} ORDER BY id", parameters)
    return tuple(
        Recorded(id_, of, graph, began, ended, events, size, duration, bool(running), bool(masked))
        for id_, of, graph, began, ended, events, size, duration, running, masked in rows
    )


def last_time(batch: Batch, last: float = 0.0) -> float:
    """The newest time in a batch, in seconds since its invocation began; at least `last`, unless one begins in it."""
    for position, event in batch.others:
        if position == 0 and isinstance(event, list) and event[0] == RUN_STARTED:
            last = 0.0
        t = event[1] if isinstance(event, list) and len(event) > 1 else getattr(event, "t", 0.0)
        if isinstance(t, (int, float)) and t > last:
            last = t
    return max([last, *(group.ticks[-1] / TICKS for group in batch.tokens)])


def _shortened(batch: Batch, count: int) -> Batch:
    """The first `count` events: a chunk may have grown since its session was looked at."""
    if batch.count <= count:
        return batch
    return fold(list(islice(unfold(batch), count)))[0]


def _query(connection: sqlite3.Connection, path: Path, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    try:
        return connection.execute(sql, parameters).fetchall()
    except sqlite3.Error as error:
        raise _problem(path, error) from None


def _problem(path: Path, error: sqlite3.Error) -> StoreError:
    text = str(error)
    if "not a database" in text or "malformed" in text or "no such table" in text:
        return StoreError(f"The recordings in {path} are damaged ({text}). Move the file away to record anew.")
    return StoreError(f"The recordings in {path} cannot be read: {text}.")
