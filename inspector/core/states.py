"""States at checkpoints, kept while they are likely to be looked at again.

A checkpoint never changes, so a state once loaded stays right. What is kept is bounded by number and by bytes, the
longest unused going first. A state with a `problem` is not kept: the next look may find it.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeAlias

from inspector.core.events import Namespace
from inspector.core.outline import measure
from inspector.core.view import State, View

KEEP = 64
BUDGET = 64_000_000  # bytes as stored

Key: TypeAlias = tuple[str, Namespace]


class States:
    """The states of a view's thread. `peek` looks at what is kept, `load` fetches what is not."""

    def __init__(self, view: View, *, keep: int = KEEP, budget: int = BUDGET) -> None:
        self._view = view
        self._keep = keep
        self._budget = budget
        self._kept: OrderedDict[Key, tuple[State, int]] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def peek(self, checkpoint: str, ns: Namespace = ()) -> State | None:
        """The state if it is kept."""
        found = self._kept.get((checkpoint, ns))
        if found is None:
            return None
        self._kept.move_to_end((checkpoint, ns))
        return found[0]

    async def load(self, checkpoint: str, ns: Namespace = ()) -> State:
        """The state, fetched if it is not kept. Never raises: see `State.problem`."""
        kept = self.peek(checkpoint, ns)
        if kept is not None:
            return kept
        state = await self._view.state(checkpoint, ns)
        if not state.problem:
            self._put((checkpoint, ns), state)
        return state

    def _put(self, key: Key, state: State) -> None:
        size = sum(state.sizes.values()) or sum(map(measure, state.values.values()))
        old = self._kept.pop(key, None)
        self._bytes += size - (old[1] if old is not None else 0)
        self._kept[key] = (state, size)
        while self._kept and (len(self._kept) > self._keep or self._bytes > self._budget) and len(self._kept) > 2:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped
