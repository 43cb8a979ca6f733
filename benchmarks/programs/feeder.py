"""A debuggee without a graph: speaks the link's protocol and sends made-up events, faster than any graph could.

Takes the place of the debuggee's Python (`Settings.python`), so that link, session and app are the real ones. The run's
input says what it sends: `{"tokens": N, "per_call": M, "per_second": R}` or `{"tasks": N, "preview": CHARACTERS}`. With
`"marks": K`, a custom event named `mark` comes before the first and after each Kth part of it, valued at how many have
been sent, and then a little silence.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from time import perf_counter, sleep, time
from typing import Any

from inspector.core.events import (
    CheckpointSaved,
    Custom,
    Event,
    RunEnded,
    RunStarted,
    SpanEnded,
    SpanStarted,
    TaskEnded,
    TaskStarted,
    Token,
    Usage,
    to_wire,
)
from inspector.core.graphinfo import ChannelInfo, EdgeInfo, GraphInfo, NodeInfo
from inspector.debuggee.encode import preview
from inspector.link.frames import Reader, pack

BATCH = 500
QUIET = 0.5  # seconds of silence at a mark
SETTLED = 1.5  # seconds in which the app makes its other panes, and settles
WORDS = ("the", "tram", "climbs", "past", "tiled", "walls", "and", "small", "cafés", "down", "to", "the", "river")

GRAPH = GraphInfo(
    name="feeder",
    kind="StateGraph",
    nodes=(NodeInfo("__start__", "start"), NodeInfo("step", "node", is_async=True), NodeInfo("__end__", "end")),
    edges=(EdgeInfo("__start__", "step"), EdgeInfo("step", "step", conditional=True), EdgeInfo("step", "__end__")),
    channels=(ChannelInfo("value", "LastValue", "int"),),
)


class Feeder:
    """Answers the inspector's commands on one thread, and sends events on another."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._lock = threading.Lock()
        self._began = perf_counter()
        self._waiting: list[Any] = []

    def serve(self) -> None:
        """Until the inspector closes the link or asks to."""
        frames = Reader()
        self._send([{"op": "hello", "pid": os.getpid(), "python": "feeder"}])
        while data := self._socket.recv(65536):
            for items in frames.feed(data):
                for item in items:
                    if item["op"] == "close":
                        return
                    self._answer(item)

    def _answer(self, item: dict[str, Any]) -> None:
        value: Any = None
        if item["op"] in ("open", "schemas"):
            value = GRAPH.to_wire()
        elif item["op"] in ("sources", "travel"):
            value = []
        elif item["op"] == "state":
            value = {"values": preview({"value": 1}), "next": ["step"]}
        elif item["op"] == "start":
            threading.Thread(target=self._run, args=(item["thread"], item["input"]), daemon=True).start()
        self._send([{"op": "reply", "id": item["id"], "value": value}])

    def _send(self, items: list[Any]) -> None:
        data = memoryview(pack(items))
        with self._lock:
            self._socket.sendall(data)

    # ------------------------------------------------------------------ a run

    def now(self) -> float:
        return perf_counter() - self._began

    def _emit(self, event: Event) -> None:
        self._waiting.append(to_wire(event))
        if len(self._waiting) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        self._send(self._waiting)
        self._waiting = []

    def _mark(self, sent: int) -> None:
        self._emit(Custom(self.now(), (), None, "", "mark", preview(sent)))
        self._flush()
        sleep(QUIET)

    def _run(self, thread: str, given: dict[str, Any]) -> None:
        self._began = perf_counter()
        self._emit(RunStarted(0.0, "run", thread, GRAPH.name, time(), preview(given)))
        self._flush()
        total = given.get("tokens") or given["tasks"]
        marks = {total * part // given["marks"] for part in range(given["marks"] + 1)} if "marks" in given else set()
        if marks:
            sleep(SETTLED)
        for sent in self._tokens(given) if "tokens" in given else self._tasks(given):
            if sent in marks:
                self._mark(sent)
        if marks:
            self._mark(total)
        self._emit(RunEnded(self.now(), "done"))
        self._flush()

    def _tokens(self, given: dict[str, Any]) -> Iterator[int]:
        """Model calls, each in a task of its own. Yields how many tokens have been sent, before each one."""
        total, per_call = given["tokens"], given.get("per_call", 10_000)
        per_second = given.get("per_second")
        due = perf_counter()
        for number in range(total):
            yield number
            call, place = divmod(number, per_call)
            if place == 0:
                if number:
                    self._model_ends(call - 1, per_call)
                self._task_starts(call, b"\xc0")
                span = f"span-{call:028}"
                self._emit(
                    SpanStarted(self.now(), span, None, "model", "Model", _task(call), preview("Say it."), model="m")
                )
            self._emit(Token(self.now(), span, "text", f" {WORDS[number % len(WORDS)]}"))
            if per_second and number % 50 == 49:
                self._flush()
                due += 50 / per_second
                sleep(max(0.0, due - perf_counter()))
        self._model_ends((total - 1) // per_call, per_call)

    def _model_ends(self, call: int, tokens: int) -> None:
        usage = Usage(input=10, output=tokens)
        self._emit(SpanEnded(self.now(), f"span-{call:028}", "ok", preview("tram " * 400), usage=usage, model="m"))
        self._task_ends(call, preview({"messages": ["tram " * 400]}))

    def _tasks(self, given: dict[str, Any]) -> Iterator[int]:
        """Supersteps of one task, with what LangGraph tells of one: checkpoint, task, router. Yields as `_tokens`."""
        text = "x" * given.get("preview", 20)
        for number in range(given["tasks"]):
            yield number
            packed = preview({"value": number, "text": text})
            self._task_starts(number, packed)
            span = f"router-{number:026}"
            self._emit(SpanStarted(self.now(), span, None, "chain", "again", _task(number), packed))
            self._emit(SpanEnded(self.now(), span, "ok", preview("step")))
            self._task_ends(number, packed)

    def _task_starts(self, number: int, packed: bytes) -> None:
        id_ = f"1f1e6bee-{number:08x}-8000-f76a05b50a92"
        parent = f"1f1e6bee-{number - 1:08x}-8000-f76a05b50a92" if number else None
        next_ = (_task(number), "step")
        self._emit(CheckpointSaved(self.now(), (), id_, parent, number, "loop", ("step",), (next_,)))
        self._emit(TaskStarted(self.now(), (), _task(number), "step", number + 1, ("branch:to:step",), None, packed))

    def _task_ends(self, number: int, packed: bytes) -> None:
        self._emit(TaskEnded(self.now(), (), _task(number), "step", "ok", None, packed))


def _task(number: int) -> str:
    return f"5970af83-d8e0-eb43-c03b-{number:012x}"


if __name__ == "__main__":
    Feeder(socket.socket(fileno=int(sys.argv[-1]))).serve()
    sys.stdout.flush()
    os._exit(0)
