"""One debugging session, without a UI: the debuggee, the link, the run it makes. The TUI and headless mode are two
front ends of it.

    session = Session(Settings(reference=..., db=...))
    session.begin()                 # starts the process; needs no event loop
    await session.wait_ready()      # the graph is loaded
    await session.start({"messages": [...]})
    while session.running or session.waiting():
        session.drain()
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter, time
from typing import TYPE_CHECKING, Any

from inspector.core import json_schema
from inspector.core.commands import OpenGraph, StartRun, to_wire
from inspector.core.control import Stage, StopAt
from inspector.core.events import Event, Failure, Log, Namespace, RunEnded, RunStarted, from_wire
from inspector.core.run import Run
from inspector.core.values import decode
from inspector.core.view import State, View
from inspector.errors import CommandError, InputError, InspectorError, LinkClosed, SeveralGraphs, StoreError
from inspector.link.process import DebuggeeProcess
from inspector.reloading import Reloader
from inspector.steering import Steer, lost_with
from inspector.store.thread_ids import new_thread_id
from inspector.travelling import Travel

if TYPE_CHECKING:
    from inspector.core.graphinfo import GraphInfo
    from inspector.core.reference import Reference
    from inspector.link.inline import InlineDebuggee
    from inspector.recorder import Recorder
    from inspector.store.checkpoints import CheckpointFile
    from inspector.store.inputs import RememberedInputs

DEFAULT_DB = Path(".inspector") / "threads.sqlite"


@dataclass(frozen=True)
class Settings:
    """What a session needs to know.

    `db` None: no checkpoint file, the graph is only looked at. `python` None: the project's own `.venv` when there is
    one with LangGraph in it, else the inspector's. `env_file` is where variables of `env` came from.
    """

    reference: Reference
    db: Path | None = DEFAULT_DB
    thread: str | None = None
    keep_checkpointer: bool = False
    python: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    env_file: str | None = None
    config: dict[str, Any] | None = None
    context: Any = None
    recursion_limit: int | None = None
    reload: bool = False
    cwd: Path = field(default_factory=Path.cwd)
    record: bool = True
    record_secrets: bool = False

    def interpreter(self) -> str:
        """The Python that the graph runs under."""
        if self.python:
            return self.python
        from inspector.core.project import project_python

        found = project_python(self.reference.project_dir)
        return str(found) if found else sys.executable


class Session:
    """Implements `core.control.Debugger`. `listeners` are called with every event, before the run takes it in."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.thread = settings.thread or new_thread_id()
        self.view = View(Run(), self._state)
        self.view.title = settings.reference.label
        self.view.thread = settings.thread or ""
        self.view.pieces = self._piece
        self.stage: Stage = "starting"
        self.problem: InspectorError | None = None
        self.listeners: list[Callable[[Event], None]] = []
        self.steer = Steer(self)
        self.travel = Travel(self)
        self.code = Reloader(self, automatic=settings.reload)
        self._reference = settings.reference
        self._debuggee: DebuggeeProcess | InlineDebuggee | None = None
        self._loading: asyncio.Task[None] | None = None
        self._file: CheckpointFile | None = None
        self._recorder: Recorder | None = None
        self._described: asyncio.Task[None] | None = None
        self._running = False
        self._beginning = False  # a run was asked for, and has not yet said that it began
        self._run_began = perf_counter()

    # ------------------------------------------------------------------ life

    def begin(self) -> None:
        """Start the debuggee's process. May be called before there is an event loop. Raises `LoadError`."""
        if self._debuggee is None:
            self._debuggee = self.new_debuggee()
            self.stage = "loading"

    def new_debuggee(self) -> DebuggeeProcess:
        """A process for the graph, with nothing in it yet. Raises `LoadError`."""
        return DebuggeeProcess(self.settings.interpreter(), cwd=self.settings.cwd, env=self.settings.env)

    async def wait_ready(self) -> GraphInfo:
        """The graph, once it is loaded. Raises `LoadError`, `SeveralGraphs`, `StoreError` or `LinkClosed`."""
        if self.stage == "failed" and self.problem is not None:
            raise self.problem
        if self._loading is None:
            self._loading = asyncio.create_task(self._load(), name="inspector-load")
        await asyncio.shield(self._loading)
        if self.problem is not None:
            raise self.problem
        assert self.view.graph is not None
        return self.view.graph

    async def _load(self) -> None:
        try:
            self.begin()
            assert self._debuggee is not None
            info = await self.open_in(self._debuggee)
            self.steer.recall(info)
        except InspectorError as error:
            self.problem, self.stage = error, "failed"
            return
        self._adopt(info)

    async def open_in(self, debuggee: DebuggeeProcess | InlineDebuggee) -> GraphInfo:
        """Load the graph in a process. Raises as `wait_ready`."""
        from inspector.core.graphinfo import GraphInfo

        settings = self.settings
        debuggee.attach()
        db = None if settings.db is None else str(settings.cwd / settings.db)
        command = OpenGraph(
            self._reference.to_wire(), db, settings.keep_checkpointer, settings.config, settings.context
        )
        return GraphInfo.from_wire(await debuggee.request("open", **to_wire(command)))

    def _adopt(self, info: GraphInfo) -> None:
        """The graph is loaded: this is what it is."""
        from inspector.store.checkpoints import CheckpointFile

        settings = self.settings
        self.view.graph = info
        self.view.revision += 1
        if settings.db is not None:
            if self._file is not None:
                self._file.close()
            self._file = CheckpointFile(settings.cwd / settings.db, info)
            self._record(settings.cwd / settings.db)
        self.stage = "ready"
        self._described = asyncio.create_task(self._describe(), name="inspector-describe")

    def _record(self, db: Path) -> None:
        from inspector.recorder import Recorder

        if self.settings.record and self._recorder is None:
            self._recorder = Recorder(db, mask=not self.settings.record_secrets)

    async def _describe(self) -> None:
        """The schemas: they may take longer than loading did, and nothing waits for them but a check of an input."""
        from inspector.core.graphinfo import GraphInfo

        if self._debuggee is not None:
            with contextlib.suppress(LinkClosed):
                self.view.graph = GraphInfo.from_wire(await self._debuggee.request("schemas"))
                self.view.revision += 1
                await self.code.learn()

    async def wait_described(self) -> GraphInfo:
        """The graph with its schemas. Raises as `wait_ready`."""
        await self.wait_ready()
        if self._described is not None:
            await asyncio.shield(self._described)
        assert self.view.graph is not None
        return self.view.graph

    async def choose(self, name: str) -> None:
        """After `SeveralGraphs`: load this one, in the same process where it has been imported already."""
        from inspector.core.reference import resolve

        if not isinstance(self.problem, SeveralGraphs):
            raise CommandError("There is nothing to choose from.")
        self._reference = resolve(f"{self._reference.ref}:{name}", self.settings.cwd)
        self.view.title = self._reference.label
        self.problem, self.stage, self._loading = None, "loading", None

    async def close(self) -> None:
        """Stop a run that is under way, keep its checkpoints, end the process. May be called again."""
        for task in (self._loading, self._described):
            if task is not None and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        if self._debuggee is not None:
            problem = self.problem
            await self._debuggee.close()
            while self.drain(1.0):
                pass
            self._debuggee = None
            self.problem = problem  # that its process has ended is what was asked for
        if self._recorder is not None:
            self._recorder.close()
            self._say_of_recording()
        if self._file is not None:
            self._file.close()
        self.stage = "closed"

    async def restart(self) -> None:
        """A fresh debuggee for the same thread, after the old one died, was killed, or runs old code."""
        if self._debuggee is not None:
            await self._debuggee.close(grace=1.0)
            while self.drain(1.0):
                pass
        self._debuggee, self._loading = None, None
        self.problem, self.stage, self._running, self._beginning = None, "starting", False, False

    async def exchange(self, fresh: DebuggeeProcess, info: GraphInfo) -> None:
        """Go on with another process, in which the graph is loaded; nothing runs in the old one any more."""
        if self._described is not None:
            self._described.cancel()
        old, self._debuggee = self._debuggee, fresh
        self.steer.recall(info)
        self._adopt(info)
        if old is not None:
            await old.close(grace=1.0)

    async def recall(self) -> None:
        """Take in the checkpoints that the thread has and the run does not."""
        from inspector.recalling import recall

        await recall(self)

    # ------------------------------------------------------------------ the run

    @property
    def running(self) -> bool:
        return self._running

    async def start(
        self,
        input: Any = None,
        *,
        resume: dict[str, Any] | None = None,
        goes_on: bool = False,
        stop: StopAt = "",
        target: str = "",
        checkpoint: str | None = None,
    ) -> None:
        """Invoke the graph on this session's thread. Raises `InputError`, `CommandError` or `LinkClosed`.

        `checkpoint` is `travel`'s, which has got the thread ready to be run on from it."""
        await self.wait_ready()
        if self._running:
            raise CommandError("A run is going on; cancel it or wait for its end.")
        if resume is None and not goes_on:
            info = await self.wait_described()
            wrong = json_schema.check(info.input_schema, input)
            if wrong:
                raise InputError(wrong)
            self._remember(input)
        self._remember_graph()
        settings = self.settings
        command = StartRun(
            thread=self.thread,
            input=input,
            resume=resume,
            goes_on=goes_on,
            config=settings.config,
            context=settings.context,
            recursion_limit=settings.recursion_limit,
            checkpoint=checkpoint,
            **self.steer.start_fields(stop, target),
        )
        self._running = self._beginning = True
        self._run_began = perf_counter()
        try:
            assert self._debuggee is not None
            await self._debuggee.request("start", **to_wire(command))
        except InspectorError as error:
            if isinstance(error, LinkClosed):
                self._died(error)
            self._running = self._beginning = False
            raise

    async def cancel(self) -> None:
        """Cancel the run that is under way."""
        await self.request("cancel")

    async def pause(self) -> None:
        """Stop the run after the current superstep. Raises `CommandError` where LangGraph has no run control."""
        await self.request("pause")

    async def kill(self) -> None:
        """End the debuggee's process, which does not answer; the thread keeps its checkpoints."""
        if self._debuggee is not None:
            self._debuggee.kill()

    async def request(self, op: str, **fields: Any) -> Any:
        """Ask the debuggee. Raises what it refuses with, and `LinkClosed`."""
        if self._debuggee is None:
            raise CommandError("The graph's process is not running.")
        return await self._debuggee.request(op, **fields)

    # ------------------------------------------------------------------ events

    def waiting(self) -> bool:
        """Whether there are events that `drain` has not applied yet."""
        debuggee = self._debuggee
        return debuggee is not None and bool(debuggee.events or (debuggee.output and not self._beginning))

    def drain(self, budget: float = 0.008) -> bool:
        """Apply waiting events for at most `budget` seconds. Returns whether more are waiting."""
        debuggee = self._debuggee
        if debuggee is None:
            return False
        end = perf_counter() + budget
        events = debuggee.events
        while events and self._beginning:
            self._take_raw(events.popleft())
        if debuggee.closed and not events:
            self._begin_late()
        while debuggee.output and not self._beginning:  # a run begins before what it prints
            stream, line = debuggee.output.popleft()
            self.take(Log(max(0.0, perf_counter() - self._run_began), stream, line))
        while events:
            for _ in range(min(len(events), 64)):
                self._take_raw(events.popleft())
            if perf_counter() > end:
                break
        debuggee.drained()
        self._say_of_recording()
        if not events and debuggee.closed and self.stage != "failed" and isinstance(debuggee, DebuggeeProcess):
            self._died(debuggee.death())
        return bool(events)

    def _take_raw(self, raw: Any) -> None:
        self.take(from_wire(raw) if isinstance(raw, list) else raw, raw)

    def take(self, event: Event, raw: list[Any] | Event | None = None) -> None:
        """Apply one event, and record it (as it came off the link, where it did)."""
        if self._recorder is not None:
            self._recorder.take(event if raw is None else raw)
        for listener in self.listeners:
            listener(event)
        self.view.run.append(event)
        if isinstance(event, RunStarted):
            self._beginning = False
        elif isinstance(event, RunEnded):
            self._running = self._beginning = False

    def _say_of_recording(self) -> None:
        if self._recorder is not None and (problem := self._recorder.problem()):
            self.take(Log(max(0.0, perf_counter() - self._run_began), "inspector", problem, "warning"))

    def _begin_late(self) -> None:
        """The process died so soon that not even the beginning of the run was told."""
        if self._beginning:
            began = time() - (perf_counter() - self._run_began)
            name = self.view.graph.name if self.view.graph is not None else self.view.title
            self.take(RunStarted(0.0, "", self.thread, name, began))

    def _died(self, death: LinkClosed) -> None:
        """The process is gone: what was running ends with that as its error."""
        if self.stage in ("closed", "failed"):
            return
        run = self.view.run
        if run.held:
            text = f"{death} {lost_with(run)}"
            death = LinkClosed(text, returncode=death.returncode, traceback=death.traceback)
        self.problem, self.stage = death, "failed"
        self._begin_late()
        if run.phase == "running":
            failed = Failure("ProcessDied", str(death), death.traceback or "")
            self.take(RunEnded(perf_counter() - self._run_began, "error", run.next, failed))
        self._running = False

    async def arrived(self, timeout: float | None = None) -> None:
        """Until something arrives from the debuggee (or the timeout, in seconds, is over)."""
        debuggee = self._debuggee
        if debuggee is None or self.waiting() or debuggee.closed:
            return
        debuggee.arrived.clear()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(debuggee.arrived.wait(), timeout)

    # ------------------------------------------------------------------ states and inputs

    async def _piece(
        self, checkpoint: str, ns: Namespace, path: Sequence[str | int], start: int, count: int
    ) -> tuple[Any, int]:
        if self._file is None or self.settings.keep_checkpointer:
            raise CommandError("Only a state that is in the inspector's own file can be read in pieces.")
        return await self._file.piece(self.thread, checkpoint, ns, path, start, count)

    async def _state(self, checkpoint: str, ns: Namespace) -> State:
        """From the checkpoint file; from the debuggee where the graph keeps its own checkpointer. Of a state that is
        kept in deltas the debuggee knows best, and the file does where there is none."""
        state = State(checkpoint, ns, {}, problem="the graph's process, which has the state, is not running")
        if self._file is not None and not self.settings.keep_checkpointer:
            state = await self._file.load(self.thread, checkpoint, ns)
            if not state.rebuilt:
                return state
        if self._debuggee is None:
            return state
        try:
            found = await self._debuggee.request("state", thread=self.thread, checkpoint=checkpoint, ns=list(ns))
        except InspectorError as error:
            return state if state.rebuilt else State(checkpoint, ns, {}, problem=str(error))
        return State(checkpoint, ns, decode(found["values"]))

    @property
    def database(self) -> Path | None:
        """The checkpoint file, or None where the graph keeps its own checkpointer."""
        settings = self.settings
        return None if settings.db is None or settings.keep_checkpointer else settings.cwd / settings.db

    def _remember_graph(self) -> None:
        from inspector.store.known_graphs import KnownGraph, KnownGraphs

        if self.database is not None:
            settings = self.settings
            graph = KnownGraph(self._reference.ref, str(settings.cwd), settings.python, settings.env_file)
            with contextlib.suppress(StoreError):  # a convenience, never a reason not to run
                KnownGraphs(self.database).remember(self.thread, graph)

    def watches(self) -> list[str]:
        """The watch expressions of this graph."""
        from inspector.store.watches import KeptWatches

        return KeptWatches(self.beside("watches.json")).of(self._reference.key)

    def keep_watches(self, texts: Sequence[str]) -> None:
        """Replace them. Raises `StoreError`."""
        from inspector.store.watches import KeptWatches

        KeptWatches(self.beside("watches.json")).keep(self._reference.key, texts)

    def inputs(self) -> list[str]:
        """Earlier inputs of this graph as JSON text, newest first."""
        return self._inputs().of(self._reference.key)

    def _remember(self, input: Any) -> None:
        with contextlib.suppress(StoreError):  # a convenience, never a reason not to run
            self._inputs().remember(self._reference.key, json_schema.dumps(input))

    def _inputs(self) -> RememberedInputs:
        from inspector.store.inputs import RememberedInputs

        return RememberedInputs(self.beside("inputs.json"))

    @property
    def graph_key(self) -> str:
        """What is kept of this graph between sessions is kept under this name."""
        return self._reference.key

    def beside(self, name: str) -> Path:
        """A file of the inspector's own, beside the checkpoint file."""
        return (self.settings.cwd / (self.settings.db or DEFAULT_DB)).with_name(name)


class InlineSession(Session):
    """A session on a graph object, on the app's own event loop; the graph keeps its own checkpointer."""

    def __init__(self, graph: Any, *, config: dict[str, Any] | None = None, context: Any = None) -> None:
        from pathlib import Path

        from inspector.core.reference import Reference

        here = Path.cwd()
        name = graph.get_name() if hasattr(graph, "get_name") else type(graph).__name__
        reference = Reference(ref=name, kind="module", path=None, module=name, attr=None, project_dir=here)
        thread = (config or {}).get("configurable", {}).get("thread_id")
        super().__init__(
            Settings(
                reference=reference, db=None, thread=thread, keep_checkpointer=True, config=config, context=context
            )
        )
        self._graph = graph
        self.steer.keep = False
        self.view.title = name

    def begin(self) -> None:
        """Adopt the graph."""
        if self._debuggee is None:
            from inspector.link.inline import InlineDebuggee

            debuggee = InlineDebuggee()
            debuggee.host.adopt(self._graph, self.view.title)
            self._debuggee = debuggee
            self.stage = "loading"

    async def _load(self) -> None:
        from inspector.debuggee.describe import describe

        self.begin()
        self.view.graph = describe(self._graph, self._reference)
        self.view.revision += 1
        self.stage = "ready"

    def keep_watches(self, texts: Sequence[str]) -> None:
        """Nothing is written anywhere."""

    def _remember(self, input: Any) -> None:
        """Nothing is written anywhere."""
