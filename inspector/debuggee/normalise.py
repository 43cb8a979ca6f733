"""From `astream_events(version="v2")` to the inspector's events. The only file that knows v2's keys.

What it knows of LangGraph 1.x (measured on 1.2.22; see docs/langgraph.md):

- The join key is the last segment of `metadata["langgraph_checkpoint_ns"]`, `node:task_id`; `tasks` payloads carry the
  same id. Segments that are bare numbers count repeated calls of a subgraph within one node and belong to no task.
- A task is known from its `tasks` payload or from the first chain start in its namespace, whichever comes first.
- A second chain start with the same namespace and the same parent run is a retry. A task without any chain start
  had its writes from a cache, or from an earlier attempt at the same superstep.
- A `@task` of the functional API runs in namespace `outer:id|inner:id`, but its payload arrives in the namespace of
  `outer`; only its path tells that (`("__pregel_push", <path of outer>, index, ...)`).
- A node that interrupts, raises or is cancelled has no end event. The `tasks` payload says how a task ended. There is
  none for a `@task` that interrupts, for a node that leaves with a command to its parent graph, and for what a static
  interrupt inside a subgraph stops: those end with the task around them.
- A graph that a node calls on a thread of its own begins again at the root namespace and sends no payloads: it is
  known by its parent run, and its tasks are put under the task that called it.

How starts and failures are told is `debuggee.starts`; what is remembered of a run, `debuggee.told`.
"""

from __future__ import annotations

import asyncio
from typing import Any

from inspector.core.events import (
    CheckpointSaved,
    Custom,
    Failure,
    Namespace,
    RunStatus,
    SpanEnded,
    SpanType,
    TaskStatus,
)
from inspector.debuggee.encode import preview
from inspector.debuggee.failures import failure
from inspector.debuggee.places import node_of, segments, task_of
from inspector.debuggee.starts import Starts
from inspector.debuggee.tasks import OpenTask

TOOL_OUTPUT = "tool-output-delta"
_STARTS: dict[str, tuple[SpanType, str]] = {
    "on_chain_start": ("chain", ""),
    "on_prompt_start": ("chain", "prompt"),
    "on_parser_start": ("chain", "parser"),
    "on_tool_start": ("tool", ""),
    "on_retriever_start": ("retriever", ""),
    "on_chat_model_start": ("model", ""),
    "on_llm_start": ("model", "llm"),
}


class Normaliser(Starts):
    """Turns one invocation's v2 events, and what the probe sees, into events of the inspector."""

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
        if self.streams is not None and (not ns or (mode == "custom" and not self._graphs.knows(ns))):
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

    # ------------------------------------------------------------------ tasks

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
        graph = early[1] if early is not None and early[1] in self._graphs else self._graphs.at(ns)
        hint = early[4].get("langgraph_step") if early is not None else None
        self._end_unexecuted(ns, self._graphs.begins(ns, hint))
        task = OpenTask(ns, payload["name"], self._graphs.step(ns) + 1, task_of(ns), ns, False, graph)
        noted = self._noted.get(self._first_runs.get(task_id, ""))
        self._announce(task_id, task, triggers, payload["input"], payload, None if noted is None else noted[0])
        self._flush_early(task_id)

    def _result_payload(self, ns: Namespace, payload: dict[str, Any]) -> None:
        task_id = payload["id"]
        self._settle(task_id)
        self._flush_early(task_id)
        self.settle_failures()
        self._graphs.wrote(ns)
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

    def _settle(self, task_id: str) -> None:
        """Announce a `@task` whose chain start never came (it was cached, or runs untraced)."""
        waiting = self._waiting.pop(task_id, None)
        if waiting is not None and task_id not in self._tasks.open:
            ns = waiting["ns"]
            step = self._graphs.step(ns) + 1
            outer = self._tasks.writing_in(ns)[0] or task_of(ns)
            task = OpenTask(ns, waiting["name"], step, outer, ns, False, self._graphs.at(ns))
            self._announce(task_id, task, waiting.get("triggers") or (), waiting["input"], waiting)

    # ------------------------------------------------------------------ ends, checkpoints, custom events

    def _ended_event(self, kind: str, run: str, data: dict[str, Any]) -> None:
        if self._plumbing.pop(run, None) is not None:
            self._noted.pop(run, None)
            self._graphs.end(run)
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

    def _checkpoint(self, ns: Namespace, payload: dict[str, Any]) -> None:
        metadata = payload.get("metadata") or {}
        step = int(metadata.get("step", self._graphs.step(ns, -2) + 1))
        for task_id in [i for i in self._waiting if self._waiting[i]["ns"] == ns]:
            self._settle(task_id)
        self._end_unexecuted(ns, step)
        self._graphs.committed(ns, step)
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
