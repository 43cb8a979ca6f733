"""A thread's whole history from its file: every checkpoint of the graph and its subgraphs, with what came next.

Reads each checkpoint once, one at a time; what comes next is told by `store.upcoming`, without the graph.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from pathlib import Path

from inspector.core.checkpoint_ids import made_at
from inspector.core.travel import Entry
from inspector.errors import UnknownThread
from inspector.store.threads import ThreadFile
from inspector.store.upcoming import Triggers, upcoming


def thread_history(path: Path, thread: str) -> list[Entry]:
    """The thread's checkpoints, newest first, those of subgraphs among them. Raises `StoreError`; `UnknownThread` where
    the file has no such thread."""
    file = ThreadFile(path)
    try:
        file.summary(thread)
        return _entries(file, thread)
    except UnknownThread as error:
        near = difflib.get_close_matches(thread, [known.id for known in file.recent(1000)], 1, 0.5)
        raise UnknownThread(f"{error}{f' Did you mean {near[0]!r}?' if near else ''}") from None
    finally:
        file.close()


def _entries(file: ThreadFile, thread: str) -> list[Entry]:
    keys = file.reader.query(
        "SELECT checkpoint_ns, checkpoint_id FROM checkpoints WHERE thread_id = ? ORDER BY checkpoint_id DESC",
        (thread,),
    )
    # A graph is the same at every call of it: what one checkpoint tells of its nodes holds for all of them. The newest
    # come first, and know of all nodes that ran before.
    known: defaultdict[str, Triggers] = defaultdict(Triggers)
    entries: list[Entry] = []
    for namespace, id in keys:
        saved = file.checkpoint(thread, namespace, id)
        if saved is None:  # deleted meanwhile
            continue
        ns = tuple(namespace.split("|")) if namespace else ()
        triggers = known["|".join(segment.partition(":")[0] for segment in ns if not segment.isdigit())]
        checkpoint = saved.decoded()
        triggers.learn(checkpoint)
        paths = file.pending(thread, namespace, id).paths
        tasks = upcoming(checkpoint, namespace, saved.step, triggers, paths.items())
        entries.append(
            Entry(
                id,
                saved.parent,
                ns,
                saved.step,
                str(saved.metadata.get("source", "")),
                tuple(task.node for task in tasks),
                made_at(id),
                saved.metadata,
            )
        )
    return entries
