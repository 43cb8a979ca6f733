"""Recording never breaks a run, and recordings stay within their bounds."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from inspector.cli import run as inspector
from inspector.cli_clean import age, amount
from inspector.recorder import Recorder
from inspector.store import recording_writer
from inspector.store.recording import Recorded, connect, recording_path, sessions
from inspector.store.recording_clean import DAY, clean, excess
from tests.replay.test_moments import rounded
from tests.replay.test_recording import read, record, run, wired


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "threads.sqlite"


def known(db: Path) -> list[str]:
    """The threads that have recordings, one entry a session."""
    connection = connect(recording_path(db))
    assert connection is not None
    with closing(connection):
        return [session.thread for session in sessions(connection, recording_path(db))]


# ---------------------------------------------------------------------- faults


def test_a_file_that_is_locked_for_a_while_is_waited_for(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(db, run())
    tried: list[str] = []
    write = recording_writer.RecordingWriter.write

    def locked_twice(self: recording_writer.RecordingWriter, *given: object) -> None:
        tried.append("once")
        if len(tried) <= 2:
            raise sqlite3.OperationalError("database is locked")
        write(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(recording_writer.RecordingWriter, "write", locked_twice)
    recorder = Recorder(db, mask=False)
    for event in wired(run("later")):
        recorder.take(event)
    while len(tried) < 3:
        os.sched_yield()
    recorder.close()
    assert recorder.problem() == ""
    assert read(db, "later") == rounded(run("later"))


@pytest.mark.parametrize("error", [sqlite3.OperationalError("database or disk is full"), OSError(28, "No space left")])
def test_a_full_disk_ends_the_recording_and_nothing_else(
    error: Exception, db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise error

    monkeypatch.setattr(recording_writer.RecordingWriter, "write", full)
    recorder = Recorder(db)
    for event in wired(run()):
        recorder.take(event)
    recorder.close()
    recorder.take(wired(run())[0])
    assert "The run goes on" in recorder.problem()
    assert recorder.problem() == ""  # it is said once


def test_a_place_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    recorder = Recorder(tmp_path / "file" / "threads.sqlite")
    for event in wired(run()):
        recorder.take(event)
    recorder.close()
    assert "cannot be written" in recorder.problem()


def test_a_session_without_a_run_leaves_no_file(db: Path) -> None:
    recorder = Recorder(db)
    for event in wired(run())[3:6]:
        recorder.take(event)
    recorder.close()
    assert not recording_path(db).exists()


def test_secrets_toml_that_cannot_be_read_is_said_and_secrets_are_masked(db: Path) -> None:
    db.with_name("secrets.toml").write_text("names = 3")
    recorder = Recorder(db)
    for event in wired(run()):
        recorder.take(event)
    recorder.close()
    assert "secrets.toml" in recorder.problem()
    assert "hunter2" not in repr(read(db))


def test_the_file_is_its_owners_alone(db: Path) -> None:
    record(db, run())
    assert recording_path(db).stat().st_mode & 0o077 == 0


# ---------------------------------------------------------------------- bounds


def session(id_: int, days: float, size: int = 10, *, ended: bool = True) -> Recorded:
    """One that began so many days ago."""
    began = 1_000_000_000 - days * DAY
    return Recorded(id_, "thread", "graph", began, began if ended else None, 1, size, 0.0, False, True)


def test_what_is_too_old_goes_then_the_oldest_of_too_much() -> None:
    all_ = [session(1, 50), session(2, 20), session(3, 10), session(4, 0.1)]
    gone = [s.id for s in excess(all_, 30 * DAY, 25, 1_000_000_000)]
    assert gone == [1, 2]
    assert excess(all_, 60 * DAY, 40, 1_000_000_000) == ()


def test_what_may_still_be_written_stays() -> None:
    all_ = [session(1, 3, ended=False), session(2, 0.5, ended=False), session(3, 0.6)]
    assert [s.id for s in excess(all_, DAY, 0, 1_000_000_000)] == [1, 3]


def test_cleaning_gives_the_space_back(db: Path) -> None:
    for number in range(4):
        record(db, run(f"thread{number}", tokens=20_000))
    path = recording_path(db)
    most = sum(s.bytes for s in _all(db)[2:])
    said = clean(path, most=most, dry_run=True)
    assert [s.thread for s in said.gone] == ["thread0", "thread1"]
    assert len(known(db)) == 4
    done = clean(path, most=most)
    assert done.gone == said.gone
    assert known(db) == [s.thread for s in done.kept] == ["thread2", "thread3"]
    assert done.after < done.before * 0.7
    assert read(db, "thread3")[0].thread == "thread3"  # type: ignore[union-attr]


def _all(db: Path) -> tuple[Recorded, ...]:
    connection = connect(recording_path(db))
    assert connection is not None
    with closing(connection):
        return sessions(connection, recording_path(db))


def test_the_command(db: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record(db, run("one"), run("two"))
    assert inspector(["clean", "--db", str(db)]) == 0
    assert "nothing to remove; 2 recordings kept" in capsys.readouterr().out
    assert inspector(["clean", "--db", str(db), "--max-size", "0", "--dry-run"]) == 0
    assert "2 recordings would go; 0 recordings kept" in capsys.readouterr().out
    assert inspector(["clean", "--db", str(db), "--older-than", "0h"]) == 0
    assert "2 recordings removed" in capsys.readouterr().out
    assert known(db) == []
    assert inspector(["clean", "--db", str(db.with_name("none.sqlite"))]) == 2
    assert "no file" in capsys.readouterr().err
    assert inspector(["clean", "--db", str(db), "--max-size", "lots"]) == 2
    assert "is no size" in capsys.readouterr().err


def test_ages_and_sizes() -> None:
    assert [age("12h"), age("30d"), age("1.5w")] == [43_200, 2_592_000, 907_200]
    assert [amount("500MB"), amount("2 gb"), amount("3k"), amount("7")] == [500_000_000, 2_000_000_000, 3_000, 7]
