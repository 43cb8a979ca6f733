"""The threads of a file as plain data, and as a table in text: what `inspector threads` prints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inspector.core.saved import Mark
from inspector.core.text import number, one_line, size
from inspector.core.threadfilter import parse_filter, searchable
from inspector.core.values import to_json
from inspector.store.marks import Marks
from inspector.store.shelf import as_insight
from inspector.store.threads import ThreadFile, ThreadSummary

_HEAD = ("THREAD", "LAST ACTIVITY", "STEPS", "CHECKPOINTS", "SIZE", "STATUS", "")


def listed(
    path: Path,
    filter: str = "",
    *,
    limit: int | None = None,
    sizes: bool = True,
    waiting: Callable[[str], None] | None = None,
) -> Iterator[dict[str, Any]]:
    """The threads that a filter matches (`core.threadfilter`), last written to first. Raises `StoreError`.

    Each is `thread`, `alias`, `tags`, `at` and `began` (Unix seconds or null), `checkpoints`, `supersteps`, `status`,
    `questions` (`id`, `value`), `error`, `next`, `metadata`, `bytes` (null without `sizes`), `problem`.
    """
    file = ThreadFile(path, waiting=waiting)
    try:
        file.check()
        marks = Marks(path).load()
        wanted = parse_filter(filter)
        summaries = [
            summary for batch in file.scan() for summary in batch if wanted.named(summary.id, marks.get(summary.id))
        ]
        summaries.sort(key=lambda summary: (summary.at or 0.0, summary.id), reverse=True)
        shown = 0
        for summary in summaries:
            if limit is not None and shown >= limit:
                return
            details = file.details(summary)
            if not wanted.stands(as_insight(details).standing) or not wanted.about(searchable(details.metadata)):
                continue
            shown += 1
            mark = marks.get(summary.id, Mark())
            yield {
                "thread": summary.id, "alias": mark.alias, "tags": list(mark.tags), "at": summary.at,
                "began": summary.began, "checkpoints": summary.checkpoints, "supersteps": _steps(summary, details.step),
                "status": details.status, "next": list(details.next),
                "questions": [{"id": id_, "value": to_json(value)} for id_, value in details.interrupts],
                "question": details.questions[0] if details.questions else "", "error": details.error,
                "metadata": details.metadata, "bytes": file.bytes(summary.id) if sizes else None,
                "problem": details.problem,
            }  # fmt: skip
    finally:
        file.close()


def _steps(summary: ThreadSummary, step: int | None) -> int | None:
    return max(step, 0) if step is not None else summary.supersteps


def table(threads: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The threads as lines of a table, safe for a terminal."""
    rows = [_HEAD, *(_row(thread) for thread in threads)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD) - 1)]
    for row in rows:
        cells = [
            cell.rjust(width) if 2 <= column <= 4 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row[:-1], widths, strict=True))
        ]
        yield "  ".join([*cells, row[-1]]).rstrip()


def _row(thread: dict[str, Any]) -> tuple[str, ...]:
    name = one_line(thread["thread"], 48)
    if thread["alias"]:
        name = f"{one_line(thread['alias'], 30)} ({name})"
    at = thread["at"]
    when = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S") if at is not None else ""
    said = thread["question"] or thread["error"] or thread["problem"] or ", ".join(thread["next"])
    taken = "" if thread["bytes"] is None else size(thread["bytes"])
    steps = "" if thread["supersteps"] is None else number(thread["supersteps"])
    return name, when, steps, number(thread["checkpoints"]), taken, thread["status"], one_line(said, 100)
