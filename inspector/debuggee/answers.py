"""Refuses a run that could not do what was asked: unknown checkpoints, answers to interrupts that do not wait.

LangGraph itself passes over the id of an interrupt that was answered meanwhile, and takes an unknown checkpoint for an
empty thread.
"""

from __future__ import annotations

from typing import Any

from inspector.core.commands import StartRun
from inspector.errors import CommandError


async def check(graph: Any, command: StartRun) -> None:
    """Raises `CommandError`. Graphs without a checkpointer are not asked: LangGraph says what they cannot do."""
    if graph.checkpointer is None or isinstance(graph.checkpointer, bool):
        return
    at: dict[str, Any] = {"thread_id": command.thread}
    if command.checkpoint is not None:
        at |= {"checkpoint_ns": "", "checkpoint_id": command.checkpoint}
        if await graph.checkpointer.aget_tuple({"configurable": at}) is None:
            raise CommandError(f"Thread {command.thread!r} has no checkpoint {command.checkpoint!r}.")
    elif command.resume:
        _check_ids(command.resume, (await graph.aget_state({"configurable": at})).interrupts)


def _check_ids(answers: dict[str, Any], waiting: Any) -> None:
    ids = [interrupt.id for interrupt in waiting]
    gone = [id for id in answers if id not in ids]
    if not gone:
        return
    others = f" Waiting now: {', '.join(ids)}." if ids else " Nothing waits for an answer now."
    raise CommandError(f"No interrupt {gone[0]} waits for an answer; it may have been answered meanwhile.{others}")
