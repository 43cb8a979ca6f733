"""How a run ended that raised: LangGraph's own exceptions are no failures."""

from __future__ import annotations

import asyncio
from typing import Any

from inspector.core.events import SpanStatus


def left_with(error: BaseException | None) -> SpanStatus | None:
    """How a run ended that left with an exception which is no failure: an interrupt, a command to the parent graph, a
    cancellation. None for a failure."""
    if isinstance(error, asyncio.CancelledError):
        return "cancelled"
    names = {cls.__name__ for cls in type(error).__mro__}
    if "ParentCommand" in names:
        return "ok"
    return "interrupted" if "GraphBubbleUp" in names else None


def command_of(error: BaseException | None) -> Any:
    """The command that a `ParentCommand` carries."""
    return error.args[0] if error is not None and error.args else None
