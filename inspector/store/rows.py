"""The rows of LangGraph's two tables, one checkpoint at a time: what is in them, and what comes after.

Nothing is decoded before somebody asks, and of what is too large to be read at once only the beginnings.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from inspector.core.checkpoint_ids import step_of
from inspector.core.skim import InMemory, Reach, Skim, Spent, skim
from inspector.core.skim import checkpoint as skim_checkpoint
from inspector.core.values import AT_ONCE, Unreadable, decode_typed
from inspector.errors import StoreError, UnknownThread
from inspector.store.pending import Pending, pending
from inspector.store.reading import ReadOnly, Row
from inspector.store.upcoming import Triggers, Upcoming, upcoming

_HEAD = 1_000_000  # bytes that are read of a write that is too large


@dataclass(frozen=True, slots=True)
class Saved:
    """A row of `checkpoints`, its blob not decoded. `namespace` is as it is stored, `size` the blob's in bytes.

    One that is too large to be read at once (`core.values.AT_ONCE`) has no blob, but what of it was `skimmed`, and the
    `sizes` of its channels.
    """

    thread: str
    namespace: str
    id: str
    parent: str | None
    type: str
    blob: bytes
    metadata: dict[str, Any]
    size: int = 0
    skimmed: dict[str, Any] | None = None
    sizes: dict[str, int] = field(default_factory=dict)

    @property
    def step(self) -> int:
        """The superstep, of the metadata or else of the id; -1 where neither tells."""
        step = self.metadata.get("step")
        if isinstance(step, int):
            return step
        known = step_of(self.id)
        return -1 if known is None else known

    def value(self) -> Any:
        """The checkpoint inertly: a mapping, or `Unreadable`."""
        return self.skimmed if self.skimmed is not None else decode_typed(self.type, self.blob)

    def decoded(self) -> dict[str, Any]:
        """The checkpoint inertly; empty where it cannot be read."""
        value = self.value()
        return value if isinstance(value, dict) else {}


@dataclass(frozen=True, slots=True)
class Wrote:
    """A row of `writes`, its value not decoded. `path` is empty in files of LangGraph before 0.3. `value` is the
    beginning of one that is too large to be read at once; `size` is that of the whole."""

    task: str
    path: str
    idx: int
    channel: str
    type: str
    value: bytes
    size: int

    def decoded(self) -> Any:
        """The value inertly."""
        if len(self.value) == self.size:
            return decode_typed(self.type, self.value)
        if self.type == "msgpack":
            return skim(InMemory(self.value, self.size))
        return Unreadable(self.type, f"{self.size:,} bytes")


class Rows:
    """A checkpoint file, opened for reading on first use. Safe to use from several threads; methods raise `StoreError`.

    `waiting` is told when the file is locked by another program and a query waits for it.
    """

    def __init__(self, path: Path, *, waiting: Callable[[str], None] | None = None) -> None:
        self.path = path
        self.reader = ReadOnly(path, waiting=waiting)
        self._columns: dict[str, frozenset[str]] = {}

    def close(self) -> None:
        """Close the file."""
        self.reader.close()

    def checkpoint(self, thread: str, namespace: str | None, id: str) -> Saved | None:
        """A checkpoint's row, or None; of any namespace (the root first) where that is None."""
        where = "" if namespace is None else " AND checkpoint_ns = :namespace"
        rows = self.reader.query(
            "SELECT checkpoint_ns, parent_checkpoint_id, type, metadata, length(checkpoint), rowid, "
            "CASE WHEN length(checkpoint) <= :most THEN checkpoint END FROM checkpoints "
            f"WHERE thread_id = :thread AND checkpoint_id = :id{where} ORDER BY checkpoint_ns LIMIT 1",
            {"thread": thread, "id": id, "namespace": namespace, "most": AT_ONCE},
        )
        if not rows:
            return None
        own, parent, type_, metadata, size, row, blob = rows[0]
        saved = Saved(thread, own, id, parent, type_ or "", as_bytes(blob), as_metadata(metadata), size or 0)
        if saved.size <= AT_ONCE or saved.type != "msgpack":
            return saved

        def read(connection: sqlite3.Connection) -> list[Row]:
            with connection.blobopen("checkpoints", "checkpoint", row, readonly=True) as large:
                return [skim_checkpoint(_Opened(large, lambda: self.reader.holds(connection)))]

        skimmed, sizes = self.reader.run(read)[0]
        return replace(saved, skimmed=skimmed, sizes=sizes)

    def part(
        self, thread: str, namespace: str, id: str, path: Sequence[str | int], start: int = 0, count: int = 200
    ) -> tuple[Any, int]:
        """A piece of a state, however large it is: `core.skim.Skim.part` of a checkpoint's channels, `path` beginning
        with the channel. Raises `StoreError` where it cannot be reached."""
        rows = self.reader.query(
            "SELECT rowid FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? "
            "AND type = 'msgpack'",
            (thread, namespace, id),
        )

        def read(connection: sqlite3.Connection) -> list[Row]:
            with connection.blobopen("checkpoints", "checkpoint", rows[0][0], readonly=True) as blob:
                source = _Opened(blob, lambda: self.reader.holds(connection))
                return [Skim(source, Reach(work=5_000_000)).part(("channel_values", *path), start, count)]

        if not rows:
            raise UnknownThread(f"Thread {thread!r} has no checkpoint {id!r} that can be read in pieces.")
        try:
            piece, total = self.reader.run(read)[0]
        except KeyError as error:
            raise StoreError(f"There is no {error.args[0]!r} in this checkpoint.") from None
        except Spent as error:
            raise StoreError(f"This part of the checkpoint cannot be read: {error}.") from None
        return piece, total

    def writes(self, thread: str, namespace: str, checkpoint: str) -> list[Wrote]:
        """What the tasks after a checkpoint wrote, task by task in the order in which LangGraph applies it."""
        if not self.has("writes"):
            return []
        path = self.path_column()
        rows = self.reader.query(
            f"SELECT task_id, {path}, idx, channel, type, CASE WHEN length(value) <= ? THEN value END, length(value), "
            "rowid FROM writes "
            f"WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? ORDER BY {path}, task_id, idx",
            (AT_ONCE, thread, namespace, checkpoint),
        )
        return [self._wrote(*row) for row in rows]

    def _wrote(
        self, task: str, path: str, idx: int, channel: str, type_: str, value: Any, size: int, row: int
    ) -> Wrote:
        head = as_bytes(value)
        if (size or 0) > AT_ONCE:

            def read(connection: sqlite3.Connection) -> list[Row]:
                with connection.blobopen("writes", "value", row, readonly=True) as large:
                    return [(large.read(_HEAD),)]

            head = self.reader.run(read)[0][0]
        return Wrote(task, path or "", idx, channel, type_ or "", head, max(size or 0, len(head)))

    def tasks(self, saved: Saved, decoded: Any = None) -> list[Upcoming]:
        """The tasks that a checkpoint leads to, as `graph.get_state_history` tells them."""
        checkpoint = saved.decoded() if decoded is None else decoded if isinstance(decoded, dict) else {}
        triggers = Triggers()
        triggers.learn(checkpoint)
        paths = self.pending(saved.thread, saved.namespace, saved.id).paths
        return upcoming(checkpoint, saved.namespace, saved.step, triggers, paths.items())

    def pending(self, thread: str, namespace: str, checkpoint: str) -> Pending:
        """Who of the tasks after a checkpoint finished, asks or failed."""
        if not self.has("writes"):
            return Pending()
        path = self.path_column()
        return pending(
            self.reader.query(
                f"SELECT task_id, {path}, idx, channel, type, CASE WHEN idx < 0 THEN value END FROM writes "
                f"WHERE thread_id = ? AND checkpoint_ns = ? AND checkpoint_id = ? ORDER BY {path}, task_id, idx",
                (thread, namespace, checkpoint),
            )
        )

    def path_column(self) -> str:
        """What stands for `task_path` in a query: files of LangGraph before 0.3 have none."""
        return "task_path" if "task_path" in self._columns["writes"] else "''"

    def has(self, table: str) -> bool:
        """Whether the file has one of LangGraph's tables; raises where it is some other program's file."""
        if "checkpoints" not in self._columns or table not in self._columns:
            found = {
                name: frozenset(row[1] for row in self.reader.query(f"PRAGMA table_info({name})"))
                for name in ("checkpoints", "writes")
            }
            if not found["checkpoints"] and self.reader.query("SELECT 1 FROM sqlite_master LIMIT 1"):
                raise StoreError(f"{self.path} has no checkpoints in it: it is no LangGraph checkpoint file.")
            # A table that is not there yet may be made while we look.
            self._columns = {name: columns for name, columns in found.items() if columns}
        return table in self._columns


class _Opened:
    """A blob in the file, read where it is looked at (`core.skim.Source`), as long as that is `wanted`."""

    def __init__(self, blob: sqlite3.Blob, wanted: Callable[[], bool]) -> None:
        self._blob = blob
        self._wanted = wanted

    def __len__(self) -> int:
        return len(self._blob)

    def read(self, at: int, length: int) -> bytes:
        if not self._wanted():
            raise Spent("the file was closed")
        self._blob.seek(min(at, len(self._blob)))
        return self._blob.read(length)


def as_bytes(value: Any) -> bytes:
    """A blob as it comes from SQLite, which keeps what it was given: text, numbers and NULL too."""
    if isinstance(value, bytes):
        return value
    return b"" if value is None else str(value).encode("utf-8", "replace")


def as_metadata(raw: Any) -> dict[str, Any]:
    """A checkpoint's metadata as it is stored (JSON); empty where it is something else."""
    try:
        metadata = json.loads(raw) if isinstance(raw, (str, bytes)) else {}
    except (ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}
