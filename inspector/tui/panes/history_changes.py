"""What steps changed that nobody saw being made (edits, earlier sessions): fetched for the rows on the screen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from textual.widget import Widget
from textual.worker import Worker

from inspector.core.nodes import Checkpoint
from inspector.core.states import States
from inspector.core.stepchange import briefly
from inspector.core.view import View

_KEEP = 2000
_REST = 0.15  # seconds before anything is fetched: the state that is looked at comes first


class StepChanges:
    """Texts by checkpoint. `of` gives what is known, and sees to it that the rest comes: then `came` is called."""

    def __init__(self, owner: Widget, view: View, came: Callable[[str], None]) -> None:
        self._owner = owner
        self._view = view
        self._came = came
        self._states = States(view, keep=8)
        self._known: dict[str, tuple[str, ...]] = {}
        self._wanted: dict[str, Checkpoint] = {}
        self._worker: Worker[None] | None = None

    def forget(self) -> None:
        """It is another run."""
        self._states = States(self._view, keep=8)
        self._known.clear()
        self._wanted.clear()

    def of(self, checkpoint: Checkpoint) -> tuple[str, ...] | None:
        """What a step changed, one text a channel; None while it is not known."""
        known = self._known.get(checkpoint.id)
        if known is None and checkpoint.id not in self._wanted:
            self._wanted[checkpoint.id] = checkpoint
            if self._worker is None or self._worker.is_finished:
                self._owner.call_later(self._begin)
        return known

    def _begin(self) -> None:
        if (self._worker is None or self._worker.is_finished) and self._wanted and self._owner.is_attached:
            self._worker = self._owner.run_worker(self._fetch(), exit_on_error=True)

    async def _fetch(self) -> None:
        await asyncio.sleep(_REST)
        while self._wanted:
            checkpoint = next(reversed(self._wanted.values()))  # the row that was drawn last
            states = self._states
            new = await states.load(checkpoint.id, checkpoint.ns)
            old = await states.load(checkpoint.parent, checkpoint.ns) if checkpoint.parent is not None else None
            if states is not self._states:
                continue  # another run meanwhile
            self._wanted.pop(checkpoint.id, None)
            readable = not new.problem and (old is None or not old.problem)
            self._known[checkpoint.id] = briefly(old.values if old else None, new.values) if readable else ()
            while len(self._known) > _KEEP:
                del self._known[next(iter(self._known))]
            self._came(checkpoint.id)
