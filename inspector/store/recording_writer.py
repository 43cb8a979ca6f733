"""Writes recordings: events into chunks, chunks into the file. Used by one thread at a time.

The newest chunk of a session is written again with what has come since, until it is large enough: many small ones would
hardly deflate. Each `write` is one transaction, so that the file holds a prefix of what happened at every moment.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import time

from inspector.core.batches import CODES, RUN_STARTED, TICKS, TOKEN, Batch, Raw, fold
from inspector.core.events import CheckpointSaved, RunEnded
from inspector.store.recording_format import FORMAT, encode, marks
from inspector.store.recording_masking import BatchMasker
from inspector.store.recording_schema import migrate
from inspector.store.secrets import Masker

MOST_EVENTS = 4_096  # in a chunk
MOST_BYTES = 64_000
_CHECKPOINT, _RUN_ENDED = CODES[CheckpointSaved], CODES[RunEnded]


class RecordingWriter:
    """A recordings file, opened for writing and made where there is none. All methods raise `sqlite3.Error`, `OSError`
    or `StoreError` (not ours, or of a newer inspector)."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # what went through a graph is its developer's alone
        self._connection = sqlite3.connect(path, timeout=2, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # so that the file shrinks when it is cleaned
            migrate(self._connection, path)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")  # safe against the death of any process
        except BaseException:
            self._connection.close()
            raise

    def begin(self, thread: str, graph: str, masked: bool) -> int:
        """A new session. Returns its id."""
        sql = "INSERT INTO sessions(thread, graph, began, masked) VALUES(?, ?, ?, ?)"
        return int(self._connection.execute(sql, (thread, graph, time(), masked)).lastrowid or 0)

    def write(self, session: int, chunks: Sequence[Chunk], state: State) -> None:
        """Write chunks, in place of earlier ones that begin at the same event, and how far the session has come."""
        run = self._connection.execute
        run("BEGIN IMMEDIATE")
        try:
            for chunk in chunks:
                run("DELETE FROM chunks WHERE session=? AND first=?", (session, chunk.first))
                run(
                    "INSERT INTO chunks(session, first, count, time, step, format, body) VALUES(?, ?, ?, ?, ?, ?, ?)",
                    (session, chunk.first, chunk.count, chunk.time, chunk.step, FORMAT, chunk.body),
                )
                self._connection.executemany(
                    "INSERT OR IGNORE INTO marks VALUES(?, ?, ?)",
                    [(session, chunk.first + place, kind) for place, kind in chunk.marks],
                )
            run(
                "UPDATE sessions SET events=?, bytes=?, duration=?, running=? WHERE id=?",
                (state.events, state.bytes, state.time, state.running, session),
            )
            run("COMMIT")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                run("ROLLBACK")
            raise

    def end(self, session: int) -> None:
        """The session ended in good order."""
        self._connection.execute("UPDATE sessions SET ended=? WHERE id=?", (time(), session))

    def close(self) -> None:
        """Close the file."""
        self._connection.close()


@dataclass(frozen=True, slots=True)
class Chunk:
    """`count` events from number `first` on: encoded, and where in it one may want to jump to. `time` (seconds on the
    session's run axis) and `step` are those of its end."""

    first: int
    count: int
    time: float
    step: int
    body: bytes
    marks: list[tuple[int, str]]


@dataclass(slots=True)
class State:
    """How far a session has come: events, bytes of chunks, seconds on the run axis, superstep, whether it runs."""

    events: int = 0
    bytes: int = 0
    time: float = 0.0
    offset: float = 0.0
    step: int = -1
    running: bool = False

    def take(self, batch: Batch, size: int) -> None:
        """Go past a batch of that many bytes."""
        self.events += batch.count
        self.bytes += size
        for _, event in batch.others:
            assert isinstance(event, list)
            if event[0] == RUN_STARTED:
                self.offset, self.running = self.time, True
            elif event[0] == _RUN_ENDED:
                self.running = False
            elif event[0] == _CHECKPOINT and not event[2]:
                self.step = event[5]
            self.time = max(self.time, event[1] + self.offset)
        self.time = max([self.time, *(group.ticks[-1] / TICKS + self.offset for group in batch.tokens)])

    def copy(self) -> State:
        return State(self.events, self.bytes, self.time, self.offset, self.step, self.running)


class Chunker:
    """Cuts a session's events into chunks. `masker` None: secrets are kept."""

    def __init__(self, masker: Masker | None) -> None:
        self._masking = BatchMasker(masker) if masker is not None else None
        self._items: list[Raw] = []  # of the chunk that is still open, masked but for its tokens
        self._closed = State()
        self.state = State()

    def chunks(self, items: Sequence[Raw]) -> list[Chunk]:
        """The chunks that are new or have grown by these events; `state` says how far the session has come."""
        made: list[Chunk] = []
        for item in items:
            if self._items and (item[0] == RUN_STARTED or len(self._items) >= MOST_EVENTS):
                made.append(self._chunk(close=True))
            self._items.append(item if self._masking is None or item[0] == TOKEN else self._masking.event(item))
        if self._items:
            made.append(self._chunk(close=False))
        return made

    def _chunk(self, *, close: bool) -> Chunk:
        (batch,) = fold(self._items)
        texts = self._masking.tokens(batch) if self._masking is not None else {}
        body = encode(batch)
        state = self._closed.copy()
        state.take(batch, len(body))
        self.state = state
        chunk = Chunk(self._closed.events, batch.count, state.time, state.step, body, marks(batch))
        if close or len(body) >= MOST_BYTES:
            self._items, self._closed = [], state
            if self._masking is not None:
                self._masking.go_on(texts)
        return chunk
