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
- A node that interrupts, raises or is cancelled has no end event. The `tasks` payload says how a task ended.
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
    SpanEnded,
    SpanStarted,
    SpanType,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    TaskStatus,
)
from inspector.debuggee.encode import preview
from inspector.debuggee.failures import failure
from inspector.debuggee.models import ModelStreams

Emit = Callable[[Event], None]

_HIDDEN = "langsmith:hidden"
_STARTS: dict[str, tuple[SpanType, str]] = {
    "on_chain_start": ("chain", ""),
    "on_prompt_start": ("chain", "prompt"),
    "on_parser_start": ("chain", "parser"),
    "on_tool_start": ("tool", ""),
    "on_retriever_start": ("retriever", ""),
    "on_chat_model_start": ("model", ""),
    "on_llm_start": ("model", "llm"),
}


class _Task:
    """What the normaliser remembers of a task while it is open."""

    __slots__ = (
        "apart", "attempts", "error", "node", "ns", "output", "parent_run", "raised", "returned", "run", "step",
    )  # fmt: skip

    def __init__(self, ns: Namespace, node: str, step: int) -> None:
        self.ns = ns
        self.node = node
        self.step = step
        self.run: str | None = None  # the run id of its chain, once it executes
        self.parent_run: str | None = None
        self.attempts = 1
        self.error: Failure | None = None
        self.returned = False  # its chain ended, the payload may still come
        self.output: Any = None
        self.apart = False  # of a graph on a thread of its own: no payload will come
        self.raised: BaseException | None = None  # what its chain ended with, a failure or not


class Recent:
    """The last few thousand task ids that ended: what still comes of them is late, not new."""

    def __init__(self, keep: int = 8192) -> None:
        self._keep = keep
        self._ids: dict[str, None] = {}

    def add(self, id_: str) -> None:
        self._ids[id_] = None
        if len(self._ids) > self._keep:
            del self._ids[next(iter(self._ids))]

    def __contains__(self, id_: object) -> bool:
        return id_ in self._ids


class Normaliser:
    """Turns one invocation's v2 events, and what the probe sees, into events of the inspector."""

    def __init__(self, emit: Emit, *, started: float) -> None:
        self._emit = emit
        self._started = started
        self._root: str | None = None
        self._tasks: dict[str, _Task] = {}  # open ones only, so that memory does not grow with the run
        self._ended = Recent()
        self._hidden = Recent(256)  # tasks that the `tasks` stream leaves out: `__start__` of a conditional entry
        self._quiet: dict[str, tuple[Any, ...]] = {}  # the open chains of those, told of if they fail
        self._node_runs: dict[str, str] = {}  # chain run id -> task id
        self._spans: dict[str, str | None] = {}  # open span -> its task
        self.graph_calls: set[str] = set()  # open spans (and runs not announced yet) that are whole graphs
        self._callers: dict[str, str | None] = {}  # task -> parent run of its chain: who called its graph
        self._steps: dict[Namespace, int] = {}
        self._announced: dict[str, Namespace] = {}  # tasks that a checkpoint named as next
        self._waiting: dict[str, dict[str, Any]] = {}  # `@task` payloads whose place is not known yet
        self._early: dict[str, tuple[Any, ...]] = {}  # chain starts ahead of their payload, by task
        self._asked: set[str] = set()
        self._stamps: dict[str, float] = {}  # when a task (by id) or span (by run) returned, as the probe saw it
        self._noted: dict[str, tuple[float, Callable[..., None], tuple[Any, ...]]] = {}  # starts, by run
        self._failures: dict[str, tuple[BaseException, str]] = {}  # errors that no event tells, by run
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
            if self.streams is not None:
                self.streams.message(event["data"]["chunk"], event["metadata"])
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
                self._root = run
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
            self.span_failed(run, data.get("error"), call_id=data.get("tool_call_id") or "")
        elif kind == "on_custom_event":
            self._custom(_segments(event["metadata"]), event["name"], event["data"])

    def _chunk(self, chunk: Any) -> None:
        """A chunk of the root graph's own stream: `(namespace, mode, payload)`."""
        ns, mode, payload = chunk
        if self.streams is not None:
            self.streams.chunk(ns, mode, payload)
        if mode == "tasks":
            if "input" in payload:
                self._task_payload(tuple(ns), payload)
            else:
                self._result_payload(payload)
        elif mode == "checkpoints":
            self._checkpoint(tuple(ns), payload)
        elif mode == "custom":
            self._custom(tuple(ns), "", payload, exact=False)

    # ------------------------------------------------------------------ what the probe sees

    def note(self, run: str, start: Callable[..., None], *args: Any) -> None:
        """A start, as it happens; `start` is `chain_started` or `span_started`. The subscription will tell it too."""
        self._noted[run] = (self.now(), start, args)
        if start == self.chain_started:
            task_id = _task_of(_segments(args[3]))
            if task_id is not None and task_id not in self._tasks and task_id not in self._ended:
                self._callers.setdefault(task_id, args[0])

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
        task_id = self._node_runs.get(run)
        if task_id is not None:
            self._stamps[task_id] = self.now()
        elif run in self._spans or run in self._noted:
            self._stamps[run] = self.now()

    def failed(self, run: str, error: BaseException, call_id: str = "") -> None:
        """A run raised. Told when the subscription has caught up (`settle_failures`); tokens may be on their way."""
        if run in self._spans or run in self._node_runs or run in self._noted or run in self._quiet:
            if _is_a(error, "ParentCommand"):
                error = type(error)(*error.args)  # as it is now: each graph that it passes through rewrites it
            self._failures[run] = (error, call_id)
            self._stamps[self._node_runs.get(run, run)] = self.now()

    def settle_failures(self) -> None:
        """Tell the errors that were noted."""
        with self._lock:
            for run in list(self._failures):
                error, call_id = self._failures.pop(run)
                self.span_failed(run, error, call_id=call_id)

    def _began(self, run: str) -> float:
        """When a run that is announced now began."""
        noted = self._noted.pop(run, None)
        return self.now() if noted is None else noted[0]

    # ------------------------------------------------------------------ starts

    def chain_started(
        self, run: str, parent: str | None, name: str, tags: list[str] | None, metadata: dict[str, Any], input: Any
    ) -> None:
        """A chain run began: a node, a retry of it, an inner graph, a router or any other runnable."""
        if run in self._node_runs or run in self._spans:
            self._noted.pop(run, None)
            return
        segments = _segments(metadata)
        if not segments:
            if parent is not None and parent != self._root:
                self.span_started(run, parent, "chain", name, metadata, input)
            return
        task_id = _task_of(segments)
        if task_id is None:
            return
        known = self._tasks.get(task_id)
        told = task_id in self._early or task_id in self._waiting
        if known is None and not told and _HIDDEN in (tags or ()) and task_id not in self._hidden:
            self._hidden.add(task_id)
            self._quiet[run] = (task_id, segments, metadata, input, self.now(), parent)
        if known is None and (task_id in self._ended or task_id in self._hidden):
            self._noted.pop(run, None)
            self.graph_calls.discard(run)
            return
        if known is None and not told and not self._releasing and not _calls(metadata):
            # In a subgraph chain starts overtake the payloads, even those of the tasks before: wait for this task's,
            # or for anything that happens inside it.
            self._early[task_id] = (run, parent, name, tags, metadata, input)
            return
        self._early.pop(task_id, None)
        if known is None or known.run is None:
            known = self._open(task_id, segments, metadata, input, self._began(run), parent)
            known.run, known.parent_run = run, parent
            self._node_runs[run] = task_id
        elif parent == known.parent_run and name == known.node:
            self.settle_failures()
            known.attempts += 1
            known.run, known.returned, known.raised = run, False, None
            self._stamps.pop(task_id, None)
            self._node_runs[run] = task_id
            self._emit(TaskRetried(self._began(run), task_id, known.attempts, known.error))
        elif _HIDDEN not in (tags or ()):
            type_: SpanType = "graph" if run in self.graph_calls else "chain"
            self.span_started(run, parent, type_, name, metadata, input)

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
        """A span began inside a task (or outside any, for a graph that traces what it does before its nodes)."""
        now = self._began(run)
        if run in self._spans:
            return
        segments = _segments(metadata)
        task = _task_of(segments) if segments else None
        if task in self._early:
            self._flush_early(task)
        if task is None and parent is not None:
            task = self._node_runs.get(parent) or self._spans.get(parent)
        if task is not None and task in self._hidden:
            task = None
        self._spans[run] = task
        if type_ == "model":
            self.models.begin(run)
            input = _prompt(input)
        elif type_ == "tool" and isinstance(input, dict):
            input = {key: value for key, value in input.items() if not _injected(value)}
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
                self.call_ids.pop(run, ""),
            )
        )

    def _open(
        self,
        task_id: str,
        segments: Namespace,
        metadata: dict[str, Any],
        input: Any,
        began: float,
        caller: str | None,
    ) -> _Task:
        """The record of a task, announced now if it has not been. `caller` is the run that its chain is a child of."""
        known = self._tasks.get(task_id)
        if known is not None:
            return known
        ns = segments[:-1]
        enclosing = _task_of(ns)
        ns = ns[: len(ns) - _calls(metadata)]
        around = self._spans.get(caller) if caller in self.graph_calls else enclosing
        apart = around != enclosing and around in self._tasks
        if apart and around is not None:  # its namespace begins at the root of another thread
            outer = self._tasks[around]
            enclosing, ns = around, (*outer.ns, f"{outer.node}:{around}", *ns)
        step = int(metadata.get("langgraph_step", self._steps.get(ns, -1) + 1))
        waiting = self._waiting.pop(task_id, None)
        if waiting is not None:
            input = waiting["input"]
        node = str(metadata.get("langgraph_node") or segments[-1].rpartition(":")[0])
        triggers = metadata.get("langgraph_triggers") or ()
        task = self._announce(task_id, ns, node, step, triggers, enclosing, input, waiting or {}, began)
        task.apart = apart
        return task

    def _announce(
        self,
        task_id: str,
        ns: Namespace,
        node: str,
        step: int,
        triggers: Any,
        parent: str | None,
        input: Any,
        payload: dict[str, Any],
        began: float | None = None,
    ) -> _Task:
        task = self._tasks[task_id] = _Task(ns, node, step)
        metadata = payload.get("metadata")
        caller = self._callers.get(task_id)
        self._emit(
            TaskStarted(
                self.now() if began is None else began,
                ns,
                task_id,
                node,
                step,
                tuple(map(str, triggers)),
                parent,
                preview(input),
                preview(metadata) if metadata else NOTHING,
                caller if caller in self.graph_calls and caller in self._spans else None,
            )
        )
        return task

    def _task_payload(self, ns: Namespace, payload: dict[str, Any]) -> None:
        task_id = payload["id"]
        if task_id in self._tasks or task_id in self._ended:
            return
        triggers = payload.get("triggers") or ()
        if task_id not in self._announced and (_is_push(triggers) or ns not in self._steps):
            # Perhaps a `@task`, whose enclosing task only its chain start names; or there are no checkpoints, and the
            # chain start alone knows the step. One that is cached never starts: it is announced with its result, or
            # with the next checkpoint.
            self._waiting[task_id] = {**payload, "ns": ns}
            self._flush_early(task_id)
            return
        step = self._steps.get(ns, -1) + 1
        self._announce(task_id, ns, payload["name"], step, triggers, _task_of(ns), payload["input"], payload)
        self._flush_early(task_id)

    # ------------------------------------------------------------------ ends

    def _result_payload(self, payload: dict[str, Any]) -> None:
        task_id = payload["id"]
        self._settle(task_id)
        self._flush_early(task_id)
        self.settle_failures()
        task = self._tasks.get(task_id)
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
        self._end(task_id, task, status, failed, payload.get("result"))

    def _end(
        self, task_id: str, task: _Task, status: TaskStatus, failed: Failure | None, writes: Any, cached: bool = False
    ) -> None:
        del self._tasks[task_id]
        self._ended.add(task_id)
        self._announced.pop(task_id, None)
        at = self.now()
        at = self._stamps.pop(task_id, at)
        cached = cached or (task.run is None and status == "ok")
        packed = NOTHING if writes is None else preview(writes)
        self._emit(TaskEnded(at, task.ns, task_id, task.node, status, failed, packed, cached, task.attempts))
        if task.run is not None:
            self._node_runs.pop(task.run, None)
        self._callers.pop(task_id, None)

    def _interrupted(self, task_id: str, task: _Task, interrupt: dict[str, Any]) -> None:
        id_ = str(interrupt.get("id") or "")
        if id_ in self._asked:  # the enclosing tasks of a subgraph repeat what the innermost asked
            return
        self._asked.add(id_)
        schema = interrupt.get("response_schema")
        packed = NOTHING if schema is None else preview(_schema(schema))
        self._emit(Interrupted(self.now(), id_, task.ns, task_id, task.node, preview(interrupt.get("value")), packed))

    def _ended_event(self, kind: str, run: str, data: dict[str, Any]) -> None:
        task_id = self._node_runs.get(run)
        if task_id is None and run in self._noted:
            self._flush_early()
            task_id = self._node_runs.get(run)
        if task_id is not None:
            task = self._tasks[task_id]
            task.returned, task.output = True, data.get("output")
            self._stamps.setdefault(task_id, self.now())
            if task.apart:
                self._end(task_id, task, "ok", None, task.output)
            return
        if run not in self._spans:
            self._quiet.pop(run, None)
            return
        output = data.get("output")
        if kind in ("on_chat_model_end", "on_llm_end"):
            self._close_span(run)
            self._emit(self.models.end(run, output, self._stamps.pop(run, self.now())))
            return
        call_id = ""
        if kind == "on_tool_end":
            call_id = str(getattr(output, "tool_call_id", "") or "")
        self._close_span(run)
        failed = kind == "on_tool_end" and getattr(output, "status", "") == "error"
        at = self._stamps.pop(run, None) or self.now()
        error = Failure("ToolError", str(getattr(output, "content", ""))[:2000]) if failed else None
        self._emit(SpanEnded(at, run, "error" if failed else "ok", preview(output), error, call_id=call_id))

    def span_failed(self, run: str, error: BaseException | None, *, call_id: str = "") -> None:
        """A run raised: a model, tool, retriever or chain ends with an error; a node remembers it for its retry."""
        task_id = self._node_runs.get(run)
        if task_id is not None:
            task = self._tasks[task_id]
            task.raised = error
            if error is not None and not _is_a(error, "GraphBubbleUp"):
                task.error = failure(error)
            return
        quiet = self._quiet.pop(run, None)
        if quiet is not None and error is not None and not _is_a(error, "GraphBubbleUp"):
            self._stamps[quiet[0]] = self._stamps.pop(run, self.now())
            self._end(quiet[0], self._open(*quiet), "error", failure(error), None)
        if run not in self._spans:
            return
        at = self._stamps.pop(run, None) or self.now()
        usage = self.models.drop(run)
        self._close_span(run)
        if _is_a(error, "ParentCommand"):
            self._emit(SpanEnded(at, run, "ok", preview(_command(error)), call_id=call_id))
        elif _is_a(error, "GraphBubbleUp"):
            self._emit(SpanEnded(at, run, "interrupted", call_id=call_id))
        elif error is None or isinstance(error, asyncio.CancelledError):
            self._emit(SpanEnded(at, run, "cancelled", usage=usage, call_id=call_id))
        else:
            self._emit(SpanEnded(at, run, "error", error=failure(error), usage=usage, call_id=call_id))

    def _close_span(self, run: str) -> None:
        del self._spans[run]
        if run in self.graph_calls:
            self._close_graph(run)

    def _close_graph(self, run: str) -> None:
        """An inner graph is over: so are its tasks that no payload will tell the end of."""
        self.graph_calls.discard(run)
        for task_id, task in list(self._tasks.items()):
            if task.parent_run != run:
                continue
            if _is_a(task.raised, "ParentCommand"):
                self._end(task_id, task, "ok", None, _command(task.raised))
            elif task.apart:
                waits = _is_a(task.raised, "GraphBubbleUp")
                status: TaskStatus = "interrupted" if waits else "error" if task.error else "cancelled"
                self._end(task_id, task, status, None if waits else task.error, None)

    # ------------------------------------------------------------------ checkpoints, custom events, the end

    def _checkpoint(self, ns: Namespace, payload: dict[str, Any]) -> None:
        metadata = payload.get("metadata") or {}
        step = int(metadata.get("step", self._steps.get(ns, -2) + 1))
        # A task of this superstep that is still open was never run: its writes were there already.
        for task_id in [i for i in self._waiting if self._waiting[i]["ns"] == ns]:
            self._settle(task_id)
        for task_id, task in list(self._tasks.items()):
            if task.ns == ns and task.step <= step and task.run is None:
                self._end(task_id, task, "ok", None, None, cached=True)
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

    def _settle(self, task_id: str) -> None:
        """Announce a `@task` whose chain start never came (it was cached, or runs untraced)."""
        waiting = self._waiting.pop(task_id, None)
        if waiting is not None and task_id not in self._tasks:
            ns = waiting["ns"]
            step = self._steps.get(ns, -1) + 1
            triggers = waiting.get("triggers") or ()
            parent = (self._only_open(ns) if _is_push(triggers) else None) or _task_of(ns)
            self._announce(task_id, ns, waiting["name"], step, triggers, parent, waiting["input"], waiting)

    def _only_open(self, ns: Namespace) -> str | None:
        """The one task that is executing in a namespace, or None if there are several, or none."""
        found = [i for i, t in self._tasks.items() if t.ns == ns and t.run is not None]
        return found[0] if len(found) == 1 else None

    def _custom(self, ns: Namespace, name: str, value: Any, *, exact: bool = True) -> None:
        """A custom event. The stream writer's chunks carry the namespace of the graph, not the task: where several
        tasks of a graph run at once, the task is not known, and the node only if it is the same for all."""
        task_id = _task_of(ns) if exact else self._only_open(ns)
        node = ""
        if task_id is not None and task_id in self._tasks:
            node, ns = self._tasks[task_id].node, self._tasks[task_id].ns
        elif not exact:
            names = {t.node for t in self._tasks.values() if t.ns == ns and t.run}
            node = names.pop() if len(names) == 1 else ""
        self._emit(Custom(self.now(), ns, task_id, node, name, preview(value)))

    def executing(self) -> list[tuple[str, str]]:
        """`(task id, node)` of the innermost tasks that are executing now."""
        open_ = {i: t for i, t in self._tasks.items() if t.run is not None and not t.returned}
        enclosing = {_task_of(t.ns) for t in open_.values()}
        return [(i, t.node) for i, t in open_.items() if i not in enclosing]

    def task_named(self, checkpoint_ns: str) -> tuple[str | None, str]:
        """`(task id, node)` of a `checkpoint_ns` string, for log lines."""
        segments = tuple(checkpoint_ns.split("|")) if checkpoint_ns else ()
        task_id = _task_of(segments)
        if task_id is None:
            return None, ""
        task = self._tasks.get(task_id)
        return task_id, task.node if task else _node_of(segments)

    def finish(self) -> None:
        """The run is over: tasks that returned but whose payload never came (a graph called with its own thread,
        say) end as ok. What else is open is closed by the model with the end of the run."""
        self.release()
        self.settle_failures()
        for task_id in list(self._waiting):
            self._settle(task_id)
        for task_id, task in list(self._tasks.items()):
            if task.returned:
                self._end(task_id, task, "ok", None, task.output)


def _segments(metadata: dict[str, Any]) -> Namespace:
    ns = metadata.get("langgraph_checkpoint_ns")
    return tuple(ns.split("|")) if ns else ()


def _task_of(segments: Namespace) -> str | None:
    """The task id of the last segment that names a task."""
    for segment in reversed(segments):
        _, colon, task_id = segment.rpartition(":")
        if colon:
            return task_id
    return None


def _node_of(segments: Namespace) -> str:
    for segment in reversed(segments):
        node, colon, _ = segment.rpartition(":")
        if colon:
            return node
    return ""


def _calls(metadata: dict[str, Any]) -> int:
    """How many `@task` calls deep a chain start is: each adds a segment to the namespace, but runs in its caller's
    graph. The path of a call is `("__pregel_push", <its caller's path>, index, True)`."""
    depth = 0
    path: Any = metadata.get("langgraph_path")
    while isinstance(path, (tuple, list)) and len(path) >= 4 and path[0] == "__pregel_push":
        depth += 1
        path = path[1]
    return depth


def _is_push(triggers: Any) -> bool:
    return tuple(triggers) == ("__pregel_push",)


def _prompt(input: Any) -> Any:
    """The messages of a model call: v2 gives `{"messages": [[...]]}`, one list a prompt."""
    if isinstance(input, dict) and isinstance(input.get("messages"), list):
        batches = input["messages"]
        return batches[0] if len(batches) == 1 else batches
    return input


def _injected(value: Any) -> bool:
    """Whether a tool argument was injected by the runtime (the whole state, the store), not asked for by a model."""
    return type(value).__name__ in ("ToolRuntime", "Runtime") or type(value).__name__.endswith("Store")


def _is_a(error: BaseException | None, name: str) -> bool:
    """Whether an exception is one of those that LangGraph leaves a node with, and that are no failures: a
    `ParentCommand`, or any `GraphBubbleUp` (an interrupt)."""
    return any(cls.__name__ == name for cls in type(error).__mro__)


def _command(error: BaseException | None) -> Any:
    return error.args[0] if error is not None and error.args else None


def _schema(schema: Any) -> Any:
    """A response schema as plain JSON schema, whatever it was given as (a mapping, a pydantic model, a type)."""
    if isinstance(schema, dict):
        return schema
    try:
        from pydantic import TypeAdapter

        return TypeAdapter(schema).json_schema()
    except Exception:
        return {"title": getattr(schema, "__name__", str(schema))}
