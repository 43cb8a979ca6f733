"""One open checkpoint file of a library, read behind in a thread of its own: what was asked for first comes first.

The order of work: list the threads by the index; read the rows of the wanted threads (what is visible), then their
sizes; read metadata where a filter asks for it; read the other threads where somebody sorts or filters by what rows
tell; look for changes. Each turn is short, so that what is wanted next never waits for what was wanted before.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from inspector.core.saved import Insight, Listing, Standing
from inspector.core.threadfilter import searchable
from inspector.errors import InspectorError
from inspector.store.threads import ThreadDetails, ThreadFile, ThreadSummary

FIRST = 120  # threads that are listed before all the others: what fits a large screen, last written to first
_PATIENCE = 3.0  # seconds that listing the rest may be put off
_POLL = 0.4  # seconds between two looks for changes
_WORK, _REST = 0.02, 0.004  # seconds: reading behind leaves the processor to the screen now and then
_BATCH = 2000
_PORTION = 0.4  # seconds' worth of what was read behind comes at once: a list of 100,000 is not sorted all the time


class Shelf:
    """`found` is filled by the reading thread and emptied by `Library.drain`. `problem` is a sentence, or empty."""

    def __init__(self, number: int, path: Path, *, follow: Callable[[], bool] = lambda: False) -> None:
        self.number = number
        self.path = path
        self.file = ThreadFile(path, waiting=self._waits)
        self.found: deque[tuple[str, object]] = deque()
        self.problem = ""
        self.reading = True
        self.count = 0
        self._follow = follow
        self._summaries: dict[str, ThreadSummary] = {}
        self._details: dict[str, str] = {}  # by thread: the newest checkpoint that its details are of
        self._sizes: dict[str, str] = {}
        self._searched: dict[str, str] = {}
        self._portion: list[tuple[str, Insight]] = []
        self._put_at = 0.0
        self._wanted: deque[str] = deque()
        self._all = self._search = self._again = False
        self._behind: Iterator[str] | None = None
        self._wake = threading.Condition()
        self.rest = threading.Event()
        """Whether more than the newest threads may be listed: doing so would hold up an app that is being imported."""
        self._stop = False
        self._thread: threading.Thread | None = None

    # ------------------------------------------------------------------ asked from the screen's side

    def begin(self) -> None:
        """Begin to read."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"threads of {self.path.name}", daemon=True)
            self._thread.start()

    def want(self, threads: Sequence[str], *, all: bool = False) -> None:
        """Read these threads' rows next, instead of what was wanted before."""
        with self._wake:
            self._wanted = deque(threads)
            self._all = self._all or all
            self._wake.notify()

    def everything(self) -> None:
        """Read all threads' rows, after what is wanted."""
        with self._wake:
            self._all = True
            self._wake.notify()

    def search(self) -> None:
        """The metadata of all threads is needed."""
        with self._wake:
            self._search = True
            self._wake.notify()

    def again(self) -> None:
        """List the threads again."""
        with self._wake:
            self._again, self.reading = True, True
            self._wake.notify()

    @property
    def busy(self) -> bool:
        """Whether there is something to read, or to take in."""
        return self.reading or bool(self._wanted) or self._search or self._all or bool(self.found)

    def close(self) -> None:
        """Stop reading."""
        with self._wake:
            self._stop = True
            self._wake.notify()
        self.rest.set()
        self.file.reader.interrupt()
        if self._thread is not None:
            self._thread.join(2.0)
        self.file.close()

    # ------------------------------------------------------------------ in the reading thread

    def _run(self) -> None:
        turns = (self._relist, self._read_wanted, self._read_metadata, self._read_behind)
        try:
            self._list()
        except InspectorError as error:
            self._fails(error)
        looked = time.monotonic()
        while not self._stop:
            try:
                did = any(turn() for turn in turns)
                if self._follow() and time.monotonic() - looked > _POLL:
                    looked = time.monotonic()
                    self._look()
            except InspectorError as error:
                self._fails(error)
                did = False
            if not did:
                with self._wake:
                    if not (self._stop or self._wanted or self._again):
                        self._wake.wait(_POLL)

    def _fails(self, error: InspectorError) -> None:
        if self._stop:
            return
        self.problem, self.reading = str(error), False
        self._wanted.clear()
        self._behind = None
        self._put("problem", str(error))

    def _waits(self, text: str) -> None:
        self.problem = text
        self._put("problem", text)

    def _put(self, what: str, value: object) -> None:
        self.found.append((what, value))

    def _list(self) -> None:
        self.file.changes()  # what comes from here on is news
        recent = self.file.recent(FIRST) if not self._summaries else []
        self._summaries.update((summary.id, summary) for summary in recent)
        self._listings(recent)
        self.rest.wait(_PATIENCE)
        before = list(self._summaries)
        everything: dict[str, ThreadSummary] = {}
        for batch in self.file.scan():
            if self._stop:
                return
            everything.update((summary.id, summary) for summary in batch)
            self.count = len(everything)
            self._read_wanted()
        self._summaries = everything
        self._put("gone", [thread for thread in before if thread not in everything])
        self._listings(everything.values())
        self.reading, self._again = False, False
        self.problem = ""

    def _relist(self) -> bool:
        if self._again:
            self._list()
            return True
        return False

    def _read_wanted(self) -> bool:
        """One turn of reading what is visible: rows first, sizes when all have their rows."""
        began = time.monotonic()
        did = False
        while self._wanted and time.monotonic() - began < _WORK:
            did = True
            with self._wake:
                if not self._wanted:
                    break
                thread = self._wanted.popleft()
            summary = self._summaries.get(thread)
            if summary is None:
                continue
            if self._details.get(thread) != summary.newest:
                self._read(summary)
                self._wanted.append(thread)
            elif self._sizes.get(thread) != summary.newest:
                self._measure(summary)
        return did

    def _read_metadata(self) -> bool:
        """What a filter asks for, of all threads."""
        if not self._search:
            return False
        missing = [s for s in self._summaries.values() if self._searched.get(s.id) != s.newest]
        for start in range(0, len(missing), _BATCH):
            if self._stop:
                return True
            some = missing[start : start + _BATCH]
            found = self.file.metadata(some)
            self._searched.update((summary.id, summary.newest) for summary in some)
            self._put("metadata", {thread: searchable(metadata) for thread, metadata in found.items()})
            self._read_wanted()
            time.sleep(_REST)
        self._search = False
        return bool(missing)

    def _read_behind(self) -> bool:
        """One turn of reading all that nobody looks at."""
        if not self._all:
            return False
        if self._behind is None:
            self._behind = iter(list(self._summaries))
        began = time.monotonic()
        while time.monotonic() - began < _WORK and not self._stop:
            thread = next(self._behind, None)
            if thread is None:
                self._all, self._behind = False, None
                self._deliver()
                return True
            summary = self._summaries.get(thread)
            if summary is not None and self._sizes.get(thread) != summary.newest:
                insight = as_insight(self.file.details(summary), self.file.bytes(thread, lambda: self._stop))
                self._details[thread] = self._sizes[thread] = summary.newest
                self._portion.append((thread, insight))
        if began - self._put_at > _PORTION:
            self._deliver()
        time.sleep(_REST)
        return True

    def _deliver(self) -> None:
        self._put_at = time.monotonic()
        if self._portion:
            self._put("insights", self._portion)
            self._portion = []

    def _read(self, summary: ThreadSummary) -> None:
        insight = as_insight(self.file.details(summary))
        self._details[summary.id] = summary.newest
        self._put("insights", [(summary.id, insight)])

    def _measure(self, summary: ThreadSummary) -> None:
        size = self.file.bytes(summary.id, lambda: self._stop)
        self._sizes[summary.id] = summary.newest
        self._put("size", (summary.id, size))

    def _look(self) -> None:
        """Take in what others wrote meanwhile."""
        changes = self.file.changes()
        if self.problem:
            self.problem = ""
            self._put("problem", "")
        if changes.all:
            self._list()
            return
        summaries: list[ThreadSummary] = []
        for thread in changes.threads:
            try:
                summary = self.file.summary(thread)
            except InspectorError:
                self._summaries.pop(thread, None)
                self._put("gone", [thread])
                continue
            self._summaries[thread] = summary
            for known in (self._details, self._sizes, self._searched):
                known.pop(thread, None)
            summaries.append(summary)
            with self._wake:
                if thread not in self._wanted:
                    self._wanted.append(thread)
        if summaries:
            self.count = len(self._summaries)
            self._listings(summaries)

    def _listings(self, summaries: Iterable[ThreadSummary]) -> None:
        listings: list[Listing] = []
        hints: list[tuple[str, Insight]] = []
        for summary in summaries:
            listings.append(
                Listing(
                    self.number, summary.id, summary.newest, summary.at, summary.checkpoints, summary.supersteps or 0
                )
            )
            if summary.hint == "waiting" or summary.hint == "failed":
                hints.append((summary.id, Insight(summary.hint)))
        self._put("listings", (listings, hints))


def as_insight(details: ThreadDetails, size: int = 0) -> Insight:
    """What a list shows of a thread's details."""
    standing: Standing = "unreadable" if details.status == "unknown" else details.status
    text = details.question or details.problem or ", ".join(details.next)
    return Insight(standing, text, details.next[0] if details.next else "", len(details.questions), size)
