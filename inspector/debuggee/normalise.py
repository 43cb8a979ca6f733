"""From `astream_events(version="v2")` to the inspector's events. The only file that knows v2's keys.

What it knows of LangGraph 1.x (measured on 1.2.22; see docs/langgraph.md):

- The join key is the last segment of `metadata["langgraph_checkpoint_ns"]`, `node:task_id`; `tasks` payloads carry the
  same id. Segments that are bare numbers count repeated calls of a subgraph within one node and belong to no task.
- A task is known from its `tasks` payload or from the first chain start in its namespace, whichever comes first.
- What the subscription delivers has waited in a queue until the loop was free. The probe notes the true time of every
  start (`note`); when the loop is blocked, the watchdog's thread announces what was noted (`release`).
- A second chain start with the same namespace and the same parent run is a retry. A task without any chain start
  had its writes from a cache, or from an earlier attempt at the same superstep.
- A `@task` of the functional API runs in namespace `outer:id|inner:id`, but its payload arrives in the namespace of
  `outer`; only its path tells that (`("__pregel_push", <path of outer>, index, ...)`).
- A node that interrupts, raises or is cancelled has no end event. The `tasks` payload says how a task ended. There is
  none for a `@task` that interrupts, for a node that leaves with a command to its parent graph, and for what a static
  interrupt inside a subgraph stops: those end with the task around them.
- A graph that a node calls on a thread of its own begins again at the root namespace and sends no payloads: it is
  known by its parent run, and its tasks are put under the task that called it.
- `__start__` is hidden and has no payload. What its routers do (a model call, say) is told outside any task; it is
  told itself only if it fails.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from time import perf_counter
from typing import Any

from inspector.core.events import (
    NOTHING,
    CheckpointSaved,
    Custom,
    Event,
    Failure,
    Interrupted,
    Namespace,
    RunStatus,
    SpanEnded,
    SpanStarted,
    SpanStatus,
    SpanType,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    TaskStatus,
)
from inspector.debuggee.asking import question_of, schema_of
from inspector.debuggee.encode import preview
from inspector.debuggee.failures import failure
from inspector.debuggee.models import ModelStreams
from inspector.debuggee.places import HIDDEN, graph_of, is_call, is_error_handler, node_of, segments, task_of
from inspector.debuggee.positions import Position, path_of
from inspector.debuggee.tasks import OpenTask, Tasks

Emit = Callable[[Event], None]
_Hidden = tuple[str | None, str, dict[str, Any], Any]  # parent run, name, metadata, input

TOOL_OUTPUT = "tool-output-delta"
LATE_CALLS = 4096
_STARTS: dict[str, tuple[SpanType, str]] = {
    "on_chain_start": ("chain", ""),
    "on_prompt_start": ("chain", "prompt"),
    "on_parser_start": ("chain", "parser"),
    "on_tool_start": ("tool", ""),
    "on_retriever_start": ("retriever", ""),
    "on_chat_model_start": ("model", ""),
    "on_llm_start": ("model", "llm"),
}


class Normaliser:
    """Turns one invocation's v2 events, and what the probe sees, into events of the inspector."""

    def __init__(self, emit: Emit, *, started: float, root: str = "", first_step: int = 1) -> None:
        """`root` is the run id of the graph itself, `first_step` the superstep of its first tasks on a new thread (a
        `StateGraph` has `__start__` before them)."""
        self._emit = emit
        self._started = started
        self._root = root
        self._first_step = first_step
        self._tasks = Tasks()
        self._spans: dict[str, str | None] = {}  # open span -> its task
        self._tool_calls: dict[str, str | None] = {}  # the last tool calls, by id or run -> their task
        self._graphs: dict[str, str | None] = {}  # open runs of inner graphs -> the task that called them
        self._called: dict[str, list[str]] = {}  # task -> the runs of the graphs that it called, in order
        self._plumbing: dict[str, _Hidden] = {}  # hidden chains, told if something is in them
        self._steps: dict[Namespace, int] = {}  # of the newest checkpoint of each open graph
        self._counted: dict[Namespace, bool] = {}  # graphs without checkpoints -> whether their superstep is over
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

    # ------------------------------------------------------------------ the subscription

    def take(self, event: Any) -> None:
        """Take in one v2 event (a mapping with `event`, `name`, `run_id`, `parent_ids`, `tags`, `metadata`, `data`)."""
        with self._lock:
            self._take(event)

    def _take(self, event: Any) -> None:
        kind: str = event["event"]
        run: str = event["run_id"]
        if kind == "on_chat_model_stream":
            self.models.chunk(run, event["data"]["chunk"])
            return
        if kind == "on_chain_stream":
            if run == self._root:
                self._chunk(event["data"]["chunk"])
            return
        if kind == "on_llm_stream":
            self.models.chunk(run, event["data"]["chunk"])
        elif kind in _STARTS:
            parents = event["parent_ids"]
            if not parents:
                self._root = self._root or run
                return
            if kind == "on_chain_start":
                self.chain_started(
                    run, parents[-1], event["name"], event["tags"], event["metadata"], event["data"].get("input")
                )
            else:
                type_, detail = _STARTS[kind]
                self.span_started(
                    run, parents[-1], type_, event["name"], event["metadata"], event["data"].get("input"), detail=detail
                )
        elif kind.endswith("_end"):
            self._ended_event(kind, run, event["data"])
        elif kind == "on_tool_error":
            data = event["data"]
            self._settle_under(run)
            self.span_failed(run, data.get("error"), call_id=data.get("tool_call_id") or "")
        elif kind == "on_custom_event":
            self._custom(segments(event["metadata"]), event["name"], event["data"])

    def _chunk(self, chunk: Any) -> None:
        """A chunk of the root graph's own stream: `(namespace, mode, payload)`."""
        ns, mode, payload = chunk
        if self.streams is not None and (not ns or (mode == "custom" and ns not in self._steps)):
            self.streams.chunk(mode, payload)  # a `@task` writes in a namespace that is no graph's
        if mode == "tasks":
            if "input" in payload:
                self._task_payload(tuple(ns), payload)
            else:
                self._result_payload(tuple(ns), payload)
        elif mode == "checkpoints":
            self._checkpoint(tuple(ns), payload)
        elif mode == "custom":
            self._custom(tuple(ns), "", payload, exact=False)
        elif mode == "tools" and payload.get("event") == TOOL_OUTPUT:
            self._tool_output(payload)

    # ------------------------------------------------------------------ what the probe sees

    def note(self, run: str, start: Callable[..., None], *args: Any) -> None:
        """A start, as it happens; `start` is `chain_started` or `span_started`. The subscription will tell it too."""
        self._noted[run] = (self.now(), start, args)

    def note_chain(
        self, run: str, parent: str, name: str, tags: Any, metadata: dict[str, Any], input: Any, *, is_graph: bool
    ) -> None:
        """A chain starts inside a task: its node, a graph that it calls, or anything else."""
        path = segments(metadata)
        task_id = task_of(path)
        if task_id is not None:
            if is_graph:
                self._graphs[run] = task_id
                self._called.setdefault(task_id, []).append(run)
            elif len(path) == 1 and parent in self._graphs:
                self.foreign.add(task_id)  # called from inside a task, yet its namespaces begin again at the root
            if task_id not in self._tasks.open and task_id not in self._tasks.ended:
                self._first_runs.setdefault(task_id, run)
        self.note(run, self.chain_started, parent, name, tags, metadata, input)

    def release(self) -> None:
        """Announce the starts that were noted and not yet told: the loop is blocked."""
        with self._lock:
            self._releasing = True
            self._flush_early()
            for run in list(self._noted):
                noted = self._noted.get(run)
                if noted is not None:
                    noted[1](run, *noted[2])
            self._releasing = False

    def _flush_early(self, task_id: str | None = None) -> None:
        """Announce a task (or all) whose chain start is known and whose payload has not come."""
        for known in [task_id] if task_id is not None else list(self._early):
            early = self._early.get(known)
            if early is not None:
                self.chain_started(*early)

    def returned(self, run: str) -> None:
        """A run ended: that is its time, whenever the subscription gets to it."""
        if run in self._tasks.runs or run in self._spans or run in self._noted:
            self._stamps[run] = self.now()

    def failed(self, run: str, error: BaseException, parent: str | None = None) -> None:
        """A run raised. Told when the subscription has caught up (`settle_failures`), or with the end of its parent;
        tokens may be on their way."""
        if run in self._spans or run in self._tasks.runs or run in self._noted:
            if left_with(error) == "ok":
                error = type(error)(*error.args)  # as it is now: each graph that it passes through rewrites it
            self._failures[run] = (error, parent)
            self._stamps.setdefault(run, self.now())

    def settle_failures(self) -> None:
        """Tell the errors that were noted."""
        with self._lock:
            for run in list(self._failures):
                self._settle_failure(run)

    def _settle_under(self, parent: str) -> None:
        """Tell the errors of the runs inside a run whose end comes now: nothing of theirs is on its way any more."""
        for run in [run for run, (_, of) in list(self._failures.items()) if of == parent]:
            self._settle_under(run)
            self._settle_failure(run)

    def _settle_failure(self, run: str) -> None:
        error, _ = self._failures.pop(run)
        self._tell_start(run)
        self.span_failed(run, error)

    def _tell_start(self, run: str) -> None:
        """Announce what the probe noted and the subscription has not told yet: its end is known already."""
        noted = self._noted.get(run)
        if noted is not None and run not in self._plumbing:
            noted[1](run, *noted[2])
            self._flush_early()

    def _began(self, run: str) -> float:
        """When a run that is announced now began."""
        noted = self._noted.pop(run, None)
        return self.now() if noted is None else noted[0]

    # ------------------------------------------------------------------ starts

    def chain_started(
        self, run: str, parent: str | None, name: str, tags: list[str] | None, metadata: dict[str, Any], input: Any
    ) -> None:
        """A chain run began: a node, a retry of it, an inner graph, a router or any other runnable."""
        if run in self._tasks.runs or run in self._spans:
            self._noted.pop(run, None)
            return
        path = segments(metadata)
        task_id = task_of(path)
        if task_id is None:
            if parent is not None and parent != self._root:
                self.span_started(run, parent, "chain", name, metadata, input)
            return
        if HIDDEN in (tags or ()):
            self._plumbing[run] = (parent, name, metadata, input)
            return
        early = self._early.get(task_id)
        if early is not None and early[0] != run:  # something happens inside the task: its payload may come late
            self._flush_early(task_id)
        known = self._tasks.open.get(task_id)
        if known is None and task_id in self._tasks.ended:
            self._noted.pop(run, None)
            return
        if known is None and task_id not in self._early and not self._releasing and self._will_have_payload(metadata):
            # In a subgraph chain starts overtake the payloads, even those of the tasks before: wait for this task's,
            # or for anything that happens inside it.
            self._early[task_id] = (run, parent, name, tags, metadata, input)
            return
        self._early.pop(task_id, None)
        if known is None:
            known = self._open(task_id, path, metadata, input, self._began(run), parent)
            self._tasks.execute(task_id, run, parent)
        elif known.run is None:
            self._noted.pop(run, None)
            self._tasks.execute(task_id, run, parent)
        elif parent == known.parent_run and name == known.node:
            self.settle_failures()
            known.attempts += 1
            self._tasks.execute(task_id, run, parent)
            self._emit(TaskRetried(self._began(run), task_id, known.attempts, known.error))
        else:
            self.span_started(run, parent, "graph" if run in self._graphs else "chain", name, metadata, input)

    def _will_have_payload(self, metadata: dict[str, Any]) -> bool:
        if is_call(metadata) or is_error_handler(metadata):
            return False
        return task_of(segments(metadata)[:1]) not in self.foreign

    def span_started(
        self,
        run: str,
        parent: str | None,
        type_: SpanType,
        name: str,
        metadata: dict[str, Any],
        input: Any,
        *,
        detail: str = "",
    ) -> None:
        """A span began inside a task (or outside any: in a router of `__start__`, say)."""
        now = self._began(run)
        if run in self._spans:
            return
        if parent in self._plumbing:
            self._tell_plumbing(parent)
        path = segments(metadata)
        task = None if node_of(path) == "__start__" else task_of(path)
        if task in self._early:
            self._flush_early(task)
        if task is None and parent is not None:
            task = self._tasks.runs.get(parent) or self._spans.get(parent)
        self._spans[run] = task
        call_id = self.call_ids.pop(run, "")
        if type_ == "model":
            self.models.begin(run)
            input = _prompt(input)
        elif type_ == "tool":
            self._tool_calls[call_id or run] = task
            if len(self._tool_calls) > LATE_CALLS:
                del self._tool_calls[next(iter(self._tool_calls))]
            if isinstance(input, dict):
                input = {key: value for key, value in input.items() if not is_injected(value)}
        self._emit(
            SpanStarted(
                now,
                run,
                parent if parent in self._spans else None,
                type_,
                name,
                task,
                preview(input),
                detail,
                str(metadata.get("ls_model_name") or "") if type_ == "model" else "",
                str(metadata.get("ls_provider") or "") if type_ == "model" else "",
                call_id,
            )
        )

    def _tell_plumbing(self, run: str) -> None:
        """Announce a hidden chain after all, because something that is to be seen happens in it."""
        parent, name, metadata, input = self._plumbing[run]
        if name != metadata.get("langgraph_node"):  # else it is `__start__` itself
            del self._plumbing[run]
            self.span_started(run, parent, "graph" if run in self._graphs else "chain", name, metadata, input)

    def _open(
        self,
        task_id: str,
        path: Namespace,
        metadata: dict[str, Any],
        input: Any,
        began: float,
        parent: str | None,
    ) -> OpenTask:
        """The record of a task whose chain began before any payload told of it, announced now."""
        ns = graph_of(path, metadata)
        outer = task_of(ns if is_error_handler(metadata) else path[:-1])
        first = task_of(path[:1])
        foreign = first in self.foreign
        if foreign:
            # Its namespaces count from the root of another thread: put them under the task that called its graph.
            if first == task_id:
                outer = self._graphs.get(parent or "")
                self._flush_early(outer or "")
            caller = self._tasks.open.get((outer if first == task_id else first) or "")
            if caller is not None:
                ns = (*caller.ns, f"{caller.node}:{outer}", *ns) if first == task_id else (*caller.ns, *ns)
        step = int(metadata.get("langgraph_step", self._steps.get(ns, -1) + 1))
        if ns in self._counted and step > self._steps[ns] + 1:  # a superstep of `Send`s, whose payloads wait for this
            self._steps[ns] = step - 1
            self._end_unexecuted(ns, step - 1)
            self._counted[ns] = False
        waiting = self._waiting.pop(task_id, None)
        if waiting is not None:
            input = waiting["input"]
        node = str(metadata.get("langgraph_node") or node_of(path[-1:]))
        graph = parent if parent in self._graphs else self._graph_at(ns)
        task = OpenTask(ns, node, step, outer, ns if is_error_handler(metadata) else path[:-1], foreign, graph)
        self._announce(task_id, task, metadata.get("langgraph_triggers") or (), input, waiting or {}, began)
        return task

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

    def _task_payload(self, ns: Namespace, payload: dict[str, Any]) -> None:
        task_id = payload["id"]
        if task_id in self._tasks.open or task_id in self._tasks.ended:
            return
        triggers = payload.get("triggers") or ()
        early = self._early.get(task_id)
        if early is None and task_id not in self._announced and tuple(triggers) == ("__pregel_push",):
            # Perhaps a `@task`, whose enclosing task only its chain start names. A cached one never starts: it is
            # announced with its result, or with the next checkpoint.
            self._waiting[task_id] = {**payload, "ns": ns}
            return
        graph = early[1] if early is not None and early[1] in self._graphs else self._graph_at(ns)
        task = OpenTask(ns, payload["name"], self._next_step(ns, early), task_of(ns), ns, False, graph)
        noted = self._noted.get(self._first_runs.get(task_id, ""))
        self._announce(task_id, task, triggers, payload["input"], payload, None if noted is None else noted[0])
        self._flush_early(task_id)

    def _next_step(self, ns: Namespace, early: tuple[Any, ...] | None) -> int:
        """The superstep of tasks that begin now. Where a graph has no checkpoints to tell it, a new one begins with the
        first task after a result."""
        over = self._counted.get(ns)
        if over is None and ns not in self._steps:
            step = early[4].get("langgraph_step") if early is not None else None
            self._steps[ns] = int(step if step is not None else 1 if ns else self._first_step) - 1
            self._counted[ns] = False
        elif over:
            self._steps[ns] += 1
            self._end_unexecuted(ns, self._steps[ns])
            self._counted[ns] = False
        return self._steps[ns] + 1

    def _graph_at(self, ns: Namespace) -> str | None:
        """The run of the inner graph with this namespace: LangGraph numbers those that one task calls."""
        called = self._called.get(task_of(ns) or "")
        if not called:
            return None
        index = int(ns[-1]) if ns[-1].isdecimal() else 0
        return called[index] if index < len(called) else None

    # ------------------------------------------------------------------ ends

    def _result_payload(self, ns: Namespace, payload: dict[str, Any]) -> None:
        task_id = payload["id"]
        self._settle(task_id)
        self._flush_early(task_id)
        self.settle_failures()
        if ns in self._counted:
            self._counted[ns] = True
        task = self._tasks.open.get(task_id)
        if task is None:
            return
        error = payload.get("error")
        interrupts = payload.get("interrupts") or ()
        status: TaskStatus = "ok"
        failed: Failure | None = None
        if isinstance(error, asyncio.CancelledError):
            status = "cancelled"
        elif error is not None:
            status = "error"
            failed = failure(error) if isinstance(error, BaseException) else Failure("Error", str(error))
        elif interrupts:
            status = "interrupted"
            for interrupt in interrupts:
                self._interrupted(task_id, task, interrupt)
        self._end(task_id, status, failed, payload.get("result"))

    def _end(
        self, task_id: str, status: TaskStatus, failed: Failure | None = None, writes: Any = None, cached: bool = False
    ) -> None:
        task = self._tasks.open[task_id]
        for inner in list(reversed(task.inner)):  # those that no payload tells of
            self._end_as(inner, status if status != "error" else "cancelled")
        self._tasks.remove(task_id)
        for known in (self._announced, self._called, self._waiting):
            known.pop(task_id, None)
        self.foreign.discard(task_id)
        self._forget_graphs((*task.home, f"{task.node}:{task_id}"))
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

    def _forget_graphs(self, ns: Namespace) -> None:
        """The graphs that a task called are over."""
        count = 0
        while self._steps.pop(ns, None) is not None:
            self._counted.pop(ns, None)
            count += 1
            ns = (*ns[: -1 if count > 1 else None], str(count))

    def _interrupted(self, task_id: str, task: OpenTask, interrupt: dict[str, Any]) -> None:
        id_ = str(interrupt.get("id") or "")
        if id_ in self._asked:  # the enclosing tasks of a subgraph repeat what the innermost asked
            return
        self._asked.add(id_)
        asked, schema = question_of(interrupt), schema_of(interrupt)
        self._emit(Interrupted(self.now(), id_, task.ns, task_id, task.node, asked, schema))

    def _ended_event(self, kind: str, run: str, data: dict[str, Any]) -> None:
        if self._plumbing.pop(run, None) is not None:
            self._noted.pop(run, None)
            self._graphs.pop(run, None)
            return
        self._tell_start(run)
        if self._failures:
            self._settle_under(run)
        task = self._tasks.of_run(run)
        if task is not None:
            task.returned, task.output = True, data.get("output")
            self._stamps.setdefault(run, self.now())
            if task.silent:
                self._end(self._tasks.runs[run], "ok", None, task.output)
            return
        if run not in self._spans:
            return
        output = data.get("output")
        at = self._stamps.pop(run, None) or self.now()
        self._close_span(run, "ok")
        if kind in ("on_chat_model_end", "on_llm_end"):
            self._emit(self.models.end(run, output, at))
            return
        call_id = ""
        if kind == "on_tool_end":
            call_id = str(getattr(output, "tool_call_id", "") or "")
        failed = kind == "on_tool_end" and getattr(output, "status", "") == "error"
        error = Failure("ToolError", str(getattr(output, "content", ""))[:2000]) if failed else None
        self._emit(SpanEnded(at, run, "error" if failed else "ok", preview(output), error, call_id=call_id))

    def span_failed(self, run: str, error: BaseException | None, *, call_id: str = "") -> None:
        """A run raised: a model, tool, retriever or chain ends with an error; a node remembers it for its retry."""
        left = left_with(error)
        task = self._tasks.of_run(run)
        if task is not None:
            if left == "ok":  # a command to the parent graph is how the node returned
                task.returned, task.output = True, _command(error)
                task.silent = task.silent or getattr(task.output, "graph", None) == "__parent__"
            elif left is None and error is not None:
                task.error = failure(error)
            if task.silent and left is not None:
                self._end_as(self._tasks.runs[run], left)
            return
        hidden = self._plumbing.pop(run, None)
        if hidden is not None and left is None and error is not None and hidden[1] == hidden[2].get("langgraph_node"):
            self._fail_hidden(run, hidden, error)
        if run not in self._spans:
            return
        at = self._stamps.pop(run, None) or self.now()
        usage = self.models.drop(run)
        self._close_span(run, left or "cancelled")
        if error is None or left is not None:
            output = preview(_command(error)) if left == "ok" else NOTHING
            self._emit(SpanEnded(at, run, left or "cancelled", output, usage=usage, call_id=call_id))
        else:
            self._emit(SpanEnded(at, run, "error", error=failure(error), usage=usage, call_id=call_id))

    def _fail_hidden(self, run: str, hidden: _Hidden, error: BaseException) -> None:
        """`__start__` failed: its router raised, or the input does not fit."""
        parent, _, metadata, input = hidden
        path = segments(metadata)
        task_id = task_of(path) or ""
        if task_id not in self._tasks.open and task_id not in self._tasks.ended:
            self._open(task_id, path, metadata, input, self._began(run), parent)
            self._tasks.execute(task_id, run, parent)
            self._end(task_id, "error", failure(error))

    def _close_span(self, run: str, status: TaskStatus) -> None:
        self._spans.pop(run, None)
        if run in self._graphs:
            del self._graphs[run]
            for task_id, task in list(self._tasks.open.items()):
                if task.silent and task.graph == run:
                    self._end_as(task_id, status)

    # ------------------------------------------------------------------ checkpoints, custom events, the end

    def _checkpoint(self, ns: Namespace, payload: dict[str, Any]) -> None:
        metadata = payload.get("metadata") or {}
        step = int(metadata.get("step", self._steps.get(ns, -2) + 1))
        for task_id in [i for i in self._waiting if self._waiting[i]["ns"] == ns]:
            self._settle(task_id)
        self._end_unexecuted(ns, step)
        self._steps[ns] = step
        config = payload["config"]["configurable"]
        parent = (payload.get("parent_config") or {}).get("configurable", {}).get("checkpoint_id")
        tasks = tuple((t["id"], t["name"]) for t in payload.get("tasks", ()))
        self._announced.update((task_id, ns) for task_id, _ in tasks)
        self._emit(
            CheckpointSaved(
                self.now(),
                ns,
                config["checkpoint_id"],
                parent,
                step,
                str(metadata.get("source", "")),
                tuple(payload.get("next") or ()),
                tasks,
            )
        )

    def _end_unexecuted(self, ns: Namespace, step: int) -> None:
        """A superstep is over: a task of it that is still open was never run, its writes were there already."""
        for task_id, task in list(self._tasks.open.items()):
            if task.ns == ns and task.step <= step and task.run is None:
                self._end(task_id, "ok", cached=True)

    def _settle(self, task_id: str) -> None:
        """Announce a `@task` whose chain start never came (it was cached, or runs untraced)."""
        waiting = self._waiting.pop(task_id, None)
        if waiting is not None and task_id not in self._tasks.open:
            ns = waiting["ns"]
            step = self._steps.get(ns, -1) + 1
            outer = self._tasks.writing_in(ns)[0] or task_of(ns)
            task = OpenTask(ns, waiting["name"], step, outer, ns, False, self._graph_at(ns))
            self._announce(task_id, task, waiting.get("triggers") or (), waiting["input"], waiting)

    def _custom(self, ns: Namespace, name: str, value: Any, *, exact: bool = True) -> None:
        """A custom event. The stream writer's chunks carry the namespace of the graph, not the task: where several
        tasks of a graph run at once, the task is not known, and the node only if it is the same for all."""
        task_id, node, ns = (task_of(ns), node_of(ns), ns[:-1]) if exact else self._tasks.writing_in(ns)
        task = self._tasks.open.get(task_id or "")
        if task is not None:
            node, ns = task.node, task.ns
        self._emit(Custom(self.now(), ns, task_id, node, name, preview(value)))

    def _tool_output(self, payload: dict[str, Any]) -> None:
        """A part of a tool's result, ahead of it (`ToolRuntime.emit_output_delta`); the tool itself may be over by the
        time that it comes here. It names the call, or else the run."""
        call_id = str(payload.get("tool_call_id") or "")
        for run in [run for run, call in self.call_ids.items() if call_id in (call, run)]:
            self._tell_start(run)
        task_id = self._tool_calls.get(call_id)
        task = self._tasks.open.get(task_id or "")
        ns, node = (task.ns, task.node) if task is not None else ((), "")
        value = {"tool_call_id": call_id, "delta": payload.get("delta")}
        self._emit(Custom(self.now(), ns, task_id, node, TOOL_OUTPUT, preview(value)))

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

    def finish(self, status: RunStatus) -> None:
        """The run is over: so is every task that no payload told the end of."""
        self.release()
        self.settle_failures()
        with self._lock:
            for task_id in list(self._waiting):
                self._settle(task_id)
            rest: TaskStatus = "cancelled"
            if status in ("done", "interrupted", "paused"):
                rest = "ok" if status == "done" else "interrupted"
            while self._tasks.open:
                self._end_as(next(reversed(self._tasks.open)), rest)


def _prompt(input: Any) -> Any:
    """The messages of a model call: v2 gives `{"messages": [[...]]}`, one list a prompt."""
    if isinstance(input, dict) and isinstance(input.get("messages"), list):
        batches = input["messages"]
        return batches[0] if len(batches) == 1 else batches
    return input


def is_injected(value: Any) -> bool:
    """Whether a tool argument was injected by the runtime (the whole state, the store), not asked for by a model."""
    return type(value).__name__ in ("ToolRuntime", "Runtime") or type(value).__name__.endswith("Store")


def left_with(error: BaseException | None) -> SpanStatus | None:
    """How a run ended that left with an exception which is no failure: an interrupt, a command to the parent graph, a
    cancellation. None for a failure."""
    if isinstance(error, asyncio.CancelledError):
        return "cancelled"
    names = {cls.__name__ for cls in type(error).__mro__}
    if "ParentCommand" in names:
        return "ok"
    return "interrupted" if "GraphBubbleUp" in names else None


def _command(error: BaseException | None) -> Any:
    """The command that a `ParentCommand` carries."""
    return error.args[0] if error is not None and error.args else None
