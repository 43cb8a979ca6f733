"""`inspector open`: the browser of saved threads."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.errors import UsageError

if TYPE_CHECKING:
    from inspector.session import Settings


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
        ThreadFile(files[0], waiting=lambda text: print(f"inspector: {text}", file=sys.stderr)).check()
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("The browser needs a terminal; `inspector threads FILE` lists threads without one.")
    graph = _graph(options)
    library = FileLibrary(files, follow=options.follow, newest_first=True)
    library.begin()  # the threads are being listed while Textual is imported
    try:
        from inspector.tui.browser import run_browser

        return run_browser(library, graph=graph)
    finally:
        library.close()


def _default() -> Path:
    from inspector.session import DEFAULT_DB

    return DEFAULT_DB


def _graph(options: argparse.Namespace) -> Settings | None:
    if options.graph is None:
        return None
    from inspector.cli_options import settings_of

    return settings_of(options, options.graph, Path.cwd())
