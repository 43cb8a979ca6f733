"""A scene for a pane: a run made step by step with its states, and a small app that shows the pane on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import ormsgpack
from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot
from textual.widget import Widget

from inspector.core.events import CheckpointSaved, Interrupted, Namespace, RunEnded, RunStarted, TaskEnded, TaskStarted
from inspector.core.run import Run
from inspector.core.view import State, View
from inspector.tui.panes.base import CheckpointSelected, NodeSelected, Pane, ShowNode, ShowText

HOSTILE = "a\x1b[2J\x1b]0;t\x07b\u202ec\x00[bold red]d[/] 漢字 👩‍👩‍👧 \u2028e"


def pack(value: Any) -> bytes:
    return ormsgpack.packb(value, option=ormsgpack.OPT_NON_STR_KEYS)


class Scene:
    """Builds a run. `step` runs tasks and saves a checkpoint with these values; `loads` records what was fetched."""

    def __init__(self) -> None:
        self.run = Run()
        self.states: dict[tuple[str, Namespace], dict[str, Any]] = {}
        self.loads: list[tuple[str, Namespace]] = []
        self.gate: asyncio.Event | None = None
        self.problem = ""
        self.view = View(self.run, self._load)
        self.t = 0.0
        self.number = 0
        self.head: str | None = None

    async def _load(self, checkpoint: str, ns: Namespace) -> State:
        self.loads.append((checkpoint, ns))
        await (self.gate.wait() if self.gate is not None else asyncio.sleep(0))
        if self.problem:
            return State(checkpoint, ns, {}, problem=self.problem)
        values = self.states[checkpoint, ns]
        return State(checkpoint, ns, values, {key: 10 * len(str(value)) for key, value in values.items()})

    def start(self, values: dict[str, Any] | None = None, *, next: tuple[str, ...] = ("work",)) -> str:
        """The run begins with an input."""
        self.run.append(RunStarted(self.t, "run", "thread", "graph", 0.0, pack(values or {})))
        return self.save(values or {}, -1, "input", next)

    def save(
        self,
        values: dict[str, Any],
        step: int,
        source: str = "loop",
        next: tuple[str, ...] = (),
        *,
        ns: Namespace = (),
        parent: str | None = None,
    ) -> str:
        """A checkpoint is saved."""
        self.number += 1
        id_ = f"c{self.number}"
        tasks = tuple((f"t{self.number}-{index}", node) for index, node in enumerate(next))
        above = parent if parent is not None or ns else self.head
        self.run.append(CheckpointSaved(self.t, ns, id_, above, step, source, next, tasks))
        self.states[id_, ns] = values
        if not ns:
            self.head = id_
        return id_

    def step(self, values: dict[str, Any], *, next: tuple[str, ...] = ("work",), writes: Any = None) -> str:
        """The tasks that come next run, and a checkpoint is saved."""
        before = self.run.by_checkpoint[self.head or ""]
        for id_, node in before.tasks:
            self.run.append(TaskStarted(self.t, (), id_, node, before.step + 1))
        self.t += 0.5
        for id_, node in before.tasks:
            self.run.append(TaskEnded(self.t, (), id_, node, "ok", writes=pack(values if writes is None else writes)))
        return self.save(values, before.step + 1, next=next)

    def ask(self, node: str, value: Any, id_: str = "i1") -> None:
        """A task asks, and the run waits."""
        before = self.run.by_checkpoint[self.head or ""]
        task = next(id_ for id_, name in before.tasks if name == node)
        self.run.append(TaskStarted(self.t, (), task, node, before.step + 1))
        self.run.append(Interrupted(self.t, id_, (), task, node, pack(value)))
        self.run.append(TaskEnded(self.t, (), task, node, "interrupted"))
        self.end("interrupted")

    def end(self, status: Any = "done") -> None:
        self.run.append(RunEnded(self.t, status, self.run.next))


class Stage(App[None]):
    """One pane, and the messages that it sends up. Checkpoints and nodes that are selected are shown."""

    def __init__(self, pane: Pane) -> None:
        super().__init__()
        self.pane = pane
        self.sent: list[Message] = []
        self.notes: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_checkpoint_selected(self, event: CheckpointSelected) -> None:
        self.sent.append(event)
        self.pane.view.look_at(event.checkpoint)
        self.pane.sync_if_changed()

    def on_node_selected(self, event: NodeSelected) -> None:
        self.sent.append(event)

    def on_show_node(self, event: ShowNode) -> None:
        self.sent.append(event)

    def on_show_text(self, event: ShowText) -> None:
        self.sent.append(event)

    def notify(self, message: str, **options: Any) -> None:
        assert options.get("markup") is False, "what is notified may hold text of a graph"
        self.notes.append(message)


class Player:
    """What a test does on a stage."""

    def __init__(self, app: Stage, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        self.app.pane.sync_if_changed()
        await self.pilot.pause()

    async def until(self, condition: Callable[[], object], patience: float = 20.0) -> None:
        """Wait for a condition, syncing the pane as the app's pump does."""
        end = asyncio.get_running_loop().time() + patience
        while not condition():
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"it never came true; the screen:\n{self.text}")
            self.app.pane.sync_if_changed()
            await self.pilot.pause(0.005)

    async def shows(self, *texts: str) -> None:
        """Wait until the screen shows these texts."""
        await self.until(lambda: all(text in self.text for text in texts))

    @property
    def text(self) -> str:
        """What the screen shows."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text.rstrip() for strip in strips)

    @property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    def line(self, text: str) -> str:
        """The first line with a text."""
        return next((line for line in self.lines if text in line), "")


@asynccontextmanager
async def staged(pane: Pane, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Player]:
    """A pane on a stage, focused."""
    app = Stage(pane)
    async with app.run_test(size=size) as pilot:
        pane.sync_if_changed()
        await pilot.pause()
        first = next((child for child in pane.walk_children(Widget) if child.focusable and child.display), None)
        if first is not None:
            first.focus()
        await pilot.pause()
        yield Player(app, pilot)
