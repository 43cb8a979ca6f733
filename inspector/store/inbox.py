"""The questions that wait for an answer in all threads of a checkpoint file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inspector.core.events import Namespace
from inspector.store.pending import interrupts
from inspector.store.threads import ThreadFile, ThreadSummary
from inspector.store.upcoming import CONTROL, node_of, sent_index


@dataclass(frozen=True, slots=True)
class Waiting:
    """A pending interrupt. `ns` is the namespace of the graph that its task is in; `value` and `schema` are inert."""

    thread: str
    checkpoint: str
    ns: Namespace
    task: str
    node: str
    id: str
    value: Any
    schema: Any = None


def waiting(file: ThreadFile) -> Iterator[Waiting]:
    """The pending interrupts of a file, thread by thread. Only the index is read of threads where nothing waits."""
    for batch in file.scan():
        for summary in batch:
            if summary.hint == "waiting":
                yield from waiting_in(file, summary)


def waiting_in(file: ThreadFile, summary: ThreadSummary) -> Iterator[Waiting]:
    """The pending interrupts of a thread. Those inside subgraphs are told by the task of the root that they are in."""
    rows = file.writes(summary.id, "", summary.newest)
    done = {row.task for row in rows if row.channel not in CONTROL}
    sent: list[str] | None = None
    for row in rows:
        if row.channel != "__interrupt__" or row.task in done:
            continue
        node = node_of(row.path)
        index = sent_index(row.path)
        if not node and index is not None:
            sent = _sent(file, summary) if sent is None else sent
            node = sent[index] if index < len(sent) else ""
        for id_, asked, schema in interrupts(row.decoded()):
            yield Waiting(summary.id, summary.newest, (), row.task, node, id_, asked, schema)


def _sent(file: ThreadFile, summary: ThreadSummary) -> list[str]:
    """The nodes that packets wait for, in the order in which they were sent."""
    row = file.checkpoint(summary.id, "", summary.newest)
    return [task.node for task in file.tasks(row) if task.sent] if row is not None else []
