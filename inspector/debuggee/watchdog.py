"""A thread that notices when something holds the event loop, and says where."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from time import perf_counter

from inspector.debuggee.failures import where

TICK = 0.1
PATIENCE = 0.4


class Watchdog:
    """Calls `report(seconds, where)` from its own thread when the loop has not answered for `PATIENCE` seconds, again
    every second while that lasts, and `report(0.0, "")` when it answers again. One tick of the loop every 0.1 s is all
    that it costs."""

    def __init__(self, loop: asyncio.AbstractEventLoop, report: Callable[[float, str], None]) -> None:
        self._loop = loop
        self._report = report
        self._beat = perf_counter()
        self._stop = threading.Event()
        self._loop_thread = threading.get_ident()
        self._timer: asyncio.TimerHandle | None = None
        self._thread = threading.Thread(target=self._watch, name="inspector-watchdog", daemon=True)

    def start(self) -> None:
        """Begin, if it has not begun. Call it on the loop's thread."""
        if self._timer is not None:
            return
        self._tick()
        self._thread.start()

    def stop(self) -> None:
        """End; the thread leaves by itself."""
        self._stop.set()
        if self._timer is not None:
            self._timer.cancel()

    def _tick(self) -> None:
        self._beat = perf_counter()
        self._timer = self._loop.call_later(TICK, self._tick)

    def _watch(self) -> None:
        reported = 0.0
        while not self._stop.wait(TICK):
            late = perf_counter() - self._beat
            if late > PATIENCE:
                if not reported or late - reported >= 1.0:
                    reported = late
                    self._report(late, where(self._loop_thread))
            elif reported:
                reported = 0.0
                self._report(0.0, "")
