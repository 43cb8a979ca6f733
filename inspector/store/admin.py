"""What changes a checkpoint file on purpose: deleting, copying and adding threads. None of it needs the graph.

The only code of the inspector that writes to LangGraph's tables from outside a run. Each change is one transaction, so
that a graph that runs meanwhile sees all of it or nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from inspector.core.text import one_line, plural, size
from inspector.errors import StoreError, UnknownThread
from inspector.store import recording_transfer
from inspector.store.marks import Marks
from inspector.store.threads import ThreadFile

_WAIT = 10.0  # seconds for another program's transaction to end

# As LangGraph makes them (langgraph-checkpoint-sqlite 3): a file that we make is one that it goes on with.
_TABLES = """
CREATE TABLE IF NOT EXISTS checkpoints (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL DEFAULT '',
    checkpoint_id TEXT NOT NULL,
    parent_checkpoint_id TEXT,
    type TEXT,
    checkpoint BLOB,
    metadata BLOB,
    PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id)
);
CREATE TABLE IF NOT EXISTS writes (
    thread_id TEXT NOT NULL,
    checkpoint_ns TEXT NOT NULL DEFAULT '',
    checkpoint_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    task_path TEXT NOT NULL DEFAULT '',
    idx INTEGER NOT NULL,
    channel TEXT NOT NULL,
    type TEXT,
    value BLOB,
    PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx)
);
"""


@dataclass(frozen=True, slots=True)
class Loss:
    """What goes with a thread: rows of LangGraph's tables, and bytes in them."""

    thread: str
    checkpoints: int
    writes: int
    subgraphs: int
    bytes: int
    recorded: int = 0

    def __str__(self) -> str:
        inner = f" ({plural(self.subgraphs, 'namespace')} of subgraphs)" if self.subgraphs else ""
        recording = f"; and {size(self.recorded)} of recording" if self.recorded else ""
        return (
            f"thread {one_line(self.thread, 80)!r}: {plural(self.checkpoints, 'checkpoint')}{inner}, "
            f"{plural(self.writes, 'write')}, {size(self.bytes)}{recording}"
        )


def loss(file: ThreadFile, thread: str) -> Loss:
    """What deleting a thread would delete. Raises `UnknownThread`, `StoreError`."""
    found = file.summary(thread)
    query = file.reader.query
    namespaces = query(
        "SELECT count(DISTINCT checkpoint_ns) FROM checkpoints WHERE thread_id = ? AND checkpoint_ns != ''", (thread,)
    )
    writes = query("SELECT count(*) FROM writes WHERE thread_id = ?", (thread,)) if file.has("writes") else [(0,)]
    return Loss(
        thread,
        found.checkpoints,
        writes[0][0],
        namespaces[0][0],
        file.bytes(thread),
        recording_transfer.size(file.path, thread),
    )


def delete(path: Path, threads: Sequence[str]) -> None:
    """Delete threads from LangGraph's tables, all or none, then what the inspector kept of them beside the file. The
    file does not get smaller; its space is used again.

    Raises:
        UnknownThread: the file has none of that name.
        StoreError: the file cannot be written, or stays locked.
    """
    with writing(path) as connection:
        tables = _tables(connection)
        for thread in threads:
            gone = connection.execute("DELETE FROM checkpoints WHERE thread_id = ?", (thread,)).rowcount
            if "writes" in tables:
                gone += connection.execute("DELETE FROM writes WHERE thread_id = ?", (thread,)).rowcount
            if not gone:
                raise UnknownThread(f"{path} has no thread {thread!r}; nothing was deleted.")
    recording_transfer.remove(path, threads)
    Marks(path).forget(threads)


def copy(path: Path, thread: str, name: str) -> None:
    """Copy a thread, with its forks and subgraphs, to another id in the same file; states are the same byte for byte.

    Raises:
        UnknownThread: the file has no such thread.
        StoreError: there is a thread with that name, the name is empty, or the file cannot be written.
    """
    if not name:
        raise StoreError("A thread needs a name: say what the copy is to be called.")
    with writing(path) as connection:
        if connection.execute("SELECT 1 FROM checkpoints WHERE thread_id = ? LIMIT 1", (name,)).fetchone():
            raise StoreError(f"{path} has a thread {name!r} already: choose another name for the copy.")
        for table in sorted(_tables(connection)):
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] != "thread_id"]
            names = ", ".join(f'"{column}"' for column in columns)
            copied = connection.execute(
                f"INSERT INTO {table} (thread_id, {names}) SELECT ?, {names} FROM {table} "
                "WHERE thread_id = ? ORDER BY rowid",
                (name, thread),
            ).rowcount
            if table == "checkpoints" and not copied:
                raise UnknownThread(f"{path} has no thread {thread!r}.")
    recorded = recording_transfer.take(path, thread)
    if recorded:
        recording_transfer.put(path, name, recorded)


@contextmanager
def writing(path: Path, *, create: bool = False) -> Iterator[sqlite3.Connection]:
    """A transaction on a checkpoint file: committed at the end, or nothing of it. Raises `StoreError`."""
    if not create and not path.exists():
        raise StoreError(f"There is no file {path}.")
    mode = "rwc" if create else "rw"
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?mode={mode}", uri=True, timeout=_WAIT, isolation_level=None
        )
        if create:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.executescript(_TABLES)
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreError(_said(path, str(error))) from None
    finally:
        if connection is not None:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.close()


def _said(path: Path, text: str) -> str:
    if "locked" in text or "busy" in text:
        return f"{path} is locked by another program; nothing was changed. Try again when it is done with it."
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return f"{path} cannot be written ({text}); nothing was changed."
    if "no such table" in text:
        return f"{path} has no checkpoints in it: it is no LangGraph checkpoint file."
    return f"{path} cannot be changed: {text}. Nothing was changed."


def _tables(connection: sqlite3.Connection) -> frozenset[str]:
    """Which of LangGraph's tables there are."""
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name IN ('checkpoints', 'writes')"
    )
    return frozenset(row[0] for row in rows)
