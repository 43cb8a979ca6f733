"""`inspector open`: the browser of saved threads."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from inspector.errors import InspectorError, UsageError

if TYPE_CHECKING:
    from inspector.core.saved import Glance
    from inspector.session import Settings

_GLANCED = 40  # checkpoints that the first frame may show
_PATIENCE = 0.1  # seconds that it waits for them


def add(commands: Any) -> None:
    """Add the command to the parser's subcommands."""
    command = commands.add_parser(
        "open",
        help="browse the saved threads of checkpoint files, replay them, run them on",
        description="Browse the saved threads of LangGraph checkpoint files (SQLite), without their graphs. Files are "
        "only read; deleting and copying threads are asked for by name.",
    )
    command.add_argument(
        "files", nargs="*", metavar="FILE", help="checkpoint files (default: .inspector/threads.sqlite)"
    )
    command.add_argument("--thread", metavar="ID", help="begin with this thread of the first file")
    command.add_argument("--graph", metavar="REF", help="the graph that threads are answered, edited and run on with")
    command.add_argument("--follow", action="store_true", help="show what other programs write as it lands")
    command.add_argument("--env", metavar="FILE", help="a file of environment variables for the graph")
    command.add_argument("--python", metavar="PATH", help="the Python to run the graph with")
    command.add_argument("--config", metavar="JSON", help="a RunnableConfig; JSON or @FILE")
    command.add_argument("--context", metavar="JSON", help="the run's context; JSON or @FILE")
    command.set_defaults(function=_open)


def _open(options: argparse.Namespace) -> int:
    from inspector.store.library import FileLibrary

    files = [Path(name) for name in dict.fromkeys(options.files)] or [_default()]
    if len(files) == 1:
        from inspector.store.threads import ThreadFile

        if not options.files and not files[0].exists():
            raise UsageError(
                f"There is no {files[0]} here: name a checkpoint file, or run a graph with `inspector run`."
            )
        # What is missing, or no checkpoint file, is said before the screen is cleared; a lock is waited for, and said.
        file = ThreadFile(files[0], waiting=lambda text: print(f"inspector: {text}", file=sys.stderr))
        file.check()
        if options.thread is not None:
            file.summary(options.thread)
        file.close()
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("The browser needs a terminal; `inspector threads FILE` lists threads without one.")
    graph = _graph(options)
    library = FileLibrary(files, follow=options.follow, newest_first=True)
    newest: Callable[[], Sequence[Glance]] = tuple
    if options.thread is not None:
        newest = _Newest(files[0], options.thread)
    else:
        library.begin()  # the threads are being listed while Textual is imported
    try:
        from inspector.tui.browser import BrowserApp, run_browser

        return run_browser(BrowserApp(library, graph=graph, thread=options.thread, newest=newest))
    finally:
        library.close()


class _Newest:
    """The newest checkpoints of a thread, read while Textual is imported."""

    def __init__(self, path: Path, thread: str) -> None:
        self._path = path
        self._id = thread
        self._found: Sequence[Glance] = ()
        self._reader = Thread(target=self._read, name="inspector-glance", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        from inspector.store.glance import glance

        with suppress(InspectorError):  # who opens the thread says what is wrong
            self._found = glance(self._path, self._id, _GLANCED)

    def __call__(self) -> Sequence[Glance]:
        self._reader.join(_PATIENCE)
        return self._found


def _default() -> Path:
    from inspector.session import DEFAULT_DB

    return DEFAULT_DB


def _graph(options: argparse.Namespace) -> Settings | None:
    if options.graph is None:
        return None
    from inspector.cli_options import settings_of

    return settings_of(options, options.graph, Path.cwd())
