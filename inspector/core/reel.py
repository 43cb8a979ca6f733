"""A whole recorded run, and when each thing in it came about, so that any moment of it can be shown (`core.moments`).

It fills through `Run.append` like every run, tokens in bulk, and takes notes while it does. A moment is a number of
events: how many had happened.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from itertools import accumulate
from operator import attrgetter
from typing import Any, Literal, TypeAlias, get_args

from inspector.core.batches import CODES, TICKS, TOKEN, Batch, TokenGroup, revived
from inspector.core.chronicle import Chronicle, Waiting
from inspector.core.events import (
    CheckpointSaved,
    Custom,
    Failure,
    Held,
    Interrupted,
    Log,
    Namespace,
    Released,
    RunEnded,
    RunStarted,
    SpanEnded,
    StreamCount,
    TaskRetried,
    Usage,
)
from inspector.core.intervals import Intervals, Track
from inspector.core.nodes import Checkpoint, Node, Span, Status, Task
from inspector.core.run import Run
from inspector.core.strips import Strip

Mark: TypeAlias = Literal["run", "superstep", "node", "error", "interrupt", "tool"]
MARKS: tuple[Mark, ...] = get_args(Mark)

SCALARS = ("thread", "graph", "phase", "blocked", "step", "usage", "task_count", "stills", "_outside")
"""Attributes of a run that have one value at a time."""


_scalars = attrgetter(*SCALARS)


class Reel(Run):
    """The whole run. `feed` is how it is filled; `append` is for `feed` alone.

    `times` holds the run axis time at each moment (seconds), `codes` the wire code of the event that led to it; both
    begin at moment 0, when nothing had happened. `marks` are the moments at which an invocation began, a superstep of
    the root graph was committed, a task (at any depth) or a tool call began, something failed, or a question was
    asked. `damaged` counts events that could not be read.
    """

    def __init__(self, *, preview_budget: int = 256_000_000) -> None:
        super().__init__(preview_budget=preview_budget, keep_lines=1)
        self.times = array("d", [0.0])
        self.codes = array("B", [255])
        self.damaged = 0
        self.touched: dict[int, set[str]] = defaultdict(set)  # which revisions a kind of event moves, by its code
        self.nodes: list[Node] = []
        self.life = Intervals()  # of nodes (number - 1), until they do not change any more
        self.closed: array[int] = array("I")  # when each node was closed; 0: it never was
        self.strips: dict[int, Strip] = {}  # by the number of the model's span
        self.before: dict[int, tuple[str, str]] = {}  # of spans: model and call id, where their end changed them
        self.notes: dict[int, list[int]] = {}  # of tasks: when each of their interrupts came
        self.tries: dict[int, list[int]] = {}  # of tasks: when each of their retries came
        self.scalars: dict[str, Track[Any]] = {name: Track(getattr(self, name)) for name in SCALARS}
        self.usages: dict[tuple[str, str], Track[Usage]] = {}
        self.counts: dict[str, Track[StreamCount | None]] = {}
        self.failed: Track[tuple[float, Node | None, Failure] | None] = Track(None)
        self.logged: Track[tuple[float, Log] | None] = Track(None)
        self.told: Track[tuple[float, Custom] | None] = Track(None)
        self.stopped: dict[str, Track[int]] = {}  # by breakpoint
        self.invoked = array("I")  # when each invocation began, and when it ended (0: it did not)
        self.returned = array("I")
        self.saved = array("I")  # when each of `checkpoints` came; likewise those of inner graphs
        self.saved_inner: dict[Namespace, array[int]] = {}
        self.restated: list[tuple[int, Checkpoint, tuple[Any, ...], tuple[Any, ...]]] = []
        self._code = 255
        self._offsets = [(0, 0.0)]  # in the batch that is taken in: from which position on, which offset holds
        self._values: tuple[Any, ...] = _scalars(self)
        self._tasks = Chronicle(self._now, lambda _, task: self.life.begun[task.number - 1])
        self._spans = Chronicle(self._now, lambda _, span: self.life.begun[span.number - 1])
        self._by_checkpoint = Chronicle(self._now)
        self._asked_by = Chronicle(self._now)
        self.tasks, self.spans = self._tasks, self._spans
        self.by_checkpoint, self.asked_by = self._by_checkpoint, self._asked_by
        self.pending: Waiting[Interrupted] = Waiting(self._now)
        self.held: Waiting[Held] = Waiting(self._now)
        self.marks: dict[Mark, array[int]] = {mark: array("I") for mark in MARKS}

    def _now(self) -> int:
        return self.count

    # ------------------------------------------------------------------ filling

    def feed(self, batch: Batch) -> None:
        """Take in a batch. Events in it that cannot be read are counted and left out."""
        base = self.count
        self._offsets = [(0, self._offset)]
        nows = [0.0] * batch.count
        codes = bytearray((TOKEN,)) * batch.count
        for position, event in _with_calls(batch):
            self.count = base + position
            if isinstance(event, TokenGroup):
                self._asked(event)
                continue
            try:
                event = revived(event)
                if isinstance(event, Released):
                    self._reach(batch, position)
                codes[position] = self._code = CODES[type(event)]
                self.append(event)
            except Exception:  # a damaged file; what is around it can still be shown
                codes[position] = 254
                self.damaged += 1
            self.count = base + position + 1
            nows[position] = self.now
            if self._offset != self._offsets[-1][1]:
                self._offsets.append((position, self._offset))
            values = _scalars(self)
            if values != self._values:
                self._note(values)
        self._tokens(batch, base, nows)
        self.count = self.revision = base + batch.count
        self.codes.frombytes(codes)
        last = self.times[-1]
        self.times.extend([max(last, now) for now in accumulate(nows, max)])
        self.now = max(self.now, self.times[-1])

    def _tokens(self, batch: Batch, base: int, nows: list[float]) -> None:
        groups: dict[str, list[TokenGroup]] = {}
        for group in batch.tokens:
            groups.setdefault(group.span, []).append(group)
            for position, tick in zip(group.positions, group.ticks, strict=True):
                nows[position] = tick / TICKS
        for index, (start, offset) in enumerate(self._offsets):
            stop = self._offsets[index + 1][0] if index + 1 < len(self._offsets) else batch.count
            for group in batch.tokens if offset else ():
                for position in group.positions[bisect_left(group.positions, start) :]:
                    if position >= stop:
                        break
                    nows[position] += offset
        for id_, mine in groups.items():
            span = self.spans.get(id_)
            if span is None or span.tokens is None:
                continue
            strip = self.strips.get(span.number)
            if strip is None:
                strip = self.strips[span.number] = Strip(span.tokens)
            strip.take(base, mine)
            self.count = base + max(group.positions[-1] for group in mine) + 1
            self._amended(span)
        self.touched[TOKEN].add("tokens")
        if batch.tokens:
            self.revisions["tokens"] += 1

    def _reach(self, batch: Batch, position: int) -> None:
        """Come to the time of the tokens before a position: what is to follow looks at it."""
        for group in batch.tokens:
            index = bisect_left(group.positions, position)
            if index:
                self.now = max(self.now, group.ticks[index - 1] / TICKS + self._offset)

    def _asked(self, group: TokenGroup) -> None:
        """A token says which call it is of."""
        self.count += 1
        span = self.spans.get(group.span)
        if span is not None and span.tokens is not None:
            self._asked_by[group.call_id] = span

    # ------------------------------------------------------------------ notes

    def _note(self, values: tuple[Any, ...]) -> None:
        for name, before, value in zip(SCALARS, self._values, values, strict=True):
            if value != before:
                self.scalars[name].add(self.count, value)
        self._values = values

    def _touch(self, *kinds: str) -> None:
        super()._touch(*kinds)
        self.touched[self._code].update(kinds)

    def _attach(self, node: Node, parent: Node | None) -> None:
        super()._attach(node, parent)
        self.nodes.append(node)
        self.life.begin(self.count)
        self.closed.append(0)
        if parent is not None:
            self._amended(parent)
        if isinstance(node, Task):
            self._mark("node")
        elif node.type == "tool":
            self._mark("tool")

    def _mark(self, mark: Mark) -> None:
        moments = self.marks[mark]
        if not moments or moments[-1] != self.count:
            moments.append(self.count)

    def _amended(self, node: Node) -> None:
        """Something about a node changed: if it was closed already, it is settled only now."""
        if 0 < self.closed[node.number - 1] < self.count:
            self.life.end(node.number - 1, self.count)

    def _close(self, node: Node, at: float, status: Status) -> None:
        self.closed[node.number - 1] = self.count
        self.life.end(node.number - 1, self.count)
        super()._close(node, at, status)

    def _span_ended(self, event: SpanEnded) -> None:
        span = self.spans.get(event.span)
        if span is not None and span.open:
            self.before[span.number] = (span.model, span.call_id)
        failures = len(self.failures)
        super()._span_ended(event)
        if span is not None and self.before.get(span.number) == (span.model, span.call_id):
            del self.before[span.number]
        self._failures(failures)

    def _count_usage(self, span: Span, usage: Usage) -> None:
        super()._count_usage(span, usage)
        key = (span.provider, span.model)
        self.usages.setdefault(key, Track(Usage())).add(self.count, self.usage_by_model[key])

    def _task_retried(self, event: TaskRetried) -> None:
        failures = len(self.failures)
        super()._task_retried(event)
        task = self.tasks.get(event.task)
        if task is not None:
            self.tries.setdefault(task.number, []).append(self.count)
            self._amended(task)
        self._failures(failures)

    def _task_ended(self, event: Any) -> None:
        failures = len(self.failures)
        super()._task_ended(event)
        self._failures(failures)

    def _failures(self, before: int) -> None:
        for failure in self.failures[before:]:
            self.failed.add(self.count, failure)
            self._mark("error")

    def _interrupted(self, event: Interrupted) -> None:
        super()._interrupted(event)
        self._mark("interrupt")
        task = self.tasks.get(event.task)
        if task is not None:
            self.notes.setdefault(task.number, []).append(self.count)
            self._amended(task)

    def _custom(self, event: Custom) -> None:
        super()._custom(event)
        self.told.add(self.count, self.customs[-1])

    def _log(self, event: Log) -> None:
        super()._log(event)
        self.logged.add(self.count, self.logs[-1])

    def _stream(self, event: StreamCount) -> None:
        super()._stream(event)
        self.counts.setdefault(event.mode, Track(None)).add(self.count, event)

    def _held(self, event: Held) -> None:
        super()._held(event)
        if event.breakpoint in self.stops:
            self.stopped.setdefault(event.breakpoint, Track(0)).add(self.count, self.stops[event.breakpoint])

    def _run_started(self, event: RunStarted) -> None:
        super()._run_started(event)
        self.invoked.append(self.count)
        self.returned.append(0)
        self._mark("run")

    def _run_ended(self, event: RunEnded) -> None:
        failures = len(self.failures)
        super()._run_ended(event)
        if self.returned and not self.returned[-1]:
            self.returned[-1] = self.count
        self._failures(failures)

    def _checkpoint(self, event: CheckpointSaved) -> None:
        known = self.by_checkpoint.get(event.id)
        before = (known.next, known.tasks) if known is not None else ()
        super()._checkpoint(event)
        if known is not None:
            self.restated.append((self.count, known, before, (known.next, known.tasks)))
        elif event.ns:
            self.saved_inner.setdefault(event.ns, array("I")).append(self.count)
        else:
            self.saved.append(self.count)
            self._mark("superstep")


def _with_calls(batch: Batch) -> list[tuple[int, Any]]:
    """The events that are no tokens, and, each at its place, the tokens that say which call they are of."""
    calls = [(position, group) for group in batch.tokens if group.call_id for position in group.positions]
    return sorted([*batch.others, *calls], key=lambda each: each[0]) if calls else list[tuple[int, Any]](batch.others)
