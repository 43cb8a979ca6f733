"""What is known of a run while it goes on, and what has been told of it: the open tasks, spans and graphs, and the
ends of those that no payload tells of. `debuggee.starts` and `debuggee.normalise` build on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any, TypeAlias

from inspector.core.events import (
    NOTHING,
    Event,
    Failure,
    Interrupted,
    Namespace,
    TaskEnded,
    TaskStarted,
    TaskStatus,
)
from inspector.debuggee.asking import question_of, schema_of
from inspector.debuggee.encode import preview
from inspector.debuggee.graphs import Graphs
from inspector.debuggee.models import ModelStreams
from inspector.debuggee.places import node_of, task_of
from inspector.debuggee.positions import Position, path_of
from inspector.debuggee.tasks import OpenTask, Tasks

Emit: TypeAlias = Callable[[Event], None]
Hidden: TypeAlias = tuple[str | None, str, dict[str, Any], Any]
"""A chain that LangGraph hides: its parent run, name, metadata and input."""


class Told:
    """The record of one invocation, and what is told from it alone."""

    def __init__(self, emit: Emit, *, started: float, root: str = "", first_step: int = 1) -> None:
        """`root` is the run id of the graph itself, `first_step` the superstep of its first tasks on a new thread (a
        `StateGraph` has `__start__` before them)."""
        self._emit = emit
        self._started = started
        self._root = root
        self._tasks = Tasks()
        self._graphs = Graphs(first_step)
        self._spans: dict[str, str | None] = {}  # open span -> its task
        self._tool_calls: dict[str, str | None] = {}  # the last tool calls, by id or run -> their task
        self._plumbing: dict[str, Hidden] = {}  # hidden chains, told if something is in them
        self._announced: dict[str, Namespace] = {}  # tasks that a checkpoint named as next
        self._waiting: dict[str, dict[str, Any]] = {}  # `@task` payloads whose place is not known yet
        self._first_runs: dict[str, str] = {}  # the chains of tasks that the probe saw and nobody was told of
        self._early: dict[str, tuple[Any, ...]] = {}  # chain starts ahead of their payload, by task
        self._asked: set[str] = set()
        self._stamps: dict[str, float] = {}  # when a run ended, as the probe saw it
        self._noted: dict[str, tuple[float, Callable[..., None], tuple[Any, ...]]] = {}  # starts, by run
        self._failures: dict[str, tuple[BaseException, str | None]] = {}  # errors not told yet, by run; its parent
        self.foreign: set[str] = set()  # tasks of graphs that run on threads of their own
        self._releasing = False
        self.call_ids: dict[str, str] = {}  # of tool runs that have not been announced yet
        self._lock = threading.RLock()  # the watchdog's thread announces starts while the loop is blocked
        self.streams: Any = None
        self.models = ModelStreams(emit, self.now)
        self.last_error: BaseException | None = None

    def now(self) -> float:
        """Seconds since the run began."""
        return perf_counter() - self._started

    # ------------------------------------------------------------------ asking

    def is_graph(self, run: str) -> bool:
        """Whether a run that is open is that of a graph: what it calls is a task's own chain."""
        return run == self._root or run in self._graphs

    def place(self, task_id: str) -> tuple[Namespace, str, int] | None:
        """`(namespace of its graph, node, superstep)` of an open task that has been announced."""
        task = self._tasks.open.get(task_id)
        return None if task is None else (task.ns, task.node, task.step)

    def position(self, run: str) -> Position | None:
        """The open task whose chain a run is."""
        task_id = self._tasks.runs.get(run, "")
        place = self.place(task_id)
        if place is None:
            return None
        ns, node, step = place
        return Position(task_id, node, ns, step, path_of(ns, node))

    def announces(self, position: Position) -> bool:
        """Whether the subscription will announce a task that is about to start, by itself and before it runs."""
        return not (position.quiet or position.task in self.foreign or task_of(position.ns[:1]) in self.foreign)

    def executing(self) -> list[tuple[str, str]]:
        """`(task id, node)` of the innermost tasks that are executing now."""
        return self._tasks.executing()

    def task_named(self, checkpoint_ns: str) -> tuple[str | None, str]:
        """`(task id, node)` of a `checkpoint_ns` string, for log lines."""
        path = tuple(checkpoint_ns.split("|")) if checkpoint_ns else ()
        task_id = task_of(path)
        if task_id is None:
            return None, ""
        task = self._tasks.open.get(task_id)
        return task_id, task.node if task else node_of(path)

    # ------------------------------------------------------------------ telling

    def _announce(
        self,
        task_id: str,
        task: OpenTask,
        triggers: Any,
        input: Any,
        payload: dict[str, Any],
        began: float | None = None,
    ) -> None:
        self._tasks.add(task_id, task)
        self._first_runs.pop(task_id, None)
        metadata = payload.get("metadata")
        self._emit(
            TaskStarted(
                self.now() if began is None else began,
                task.ns,
                task_id,
                task.node,
                task.step,
                tuple(map(str, triggers)),
                task.outer,
                preview(input),
                preview(metadata) if metadata else NOTHING,
                task.graph if task.graph in self._spans else None,
            )
        )

    def _interrupted(self, task_id: str, task: OpenTask, interrupt: dict[str, Any]) -> None:
        id_ = str(interrupt.get("id") or "")
        if id_ in self._asked:  # the enclosing tasks of a subgraph repeat what the innermost asked
            return
        self._asked.add(id_)
        asked, schema = question_of(interrupt), schema_of(interrupt)
        self._emit(Interrupted(self.now(), id_, task.ns, task_id, task.node, asked, schema))

    def _end(
        self, task_id: str, status: TaskStatus, failed: Failure | None = None, writes: Any = None, cached: bool = False
    ) -> None:
        task = self._tasks.open[task_id]
        for inner in list(reversed(task.inner)):  # those that no payload tells of
            self._end_as(inner, status if status != "error" else "cancelled")
        self._tasks.remove(task_id)
        for known in (self._announced, self._waiting):
            known.pop(task_id, None)
        self.foreign.discard(task_id)
        self._graphs.forget(task_id, (*task.home, f"{task.node}:{task_id}"))
        at = self._stamps.pop(task.run, None) if task.run is not None else None
        cached = cached or (task.run is None and status == "ok")
        packed = NOTHING if writes is None else preview(writes)
        self._emit(
            TaskEnded(
                self.now() if at is None else at,
                task.ns,
                task_id,
                task.node,
                status,
                failed,
                packed,
                cached,
                task.attempts,
            )
        )

    def _end_as(self, task_id: str, status: TaskStatus) -> None:
        """End a task of which no payload tells, for what is known of it; `status` if nothing is."""
        task = self._tasks.open[task_id]
        if task.returned:
            self._end(task_id, "ok", None, task.output)
        elif task.error is not None:
            self._end(task_id, "error", task.error)
        else:
            self._end(task_id, status)

    def _end_unexecuted(self, ns: Namespace, step: int | None) -> None:
        """A superstep is over: a task of it that is still open was never run, its writes were there already."""
        if step is None:
            return
        for task_id, task in list(self._tasks.open.items()):
            if task.ns == ns and task.step <= step and task.run is None:
                self._end(task_id, "ok", cached=True)

    def _close_span(self, run: str, status: TaskStatus) -> None:
        self._spans.pop(run, None)
        if self._graphs.end(run):
            for task_id, task in list(self._tasks.open.items()):
                if task.silent and task.graph == run:
                    self._end_as(task_id, status)
