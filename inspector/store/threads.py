"""The threads of a checkpoint file, whoever wrote it: read-only, inertly, and without reading more than is looked at.

What the covering index holds (`ThreadSummary`) is cheap for a whole file: 100,000 threads in well under a second. What
is in rows (`ThreadDetails`: status, question, metadata) is read thread by thread, `bytes` row by row. `store.browse`
keeps both in memory for a list that can be sorted and filtered, and fills it in behind.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from inspector.core.checkpoint_ids import made_at, step_of
from inspector.core.values import Unreadable
from inspector.errors import UnknownThread
from inspector.store.reading import Row
from inspector.store.rows import Rows, as_metadata

ThreadStatus: TypeAlias = Literal["done", "waiting", "failed", "stopped", "unknown"]

# What the index of `writes` alone says of a thread's newest checkpoint: LangGraph numbers errors and interrupts so.
_ERROR, _INTERRUPT = -1, -3

_GROUPED = """
WITH t AS (
  SELECT thread_id, count(*) AS checkpoints, sum(checkpoint_ns = '') AS own, min(checkpoint_id) AS oldest,
         max(checkpoint_id) AS newest, max(CASE checkpoint_ns WHEN '' THEN checkpoint_id END) AS root
  FROM checkpoints WHERE {which} GROUP BY thread_id ORDER BY thread_id LIMIT :limit
) SELECT t.*, {marks} FROM t
"""
_MARKS = (
    "(SELECT group_concat(DISTINCT idx) FROM writes w WHERE w.thread_id = t.thread_id AND w.checkpoint_ns = '' "
    "AND w.checkpoint_id = t.root AND w.idx < 0)"
)
_RECENT = "SELECT thread_id FROM checkpoints ORDER BY rowid DESC LIMIT ?"


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """What the index tells of a thread. `checkpoints` counts those of all namespaces, `own` those of the root graph.

    `newest` is the id of the newest checkpoint of the root graph (of any, where the root has none), `latest` that of
    the newest of any where that is another. `at` and `began` are Unix times (None where ids do not tell); `supersteps`
    is the step of `newest`, modulo 16,384, None if unknown.
    `hint` is the status as far as the index tells: `waiting`, `failed` or `unknown` (`ThreadDetails.status` knows).
    """

    id: str
    checkpoints: int
    own: int
    newest: str
    oldest: str
    hint: ThreadStatus = "unknown"
    latest: str = ""

    @property
    def at(self) -> float | None:
        return made_at(self.latest or self.newest)

    @property
    def began(self) -> float | None:
        return made_at(self.oldest)

    @property
    def supersteps(self) -> int | None:
        step = step_of(self.newest)
        return None if step is None else max(step, 0)


@dataclass(frozen=True, slots=True)
class ThreadDetails:
    """What the rows of a thread's newest checkpoint tell.

    `status`: `done`, `waiting` for an answer, `failed`, or `stopped` in the middle (nodes would come next: it was
    cancelled, killed, paused, or runs just now). `questions` are those that wait, as one line each; `interrupts` the
    same as `(id, inert value)`. `next` are the nodes that come next, `metadata` is the checkpoint's own.
    `problem` says why the status is `unknown`.
    """

    id: str
    status: ThreadStatus
    questions: tuple[str, ...] = ()
    interrupts: tuple[tuple[str, Any], ...] = ()
    error: str = ""
    next: tuple[str, ...] = ()
    step: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    @property
    def question(self) -> str:
        """The first question, or the error, in one line; empty when there is neither."""
        return self.questions[0] if self.questions else self.error


@dataclass(frozen=True, slots=True)
class Changes:
    """What other programs wrote since the last look: the ids of the threads concerned; `all` when it cannot be told
    which (the file was replaced, vacuumed or thinned out): then everything has to be listed again."""

    threads: tuple[str, ...] = ()
    all: bool = False

    def __bool__(self) -> bool:
        return self.all or bool(self.threads)


class ThreadFile(Rows):
    """A checkpoint file, opened for reading on first use. Safe to use from several threads; methods raise `StoreError`.

    `waiting` is told when the file is locked by another program and a query waits for it.
    """

    def __init__(self, path: Path, *, waiting: Callable[[str], None] | None = None) -> None:
        super().__init__(path, waiting=waiting)
        self._seen: tuple[int, int] | None = None
        self._version: tuple[int, ...] = ()

    def check(self) -> None:
        """Raise `StoreError` unless the file is there and holds LangGraph's tables. An empty one has no threads."""
        self.has("checkpoints")

    @property
    def size(self) -> int:
        """The file's size in bytes, with its write-ahead log; 0 if it cannot be told."""
        total = 0
        for path in (self.path, self.path.with_name(self.path.name + "-wal")):
            try:
                total += path.stat().st_size
            except OSError:
                continue
        return total

    # ------------------------------------------------------------------ from the index

    def recent(self, limit: int = 100) -> list[ThreadSummary]:
        """The threads that were last written to, newest first: at once, however large the file is."""
        if not self.has("checkpoints"):
            return []
        found: dict[str, None] = {}
        reach = limit * 4
        while len(found) < limit:
            rows = self.reader.query(_RECENT, (reach,))
            found = dict.fromkeys(row[0] for row in rows)
            if len(rows) < reach or reach >= limit * 64:
                break
            reach *= 4
        summaries = [self._summary(thread) for thread in list(found)[:limit]]
        return sorted((s for s in summaries if s is not None), key=lambda s: s.at or 0.0, reverse=True)

    def scan(self, batch: int = 5000) -> Iterator[list[ThreadSummary]]:
        """All threads by id, in batches. What is committed meanwhile may be missing: see `changes`."""
        if not self.has("checkpoints"):
            return
        marks = _MARKS if self.has("writes") else "NULL"
        sql = _GROUPED.format(which="thread_id > :after", marks=marks)
        first, after = _GROUPED.format(which="1", marks=marks), ""
        rows = self.reader.query(first, {"limit": batch})
        while rows:
            yield [_as_summary(row) for row in rows]
            after = rows[-1][0]
            rows = self.reader.query(sql, {"after": after, "limit": batch}) if len(rows) == batch else []

    def summary(self, thread: str) -> ThreadSummary:
        """One thread. Raises `UnknownThread`."""
        found = self._summary(thread) if self.has("checkpoints") else None
        if found is None:
            raise UnknownThread(f"{self.path} has no thread {thread!r}.")
        return found

    def _summary(self, thread: str) -> ThreadSummary | None:
        marks = _MARKS if self.has("writes") else "NULL"
        rows = self.reader.query(
            _GROUPED.format(which="thread_id = :thread", marks=marks), {"thread": thread, "limit": 1}
        )
        return _as_summary(rows[0]) if rows else None

    # ------------------------------------------------------------------ from rows

    def details(self, summary: ThreadSummary) -> ThreadDetails:
        """What the newest checkpoint of a thread tells. Never raises for what it holds (`ThreadDetails.problem`)."""
        saved = self.checkpoint(summary.id, None, summary.newest)
        if saved is None:
            return ThreadDetails(summary.id, "unknown", problem="it is gone")
        found = self.pending(summary.id, saved.namespace, saved.id)
        decoded = saved.value()
        problem = ""
        if isinstance(decoded, Unreadable):
            problem = decoded.reason
        elif not isinstance(decoded, dict):
            problem = "it holds no channels"
        nodes = tuple(task.node for task in self.tasks(saved, decoded) if task.id not in found.finished)
        status: ThreadStatus = "unknown" if problem else "stopped" if nodes else "done"
        if found.error:
            status = "failed"
        elif found.interrupts:
            status = "waiting"
        return ThreadDetails(
            summary.id, status, _questions(found.interrupts), found.interrupts,
            found.error, nodes, saved.step, saved.metadata, problem,
        )  # fmt: skip

    def metadata(self, summaries: Sequence[ThreadSummary]) -> dict[str, dict[str, Any]]:
        """The metadata of the newest checkpoints of these threads, by thread id."""
        sql = "SELECT metadata FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ?"

        def read(connection: sqlite3.Connection) -> list[Row]:
            return [
                (summary.id, *(connection.execute(sql, (summary.id, summary.newest)).fetchone() or (None,)))
                for summary in summaries
            ]

        return {thread: as_metadata(metadata) for thread, metadata in self.reader.run(read)}

    def bytes(self, thread: str, cancelled: Callable[[], bool] = lambda: False) -> int:
        """How much a thread takes: states, metadata and writes in bytes. Reads the head of every row of the thread, in
        pieces, and stops with what it has when `cancelled` says so."""
        total = 0
        for table, blob, more in (
            ("checkpoints", "checkpoint", " + coalesce(length(metadata), 0)"),
            ("writes", "value", ""),
        ):
            if not self.has(table):
                continue
            after: Any = None
            while not cancelled():
                total_of, after = self._lengths(table, blob, more, thread, after)
                total += total_of
                if after is None:
                    break
        return total

    def _lengths(self, table: str, blob: str, more: str, thread: str, after: Any) -> tuple[int, Any]:
        """The bytes of the next piece of a thread's rows, and where the piece after it begins (None: nowhere)."""
        key = "checkpoint_ns, checkpoint_id" + (", task_id, idx" if table == "writes" else "")
        marks = ", ".join("?" * (key.count(",") + 1))
        beyond = f"AND ({key}) > ({marks})" if after is not None else ""
        rows = self.reader.query(
            f"SELECT {key}, coalesce(length({blob}), 0){more} FROM {table} WHERE thread_id = ? {beyond} "
            f"ORDER BY {key} LIMIT 500",
            (thread, *(after or ())),
        )
        return sum(row[-1] for row in rows), (rows[-1][:-1] if len(rows) == 500 else None)

    # ------------------------------------------------------------------ following

    def changes(self) -> Changes:
        """What was written since the last call (the first call says nothing). Costs microseconds when nothing was. Call
        it from one thread."""
        version = self.reader.data_version()
        if version == self._version and self._seen is not None:
            return Changes()
        self._version = version
        if not self.has("checkpoints"):
            return Changes()
        last = self._last()
        before, self._seen = self._seen, last
        if before is None:
            return Changes()
        if last[0] < before[0] or last[1] < before[1]:
            return Changes(all=True)
        threads: dict[str, None] = {}
        for table, since in (("checkpoints", before[0]), ("writes", before[1])):
            if self.has(table):
                rows = self.reader.query(f"SELECT DISTINCT thread_id FROM {table} WHERE rowid > ?", (since,))
                threads.update(dict.fromkeys(row[0] for row in rows))
        return Changes(tuple(threads))

    def _last(self) -> tuple[int, int]:
        """The newest rowids: rows that are added, or replaced, come after them."""

        def newest(table: str) -> int:
            return int(self.reader.query(f"SELECT max(rowid) FROM {table}")[0][0] or 0) if self.has(table) else 0

        return newest("checkpoints"), newest("writes")


def _questions(interrupts: Iterable[tuple[str, Any]]) -> tuple[str, ...]:
    from inspector.core.outline import question  # not needed for a list without questions, nor for its first paint

    return tuple(question(value) for _, value in interrupts)


def _as_summary(row: Row) -> ThreadSummary:
    thread, checkpoints, own, oldest, newest, root, marks = row
    hint: ThreadStatus = "unknown"
    if marks is not None:
        kinds = {int(mark) for mark in str(marks).split(",")}
        hint = "failed" if _ERROR in kinds else "waiting" if _INTERRUPT in kinds else "unknown"
    first = root or newest
    latest = "" if first == newest else str(newest)
    return ThreadSummary(str(thread), checkpoints, own, str(first), str(oldest), hint, latest)
