"""A thread's recording as rows, to be taken along: into an export and out of it, to a copy of the thread, or away.

Rows are those of the recordings file (`store.recording_schema`), chunks as they are packed; numbers of sessions are
given anew where they are put in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from inspector.errors import StoreError
from inspector.store.recording import connect, recording_path
from inspector.store.recording_schema import migrate

_TABLES = ("chunks", "marks")


def take(db: Path, thread: str) -> list[dict[str, Any]]:
    """The recording of a thread: one mapping a session, oldest first, its columns with `chunks` and `marks`, which are
    lists of such mappings. Empty where nothing was recorded. Raises `StoreError`."""
    path = recording_path(db)
    if not path.exists():
        return []
    connection = connect(path)
    if connection is None:
        return []

    def read(sql: str, parameters: tuple[Any, ...]) -> list[dict[str, Any]]:
        cursor = connection.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    try:
        found = read("SELECT * FROM sessions WHERE thread = ? ORDER BY id", (thread,))
        for session in found:
            for table in _TABLES:
                session[table] = read(f"SELECT * FROM {table} WHERE session = ?", (session["id"],))
        return found
    except sqlite3.Error as error:
        raise StoreError(f"The recording in {path} cannot be read: {error}.") from None
    finally:
        connection.close()


def put(db: Path, thread: str, sessions: Iterable[Mapping[str, Any]]) -> None:
    """Add sessions (as of `take`) to the recording of a thread. Raises `StoreError`."""

    def add(connection: sqlite3.Connection) -> None:
        for session in sessions:
            number = _insert(connection, "sessions", {**session, "id": None, "thread": thread})
            for table in _TABLES:
                for row in session.get(table) or ():
                    given = {**row, "session": number}
                    _insert(connection, table, {**given, "id": None} if "id" in row else given)

    _change(db, add)


def remove(db: Path, threads: Iterable[str]) -> None:
    """Delete the recordings of threads. Raises `StoreError`."""

    def delete(connection: sqlite3.Connection) -> None:
        for thread in threads:
            for table in _TABLES:
                connection.execute(
                    f"DELETE FROM {table} WHERE session IN (SELECT id FROM sessions WHERE thread = ?)", (thread,)
                )
            connection.execute("DELETE FROM sessions WHERE thread = ?", (thread,))

    if recording_path(db).exists():
        _change(db, delete)


def size(db: Path, thread: str) -> int:
    """Bytes of a thread's recording; 0 where there is none, or it cannot be read."""
    try:
        return sum(int(session.get("bytes") or 0) for session in _sessions(db, thread))
    except StoreError:
        return 0


def _sessions(db: Path, thread: str) -> list[dict[str, Any]]:
    path = recording_path(db)
    connection = connect(path) if path.exists() else None
    if connection is None:
        return []
    try:
        rows = connection.execute("SELECT bytes FROM sessions WHERE thread = ?", (thread,)).fetchall()
        return [{"bytes": row[0]} for row in rows]
    except sqlite3.Error as error:
        raise StoreError(f"The recording in {path} cannot be read: {error}.") from None
    finally:
        connection.close()


def _change(db: Path, work: Callable[[sqlite3.Connection], None]) -> None:
    path = recording_path(db)
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        migrate(connection, path)
        connection.execute("BEGIN IMMEDIATE")
        work(connection)
        connection.execute("COMMIT")
    except sqlite3.Error as error:
        raise StoreError(f"The recording in {path} cannot be written: {error}.") from None
    finally:
        if connection is not None:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            connection.close()


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    """Insert what of a row the table has columns for; returns its number."""
    columns = {found[1] for found in connection.execute(f"PRAGMA table_info({table})")}
    kept = {name: value for name, value in row.items() if name in columns}
    names = ", ".join(f'"{name}"' for name in kept)
    marks = ", ".join("?" * len(kept))
    cursor = connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(kept.values()))
    return int(cursor.lastrowid or 0)
