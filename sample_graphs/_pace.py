"""How fast the samples run: every wait in them goes through here.

The samples wait as a provider or a database would, so that there is something to watch. The environment
variable `SAMPLE_SPEED` multiplies all those waits: 1 is the normal pace, 0 does not wait at all, 3 is slow
motion.
"""

from __future__ import annotations

import asyncio
import os
import time


def waits() -> float:
    """What every wait is multiplied by. Read each time, so that it can change between runs of one process.

    Raises `ValueError` when `SAMPLE_SPEED` is not a number from 0 up.
    """
    text = os.environ.get("SAMPLE_SPEED") or "1"
    try:
        factor = float(text)
    except ValueError:
        factor = -1.0
    if not 0 <= factor < float("inf"):
        raise ValueError(f"SAMPLE_SPEED is {text!r}; set it to a number from 0 (no waiting) up, 1 being normal")
    return factor


async def pause(seconds: float) -> None:
    """Wait without blocking the event loop, `seconds` at the normal pace."""
    await asyncio.sleep(seconds * waits())


def hold_up(seconds: float) -> None:
    """Wait in this very thread, `seconds` at the normal pace, as a synchronous node or tool does."""
    time.sleep(seconds * waits())


class Metronome:
    """Paces a stream: `wait(s)` returns `s` seconds after the previous beat, wherever the time between went.

    Works from due times, because a sleep is never exact: at 2,000 tokens a second the errors would add up
    to several times the length of the stream. Who falls behind (a slow reader, a run that was held) catches
    up by at most `CATCH_UP` seconds, as a network buffer would, and does not replay a whole minute at once.
    """

    CATCH_UP = 0.25
    FINEST = 0.001  # sleeping for less costs more than it waits

    def __init__(self) -> None:
        self._factor = waits()
        self._due = time.perf_counter()

    def ahead(self, seconds: float) -> float:
        """Seconds still to sleep before the next beat, which is `seconds` after the last one."""
        now = time.perf_counter()
        self._due = max(self._due + seconds * self._factor, now - self.CATCH_UP)
        ahead = self._due - now
        return ahead if ahead >= self.FINEST else 0.0

    async def wait(self, seconds: float) -> None:
        await asyncio.sleep(self.ahead(seconds))  # 0 still lets the others run, as reading a socket does

    def wait_here(self, seconds: float) -> None:
        if ahead := self.ahead(seconds):
            time.sleep(ahead)
