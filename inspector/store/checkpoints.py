"""LangGraph's SQLite checkpoint file, read-only and inertly: nothing in it is imported, nothing in it is changed.

Nothing is locked, and no file is made (`store.reading`). Blobs are read when somebody looks at them; of one that is too
large to be read at once, the beginnings (`core.skim`), with the size of each channel.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inspector.core.events import Namespace
from inspector.core.graphinfo import GraphInfo
from inspector.core.values import MORE, Unreadable
from inspector.core.view import State
from inspector.errors import StoreError, UnknownThread
from inspector.store.deltas import left_out, rebuild, unwrapped
from inspector.store.threads import ThreadFile

# What a checkpoint holds beside the state: LangGraph's own channels.
INTERNAL_PREFIXES = ("branch:", "__", "start:", "join:")


class CheckpointFile:
    """A checkpoint file, opened for reading on first use. Methods raise `StoreError`.

    `graph`, where it is known, tells what its state channels are, in which order, and what those show that were never
    written; without it everything that is not LangGraph's own by its name is taken for state.
    """

    def __init__(self, path: Path, graph: GraphInfo | None = None) -> None:
        self.path = path
        self.graph = graph
        self._file = ThreadFile(path)
        self._query = self._file.reader.query

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def newest(self, thread: str, ns: Namespace = ()) -> str:
        """The id of the thread's newest checkpoint. Raises `UnknownThread`."""
        rows = self._query(
            "SELECT checkpoint_id FROM checkpoints WHERE thread_id=? AND checkpoint_ns=? "
            "ORDER BY checkpoint_id DESC LIMIT 1",
            (thread, "|".join(ns)),
        )
        if not rows:
            raise UnknownThread(f"{self.path} has no thread {thread!r}.{self._near(thread)}")
        return str(rows[0][0])

    def _near(self, thread: str) -> str:
        import difflib

        rows = self._query("SELECT DISTINCT thread_id FROM checkpoints LIMIT 5000", ())
        near = difflib.get_close_matches(thread, [str(row[0]) for row in rows], 3, 0.5)
        if near:
            return " Did you mean " + " or ".join(repr(name) for name in near) + "?"
        return "" if rows else " It holds no threads at all."

    def threads(self, limit: int = 20) -> list[str]:
        """Thread ids, newest checkpoint first."""
        rows = self._query(
            "SELECT thread_id, MAX(checkpoint_id) AS newest FROM checkpoints GROUP BY thread_id "
            "ORDER BY newest DESC LIMIT ?",
            (limit,),
        )
        return [str(row[0]) for row in rows]

    def state(self, thread: str, checkpoint: str, ns: Namespace = ()) -> State:
        """The state at a checkpoint. Raises `UnknownThread` when there is none with that id."""
        saved = self._file.checkpoint(thread, "|".join(ns), checkpoint)
        if saved is None:
            raise UnknownThread(f"Thread {thread!r} has no checkpoint {checkpoint!r}.")
        decoded = saved.value()
        if isinstance(decoded, Unreadable):
            return State(checkpoint, ns, {}, problem=f"this checkpoint cannot be read: {decoded.reason}")
        values = decoded.get("channel_values") if isinstance(decoded, dict) else None
        if not isinstance(values, dict):
            return State(checkpoint, ns, {}, problem="this checkpoint holds no channel values")
        values = {name: unwrapped(value) for name, value in values.items()}
        deltas = left_out(saved.metadata, values)
        if deltas:
            values |= rebuild(self._query, thread, "|".join(ns), checkpoint, deltas)
        state = self._state(checkpoint, ns, values, deltas)
        return replace(state, sizes=saved.sizes) if saved.sizes else state

    def _state(self, checkpoint: str, ns: Namespace, values: dict[str, Any], deltas: tuple[str, ...]) -> State:
        path = tuple(segment.partition(":")[0] for segment in ns if ":" in segment)
        graph = self.graph.subgraph(path) if self.graph is not None else None
        if graph is not None:
            cut_off = MORE in values  # channels are missing because they could not be reached, not because they are new
            known = [(c.name, values.get(c.name, c.initial), c.name in values) for c in graph.channels if c.is_state]
            shown = {name: value for name, value, written in known if written or (value is not None and not cut_off)}
            shown |= {MORE: values[MORE]} if cut_off else {}
        else:
            shown = {name: value for name, value in values.items() if not name.startswith(INTERNAL_PREFIXES)}
            if not shown and "__end__" in values:
                shown = {"__end__": values["__end__"]}
        if list(shown) == ["__end__"]:  # the functional API: the state is one value
            shown = {"": shown["__end__"]}
        return State(checkpoint, ns, shown, rebuilt=deltas)

    def part(
        self, thread: str, checkpoint: str, ns: Namespace, path: Sequence[str | int], start: int = 0, count: int = 200
    ) -> tuple[Any, int]:
        """A piece of a state that is too large to be read at once: see `store.rows.Rows.part`."""
        return self._file.part(thread, "|".join(ns), checkpoint, path, start, count)

    async def piece(
        self, thread: str, checkpoint: str, ns: Namespace, path: Sequence[str | int], start: int, count: int
    ) -> tuple[Any, int]:
        """As `part`, in a worker thread, by the path of a value in `State.values`."""
        stored = ("__end__", *path[1:]) if path[:1] in (("",), [""]) else path
        return await asyncio.to_thread(self.part, thread, checkpoint, ns, stored, start, count)

    async def load(self, thread: str, checkpoint: str, ns: Namespace = ()) -> State:
        """As `state`, in a worker thread; never raises (`State.problem`).

        LangGraph saves in the background: an announced checkpoint may land in the file a moment later.
        """
        for pause in (0.02, 0.05, 0.1, 0.2, 0.5, 0.0):
            try:
                return await asyncio.to_thread(self.state, thread, checkpoint, ns)
            except UnknownThread as error:
                problem = str(error)
            except StoreError as error:
                return State(checkpoint, ns, {}, problem=str(error))
            await asyncio.sleep(pause)
        return State(checkpoint, ns, {}, problem=problem)
