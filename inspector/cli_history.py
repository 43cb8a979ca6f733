"""The commands that look at a saved thread's checkpoints, without its graph: history and diff. What they print is
described in docs/headless.md."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inspector.errors import InputError

if TYPE_CHECKING:
    from inspector.core.travel import Entry


def add_to(commands: Any) -> None:
    """Add the parsers of the commands."""
    history = commands.add_parser("history", help="list the checkpoints of a saved thread, newest first")
    history.add_argument("thread", metavar="THREAD")
    db_option(history)
    history.add_argument("--json", action="store_true", help="one JSON object a line")
    history.set_defaults(function=_history)

    diff = commands.add_parser("diff", help="compare two checkpoints of a saved thread")
    diff.add_argument("thread", metavar="THREAD")
    diff.add_argument("a", metavar="A", help="a checkpoint: its id, or the beginning of it")
    diff.add_argument("b", metavar="B")
    db_option(diff)
    diff.add_argument("--json", action="store_true", help="as one JSON object")
    diff.set_defaults(function=_diff)


def db_option(command: argparse.ArgumentParser) -> None:
    """Add `--db`."""
    command.add_argument("--db", metavar="FILE", help="the checkpoint file (default: .inspector/threads.sqlite)")


def _history(options: argparse.Namespace) -> int:
    entries = entries_of(options)
    if options.json:
        for entry in entries:
            print_line(_object(entry))
        return 0
    from inspector.core.text import one_line

    for entry in entries:
        where = "".join(f"{segment.partition(':')[0]} > " for segment in entry.ns)
        after = f"{where}{', '.join(entry.next) or 'end'}"
        print(f"{entry.id}  {_time(entry)[:19]:19}  {entry.step:>5}  {entry.source:<6}  {one_line(after, 200)}")
    return 0


def _diff(options: argparse.Namespace) -> int:
    from inspector.core.branches import find
    from inspector.core.compare import compare
    from inspector.store.checkpoints import CheckpointFile

    entries = entries_of(options)
    file = CheckpointFile(db_of(options))
    try:
        a, b = (find(entries, text, options.thread) for text in (options.a, options.b))
        states = [file.state(options.thread, entry.id, entry.ns) for entry in (a, b)]
    finally:
        file.close()
    for state in states:
        if state.problem:
            raise InputError(f"The state at {state.checkpoint} cannot be shown: {state.problem}.")
    found = compare(entries, a, b, states[0].values, states[1].values)
    changes = [_change(change.path, change.mark, change.old, change.new) for change in found.changes]
    if options.json:
        print_line(
            {
                "a": a.id,
                "b": b.id,
                "ancestor": found.ancestor.id if found.ancestor else None,
                "parted": found.parted,
                "left": [_object(entry) for entry in found.left],
                "right": [_object(entry) for entry in found.right],
                "changes": changes,
            }
        )
        return 0
    _print_difference(found.ancestor, found.parted, changes)
    return 0


def _change(path: Sequence[Any], mark: str, old: Any, new: Any) -> dict[str, Any]:
    from inspector.core.diff import MISSING
    from inspector.core.values import to_json

    sides = {name: to_json(value) for name, value in (("old", old), ("new", new)) if value is not MISSING}
    return {"path": list(path), "mark": mark, **sides}


def _print_difference(ancestor: Entry | None, parted: int | None, changes: list[dict[str, Any]]) -> None:
    from inspector.core.text import one_line

    if ancestor is None:
        print("They have no checkpoint in common.")
    elif parted is None:
        print("They are the same checkpoint.")
    else:
        print(f"They part at step {parted}, after {ancestor.id}.")
    if not changes:
        print("The states are the same.")
    for change in changes:
        place = one_line(".".join(map(str, change["path"])), 120)
        sides = [json.dumps(change[side], ensure_ascii=False) for side in ("old", "new") if side in change]
        print(f"{change['mark']:8} {place}  {one_line(' -> '.join(sides), 400)}")


# ---------------------------------------------------------------------- what other commands need, too


def db_of(options: argparse.Namespace) -> Path:
    """The checkpoint file that the options name."""
    from inspector.session import DEFAULT_DB

    return Path(options.db or DEFAULT_DB).absolute()


def entries_of(options: argparse.Namespace) -> list[Entry]:
    """The history of the thread that the options name. Raises `StoreError`."""
    from inspector.store.history import thread_history

    return thread_history(db_of(options), options.thread)


def _object(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "parent": entry.parent,
        "ns": list(entry.ns),
        "step": entry.step,
        "source": entry.source,
        "next": list(entry.next),
        "time": _time(entry) or None,
    }


def _time(entry: Entry) -> str:
    """When a checkpoint was made, in UTC (ISO 8601); empty where its id does not tell."""
    from datetime import UTC, datetime

    if entry.at is None:
        return ""
    return datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def print_line(value: Any) -> None:
    """Print a value as one line of JSON."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()
