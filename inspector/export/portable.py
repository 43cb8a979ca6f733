"""The `json` form of a thread: the rows of LangGraph's tables as they are, so that importing it gives the same thread.

```
{"format": "inspector-thread", "version": 1, "thread": "...", "mark": {"alias": "", "tags": []},
 "checkpoints": [{"checkpoint_ns": "", "checkpoint_id": "...", ..., "checkpoint": {"base64": "..."}}, ...],
 "writes": [...], "recording": [{"began": ..., "chunks": [...], "marks": [...]}, ...]}
```

A cell is what SQLite holds: null, a number, a text, or bytes as `{"base64": ...}`. Rows are in the order in which they
were written, one a line. Nothing is decoded.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from inspector.core.saved import Mark
from inspector.errors import StoreError
from inspector.store import admin, recording_transfer
from inspector.store.marks import Marks
from inspector.store.reading import Row
from inspector.store.threads import ThreadFile

FORMAT = "inspector-thread"
VERSION = 1
_TABLES = ("checkpoints", "writes")
_PORTION = 50  # rows that are read at a time: their blobs may be large


def portable(file: ThreadFile, thread: str) -> Iterator[str]:
    """The thread as pieces of JSON text."""
    head = {"format": FORMAT, "version": VERSION, "thread": thread, "mark": _mark(file.path, thread)}
    yield json.dumps(head, ensure_ascii=False)[:-1]
    for table in _TABLES:
        yield f',\n"{table}": ['
        between = "\n"
        for row in rows(file, table, thread):
            yield between + json.dumps({name: _cell(value) for name, value in row.items()}, ensure_ascii=False)
            between = ",\n"
        yield "]"
    sessions = recording_transfer.take(file.path, thread)
    if sessions:
        yield ',\n"recording": ['
        yield ",\n".join(json.dumps(_cells(session), ensure_ascii=False) for session in sessions)
        yield "]"
    yield "}\n"


def rows(file: ThreadFile, table: str, thread: str) -> Iterator[dict[str, Any]]:
    """The rows of a thread in one of LangGraph's tables, oldest first, without the thread's id."""
    if not file.has(table):
        return
    query = file.reader.query
    columns = [row[1] for row in query(f"PRAGMA table_info({table})") if row[1] != "thread_id"]
    ids = [row[0] for row in query(f"SELECT rowid FROM {table} WHERE thread_id = ? ORDER BY rowid", (thread,))]
    names = ", ".join(f'"{column}"' for column in columns)
    for start in range(0, len(ids), _PORTION):
        some = ids[start : start + _PORTION]
        marks = ", ".join("?" * len(some))
        found: list[Row] = query(f"SELECT {names} FROM {table} WHERE rowid IN ({marks}) ORDER BY rowid", some)
        for row in found:
            yield dict(zip(columns, row, strict=True))


def import_thread(path: Path, database: Path, thread: str = "") -> str:
    """Put an exported thread into a checkpoint file, which is made if it is not there. Returns the thread's id.

    Args:
        thread: another id for it; empty takes the one that it had.

    Raises:
        StoreError: the file is no export, the database has a thread of that name, or it cannot be written.
    """
    content = _load(path)
    name = thread or str(content.get("thread") or "")
    if not name:
        raise StoreError(f"{path} does not say what its thread is called: give it a name with --thread.")
    try:
        added = {table: [_row(path, row) for row in content.get(table) or ()] for table in _TABLES}
    except (TypeError, AttributeError, binascii.Error):
        raise StoreError(f"{path} is damaged: its rows cannot be read.") from None
    if not added["checkpoints"]:
        raise StoreError(f"{path} has no checkpoints in it.")
    database.absolute().parent.mkdir(parents=True, exist_ok=True)
    with admin.writing(database, create=True) as connection:
        if connection.execute("SELECT 1 FROM checkpoints WHERE thread_id = ? LIMIT 1", (name,)).fetchone():
            raise StoreError(f"{database} has a thread {name!r} already: give the imported one a name with --thread.")
        for table, given in added.items():
            columns = {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
            for row in given:
                kept = {key: value for key, value in row.items() if key in columns and key != "thread_id"}
                names = ", ".join(f'"{key}"' for key in ("thread_id", *kept))
                marks = ", ".join("?" * (len(kept) + 1))
                connection.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", (name, *kept.values()))
    sessions = content.get("recording")
    if isinstance(sessions, list) and sessions:
        recording_transfer.put(database, name, [_session(path, session) for session in sessions])
    mark = content.get("mark")
    if isinstance(mark, dict) and (mark.get("alias") or mark.get("tags")):
        Marks(database).set({name: Mark(str(mark.get("alias") or ""), tuple(map(str, mark.get("tags") or ())))})
    return name


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise StoreError(f"{path} cannot be read: {error.strerror or error}.") from None
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StoreError(f"{path} is no thread that was exported with `inspector export --format json`.")
    version = content.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise StoreError(f"{path} was exported by a newer inspector (version {version}): import it with that one.")
    return content


def _mark(database: Path, thread: str) -> dict[str, Any]:
    mark = Marks(database).load().get(thread, Mark())
    return {"alias": mark.alias, "tags": list(mark.tags)}


def _cell(value: Any) -> Any:
    return {"base64": base64.b64encode(value).decode("ascii")} if isinstance(value, bytes) else value


def _cells(session: Mapping[str, Any]) -> dict[str, Any]:
    """A session of a recording, its rows too."""
    return {
        name: [_cells(row) for row in value] if isinstance(value, list) else _cell(value)
        for name, value in session.items()
    }


def _session(path: Path, session: Mapping[str, Any]) -> dict[str, Any]:
    lists = {name: [_row(path, row) for row in value] for name, value in session.items() if isinstance(value, list)}
    return {**_row(path, {name: value for name, value in session.items() if name not in lists}), **lists}


def _row(path: Path, row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        str(name): base64.b64decode(value["base64"], validate=True) if isinstance(value, dict) else _scalar(path, value)
        for name, value in row.items()
    }


def _scalar(path: Path, value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise StoreError(f"{path} is damaged: a cell holds {type(value).__name__}.")
