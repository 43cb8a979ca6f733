"""Records a session: takes its events as they come off the link, and writes them from a thread of its own.

Recording never disturbs a run: taking an event is one append to a queue, and a disk that is full, locked or not to be
written ends the recording, not the run; `problem` then says so in a sentence. At most `PAUSE` and the time of a write
are lost with a process that is killed.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from pathlib import Path

from inspector.core.batches import RUN_STARTED, Raw
from inspector.core.events import Event, RunStarted, to_wire
from inspector.errors import StoreError
from inspector.store.recording import recording_path
from inspector.store.recording_clean import clean
from inspector.store.recording_writer import Chunk, Chunker, RecordingWriter
from inspector.store.secrets import Masker

PAUSE = 0.2  # seconds between two writes
MOST = 500_000  # events that wait to be written, above which the disk is given up
_BEFORE = 1_000  # events from before the first run that are kept for it
_THREAD, _GRAPH = 3, 4  # places in a `RunStarted` on the wire


class Recorder:
    """The recording of one session, in the recordings file beside the checkpoint file `db`. The file is touched only
    once something runs. `mask` False: secrets are recorded as they are."""

    def __init__(self, db: Path, *, mask: bool = True) -> None:
        self._db = db
        self._items: deque[Raw | Event] = deque()
        self._mask = mask
        self._wake = threading.Event()
        self._armed = False
        self._closing = False
        self._off = False
        self._thread: threading.Thread | None = None
        self._file: RecordingWriter | None = None
        self._chunker: Chunker | None = None
        self._session: int | None = None
        self._of = ""
        self._unwritten: dict[int, Chunk] = {}  # by their first event: the newest of each is enough
        self._said: list[str] = []

    def take(self, event: Raw | Event) -> None:
        """Record an event, raw as it came off the link or not. Never waits, never raises."""
        if self._off:
            return
        self._items.append(event)
        if self._thread is None:
            if isinstance(event, RunStarted) or (isinstance(event, list) and event[0] == RUN_STARTED):
                self._thread = threading.Thread(target=self._write_all, name="inspector-recorder", daemon=True)
                self._thread.start()
            elif len(self._items) > _BEFORE:
                self._items.popleft()
        if not self._armed:
            self._armed = True
            self._wake.set()

    def problem(self) -> str:
        """What has gone wrong since one asked last, as a sentence; empty when all is well."""
        return self._said.pop(0) if self._said else ""

    def close(self, timeout: float = 3.0) -> None:
        """Write what is left and close the file; at most `timeout` seconds."""
        self._closing = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout)
        self._off = True

    # ------------------------------------------------------------------ in the recorder's thread

    def _write_all(self) -> None:
        pause = threading.Event()
        waiting: list[Raw] = []
        try:
            while not self._off:
                closing = self._closing
                if not closing:
                    self._wake.wait()
                    self._wake.clear()
                    self._armed = False
                    if not self._closing:
                        pause.wait(PAUSE)
                waiting += self._taken()
                try:
                    self._write(waiting)
                except sqlite3.OperationalError as error:
                    late = len(waiting) + sum(chunk.count for chunk in self._unwritten.values())
                    if not _passes(error) or closing or late > MOST:
                        raise
                    self._armed = True
                    self._wake.set()  # the file is locked: once more, with what comes meanwhile
                if closing:
                    break
            if self._file is not None and self._session is not None:
                self._file.end(self._session)
        except (sqlite3.Error, OSError, StoreError) as error:
            self._give_up(_sentence(recording_path(self._db), error))
        except Exception as error:  # a defect of ours must not be the run's
            self._give_up(f"The recording of this session ended: {type(error).__name__}: {error}.")
        finally:
            if self._file is not None:
                try:
                    self._file.close()
                except sqlite3.Error:
                    pass  # what was written is written

    def _give_up(self, sentence: str) -> None:
        self._off = True
        self._items.clear()
        self._said.append(sentence)

    def _taken(self) -> list[Raw]:
        items = self._items
        taken: list[Raw] = []
        for _ in range(len(items)):
            event = items.popleft()
            taken.append(event if isinstance(event, list) else list(to_wire(event)))
        return taken

    def _write(self, events: list[Raw]) -> None:
        """Write events, and what could not be written before. Takes them out of the list as it goes."""
        while events or self._unwritten:
            self._write_chunks()
            if self._chunker is None or (events and self._is_of_another(events[0])):
                self._begin(next(event for event in events if event[0] == RUN_STARTED))
            assert self._chunker is not None
            end = next((i for i, event in enumerate(events) if self._is_of_another(event)), len(events))
            self._unwritten |= {chunk.first: chunk for chunk in self._chunker.chunks(events[:end])}
            del events[:end]
            self._write_chunks()

    def _is_of_another(self, event: Raw) -> bool:
        return bool(event[0] == RUN_STARTED and event[_THREAD] != self._of)

    def _write_chunks(self) -> None:
        if self._unwritten and self._file is not None and self._session is not None and self._chunker is not None:
            self._file.write(self._session, list(self._unwritten.values()), self._chunker.state)
            self._unwritten.clear()

    def _begin(self, started: Raw) -> None:
        """A session of the thread that this run is of."""
        if self._file is None:
            self._file = RecordingWriter(recording_path(self._db))
            self._tidy()
        if self._session is not None:
            self._file.end(self._session)
        self._session = self._file.begin(str(started[_THREAD]), str(started[_GRAPH]), self._mask)
        self._of = str(started[_THREAD])
        self._chunker = Chunker(self._masker() if self._mask else None)

    def _tidy(self) -> None:
        """What is beyond the stated bounds goes."""
        try:
            clean(recording_path(self._db))
        except StoreError:  # the next session tries again
            pass

    def _masker(self) -> Masker:
        try:
            return Masker.beside(self._db)
        except StoreError as error:
            self._said.append(str(error))
            return Masker()


def _passes(error: sqlite3.OperationalError) -> bool:
    return "locked" in str(error) or "busy" in str(error)


def _sentence(path: Path, error: Exception) -> str:
    if isinstance(error, StoreError):
        return f"This session is not recorded: {error}"
    text = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return f"This session is not recorded any further: {path} cannot be written ({text}). The run goes on."
