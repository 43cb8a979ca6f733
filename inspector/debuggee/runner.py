"""One invocation of the graph: the subscription, and how it ends."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Callable
from time import perf_counter, time
from typing import Any
from uuid import uuid4

from langchain_core.callbacks import BaseCallbackHandler

from inspector.core.commands import StartRun
from inspector.core.events import Event, Failure, Log, RunEnded, RunStarted, RunStatus
from inspector.debuggee.encode import preview
from inspector.debuggee.failures import failure
from inspector.debuggee.graphstates import tap
from inspector.debuggee.holdpoints import HoldPoints
from inspector.debuggee.holds import Holds
from inspector.debuggee.normalise import Normaliser
from inspector.debuggee.probe import Callbacks, Probe
from inspector.debuggee.streams import StreamCounter

MODES = ["tasks", "checkpoints", "custom"]
if importlib.util.find_spec("langgraph.pregel._tools") is not None:  # 1.2: what tools send ahead of their result
    MODES.append("tools")


class Runner:
    """Runs a loaded graph once. `run()` returns when the run has ended, whatever way; it raises only `SystemExit` and
    `KeyboardInterrupt` of the user's code (after having said so), which asyncio does not let anybody keep."""

    def __init__(
        self,
        graph: Any,
        emit: Callable[[Event], None],
        *,
        name: str,
        flush: Callable[[], None] = lambda: None,
        holds: Holds | None = None,
    ) -> None:
        self._graph = graph
        self._emit = emit
        self._name = name
        self._flush = flush
        self._holds = holds or Holds(emit)
        self._halted = False
        self._task: asyncio.Task[None] | None = None
        self._control: Any = None
        self._ended = False
        self.started = perf_counter()
        self.normaliser: Normaliser | None = None

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def now(self) -> float:
        """Seconds since the run began."""
        return perf_counter() - self.started

    def cancel(self) -> None:
        """Cancel the run; it ends as `cancelled`, and the thread keeps its checkpoints."""
        if self._task is not None:
            self._task.cancel()

    def halt(self) -> None:
        """End the run where it is held: as `paused`, not as `cancelled`."""
        self._halted = True
        self.cancel()

    def pause(self) -> bool:
        """Stop after the current superstep. False where this LangGraph has no run control."""
        if self._control is None:
            return False
        self._control.request_drain("paused by the inspector")
        return True

    async def run(self, command: StartRun) -> None:
        """Invoke the graph as the command says, and report until it has ended."""
        self.started = perf_counter()
        self._task = asyncio.current_task()
        config = self._config(command)
        first_step = 1 if "__start__" in (getattr(self._graph, "nodes", None) or ()) else 0
        normaliser = Normaliser(self._emit, started=self.started, root=str(config["run_id"]), first_step=first_step)
        normaliser.streams = StreamCounter(self._emit, normaliser.now)
        self.normaliser = normaliser
        given = _input(command)
        self._emit(RunStarted(0.0, str(uuid4()), command.thread, self._name, time(), preview(given), _goes_on(given)))
        error: BaseException | None = None
        try:
            self._holds.begin(normaliser, stop=command.stop, target=command.target, fresh=not _goes_on(given))
            config["configurable"].update(normaliser.streams.enclosing(self._holds.states.checkpoint))
            tap(self._holds.states)
            probe = Probe(normaliser, asyncio.get_running_loop())
            config["callbacks"] = _with(config.get("callbacks"), probe, HoldPoints(self._holds, normaliser))
            await self._subscribe(given, config, command, normaliser)
        except BaseException as problem:
            error = problem
        finally:
            self._holds.end()
            self._flush()
        await self._end(error, config, normaliser)
        if isinstance(error, (SystemExit, KeyboardInterrupt)):
            raise error

    async def _subscribe(self, given: Any, config: dict[str, Any], command: StartRun, normaliser: Normaliser) -> None:
        extra: dict[str, Any] = {}
        if command.context is not None:
            extra["context"] = command.context
        self._control = extra["control"] = _run_control()
        if self._control is None:
            del extra["control"]
        take = normaliser.take
        stream = self._graph.astream_events(given, config, version="v2", stream_mode=MODES, subgraphs=True, **extra)
        try:
            async for event in stream:
                take(event)
        finally:
            await stream.aclose()

    def _config(self, command: StartRun) -> dict[str, Any]:
        config = dict(command.config or {})
        configurable = {**(config.get("configurable") or {}), "thread_id": command.thread}
        if command.checkpoint:
            configurable["checkpoint_id"] = command.checkpoint
        config["configurable"] = configurable
        config.setdefault("run_id", uuid4())
        # `astream_events` fills in LangChain's default of 25, over the graph's own limit and LangGraph's default; the
        # graph has to stop where it does when it is invoked (measured on langgraph 1.2.22, langchain-core 1.7.2).
        limit = command.recursion_limit or config.get("recursion_limit")
        own = (getattr(self._graph, "config", None) or {}).get("recursion_limit")
        config["recursion_limit"] = limit or own or _default_recursion_limit()
        return config

    async def _end(self, error: BaseException | None, config: dict[str, Any], normaliser: Normaliser) -> None:
        """Say how it ended. The event is sent even where asking the graph for its state fails."""
        status: RunStatus = "done"
        failed: Failure | None = None
        following: tuple[str, ...] = ()
        interrupted = False
        try:
            following, interrupted = await self._following(config)
        except (Exception, asyncio.CancelledError) as problem:  # cancelled once more: it is ending already
            self._emit(Log(normaliser.now(), "inspector", f"The thread's state cannot be read: {problem}", "warning"))
        if error is None:
            status = "interrupted" if interrupted else "paused" if following else "done"
        elif isinstance(error, asyncio.CancelledError):
            status = "paused" if self._halted else "cancelled"
        elif type(error).__name__ == "GraphDrained":
            status = "paused"
        else:
            status, failed = "error", failure(error)
        self._ended = True
        normaliser.finish(status)
        normaliser.streams.close()
        self._emit(RunEnded(normaliser.now(), status, following, failed))

    async def _following(self, config: dict[str, Any]) -> tuple[tuple[str, ...], bool]:
        """`(next nodes, whether an interrupt waits)` of the thread, from its newest checkpoint."""
        if not self._graph.checkpointer or isinstance(self._graph.checkpointer, bool):
            return (), False
        newest = {**config, "configurable": {**config["configurable"]}}
        newest["configurable"].pop("checkpoint_id", None)
        newest.pop("callbacks", None)
        snapshot = await asyncio.shield(asyncio.ensure_future(self._graph.aget_state(newest)))
        return tuple(snapshot.next), any(task.interrupts for task in snapshot.tasks)


def _input(command: StartRun) -> Any:
    """What the graph is called with: plain input, a resume command, or None to go on."""
    if command.resume is not None:
        from langgraph.types import Command

        return Command(resume=command.resume)
    return None if command.goes_on else command.input


def _goes_on(given: Any) -> bool:
    """Whether the thread goes on from where it stopped, rather than being given an input."""
    return given is None or type(given).__name__ == "Command"


def _with(callbacks: Any, *ours: BaseCallbackHandler) -> Callbacks:
    """The user's callbacks, a list or a manager, and ours."""
    if callbacks is None or isinstance(callbacks, (list, tuple)):
        own = [*(callbacks or ()), *ours]
        return Callbacks(own, inheritable_handlers=own)
    manager = Callbacks(
        [*callbacks.handlers],
        inheritable_handlers=[*callbacks.inheritable_handlers],
        parent_run_id=callbacks.parent_run_id,
        tags=callbacks.tags,
        inheritable_tags=callbacks.inheritable_tags,
        metadata=callbacks.metadata,
        inheritable_metadata=callbacks.inheritable_metadata,
    )
    for handler in ours:
        manager.add_handler(handler)
    return manager


def _default_recursion_limit() -> int:
    """LangGraph's own default (10,007 in 1.2; 25 before it had one)."""
    try:
        from langgraph._internal._config import DEFAULT_RECURSION_LIMIT
    except ImportError:
        return 25
    return int(DEFAULT_RECURSION_LIMIT)


def _run_control() -> Any:
    """A fresh `RunControl` (LangGraph 1.2 and newer), or None."""
    try:
        from langgraph.runtime import RunControl
    except ImportError:
        return None
    return RunControl()
