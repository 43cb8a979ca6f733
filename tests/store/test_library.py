"""A library of checkpoint files, as the browser uses it: listed, read behind, filtered, followed, changed."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from langgraph.checkpoint.sqlite import SqliteSaver

from inspector.core.saved import Mark, ThreadKey
from inspector.core.values import decode
from inspector.errors import StoreError
from inspector.store.library import FileLibrary
from tests.store import programs
from tests.store.test_threads import fill

STANDINGS = {"fine": "done", "asks": "waiting", "broken": "failed", "half": "stopped"}


@pytest.fixture
def db(tmp_path: Path) -> Path:
    path = tmp_path / "app.sqlite"
    fill(
        path, ("fine", programs.fan_out), ("asks", programs.waiting_inside), ("broken", programs.failed),
        ("half", programs.stopped),
    )  # fmt: skip
    return path


@contextlib.asynccontextmanager
async def library(*paths: Path, follow: bool = False) -> AsyncIterator[FileLibrary]:
    shelf = FileLibrary(paths, follow=follow)
    shelf.begin()
    try:
        yield shelf
    finally:
        shelf.close()


async def until(shelf: FileLibrary, there: Callable[[], bool]) -> None:
    """Until the library has read so much that this holds."""
    async with asyncio.timeout(20):
        shelf.drain()
        while not there():
            await asyncio.sleep(0.005)
            shelf.drain()


def names(shelf: FileLibrary) -> list[str]:
    return [thread for _, thread in shelf.table.shown]


async def test_threads_are_listed_newest_first_and_read_when_they_are_wanted(db: Path) -> None:
    async with library(db) as shelf:
        await until(shelf, lambda: not shelf.busy)
        assert names(shelf) == ["half", "broken", "asks", "fine"]
        assert {key[1]: insight.standing for key, insight in shelf.table.insights.items()} == {
            "asks": "waiting", "broken": "failed",
        }, "what the index tells"  # fmt: skip
        shelf.want(shelf.table.shown)
        await until(shelf, lambda: not shelf.busy)
        assert {key[1]: insight.standing for key, insight in shelf.table.insights.items()} == STANDINGS
        insight = shelf.table.insights[0, "asks"]
        assert (insight.text, insight.node, insight.asked) == ("Which word?", "middle", 1)
        assert insight.size > 1000
        assert shelf.files[0].threads == 4
        assert not shelf.files[0].problem


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("AL", ["half"]), ("status:waiting", ["asks"]), ("status:fail", ["broken"]), ("status:done", ["fine"]),
        ("user:ana a", ["half", "asks"]), ("user:bob", []), ("source:loop status:stopped", ["half"]),
        ("tag:x", ["asks"]), ("billing", ["asks"]), ('"status:waiting"', []),
        ("user:", ["half", "broken", "asks", "fine"]),
    ],
)  # fmt: skip
async def test_what_is_typed_finds_threads(typed: str, found: list[str], db: Path) -> None:
    async with library(db) as shelf:
        await shelf.mark((0, "asks"), Mark("Billing", ("x",)))
        await until(shelf, lambda: not shelf.busy)
        shelf.filter(typed)
        await until(shelf, lambda: not shelf.busy)
        assert names(shelf) == found


async def test_marks_are_kept_beside_the_file(db: Path) -> None:
    before = db.read_bytes()
    async with library(db) as shelf:
        await shelf.mark((0, "asks"), Mark("Ana's", ("billing", "später")))
        await shelf.mark((0, "fine"), Mark("x"))
        await shelf.mark((0, "fine"), Mark())
    async with library(db) as shelf:
        assert shelf.table.marks == {(0, "asks"): Mark("Ana's", ("billing", "später"))}
    assert db.read_bytes() == before
    (db.parent / "app.sqlite.inspector.json").write_text("{ half of it")
    async with library(db) as shelf:
        assert shelf.table.marks == {}


async def test_what_others_write_is_followed(db: Path) -> None:
    async with library(db, follow=True) as shelf:
        await until(shelf, lambda: not shelf.busy)
        with SqliteSaver.from_conn_string(str(db)) as saver:
            programs.messages(saver)
            new: ThreadKey = (0, programs.CONFIG["configurable"]["thread_id"])
            await until(shelf, lambda: new in shelf.table.insights)
            assert shelf.table.insights[new].standing == "done"
            assert shelf.table.shown[0] == new
        rows = sqlite3.connect(db)
        rows.execute("DELETE FROM checkpoints WHERE thread_id = 'fine'")
        rows.commit()
        rows.close()
        shelf.refresh()
        await until(shelf, lambda: (0, "fine") not in shelf.table.listings)


async def test_questions_of_several_files_oldest_first(db: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.sqlite"
    fill(second, ("later", programs.waiting_inside), ("done", programs.messages))
    async with library(second, db, tmp_path / "missing.sqlite") as shelf:
        await until(shelf, lambda: not shelf.busy)
        questions = await shelf.questions()
        assert [question.key for question in questions] == [(1, "asks"), (0, "later")]
        assert decode(questions[0].value) == {"question": "Which word?"}
        assert questions[0].node == "middle"
        assert "no file" in shelf.files[2].problem
        with pytest.raises(StoreError, match="open already"):
            shelf.open(db)
        with pytest.raises(StoreError, match="no file"):
            shelf.open(tmp_path / "nowhere.sqlite")
    assert not (tmp_path / "missing.sqlite").exists()


async def test_deleting_says_what_goes_and_takes_it_all_or_nothing(db: Path) -> None:
    rows = sqlite3.connect(db)
    async with library(db) as shelf:
        await until(shelf, lambda: not shelf.busy)
        [said] = await shelf.losses([(0, "fine")])
        assert said.startswith("thread 'fine': 10 checkpoints (1 namespace of subgraphs), ")
        await shelf.mark((0, "fine"), Mark("x"))
        with pytest.raises(StoreError, match="no thread 'nobody'"):
            await shelf.delete([(0, "fine"), (0, "nobody")])
        assert rows.execute("SELECT count(*) FROM checkpoints WHERE thread_id = 'fine'").fetchone() == (10,)
        await shelf.delete([(0, "fine"), (0, "half")])
        await until(shelf, lambda: not shelf.busy)
        assert names(shelf) == ["broken", "asks"]
        for table in ("checkpoints", "writes"):
            assert {row[0] for row in rows.execute(f"SELECT thread_id FROM {table}")} == {"asks", "broken"}
    async with library(db) as shelf:
        assert shelf.table.marks == {}
    rows.close()


async def test_a_copy_is_the_same_thread_under_another_name(db: Path) -> None:
    async with library(db) as shelf:
        await shelf.copy((0, "fine"), "copy")
        with pytest.raises(StoreError, match="already"):
            await shelf.copy((0, "asks"), "copy")
        with pytest.raises(StoreError, match="no thread"):
            await shelf.copy((0, "nobody"), "other")
        await until(shelf, lambda: (0, "copy") in shelf.table.listings and not shelf.busy)
    rows = sqlite3.connect(db)
    for table in ("checkpoints", "writes"):
        both = [
            [row[1:] for row in rows.execute(f"SELECT * FROM {table} WHERE thread_id = ? ORDER BY rowid", (thread,))]
            for thread in ("fine", "copy")
        ]
        assert both[0]
        assert both[0] == both[1]
    rows.close()
