"""A saved thread that is opened: replayed at any moment, looked at, and run on with its graph."""

from __future__ import annotations

import asyncio
import io
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from inspector.core.replay import Player
from inspector.session import Session, Settings
from inspector.store.glance import glance
from inspector.store.library import FileLibrary
from inspector.tui.browser import BrowserApp
from inspector.tui.panes.transport import TransportBar
from inspector.tui.screens.ask import AskScreen
from inspector.tui.screens.choose import ChooseScreen
from inspector.tui.screens.failed import FailedScreen
from inspector.tui.screens.first import outline
from inspector.tui.screens.main import MainScreen
from tests.tui.drive import main, running, screen_text, shows, type_text, until
from tests.tui.fake import FakeSession
from tests.tui.saved import PROGRAM, append, browser, browsing, line, make, opened, thread_screen

SAMPLE = Path(__file__).parents[2] / "sample_graphs" / "travel_agent.py"


def settings(ref: str, cwd: Path, db: Path, thread: str | None = None) -> Settings:
    from inspector.core.reference import resolve

    return Settings(reference=resolve(ref, cwd), cwd=cwd, db=db, thread=thread, env={"SAMPLE_SPEED": "0.05"})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "app.sqlite"
    make(path)
    return path


@pytest.fixture
def app_db(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(made, tmp_path / "app.sqlite"))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thread that the inspector saw live."""
    from inspector.cli_options import example_input
    from inspector.headless import run_headless

    folder = tmp_path_factory.mktemp("recorded")
    db = folder / "threads.sqlite"

    async def run() -> int:
        session = Session(settings(f"{SAMPLE}:graph", folder, db, "lisbon"))
        session.begin()
        return await run_headless(session, example_input(SAMPLE), io.StringIO())

    assert asyncio.run(run()) == 3
    assert (folder / "threads.recording.sqlite").exists()
    return db


@asynccontextmanager
async def replaying(recorded: Path, size: tuple[int, int] = (120, 40)) -> AsyncIterator[tuple[Pilot[int], MainScreen]]:
    """The recorded thread, open, with the keyboard on the bar."""
    async with browsing(recorded, size=size) as pilot:
        screen = await opened(pilot, "lisbon")
        await pilot.press("9")
        await until(pilot, lambda: screen.transport.has_focus)
        yield pilot, screen


def player_of(screen: MainScreen) -> Player:
    assert screen.saved is not None
    assert screen.saved.player is not None
    return screen.saved.player


def plays(player: Player) -> bool:
    return player.playing


# ---------------------------------------------------------------------- replay of a recording


async def test_a_recorded_thread_has_everything_that_was_seen(recorded: Path) -> None:
    async with replaying(recorded) as (pilot, screen):
        await shows(pilot, "‖ interrupted", "SAVED", "tool check_weather", "tok", "‖ approve asks")
        assert "≈" not in screen_text(pilot)
        assert screen.view.run.models
        assert screen.view.run.tools


async def test_every_key_of_the_bar(recorded: Path) -> None:
    async with replaying(recorded) as (pilot, screen):
        player = player_of(screen)
        run = player.length
        await pilot.press("home")
        assert player.position == 0
        await shows(pilot, "◀ REPLAY", "event 0 of", "No task has run yet", "nothing is run or called by it")
        await pilot.press("right", "right", "right", "left")
        assert player.position == 2
        supersteps = player.marks("superstep")
        await pilot.press("home", "shift+right", "shift+right", "shift+right")
        assert player.position == supersteps[2]
        assert screen.view.run.checkpoints[-1].step == 1
        await shows(pilot, "step 1", "History  3")
        await pilot.press("shift+left")
        assert player.position == supersteps[1]
        await pilot.press("down")
        assert [task.node for task in screen.view.run.running_tasks()] == ["plan"]
        await pilot.press("up")
        assert player.position == 0 or player.position < player.marks("node")[0]
        await pilot.press("n")
        assert screen.view.run.tools[-1] is screen.view.selected
        await shows(pilot, "tool call")
        for _ in range(40):
            if screen.view.run.failures:
                break
            await pilot.press("n")
        assert screen.view.run.failures[-1][1] is screen.view.selected
        await shows(pilot, "✖ error")
        await pilot.press("N")
        assert not screen.view.run.failures
        await pilot.press("greater_than_sign", "greater_than_sign")
        assert player.speed == 5.0
        await pilot.press("less_than_sign")
        assert player.speed == 2.0
        await shows(pilot, "2x")
        await pilot.press("g")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await type_text(pilot, "nowhere")
        await pilot.press("enter")
        await shows(pilot, "Type an event (412)")
        await pilot.press("ctrl+u")
        await type_text(pilot, "50%")
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert player.position == round(run / 2)
        await pilot.press("end")
        assert player.position == run
        await shows(pilot, "SAVED", "‖ approve asks")


async def test_playing_shows_every_pane_as_it_was(recorded: Path) -> None:
    async with replaying(recorded) as (pilot, screen):
        player = player_of(screen)
        whole = "".join(span.tokens.text for span in screen.view.run.models if span.tokens)
        await pilot.press("home", "space")
        assert player.playing
        await until(pilot, lambda: "● running" in screen_text(pilot))
        await until(pilot, lambda: len(screen.view.run.models) > 0 and player.position > 30)
        await pilot.press("P")  # from anywhere
        assert plays(player) is False
        at = player.position
        said = "".join(span.tokens.text for span in screen.view.run.models if span.tokens)
        assert len(said) < len(whole)
        await shows(pilot, f"event {at:,} of")
        await pilot.press("1", "escape")  # back to the end, whatever has the keyboard
        assert player.position == player.length
        await pilot.press("9", "home")
        for _ in range(8):
            await pilot.press("greater_than_sign")
        await shows(pilot, "max")
        await pilot.press("space")
        await until(pilot, lambda: player.position == player.length and not player.playing)
        assert "".join(span.tokens.text for span in screen.view.run.models if span.tokens) == whole


async def test_a_click_and_a_drag_on_the_slider(recorded: Path) -> None:
    async with replaying(recorded) as (pilot, screen):
        player = player_of(screen)
        bar = screen.transport
        start, cells = bar._slider
        await pilot.click(TransportBar, offset=(start + cells - 6, 0))
        assert 0.7 < player.time / player.duration < 1
        await shows(pilot, "◀ REPLAY")
        await pilot.mouse_down(TransportBar, offset=(start + cells // 2, 0))
        await pilot.hover(TransportBar, offset=(start + 1, 0))
        await pilot.mouse_up(TransportBar, offset=(start + 1, 0))
        assert player.position < 5


async def test_looking_at_a_checkpoint_within_a_moment(recorded: Path) -> None:
    async with replaying(recorded) as (pilot, screen):
        await pilot.press("shift+left", "shift+left")
        here = player_of(screen).position
        await pilot.press("left_square_bracket")
        await shows(pilot, "◀ step 2 of 3", "before now")
        assert screen.view.cursor is not None
        await pilot.press("escape")
        assert screen.view.live
        assert player_of(screen).position == here
        await pilot.press("left_square_bracket", "shift+right")  # another moment is looked at, no longer a checkpoint
        assert screen.view.live


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (80, 24), (250, 80)])
async def test_the_bar_at_any_size(recorded: Path, size: tuple[int, int]) -> None:
    async with replaying(recorded, size) as (pilot, screen):
        await pilot.press("home", "space")
        await until(pilot, lambda: player_of(screen).position > 5)
        await pilot.press("space", "n", "N", "end", "1", "T")
        await until(pilot, lambda: pilot.app.screen is browser(pilot))


# ---------------------------------------------------------------------- threads of other applications


async def test_a_thread_of_another_program_walks_its_checkpoints(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        screen = await opened(pilot, "trip-2")
        await shows(pilot, "≈ times", "SAVED", "plan", "book", "History  4", "≈ ")
        assert [task.node for task in screen.view.run.tasks.values()] == ["plan", "book"]
        await shows(pilot, '"planned Lisbon"', "without its graph")
        await pilot.press("3", "down")
        await shows(pilot, "◀ step 1", "next: book")
        await pilot.press("down")
        await shows(pilot, "next: plan")
        await pilot.press("escape", "9", "left")
        await shows(pilot, "◀ REPLAY", "step 1 · next: book")
        assert screen.view.run.checkpoints[-1].step == 1
        await pilot.press("left", "left", "right", "right")
        assert screen.view.run.checkpoints[-1].step == 1
        await pilot.press("right")
        await shows(pilot, "SAVED", "step 2 · the end")


async def test_a_failed_and_a_stopped_thread(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        await opened(pilot, "fail-1")
        await shows(pilot, "✖ failed", "TimeoutError")
        await pilot.press("T")
        await until(pilot, lambda: pilot.app.screen is browser(pilot))
        await opened(pilot, "paused")
        await shows(pilot, "‖ paused", "next: book")


async def test_a_long_thread_is_told_near_what_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, app_db: Path
) -> None:
    import inspector.stories as stories

    monkeypatch.setattr(stories, "WHOLE", 2)
    monkeypatch.setattr(stories, "NEAR", 1)
    async with browsing(app_db) as pilot:
        screen = await opened(pilot, "trip-1")
        assert len(screen.view.run.checkpoints) == 4
        assert "plan" not in {task.node for task in screen.view.run.tasks.values()}
        await pilot.press("3", "end")
        await until(pilot, lambda: "plan" in {task.node for task in screen.view.run.tasks.values()} or
                    "__start__" in screen.view.run.checkpoints[0].next)  # fmt: skip
        assert len(screen.view.run.checkpoints) == 4
        assert screen.view.index == 0
        await shows(pilot, "◀ step -1", "History  4")


async def test_what_another_program_writes_to_it_is_shown(app_db: Path) -> None:
    async with browsing(app_db, follow=True) as pilot:
        screen = await opened(pilot, "trip-3")
        await shows(pilot, "History  4", "step 2 · the end")
        await pilot.press("3", "down")
        await shows(pilot, "◀ step 1")
        await asyncio.to_thread(append, app_db, "trip-3")
        await shows(pilot, "History  8", "◀ step 1 of 6")  # where one looks, one stays
        await pilot.press("escape")
        await shows(pilot, "step 6 · the end")
        assert [task.node for task in screen.view.run.tasks.values()] == ["plan", "book"] * 2


async def test_one_thread_is_shown_at_once_with_the_browser_below(app_db: Path) -> None:
    library = FileLibrary([app_db])
    app = BrowserApp(library, thread="trip-3", newest=lambda: glance(app_db, "trip-3", 40))
    try:
        async with app.run_test(size=(120, 40)) as pilot:
            first = outline("app.sqlite", "reading trip-3", glance(app_db, "trip-3", 40), 120, 40)
            assert any("○   2  book" in "".join(text for text, _ in pieces) for pieces in first)
            await shows(pilot, "trip-3", "SAVED", "History  4", "step 2 · the end")
            await pilot.press("T")
            await shows(pilot, "9 threads")
            assert pilot.app.screen is browser(pilot)
            await pilot.press("q")
            await until(pilot, lambda: app.return_value == 0)
    finally:
        library.close()


async def test_a_thread_that_was_deleted_meanwhile(app_db: Path) -> None:
    from inspector.store.admin import delete

    async with browsing(app_db) as pilot:
        delete(app_db, ["trip-3"])
        rows = browser(pilot).rows
        index = browser(pilot).library.table.index((0, "trip-3"))
        assert index is not None
        rows.move_to(index)
        await pilot.press("enter")
        await until(pilot, lambda: any("no thread 'trip-3'" in note.message for note in pilot.app._notifications))
        await until(pilot, lambda: pilot.app.screen is browser(pilot))


# ---------------------------------------------------------------------- with and without the graph


async def test_without_a_graph_verbs_say_what_is_missing(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        screen = await opened(pilot, "wait-1")
        await pilot.press("i")
        await type_text(pilot, "yes")
        await pilot.press("enter")
        await shows(pilot, "opened without its graph", "answer ▸ yes")  # what was typed is kept
        await pilot.press("escape", "1", "r")
        await shows(pilot, "This cannot be re-run. This thread was opened without its graph")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert screen.now.stage == "ready"


async def test_the_graph_is_named_and_the_question_answered(app_db: Path) -> None:
    async with browsing(app_db) as pilot:
        screen = await opened(pilot, "wait-2")
        await pilot.press("G")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await type_text(pilot, "nothing.py:graph")
        await pilot.press("enter")
        await shows(pilot, "nothing.py")
        assert isinstance(pilot.app.screen, AskScreen)
        await pilot.press("ctrl+u")
        await type_text(pilot, str(PROGRAM))
        await pilot.press("enter")
        await until(pilot, lambda: screen.saved is not None and screen.saved.attached, patience=60)
        await until(pilot, lambda: not screen.transport.display)
        await until(pilot, lambda: screen.now.stage == "ready" and screen.now.waiting)
        assert screen.view.run.pending
        await pilot.press("i")
        await type_text(pilot, "yes")
        await pilot.press("enter")
        await shows(pilot, "✔ done", "LIVE")
        nodes = [task.node for task in screen.view.run.tasks.values()]
        assert nodes == ["plan", "book"]
        assert screen.view.run.checkpoints[-1].step == 2
        await pilot.press("T")
        await until(pilot, lambda: "✔ done" in line(pilot, "wait-2"))


async def test_a_graph_that_does_not_load_leaves_the_thread_as_it_is(app_db: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("raise RuntimeError('no such key')\ngraph = None\n")
    async with browsing(app_db, graph=settings("broken.py:graph", tmp_path, app_db)) as pilot:
        screen = await opened(pilot, "trip-1")
        await pilot.press("G")
        await until(pilot, lambda: isinstance(pilot.app.screen, FailedScreen), patience=60)
        await shows(pilot, "no such key")
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.screen is screen)
        assert screen.now.stage == "ready"
        await shows(pilot, "SAVED", "plan")


async def test_of_several_graphs_one_is_chosen(app_db: Path, tmp_path: Path) -> None:
    source = PROGRAM.read_text().replace("graph = ", "one = ").replace("graph.add", "one.add") + "two = one\n"
    (tmp_path / "both.py").write_text(source.replace("two = one", "two = one.compile(); one = one.compile()"))
    async with browsing(app_db, graph=settings("both.py", tmp_path, app_db)) as pilot:
        screen = await opened(pilot, "trip-1")
        await pilot.press("G")
        await until(pilot, lambda: isinstance(pilot.app.screen, ChooseScreen), patience=60)
        await pilot.press("enter")
        await until(pilot, lambda: screen.saved is not None and screen.saved.attached, patience=60)
        assert thread_screen(pilot) is screen


async def test_questions_are_answered_from_the_inbox(app_db: Path, tmp_path: Path) -> None:
    async with browsing(app_db) as pilot:
        await pilot.press("I")
        await shows(pilot, "2 questions")
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await shows(pilot, "book asks, on wait-1", "Book it for 200 EUR?")
        await pilot.press("enter")
        await shows(pilot, "Type an answer")
        await type_text(pilot, "no")
        await pilot.press("enter")
        await until(pilot, lambda: any("without its graph" in note.message for note in pilot.app._notifications))
        await shows(pilot, "2 questions")
    async with browsing(app_db, graph=settings(str(PROGRAM), tmp_path, app_db)) as pilot:
        await pilot.press("I")
        await shows(pilot, "2 questions")
        await pilot.press("a")
        await until(pilot, lambda: isinstance(pilot.app.screen, AskScreen))
        await type_text(pilot, "yes")
        await pilot.press("enter")
        await shows(pilot, "● Book it")
        await until(pilot, lambda: any("wait-1 is done." in n.message for n in pilot.app._notifications), patience=60)
        await shows(pilot, "1 question ")
        await pilot.press("escape")
        await until(pilot, lambda: "✔ done" in line(pilot, "wait-1"))


# ---------------------------------------------------------------------- from a live session


async def test_threads_of_the_file_of_a_live_session(app_db: Path) -> None:
    session = FakeSession()
    session.database = app_db
    session.thread = "trip-1"
    async with running(session) as pilot:
        session.begin()
        session.step(0, 0.5)
        session.end()
        await shows(pilot, "✔ done", "⏎ send")
        await pilot.press("escape", "T")
        await shows(pilot, "9 threads")
        assert browser(pilot).can_leave
        live = main(pilot)
        rows = browser(pilot).rows
        index = browser(pilot).library.table.index((0, "trip-1"))
        assert index is not None
        rows.move_to(index)
        await pilot.press("enter")
        await until(pilot, lambda: any("trip-1 is open" in note.message for note in pilot.app._notifications))
        other = await opened(pilot, "trip-2")
        await shows(pilot, "trip-2", "SAVED")
        assert other is not live
        await pilot.press("T")
        await until(pilot, lambda: pilot.app.screen is browser(pilot))
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is live)
        await shows(pilot, "LIVE")
        await pilot.press("T")
        await until(pilot, lambda: pilot.app.screen is browser(pilot))
        await pilot.press("q")
        await until(pilot, lambda: pilot.app.return_value == 0)
        assert session.asked("close")


async def test_a_session_without_a_file_has_no_threads_to_show() -> None:
    async with running(FakeSession()) as pilot:
        await shows(pilot, "message ▸")
        await pilot.press("escape", "T")
        assert pilot.app.screen is main(pilot)
