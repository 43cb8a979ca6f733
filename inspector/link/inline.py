"""The debuggee on the caller's own event loop: the same host, no process, no encoding. For tests and the Python API."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from inspector.core.events import Event


class InlineDebuggee:
    """The in-memory twin of `link.process.DebuggeeProcess`; `events` fills with events, not with raw lists."""

    def __init__(self) -> None:
        from inspector.debuggee.host import Host

        self.events: deque[Event] = deque()
        self.output: deque[tuple[str, str]] = deque()
        self.arrived = asyncio.Event()
        self.closed = False
        self.host = Host(self._take, inline=True)

    def _take(self, event: Event) -> None:
        self.events.append(event)
        self.arrived.set()

    def attach(self) -> None:
        """Nothing to do: events come by themselves."""

    def alive(self) -> bool:
        return not self.closed

    def kill(self) -> None:
        """Cancel the run; there is no process to kill."""
        task = asyncio.ensure_future(self.host.cancel())
        task.add_done_callback(lambda _: None)

    def drained(self) -> None:
        """Nothing to do."""

    async def request(self, op: str, **fields: Any) -> Any:
        """Carry out a command at once. Raises `InspectorError`."""
        return await self.host.command(op, fields)

    async def close(self, grace: float = 4.0) -> None:
        """Cancel what runs and close what was opened."""
        if not self.closed:
            self.closed = True
            await self.host.close()
            self.arrived.set()
