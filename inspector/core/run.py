"""The model of what happened: `Run.append(event)` is its only writer, for a live run and for a recording alike.

A `Run` holds everything seen of one thread in this session: one or more invocations (first input, answers to
interrupts, further inputs), each with its tasks; tasks hold spans and inner tasks; model spans hold token streams.
Nothing in here is ever waiting for an end event: tasks end with their `TaskEnded`, and what is still open when the
parent or the run ends is closed with it.

Times on rows are on the *run axis*: seconds since the first invocation began, with the pauses between invocations
(somebody thinking about an answer) and those in which all was held taken out, so that a waterfall shows work and not
lunch.

Memory: a task costs about 0.6 kB besides its previews, a span about 0.5 kB, a token its characters and 9 bytes.
Previews (inputs, writes, outputs) are bounded one by one by the debuggee, and all together by `preview_budget`: the
oldest are let go first (`DROPPED`), the checkpoint file still has them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from inspector.core.events import (
    Blocked,
    CheckpointSaved,
    Custom,
    Event,
    Failure,
    Held,
    Interrupted,
    Log,
    Namespace,
    Packed,
    Released,
    RunEnded,
    RunStarted,
    SpanEnded,
    SpanStarted,
    StreamCount,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    Token,
    Usage,
)
from inspector.core.nodes import Checkpoint, Invocation, Node, Phase, Span, Status, Task
from inspector.core.tokens import TokenStream

DROPPED: Packed = b""  # a preview that was let go to bound memory


class Run:
    """Everything that was seen of one thread. Read it freely; only `append` writes it.

    `revision` grows with every event; `revisions[kind]` with every event that concerns one kind of pane (`tasks`,
    `tokens`, `tools`, `output`, `state`, `streams`, `header`), so that a pane knows whether it has to paint.
    """

    def __init__(self, *, preview_budget: int = 64_000_000, keep_lines: int = 50_000) -> None:
        self.thread = ""
        self.graph = ""
        self.phase: Phase = "ready"
        self.invocations: list[Invocation] = []
        self.roots: list[Node] = []
        self._tasks: dict[str, Task] = {}
        self.tasks: Mapping[str, Task] = self._tasks  # by task id: the latest execution
        self.task_count = 0
        self._spans: dict[str, Span] = {}
        self.spans: Mapping[str, Span] = self._spans
        self.models: list[Span] = []
        self.tools: list[Span] = []
        self.retrievers: list[Span] = []
        self.logs: deque[tuple[float, Log]] = deque(maxlen=keep_lines)
        self.customs: deque[tuple[float, Custom]] = deque(maxlen=keep_lines)
        self.log_count = 0
        self.custom_count = 0
        self.failures: list[tuple[float, Node | None, Failure]] = []
        self.checkpoints: list[Checkpoint] = []  # of the root graph, in the order they were made
        self._inner_checkpoints: dict[Namespace, list[Checkpoint]] = {}
        self.inner_checkpoints: Mapping[Namespace, list[Checkpoint]] = self._inner_checkpoints
        self._by_checkpoint: dict[str, Checkpoint] = {}
        self.by_checkpoint: Mapping[str, Checkpoint] = self._by_checkpoint
        self.pending: dict[str, Interrupted] = {}  # interrupts that wait for an answer, by id
        self.held: dict[str, Held] = {}  # what waits to be released, by id, oldest first
        self.stills = 0  # how often time was taken out of the axis because all that ran was held
        self.stops: dict[str, int] = {}  # by breakpoint id: how often it stopped something
        self._asked_by: dict[str, Span] = {}
        self.asked_by: Mapping[str, Span] = self._asked_by  # tool call id -> the model span that asked for it
        self.running: dict[int, Task] = {}  # open tasks by number, oldest first
        self.usage = Usage()
        self.usage_by_model: dict[tuple[str, str], Usage] = {}
        self.streams: dict[str, StreamCount] = {}
        self.blocked: Blocked | None = None
        self.step = -1
        self.now = 0.0  # the run axis time of the newest event
        self.revision = 0
        self.revisions: dict[str, int] = dict.fromkeys(
            ("tasks", "tokens", "tools", "output", "state", "streams", "header"), 0
        )
        self.count = 0
        self._numbers = 0
        self._offset = 0.0
        self._outside: Checkpoint | None = None  # where the thread was put by something else than a run
        self._open_spans: dict[str, Span] = {}
        self._budget = preview_budget
        self._kept = 0
        self._previews: deque[tuple[Any, str, int]] = deque()
        self._handlers: dict[type, Callable[[Any], None]] = {
            RunStarted: self._run_started, CheckpointSaved: self._checkpoint, TaskStarted: self._task_started,
            TaskRetried: self._task_retried, TaskEnded: self._task_ended, SpanStarted: self._span_started,
            SpanEnded: self._span_ended, Token: self._token, Custom: self._custom, Log: self._log,
            Interrupted: self._interrupted, Blocked: self._blocked, StreamCount: self._stream,
            RunEnded: self._run_ended, Held: self._held, Released: self._released,
        }  # fmt: skip

    # ------------------------------------------------------------------ reading

    @property
    def invocation(self) -> Invocation | None:
        """The newest invocation."""
        return self.invocations[-1] if self.invocations else None

    @property
    def error(self) -> Failure | None:
        """Why the newest invocation failed, or None."""
        return self.invocations[-1].error if self.invocations else None

    @property
    def next(self) -> tuple[str, ...]:
        """The nodes that would run next: of the newest root checkpoint, or of the end of the run."""
        if self._outside is not None:
            return self._outside.next
        last = self.invocation
        if last is not None and last.ended is not None:
            return last.next
        return self.checkpoints[-1].next if self.checkpoints else ()

    def running_tasks(self) -> list[Task]:
        """The open tasks, oldest first."""
        return list(self.running.values())

    def others(self) -> int:
        """How many tasks run on while something is held: the innermost ones that are not held themselves."""
        held = {hold.task for hold in self.held.values()}
        outer = {task.parent for task in self.running.values()}
        return sum(task not in outer and task.id not in held for task in self.running.values())

    def walk(self) -> Iterator[tuple[int, Node]]:
        """Every task and span with its depth, in the order of the timeline."""
        stack: list[tuple[int, Node]] = [(0, node) for node in reversed(self.roots)]
        while stack:
            depth, node = stack.pop()
            yield depth, node
            if node.children:
                stack.extend((depth + 1, child) for child in reversed(node.children))

    # ------------------------------------------------------------------ writing

    def append(self, event: Event) -> None:
        """Take in one event. Events that do not fit (an end without a start) are ignored, never raised about."""
        self.count += 1
        self.revision += 1
        self._handlers[type(event)](event)

    def _touch(self, *kinds: str) -> None:
        for kind in kinds:
            self.revisions[kind] += 1

    def _at(self, t: float) -> float:
        at = t + self._offset
        if at > self.now:
            self.now = at
        return at

    def _keep(self, owner: Any, attribute: str, packed: Packed) -> None:
        """Set a preview and account for it, letting the oldest go when all together pass the budget."""
        setattr(owner, attribute, packed)
        if len(packed) <= 32:
            return
        self._kept += len(packed)
        self._previews.append((owner, attribute, len(packed)))
        while self._kept > self._budget and self._previews:
            old, name, length = self._previews.popleft()
            self._kept -= length
            setattr(old, name, DROPPED)

    def _run_started(self, event: RunStarted) -> None:
        self._offset = self.now
        self.pending.clear()  # what is still unanswered asks again
        self._outside = None
        self.thread, self.graph = event.thread, event.graph
        self.invocations.append(Invocation(event, self._offset, len(self.invocations)))
        self.phase = "running"
        self.blocked = None
        self._touch(*self.revisions)

    def _checkpoint(self, event: CheckpointSaved) -> None:
        checkpoint = Checkpoint(event, self._at(event.t), len(self.invocations) - 1)
        known = self.by_checkpoint.get(event.id)
        if known is not None:  # a resume announces again the checkpoint that it goes on from
            known.next, known.tasks = event.next, event.tasks
        else:
            self._by_checkpoint[event.id] = checkpoint
            if event.ns:
                self._inner_checkpoints.setdefault(event.ns, []).append(checkpoint)
            else:
                self.checkpoints.append(checkpoint)
        if not event.ns:
            self.step = event.step
            if self.phase != "running" and known is None:  # an edit, or the past of a thread that is opened again
                self._outside = checkpoint
                self.phase = "paused" if event.next else "done"
                self.pending.clear()
        self._touch("state", "header", "tasks")

    def _task_started(self, event: TaskStarted) -> None:
        known = self.tasks.get(event.task)
        if known is not None and known.open:
            return
        parent = self.tasks.get(event.parent) if event.parent else None
        graph = self.spans.get(event.span) if event.span else None
        number = self._number()
        task = Task(event, self._at(event.t), parent, len(self.invocations) - 1, number)
        self._keep(task, "input", event.input)
        self._tasks[event.task] = task
        self.task_count += 1
        self.running[number] = task
        self._attach(task, graph or (self._graph_span(parent) if parent is not None else None))
        if event.step > self.step and not event.ns:
            self.step = event.step
        self._touch("tasks", "header")

    def _graph_span(self, task: Task) -> Node:
        """Where inner tasks hang: the open inner graph of the task, if it has one, else the task itself."""
        for child in reversed(task.children or ()):
            if isinstance(child, Span) and child.open and child.type in ("graph", "chain"):
                if child.type == "graph":
                    return child
            elif isinstance(child, Span) and child.open and child.type == "tool":
                inner = [c for c in child.children or () if isinstance(c, Span) and c.open and c.type == "graph"]
                if inner:
                    return inner[-1]
        return task

    def _attach(self, node: Node, parent: Node | None) -> None:
        if parent is None:
            self.roots.append(node)
            return
        if parent.children is None:
            parent.children = []
        parent.children.append(node)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _task_retried(self, event: TaskRetried) -> None:
        task = self.tasks.get(event.task)
        at = self._at(event.t)
        if task is None:
            return
        task.attempts = event.attempt
        if task.retries is None:
            task.retries = []
        task.retries.append((at, event))
        self._close_children(task, at, "error")
        if event.error is not None:
            self.failures.append((at, task, event.error))
        self._touch("tasks", "output")

    def _task_ended(self, event: TaskEnded) -> None:
        task = self.tasks.get(event.task)
        if task is None or not task.open:
            return
        at = self._at(event.t)
        task.error, task.cached, task.attempts = event.error, event.cached, event.attempts
        self._keep(task, "writes", event.writes)
        self._close(task, at, event.status)
        if event.error is not None and event.status == "error":
            self.failures.append((at, task, event.error))
            self._touch("output")
        self._touch("tasks", "header")

    def _close(self, node: Node, at: float, status: Status) -> None:
        node.ended, node.status = max(at, node.started), status
        if isinstance(node, Task):
            self.running.pop(node.number, None)
        else:
            self._open_spans.pop(node.id, None)
        self._close_children(node, at, "ok" if status == "ok" else "cancelled" if status == "error" else status)

    def _close_children(self, node: Node, at: float, status: Status) -> None:
        """Close what an ended node leaves open; not the tasks of an inner graph, whose own ends may come after its."""
        for child in node.children or ():
            if child.open and (isinstance(child, Span) or isinstance(node, Task)):
                self._close(child, at, status)

    def _span_started(self, event: SpanStarted) -> None:
        if event.span in self.spans and self.spans[event.span].open:
            return
        task = self.tasks.get(event.task) if event.task else None
        parent: Node | None = self.spans.get(event.parent) if event.parent else None
        span = Span(event, self._at(event.t), parent or task, task, self._number())
        self._keep(span, "input", event.input)
        self._spans[event.span] = self._open_spans[event.span] = span
        self._attach(span, parent or task)
        if event.type == "model":
            span.tokens = TokenStream(event.t)
            self.models.append(span)
            self._touch("tokens")
        elif event.type == "tool":
            self.tools.append(span)
            self._touch("tools")
        elif event.type == "retriever":
            self.retrievers.append(span)
            self._touch("output")
        self._touch("tasks")

    def _span_ended(self, event: SpanEnded) -> None:
        span = self.spans.get(event.span)
        if span is None or not span.open:
            return
        at = self._at(event.t)
        span.error, span.usage = event.error, event.usage
        span.model = event.model or span.model
        span.call_id = event.call_id or span.call_id
        span.calls = event.calls
        self._keep(span, "output", event.output)
        for call in event.calls:
            self._asked_by[call] = span
        if span.tokens is not None:
            span.tokens.usage = event.usage
        if event.usage is not None:
            self._count_usage(span, event.usage)
        if event.error is not None:
            self.failures.append((at, span, event.error))
        self._close(span, at, event.status)
        self._touch("tasks", "header", "tokens", "tools", "output")

    def _count_usage(self, span: Span, usage: Usage) -> None:
        self.usage = add_usage(self.usage, usage)
        key = (span.provider, span.model)
        self.usage_by_model[key] = add_usage(self.usage_by_model.get(key, Usage()), usage)

    def _token(self, event: Token) -> None:
        span = self.spans.get(event.span)
        at = event.t + self._offset
        if at > self.now:
            self.now = at
        if span is not None and span.tokens is not None:
            span.tokens.append(event)
            if event.call_id:
                self._asked_by[event.call_id] = span
            self.revisions["tokens"] += 1

    def _custom(self, event: Custom) -> None:
        self.customs.append((self._at(event.t), event))
        self.custom_count += 1
        self._touch("output")

    def _log(self, event: Log) -> None:
        self.logs.append((self._at(event.t), event))
        self.log_count += 1
        self._touch("output")

    def _interrupted(self, event: Interrupted) -> None:
        self._at(event.t)
        self.pending[event.id] = event
        if self._outside is not None:
            self.phase = "interrupted"
        task = self.tasks.get(event.task)
        if task is not None:
            if task.interrupts is None:
                task.interrupts = []
            task.interrupts.append(event)
        self._touch("header", "tasks", "output")

    def _held(self, event: Held) -> None:
        self._at(event.t)
        self.held[event.id] = event
        if event.breakpoint:
            self.stops[event.breakpoint] = self.stops.get(event.breakpoint, 0) + 1
        self._touch("header", "tasks", "tools", "tokens")

    def _released(self, event: Released) -> None:
        if event.id in self.held and not self.others():  # all stood still: somebody was looking
            self._offset -= max(0.0, event.t + self._offset - self.now)
            self.stills += 1
        self._at(event.t)
        self.held.pop(event.id, None)
        self._touch("header", "tasks", "tools", "tokens")

    def _blocked(self, event: Blocked) -> None:
        self._at(event.t)
        self.blocked = event if event.seconds else None
        self._touch("header", "tasks")

    def _stream(self, event: StreamCount) -> None:
        self.streams[event.mode] = event
        self._touch("streams")

    def _run_ended(self, event: RunEnded) -> None:
        at = self._at(event.t)
        invocation = self.invocation
        if invocation is None:
            return
        invocation.ended, invocation.status, invocation.next = at, event.status, event.next
        invocation.error, invocation.output = event.error, event.output
        self.phase = event.status
        self.blocked = None
        self.held.clear()
        rest: Status = "cancelled"
        if event.status in ("done", "interrupted", "paused"):
            rest = "ok" if event.status == "done" else "interrupted"
        rows: list[Node] = [*self.running.values(), *self._open_spans.values()]
        for node in rows:
            if node.open:
                self._close(node, at, rest)
        if event.error is not None and not self._is_known(event.error):
            self.failures.append((at, None, event.error))
        self._touch(*self.revisions)

    def _is_known(self, error: Failure) -> bool:
        """Whether one of the last failures is the same exception; on its way out it may have been given notes."""
        return any((e.type, e.message) == (error.type, error.message) for _, _, e in self.failures[-16:])


def add_usage(a: Usage, b: Usage) -> Usage:
    """The sum of two usages."""
    return Usage(
        a.input + b.input,
        a.output + b.output,
        a.cache_read + b.cache_read,
        a.cache_write + b.cache_write,
        a.reasoning + b.reasoning,
    )
