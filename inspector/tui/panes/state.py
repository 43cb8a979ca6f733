"""The state pane: the values at the checkpoint that is shown, what the step changed in them, and what is being asked.

States are fetched one at a time, and only while the pane is on display. While a run makes checkpoints faster than
they can be shown, the newest is fetched a few times a second, and those between never are.
"""

from __future__ import annotations

from asyncio import sleep
from collections.abc import Iterator
from dataclasses import dataclass
from time import monotonic
from typing import ClassVar

from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from inspector.core.diff import MISSING, Entry, level
from inspector.core.events import Interrupted, Namespace
from inspector.core.history import last_written
from inspector.core.nodes import Checkpoint
from inspector.core.outline import measure, question
from inspector.core.states import States
from inspector.core.text import one_line, size
from inspector.core.values import decode
from inspector.core.valuetree import Row
from inspector.core.view import State, View
from inspector.tui.panes.base import CheckpointSelected, Pane
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.value_tree import ValueTreeView

_PAUSE = 0.2  # seconds between two states while a run is under way
_ASKS = "⏸"


@dataclass(frozen=True, slots=True)
class Moment:
    """What is to be shown: a checkpoint of a namespace. `behind`: how many newer ones there are that it is not."""

    checkpoint: Checkpoint
    ns: Namespace
    live: bool

    @property
    def key(self) -> tuple[str, Namespace]:
        return self.checkpoint.id, self.ns


class StateTree(ValueTreeView):
    """The values of a state. The pane fills it; it knows how the rows at the top look."""

    DEFAULT_CSS = """
    StateTree { height: 1fr; }
    """

    trails = True

    def __init__(self, view: View) -> None:
        super().__init__(marked=True)
        self.view = view
        self.moment: Moment | None = None
        self.state: State | None = None
        self.asked: dict[str, Interrupted] = {}
        self.loading = False
        self._sizes: dict[str, int] = {}
        self._steps: dict[str, int] = {}

    def fill(self, moment: Moment, state: State, before: State | None) -> None:
        """Show a state, marked against the one before (None: there is none, and nothing is marked)."""
        self.moment, self.state = moment, state
        self._sizes = dict(state.sizes)
        self._steps = {} if moment.ns else last_written(self.view.run, moment.checkpoint, state.values)
        self.added_word = f"step {moment.checkpoint.step}"
        self.empty = one_line(state.problem) if state.problem else "Nothing has been written to the state yet."
        self.show([*self._questions(), *level(before.values if before is not None else MISSING, state.values)])

    def ask(self, asked: dict[str, Interrupted]) -> None:
        """These interrupts wait for an answer now."""
        if list(asked) != list(self.asked):
            self.asked = asked
            self.show([*self._questions(), *(root for root in self.model.roots if root.key not in self._known())])

    def _questions(self) -> Iterator[Entry]:
        for key, interrupt in self._known().items():
            yield Entry(key, MISSING, decode(interrupt.value), "")

    def _known(self) -> dict[str | int, Interrupted]:
        return {f"{_ASKS}{number}": interrupt for number, interrupt in enumerate(self.asked.values())}

    def question(self, row: Row) -> Interrupted | None:
        """The interrupt that a row asks with, or None."""
        return self._known().get(row.entry.key) if not row.depth else None

    # ------------------------------------------------------------------ drawing

    def header(self, width: int) -> Strip:
        moment = self.moment
        if moment is None:
            return strip_of([("loading…" if self.loading else "", None)], width)
        checkpoint = moment.checkpoint
        where = " › ".join(one_line(segment.rpartition(":")[0] or segment) for segment in moment.ns)
        parts: list[tuple[str, Style | None]] = [(f"{where} · ", self.pen("accent"))] if where else []
        parts.append(("" if moment.live else "◀ ", self.pen("warning")))
        parts.append((f"step {checkpoint.step}", self.pen("strong")))
        if checkpoint.source != "loop":
            parts.append((f" {one_line(checkpoint.source)}", None))
        following = ", ".join(one_line(node) for node in dict.fromkeys(checkpoint.next))
        waiting = moment.live and bool(self.asked)
        parts.append((" · next: " if following else " · the end", None))
        parts.append((following, self.pen("warning" if waiting else "accent")))
        return strip_of(parts, width)

    def lead(self, row: Row) -> tuple[str, str] | None:
        interrupt = self.question(row)
        return (f"{_ASKS} {one_line(interrupt.node)} asks", "warning") if interrupt is not None else None

    def said(self, row: Row) -> tuple[str, str] | None:
        return (question(row.value, 300), "strong") if self.question(row) is not None else None

    def note(self, row: Row) -> tuple[str, str]:
        text, pen = super().note(row)
        if not text and not row.depth and row.kind == "value" and row.entry.key in self._steps:
            return f"step {self._steps[str(row.entry.key)]}", "muted"
        return text, pen

    def trailing(self, row: Row) -> str:
        if row.depth or row.kind != "value" or self.question(row) is not None:
            return ""
        key = str(row.entry.key)
        if key not in self._sizes:
            self._sizes[key] = measure(row.value)
        return size(self._sizes[key]) if self._sizes[key] else ""


class StatePane(Pane):
    """The state at the checkpoint that is shown, of the graph or of the subgraph that the selection is in."""

    title = "State"
    shows = ("state", "header")

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "evolution", "Over time"),
        Binding("g", "namespace", "Subgraph / graph"),
        Binding("less_than_sign", "inner(-1)", "Subgraph's steps", key_display="< >"),
        Binding("greater_than_sign", "inner(1)", "Next step of the subgraph", show=False),
    ]

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.tree_view = StateTree(view)
        self.states = States(view)
        self._inner: Namespace | None = None
        self._inner_at: str | None = None  # the checkpoint of the subgraph that is shown; None: its newest
        self._wanted: Moment | None = None
        self._worker: Worker[None] | None = None
        self._next = 0.0
        self._run: object = None

    def compose(self) -> Iterator[Widget]:
        yield self.tree_view

    def focus(self, scroll_visible: bool = True) -> StatePane:
        self.tree_view.focus(scroll_visible)
        return self

    @property
    def badge(self) -> str:
        moment = self.tree_view.moment
        return f"step {moment.checkpoint.step}" if moment is not None else ""

    def find(self, text: str) -> bool:
        """Go to the next value whose key or text contains `text`."""
        return self.tree_view.find(text)

    # ------------------------------------------------------------------ what to show

    def sync(self) -> None:
        run = self.view.run
        if run is not self._run:
            self._run = run
            self.states = States(self.view)
            self._inner = self._inner_at = self._wanted = None
            self.tree_view.moment = self.tree_view.state = None
            self.tree_view.show(())
        inner = self._candidate()
        if self._inner is not None and inner is not None and inner != self._inner:
            self._inner, self._inner_at = inner, None
        wanted = self._moment()
        self.tree_view.ask(dict(run.pending) if self.view.live and run.phase != "running" else {})
        if wanted is None:
            self.tree_view.empty = (
                "The state appears with the first checkpoint." if self._inner is None
                else "At this step the subgraph had not begun; g shows the graph's own state."
            )  # fmt: skip
            self._wanted = None
            self.tree_view.moment = None
            self.tree_view.show(())
        elif self._wanted is None or wanted.key != self._wanted.key or wanted.live != self._wanted.live:
            self._want(wanted)
        self.tree_view.refresh()
        self.refresh_bindings()

    def _candidate(self) -> Namespace | None:
        """The namespace with checkpoints of its own that the selection lies in, innermost first."""
        task = self.view.selected_task()
        while task is not None:
            for ns in (task.path, task.ns):
                if ns and ns in self.view.run.inner_checkpoints:
                    return ns
            task = task.parent
        return None

    def _moment(self) -> Moment | None:
        view = self.view
        if self._inner is None:
            checkpoint = view.checkpoint
            return Moment(checkpoint, (), view.live) if checkpoint is not None else None
        steps = self._inner_steps(self._inner)
        if not steps:
            return None
        at = next((step for step in steps if step.id == self._inner_at), steps[-1])
        return Moment(at, self._inner, view.live and at is steps[-1])

    def _inner_steps(self, ns: Namespace) -> list[Checkpoint]:
        """The checkpoints of a subgraph up to the moment that is shown: before the next one of the graph."""
        steps = self.view.run.inner_checkpoints.get(ns, [])
        later = self.view.index + 1
        if self.view.live or later >= len(self.view.run.checkpoints):
            return steps
        end = self.view.run.checkpoints[later].at
        return [step for step in steps if step.at <= end]

    # ------------------------------------------------------------------ loading

    def _want(self, moment: Moment) -> None:
        """Show a moment: at once if its states are at hand, else as soon as they are."""
        was_live = self._wanted is not None and self._wanted.live
        self._wanted = moment
        if not self._stale(moment):
            self.tree_view.moment = moment
            return
        state, before = self._kept(moment)
        if state is not None and not moment.live:
            self.tree_view.fill(moment, state, before)
        if self._worker is None or self._worker.is_finished or not (moment.live and was_live):
            self.tree_view.loading = True
            self._worker = self.run_worker(self._load(), group="state", exclusive=True, exit_on_error=True)

    def _kept(self, moment: Moment) -> tuple[State | None, State | None]:
        """State and state before, if both are at hand."""
        state = self.states.peek(*moment.key)
        parent = moment.checkpoint.parent
        if state is None or parent is None:
            return state, None
        before = self.states.peek(parent, moment.ns)
        return (state, before) if before is not None else (None, None)

    async def _load(self) -> None:
        """Fetch and show what is wanted, until it is what is shown."""
        while (moment := self._wanted) is not None and self._stale(moment):
            if moment.live and (wait := self._next - monotonic()) > 0:
                await sleep(wait)
                if self._wanted is not moment:
                    continue
            began = monotonic()
            state = await self.states.load(*moment.key)
            before = None
            if moment.checkpoint.parent is not None:
                before = await self.states.load(moment.checkpoint.parent, moment.ns)
                before = None if before.problem else before
            began_drawing = monotonic()
            self.tree_view.fill(moment, state, before)
            self.tree_view.loading = False
            now = monotonic()
            # Comparing and drawing take the app's own time, so a large state is shown less often.
            self._next = max(began + _PAUSE, now + 6 * (now - began_drawing))

    def _stale(self, moment: Moment) -> bool:
        shown = self.tree_view.moment
        return shown is None or shown.key != moment.key or self.tree_view.state is None

    # ------------------------------------------------------------------ keys

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "evolution":
            row = self.tree_view.current()
            return row is not None and self.tree_view.question(row) is None
        if action == "namespace":
            return self._inner is not None or self._candidate() is not None
        if action == "inner":
            return self._inner is not None
        return super().check_action(action, parameters)

    def action_namespace(self) -> None:
        self._inner = None if self._inner is not None else self._candidate()
        self._inner_at = None
        self.sync()

    def action_inner(self, by: int) -> None:
        if self._inner is None or not (steps := self._inner_steps(self._inner)):
            return
        ids = [step.id for step in steps]
        index = ids.index(self._inner_at) if self._inner_at in ids else len(ids) - 1
        index = min(max(index + by, 0), len(ids) - 1)
        self._inner_at = None if index == len(ids) - 1 else ids[index]
        self.sync()

    def action_evolution(self) -> None:
        from inspector.tui.panes.evolution import EvolutionScreen

        row = self.tree_view.current()
        moment = self.tree_view.moment
        if row is not None and moment is not None:
            screen = EvolutionScreen(self, self.view, self.states, row.path, moment.ns, moment.checkpoint.id)
            self.app.push_screen(screen, self._look_at)

    def _look_at(self, checkpoint: str | None) -> None:
        """Somebody chose a step of an evolution."""
        if checkpoint is None:
            return
        if self._inner is None:
            self.post_message(CheckpointSelected(checkpoint))
        else:
            self._inner_at = checkpoint
            self.sync()
