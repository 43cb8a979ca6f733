"""What happened on a thread that nobody watched, as events: rebuilt from `checkpoints` and `writes`.

Tasks with their names, what they wrote, errors, questions and answers, subgraphs by namespace. Not in a file, and so
not here: tokens, models and tools, logs, retries, and how long anything took. Times are those of checkpoint ids: a task
is said to last from the checkpoint before it to the one after it. Inputs of tasks are the state at the checkpoint,
unless they were sent one.

Each task is told once. One that asked, and was answered, is told in the invocation that answered it; the question
stands at the end of the one that asked. Where an invocation was taken up again is found in
`versions_seen["__interrupt__"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

from inspector.core.events import (
    NOTHING,
    CheckpointSaved,
    Event,
    Failure,
    Interrupted,
    Namespace,
    Packed,
    RunEnded,
    RunStarted,
    RunStatus,
    TaskEnded,
    TaskStarted,
    TaskStatus,
)
from inspector.core.packing import pack
from inspector.store.rebuilt_step import Moment, Ran, Steps
from inspector.store.threads import ThreadFile

_EDITS = frozenset({"update", "fork"})


def rebuild(file: ThreadFile, thread: str, first: str | None = None, last: str | None = None) -> Iterator[Event]:
    """The events of a thread, oldest first, fit for `Run.append`; made as they are asked for, a superstep at a time.

    Args:
        file: stays open for as long as events are taken.
        first: the id of the root checkpoint to begin at; None for the oldest.
        last: the id of the root checkpoint to end at, with what was done after it if there is none newer.

    Raises:
        StoreError: the file cannot be read.
    """
    return _Rebuild(Steps(file, thread), first, last).events()


class _Rebuild:
    def __init__(self, steps: Steps, first: str | None, last: str | None) -> None:
        self._steps = steps
        self._first = first
        self._last = last
        self._base = 0.0  # when the invocation began
        self._open = False
        self._told: set[str] = set()  # checkpoints whose superstep has been told
        self._asked: set[str] = set()  # interrupts that have been told
        self._ended: RunEnded | None = None

    def events(self) -> Iterator[Event]:
        ids = self._steps.window("", self._first, self._last)
        before: Moment | None = None
        for id_ in ids:
            at = self._steps.moment("", id_)
            if at is None:
                continue
            yield from self._arrive(before, at)
            before = at
        if before is not None:
            if self._steps.is_newest(before):
                yield from self._leave(before)
            yield from self._end(before)

    # ------------------------------------------------------------------ the root graph

    def _arrive(self, before: Moment | None, at: Moment) -> Iterator[Event]:
        """From one root checkpoint to the next that was made, which need not come of it."""
        if before is None:
            yield self._began(at, resumed=at.source != "input")
        elif at.source in _EDITS:
            yield from self._leave(before)
            yield from self._end(before)
            if at.source == "fork":
                yield self._began(at, resumed=True)
        elif at.source == "input":
            yield from self._leave(before)
            yield from self._end(before)
            yield self._began(at, resumed=False)
        else:
            parent = before if at.parent == before.id else self._steps.moment("", at.parent or "")
            if parent is None:
                parent = before
            if parent is not before:
                yield from self._leave(before)
            if parent is not before or not self._open or self._taken_up(parent, at):
                yield from self._questions(parent, parent.at)
                yield from self._end(parent)
                yield self._began(at, resumed=True, answers=parent)
            if parent.id not in self._told:
                yield from self._superstep(parent, at.at, whole=True)
        yield self._saved(at)

    def _leave(self, at: Moment) -> Iterator[Event]:
        """What was done after a checkpoint that nothing came of."""
        if at.id not in self._told:
            yield from self._superstep(at, self._steps.latest(at), whole=False)

    def _taken_up(self, parent: Moment, at: Moment) -> bool:
        """Whether the invocation ended at the one checkpoint and another went on to the other."""
        return bool(at.resumed_at) and at.resumed_at != parent.resumed_at

    def _began(self, at: Moment, *, resumed: bool, answers: Moment | None = None) -> Event:
        self._base = at.at
        self._open = True
        given: Packed = NOTHING
        if answers is not None:
            given = pack(answers.answer)
        elif not resumed:
            given = pack(at.input)
        return RunStarted(0.0, at.id, self._steps.thread, "", at.at, given, resumed)

    def _end(self, at: Moment) -> Iterator[Event]:
        """The invocation that led to a checkpoint ends there."""
        if not self._open:
            return
        self._open = False
        later = at.id not in self._told  # then its tasks are told with the invocation that went on with them
        concerned = at.ran if later else [task for task in at.ran if not task.finished]
        failed = next((task.error for task in concerned if task.error is not None), None)
        asked = any(task.interrupts for task in concerned)
        nodes = tuple(task.node for task in concerned if not task.call)
        status: RunStatus = "done"
        if failed is not None:
            status = "error"
        elif asked:
            status = "interrupted"
        elif nodes:
            status = "paused"
        yield RunEnded(self._t(at.at), status, nodes, failed, pack(at.values))

    def _questions(self, at: Moment, when: float) -> Iterator[Event]:
        """What was asked at a checkpoint and answered since."""
        for task in at.ran:
            if task.finished:
                yield from self._interrupts(task, (), when)

    # ------------------------------------------------------------------ supersteps of any graph

    def _superstep(self, at: Moment, until: float, *, whole: bool) -> Iterator[Event]:
        """The tasks after a checkpoint; with `whole` all of them, else those that are known to have begun."""
        self._told.add(at.id)
        ran = [
            task
            for task in at.ran
            if not (task.call or task.node.startswith("__")) and (whole or task.begun or self._steps.inside(at, task))
        ]
        for task in ran:
            given = pack(task.argument) if task.sent else at.preview
            yield TaskStarted(
                self._t(at.at), at.ns, task.id, task.node, at.step + 1, task.triggers, at.owner or None, given
            )
        for task in ran:
            yield from self._within(at, at.ns, task, until, whole)
        for task in ran:
            yield from self._done(at.ns, task, until, whole)

    def _within(self, at: Moment, ns: Namespace, task: Ran, until: float, whole: bool) -> Iterator[Event]:
        """What ran inside a task: calls of `@task`s, and graphs."""
        for call in at.ran:
            if call.call and call.caller == task.id:
                named = replace(call, node=call.node or self._steps.name_of(call) or "@task")
                yield TaskStarted(self._t(at.at), ns, call.id, named.node, at.step + 1, (), task.id)
                yield from self._within(at, ns, named, until, whole)
                yield from self._done(ns, named, until, whole)
        for chain in self._steps.inside(at, task):
            yield from self._graph(chain, until)

    def _done(self, ns: Namespace, task: Ran, until: float, whole: bool) -> Iterator[Event]:
        """How a task ended; nothing is told of one that waits, or was stopped: the end of the run closes it."""
        status: TaskStatus = "ok"
        error: Failure | None = None
        if not task.finished:
            if task.error is not None:
                status, error = "error", task.error
            elif task.interrupts:
                yield from self._interrupts(task, ns, until)
                return
            elif not whole:
                return
        yield TaskEnded(self._t(until), ns, task.id, task.node, status, error, pack(task.written))

    def _interrupts(self, task: Ran, ns: Namespace, when: float) -> Iterator[Event]:
        for id_, value, schema in task.interrupts:
            if id_ not in self._asked:
                self._asked.add(id_)
                yield Interrupted(self._t(when), id_, ns, task.id, task.node, pack(value), pack(schema))

    def _graph(self, chain: list[Moment], until: float) -> Iterator[Event]:
        """The checkpoints of one graph inside a task, and the tasks between them."""
        children = {at.parent: at for at in chain if at.source not in _EDITS}
        for at, after in pairwise([*chain, None]):
            assert at is not None
            yield self._saved(at)
            if at.id in self._told:
                continue
            child = children.get(at.id)
            if child is not None:
                yield from self._superstep(at, child.at, whole=True)
            else:
                yield from self._superstep(at, after.at if after is not None else until, whole=False)

    def _saved(self, at: Moment) -> Event:
        tasks = tuple((task.id, task.node) for task in at.ran if not task.call)
        return CheckpointSaved(
            self._t(at.at), at.ns, at.id, at.parent, at.step, at.source, tuple(node for _, node in tasks), tasks
        )

    def _t(self, at: float) -> float:
        return max(0.0, at - self._base)
