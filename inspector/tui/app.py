"""The app of one session: owns its life on screen (loading, failing, choosing, and how it ends).

status = run_app(session, input={"messages": [...]})
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from inspector.core.text import one_line, safe
from inspector.errors import InspectorError, SeveralGraphs
from inspector.tui import crash
from inspector.tui.hangup import leave_with_the_terminal
from inspector.tui.screens.first import FirstScreen
from inspector.tui.shell import Shell, need_terminal

if TYPE_CHECKING:
    from inspector.core.control import Debugger

MISSING: Any = object()
"""No input was given (None is an input)."""


class InspectorApp(Shell):
    """Shows one `Debugger`. Its return value is the exit status."""

    def __init__(self, session: Debugger, *, input: Any = MISSING, exit_on_end: bool = False) -> None:
        super().__init__()
        self.session = session
        self.exit_on_end = exit_on_end
        self._shown = asyncio.Event()
        self._input = input

    def sessions(self) -> list[Debugger]:
        """All that are open, the uppermost last."""
        others = [session for session in super().sessions() if session is not self.session]
        return [self.session, *others]

    def status(self) -> int:
        """The exit status, if the developer left now."""
        from inspector.tui.summary import exit_status

        return exit_status(self.session)

    def get_default_screen(self) -> Screen[Any]:
        return FirstScreen(self.session.view.title)

    def on_mount(self) -> None:
        self.catch_signals()
        self.run_worker(self.load(), name="load")

    def on_outline_drawn(self) -> None:
        """The frame is on its way to the terminal: now import what goes into it."""
        self.call_later(self._show_main)

    async def _show_main(self) -> None:
        from inspector.tui.screens.main import MainScreen

        self.main = MainScreen(self.session, starting=self._input is not MISSING)
        await self.push_screen(self.main)
        self._shown.set()
        self.call_after_refresh(self.settle)

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
        with contextlib.suppress(InspectorError):  # the past of a thread that cannot be read is no reason not to run it
            await self.session.recall()
        if self.main is not None:
            self.main.take_watches()
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
                if self.main is not None:
                    self.main.touched = False  # those keys were for the list
                await self.session.choose(name)

    def on_main_screen_ended(self) -> None:
        if self.exit_on_end:
            self.run_worker(self.leave(), name="leave")

    def on_main_screen_restart(self) -> None:
        if not self._below:
            self.run_worker(self.load(again=True), name="load")


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
