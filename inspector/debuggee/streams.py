"""What each `stream_mode` of LangGraph would have sent for this run: chunks and bytes.

Counted from the one subscription that is there anyway (`tasks`, `checkpoints`, `custom` and the model events): each
mode is a function of those. Chunks are exact. Bytes are those of LangGraph's own encoding of each chunk; whole states
are encoded only while that has cost less than a fiftieth of the run so far, the rest is extrapolated and said to be.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

from inspector.core.events import Event, StreamCount

SHARE = 0.02  # of the run's time that measuring may take
EVERY = 0.5  # seconds between reports
SAMPLE = 32  # tokens of which one is measured


class _Mode:
    __slots__ = ("bytes", "chunks", "measured", "sent")

    def __init__(self) -> None:
        self.chunks = 0
        self.measured = 0  # chunks whose bytes were measured
        self.bytes = 0  # of those
        self.sent = -1

    @property
    def estimate(self) -> int:
        return self.bytes if self.measured in (0, self.chunks) else self.bytes * self.chunks // self.measured


class StreamCounter:
    """Counts for one invocation. Reports each mode as a cumulative `StreamCount`, twice a second and at the end."""

    MODES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")

    def __init__(self, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._emit = emit
        self._now = now
        self._modes = {mode: _Mode() for mode in self.MODES}
        self._messages = self._modes["messages"]
        self._spent = 0.0
        self._reported = 0.0
        self._size = _sizer()

    def _count(self, payload: Any, *modes: str) -> None:
        """A chunk that all of `modes` would have sent."""
        size: int | None = None
        began = perf_counter()
        if self._spent <= self._now() * SHARE + 0.005:
            size = self._size(payload)
            self._spent += perf_counter() - began
        for name in modes:
            mode = self._modes[name]
            mode.chunks += 1
            if size is not None:
                mode.measured += 1
                mode.bytes += size
        if self._now() - self._reported >= EVERY:
            self.report()

    def chunk(self, ns: Any, mode: str, payload: Any) -> None:
        """A chunk of the subscription."""
        if mode == "custom":
            self._count(payload, "custom")
        elif mode == "tasks":
            self._count(payload, "tasks", "debug")
            if "result" in payload and not ns:
                if payload.get("interrupts"):
                    self._count(payload["interrupts"], "updates", "values")
                elif payload.get("result") or not payload.get("error"):
                    self._count({payload["name"]: payload.get("result")}, "updates")
        elif mode == "checkpoints":
            self._count(payload, "checkpoints", "debug")
            if not ns and (payload.get("metadata") or {}).get("step", -1) >= 0:
                self._count(payload.get("values"), "values")

    def message(self, chunk: Any, metadata: dict[str, Any]) -> None:
        """A chunk of a chat model's stream. The hot path: every chunk is counted, one in `SAMPLE` is measured."""
        mode = self._messages
        mode.chunks += 1
        if mode.chunks % SAMPLE == 1:
            mode.measured += 1
            mode.bytes += self._size((chunk, metadata))
            if self._now() - self._reported >= EVERY:
                self.report()

    def report(self) -> None:
        """Send what changed since the last report."""
        self._reported = self._now()
        for name, mode in self._modes.items():
            if mode.chunks != mode.sent:
                mode.sent = mode.chunks
                exact = mode.measured == mode.chunks
                self._emit(StreamCount(self._reported, name, mode.chunks, mode.estimate, exact))

    def close(self) -> None:
        """The run is over: every mode is reported, those that sent nothing too."""
        for mode in self._modes.values():
            mode.sent = -1
        self.report()


def _sizer() -> Callable[[Any], int]:
    """The length of a value in LangGraph's own encoding."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    dumps = JsonPlusSerializer().dumps_typed

    def size(value: Any) -> int:
        try:
            return len(dumps(value)[1])
        except Exception:
            return 0

    return size
