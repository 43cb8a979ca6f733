"""What the apps have in common: leaving well, and what must never happen (a traceback of ours on the terminal, a
process that is left behind); and showing saved threads, from wherever they are opened.

Screens of sessions lie on one another: a session that was started with the app, the browser over it, a saved thread
over that. The uppermost session is the one that keys are about.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.worker import WorkerFailed

from inspector.core.text import one_line
from inspector.errors import InspectorError, UsageError
from inspector.tui import crash
from inspector.tui.theme import DARK, THEMES

if TYPE_CHECKING:
    from inspector.core.control import Debugger
    from inspector.core.saved import Library, ThreadKey
    from inspector.opening import SavedThread
    from inspector.session import Settings
    from inspector.tui.screens.main import MainScreen
    from inspector.tui.threads.inbox import InboxScreen
    from inspector.tui.threads.screen import ThreadsScreen


class Shell(App[int], inherit_bindings=False):
    """Base of the apps. The return value is the exit status."""

    CSS_PATH = "inspector.tcss"
    TITLE = "inspector"
    ENABLE_COMMAND_PALETTE = False  # the main screen opens it, with its own commands
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "copy_or_quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.crashed = ""  # what to say about an error of ours
        self.main: MainScreen | None = None  # of the uppermost session; comes after the first paint
        self.library: Library | None = None
        self.graph: Settings | None = None  # what saved threads are run on with, where that is not remembered
        self._below: list[MainScreen | None] = []  # of the sessions under the uppermost
        self._leaving = False
        self._redraw: Timer | None = None
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name

    def sessions(self) -> list[Debugger]:
        """All that are open, the uppermost last."""
        return [main.session for main in (*self._below, self.main) if main is not None]

    def status(self) -> int:
        """The exit status, if the developer left now."""
        return 0

    def on_resize(self) -> None:
        """A terminal whose size changes twice within a moment may keep a part of the picture between (seen with Textual
        8.2.8, one time in ten): all of it is drawn once more when it is quiet."""
        if self._redraw is not None:
            self._redraw.stop()
        self._redraw = self.set_timer(0.1, lambda: self.screen.refresh())

    def settle(self) -> None:
        """Make the panes behind the tabs in spare moments, so that the first look at one is as quick as the second;
        then keep the garbage collector from stopping the app for 100 ms at a time under load."""
        if self.is_headless or self.main is None or not self.main.is_attached:
            return
        if self.main.board.make_next():
            self.set_timer(0.02, self.settle)
        else:
            if gc.get_freeze_count():  # else what was closed since would be kept for good
                gc.collect()
            gc.freeze()
            gc.set_threshold(2_000, 10, 1000)
            sys.setswitchinterval(0.001)  # the recorder's thread must not hold up a key for 5 ms at a time

    # ------------------------------------------------------------------ saved threads

    def make_library(self) -> Library | None:
        """The files that the browser shows, made when it is first wanted."""
        from inspector.store.library import FileLibrary

        database = next((session.database for session in reversed(self.sessions()) if session.database), None)
        return FileLibrary([database]) if database is not None else None

    async def action_threads(self) -> None:
        """To the browser: back from a saved thread, or over what is shown."""
        if self._below:
            await self.leave_thread()
            return
        from inspector.tui.threads.screen import ThreadsScreen

        if self.library is None:
            self.library = self.make_library()
        if self.library is not None:
            self.library.refresh()
            await self.push_screen(ThreadsScreen(self.library, can_leave=True))

    async def on_threads_screen_opened(self, event: ThreadsScreen.Opened) -> None:
        await self.show_thread(event.key)

    async def on_inbox_screen_opened(self, event: InboxScreen.Opened) -> None:
        await self.show_thread(event.key, answering=True)

    def on_inbox_screen_answered(self, event: InboxScreen.Answered) -> None:
        self.run_worker(self._answer(event), name="answer")

    async def _answer(self, event: InboxScreen.Answered) -> None:
        """Run a thread on with an answer, while its inbox is shown."""
        from inspector.graphless import answer
        from inspector.tui.threads.inbox import InboxScreen

        if self.library is None:
            return
        asked, (_, thread) = event.asked, event.asked.key
        try:
            said = await answer(self.library.path(asked.key), thread, self.graph, asked.id, event.value)
            self.notify(one_line(said), markup=False)
        except InspectorError as error:
            self.notify(one_line(str(error)), severity="error", timeout=10, markup=False)
        self.library.refresh()
        for screen in self.screen_stack:
            if isinstance(screen, InboxScreen):
                screen.done(asked)

    async def show_thread(self, key: ThreadKey, *, answering: bool = False) -> None:
        """Open a saved thread over the browser; `answering`: the keyboard goes to what it asks."""
        if self.library is None:
            return
        from inspector.opening import SavedThread
        from inspector.tui.screens.main import MainScreen

        path = self.library.path(key)
        for session in self.sessions():
            if session.thread == key[1] and session.database is not None and session.database.samefile(path):
                self.notify(f"{one_line(key[1], 60)} is open: escape goes back to it.", markup=False)
                return
        library = self.library
        saved = SavedThread(path, key[1], self.graph, follow=lambda: library.follow)
        self._below.append(self.main)
        self.main = MainScreen(saved, saved=saved)
        self.main.touched = not answering
        await self.push_screen(self.main)
        self.run_worker(self._read_thread(self.main, saved), name="read-thread")
        self.call_after_refresh(self.settle)

    async def _read_thread(self, main: MainScreen, saved: SavedThread) -> None:
        try:
            await saved.open()
            if main.is_current and main.focused is None:
                main.board.focus_pane()
        except InspectorError as error:
            self.notify(one_line(str(error)), severity="error", timeout=10, markup=False)
            if self.main is main:
                await self.leave_thread()

    async def leave_thread(self) -> None:
        """Close the saved thread that is shown; ask first while it runs."""
        main = self.main
        if main is None or not self._below:
            return
        if main.session.running:
            from inspector.tui.screens.quit import QuitScreen

            def decided(leave: bool | None) -> None:
                if leave:
                    self.run_worker(self._close(main), name="close-thread")

            asked = QuitScreen(main.view.run.graph or main.view.title, main.session.thread)
            self.push_screen(asked, decided)
            return
        await self._close(main)

    async def _close(self, main: MainScreen) -> None:
        while self.screen is not main and len(self.screen_stack) > 1:
            await self.pop_screen()
        self.main = self._below.pop()
        await self.pop_screen()
        await main.session.close()
        if self.library is not None:
            self.library.refresh()

    def on_main_screen_restart(self) -> None:
        if self._below and self.main is not None:
            self.run_worker(self._restart(self.main), name="restart")

    async def _restart(self, main: MainScreen) -> None:
        try:
            await main.session.restart()
            await main.session.wait_ready()
        except InspectorError as error:
            self.notify(one_line(str(error)), severity="error", markup=False)

    # ------------------------------------------------------------------ leaving

    async def action_quit(self) -> None:
        """Leave; ask first, once, while a graph runs."""
        running = next((session for session in reversed(self.sessions()) if session.running), None)
        if self._leaving:
            for session in self.sessions():
                await session.kill()
        elif self._is_asking():
            self.screen.dismiss(True)  # a second ctrl+c is a yes; what comes now is shown below the dialog
        elif running is not None:
            from inspector.tui.screens.quit import QuitScreen

            def decided(leave: bool | None) -> None:
                if leave:
                    self.run_worker(self.leave(), name="leave")

            self.push_screen(QuitScreen(running.view.run.graph or running.view.title, running.thread), decided)
        else:
            self.run_worker(self.leave(), name="leave")

    def _is_asking(self) -> bool:
        return type(self.screen).__name__ == "QuitScreen"

    async def action_copy_or_quit(self) -> None:
        """Ctrl-C copies what is selected; with nothing selected it leaves."""
        focused = self.focused
        selected = getattr(focused, "selected_text", "") if focused is not None else ""
        selected = selected or self.screen.get_selected_text() or ""
        if selected:
            self.copy_to_clipboard(selected)
        else:
            await self.action_quit()

    async def leave(self) -> None:
        """Stop what runs, end its process, and the app."""
        if self._leaving:
            return
        self._leaving = True
        status = self.status()
        if self.main is not None:
            self.main.leaving = True
        for session in self.sessions():
            await session.close()
        if self.library is not None:
            self.library.close()
        self.exit(status)

    def catch_signals(self) -> None:
        """End the graph's process too when somebody kills the app (for a closed terminal see `tui.hangup`)."""
        if self.is_headless:
            return
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGINT"):
            number = getattr(signal, name, None)
            if number is not None:
                with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                    loop.add_signal_handler(number, lambda: asyncio.ensure_future(self.leave()))

    # ------------------------------------------------------------------ errors of ours, and keys

    def _handle_exception(self, error: Exception) -> None:
        """Textual calls this for every exception that nobody caught."""
        cause = error.error if isinstance(error, WorkerFailed) else error
        if not self.crashed:
            self.crashed = crash.record(cause)
        if self._exception is None:  # what Textual's test harness raises
            self._exception = cause if isinstance(cause, Exception) else error
            self._exception_event.set()
        self._return_code = crash.STATUS
        self._close_messages_no_wait()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and self.main is not None:
            self.main.touched = True
            self.main.last_key = monotonic()
        await super().on_event(event)


def need_terminal() -> None:
    """Textual reads keys from stdin and draws on stderr; without a terminal on either it hangs. Raises `UsageError`."""
    if not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stderr__ and sys.__stderr__.isatty()):
        raise UsageError("The app needs a terminal to draw on; use --headless where there is none.")
