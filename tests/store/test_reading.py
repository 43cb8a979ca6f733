"""Reading a file that is closed meanwhile, from several threads."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from inspector.errors import StoreError
from inspector.store.reading import ReadOnly

FOR_EVER = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT max(begun()) FROM n"


@pytest.fixture
def reader(tmp_path: Path) -> ReadOnly:
    path = tmp_path / "app.sqlite"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (7)")
    connection.close()
    return ReadOnly(path)


def test_a_query_ends_early_when_the_file_is_closed(reader: ReadOnly) -> None:
    begun = Event()

    def read(connection: sqlite3.Connection) -> list[object]:
        connection.create_function("begun", 0, begun.set)
        return connection.execute(FOR_EVER).fetchall()

    with ThreadPoolExecutor() as pool:
        running = pool.submit(reader.run, read)
        assert begun.wait(10)
        reader.close()
        with pytest.raises(StoreError, match="cannot be read"):
            running.result(10)


def test_what_is_read_is_read_to_its_end_and_its_connection_closed_then(reader: ReadOnly) -> None:
    begun, closed = Event(), Event()
    used: list[sqlite3.Connection] = []

    def read(connection: sqlite3.Connection) -> list[object]:
        used.append(connection)
        begun.set()
        assert closed.wait(10)
        return [*connection.execute("SELECT x FROM t"), *reader.query("SELECT x + 1 FROM t")]

    with ThreadPoolExecutor() as pool:
        running = pool.submit(reader.run, read)
        assert begun.wait(10)
        reader.close()
        closed.set()
        assert running.result(10) == [(7,), (8,)]
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        used[0].execute("SELECT 1")
    assert reader.query("SELECT x FROM t") == [(7,)]
    reader.close()
