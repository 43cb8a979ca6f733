"""The app: owns the session's life on screen (loading, failing, choosing, leaving) and what must never happen: a
traceback of ours on the terminal, a process left behind, an app that hangs because it has no terminal.

    status = run_app(session, input={"messages": [...]})
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.worker import WorkerFailed

from inspector.core.text import one_line, safe
from inspector.errors import InspectorError, SeveralGraphs, UsageError
from inspector.tui import crash
from inspector.tui.hangup import leave_with_the_terminal
from inspector.tui.screens.first import FirstScreen
from inspector.tui.theme import DARK, THEMES

if TYPE_CHECKING:
    from inspector.core.control import Debugger
    from inspector.tui.screens.main import MainScreen

MISSING: Any = object()
"""No input was given (None is an input)."""


class InspectorApp(App[int], inherit_bindings=False):
    """Shows one `Debugger`. Its return value is the exit status."""

    CSS_PATH = "inspector.tcss"
    TITLE = "inspector"
    ENABLE_COMMAND_PALETTE = False  # the main screen opens it, with its own commands
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", show=False, priority=True),
        Binding("ctrl+c", "copy_or_quit", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
    ]

    def __init__(self, session: Debugger, *, input: Any = MISSING, exit_on_end: bool = False) -> None:
        super().__init__()
        self.session = session
        self.exit_on_end = exit_on_end
        self.crashed = ""  # what to say about an error of ours
        self.last_key = 0.0
        self.main: MainScreen | None = None  # comes after the first paint
        self._shown = asyncio.Event()
        self._input = input
        self._leaving = False
        self.animation_level = "none"
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DARK.name

    def get_default_screen(self) -> Screen[Any]:
        return FirstScreen(self.session.view.title)

    def on_mount(self) -> None:
        self._catch_signals()
        self.run_worker(self.load(), name="load")

    def on_outline_drawn(self) -> None:
        """The frame is on its way to the terminal: now import what goes into it."""
        self.call_later(self._show_main)

    async def _show_main(self) -> None:
        from inspector.tui.screens.main import MainScreen

        self.main = MainScreen(self.session, starting=self._input is not MISSING)
        await self.push_screen(self.main)
        self._shown.set()
        self.call_after_refresh(self._settle)

    def _settle(self) -> None:
        """Make the panes behind the tabs in spare moments, so that the first look at one is as quick as the second;
        then keep the garbage collector from stopping the app for 100 ms at a time under load."""
        if self.is_headless or self.main is None or not self.main.is_attached:
            return
        if self.main.board.make_next():
            self.set_timer(0.02, self._settle)
        else:
            gc.collect()
            gc.freeze()
            gc.set_threshold(20_000, 50, 1000)

    # ------------------------------------------------------------------ loading

    async def load(self, *, again: bool = False) -> None:
        """Wait for the graph, ask which one where there are several, and begin the run that was asked for. Called in a
        worker."""
        while True:
            try:
                if again:
                    await self.session.restart()
                if not await self._loaded():
                    await self.leave()
                    return
                break
            except InspectorError as error:
                if self.exit_on_end:
                    await self.leave()
                    return
                from inspector.tui.screens.failed import FailedScreen

                await self._shown.wait()
                if not await self.push_screen_wait(FailedScreen(error)):
                    await self.leave()
                    return
                again = True
        await self._shown.wait()
        given, self._input = self._input, MISSING
        if given is not MISSING and self.main is not None:
            self.main.begin(given)

    async def _loaded(self) -> bool:
        """Wait until the graph is loaded, asking which one where there are several. False: the developer leaves."""
        while True:
            try:
                await self.session.wait_ready()
                return True
            except SeveralGraphs as several:
                if self.exit_on_end:
                    raise
                from inspector.tui.screens.choose import ChooseScreen

                await self._shown.wait()
                name = await self.push_screen_wait(ChooseScreen(str(several), several.names))
                if name is None:
                    return False
                await self.session.choose(name)

    def on_main_screen_ended(self) -> None:
        if self.exit_on_end:
            self.run_worker(self.leave(), name="leave")

    def on_main_screen_restart(self) -> None:
        self.run_worker(self.load(again=True), name="load")

    # ------------------------------------------------------------------ leaving

    async def action_quit(self) -> None:
        """Leave; ask first, once, while the graph runs."""
        if self._leaving:
            await self.session.kill()
        elif self._is_asking():
            self.screen.dismiss(True)  # a second ctrl+c is a yes; what comes now is shown below the dialog
        elif self.session.running:
            from inspector.tui.screens.quit import QuitScreen

            def decided(leave: bool | None) -> None:
                if leave:
                    self.run_worker(self.leave(), name="leave")

            run = self.session.view.run
            self.push_screen(QuitScreen(run.graph or self.session.view.title, self.session.thread), decided)
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
        """Stop the graph if it runs, end its process, and the app."""
        if self._leaving:
            return
        self._leaving = True
        from inspector.tui.summary import exit_status

        status = exit_status(self.session)
        if self.main is not None:
            self.main.leaving = True
        await self.session.close()
        self.exit(status)

    def _catch_signals(self) -> None:
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
        if isinstance(event, events.Key):
            self.last_key = monotonic()
            if self.main is not None:
                self.main.touched = True
        await super().on_event(event)


def run_app(session: Debugger, *, input: Any = MISSING, exit_on_end: bool = False) -> int:
    """Show a session until the developer leaves. Returns the exit status: 0 done, 1 the graph failed, 2 it could not be
    loaded, 3 waiting for an answer, 130 cancelled, 70 an error of ours.

    Raises:
        UsageError: there is no terminal to show it on.
        InspectorError: with `exit_on_end`, why the graph could not be loaded.
    """
    need_terminal()
    leave_with_the_terminal()
    return asyncio.run(show(session, input=input, exit_on_end=exit_on_end))


async def show(session: Debugger, *, input: Any = MISSING, exit_on_end: bool = False) -> int:
    """`run_app` on a loop that runs already."""
    app = InspectorApp(session, input=input, exit_on_end=exit_on_end)
    try:
        status = await app.run_async()
    finally:
        await session.close()
    from inspector.tui.summary import exit_status, summary

    if app.crashed:
        print(f"inspector: {app.crashed}", file=sys.stderr)
        return crash.STATUS
    if session.problem is not None and not session.view.run.invocations:
        if exit_on_end:
            raise session.problem
        print(f"inspector: {one_line(str(session.problem))}", file=sys.stderr)
    elif exit_on_end:
        print(safe(summary(session)))
    return exit_status(session) if status is None else status


def need_terminal() -> None:
    """Textual reads keys from stdin and draws on stderr; without a terminal on either it hangs. Raises `UsageError`."""
    if not (sys.__stdin__ and sys.__stdin__.isatty() and sys.__stderr__ and sys.__stderr__.isatty()):
        raise UsageError("The app needs a terminal to draw on; use --headless where there is none.")
