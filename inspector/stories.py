"""What happened on a saved thread, as batches of events, read in a thread of their own: from the inspector's recording
where there is one, else rebuilt from what LangGraph saved.

Of a thread with very many checkpoints only those near one of them are rebuilt, tasks and all; the others are told by
their ids alone, as checkpoints with a step and a time. Which one that is can be changed by telling the story again.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, sleep

from inspector.core.batches import CODES, Batch, fold
from inspector.core.checkpoint_ids import made_at, step_of
from inspector.core.events import CheckpointSaved, Event
from inspector.errors import InspectorError, UnknownThread
from inspector.store.rebuild import rebuild
from inspector.store.recording import open_recording
from inspector.store.threads import ThreadFile

WHOLE = 400  # root checkpoints up to which a thread is rebuilt whole
NEAR = 60  # else: how many are, on either side
_AHEAD = 40  # batches that are read before they are asked for
_BATCH = 200  # events
_FREELY = 0.2  # seconds for which a story is read as fast as it can be; then as long as it reads, it rests
_STRETCH = 0.005  # seconds that it reads without a rest
_LONGEST_REST = 0.02
_QUIET = 0.08  # seconds of `hush`


class Story:
    """The batches of a thread, as an iterator that never waits: `ready` says whether there is one to take, or that
    there is no more. `problem` says why it ended before its end."""

    def __init__(self, path: Path, thread: str, near: str | None = None, *, ahead: int | None = _AHEAD) -> None:
        """`near` is the root checkpoint around which a long thread is rebuilt; None is the newest. `ahead`: how many
        batches are read before they are taken, None for all."""
        self.path = path
        self.thread = thread
        self.near = near
        self.approximate = True
        self.count = 0
        self.span: tuple[str, str] | None = None
        """The first and the last root checkpoint around which tasks are known, where that is not all of them."""
        self.problem: InspectorError | None = None
        self._batches: deque[Batch] = deque()
        self.over = False
        """Whether all of it has been read."""
        self._stop = False
        self._room = threading.Semaphore(1 << 30 if ahead is None else ahead)
        self._known = threading.Event()
        self._began = self._rested = 0.0  # when reading began, in a thread of its own; when it rested
        self._quiet = 0.0  # until when nothing is to be read
        self._reader = threading.Thread(target=self._read, name="inspector-story", daemon=True)

    def begin(self) -> None:
        """Begin to read."""
        self._reader.start()

    def wait(self) -> None:
        """Until it is known what kind of story it is, and its first events are there. Raises `StoreError`."""
        self._known.wait()
        if self.problem is not None and not self._batches:
            raise self.problem

    @property
    def ready(self) -> bool:
        return bool(self._batches) or self.over

    def __iter__(self) -> Iterator[Batch]:
        return self

    def __next__(self) -> Batch:
        if not self._batches:
            raise StopIteration
        self._room.release()
        return self._batches.popleft()

    def hush(self) -> None:
        """Rebuild nothing for a moment: something else is waited for."""
        self._quiet = perf_counter() + _QUIET

    def close(self) -> None:
        """Stop reading."""
        self._stop = True
        self._room.release()
        if self._reader.is_alive():
            self._reader.join(2.0)

    # ------------------------------------------------------------------ in the reading thread

    def _read(self) -> None:
        self._began = self._rested = perf_counter()
        try:
            for batch in self._told():
                self._room.acquire()
                if self._stop:
                    return
                self._batches.append(batch)
                self._known.set()
        except InspectorError as error:
            self.problem = error
        finally:
            self.over = True
            self._known.set()

    def _told(self) -> Iterator[Batch]:
        file = ThreadFile(self.path)
        try:
            recording = open_recording(self.path, self.thread)
            if recording is None:
                yield from self._batched(self._rebuilt(file))
                return
            self.approximate, self.count = False, recording.count
            try:
                yield from self._filled_in(recording.batches(), file)
            finally:
                recording.close()
        finally:
            file.close()

    def _filled_in(self, recorded: Iterator[Batch], file: ThreadFile) -> Iterator[Batch]:
        """What was recorded, and what the thread did before and after that without being watched."""
        ids = self._roots(file)
        held: list[Batch] | None = []  # until it is known which checkpoint was the first to be watched
        last = ""
        try:
            for batch in recorded:
                found = _checkpoints(batch)
                last = found[-1] if found else last
                if held is None:
                    yield batch
                    continue
                held.append(batch)
                if found or len(held) == _AHEAD:
                    before = bisect_left(ids, found[0]) if found else 0
                    if 0 < before <= WHOLE:
                        yield from self._batched(rebuild(file, self.thread, None, ids[before - 1]))
                    yield from held
                    held = None
        except InspectorError:
            yield from held or ()
            raise
        yield from held or ()
        if ids and last and ids[-1] > last and len(ids) - bisect_left(ids, last) <= WHOLE:
            yield from self._batched(rebuild(file, self.thread, last))

    def _roots(self, file: ThreadFile) -> list[str]:
        """The ids of the root graph's checkpoints, oldest first."""
        rows = file.reader.query(
            "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' ORDER BY checkpoint_id",
            (self.thread,),
        )
        return [str(row[0]) for row in rows]

    def _rebuilt(self, file: ThreadFile) -> Iterator[Event]:
        ids = self._roots(file)
        if not ids:
            raise UnknownThread(f"{self.path} has no thread {self.thread!r}.")
        if len(ids) <= WHOLE:
            yield from rebuild(file, self.thread)
            return
        at = len(ids) - 1 if self.near is None else min(bisect_left(ids, self.near), len(ids) - 1)
        first, last = max(0, at - NEAR), min(len(ids) - 1, at + NEAR)
        self.span = (ids[first], ids[last])
        yield from _by_ids(ids[:first], None)
        yield from rebuild(file, self.thread, ids[first], ids[last])
        yield from _by_ids(ids[last + 1 :], ids[last])

    def _batched(self, events: Iterator[Event]) -> Iterator[Batch]:
        some: list[Event] = []
        for event in events:
            if self._stop:
                return
            some.append(event)
            if len(some) >= _BATCH:
                yield from fold(some)
                some = []
            self._rest()
        yield from fold(some)

    def _rest(self) -> None:
        """Let keys be answered: decoding takes as much of the interpreter as it gets."""
        now = perf_counter()
        while now < self._quiet and not self._stop:
            sleep(self._quiet - now)
            now = self._rested = perf_counter()
        if self._began and now - self._rested > _STRETCH and now - self._began > _FREELY:
            sleep(min(now - self._rested, _LONGEST_REST))
            self._rested = perf_counter()


def whole(path: Path, thread: str) -> Iterator[Event]:
    """All events of a story, one after the other. Blocks; raises `StoreError`."""
    from inspector.core.batches import unfold

    story = Story(path, thread)
    for batch in story._told():
        yield from unfold(batch)


def _checkpoints(batch: Batch) -> list[str]:
    """The ids of the root graph's checkpoints that are saved in a batch."""
    found: list[str] = []
    for _, event in batch.others:
        if isinstance(event, list):
            if event[0] == CODES[CheckpointSaved] and not event[2]:
                found.append(str(event[3]))
        elif isinstance(event, CheckpointSaved) and not event.ns:
            found.append(event.id)
    return found


def _by_ids(ids: list[str], parent: str | None) -> Iterator[Event]:
    """Checkpoints of which only the ids were read. That each came of the one before is a guess, mostly right."""
    began = made_at(ids[0]) if ids else None
    for id_ in ids:
        at = made_at(id_)
        since = max(0.0, at - began) if at is not None and began is not None else 0.0
        yield CheckpointSaved(since, (), id_, parent, step_of(id_) or 0, "loop", ())
        parent = id_
