"""The newest checkpoints of a thread at a glance: what a first frame can show of a thread of any length before anything
of it is decoded."""

from __future__ import annotations

import sqlite3
from collections import Counter
from pathlib import Path

from inspector.core.checkpoint_ids import made_at, step_of
from inspector.core.saved import Glance, made_by
from inspector.store.rows import as_metadata
from inspector.store.threads import ThreadFile
from inspector.store.upcoming import node_of

_NEWEST = (
    "SELECT checkpoint_id, parent_checkpoint_id, metadata FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' "
    "ORDER BY checkpoint_id DESC LIMIT ?"
)
_RAN = (
    "SELECT DISTINCT {path} FROM writes WHERE thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ? AND idx >= 0"
)
_PATHS = 200  # of one superstep that are looked at


def glance(path: Path, thread: str, count: int) -> list[Glance]:
    """The newest checkpoints, the newest first. Raises `UnknownThread` or another `StoreError`."""
    file = ThreadFile(path)
    try:
        if not file.has("checkpoints"):
            file.summary(thread)  # raises
        ran = _RAN.format(path=file.path_column()) if file.has("writes") else ""

        def read(connection: sqlite3.Connection) -> list[Glance]:
            found = []
            for id_, parent, metadata in connection.execute(_NEWEST, (thread, count)):
                known = as_metadata(metadata)
                step, source = known.get("step"), str(known.get("source", ""))
                paths = connection.execute(ran, (thread, parent)).fetchmany(_PATHS) if ran and parent else ()
                nodes = Counter(node for (path,) in paths if (node := node_of(str(path))))
                if not isinstance(step, int):
                    step = step_of(id_) or 0
                ended = nodes.items() if source == "loop" else ()
                found.append(Glance(step, made_by(source, ended), made_at(id_)))
            return found

        found = file.reader.run(read)
        if not found:
            file.summary(thread)  # raises, unless it has checkpoints in subgraphs alone
        return found
    finally:
        file.close()
