"""The `ndjson` form of a thread: one JSON object a line, for other programs.

The first line is `{"kind": "thread", ...}`. Then come the events, as `inspector run --headless` prints them
(docs/headless.md), from the recording or rebuilt (`"approximate": true` in the first line); and after each `checkpoint`
line one of `{"kind": "state", "ns": [...], "id": "...", "at": ..., "values": {...}}` with the whole state.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inspector.core.checkpoint_ids import made_at
from inspector.core.events import CheckpointSaved
from inspector.core.values import to_json
from inspector.errors import UnknownThread
from inspector.export.content import Content
from inspector.headless import to_object


def lines(content: Content) -> Iterator[str]:
    """The lines, each with its newline."""
    mark, summary = content.mark, content.summary
    head = {
        "kind": "thread", "thread": content.thread, "file": content.file.path.name, "alias": mark.alias,
        "tags": list(mark.tags), "status": content.details.status, "checkpoints": summary.checkpoints,
        "began": summary.began, "at": summary.at, "approximate": content.approximate,
    }  # fmt: skip
    yield _line(head)
    told: set[str] = set()
    for seq, event in enumerate(content.events(), 1):
        yield _line(content.masked(to_object(event, seq)))
        if isinstance(event, CheckpointSaved) and event.id not in told:
            told.add(event.id)  # a resume tells again the one that it goes on from
            try:
                state = content.states.state(content.thread, event.id, event.ns)
            except UnknownThread:  # deleted since it was recorded
                continue
            values = to_json(state.values.get("", state.values))
            where = {"kind": "state", "ns": list(event.ns), "id": event.id, "at": made_at(event.id)}
            problem = {"problem": state.problem} if state.problem else {}
            yield _line({**where, "values": content.masked(values), **problem})


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) + "\n"
