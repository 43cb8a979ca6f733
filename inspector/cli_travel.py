"""The commands that run a saved thread on without a UI: resume, rerun, fork. What they print is described in
docs/headless.md."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.cli_history import db_of, db_option, entries_of, print_line
from inspector.cli_options import json_option, positive, settings_of
from inspector.errors import InputError, UsageError

if TYPE_CHECKING:
    from inspector.core.travel import Edit, Entry, Plan
    from inspector.session import Session
    from inspector.store.inbox import Waiting


def add_to(commands: Any) -> None:
    """Add the parsers of the commands."""
    resume = commands.add_parser("resume", help="answer the questions of a saved thread, or go on where it stopped")
    resume.add_argument("thread", metavar="THREAD")
    resume.add_argument(
        "--answer", metavar="[ID=]JSON", action="append", default=[],
        help="an answer by the id of its question (one waits: without); what is no JSON is text",
    )  # fmt: skip
    _graph_options(resume)
    resume.set_defaults(function=_resume)

    rerun = commands.add_parser("rerun", help="run on from a checkpoint, as a second branch of the thread")
    rerun.add_argument("thread", metavar="THREAD")
    _from_option(rerun)
    rerun.add_argument("--dry-run", action="store_true", help="say what would run, and run nothing")
    _graph_options(rerun)
    rerun.set_defaults(function=_rerun)

    fork = commands.add_parser("fork", help="change the state at a checkpoint, as a second branch of the thread")
    fork.add_argument("thread", metavar="THREAD")
    _from_option(fork)
    fork.add_argument(
        "--set", metavar="KEY=JSON", action="append", default=[], dest="values",
        help='a value to write; {"__overwrite__": ...} replaces what a reducer would merge',
    )  # fmt: skip
    fork.add_argument("--as-node", metavar="NAME", default="", help="the node that it is written as")
    fork.add_argument("--dry-run", action="store_true", help="say what it would come to, and save nothing")
    fork.add_argument("--run", action="store_true", help="run the fork")
    _graph_options(fork)
    fork.set_defaults(function=_fork)


def _from_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--from", metavar="ID", dest="checkpoint", required=True, help="a checkpoint: its id, or the beginning of it"
    )


def _graph_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--graph", metavar="REF", help="the graph (default: the one the thread was last run with)")
    db_option(command)
    command.add_argument("--env", metavar="FILE", help="a file of environment variables for the graph")
    command.add_argument("--python", metavar="PATH", help="the Python to run it with")
    command.add_argument("--config", metavar="JSON", help="a RunnableConfig; JSON or @FILE")
    command.add_argument("--context", metavar="JSON", help="the run's context; JSON or @FILE")
    command.add_argument("--recursion-limit", metavar="N", type=positive, help="at most N supersteps")


# ---------------------------------------------------------------------- commands that run the graph


def _resume(options: argparse.Namespace) -> int:
    from inspector.store.inbox import waiting_in
    from inspector.store.threads import ThreadFile

    file = ThreadFile(db_of(options))
    try:
        waiting = list(waiting_in(file, file.summary(options.thread)))
    finally:
        file.close()
    answers = _answers(options.answer, waiting)
    session = _session(options)
    return _run(session, lambda: session.start(resume=answers, goes_on=answers is None))


def _answers(given: Sequence[str], waiting: Sequence[Waiting]) -> dict[str, Any] | None:
    """The answers by the ids of their interrupts; None where there are none to give."""
    if not given:
        return None
    if not waiting:
        raise InputError("Nothing waits for an answer in this thread; without --answer it goes on where it stopped.")
    from inspector.core.outline import question

    listed = "; ".join(f"{asked.id}: {question(asked.value)}" for asked in waiting)
    answers: dict[str, Any] = {}
    for text in given:
        name, _, value = text.partition("=")
        named = [asked for asked in waiting if _ID.fullmatch(name) and asked.id.startswith(name)]
        if len(named) == 1:
            answers[named[0].id] = _answer(value, named[0])
        elif _ID.fullmatch(name) and len(name) == 32:
            raise InputError(f"No question {name} waits for an answer; it may have been answered meanwhile ({listed}).")
        elif len(waiting) == 1 and len(given) == 1:
            answers[waiting[0].id] = _answer(text, waiting[0])
        else:
            raise InputError(f"Say which question {text!r} answers: --answer ID=JSON. Waiting are {listed}.")
    return answers


_ID = re.compile("[0-9a-f]{4,32}")  # of an interrupt, or the beginning of one


def _answer(text: str, asked: Waiting) -> Any:
    """As in the app: JSON where the text is that and the question takes it, else the text. Raises `InputError`."""
    from inspector.core.question import answer

    if text.startswith("@") or text == "-":
        text = json.dumps(json_option("--answer", text))
    return answer(text, asked.schema)


def _rerun(options: argparse.Namespace) -> int:
    entry = _entry(options, options.checkpoint)
    session = _session(options)
    if options.dry_run:
        plan: Plan = _ask(session, lambda: session.travel.plan(entry.id, entry.ns))
        if plan.refused:
            raise UsageError(plan.refused)
        print_line(_plan(plan))
        return 0
    return _run(session, lambda: session.travel.rerun(entry.id, entry.ns))


def _plan(plan: Plan) -> dict[str, Any]:
    from dataclasses import asdict

    fields = asdict(plan)
    fields.pop("refused")
    return fields


def _fork(options: argparse.Namespace) -> int:
    from inspector.core.travel import Edit

    if not options.values:
        raise UsageError("Say what to change: --set KEY=JSON.")
    entry = _entry(options, options.checkpoint)
    edit = Edit(entry.id, dict(_assignment(text) for text in options.values), options.as_node, entry.ns)
    session = _session(options)
    if not options.run:
        print_line(_ask(session, lambda: _forked(session, edit, options.dry_run)))
        return 0

    async def begin() -> None:
        print_line(await _forked(session, edit, options.dry_run))
        await session.start(goes_on=True)

    if options.dry_run:
        raise UsageError("--dry-run and --run exclude each other.")
    return _run(session, begin)


async def _forked(session: Session, edit: Edit, dry: bool) -> dict[str, Any]:
    from inspector.core.values import decode, to_json

    await session.wait_ready()
    preview = await session.travel.preview(edit)
    said = {"from": edit.checkpoint, "ns": list(edit.ns), "as_node": preview.as_node, "next": list(preview.next)}
    if dry:
        return {**said, "values": to_json(decode(preview.values))}
    return {"kind": "forked", "checkpoint": await session.travel.fork(edit), **said}


def _assignment(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UsageError(f"--set takes KEY=JSON, not {text!r}.")
    return key, json_option(f"--set {key}", value)


# ---------------------------------------------------------------------- what they share


def _entry(options: argparse.Namespace, text: str) -> Entry:
    from inspector.core.branches import find

    return find(entries_of(options), text, options.thread)


def _session(options: argparse.Namespace) -> Session:
    """A session on the thread, with the graph that the options name or that it was run with; its process starts."""
    from inspector.session import Session
    from inspector.store.known_graphs import KnownGraphs

    options.db = str(db_of(options))
    ref, cwd = options.graph, Path.cwd()
    if ref is None:
        known = KnownGraphs(Path(options.db)).of(options.thread)
        if known is None:
            raise UsageError(
                f"Which graph {options.thread!r} was run with is not known here; name it with --graph REF."
            )
        ref, cwd = known.ref, Path(known.cwd)
        options.python = options.python or known.python
        options.env = options.env or known.env
    session = Session(settings_of(options, ref, cwd))
    session.begin()
    return session


def _run(session: Session, begin: Callable[[], Awaitable[None]]) -> int:
    import asyncio

    from inspector.headless import run_headless

    return asyncio.run(run_headless(session, begin=begin))


def _ask(session: Session, question: Callable[[], Awaitable[Any]]) -> Any:
    """The answer of a session that runs nothing."""
    import asyncio

    async def ask() -> Any:
        try:
            await session.wait_ready()
            return await question()
        finally:
            await session.close()

    return asyncio.run(ask())
