"""Saved threads for tests of screens: a checkpoint file of a plain LangGraph program, and the browser on it."""

from __future__ import annotations

import runpy
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from langchain_core.runnables import RunnableConfig
from textual.pilot import Pilot

from inspector.core.text import safe
from inspector.session import Settings
from inspector.store.library import FileLibrary
from inspector.tui.browser import BrowserApp
from inspector.tui.screens.main import MainScreen
from inspector.tui.threads.screen import ThreadsScreen
from tests.tui.drive import screen_text, until

EVIL = "evil\x1b[31m\nid [bold]'x'"
THREADS = ("trip-1", "trip-2", "trip-3", "wait-1", "wait-2", "fail-1", "日本", EVIL, "paused")

PROGRAM = Path(__file__).parents[1] / "fixtures" / "trips.py"


def make(path: Path) -> None:
    """Fill a checkpoint file, as an application would."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    found = runpy.run_path(str(PROGRAM))
    connection = sqlite3.connect(path, check_same_thread=False)
    saver = SqliteSaver(connection)
    graph = found["graph"].compile(checkpointer=saver)
    stopping = found["graph"].compile(checkpointer=saver, interrupt_before=["book"])
    for thread in THREADS:
        topic = thread.split("-")[0] if thread[:4] in ("wait", "fail") else "Lisbon"
        metadata = {"user": f"user of {thread}", "topic": topic}
        config: RunnableConfig = {"configurable": {"thread_id": thread}, "metadata": metadata}
        with suppress(TimeoutError):
            (stopping if thread == "paused" else graph).invoke({"topic": topic}, config)
    connection.close()


def append(path: Path, thread: str, topic: str = "Lisbon") -> None:
    """Another program runs a thread in the file."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    found = runpy.run_path(str(PROGRAM))
    connection = sqlite3.connect(path, check_same_thread=False)
    found["graph"].compile(checkpointer=SqliteSaver(connection)).invoke(
        {"topic": topic}, {"configurable": {"thread_id": thread}}
    )
    connection.close()


@asynccontextmanager
async def browsing(
    *paths: Path, size: tuple[int, int] = (120, 40), follow: bool = False, graph: Settings | None = None
) -> AsyncIterator[Pilot[int]]:
    """The browser on files, everything listed."""
    library = FileLibrary(paths, follow=follow)
    app = BrowserApp(library, graph=graph)
    try:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: not any(file.reading for file in library.files) and not library.drain())
            browser(pilot).rows.sync()
            yield pilot
            await app.leave()
    finally:
        library.close()


def browser(pilot: Pilot[int]) -> ThreadsScreen:
    """The browser's screen."""
    return next(screen for screen in pilot.app.screen_stack if isinstance(screen, ThreadsScreen))


def thread_screen(pilot: Pilot[int]) -> MainScreen:
    """The screen of the thread that is open."""
    return next(screen for screen in reversed(pilot.app.screen_stack) if isinstance(screen, MainScreen))


async def opened(pilot: Pilot[int], thread: str) -> MainScreen:
    """Open a thread, and wait until all that happened on it has been read."""
    rows = browser(pilot).rows
    index = browser(pilot).library.table.index((0, thread))
    assert index is not None
    rows.move_to(index)
    await pilot.press("enter")

    def read() -> bool:
        screens = [screen for screen in pilot.app.screen_stack if isinstance(screen, MainScreen)]
        player = screens[-1].saved.player if screens and screens[-1].saved is not None else None
        return player is not None and player.complete and screens[-1].now.stage == "ready"

    await until(pilot, read)
    return thread_screen(pilot)


def line(pilot: Pilot[int], text: str) -> str:
    """The first line of the screen with a text in it."""
    return next((line for line in screen_text(pilot).splitlines() if text in line), "")


def shown(pilot: Pilot[int]) -> list[str]:
    """The ids of the threads that are listed, from the top."""
    return [safe(key[1]) for key in browser(pilot).library.table.shown]
