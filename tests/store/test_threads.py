"""Checkpoint files of others: listed by the index, told truly, never changed, never in a writer's way; and files that
are broken or mean harm."""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ormsgpack
import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from inspector.core.events import CheckpointSaved, TaskStarted
from inspector.core.values import Opaque
from inspector.errors import StoreError, UnknownThread
from inspector.store import admin
from inspector.store.checkpoints import CheckpointFile
from inspector.store.inbox import waiting
from inspector.store.rebuild import rebuild
from inspector.store.threads import ThreadFile
from tests.store import programs
from tests.store.programs import CONFIG

THREAD = CONFIG["configurable"]["thread_id"]


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "app ü?#.sqlite"


def fill(db: Path, *runs: tuple[str, Any]) -> None:
    """Run programs, each on a thread of its own."""
    with SqliteSaver.from_conn_string(str(db)) as saver:
        for thread, program in runs:
            program(saver)
            saver.conn.execute("UPDATE checkpoints SET thread_id = ? WHERE thread_id = ?", (thread, THREAD))
            saver.conn.execute("UPDATE writes SET thread_id = ? WHERE thread_id = ?", (thread, THREAD))
            saver.conn.commit()


@contextlib.contextmanager
def opened(db: Path) -> Iterator[ThreadFile]:
    file = ThreadFile(db)
    try:
        yield file
    finally:
        file.close()


def browse(db: Path) -> None:
    """Everything that browsing does."""
    file, states = ThreadFile(db), CheckpointFile(db)
    file.changes()
    for summary in [*file.recent(), *(one for batch in file.scan(batch=2) for one in batch)]:
        file.details(summary)
        file.bytes(summary.id)
        for event in rebuild(file, summary.id):
            if isinstance(event, CheckpointSaved):
                states.state(summary.id, event.id, event.ns)
    list(waiting(file))
    file.changes()
    file.close()
    states.close()


def picture(directory: Path) -> dict[str, str]:
    """What is in a directory, byte for byte."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.iterdir()}


# ---------------------------------------------------------------------- what is told


def test_how_threads_stand(db: Path) -> None:
    fill(
        db, ("fine", programs.fan_out), ("asks", programs.waiting_inside), ("broken", programs.failed),
        ("half", programs.stopped), ("again", programs.failed_then_done),
    )  # fmt: skip
    with opened(db) as file:
        told = {summary.id: (summary, file.details(summary)) for batch in file.scan() for summary in batch}
        assert {id_: details.status for id_, (_, details) in told.items()} == {
            "fine": "done", "asks": "waiting", "broken": "failed", "half": "stopped", "again": "done",
        }  # fmt: skip
        assert {id_: summary.hint for id_, (summary, _) in told.items() if summary.hint != "unknown"} == {
            "asks": "waiting", "broken": "failed",
        }  # fmt: skip
        assert told["asks"][1].question == "Which word?"
        assert told["asks"][1].next == ("middle",)
        assert told["broken"][1].error == "ValueError: no words left (today)"
        assert told["half"][1].next == ("d",)
        assert told["fine"][1].metadata["user"] == "ana"
        fine, details = told["fine"]
        assert (fine.own, fine.checkpoints, fine.supersteps, details.step) == (6, 10, 4, 4)
        assert fine.began is not None
        assert fine.at is not None
        assert fine.began < fine.at
        assert [summary.id for summary in file.recent(2)] == ["again", "half"]
        [asked] = waiting(file)
        assert (asked.thread, asked.node, asked.value) == ("asks", "middle", {"question": "Which word?"})
        rows = sqlite3.connect(db)
        [(states, values)] = rows.execute(
            "SELECT (SELECT sum(length(checkpoint) + length(metadata)) FROM checkpoints WHERE thread_id = 'fine'), "
            "(SELECT sum(coalesce(length(value), 0)) FROM writes WHERE thread_id = 'fine')"
        )
        rows.close()
        assert file.bytes("fine") == states + values


@pytest.mark.parametrize("name", ["it's", '"q"', "a\nb", "🦜\u202e", "\x1b[31m", "%_", "", "a\x00b", "x" * 5000])
def test_threads_of_any_name(name: str, db: Path) -> None:
    fill(db, (name, programs.waiting_inside), ("other", programs.messages))
    with opened(db) as file:
        names = [summary.id for batch in file.scan(batch=1) for summary in batch]
        assert sorted(names) == sorted([name, "other"])
        assert file.details(file.summary(name)).status == "waiting"
        assert sum(isinstance(event, TaskStarted) for event in rebuild(file, name)) == 7
    admin.copy(db, name, f"{name} again")
    admin.delete(db, [name])
    with opened(db) as file:
        assert {summary.id for summary in file.recent()} == {"other", f"{name} again"}
        with pytest.raises(UnknownThread):
            file.summary(name)


@pytest.mark.parametrize("old", ["no task_path", "no writes"])
def test_files_of_earlier_versions(old: str, db: Path) -> None:
    fill(db, ("t", programs.waiting_inside))
    rows = sqlite3.connect(db)
    rows.execute("ALTER TABLE writes DROP COLUMN task_path" if old == "no task_path" else "DROP TABLE writes")
    rows.close()
    with opened(db) as file:
        details = file.details(file.recent()[0])
        assert details.status == ("waiting" if old == "no task_path" else "stopped")
        assert details.next == (("middle",) if old == "no task_path" else ("beside", "middle"))
        nodes = [event.node for event in rebuild(file, "t") if isinstance(event, TaskStarted)]
        assert nodes.count("before") == 1
        assert "middle" in nodes


@pytest.mark.parametrize(
    ("type_", "blob"), [("json", b'{"v": 1, "channel_values": {"n": 2}}'), ("pickle", b"cos\nsystem\n")]
)
def test_rows_that_are_no_msgpack_are_shown_as_what_they_are(type_: str, blob: bytes, db: Path) -> None:
    fill(db, ("t", programs.messages))
    rows = sqlite3.connect(db)
    rows.execute("UPDATE checkpoints SET type = ?, checkpoint = ?", (type_, blob))
    rows.commit()
    rows.close()
    browse(db)
    with opened(db) as file:
        summary = file.summary("t")
        state = CheckpointFile(db).state("t", summary.newest)
        if type_ == "json":
            assert state.values == {"n": 2}
        else:
            assert "pickle" in state.problem
            assert file.details(summary).status == "unknown"


# ---------------------------------------------------------------------- untouched


def test_browsing_leaves_everything_as_it_was(db: Path) -> None:
    fill(db, ("a", programs.fan_out), ("b", programs.waiting_inside), ("c", programs.forked))
    before = picture(db.parent)
    browse(db)
    assert picture(db.parent) == before, "byte for byte, and nothing beside it"


def test_what_a_writer_adds_is_seen(db: Path) -> None:
    fill(db, ("a", programs.messages))
    with opened(db) as file:
        assert not file.changes()
        assert not file.changes()
        with SqliteSaver.from_conn_string(str(db)) as saver:  # it has the file open, with a log beside it
            programs.waiting_inside(saver)
            changes = file.changes()
            assert changes.threads == (THREAD,)
            assert file.details(file.summary(THREAD)).status == "waiting"
            assert not file.changes()
        assert len(file.recent()) == 2
        admin.delete(db, [THREAD])
        assert file.changes().all
        assert len(file.recent()) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="becomes somebody who may not write")
def test_a_directory_that_may_not_be_written(tmp_path: Path) -> None:
    directory = tmp_path / "theirs"
    directory.mkdir()
    db = directory / "app.sqlite"
    fill(db, ("t", programs.waiting_inside))
    (directory / "app.sqlite-wal").touch()  # as a reader of other make leaves it
    with opened(db) as file:
        assert file.details(file.recent()[0]).status == "waiting"  # and all is imported
    for path in (tmp_path, *tmp_path.parents):
        if path.name.startswith(("pytest-", "popen-", "test_")):
            path.chmod(0o755)
    directory.chmod(0o555)
    db.chmod(0o444)
    os.seteuid(65534)
    try:
        with pytest.raises(PermissionError):
            (directory / "more").touch()
        with opened(db) as file:
            assert file.details(file.recent()[0]).status == "waiting"
        with pytest.raises(StoreError, match="cannot be written"):
            admin.delete(db, ["t"])
    finally:
        os.seteuid(0)


WRITER = """
    import sqlite3, sys
    from langgraph.checkpoint.base import empty_checkpoint, uuid6
    from langgraph.checkpoint.sqlite import SqliteSaver

    connection = sqlite3.connect(sys.argv[1], timeout=0, check_same_thread=False)
    saver = SqliteSaver(connection)
    saver.setup()
    print("ready", flush=True)
    parent = {"configurable": {"thread_id": "busy", "checkpoint_ns": ""}}
    for step in range(1_000_000):
        if step == 20:
            print("writing", flush=True)
        checkpoint = {**empty_checkpoint(), "id": str(uuid6(clock_seq=step)), "channel_values": {"n": "x" * 5000}}
        parent = saver.put(parent, checkpoint, {"source": "loop", "step": step}, {})
        saver.put_writes(parent, [("n", "x" * 500)], f"task-{step}", "~__pregel_pull, node")
        if step % 50 == 0 and sys.stdin in __import__("select").select([sys.stdin], [], [], 0)[0]:
            break
    print("done", step, flush=True)
"""


def test_a_writer_at_full_speed_is_never_in_our_way_nor_we_in_its(db: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(db)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert writer.stdout is not None
    assert writer.stdout.readline() == "ready\n"
    assert writer.stdout.readline() == "writing\n"
    seen: list[int] = []
    with opened(db) as file:
        file.changes()
        while len(seen) < 12 or seen[-1] < seen[0] + 40:  # it is seen to grow
            seen.append(file.summary("busy").checkpoints)
            file.details(file.summary("busy"))
            file.bytes("busy")
            file.changes()
    out, err = writer.communicate("stop\n", timeout=60)
    assert writer.returncode == 0, err
    written = int(out.split()[-1]) + 1
    assert seen == sorted(seen)
    assert seen[-1] <= written
    with opened(db) as file:
        assert file.summary("busy").checkpoints == written


def test_a_locked_file_is_waited_for_and_that_is_said(db: Path) -> None:
    fill(db, ("t", programs.messages))
    rows = sqlite3.connect(db, isolation_level=None, check_same_thread=False)
    rows.execute("PRAGMA journal_mode=DELETE")
    rows.execute("BEGIN EXCLUSIVE")
    said: list[str] = []

    def let_go(text: str) -> None:
        said.append(text)
        threading.Timer(0.05, lambda: rows.execute("COMMIT")).start()

    file = ThreadFile(db, waiting=let_go)
    assert [summary.id for summary in file.recent()] == ["t"]
    assert len(said) == 1
    assert "locked by another program" in said[0]
    file.close()
    rows.close()


# ---------------------------------------------------------------------- broken and hostile


def test_a_missing_file_is_said_to_be_missing_and_not_made(db: Path) -> None:
    with pytest.raises(StoreError, match="There is no file"):
        ThreadFile(db).check()
    assert list(db.parent.iterdir()) == []


@pytest.mark.parametrize("content", [b"hello, I am a text", b"SQLite format 3\x00" + b"\x00" * 200])
def test_what_is_no_database_is_said_to_be_none(content: bytes, db: Path) -> None:
    db.write_bytes(content)
    with pytest.raises(StoreError, match="no SQLite file"):
        ThreadFile(db).check()


def test_a_database_of_something_else_and_an_empty_one(db: Path) -> None:
    db.touch()
    with opened(db) as file:
        assert file.recent() == []
        assert list(file.scan()) == []
        assert not file.changes()
    rows = sqlite3.connect(db)
    rows.execute("CREATE TABLE songs (name TEXT)")
    rows.close()
    with pytest.raises(StoreError, match="no LangGraph checkpoint file"):
        ThreadFile(db).check()


def test_a_truncated_file_says_so(db: Path) -> None:
    fill(db, ("a", programs.fan_out), ("b", programs.fan_out))
    content = db.read_bytes()
    for share in (0.3, 0.6, 0.9):
        db.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(StoreError, match="damaged"):
            browse(db)


BOMB = b"\x91" * 900 + b"\xc0"
HARM = ormsgpack.packb(
    ormsgpack.Ext(0, ormsgpack.packb(["os", "system", "touch harmed"])), option=ormsgpack.OPT_NON_STR_KEYS
)


@pytest.mark.parametrize(
    "blob",
    [os.urandom(300), b"", b"\xdd\xff\xff\xff\xff", b"\x80" * 700_000, BOMB, HARM, b"\xdc\x4e\x20" + b"\x80" * 20_000],
    ids=["random", "empty", "claims 4 billion", "many maps", "deep", "os.system", "wide"],
)
def test_blobs_that_mean_harm_are_shown_and_no_more(blob: bytes, db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(db, ("t", programs.waiting_inside))
    before = set(sys.modules)
    monkeypatch.chdir(db.parent)
    rows = sqlite3.connect(db)
    good, kind = rows.execute("SELECT checkpoint, type FROM checkpoints ORDER BY checkpoint_id DESC").fetchone()
    around = ormsgpack.unpackb(good, ext_hook=ormsgpack.Ext, option=ormsgpack.OPT_NON_STR_KEYS)
    whole = ormsgpack.packb({**around, "channel_values": {"good": 1}}, option=ormsgpack.OPT_NON_STR_KEYS)
    assert whole.count(b"\x81\xa4good\x01") == 1
    within = whole.replace(b"\x81\xa4good\x01", b"\x82\xa4good\x01\xa3bad" + (blob or b"\xc0"))
    newest = rows.execute("SELECT max(checkpoint_id) FROM checkpoints WHERE checkpoint_ns = ''").fetchone()[0]
    rows.execute("UPDATE checkpoints SET checkpoint = ? WHERE checkpoint_id = ?", (within, newest))
    rows.execute("UPDATE checkpoints SET checkpoint = ?, metadata = ? WHERE checkpoint_ns != ''", (blob, blob))
    rows.execute("UPDATE writes SET value = ?", (blob,))
    rows.commit()
    rows.close()
    browse(db)
    state = CheckpointFile(db).state("t", newest)
    if blob == HARM:
        assert state.values == {"good": 1, "bad": Opaque("os.system", "touch harmed")}
    assert state.values.get("good") == 1 or state.problem
    assert not (db.parent / "harmed").exists()
    assert {name for name in set(sys.modules) - before if not name.startswith("inspector.")} == set()
    assert kind == "msgpack"


def test_a_value_of_many_megabytes_tells_its_size_and_its_beginning(db: Path) -> None:
    fill(db, ("t", programs.messages))
    rows = sqlite3.connect(db)
    newest = rows.execute("SELECT max(checkpoint_id) FROM checkpoints").fetchone()[0]
    text, items = "é" * 20_000_000, ormsgpack.packb(list(range(100)))
    values = b"\x83\xa4text\xdb" + (40_000_000).to_bytes(4, "big") + text.encode() + b"\xa5items" + items + b"\xa1n\x07"
    blob = b"\x84\xa1v\x04\xaechannel_values" + values + b"\xb0channel_versions\x80\xadversions_seen\x80"
    rows.execute("UPDATE checkpoints SET checkpoint = ? WHERE checkpoint_id = ?", (blob, newest))
    rows.commit()
    rows.close()
    state = CheckpointFile(db).state("t", newest)
    assert state.sizes == {"text": 40_000_005, "items": len(items), "n": 1}
    assert state.values["n"] == 7
    assert state.values["items"] == list(range(100))
    assert state.values["text"].total == 40_000_000
    assert set(state.values["text"].text) == {"é"}
    with opened(db) as file:
        assert file.details(file.summary("t")).status == "done"
        assert file.part("t", "", newest, ["text"], 39_999_998, 10) == ("é", 40_000_000)
        assert file.part("t", "", newest, ["text"], 1, 4) == ("éé", 40_000_000)  # that begin in there
        assert file.part("t", "", newest, ["items"], 97, 10) == ([97, 98, 99], 100)
        assert file.part("t", "", newest, ["items", 5]) == (5, 1)
        with pytest.raises(StoreError, match="no 'other'"):
            file.part("t", "", newest, ["other"])


def test_any_part_of_a_state_can_be_read_by_itself(db: Path) -> None:
    fill(db, ("t", programs.messages))
    with opened(db) as file:
        newest = file.summary("t").newest
        (human, ai), count = file.part("t", "", newest, ["messages"])
        assert count == 2
        assert [human, ai] == CheckpointFile(db).state("t", newest).values["messages"]
        assert file.part("t", "", newest, ["messages", 1, "tool_calls", 0, "args"]) == ({"where": "up"}, 1)
        assert file.part("t", "", newest, ["messages", 1, "content"], 4, 2) == ("me", 12)
        assert file.part("t", "", newest, ["messages"], 1)[0] == [ai]
        with pytest.raises(UnknownThread):
            file.part("t", "", "gone", ["messages"])
