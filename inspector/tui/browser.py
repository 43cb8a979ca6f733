"""The app of `inspector open`: the browser of saved threads is its first screen, and there is no session until one is
opened.

    status = run_browser(FileLibrary([Path("app.sqlite")]))
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from inspector.tui import crash
from inspector.tui.hangup import leave_with_the_terminal
from inspector.tui.shell import Shell, need_terminal
from inspector.tui.threads.screen import ThreadsScreen

if TYPE_CHECKING:
    from inspector.core.saved import Library
    from inspector.session import Settings


class BrowserApp(Shell):
    """Shows a library. `graph` is what threads are run on with."""

    def __init__(self, library: Library, *, graph: Settings | None = None) -> None:
        super().__init__()
        self.library = library
        self.graph = graph

    def get_default_screen(self) -> Screen[Any]:
        assert self.library is not None
        return ThreadsScreen(self.library)

    def on_mount(self) -> None:
        self.catch_signals()


def run_browser(library: Library, *, graph: Settings | None = None) -> int:
    """Show the browser until the developer leaves. Returns the exit status: 0, or 70 after an error of ours. Raises
    `UsageError` where there is no terminal."""
    need_terminal()
    leave_with_the_terminal()
    app = BrowserApp(library, graph=graph)
    try:
        status = asyncio.run(app.run_async())
    finally:
        library.close()
    if app.crashed:
        print(f"inspector: {app.crashed}", file=sys.stderr)
        return crash.STATUS
    return status or 0
