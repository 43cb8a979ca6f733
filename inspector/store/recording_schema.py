"""The tables of a recordings file, and how files of earlier versions become files of this one.

`PRAGMA user_version` is the version of the tables; a chunk's `format` that of its body (`store.recording_format`), so
that migrating never rewrites what was recorded. Append to `_STEPS`; never change one that was released.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from inspector.errors import StoreError
from inspector.store.recording_format import Damaged, decode, marks

APPLICATION = 0x4C474952  # "LGIR": this file is ours

_FIRST = """
CREATE TABLE sessions(
    id INTEGER PRIMARY KEY, thread TEXT NOT NULL, graph TEXT NOT NULL, began REAL NOT NULL, ended REAL,
    events INTEGER NOT NULL DEFAULT 0, bytes INTEGER NOT NULL DEFAULT 0, duration REAL NOT NULL DEFAULT 0,
    running INTEGER NOT NULL DEFAULT 0, masked INTEGER NOT NULL
);
CREATE INDEX sessions_of_thread ON sessions(thread, id);
CREATE TABLE chunks(
    id INTEGER PRIMARY KEY, session INTEGER NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL,
    time REAL NOT NULL, step INTEGER NOT NULL, format INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE UNIQUE INDEX chunks_in_order ON chunks(session, first, count, time, step);
"""


def _create(connection: sqlite3.Connection) -> None:
    for statement in filter(str.strip, _FIRST.split(";")):
        connection.execute(statement)


def _add_marks(connection: sqlite3.Connection) -> None:
    """Version 2: where errors, interrupts and tool calls are."""
    connection.execute(
        "CREATE TABLE marks(session INTEGER NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL,"
        " PRIMARY KEY(session, position, kind)) WITHOUT ROWID"
    )
    for session, first, format, body in connection.execute("SELECT session, first, format, body FROM chunks"):
        try:
            found = marks(decode(body, format))
        except Damaged:
            continue
        connection.executemany(
            "INSERT OR IGNORE INTO marks VALUES(?, ?, ?)", [(session, first + place, kind) for place, kind in found]
        )


_STEPS: tuple[Callable[[sqlite3.Connection], None], ...] = (_create, _add_marks)
VERSION = len(_STEPS)


def version(connection: sqlite3.Connection, path: Path) -> int:
    """The version of a file's tables, 0 for an empty file. Raises `StoreError` for one that is not ours, or newer."""
    found = int(connection.execute("PRAGMA user_version").fetchone()[0])
    ours = connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION
    if not ours and (found or connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]):
        raise StoreError(f"{path} is no recording of the inspector's. Move it away, or choose another file with --db.")
    if found > VERSION:
        raise StoreError(f"{path} was written by a newer inspector. Update langgraph-inspector to open it.")
    return found


def migrate(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables to this version, all or nothing. The connection is in autocommit mode. Raises as `version`."""
    if version(connection, path) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")  # another inspector may be about to do the same
    try:
        for step in _STEPS[version(connection, path) :]:
            step(connection)
        connection.execute(f"PRAGMA application_id={APPLICATION}")
        connection.execute(f"PRAGMA user_version={VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
