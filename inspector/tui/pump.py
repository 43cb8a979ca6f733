"""The heartbeat of the app: takes waiting events into the run, and lets what is on display paint itself.

Nothing here runs "until there is no more": each beat drains for a few milliseconds and returns, so that a key press is
answered between two beats however fast events come. When the app cannot keep up with painting, the panes are painted
less often; events are taken in all the same.

The beats are the loop's own timers. One of Textual's that is late by more than its delay before it has begun to wait is
skipped, and a single one never comes then (by the source of 8.2.8): the app would stand still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Protocol

from textual.widget import Widget

from inspector.core.control import Debugger

BEAT = 1 / 30  # seconds between beats while something happens
IDLE_BEAT = 0.1
BUDGET = 0.008  # seconds a beat may spend on taking in events
PAINT = 0.04  # at least this long between two paints of a pane
SLOWEST_PAINT = 0.3
CLOCK = 0.125  # seconds between two ticks of the clocks of a running graph
ANSWER = 0.025  # seconds after a key in which its answer is not to be kept waiting


class Paintable(Protocol):
    """What the pump paints: a pane."""

    def sync_if_changed(self) -> bool: ...

    def sync(self) -> None: ...


class Pump:
    """Drives one screen. `panes` yields what is on display; `clocks` what shows running time; `after` is called once a
    beat, when events have been taken in; `last_key` says when (`time.monotonic`) a key was pressed."""

    def __init__(
        self,
        owner: Widget,
        session: Debugger,
        panes: Callable[[], Iterable[Paintable]],
        clocks: Callable[[], Iterable[Paintable]],
        after: Callable[[], None],
        last_key: Callable[[], float],
    ) -> None:
        self._owner = owner
        self._session = session
        self._panes = panes
        self._clocks = clocks
        self._after = after
        self._last_key = last_key
        self._gave_way = False
        self._due = 0.0  # when this beat was to be
        self._next_paint = 0.0
        self._next_clock = 0.0
        self._late = 0.0  # how late beats come, smoothed: what painting costs
        self.beats = 0

    def start(self) -> None:
        """Begin to beat."""
        self._schedule(0.001)

    def paint(self) -> None:
        """Paint what changed now, for the answer to a key."""
        for pane in self._panes():
            pane.sync_if_changed()

    def _schedule(self, delay: float) -> None:
        self._due = monotonic() + delay
        asyncio.get_running_loop().call_later(delay, self._run)

    def _run(self) -> None:
        if self._owner.is_running:
            try:
                self._beat()
            except Exception as error:
                self._owner.app._handle_exception(error)

    def _beat(self) -> None:
        self.beats += 1
        began = monotonic()
        answering = self._last_key() + ANSWER - began
        self._gave_way = answering > 0 and not self._gave_way  # not twice: a key that is held down
        if self._gave_way:
            self._schedule(answering)
            return
        self._late += 0.2 * (max(0.0, began - self._due) - self._late)
        session = self._session
        more = session.drain(BUDGET)
        busy = more or session.running or session.stage in ("starting", "loading")
        if began >= self._next_paint:
            self.paint()
            self._next_paint = began + min(max(PAINT, 3 * self._late), SLOWEST_PAINT) - BEAT / 2
        if session.running and began >= self._next_clock:
            self._next_clock = began + max(CLOCK, 3 * self._late)
            for clock in self._clocks():
                clock.sync()
        self._after()
        self._schedule(BEAT if busy else IDLE_BEAT)
