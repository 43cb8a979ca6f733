"""Starts and failures, from the subscription and from the probe, in the order in which they are told.

- A task is known from its `tasks` payload or from the first chain start in its namespace, whichever comes first.
- What the subscription delivers has waited in a queue until the loop was free. The probe notes the true time of every
  start (`note`); when the loop is blocked, the watchdog's thread announces what was noted (`release`).
- A second chain start with the same namespace and the same parent run is a retry.
- `__start__` is hidden and has no payload. What its routers do (a model call, say) is told outside any task; it is
  told itself only if it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.core.events import (
    NOTHING,
    Namespace,
    SpanEnded,
    SpanStarted,
    SpanType,
    TaskRetried,
)
from inspector.debuggee.encode import preview
from inspector.debuggee.failures import failure
from inspector.debuggee.leaving import command_of, left_with
from inspector.debuggee.places import HIDDEN, graph_of, is_call, is_error_handler, node_of, segments, task_of
from inspector.debuggee.tasks import OpenTask
from inspector.debuggee.told import Hidden, Told

LATE_CALLS = 4096


class Starts(Told):
    """What begins, and what raises."""

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
                self._graphs.begin(run, task_id)
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

    # ------------------------------------------------------------------ starts

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
                outer = self._graphs.caller(parent)
                self._flush_early(outer or "")
            caller = self._tasks.open.get((outer if first == task_id else first) or "")
            if caller is not None:
                ns = (*caller.ns, f"{caller.node}:{outer}", *ns) if first == task_id else (*caller.ns, *ns)
        step = int(metadata.get("langgraph_step", self._graphs.step(ns) + 1))
        self._end_unexecuted(ns, self._graphs.skipped(ns, step))
        waiting = self._waiting.pop(task_id, None)
        if waiting is not None:
            input = waiting["input"]
        node = str(metadata.get("langgraph_node") or node_of(path[-1:]))
        graph = parent if parent in self._graphs else self._graphs.at(ns)
        task = OpenTask(ns, node, step, outer, ns if is_error_handler(metadata) else path[:-1], foreign, graph)
        self._announce(task_id, task, metadata.get("langgraph_triggers") or (), input, waiting or {}, began)
        return task

    # ------------------------------------------------------------------ failures

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

    def span_failed(self, run: str, error: BaseException | None, *, call_id: str = "") -> None:
        """A run raised: a model, tool, retriever or chain ends with an error; a node remembers it for its retry."""
        left = left_with(error)
        task = self._tasks.of_run(run)
        if task is not None:
            if left == "ok":  # a command to the parent graph is how the node returned
                task.returned, task.output = True, command_of(error)
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
            output = preview(command_of(error)) if left == "ok" else NOTHING
            self._emit(SpanEnded(at, run, left or "cancelled", output, usage=usage, call_id=call_id))
        else:
            self._emit(SpanEnded(at, run, "error", error=failure(error), usage=usage, call_id=call_id))

    def _fail_hidden(self, run: str, hidden: Hidden, error: BaseException) -> None:
        """`__start__` failed: its router raised, or the input does not fit."""
        parent, _, metadata, input = hidden
        path = segments(metadata)
        task_id = task_of(path) or ""
        if task_id not in self._tasks.open and task_id not in self._tasks.ended:
            self._open(task_id, path, metadata, input, self._began(run), parent)
            self._tasks.execute(task_id, run, parent)
            self._end(task_id, "error", failure(error))


def _prompt(input: Any) -> Any:
    """The messages of a model call: v2 gives `{"messages": [[...]]}`, one list a prompt."""
    if isinstance(input, dict) and isinstance(input.get("messages"), list):
        batches = input["messages"]
        return batches[0] if len(batches) == 1 else batches
    return input


def is_injected(value: Any) -> bool:
    """Whether a tool argument was injected by the runtime (the whole state, the store), not asked for by a model."""
    return type(value).__name__ in ("ToolRuntime", "Runtime") or type(value).__name__.endswith("Store")
