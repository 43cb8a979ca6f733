"""The command line: parse, then import only what the command needs."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector import __version__, cli_clean, cli_history, cli_open, cli_threads, cli_travel
from inspector.cli_options import MISSING, breakpoints_of, given_input, positive, settings_of
from inspector.errors import InspectorError, SeveralGraphs, UsageError

if TYPE_CHECKING:
    from inspector.session import Session

_EPILOG = """\
REF names a graph:
  path/file.py:graph   an attribute of a file       package.module:graph   of a module
  path/file.py         the one graph in a file      DIR or langgraph.json  the graphs it names (DIR:name for one)

exit status: 0 done, 1 the graph failed, 2 usage or loading, 3 waiting for an answer, 130 cancelled
"""


class _Parser(argparse.ArgumentParser):
    """One sentence and the command's usage on an error, exit status 2."""

    def error(self, message: str) -> Any:
        raise UsageError(f"{message[:1].upper()}{message[1:]}. See: {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = _Parser(
        prog="inspector",
        description="The terminal debugger for LangGraph graphs. Local, keyboard first, no account.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"langgraph-inspector {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", required=True)

    run = commands.add_parser(
        "run", help="run a graph and watch it live", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    run.add_argument("ref", metavar="REF", help="the graph (see below)")
    _run_options(run)
    run.set_defaults(function=_run)

    demo = commands.add_parser("demo", help="run a bundled sample graph (travel_agent), no key or network needed")
    demo.add_argument("sample", nargs="?", default="travel_agent", metavar="SAMPLE", help="which one; `list` names all")
    _run_options(demo)
    demo.set_defaults(function=_demo)

    check = commands.add_parser("check", help="load a graph and say what it is, without running it")
    check.add_argument("ref", metavar="REF")
    check.add_argument("--json", action="store_true", help="as one JSON object")
    check.add_argument("--env", metavar="FILE", help="a file of environment variables for the graph")
    check.add_argument("--python", metavar="PATH", help="the Python to load it with")
    check.add_argument("--config", metavar="JSON", help="the config given to a graph factory")
    check.add_argument("--context", metavar="JSON", help="the context given to a graph factory")
    check.set_defaults(function=_check)

    state = commands.add_parser("state", help="print the state of a saved thread")
    state.add_argument("thread", metavar="THREAD")
    state.add_argument("--db", metavar="FILE", help="the checkpoint file (default: .inspector/threads.sqlite)")
    state.add_argument("--checkpoint", metavar="ID", help="at this checkpoint (default: the newest)")
    state.add_argument("--json", action="store_true", help="as one JSON object")
    state.set_defaults(function=_state)
    cli_travel.add_to(commands)
    cli_clean.add_to(commands)
    cli_history.add_to(commands)
    cli_open.add(commands)
    cli_threads.add(commands)
    return top


def _run_options(run: argparse.ArgumentParser) -> None:
    given = run.add_argument_group("input")
    given.add_argument("--input", metavar="JSON", help="the input as JSON, @FILE to read a file, - for standard input")
    given.add_argument("--message", metavar="TEXT", help="one human message, for graphs with `messages`")
    where = run.add_argument_group("where it runs")
    where.add_argument("--db", metavar="FILE", help="the checkpoint file (default: .inspector/threads.sqlite)")
    where.add_argument("--thread", metavar="ID", help="the thread to run on (default: a new one)")
    where.add_argument("--keep-checkpointer", action="store_true", help="leave the graph the checkpointer it has")
    where.add_argument("--env", metavar="FILE", help="a file of environment variables for the graph")
    where.add_argument("--python", metavar="PATH", help="the Python to run it with (default: the project's .venv)")
    how = run.add_argument_group("how it runs")
    how.add_argument("--config", metavar="JSON", help="a RunnableConfig; JSON or @FILE")
    how.add_argument("--context", metavar="JSON", help="the run's context; JSON or @FILE")
    how.add_argument("--recursion-limit", metavar="N", type=positive, help="at most N supersteps")
    how.add_argument("--reload", action="store_true", help="load changed code by itself, and go on at the same place")
    how.add_argument("--no-record", action="store_true", help="do not record what happens (threads.recording.sqlite)")
    how.add_argument("--record-secrets", action="store_true", help="record what looks like a secret unmasked")
    how.add_argument("--break", dest="breaks", metavar="SPEC", action="append", default=[],
                     help="stop there; again for more: NODE, after:NODE, tool:NAME, model, error, change:KEY, "
                     "each with ' if EXPRESSION' or ' hits N' behind it")  # fmt: skip
    how.add_argument("--step", action="store_true", help="begin stopped, before the first node")
    how.add_argument("--headless", action="store_true", help="no UI: one JSON object a line (docs/headless.md)")
    how.add_argument("--exit-on-end", action="store_true", help="leave the app when the run ends, with a summary")


def run(argv: list[str]) -> int:
    """Carry out a command line. Returns the exit status; prints every `InspectorError` as a sentence."""
    try:
        options = parser().parse_args(argv)
        status: int = options.function(options)
    except SystemExit as done:  # argparse's --help and --version
        return int(done.code or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `inspector ... | head`
        _close_stdout()
        return 0
    except InspectorError as error:
        report(error)
        return error.exit_status
    return status


def report(error: InspectorError) -> None:
    """Print an error: one sentence, then the user's own traceback where there is one."""
    from inspector.core.text import safe

    if error.traceback:
        print(safe(error.traceback.rstrip()), file=sys.stderr)
        print(file=sys.stderr)
    print(f"inspector: {safe(str(error))}", file=sys.stderr)
    if isinstance(error, SeveralGraphs):
        for name in error.names:
            print(f"  {safe(name)}", file=sys.stderr)


def _close_stdout() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


# ---------------------------------------------------------------------- commands


def _run(options: argparse.Namespace) -> int:
    return _run_ref(options, options.ref, Path.cwd())


def _demo(options: argparse.Namespace) -> int:
    import sample_graphs

    samples = sample_graphs.SAMPLES
    if options.sample == "list":
        width = max(map(len, samples))
        for name, (_module, about) in samples.items():
            print(f"{name:<{width}}  {about}")
        return 0
    if options.sample not in samples:
        raise UsageError(f"There is no sample {options.sample!r}. The samples are: {', '.join(samples)}.")
    file = Path(sample_graphs.__file__).with_name(f"{options.sample}.py")
    if options.input is None and options.message is None:
        options.example = file
    return _run_ref(options, f"{file}:graph", Path.cwd())


def _run_ref(options: argparse.Namespace, ref: str, cwd: Path) -> int:
    settings = settings_of(options, ref, cwd)
    given = given_input(options)
    breakpoints = breakpoints_of(options)
    if options.headless:
        if given is MISSING:
            raise UsageError("Headless runs need an input: --input JSON, --input @FILE, --input - or --message TEXT.")
        from inspector.session import Session

        session = Session(settings)
        session.steer.prepare(breakpoints, step=options.step)
        session.begin()
        import asyncio

        from inspector.headless import run_headless

        return asyncio.run(run_headless(session, given))
    _need_terminal()
    from inspector.session import Session

    session = Session(settings)
    session.steer.prepare(breakpoints, step=options.step)
    session.begin()  # the graph is being imported while Textual is
    return _app(session, given, options.exit_on_end)


def _app(session: Session, given: Any, exit_on_end: bool) -> int:
    from inspector.tui.app import MISSING as NOTHING
    from inspector.tui.app import run_app

    return run_app(session, input=NOTHING if given is MISSING else given, exit_on_end=exit_on_end)


def _need_terminal() -> None:
    # Textual reads the keyboard from stdin and draws on stderr; without a terminal there it hangs.
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("The app needs a terminal; use --headless for a run without one.")


def _check(options: argparse.Namespace) -> int:
    import asyncio

    from inspector.check import render, to_json
    from inspector.session import Session

    session = Session(settings_of(options, options.ref, Path.cwd(), db=None))

    async def look() -> Any:
        try:
            return await session.wait_described()
        finally:
            await session.close()

    info = asyncio.run(look())
    print(to_json(info) if options.json else render(info))
    return 0


def _state(options: argparse.Namespace) -> int:
    from inspector.core.values import to_json
    from inspector.session import DEFAULT_DB
    from inspector.store.checkpoints import CheckpointFile

    file = CheckpointFile(Path(options.db or DEFAULT_DB))
    checkpoint = options.checkpoint or file.newest(options.thread)
    state = file.state(options.thread, checkpoint)
    if state.problem:
        from inspector.errors import StoreError

        raise StoreError(f"The state of {options.thread} cannot be shown: {state.problem}.")
    values = to_json(state.values[""] if set(state.values) == {""} else state.values)
    print(json.dumps(values, ensure_ascii=False, indent=None if options.json else 2))
    return 0
