"""Which checkpoints are in the file: one is announced once it is, so that nothing announced is lost with a process.

LangGraph saves a checkpoint behind the supersteps that follow, and tells of it before it is saved.
"""

from __future__ import annotations

import threading
from typing import Any

PATIENCE = 0.2
"""Seconds that an announcement waits. It is not saved by then while a node blocks the event loop, or never, where a
subgraph has a checkpointer of its own: then what runs is shown rather than nothing."""
_STRIKES = 3


class Commits:
    """Fed by the saver, asked by the outbox, from different threads. `watching` False: nobody feeds it."""

    def __init__(self) -> None:
        self.watching = False
        self._saved: set[str] = set()
        self._condition = threading.Condition()
        self._missed: dict[tuple[str, ...], int] = {}  # graphs (by node names) whose checkpoints did not come in time

    def watch(self, saver: Any) -> Any:
        """Hear of what a saver saves, and of what it has. Returns the saver."""
        put, get = saver.aput, saver.aget_tuple

        async def aput(config: Any, checkpoint: Any, *rest: Any, **named: Any) -> Any:
            done = await put(config, checkpoint, *rest, **named)
            self._note(checkpoint["id"])
            return done

        async def aget_tuple(config: Any) -> Any:
            found = await get(config)
            if found is not None:
                self._note(found.checkpoint["id"])
            return found

        saver.aput, saver.aget_tuple = aput, aget_tuple
        self.watching = True
        return saver

    def _note(self, id_: str) -> None:
        with self._condition:
            self._saved.add(id_)
            self._condition.notify_all()

    def is_saved(self, id_: str) -> bool:
        return not self.watching or id_ in self._saved

    def wait(self, id_: str, ns: tuple[str, ...]) -> None:
        """Until a checkpoint is saved, or for `PATIENCE`. It is asked about once."""
        if not self.watching:
            return
        graph = _graph(ns)
        with self._condition:
            if id_ not in self._saved and not self.gave_up(ns):
                saved = self._condition.wait_for(lambda: id_ in self._saved, PATIENCE)
                self._missed[graph] = 0 if saved or not graph else self._missed.get(graph, 0) + 1
            self._saved.discard(id_)

    def gave_up(self, ns: tuple[str, ...]) -> bool:
        """Whether the checkpoints of a graph are not waited for any more."""
        return self._missed.get(_graph(ns), 0) >= _STRIKES


def _graph(ns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(segment.partition(":")[0] for segment in ns)
