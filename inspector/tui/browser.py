"""The app of `inspector open`: the browser of saved threads is its first screen, and there is no session until one is
opened.

    status = run_browser(BrowserApp(FileLibrary([Path("app.sqlite")])))

Asked for one thread, it begins with that, and has the browser below it.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from inspector.tui import crash
from inspector.tui.hangup import leave_with_the_terminal
from inspector.tui.screens.first import FirstScreen
from inspector.tui.shell import Shell, need_terminal

if TYPE_CHECKING:
    from inspector.core.saved import Glance, Library
    from inspector.session import Settings
    from inspector.tui.screens.main import MainScreen


class BrowserApp(Shell):
    """Shows a library. `graph` is what threads are run on with, `thread` one of the first file that is shown at once,
    `newest` gives its newest checkpoints."""

    def __init__(
        self,
        library: Library,
        *,
        graph: Settings | None = None,
        thread: str | None = None,
        newest: Callable[[], Sequence[Glance]] = tuple,
    ) -> None:
        super().__init__()
        self.library: Library = library
        self.graph = graph
        self._thread = thread
        self._newest = newest

    def get_default_screen(self) -> Screen[Any]:
        if self._thread is None:
            return self._browser()
        return FirstScreen(self.library.path((0, self._thread)).name, f"reading {self._thread}", self._newest)

    def _browser(self) -> Screen[Any]:
        from inspector.tui.threads.screen import ThreadsScreen

        return ThreadsScreen(self.library)

    def on_outline_drawn(self) -> None:
        """The frame is on its way to the terminal: now import what goes into it."""
        if self._thread is not None:
            self.call_later(self.show_thread, (0, self._thread))

    async def _close(self, main: MainScreen) -> None:
        await super()._close(main)
        if isinstance(self.screen, FirstScreen):
            await self.push_screen(self._browser())

    def on_mount(self) -> None:
        self.catch_signals()


def run_browser(app: BrowserApp) -> int:
    """Show the browser until the developer leaves. Returns the exit status: 0, or 70 after an error of ours. Raises
    `UsageError` where there is no terminal. The library is the caller's to close."""
    need_terminal()
    leave_with_the_terminal()
    status = asyncio.run(app.run_async())
    if app.crashed:
        print(f"inspector: {app.crashed}", file=sys.stderr)
        return crash.STATUS
    return status or 0
