"""Edit and continue: notices that the graph's source files changed, and puts a fresh debuggee with the new code in the
place of the old one, on the same thread, with the same breakpoints, stopped at the same place.

The new code is loaded before the old process is touched: code that cannot be loaded changes nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from inspector.core.events import RunEnded
from inspector.errors import CommandError, InspectorError

if TYPE_CHECKING:
    from inspector.session import Session

Stamp: TypeAlias = tuple[int, int] | None  # modification time in ns, size; None: there is no such file

_ENDS_WITHIN = 5.0  # seconds that a cancelled run gets


class SourceWatch:
    """Files, and what they looked like when they were last `seen`."""

    def __init__(self) -> None:
        self._stamps: dict[str, Stamp] = {}

    def add(self, paths: Iterable[str]) -> None:
        """Watch these files too, as they are now."""
        for path in paths:
            if path not in self._stamps:
                self._stamps[path] = _stamp(path)

    def changed(self) -> list[str]:
        """The files that are other than they were, in order. One that is gone may be in the middle of being saved: it
        has not changed before it is there again."""
        found: list[str] = []
        for path, before in self._stamps.items():
            now = _stamp(path)
            if now is not None and now != before:
                found.append(path)
        return found

    def seen(self) -> None:
        """As they are now, they are known."""
        self._stamps = {path: _stamp(path) or before for path, before in self._stamps.items()}


def _stamp(path: str) -> Stamp:
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size


class Reloader:
    """Implements `core.control.Reloading` for a session."""

    def __init__(self, session: Session, *, automatic: bool = False) -> None:
        self.automatic = automatic
        self._session = session
        self._watch = SourceWatch()
        self._asked_at = 0  # the number of invocations when the debuggee was last asked
        self._busy = False

    async def changed(self) -> Sequence[str]:
        """The source files that changed since they were loaded, relative to the project where they are in it."""
        session = self._session
        if session.stage != "ready" or self._busy:
            return ()
        if not session.running and self._asked_at != len(session.view.run.invocations):
            await self.learn()
        folder = session.settings.reference.project_dir
        return [_relative(path, folder) for path in await asyncio.to_thread(self._watch.changed)]

    async def learn(self) -> None:
        """Ask which files there are: once the graph is loaded, and after every run, as nodes import too."""
        session = self._session
        self._asked_at = len(session.view.run.invocations)
        with contextlib.suppress(InspectorError):
            self._watch.add(await session.request("sources"))

    async def reload(self) -> None:
        """Go on with the new code. Raises `LoadError` where it cannot be loaded: then nothing has changed."""
        session = self._session
        if self._busy:
            raise CommandError("The new code is being loaded already.")
        self._busy = True
        try:
            self._watch.seen()  # one that cannot be loaded is not tried again before it is another
            fresh = session.new_debuggee()
            try:
                info = await session.open_in(fresh)
            except InspectorError:
                await fresh.close(grace=0.5)
                raise
            going_on = session.running
            if going_on:
                await self._stop()
            self._watch = SourceWatch()
            await session.exchange(fresh, info)
        finally:
            self._busy = False
        if going_on:
            await session.start(goes_on=True, stop="first")

    async def _stop(self) -> None:
        """End the run that is under way or held; its checkpoints are where it goes on from."""
        session = self._session
        with contextlib.suppress(InspectorError, TimeoutError):
            await asyncio.wait_for(session.cancel(), _ENDS_WITHIN)
        end = asyncio.get_running_loop().time() + _ENDS_WITHIN
        while session.running and asyncio.get_running_loop().time() < end:
            await session.arrived(0.2)
            session.drain()
        if session.running:  # it does not answer, and is killed with its process
            run = session.view.run
            session.take(RunEnded(run.now - (run.invocation.offset if run.invocation else 0.0), "cancelled", run.next))


def _relative(path: str, folder: Path) -> str:
    return os.path.relpath(path, folder) if Path(path).is_relative_to(folder) else path
