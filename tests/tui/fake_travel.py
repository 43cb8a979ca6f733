"""Time travel without a graph: answers what a test sets, and records in the session's `calls` what it was asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inspector.core.events import Namespace
from inspector.core.travel import Edit, Entry, Plan, Planned, Preview, Writers
from inspector.errors import InspectorError


class FakeTravel:
    """Implements `core.control.Travelling`. `refusal`, where set, is raised once by the next verb."""

    def __init__(self, calls: list[tuple[str, Any]], run: Callable[[], None]) -> None:
        self._calls = calls
        self._run = run  # begins a run, as `start` does
        self.refusal: InspectorError | None = None
        self.entries: list[Entry] = []
        self.planned = Plan("cp-1", first=(Planned("work"),))
        self.writing = Writers(("work",), "work")
        self.previewed = Preview(next=("work",), as_node="work")
        self.forked = "cp-forked"

    async def history(self) -> Sequence[Entry]:
        return self.entries

    async def plan(self, checkpoint: str, ns: Namespace = ()) -> Plan:
        self._note("plan", (checkpoint, ns))
        return self.planned

    async def rerun(self, checkpoint: str, ns: Namespace = ()) -> None:
        self._note("rerun", (checkpoint, ns))
        self._run()

    async def writers(self, checkpoint: str, ns: Namespace = ()) -> Writers:
        self._note("writers", (checkpoint, ns))
        return self.writing

    async def preview(self, edit: Edit) -> Preview:
        self._note("preview", edit)
        return self.previewed

    async def fork(self, edit: Edit) -> str:
        self._note("fork", edit)
        return self.forked

    async def jump(self, checkpoint: str, goto: Sequence[str], update: dict[str, Any] | None = None) -> None:
        self._note("jump", (checkpoint, tuple(goto), update))
        self._run()

    def _note(self, verb: str, argument: Any) -> None:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        self._calls.append((verb, argument))
