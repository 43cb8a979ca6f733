"""The checkpointer and store that the inspector gives a graph: SQLite, beside each other in one file.

The serializer is LangGraph's own, except that a value which it refuses does not end the run: it is kept for this
process and stored as a marked placeholder (`Unserializable`), with a warning that names it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextvars import ContextVar
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from inspector.debuggee.encode import safe_repr
from inspector.errors import StoreError

_writes: ContextVar[Sequence[tuple[str, Any]]] = ContextVar("inspector_writes", default=())
"""The `(channel, value)` pairs that are being stored one by one: what a value alone does not tell is its channel."""


@dataclasses.dataclass(frozen=True)
class Unserializable:
    """In a checkpoint, in place of a value that cannot be stored: its type and a bounded repr."""

    type: str
    repr: str


def _of_others(record: logging.LogRecord) -> bool:
    """Whether a record of LangGraph's serializer is about types of the user's: that the placeholder is not on its list
    of known types is nothing that anybody could act on."""
    return not isinstance(record.args, tuple) or __name__ not in record.args


class LenientSerializer(JsonPlusSerializer):
    """LangGraph's serializer; on a value that it refuses, stores the rest and puts a placeholder in its place."""

    def __init__(self, warn: Callable[[str], None]) -> None:
        super().__init__()
        self._warn = warn
        self._warned: set[str] = set()
        logging.getLogger(JsonPlusSerializer.__module__).addFilter(_of_others)

    def dumps_typed(self, obj: Any) -> tuple[str, bytes]:
        try:
            return super().dumps_typed(obj)
        except Exception:
            channel = next((channel for channel, value in _writes.get() if value is obj), "")
            return super().dumps_typed(self._without(obj, channel, 0))

    def _without(self, value: Any, path: str, depth: int) -> Any:
        """The value with what cannot be stored replaced."""
        if isinstance(value, dict) and depth < 20:
            return {key: self._without(item, f"{path}.{key}", depth + 1) for key, item in value.items()}
        if isinstance(value, (list, tuple)) and not hasattr(value, "_fields") and depth < 20:
            return [self._without(item, f"{path}[{index}]", depth + 1) for index, item in enumerate(value)]
        try:
            super().dumps_typed(value)
        except Exception:
            name = f"{type(value).__module__}.{type(value).__qualname__}"
            place = path.removeprefix(".channel_values").lstrip(".") or "a value"
            if place not in self._warned:
                self._warned.add(place)
                self._warn(
                    f"{place} holds a {name}, which cannot be stored in a checkpoint; this run keeps the live value, "
                    "the saved thread only its description. Keep such values out of the state to resume from it."
                )
            return Unserializable(name, safe_repr(value, 200))
        return value


@contextlib.asynccontextmanager
async def open_storage(db: str, warn: Callable[[str], None]) -> AsyncIterator[tuple[Any, Any]]:
    """An `AsyncSqliteSaver` and an `AsyncSqliteStore` on the file, ready for use; the directory is made.

    Raises `StoreError`: the directory cannot be made or written, the file is not SQLite, or it stays locked.
    """
    from inspector.debuggee.guests import need

    need("aiosqlite", "sqlite_vec", "langgraph.checkpoint.sqlite", "langgraph.store.sqlite")
    import aiosqlite
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
    from langgraph.store.sqlite.aio import AsyncSqliteStore

    class Saver(AsyncSqliteSaver):
        async def aput_writes(
            self, config: Any, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
        ) -> None:
            token = _writes.set(writes)
            try:
                await super().aput_writes(config, writes, task_id, task_path)
            finally:
                _writes.reset(token)

    _prepare(db)
    async with contextlib.AsyncExitStack() as stack:
        try:
            connection = await stack.enter_async_context(aiosqlite.connect(db, timeout=10))
            saver = Saver(connection, serde=LenientSerializer(warn))
            await saver.setup()
            _without_halves(saver)
            # Safe against the death of any process (WAL); only a power cut may lose the last moments.
            await connection.execute("PRAGMA synchronous=NORMAL")
            store = await stack.enter_async_context(AsyncSqliteStore.from_conn_string(db))
            await store.setup()
        except sqlite3.Error as error:
            raise store_error(db, error) from None
        yield saver, store


def _without_halves(saver: Any) -> None:
    """Of a task that failed or was cancelled, save that it did, and nothing of what it had written by then.

    LangGraph saves what there was (measured on 1.2.22), and when the thread goes on takes the task for done: cancelled
    between a node's own writes and those of its router, the run then ends as `done` in the middle of the graph.
    """
    put_writes = saver.aput_writes

    async def aput_writes(config: Any, writes: Any, task_id: str, *rest: Any, **named: Any) -> None:
        failed = [(channel, value) for channel, value in writes if channel.startswith("__error")]
        await put_writes(config, failed or writes, task_id, *rest, **named)

    saver.aput_writes = aput_writes


def _prepare(db: str) -> None:
    """Make the directory, and refuse what cannot become a database before SQLite says something obscure."""
    folder = os.path.dirname(os.path.abspath(db))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"Cannot make the directory {folder} for the threads: {error.strerror}. Choose another file with --db."
        ) from None
    if os.path.isdir(db):
        raise StoreError(f"{db} is a directory; --db takes a file.")
    if os.path.exists(db):
        with contextlib.suppress(OSError), open(db, "rb") as file:
            head = file.read(16)
            if head and head != b"SQLite format 3\0":
                raise StoreError(f"{db} is not a SQLite file. Choose another file with --db.")
        if not os.access(db, os.W_OK):
            raise StoreError(
                f"{db} is read-only, so a run cannot save its thread there. Choose another file with --db."
            )
    elif not os.access(folder, os.W_OK):
        raise StoreError(f"Cannot write to the directory {folder}. Choose another file with --db.")


def store_error(db: str, error: sqlite3.Error) -> StoreError:
    """What SQLite said, as a sentence."""
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreError(f"{db} is locked by another process. Close that program, or choose another file with --db.")
    if "not a database" in text or "malformed" in text:
        return StoreError(f"{db} is damaged or no SQLite file ({text}). Choose another file with --db.")
    return StoreError(f"{db} cannot be opened: {text}. Choose another file with --db.")
