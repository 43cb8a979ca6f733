"""A thread's whole history from its file: every checkpoint of the graph and its subgraphs, with what came next.

Reads each checkpoint once, one at a time, and of its state nothing; what comes next is told by `store.upcoming`,
without the graph.
"""

from __future__ import annotations

import difflib
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import ormsgpack

from inspector.core.checkpoint_ids import made_at
from inspector.core.travel import Entry
from inspector.core.values import AT_ONCE, as_extension, decode
from inspector.errors import UnknownThread
from inspector.store.rows import Saved
from inspector.store.threads import ThreadFile
from inspector.store.upcoming import Triggers, upcoming


def thread_history(path: Path, thread: str) -> list[Entry]:
    """The thread's checkpoints, newest first, those of subgraphs among them. Raises `StoreError`; `UnknownThread` where
    the file has no such thread."""
    return History(path, thread).entries()


class History:
    """A thread's history as it grows: checkpoints never change, so each is read once. Safe to use from threads."""

    def __init__(self, path: Path, thread: str) -> None:
        self._path = path
        self._thread = thread
        self._known: dict[tuple[str, str], Entry] = {}
        # A graph is the same at every call of it: what one checkpoint tells of its nodes holds for all of them.
        self._triggers: defaultdict[str, Triggers] = defaultdict(Triggers)
        self._lock = Lock()

    def entries(self) -> list[Entry]:
        """As `thread_history`."""
        file = ThreadFile(self._path)
        try:
            file.summary(self._thread)
            with self._lock:
                return self._read(file)
        except UnknownThread as error:
            near = difflib.get_close_matches(self._thread, [known.id for known in file.recent(1000)], 1, 0.5)
            raise UnknownThread(f"{error}{f' Did you mean {near[0]!r}?' if near else ''}") from None
        finally:
            file.close()

    def _read(self, file: ThreadFile) -> list[Entry]:
        keys = file.reader.query(
            "SELECT checkpoint_ns, checkpoint_id FROM checkpoints WHERE thread_id = ? ORDER BY checkpoint_id DESC",
            (self._thread,),
        )
        entries: dict[tuple[str, str], Entry] = {}
        for namespace, id in keys:  # the newest first: they know of all nodes that ran before
            entry = self._known.get((namespace, id))
            if entry is None or not entry.next:  # what comes next may show by what is written then
                entry = self._entry(file, namespace, id)
            if entry is not None:
                entries[namespace, id] = entry
        self._known = entries
        return list(entries.values())

    def _entry(self, file: ThreadFile, namespace: str, id: str) -> Entry | None:
        saved = file.checkpoint(self._thread, namespace, id)
        if saved is None:  # deleted meanwhile
            return None
        ns = tuple(namespace.split("|")) if namespace else ()
        triggers = self._triggers["|".join(segment.partition(":")[0] for segment in ns if not segment.isdigit())]
        checkpoint = _skeleton(saved)
        triggers.learn(checkpoint)
        paths = file.pending(self._thread, namespace, id).paths
        tasks = upcoming(checkpoint, namespace, saved.step, triggers, paths.items())
        nodes = tuple(task.node for task in tasks)
        source = str(saved.metadata.get("source", ""))
        return Entry(id, saved.parent, ns, saved.step, source, nodes, made_at(id), saved.metadata)


# The channels that say what comes next; all others hold state.
_TELLING = ("branch:", "join:", "start:", "__")


@dataclass(frozen=True, slots=True)
class _Closed:
    """An object that has not been looked into."""

    code: int
    data: bytes


def _skeleton(saved: Saved) -> dict[str, Any]:
    """A checkpoint without its state, inertly: the objects in it, which are most of the work, stay closed."""
    if saved.type != "msgpack" or saved.skimmed is not None or len(saved.blob) > AT_ONCE:
        return saved.decoded()
    try:
        checkpoint = ormsgpack.unpackb(saved.blob, ext_hook=_Closed, option=ormsgpack.OPT_NON_STR_KEYS)
        values = checkpoint["channel_values"]
        opened = {name: _opened(value) for name, value in values.items() if name.startswith(_TELLING)}
    except Exception:  # damaged, or of another making
        return saved.decoded()
    return {**checkpoint, "channel_values": opened}


def _opened(value: Any) -> Any:
    if isinstance(value, list):
        return [_opened(item) for item in value]
    if isinstance(value, _Closed):
        return as_extension(value.code, decode(value.data), len(value.data))
    return value
