"""Headless mode: one JSON object a line for everything that happens, and an exit status. See docs/headless.md."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

from inspector.core.events import (
    Event,
    Failure,
    RunEnded,
    SpanEnded,
    SpanStarted,
    TaskEnded,
    TaskStarted,
    Token,
    Usage,
)
from inspector.core.values import decode, to_json
from inspector.session import Session

EXIT = {"done": 0, "error": 1, "interrupted": 3, "paused": 3, "cancelled": 130}

_PACKED = frozenset({"input", "output", "writes", "value", "schema", "metadata"})
_MISSING = object()


def to_object(event: Event, seq: int) -> dict[str, Any]:
    """The event as the JSON object that stands for it on its line."""
    out: dict[str, Any] = {"seq": seq, "t": round(event.t, 6), "kind": event.kind}
    for name in event.__dataclass_fields__:
        if name == "t":
            continue
        value = getattr(event, name)
        if name in _PACKED:
            value = to_json(decode(value))
        elif isinstance(value, Failure):
            value = {"type": value.type, "message": value.message, "traceback": value.traceback}
        elif isinstance(value, Usage):
            value = {
                "input_tokens": value.input,
                "output_tokens": value.output,
                "cache_read": value.cache_read,
                "cache_write": value.cache_write,
                "reasoning": value.reasoning,
            }
        elif isinstance(value, tuple):
            value = [list(item) if isinstance(item, tuple) else item for item in value]
        out[name] = value
    if isinstance(event, Token):
        out = _token(event, out)
    return out


def _token(event: Token, out: dict[str, Any]) -> dict[str, Any]:
    """A token line says what it is by its key: `text`, `reasoning` or `tool_call`."""
    base = {key: out[key] for key in ("seq", "t", "kind", "span")}
    if event.type == "text":
        return {**base, "text": event.text}
    if event.type == "reasoning":
        return {**base, "reasoning": event.text}
    return {
        **base,
        "tool_call": {"index": event.index, "name": event.name, "id": event.call_id, "args": event.text},
    }


class Writer:
    """Writes events as lines, closing what the end of a run leaves open, so that no span is without its end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._seq = 0
        self._t = 0.0
        self._spans: dict[str, str | None] = {}
        self._tasks: dict[str, TaskStarted] = {}
        self._dumps: Callable[..., str] = json.dumps
        self.broken = False

    def __call__(self, event: Event) -> None:
        """Write one event."""
        if isinstance(event, TaskStarted):
            self._tasks[event.task] = event
        elif isinstance(event, TaskEnded):
            self._tasks.pop(event.task, None)
            self._close_spans(event, event.task)
        elif isinstance(event, SpanStarted):
            self._spans[event.span] = event.task
        elif isinstance(event, SpanEnded):
            self._spans.pop(event.span, None)
        elif isinstance(event, RunEnded):
            self._close(event)
        self._line(event)

    def _close_spans(self, event: TaskEnded, task: str) -> None:
        status = "ok" if event.status == "ok" else "cancelled"
        for span in [span for span, owner in self._spans.items() if owner == task]:
            del self._spans[span]
            self._line(SpanEnded(event.t, span, status))  # type: ignore[arg-type]

    def _close(self, event: RunEnded) -> None:
        for span in list(self._spans):
            self._line(SpanEnded(event.t, span, "ok" if event.status == "done" else "cancelled"))
        self._spans.clear()
        for task in reversed(self._tasks.values()):
            status = "ok" if event.status == "done" else "interrupted" if event.status == "interrupted" else "cancelled"
            self._line(TaskEnded(event.t, task.ns, task.task, task.node, status))  # type: ignore[arg-type]
        self._tasks.clear()

    def _line(self, event: Event) -> None:
        self._seq += 1
        try:
            text = self._dumps(to_object(event, self._seq), ensure_ascii=False, allow_nan=False)
        except ValueError:
            text = self._dumps(_finite(to_object(event, self._seq)))
        try:
            self._out.write(text + "\n")
        except UnicodeEncodeError:
            self._out.write(self._dumps(to_object(event, self._seq)) + "\n")
        except BrokenPipeError:
            self.broken = True


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return str(value)
    return value


async def run_headless(session: Session, input: Any = _MISSING, out: TextIO | None = None) -> int:
    """Run the graph once and write its events. Returns the exit status; raises `InspectorError` for what went wrong
    before the run began."""
    writer = Writer(out or sys.stdout)
    session.listeners.append(writer)
    loop = asyncio.get_running_loop()
    stopping = False

    def stop() -> None:
        nonlocal stopping
        if stopping:  # a second Ctrl-C does not wait for the graph
            loop.create_task(session.kill())
            return
        stopping = True
        loop.create_task(session.cancel() if session.running else session.kill())

    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(name, stop)
    try:
        await session.wait_ready()
        await session.start(None if input is _MISSING else input, goes_on=input is _MISSING)
        while session.running or session.waiting():
            await session.arrived(0.5)
            while session.drain(0.05):
                if writer.broken:
                    break
            _flush(out or sys.stdout)
            if writer.broken:
                await session.cancel()
                break
        status = EXIT.get(session.view.run.phase, 1)
        return 130 if stopping else status
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError, ValueError):
                loop.remove_signal_handler(name)
        await session.close()
        _flush(out or sys.stdout)


def _flush(out: TextIO) -> None:
    with suppress(BrokenPipeError):
        out.flush()
