"""The records that a run is made of: tasks, spans, checkpoints, invocations. Written by `core.run.Run` only."""

from __future__ import annotations

from typing import Literal, TypeAlias

from inspector.core.events import (
    NOTHING,
    CheckpointSaved,
    Failure,
    Interrupted,
    Namespace,
    Packed,
    RunStarted,
    RunStatus,
    SpanStarted,
    SpanType,
    TaskRetried,
    TaskStarted,
    Usage,
)
from inspector.core.tokens import TokenStream

Status: TypeAlias = Literal["running", "ok", "error", "interrupted", "cancelled"]
Phase: TypeAlias = Literal["loading", "ready", "running"] | RunStatus


class Task:
    """One execution of a node (or `@task`). A resumed task is a new row: the node did run again."""

    __slots__ = (
        "attempts", "cached", "children", "ended", "error", "id", "input", "interrupts", "invocation", "metadata",
        "node", "ns", "number", "parent", "retries", "siblings", "started", "status", "step", "triggers", "writes",
    )  # fmt: skip

    def __init__(self, event: TaskStarted, started: float, parent: Task | None, invocation: int, number: int) -> None:
        self.id = event.task
        self.ns: Namespace = event.ns
        self.node = event.node
        self.step = event.step
        self.triggers = event.triggers
        self.parent = parent
        self.invocation = invocation
        self.number = number
        self.started = started
        self.ended: float | None = None
        self.status: Status = "running"
        self.error: Failure | None = None
        self.input: Packed = event.input
        self.writes: Packed = NOTHING
        self.metadata: Packed = event.metadata
        self.cached = False
        self.attempts = 1
        self.retries: list[tuple[float, TaskRetried]] | None = None
        self.interrupts: list[Interrupted] | None = None
        self.children: list[Task | Span] | None = None
        self.siblings: tuple[int, int] | None = None  # (index, count) among tasks of the same node and superstep

    @property
    def open(self) -> bool:
        return self.ended is None

    @property
    def path(self) -> Namespace:
        """The namespace of what runs inside this task."""
        return (*self.ns, f"{self.node}:{self.id}")

    @property
    def duration(self) -> float | None:
        return None if self.ended is None else self.ended - self.started


class Span:
    """A model call, tool call, retriever, chain or inner graph, inside a task."""

    __slots__ = (
        "call_id", "calls", "children", "detail", "ended", "error", "id", "input", "model", "name", "number",
        "output", "parent", "provider", "started", "status", "task", "tokens", "type", "usage",
    )  # fmt: skip

    def __init__(
        self, event: SpanStarted, started: float, parent: Task | Span | None, task: Task | None, number: int
    ) -> None:
        self.id = event.span
        self.parent = parent
        self.task = task
        self.type: SpanType = event.type
        self.name = event.name
        self.detail = event.detail
        self.model = event.model
        self.provider = event.provider
        self.call_id = event.call_id
        self.number = number
        self.started = started
        self.ended: float | None = None
        self.status: Status = "running"
        self.input: Packed = event.input
        self.output: Packed = NOTHING
        self.error: Failure | None = None
        self.usage: Usage | None = None
        self.calls: tuple[str, ...] = ()
        self.children: list[Task | Span] | None = None
        self.tokens: TokenStream | None = None

    @property
    def open(self) -> bool:
        return self.ended is None

    @property
    def duration(self) -> float | None:
        return None if self.ended is None else self.ended - self.started


Node: TypeAlias = Task | Span


class Checkpoint:
    """A checkpoint seen in this session. `at` is on the run axis; `tasks` are those that it leads to."""

    __slots__ = ("at", "id", "invocation", "next", "ns", "parent", "source", "step", "tasks")

    def __init__(self, event: CheckpointSaved, at: float, invocation: int) -> None:
        self.id = event.id
        self.ns: Namespace = event.ns
        self.parent = event.parent
        self.step = event.step
        self.source = event.source
        self.next = event.next
        self.tasks = event.tasks
        self.at = at
        self.invocation = invocation


class Invocation:
    """One call of the graph: a first input, a further input, or a resume."""

    __slots__ = ("ended", "error", "event", "index", "next", "offset", "output", "status")

    def __init__(self, event: RunStarted, offset: float, index: int) -> None:
        self.event = event
        self.index = index
        self.offset = offset
        self.ended: float | None = None
        self.status: Phase = "running"
        self.error: Failure | None = None
        self.next: tuple[str, ...] = ()
        self.output: Packed = NOTHING
