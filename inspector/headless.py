"""Headless mode: one JSON object a line for everything that happens, and an exit status. See docs/headless.md."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TextIO

from inspector.core.events import (
    Blocked,
    Event,
    Failure,
    Log,
    RunEnded,
    SpanEnded,
    SpanStarted,
    SpanStatus,
    StreamCount,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    TaskStatus,
    Token,
    Usage,
)
from inspector.core.values import decode, to_json
from inspector.errors import InspectorError, LinkClosed
from inspector.session import Session

EXIT = {"done": 0, "error": 1, "interrupted": 3, "paused": 3, "cancelled": 130}

_PACKED = frozenset({"input", "output", "writes", "value", "schema", "metadata"})
_MISSING = object()


def to_object(event: Event, seq: int) -> dict[str, Any]:
    """The event as the JSON object that stands for it on its line."""
    if isinstance(event, (TaskRetried, Blocked)):
        event = _as_log(event)
    out: dict[str, Any] = {"seq": seq, "t": round(event.t, 6), "kind": event.kind}
    if isinstance(event, Token):
        return {**out, "span": event.span, **_token(event)}
    for name in event.__dataclass_fields__:
        if name != "t":
            out[name] = _plain(name, getattr(event, name))
    if isinstance(event, RunEnded):
        out["duration"] = out["t"]
    return out


def _plain(name: str, value: Any) -> Any:
    if name in _PACKED:
        return to_json(decode(value))
    if isinstance(value, Failure):
        return {"type": value.type, "message": value.message, "traceback": value.traceback}
    if isinstance(value, Usage):
        return {
            "input_tokens": value.input,
            "output_tokens": value.output,
            "cache_read": value.cache_read,
            "cache_write": value.cache_write,
            "reasoning": value.reasoning,
        }
    if isinstance(value, tuple):
        return [list(item) if isinstance(item, tuple) else item for item in value]
    return value


def _as_log(event: TaskRetried | Blocked) -> Log:
    """Retries and the watchdog's remarks, as lines of our own: the contract has no kinds for them."""
    if isinstance(event, TaskRetried):
        why = f" after {event.error}" if event.error else ""
        return Log(event.t, "inspector", f"attempt {event.attempt}{why}", "warning", task=event.task)
    text = f"blocks the event loop for {event.seconds:.1f} s at {event.where}" if event.seconds else "the loop is free"
    return Log(event.t, "inspector", text, "warning", task=event.task, node=event.node)


def _token(event: Token) -> dict[str, Any]:
    """A token line says what it is by its key: `text`, `reasoning` or `tool_call`."""
    if event.type == "tool_call":
        call = {"index": event.index, "name": event.name, "id": event.call_id, "args": event.text}
        return {"tool_call": call}
    return {event.type: event.text}


class Writer:
    """Writes events as lines, closing what the end of a run leaves open, so that no span is without its end."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._seq = 0
        self._spans: dict[str, SpanStarted] = {}
        self._tasks: dict[str, TaskStarted] = {}
        self._streams: dict[str, Any] = {}
        self.broken = False

    def __call__(self, event: Event) -> None:
        """Write one event."""
        match event:
            case TaskStarted():
                self._tasks[event.task] = event
            case TaskEnded():
                self._tasks.pop(event.task, None)
                self._close_spans(event)
            case SpanStarted():
                self._spans[event.span] = event
            case SpanEnded():
                self._span_ended(event)
                return
            case StreamCount():
                exact = {} if event.exact else {"estimated": True}
                self._streams[event.mode] = {"chunks": event.chunks, "bytes": event.bytes, **exact}
                return
            case RunEnded():
                self._close(event)
                self._line(event, streams=self._streams)
                self._streams = {}
                return
        self._line(event)

    def _span_ended(self, event: SpanEnded) -> None:
        began = self._spans.pop(event.span, None)
        if began is None:
            return
        said = {"parent": began.parent, "type": began.type, "name": began.name, "task": began.task}
        self._line(event, **said, **({} if event.model else {"model": began.model}))

    def _close_spans(self, event: TaskEnded) -> None:
        status: SpanStatus = "cancelled" if event.status == "error" else event.status
        for span in [span for span, began in self._spans.items() if began.task == event.task]:
            self._span_ended(SpanEnded(event.t, span, status))

    def _close(self, event: RunEnded) -> None:
        """What is still open when a run ends was cancelled with it, or is interrupted and can go on."""
        status: TaskStatus = "cancelled"
        if event.status in ("done", "interrupted", "paused"):
            status = "ok" if event.status == "done" else "interrupted"
        for span in list(self._spans):
            self._span_ended(SpanEnded(event.t, span, status))
        for task in reversed(self._tasks.values()):
            self._line(TaskEnded(event.t, task.ns, task.task, task.node, status))
        self._tasks.clear()

    def _line(self, event: Event, **more: Any) -> None:
        self._seq += 1
        out = {**to_object(event, self._seq), **more}
        try:
            text = json.dumps(out, ensure_ascii=False, allow_nan=False)
        except ValueError:
            text = json.dumps(_finite(out))
        try:
            self._out.write(text + "\n")
        except UnicodeEncodeError:
            self._out.write(json.dumps(out) + "\n")
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


async def run_headless(
    session: Session,
    input: Any = _MISSING,
    out: TextIO | None = None,
    *,
    begin: Callable[[], Awaitable[None]] | None = None,
) -> int:
    """Run the graph once and write its events: with the input, or begun in another way by `begin`. Returns the exit
    status; raises `InspectorError` for what went wrong before the run began, and `LinkClosed` when the graph's process
    died."""
    writer = Writer(out or sys.stdout)
    session.listeners.append(writer)
    loop = asyncio.get_running_loop()
    stopping: set[asyncio.Task[None]] = set()

    def interrupt() -> None:
        stopping.add(loop.create_task(stop(kill=bool(stopping) or not session.running)))

    async def stop(kill: bool) -> None:
        """A second Ctrl-C does not wait for the graph."""
        with suppress(InspectorError):  # it is gone already
            await (session.kill() if kill else session.cancel())

    halting: asyncio.Task[None] | None = None

    async def stop_at_hold() -> None:
        """Nobody is here to release anything: the run ends, paused, and can be gone on with."""
        with suppress(InspectorError):
            await session.request("halt")

    for name in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(name, interrupt)
    try:
        session.steer.keep = False  # what the app keeps from one session to the next stops nobody here
        await session.wait_ready()
        if begin is not None:
            await begin()
        else:
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
            if session.view.run.held and halting is None:
                halting = loop.create_task(stop_at_hold())
        if stopping:
            return 130
        if isinstance(session.problem, LinkClosed):
            raise session.problem
        return EXIT.get(session.view.run.phase, 1)
    finally:
        for name in (signal.SIGINT, signal.SIGTERM):
            with suppress(NotImplementedError, ValueError):
                loop.remove_signal_handler(name)
        await session.close()
        _flush(out or sys.stdout)


def _flush(out: TextIO) -> None:
    with suppress(BrokenPipeError):
        out.flush()
