"""`inspector clean`: recordings that are old, or too many, go; threads and their checkpoints stay."""

from __future__ import annotations

import argparse
import re
from pathlib import Path
from typing import Any

from inspector.errors import StoreError

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_SPANS = {"h": 3_600.0, "d": 86_400.0, "w": 604_800.0}


def add_to(commands: Any) -> None:
    """Add the command to the parser's."""
    command = commands.add_parser(
        "clean", help="remove old recordings, and the oldest of too many",
        description="Removes recordings of sessions: those that are too old, and the oldest of what is too large. "
        "Threads and their checkpoints stay. Without options: what is older than 90 days, and what is over 1 GB, as "
        "happens by itself when a session begins.",
    )  # fmt: skip
    command.add_argument("--db", metavar="FILE", help="the checkpoint file (default: .inspector/threads.sqlite)")
    command.add_argument("--older-than", metavar="AGE", type=age, help="such as 12h, 30d, 8w")
    command.add_argument("--max-size", metavar="SIZE", type=amount, help="such as 500MB, 2GB")
    command.add_argument("--dry-run", action="store_true", help="say what would go, and remove nothing")
    command.set_defaults(function=_clean)


def age(text: str) -> float:
    """`30d` in seconds (for argparse)."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([hdw])", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no age; write 12h, 30d or 8w")
    return float(match[1]) * _SPANS[match[2]]


def amount(text: str) -> int:
    """`500MB` in bytes (for argparse)."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([kmgt]?)b?", text.strip().lower())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no size; write 500MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2]])


def _clean(options: argparse.Namespace) -> int:
    from inspector.core.text import one_line, plural, size
    from inspector.session import DEFAULT_DB
    from inspector.store.recording import recording_path
    from inspector.store.recording_clean import KEEP, MOST, clean

    path = recording_path(Path(options.db or DEFAULT_DB))
    if not path.exists():
        raise StoreError(f"There are no recordings: there is no file {path}.")
    chosen = options.older_than is not None or options.max_size is not None
    done = clean(
        path,
        older_than=options.older_than if options.older_than is not None else float("inf") if chosen else KEEP,
        most=options.max_size if options.max_size is not None else 10**18 if chosen else MOST,
        dry_run=options.dry_run,
    )
    for session in done.gone:
        print(f"{_day(session.began)}  {one_line(session.thread, 40):<40}  {size(session.bytes):>7}")
    verb = "would go" if options.dry_run else "removed" if done.gone else "to remove"
    said = plural(len(done.gone), "recording") if done.gone else "nothing"
    print(f"{said} {verb}; {plural(len(done.kept), 'recording')} kept; {path}: {size(done.after)}")
    return 0


def _day(at: float) -> str:
    from datetime import datetime

    try:
        return f"{datetime.fromtimestamp(at):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError, OSError):
        return "????-??-?? ??:??"
