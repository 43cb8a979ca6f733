"""Reading a SQLite file that belongs to somebody else: nothing is created, nothing is changed, nobody is locked out.

`mode=ro` alone is not enough. A file in WAL mode that nobody has open gets a `-wal` and a `-shm` beside it when it is
read, which stay behind, and in a directory that cannot be written it cannot be opened so at all. Such a file is read as
`immutable` instead, which is only right while nobody writes to it: after every query its size, its times and the
absence of a `-wal` are looked at again, and the query is repeated on an ordinary connection where something has moved.

A reader of a file in WAL mode never stands in a writer's way. In a file of the older journal modes a writer waits until
a query is over: keep them short.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import quote

from inspector.errors import StoreError

Row: TypeAlias = tuple[Any, ...]
T = TypeVar("T")
Stamp: TypeAlias = tuple[int, int, int]

_HEADER = b"SQLite format 3\x00"
_BUSY = 0.25  # seconds that SQLite itself waits for a lock
_PAUSE = 0.1
_heads: dict[tuple[int, int], int] = {}  # descriptors by device and inode
_heads_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class _Opened:
    """A connection; `stamp` is that of the file where it is read as immutable, beside an `empty_log` or none."""

    connection: sqlite3.Connection
    stamp: Stamp | None = None
    empty_log: bool = False
    number: int = 0


class ReadOnly:
    """A SQLite file, opened for reading on first use. Safe to use from several threads: each has its own connection.

    `waiting` is told, once, when a query has to wait for another program's lock; after `patience` seconds of that the
    query raises `StoreError`. All methods raise `StoreError` with a sentence for people.
    """

    def __init__(self, path: Path, *, waiting: Callable[[str], None] | None = None, patience: float = 30.0) -> None:
        self.path = path
        self._waiting = waiting
        self._patience = patience
        self._local = threading.local()
        self._all: set[sqlite3.Connection] = set()
        self._used: Counter[sqlite3.Connection] = Counter()  # in the middle of a query; by how many, one in another
        self._lock = threading.Lock()
        self._opened = 0

    def query(self, sql: str, parameters: Any = ()) -> list[Row]:
        """Run one statement and return its rows."""
        return self.run(lambda connection: connection.execute(sql, parameters).fetchall())

    def run(self, work: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """As `query`, for what needs more of the connection (`blobopen`): `work` may be called more than once."""
        began: float | None = None
        while True:
            try:
                return self._settled(work)
            except sqlite3.OperationalError as error:
                if not _is_busy(error):
                    raise self._error(error) from None
                if began is None:
                    began = time.monotonic()
                    if self._waiting is not None:
                        self._waiting(f"{self.path} is locked by another program; waiting until it lets go.")
                if time.monotonic() - began > self._patience:
                    raise StoreError(
                        f"{self.path} has been locked by another program for {self._patience:.0f} s. "
                        "Try again when it is done with it."
                    ) from None
                self._drop()
                time.sleep(_PAUSE)
            except sqlite3.Error as error:
                raise self._error(error) from None

    def _settled(self, work: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """The rows, read again for as long as somebody changed the file under an immutable connection."""
        while True:
            opened = self._connection()
            if not self._take(opened.connection):
                continue
            try:
                rows = work(opened.connection)
            except sqlite3.Error:
                if not self._moved(opened):
                    raise
                rows = list[T]()
            finally:
                self._give_back(opened.connection)
            if not self._moved(opened):
                return rows
            self._drop()

    def data_version(self) -> tuple[int, ...]:
        """Something that differs once another program has committed since; comparable within one thread."""
        version = self.query("PRAGMA data_version")[0][0]
        opened = self._connection()
        return opened.stamp or (int(version), opened.number)

    def interrupt(self) -> None:
        """Make the queries that run now in other threads end early (they raise `StoreError`)."""
        with self._lock:
            for connection in self._all:
                connection.interrupt()

    def holds(self, connection: sqlite3.Connection) -> bool:
        """Whether a connection has not been let go of: what takes long in `run` looks now and then, and ends."""
        return connection in self._all

    def close(self) -> None:
        """Close every connection; queries that run in other threads end early, as with `interrupt`. The next query
        opens the file again."""
        with self._lock:
            for connection in self._all:
                if self._used[connection]:
                    connection.interrupt()  # its thread closes it: closing it under a query crashes the interpreter
                else:
                    connection.close()
            self._all.clear()
            self._local = threading.local()

    # ------------------------------------------------------------------ connections

    def _connection(self) -> _Opened:
        """This thread's connection."""
        found: _Opened | None = getattr(self._local, "opened", None)
        if found is None:
            opened = self._open()
            with self._lock:
                self._all.add(opened.connection)
                self._opened += 1
                found = self._local.opened = replace(opened, number=self._opened)
        return found

    def _take(self, connection: sqlite3.Connection) -> bool:
        """Begin to use a connection. Returns False where it was closed meanwhile."""
        with self._lock:
            if connection not in self._all:
                return False
            self._used[connection] += 1
            return True

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._lock:
            self._used[connection] -= 1
            if not self._used[connection]:
                del self._used[connection]
                if connection not in self._all:
                    connection.close()

    def _open(self) -> _Opened:
        self._check()
        stamp = self._stamp() if self._is_wal() else None
        if stamp is not None:
            return _Opened(self._connect("mode=ro&immutable=1"), stamp)
        try:
            return _Opened(self._connect("mode=ro"))
        except sqlite3.OperationalError as error:
            if "unable to open" not in str(error):
                raise
            # Somebody left an empty log beside it, in a directory where its index cannot be made.
            stamp = self._stamp(empty_log=True)
            if stamp is None:
                raise
            return _Opened(self._connect("mode=ro&immutable=1"), stamp, empty_log=True)

    def _connect(self, how: str) -> sqlite3.Connection:
        # A short wait inside SQLite: ours says what it waits for and can be given up.
        connection = sqlite3.connect(
            f"file:{quote(str(self.path.absolute()))}?{how}", uri=True, timeout=_BUSY, check_same_thread=False
        )
        connection.text_factory = _text
        try:
            connection.execute("PRAGMA query_only=1")
            connection.execute("SELECT 1 FROM sqlite_master").fetchall()
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _check(self) -> None:
        if not self.path.exists():
            raise StoreError(f"There is no file {self.path}.")
        if self.path.is_dir():
            raise StoreError(f"{self.path} is a directory, not a checkpoint file.")
        try:
            head = _head(self.path)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be opened: {error.strerror}.") from None
        if head and not head.startswith(_HEADER):
            raise StoreError(f"{self.path} is no SQLite file.")

    def _is_wal(self) -> bool:
        return _head(self.path)[18:20] == b"\x02\x02"

    def _stamp(self, *, empty_log: bool = False) -> Stamp | None:
        """What tells whether somebody wrote to the file; None while there is a log that may hold more than it."""
        try:
            with suppress(FileNotFoundError):
                if os.stat(f"{self.path}-wal").st_size or not empty_log:
                    return None
            stat = self.path.stat()
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size, stat.st_ino)

    def _moved(self, opened: _Opened) -> bool:
        return opened.stamp is not None and self._stamp(empty_log=opened.empty_log) != opened.stamp

    def _drop(self) -> None:
        """Let go of this thread's connection."""
        found: _Opened | None = getattr(self._local, "opened", None)
        if found is not None:
            self._local.opened = None
            with self._lock:
                self._all.discard(found.connection)
                if not self._used[found.connection]:
                    found.connection.close()

    def _error(self, error: sqlite3.Error) -> StoreError:
        text = str(error)
        if "no such table" in text:
            return StoreError(f"{self.path} has no checkpoints in it: it is no LangGraph checkpoint file.")
        if "not a database" in text or "malformed" in text or "disk image" in text or "disk I/O" in text:
            return StoreError(f"{self.path} is damaged or no SQLite file ({text}).")
        if "unable to open" in text:
            return StoreError(
                f"{self.path} cannot be opened. Another program left a write-ahead log beside it, and its directory "
                "cannot be written: copy the file with its -wal, or open it where you may write."
            )
        return StoreError(f"{self.path} cannot be read: {text}.")


def _head(path: Path) -> bytes:
    """The first bytes of a file, which may be one that this process holds SQLite's locks of: closing any descriptor of
    it would drop them (POSIX), so the one that it is read with stays open. Raises `OSError`."""
    if not hasattr(os, "pread"):  # Windows, whose locks are the descriptor's own
        with path.open("rb") as file:
            return file.read(20)
    stat = path.stat()
    key = (stat.st_dev, stat.st_ino)
    with _heads_lock:
        descriptor = _heads.get(key)
        if descriptor is None:
            descriptor = _heads[key] = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0))
    return os.pread(descriptor, 20, 0)


def _is_busy(error: sqlite3.Error) -> bool:
    text = str(error)
    return "locked" in text or "busy" in text


def _text(raw: bytes) -> str:
    """What is no UTF-8 in a text is replaced, instead of failing the whole query."""
    return raw.decode("utf-8", "replace")
