"""Steering without a graph: it records what it was asked, and releases what a test holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inspector.core.breakpoints import Breakpoint
from inspector.core.control import ReleaseKind, StepKind
from inspector.errors import InspectorError


class FakeSteer:
    """Implements `core.control.Steering`. Calls go to `calls` as `("breakpoints", tuple)`, `("step", (how, target))`,
    `("release", (hold, action, value))`; `refusal` is raised once by the next of them."""

    def __init__(self, calls: list[tuple[str, Any]], released: Callable[[str | None, str], None]) -> None:
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self.refusal: InspectorError | None = None
        self._calls = calls
        self._released = released

    def _refuse(self) -> None:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal

    async def set_breakpoints(self, breakpoints: Sequence[Breakpoint]) -> None:
        self._refuse()
        self.breakpoints = tuple(breakpoints)
        self._calls.append(("breakpoints", self.breakpoints))

    async def step(self, how: StepKind, target: str = "") -> None:
        self._refuse()
        self._calls.append(("step", (how, target)))
        self._released(None, "go")

    async def release(self, hold: str | None, action: ReleaseKind = "go", value: Any = None) -> None:
        self._refuse()
        self._calls.append(("release", (hold, action, value)))
        self._released(hold, action)
