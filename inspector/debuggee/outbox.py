"""The debuggee's way out: events into batches, batches onto the socket, by a thread of its own.

A thread, so that what happened before a node blocked the event loop still gets out while it is blocked.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from typing import Any

from inspector.core.events import CLASSES, CheckpointSaved, Event, to_wire
from inspector.debuggee.commits import Commits
from inspector.link.frames import pack

BATCH = 4_000
_CHECKPOINT = CLASSES.index(CheckpointSaved)
PAUSE = 0.016  # seconds between batches: half a frame of the UI


class Outbox:
    """Appending is thread-safe and never blocks; `close` sends what is left."""

    def __init__(self, sock: socket.socket, commits: Commits | None = None) -> None:
        """With `commits`, a checkpoint is told of (and what comes after it) once it is saved."""
        self._commits = commits
        self._socket = sock
        self._items: deque[Any] = deque()
        self._wake = threading.Event()
        self._armed = False
        self._closing = False
        self.broken = False
        self._thread = threading.Thread(target=self._send_all, name="inspector-outbox", daemon=True)
        self._thread.start()

    def emit(self, event: Event) -> None:
        """Send an event with the next batch."""
        self._items.append(to_wire(event))
        if not self._armed:
            self._armed = True
            self._wake.set()

    def post(self, message: dict[str, Any]) -> None:
        """Send a reply or a notice, in order with the events."""
        self._items.append(message)
        self._armed = True
        self._wake.set()

    def close(self, timeout: float = 2.0) -> None:
        """Send what is left and stop."""
        self._closing = True
        self._wake.set()
        self._thread.join(timeout)

    def _send_all(self) -> None:
        items = self._items
        pause = threading.Event()
        while True:
            self._wake.wait()
            self._wake.clear()
            self._armed = False
            while items:
                batch = self._batch()
                try:
                    self._socket.sendall(pack(batch))
                except OSError:
                    self.broken = True  # the inspector is gone; the host notices on its own end
                    items.clear()
                    return
            if self._closing:
                return
            pause.wait(PAUSE)

    def _batch(self) -> list[Any]:
        """The next items, up to a checkpoint that is not saved yet; that one, once it is."""
        items, commits = self._items, self._commits
        batch: list[Any] = []
        while items and len(batch) < BATCH:
            item = items[0]
            if commits is not None and type(item) is tuple and item[0] == _CHECKPOINT:
                _, _, ns, id_ = item[:4]
                if batch and not commits.is_saved(id_):
                    break
                commits.wait(id_, ns)
            batch.append(items.popleft())
        return batch
