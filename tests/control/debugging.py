"""A session in the hands of a test: it runs a graph of `tests.control.graphs`, waits for what it says, and counts what
executed."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from inspector.core.breakpoints import parse_spec
from inspector.core.events import Event, Held, Released, RunEnded
from inspector.core.reference import resolve
from inspector.core.run import Run
from inspector.core.values import decode, to_json
from inspector.link.inline import InlineDebuggee
from inspector.session import Session, Settings

GRAPHS = Path(__file__).with_name("graphs.py")
PATIENCE = 60.0


class Debugging:
    """The session and what a test wants to know of it."""

    def __init__(self, session: Session, ran: Path) -> None:
        self.session = session
        self.steer = session.steer
        self.events: list[Event] = []
        self._ran = ran
        session.listeners.append(self.events.append)

    @property
    def run(self) -> Run:
        return self.session.view.run

    @property
    def held(self) -> list[Held]:
        return list(self.run.held.values())

    @property
    def ran(self) -> Counter[str]:
        """How often each node, tool and model was executed, whatever the inspector says of it."""
        return Counter(self.order)

    @property
    def order(self) -> list[str]:
        return self._ran.read_text(encoding="utf-8").splitlines() if self._ran.exists() else []

    def of(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def until(self, condition: Callable[[], object]) -> None:
        """Take in what arrives until the condition is true. Fails when it does not become so."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                assert self.session.problem is None, self.session.problem
                await self.session.arrived(0.2)
                self.session.drain(0.05)

    async def stopped(self, count: int = 1) -> list[Held]:
        """What is held, once so many are (or the run is over)."""
        await self.until(lambda: len(self.held) >= count or not self.session.running)
        return self.held

    async def ended(self) -> RunEnded:
        await self.until(lambda: not self.session.running)
        while self.session.drain(0.1):
            pass
        return next(event for event in reversed(self.events) if isinstance(event, RunEnded))

    async def released(self, count: int) -> None:
        await self.until(lambda: len(self.of(Released)) >= count)

    async def step(self, how: Any, target: str = "") -> list[Held]:
        """Take a step. Returns what is held next."""
        seen = len(self.of(Held))
        await self.steer.step(how, target)
        await self.until(lambda: len(self.of(Held)) > seen or not self.session.running)
        return self.held

    async def state(self) -> dict[str, Any]:
        """The thread's newest state, from its file."""
        assert self.session._file is not None
        newest = self.session._file.newest(self.session.thread)
        values: dict[str, Any] = to_json(self.session._file.state(self.session.thread, newest).values)
        return values


def shown(held: Held) -> Any:
    """The value of what is held, as JSON data."""
    return to_json(decode(held.value))


class Beside(Session):
    """A session whose debuggee is not a process of its own: the same host, on the test's loop."""

    def begin(self) -> None:
        if self._debuggee is None:
            self._debuggee = InlineDebuggee()
            self.stage = "loading"


@asynccontextmanager
async def debugging(
    graph: str, cwd: Path, breaks: Sequence[str] = (), *, thread: str | None = None, process: bool = False
) -> AsyncIterator[Debugging]:
    """A session on a graph of `graphs.py`, ready to be started; `process`: in a real debuggee, which takes seconds."""
    ran = cwd / "ran.txt"
    os.environ["RAN"] = str(ran)
    settings = Settings(
        resolve(f"{GRAPHS}:{graph}", cwd), db=Path("threads.sqlite"), cwd=cwd, thread=thread, env={"RAN": str(ran)}
    )
    session = (Session if process else Beside)(settings)
    try:
        await session.wait_ready()
        await session.steer.set_breakpoints([parse_spec(each) for each in breaks])
        yield Debugging(session, ran)
    finally:
        await session.close()
