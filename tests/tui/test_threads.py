"""The browser of saved threads: every action, on a file that a plain LangGraph program wrote."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from inspector.core.saved import Mark
from inspector.core.threadtable import ThreadTable
from inspector.store.marks import Marks
from inspector.tui.screens.ask import AskScreen, ConfirmScreen
from inspector.tui.screens.help import HelpScreen
from inspector.tui.threads.inbox import InboxScreen
from tests.tui.drive import screen_text, shows, type_text, until
from tests.tui.saved import EVIL, THREADS, append, browser, browsing, line, make, shown


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "app.sqlite"
    make(path)
    return path


@pytest.fixture
def app_db(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "app.sqlite"))


def lists(pilot: Pilot[int], threads: list[str]) -> bool:
    return shown(pilot) == threads


def sorted_by(table: ThreadTable) -> str:
    return table.column


def threads_in(path: Path) -> set[str]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        found = {row[0] for row in connection.execute("SELECT DISTINCT thread_id FROM checkpoints")}
    connection.close()
    return found


async def test_each_thread_says_how_it_stands(app_db: Path) -> None:
    before = hashlib.sha256(app_db.read_bytes()).hexdigest()
    async with browsing(app_db) as pilot:
        await shows(pilot, "9 threads", "‖ Book it for 200 EUR?", "✖ book: TimeoutError", "○ stopped before book")
        await until(pilot, lambda: "…" not in line(pilot, "trip-1"))
        words = line(pilot, "trip-1").split()
        assert words[-2:] == ["✔", "done"]
        assert words[-6:-4] == ["2", "4"]  # superstep, checkpoints
        assert shown(pilot)[0] == "paused"  # the last that was written to
        assert "evil␛[31m⏎id [bold]'x'" in screen_text(pilot)
        assert "\x1b" not in screen_text(pilot)
        await pilot.press("down", "end", "home", "enter")
        await until(pilot, lambda: pilot.app.screen is not browser(pilot))
    assert hashlib.sha256(app_db.read_bytes()).hexdigest() == before
    assert [path.name for path in app_db.parent.iterdir()] == ["app.sqlite"]


async def test_sorting_by_every_column_either_way(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        assert shown(pilot) == [name if name != EVIL else "evil␛[31m\nid [bold]'x'" for name in reversed(THREADS)]
        await pilot.press("s")
        assert shown(pilot)[:3] == ["evil␛[31m\nid [bold]'x'", "fail-1", "paused"]
        await pilot.press("S")
        assert shown(pilot)[0] == "日本"
        table: ThreadTable = browser(pilot).library.table
        await pilot.press("s")
        counts = [table.listings[key].steps for key in table.shown]
        assert counts == sorted(counts, reverse=True)
        await pilot.press("s", "s")
        assert sorted_by(table) == "size"
        await until(pilot, lambda: all(key in table.insights and table.insights[key].size for key in table.shown))
        await until(pilot, lambda: not browser(pilot).library.busy)
        sizes = [table.insights[key].size for key in table.shown]
        assert sizes == sorted(sizes, reverse=True)
        await pilot.press("s")
        await until(pilot, lambda: shown(pilot)[0][:4] == "wait")
        at = line(pilot, "checkpoints").index("last")
        await pilot.click("#threads", offset=(at, 0))  # the titles sort, too
        assert sorted_by(table) == "last"
        assert "last ▼" in screen_text(pilot)


async def test_typing_filters_at_once(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        screen = browser(pilot)
        await until(pilot, lambda: screen._filter_bar is not None and screen._filter_bar.line.is_attached)
        await pilot.press("slash")
        await until(pilot, lambda: screen.filtering)
        await type_text(pilot, "TRIP")
        await until(pilot, lambda: shown(pilot) == ["trip-3", "trip-2", "trip-1"])
        await shows(pilot, "3 shown", "filter ▸ TRIP")
        await pilot.press("enter")  # back to the list, the filter stays
        assert not screen.filtering
        await pilot.press("s")
        assert shown(pilot) == ["trip-1", "trip-2", "trip-3"]
        await pilot.press("escape")
        assert len(shown(pilot)) == 9
        for text, found in (
            ("status:wait", ["wait-1", "wait-2"]), ("status:done topic:lis", None), ("user:trip-2", ["trip-2"]),
            ("nothing-like-it", []),
        ):  # fmt: skip
            await pilot.press("slash")
            await until(pilot, lambda: screen.filtering)
            await type_text(pilot, text)
            wanted = found if found is not None else ["evil␛[31m\nid [bold]'x'", "trip-1", "trip-2", "trip-3", "日本"]
            await until(pilot, partial(lists, pilot, wanted))
            if not wanted:
                await shows(pilot, "No thread matches nothing-like-it")
            await pilot.press("escape")
            assert len(shown(pilot)) == 9


async def test_names_and_tags_are_kept_beside_the_file(app_db: Path) -> None:
    before = app_db.read_bytes()
    async with browsing(app_db) as pilot:
        await pilot.press("s", "n")  # by name: the hostile one is the first
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await type_text(pilot, "mine")
        await pilot.press("enter")
        await until(pilot, lambda: "mine evil␛[31m" in screen_text(pilot))
        await pilot.press("space", "space", "t")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await type_text(pilot, "#billing later")
        await pilot.press("enter")
        await shows(pilot, "2 marked", "#billing #later")
        await pilot.press("escape")
        assert not browser(pilot).library.table.chosen
        await pilot.press("slash")
        await until(pilot, lambda: browser(pilot).filtering)
        await type_text(pilot, "tag:bill")
        await until(pilot, lambda: len(shown(pilot)) == 2)
    marks = Marks(app_db).load()
    assert marks[EVIL] == Mark("mine", ("billing", "later"))
    assert marks["fail-1"] == Mark("", ("billing", "later"))
    assert app_db.read_bytes() == before


async def test_copying_and_deleting_say_first_what_they_do(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        await pilot.press("s", "down", "c")  # fail-1
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        for _ in "fail-1-2":
            await pilot.press("backspace")
        await type_text(pilot, "trip-1")
        await pilot.press("enter")
        await shows(pilot, "There is a thread 'trip-1' already.")
        for _ in "1":
            await pilot.press("backspace")
        await type_text(pilot, "9")
        await pilot.press("enter")
        await until(pilot, lambda: "trip-9" in shown(pilot))
        await shows(pilot, "trip-9")
        await pilot.press("D")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await shows(pilot, "Delete fail-1?", "checkpoints", "y delete for good")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is browser(pilot))
        assert "fail-1" in threads_in(app_db)
        await pilot.press("space", "space", "D")  # fail-1 and paused
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await shows(pilot, "Delete 2 threads?", "fail-1, paused")
        await pilot.press("y")
        await until(pilot, lambda: "paused" not in shown(pilot) and "fail-1" not in shown(pilot))
    assert threads_in(app_db) == {*THREADS, "trip-9"} - {"fail-1", "paused"}


async def test_a_file_that_cannot_be_written_keeps_its_threads(app_db: Path) -> None:
    holder = sqlite3.connect(app_db, isolation_level=None)
    async with browsing(app_db) as pilot:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("inspector.store.admin._WAIT", 0.05)
            await pilot.press("D")
            await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
            await pilot.press("y")
            await until(pilot, lambda: any("locked" in note.message for note in pilot.app._notifications))
        assert len(shown(pilot)) == 9
    holder.rollback()
    holder.close()
    assert threads_in(app_db) == set(THREADS)


async def test_exporting(app_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with browsing(app_db) as pilot:
        await pilot.press("s", "S", "down", "e")  # wait-2
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await shows(pilot, "wait-2.html")
        for _ in "html":
            await pilot.press("backspace")
        await type_text(pilot, "txt")
        await pilot.press("enter")
        await shows(pilot, "The file's name says the format")
        for _ in "txt":
            await pilot.press("backspace")
        await type_text(pilot, "json")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "wait-2.json").exists())
        await until(pilot, lambda: any("Exported to wait-2.json" in note.message for note in pilot.app._notifications))
        await pilot.press("space", "space", "e")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await shows(pilot, "Export 2 threads")
        await pilot.press("enter")
        await until(pilot, lambda: (tmp_path / "wait-1-thread.html").exists())
    assert "wait-2" in json.dumps(json.loads((tmp_path / "wait-2.json").read_text()))
    assert "Book it for 200 EUR?" in (tmp_path / "wait-2-thread.html").read_text()


async def test_following_shows_what_another_program_writes(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        await pilot.press("down", "down", "f")
        await shows(pilot, "following")
        at = browser(pilot).rows.at
        append(app_db, "landed")
        await shows(pilot, "10 threads", "landed")
        assert shown(pilot)[0] == "landed"
        assert browser(pilot).rows.at == at  # the cursor stays where it was
        append(app_db, "landed", "wait")
        await until(pilot, lambda: "‖ Book it" in line(pilot, "landed"))


async def test_the_inbox_asks_the_oldest_question_first(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        await pilot.press("I")
        await until(pilot, lambda: isinstance(pilot.app.screen, InboxScreen))
        await shows(pilot, "2 questions", "oldest first", "‖ book asks", "flight  TP 1363")
        lines = [line for line in screen_text(pilot).splitlines() if "‖ Book it for 200 EUR?" in line]
        assert ["wait-1" in lines[0], "wait-2" in lines[1]] == [True, True]
        await pilot.press("enter")
        await shows(pilot, "wait-1", "‖ interrupted", "answer ▸", "without its graph")
        await pilot.press("escape", "T")
        await until(pilot, lambda: isinstance(pilot.app.screen, InboxScreen))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is browser(pilot))


async def test_several_files_and_what_is_wrong_with_one(app_db: Path, tmp_path: Path) -> None:
    other = Path(shutil.copy(app_db, tmp_path / "other.sqlite"))
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database at all" * 100)
    async with browsing(app_db, other, broken) as pilot:
        await shows(pilot, "18 threads", "file", "other.sqlite", "✖ broken.sqlite: ")
        assert len(shown(pilot)) == 18
        assert "is no SQLite file" in browser(pilot).library.files[2].problem
    assert not (tmp_path / "missing.sqlite").exists()


async def test_an_empty_file_says_so(tmp_path: Path) -> None:
    path = tmp_path / "empty.sqlite"
    path.touch()
    async with browsing(path) as pilot:
        await shows(pilot, "0 threads", "There are no threads")
        await pilot.press("enter", "D", "n", "t", "e", "c", "space", "s", "a")  # nothing to do anything with
        assert pilot.app.screen is browser(pilot)
        await pilot.press("question_mark")
        await until(pilot, lambda: isinstance(pilot.app.screen, HelpScreen))
        await shows(pilot, "Delete threads; asks first")
        await pilot.press("escape", "q")
        await until(pilot, lambda: pilot.app.return_value == 0)


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 24), (250, 80)])
async def test_any_size(app_db: Path, size: tuple[int, int]) -> None:
    async with browsing(app_db, size=size) as pilot:
        await pilot.press("down", "space", "s", "D")
        await until(pilot, lambda: isinstance(pilot.app.screen, ConfirmScreen))
        await pilot.press("escape", "I")
        await until(pilot, lambda: isinstance(pilot.app.screen, InboxScreen))
        await pilot.press("escape", "end", "enter")
        await until(pilot, lambda: "SAVED" in screen_text(pilot) or size[0] < 60)
