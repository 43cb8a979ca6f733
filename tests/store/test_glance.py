"""What a first frame shows of a thread before anything of it is decoded."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from inspector.errors import UnknownThread
from inspector.store.glance import glance
from tests.tui.saved import make


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("glance") / "app.sqlite"
    make(path)
    return path


def test_the_newest_come_first_with_the_nodes_that_made_them(db: Path) -> None:
    found = glance(db, "trip-1", 10)
    assert [(row.step, row.made_by) for row in found] == [(2, "book"), (1, "plan"), (0, "start"), (-1, "input")]
    times = [row.at for row in found if row.at is not None]
    assert times == sorted(times, reverse=True)
    assert len(times) == 4
    assert glance(db, "trip-1", 2) == found[:2]


def test_a_thread_that_is_not_there(db: Path, tmp_path: Path) -> None:
    with pytest.raises(UnknownThread, match="no thread 'nope'"):
        glance(db, "nope", 10)
    (tmp_path / "empty.sqlite").touch()
    with pytest.raises(UnknownThread, match="no thread 'nope'"):
        glance(tmp_path / "empty.sqlite", "nope", 10)


def test_rows_of_other_versions_are_shown_as_far_as_they_go(db: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with sqlite3.connect(path) as old:
        old.execute("ATTACH ? AS new", (str(db),))
        old.execute("CREATE TABLE checkpoints AS SELECT * FROM new.checkpoints")
        old.execute("CREATE TABLE writes AS SELECT thread_id, checkpoint_ns, checkpoint_id, idx FROM new.writes")
        old.execute("UPDATE checkpoints SET metadata = 'no json' WHERE checkpoint_id = (SELECT max(checkpoint_id) "
                    "FROM checkpoints WHERE thread_id = 'trip-1')")  # fmt: skip
    old.close()
    assert [(row.step, row.made_by) for row in glance(path, "trip-1", 2)] == [(2, ""), (1, "")]
