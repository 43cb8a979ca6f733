"""A session without a graph: it plays the events that a test gives it, and records what it was asked."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import ormsgpack

from inspector.core.control import Stage, StopAt
from inspector.core.events import (
    NOTHING,
    CheckpointSaved,
    Event,
    Failure,
    Held,
    HoldKind,
    Interrupted,
    Released,
    RunEnded,
    RunStarted,
    TaskEnded,
    TaskStarted,
)
from inspector.core.graphinfo import GraphInfo
from inspector.core.json_schema import check
from inspector.core.past import missing
from inspector.core.run import Run
from inspector.core.view import State, View
from inspector.errors import InputError, InspectorError, LinkClosed
from tests.tui.fake_steer import FakeSteer
from tests.tui.fake_travel import FakeTravel

CHAT = GraphInfo("agent", "StateGraph", has_messages=True)
FORM = GraphInfo(
    "writer",
    "StateGraph",
    input_schema={
        "type": "object",
        "properties": {
            "topic": {"type": "string"},
            "words": {"type": "integer"},
            "draft": {"type": "boolean"},
            "style": {"enum": ["terse", "long"]},
        },
    },
)
ANY = GraphInfo("anything", "StateGraph")


def pack(value: Any) -> bytes:
    return ormsgpack.packb(value)


class FakeCode:
    """Implements `core.control.Reloading`: what a test says has changed, and what loading it says."""

    def __init__(self, calls: list[tuple[str, Any]]) -> None:
        self.automatic = False
        self.files: list[str] = []
        self.refusal: InspectorError | None = None
        self._calls = calls

    async def changed(self) -> list[str]:
        return self.files

    async def reload(self) -> None:
        self._calls.append(("reload", None))
        self.files = []
        if self.refusal is not None:
            raise self.refusal


class FakeSession:
    """Implements `core.control.Debugger`. `problems` are raised by `wait_ready`, one a call, until there are none."""

    def __init__(self, graph: GraphInfo = CHAT, *, problems: Iterable[InspectorError] = (), held: bool = False) -> None:
        self.graph = graph
        self.view = View(Run(), self._state)
        self.view.title = graph.name
        self.stage: Stage = "loading"
        self.problem: InspectorError | None = None
        self.thread = "thread-1"
        self.database: Path | None = None
        self.running = False
        self.events: deque[Event] = deque()
        self.calls: list[tuple[str, Any]] = []
        self.steer = FakeSteer(self.calls, self._let_go)
        self.travel = FakeTravel(self.calls, self._travelled)
        self.code = FakeCode(self.calls)
        self.remembered: list[str] = []
        self.watched: list[str] = []
        self.problems = deque(problems)
        self.refusal: InspectorError | None = None
        self.script: Callable[[], object] = lambda: None  # what a run does, called by `start`
        self.loaded = asyncio.Event()
        if not held:
            self.loaded.set()

    # ------------------------------------------------------------------ Debugger

    def waiting(self) -> bool:
        return bool(self.events)

    def drain(self, budget: float = 0.008) -> bool:
        for _ in range(min(len(self.events), 1000)):
            event = self.events.popleft()
            self.view.run.append(event)
            if isinstance(event, RunEnded):
                self.running = False
        return bool(self.events)

    async def wait_ready(self) -> GraphInfo:
        await self.loaded.wait()
        if self.problems:
            self.problem, self.stage = self.problems.popleft(), "failed"
            raise self.problem
        self.problem, self.stage = None, "ready"
        self.view.graph = self.graph
        self.view.revision += 1
        return self.graph

    async def choose(self, name: str) -> None:
        self.calls.append(("choose", name))
        self.stage = "loading"

    async def start(
        self,
        input: Any = None,
        *,
        resume: dict[str, Any] | None = None,
        goes_on: bool = False,
        stop: StopAt = "",
        target: str = "",
    ) -> None:
        if self.refusal is not None:
            refusal, self.refusal = self.refusal, None
            raise refusal
        if resume is None and not goes_on and (wrong := check(self.graph.input_schema, input)):
            raise InputError(wrong)
        self.calls.append(
            ("resume", resume) if resume is not None else ("go_on", None) if goes_on else ("start", input)
        )
        if stop:
            self.calls.append(("stop", (stop, target)))
        self.running = True
        self.script()

    def _let_go(self, hold: str | None, how: str) -> None:
        for id_ in [hold] if hold is not None else list(self.view.run.held):
            self.play(Released(self.view.run.now, id_, how))

    def _travelled(self) -> None:
        self.running = True
        self.script()

    async def cancel(self) -> None:
        self.calls.append(("cancel", None))

    async def pause(self) -> None:
        self.calls.append(("pause", None))

    async def kill(self) -> None:
        self.calls.append(("kill", None))
        self.die("The graph's process was killed.")

    async def restart(self) -> None:
        self.calls.append(("restart", None))
        self.stage, self.problem, self.running = "loading", None, False

    async def recall(self) -> None:
        past, since = missing(self.view.run, await self.travel.history(), 0.0)
        for event in (*past, *since):
            self.view.run.append(event)

    async def close(self) -> None:
        self.calls.append(("close", None))
        self.stage, self.running = "closed", False

    def watches(self) -> list[str]:
        return list(self.watched)

    def keep_watches(self, texts: Sequence[str]) -> None:
        self.watched = list(texts)

    def inputs(self) -> list[str]:
        return self.remembered

    async def _state(self, checkpoint: str, ns: tuple[str, ...]) -> State:
        return State(checkpoint, ns, {"topic": checkpoint})

    # ------------------------------------------------------------------ what tests make happen

    def play(self, *events: Event) -> None:
        """These events arrive."""
        self.events.extend(events)

    def begin(self, *, input: Any = None, resumed: bool = False) -> None:
        self.running = True
        self.play(RunStarted(0.0, "run", self.thread, self.graph.name, 0.0, pack(input), resumed))

    def step(self, step: int, t: float, node: str = "work", *, next: tuple[str, ...] = ("work",)) -> None:
        """One superstep of one task."""
        task = f"task-{step}"
        self.play(
            TaskStarted(t, (), task, node, step, ("x",), input=pack({"topic": "x"})),
            TaskEnded(t + 0.1, (), task, node, "ok", writes=pack({"topic": step})),
            CheckpointSaved(t + 0.1, (), f"cp-{step}", f"cp-{step - 1}", step, "loop", next),
        )

    def ask(self, id: str, value: Any, *, node: str = "approve", t: float = 1.0, schema: Any = None) -> None:
        packed = NOTHING if schema is None else pack(schema)
        self.play(Interrupted(t, id, (), f"task-{id}", node, pack(value), packed))

    def hold(self, id: str, node: str = "work", *, what: HoldKind = "before", t: float = 1.0, **more: Any) -> None:
        """Something waits to be released."""
        self.play(Held(t, id, what, (), f"task-{id}", node, 1, more.pop("reason", "breakpoint"), **more))

    def end(
        self, status: Any = "done", *, t: float = 2.0, next: tuple[str, ...] = (), error: Failure | None = None
    ) -> None:
        self.play(RunEnded(t, status, next, error))

    def die(self, sentence: str) -> None:
        """The debuggee's process goes away."""
        self.problem, self.stage = LinkClosed(sentence, returncode=-9), "failed"
        if self.running:
            self.end("error", error=Failure("ProcessDied", sentence))

    def asked(self, verb: str) -> list[Any]:
        """The arguments of the calls of one verb."""
        return [argument for name, argument in self.calls if name == verb]
