"""Writes runs by hand, for tests: a clock that the test moves, and one short method per thing that happens."""

from __future__ import annotations

from typing import Any

import ormsgpack

from inspector.core.events import (
    Blocked,
    CheckpointSaved,
    Event,
    Failure,
    Interrupted,
    RunEnded,
    RunStarted,
    RunStatus,
    SpanEnded,
    SpanStarted,
    SpanStatus,
    SpanType,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    TaskStatus,
    Token,
    TokenKind,
    Usage,
)
from inspector.core.run import Run


def pack(value: Any) -> bytes:
    return b"\xc0" if value is None else ormsgpack.packb(value)


class Script:
    """Appends events to a run. `at` moves the clock (seconds since the invocation began); ids are given back."""

    def __init__(self, run: Run | None = None) -> None:
        self.run = run or Run()
        self.t = 0.0
        self.ids = 0

    def at(self, t: float) -> Script:
        self.t = t
        return self

    def after(self, seconds: float) -> Script:
        self.t += seconds
        return self

    def add(self, event: Event) -> None:
        self.run.append(event)

    def id(self, kind: str) -> str:
        self.ids += 1
        return f"{kind}{self.ids}"

    def start(self, input: Any = None, *, resumed: bool = False) -> Script:
        self.t = 0.0
        self.add(RunStarted(0.0, self.id("run"), "thread", "graph", 1_700_000_000.0, pack(input), resumed))
        return self

    def end(self, status: RunStatus = "done", error: Failure | None = None) -> Script:
        self.add(RunEnded(self.t, status, (), error))
        return self

    def checkpoint(self, step: int, ns: tuple[str, ...] = (), next: tuple[str, ...] = ()) -> str:
        id = self.id("checkpoint")
        known = self.run.inner_checkpoints.get(ns, []) if ns else self.run.checkpoints
        parent = known[-1].id if known else None
        self.add(CheckpointSaved(self.t, ns, id, parent, step, "loop", next))
        return id

    def task(
        self, node: str, step: int = 1, input: Any = None, *, parent: str | None = None, id: str = "",
        metadata: Any = None, ns: tuple[str, ...] = (),
    ) -> str:  # fmt: skip
        id = id or self.id("task")
        if parent is not None and not ns:
            ns = self.run.tasks[parent].path
        triggers = (f"branch:to:{node}",)
        self.add(TaskStarted(self.t, ns, id, node, step, triggers, parent, pack(input), pack(metadata)))
        return id

    def done(
        self,
        task: str,
        writes: Any = None,
        status: TaskStatus = "ok",
        error: Failure | None = None,
        cached: bool = False,
    ) -> Script:
        known = self.run.tasks[task]
        self.add(TaskEnded(self.t, known.ns, task, known.node, status, error, pack(writes), cached, known.attempts))
        return self

    def retry(self, task: str, attempt: int, error: Failure) -> Script:
        self.add(TaskRetried(self.t, task, attempt, error))
        return self

    def ask(self, task: str, value: Any, schema: Any = None) -> str:
        known = self.run.tasks[task]
        id = self.id("interrupt")
        self.add(Interrupted(self.t, id, known.ns, task, known.node, pack(value), pack(schema)))
        return id

    def span(
        self, type: SpanType, name: str, task: str | None, parent: str | None = None, input: Any = None, *,
        detail: str = "", model: str = "", call_id: str = "",
    ) -> str:  # fmt: skip
        id = self.id("span")
        self.add(SpanStarted(self.t, id, parent, type, name, task, pack(input), detail, model, "", call_id))
        return id

    def close(
        self, span: str, output: Any = None, status: SpanStatus = "ok", error: Failure | None = None,
        usage: Usage | None = None, calls: tuple[str, ...] = (),
    ) -> Script:  # fmt: skip
        self.add(SpanEnded(self.t, span, status, pack(output), error, usage, calls=calls))
        return self

    def token(self, span: str, text: str, type: TokenKind = "text") -> Script:
        self.add(Token(self.t, span, type, text))
        return self

    def blocked(self, seconds: float, where: str, task: str | None = None) -> Script:
        self.add(Blocked(self.t, seconds, where, task))
        return self
