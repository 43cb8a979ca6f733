"""The debuggee's side of a session: takes commands, holds the graph, runs it. Knows nothing of how messages travel,
so that the same host serves a process of its own and a caller's event loop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any

from inspector.core.commands import OpenGraph, StartRun
from inspector.core.events import Blocked, Event, Log
from inspector.core.reference import Reference
from inspector.debuggee import answers
from inspector.debuggee.commits import Commits
from inspector.debuggee.encode import WHOLE, preview
from inspector.debuggee.failures import failure
from inspector.debuggee.holds import Holds
from inspector.debuggee.runner import Runner
from inspector.errors import CommandError, InspectorError, LoadError, SeveralGraphs

Emit = Callable[[Event], None]


class Host:
    """One graph, and at most one run of it at a time."""

    def __init__(self, emit: Emit, *, inline: bool = False, commits: Commits | None = None) -> None:
        """`inline`: on the inspector's own event loop. `commits` hears of what the inspector's own saver saves."""
        self._commits = commits
        self.flush: Callable[[], None] = lambda: None  # sends output that is still without a newline
        self._emit = emit
        self._storage = contextlib.AsyncExitStack()
        self._loaded: Any = None
        self._info: Any = None
        self._runner: Runner | None = None
        self._run: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._blocked = False  # the loop is, and that was told
        self._holds = Holds(emit, blocks_loop=not inline)
        self._commands: dict[str, Callable[..., Awaitable[Any]]] = {
            "open": self.open,
            "start": self.start,
            "cancel": self.cancel,
            "pause": self.pause,
            "halt": self.halt,
            "state": self.state,
            "schemas": self.schemas,
            "sources": self.sources,
            "travel": self.travel,
        }

        self._at_once: dict[str, Callable[..., None]] = {
            "cancel": self.cancel_now,
            "halt": self.halt_now,
            "breakpoints": self._holds.set_breakpoints,
            "step": self._holds.step,
            "release": self._holds.release,
        }

    @property
    def graph(self) -> Any:
        if self._loaded is None:
            raise CommandError("No graph is loaded.")
        return self._loaded.graph

    def now(self) -> float:
        """Seconds on the clock of the current run (0 before the first)."""
        return self._runner.now() if self._runner is not None else 0.0

    def log(self, stream: str, text: str, level: str, logger: str) -> None:
        """A line of output, with the node that the calling context belongs to."""
        task, node = self._where()
        self._emit(Log(self.now(), stream, text, level, logger, task, node))

    def warn(self, text: str) -> None:
        """A remark of the inspector's own."""
        self._emit(Log(self.now(), "inspector", text, "warning"))

    def blocked(self, seconds: float, where: str) -> None:
        """The watchdog's report; attributed when one task alone is executing."""
        task = node = None
        normaliser = self._runner.normaliser if self._runner is not None and self._runner.running else None
        if normaliser is None or (self._holds.blocks if seconds else not self._blocked):
            return
        self._blocked = seconds > 0
        normaliser.release()
        executing = normaliser.executing()
        if len(executing) == 1:
            task, node = executing[0]
        self._emit(Blocked(self.now(), seconds, where, task, node or ""))

    def _where(self) -> tuple[str | None, str]:
        from langchain_core.runnables.config import var_child_runnable_config

        config = var_child_runnable_config.get()
        if not config or self._runner is None or self._runner.normaliser is None:
            return None, ""
        ns = (config.get("configurable") or {}).get("checkpoint_ns") or (config.get("metadata") or {}).get(
            "langgraph_checkpoint_ns"
        )
        return self._runner.normaliser.task_named(ns) if ns else (None, "")

    def at_once(self, op: str, fields: dict[str, Any]) -> bool:
        """Carry out a command that cannot wait for the loop, which may be what is held; on any thread. False for a
        command that is not of those. Raises `InspectorError` for what is refused."""
        handler = self._at_once.get(op)
        if handler is None or (op in self._commands and not self._holds.blocks):
            return False
        handler(**fields)
        return True

    async def command(self, op: str, fields: dict[str, Any]) -> Any:
        """Carry out a command. Raises `InspectorError` for what is refused."""
        if self.at_once(op, fields):
            return None
        handler = self._commands.get(op)
        if handler is None:
            raise CommandError(f"This debuggee does not know the command {op!r}; is it another version?")
        return await handler(**fields)

    async def open(self, **fields: Any) -> dict[str, Any]:
        """Load the graph; returns its description without schemas (`GraphInfo.to_wire()`), which take longer."""
        from inspector.debuggee.describe import describe_loaded
        from inspector.debuggee.loading import load
        from inspector.debuggee.saver import open_storage

        command = OpenGraph(**fields)
        saver = store = None
        if command.db is not None:
            saver, store = await self._storage.enter_async_context(open_storage(command.db, self.warn))
            if self._commits is not None and not command.keep_checkpointer:
                self._commits.watch(saver)
        try:
            self._loaded = await load(
                Reference.from_wire(command.reference),
                checkpointer=saver,
                store=store,
                keep_checkpointer=command.keep_checkpointer,
                config=command.config,
                context=command.context,
            )
        except InspectorError:
            await self._storage.aclose()
            raise
        for warning in self._loaded.warnings:
            self.warn(warning)
        self._info = describe_loaded(self._loaded, schemas=False)
        wire: dict[str, Any] = self._info.to_wire()
        return wire

    async def sources(self) -> list[str]:
        """The files of the project that the graph was made from; none for a graph object."""
        from inspector.debuggee.sources import sources

        reference = getattr(self._loaded, "reference", None)
        return sources(reference) if reference is not None else []

    async def schemas(self) -> dict[str, Any]:
        """The description with the schemas of input, output and context."""
        from inspector.debuggee.describe import with_schemas

        self._info = with_schemas(self._info, self.graph)
        wire: dict[str, Any] = self._info.to_wire()
        return wire

    def adopt(self, graph: Any, name: str) -> None:
        """Use a graph object as it is, with its own checkpointer (the Python API)."""

        class Adopted:
            pass

        self._loaded = Adopted()
        self._loaded.graph, self._loaded.name = graph, name

    async def start(self, **fields: Any) -> None:
        """Begin a run; returns once it has begun."""
        if self._run is not None and not self._run.done():
            raise CommandError("A run is going on; cancel it or wait for its end.")
        command = StartRun(**fields)
        await answers.check(self.graph, command)
        self._holds.set_breakpoints(command.breakpoints)
        self._loop = asyncio.get_running_loop()
        self._runner = Runner(self.graph, self._emit, name=self._loaded.name, flush=self.flush, holds=self._holds)
        self._run = asyncio.create_task(self._runner.run(command), name="inspector-run")

    async def wait(self) -> None:
        """Until the run has ended."""
        if self._run is not None:
            await asyncio.wait([self._run])

    @property
    def running(self) -> bool:
        return self._run is not None and not self._run.done()

    async def cancel(self) -> None:
        """Cancel the run, if there is one."""
        if self._runner is not None and self.running:
            self._holds.cancel()
            self._runner.cancel()

    def cancel_now(self) -> None:
        """Cancel the run although a call that is held blocks the loop: let the call fail, then the loop is free."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self.cancel(), self._loop)
        self._holds.cancel()

    def free(self) -> None:
        """The session is about to close, which the loop has to hear of: let a held call that blocks it fail."""
        if self._holds.blocks:
            self.cancel_now()

    def halt_now(self) -> None:
        """`halt` where a call that is held blocks the loop: nothing beside it can be let finish."""
        if self._loop is not None and self._runner is not None:
            self._loop.call_soon_threadsafe(self._runner.halt)
        self._holds.cancel()

    async def halt(self) -> None:
        """End a run that is held, as paused. What runs beside is let finish, so that nothing of it runs twice when the
        thread goes on; nothing new begins."""
        runner = self._runner
        if runner is None or runner.normaliser is None or not self.running:
            return
        self._holds.pause()
        while self.running and {task for task, _ in runner.normaliser.executing()} - self._holds.tasks:
            await asyncio.sleep(0.02)
        runner.halt()
        self._holds.cancel()

    async def pause(self) -> None:
        """Stop after the current superstep; without run control (LangGraph before 1.2), before the next task."""
        if self._runner is None or not self.running:
            raise CommandError("Nothing is running that could be paused.")
        if not self._runner.pause():
            self._holds.pause()

    async def travel(self, verb: str, thread: str, config: Any, context: Any, **fields: Any) -> Any:
        """Time travel on a thread: see `debuggee.travel.carry_out`."""
        from inspector.debuggee.travel import carry_out

        if self.running and verb in ("rewind", "fork", "jump"):
            raise CommandError("A run is going on; cancel it or wait for its end.")
        return await carry_out(self.graph, verb, thread, config, context, fields)

    async def state(self, thread: str, checkpoint: str, ns: list[str]) -> dict[str, Any]:
        """The whole state at a checkpoint, for graphs whose checkpoints the inspector cannot read itself."""
        config = {"configurable": {"thread_id": thread, "checkpoint_id": checkpoint, "checkpoint_ns": "|".join(ns)}}
        try:
            snapshot = await self.graph.aget_state(config)
        except Exception as error:
            raise CommandError(f"The state at {checkpoint} cannot be read: {failure(error)}") from None
        values = snapshot.values if isinstance(snapshot.values, dict) else {"": snapshot.values}
        return {"values": preview(values, WHOLE), "next": list(snapshot.next)}

    async def close(self) -> None:
        """Cancel what runs, close the graph's own resources, the saver and the store."""
        await self.cancel()
        await self.wait()
        if self._loaded is not None and hasattr(self._loaded, "aclose"):
            with contextlib.suppress(Exception):
                await self._loaded.aclose()
        await self._storage.aclose()


def error_to_wire(error: BaseException) -> dict[str, Any]:
    """An error as a reply carries it."""
    if isinstance(error, SeveralGraphs):
        return {"kind": "SeveralGraphs", "message": str(error), "names": error.names}
    if isinstance(error, InspectorError):
        return {"kind": type(error).__name__, "message": str(error), "traceback": error.traceback}
    failed = failure(error)
    return {"kind": LoadError.__name__, "message": f"The debuggee failed: {failed}", "traceback": failed.traceback}
