"""A recording gives back what was recorded: whole, masked, cut off, damaged, of an older or a newer inspector."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from inspector.core.batches import fold, unfold
from inspector.core.events import (
    Event,
    Failure,
    Log,
    RunEnded,
    RunStarted,
    SpanEnded,
    SpanStarted,
    TaskEnded,
    TaskStarted,
    Token,
    to_wire,
)
from inspector.core.replay import Player
from inspector.debuggee.encode import preview
from inspector.errors import StoreError
from inspector.link.frames import Reader, pack
from inspector.recorder import Recorder
from inspector.store.recording import open_recording, recording_path
from inspector.store.recording_format import Damaged, decode, encode
from inspector.store.recording_schema import VERSION
from inspector.store.secrets import MASK
from tests.replay.same import same
from tests.replay.test_moments import appended, rounded


def run(thread: str = "thread", tokens: int = 50, *, ended: bool = True, secret: str = "") -> list[Event]:
    """A run of one task that calls a model and a tool, which fails."""
    says = [f"word{n} " for n in range(tokens)] + list(secret)
    events: list[Event] = [
        RunStarted(0.0, "run", thread, "graph", 1_700_000_000.0, preview({"password": "hunter2"})),
        TaskStarted(0.01, (), "task", "ask", 1, input=preview({"q": secret})),
        SpanStarted(0.02, "model", None, "model", "Model", "task"),
        *(Token(0.03 + n / 1000, "model", "text", text) for n, text in enumerate(says)),
        Token(0.5, "model", "tool_call", '{"api_key": "', 0, "search", "call"),
        Token(0.5, "model", "tool_call", 'hunter2-and-more"}', 0),
        SpanEnded(0.6, "model", "ok", preview(secret), calls=("call",)),
        SpanStarted(0.7, "tool", None, "tool", "search", "task", call_id="call"),
        SpanEnded(0.8, "tool", "error", error=Failure("ValueError", f"no {secret}", "trace")),
        Log(0.85, "stdout", f"used {secret}"),
        TaskEnded(0.9, (), "task", "ask", "ok"),
    ]
    return [*events, RunEnded(1.0, "done")] if ended else events


def wired(events: list[Event]) -> list[list[Any]]:
    """The events as they come off the link."""
    return [item for items in Reader().feed(pack([to_wire(event) for event in events])) for item in items]


def record(db: Path, *runs: list[Event], mask: bool = True) -> None:
    """Record runs, each as one inspector would."""
    for events in runs:
        recorder = Recorder(db, mask=mask)
        for event in wired(events):
            recorder.take(event)
        recorder.close()
        assert recorder.problem() == ""


def read(db: Path, thread: str = "thread") -> list[Event]:
    recording = open_recording(db, thread)
    assert recording is not None
    with closing(recording):
        events = list(recording.events())
        assert len(events) == recording.count
        assert recording.missing == 0
        return events


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "threads.sqlite"


def test_what_was_recorded_comes_back(db: Path) -> None:
    first, second = run(tokens=10_000), run()
    record(db, first, second, run("another"), mask=False)
    assert read(db) == rounded(first + second)
    assert read(db, "another") == rounded(run("another"))
    assert open_recording(db, "none") is None
    assert open_recording(db.with_name("none.sqlite"), "thread") is None
    assert not recording_path(db.with_name("none.sqlite")).exists()


def test_a_recording_is_replayed(db: Path) -> None:
    record(db, run(tokens=9_000), run(), mask=False)
    recording = open_recording(db, "thread")
    assert recording is not None
    with closing(recording):
        player = Player(recording.batches(), recording.count)
        while player.load(0.0):
            pass
        assert player.length == recording.count
        assert player.duration == pytest.approx(recording.duration)
        for kind in ("error", "interrupt", "tool"):
            assert list(player.marks(kind)) == [at for at, known in recording.marks() if known == kind]
        assert len(player.marks("tool")) == len(player.marks("error")) == 2
    events = read(db)
    for position in (0, 1, 5_000, 9_005, 9_014, 9_015, len(events)):
        player.seek(position)
        same(player.run, appended(events[:position]))


def test_writing_as_one_goes_gives_the_same(db: Path) -> None:
    """The chunk that is still open is written again and again."""
    from inspector.store.recording_writer import Chunker, RecordingWriter

    file = RecordingWriter(recording_path(db))
    session = file.begin("thread", "graph", False)
    chunker = Chunker(None)
    events = wired(run(tokens=9_000))
    for start in range(0, len(events), 700):
        file.write(session, chunker.chunks(events[start : start + 700]), chunker.state)
        assert read(db)[: start + 700] == rounded(run(tokens=9_000))[: min(start + 700, len(events))]
    file.close()


def test_secrets_are_masked_in_every_place(db: Path) -> None:
    secret = "sk-abcdefghijklmnop0123456789"
    record(db, run(secret=secret))
    body = b"".join(encode_again for (encode_again,) in _rows(db, "SELECT body FROM chunks"))
    events = read(db)
    said = repr(events) + repr([decode(body)])
    assert secret not in said
    assert "hunter2" not in said
    assert MASK in said
    tokens = [event.text for event in events if isinstance(event, Token)]
    assert (
        "".join(tokens)
        == f"{''.join(f'word{n} ' for n in range(50))}sk-{MASK}".replace("sk-", "") + f'{{"api_key": "{MASK}"}}'
    )
    assert len(tokens) == 50 + len(secret) + 2
    assert open_recording(db, "thread").sessions[0].masked  # type: ignore[union-attr]


def test_secrets_are_recorded_when_asked_for(db: Path) -> None:
    events = run(secret="sk-abcdefghijklmnop0123456789")
    record(db, events, mask=False)
    assert read(db) == rounded(events)


def test_a_run_that_was_cut_off_has_an_end(db: Path) -> None:
    record(db, run(ended=False), run())
    events = read(db)
    ends = [event for event in events if isinstance(event, RunEnded)]
    assert [(end.status, end.t) for end in ends] == [("cancelled", 0.9), ("done", 1.0)]
    assert "thread keeps its checkpoints" in str(ends[0].error)
    assert not [node for _, node in appended(events).walk() if node.open]


def _rows(db: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(recording_path(db))) as connection, connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize("body", ["zeroblob(40)", "substr(body, 1, length(body) / 2)", "'text'", "''"])
def test_a_damaged_chunk_is_left_out(body: str, db: Path) -> None:
    record(db, run(tokens=9_000))
    _rows(db, f"UPDATE chunks SET body = {body} WHERE first > 0 AND first < 8000")
    recording = open_recording(db, "thread")
    assert recording is not None
    with closing(recording):
        events = list(recording.events())
        assert recording.missing == recording.count - len(events) > 0
    assert isinstance(events[-1], RunEnded)


@pytest.mark.parametrize(
    "content", [b"no database at all, but long enough to have a page of its own" * 20, b"SQLite format 3\0"]
)
def test_a_file_that_is_no_recording_is_said_so(content: bytes, db: Path) -> None:
    recording_path(db).write_bytes(content)
    with pytest.raises(StoreError, match="recording"):
        open_recording(db, "thread")
    recorder = Recorder(db)
    for event in run():
        recorder.take(event)
    recorder.close()
    assert "not recorded" in recorder.problem()
    assert recording_path(db).read_bytes() == content


def test_another_programs_database_is_left_alone(db: Path) -> None:
    _rows(db, "CREATE TABLE theirs(x)")
    before = recording_path(db).read_bytes()
    with pytest.raises(StoreError, match="no recording"):
        open_recording(db, "thread")
    recorder = Recorder(db)
    for event in run():
        recorder.take(event)
    recorder.close()
    assert "no recording" in recorder.problem()
    assert recording_path(db).read_bytes() == before


def test_a_file_of_a_newer_inspector_is_refused(db: Path) -> None:
    record(db, run())
    _rows(db, f"PRAGMA user_version={VERSION + 1}")
    with pytest.raises(StoreError, match="newer inspector"):
        open_recording(db, "thread")


def test_a_file_of_an_older_inspector_is_read_and_brought_up_to_date(db: Path) -> None:
    """Version 1 had no marks."""
    record(db, run(), mask=False)
    with closing(sqlite3.connect(recording_path(db))) as connection, connection:
        connection.execute("DROP TABLE marks")
        connection.execute("PRAGMA user_version=1")
    assert read(db) == rounded(run())
    recording = open_recording(db, "thread")
    assert recording is not None
    with closing(recording):
        assert recording.marks() == []
    record(db, run(), mask=False)
    assert read(db) == rounded(run() + run())
    recording = open_recording(db, "thread")
    assert recording is not None
    with closing(recording):
        assert [kind for _, kind in recording.marks()] == ["tool", "error"] * 2


@pytest.mark.parametrize("blob", [b"", b"x" * 100, encode(fold(run())[0])[:-3]])
def test_bytes_that_are_no_batch(blob: bytes) -> None:
    with pytest.raises(Damaged):
        decode(blob)


def test_a_batch_that_contradicts_itself_is_refused() -> None:
    for change in ("positions", "lengths", "ticks"):
        (batch,) = fold(run())
        getattr(batch.tokens[0], change).append(10**9)
        with pytest.raises(Damaged):
            decode(encode(batch))


def test_hostile_texts_survive(db: Path) -> None:
    text = "\x1b[31m\ud800 \u202e\0 日本 👩‍🚀"
    events: list[Event] = [*run(ended=False)[:3], Token(0.1, "model", "text", text), Log(0.2, "stdout", text)]
    record(db, events)
    token, log = read(db)[3:5]
    assert isinstance(token, Token)
    assert isinstance(log, Log)
    assert token.text == log.text == text.replace("\ud800", "?")


def test_folding_keeps_the_order_of_parallel_streams() -> None:
    events: list[Event] = [Token(n / 100, f"span{n % 3}", "text", str(n)) for n in range(30)]
    events[10:10] = [Log(0.1, "stdout", "between")]
    assert [e for batch in fold(events) for e in unfold(batch)] == events
