"""The state pane: the values at the checkpoint that is shown, what the step changed in them, and what is being asked.

States are fetched one at a time, and only while the pane is on display. While a run makes checkpoints faster than
they can be shown, the newest is fetched a few times a second, and those between never are.
"""

from __future__ import annotations

from asyncio import ensure_future, sleep, wait
from collections.abc import Iterator
from time import monotonic
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.worker import Worker

from inspector.core.aiming import Aim, aim
from inspector.core.diff import Path
from inspector.core.events import Namespace
from inspector.core.nodes import Checkpoint
from inspector.core.states import States
from inspector.core.view import State, View
from inspector.tui.panes.base import BadgeChanged, CheckpointSelected, Pane
from inspector.tui.panes.state_tree import Moment, StateTree
from inspector.tui.widgets.rows import RowList

_PAUSE = 0.2  # seconds between two states while a run is under way
_UNMARKED = 0.05  # seconds that marks are waited for


class StatePane(Pane):
    """The state at the checkpoint that is shown, of the graph or of the subgraph that the selection is in."""

    title = "State"
    shows = ("state", "header")
    aims = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "evolution", "Over time"),
        Binding("u", "namespace", "Subgraph / graph"),
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
        self._applying: tuple[object, ...] = ()

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

    @property
    def path(self) -> Path:
        """The path of the state value that the cursor is on; empty where it is on none (a question, a watch)."""
        row = self.tree_view.current()
        return row.path if row is not None and self.tree_view.is_state(row) else ()

    def aim(self) -> Aim | None:
        """When the key that the cursor is in changes."""
        return Aim("change", str(self.path[0])) if self.path else aim(self.view.selected, self.view.graph)

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
        wanted = self.wanted()
        self.tree_view.ask(dict(run.pending) if self.view.live and run.phase != "running" else {})
        self.tree_view.rewatch()
        if wanted is None:
            self.tree_view.empty = (
                "The state appears with the first checkpoint." if self._inner is None
                else "At this step the subgraph had not begun; u shows the graph's own state."
            )  # fmt: skip
            self._wanted = None
            self.tree_view.moment = None
            self.tree_view.show(())
        elif self._wanted is None or wanted.key != self._wanted.key or wanted.live != self._wanted.live:
            self._want(wanted)
        self._refresh_keys()

    def _refresh_keys(self) -> None:
        """Say that other keys apply now, if they do."""
        applying = tuple(self.check_action(action, ()) for action in ("evolution", "namespace", "inner"))
        if applying != self._applying:
            self._applying = applying
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

    def wanted(self) -> Moment | None:
        """The moment that is to be shown, whether its state has been fetched yet or not."""
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
            self.tree_view.refresh()
            return
        state, before = self._kept(moment)
        if state is not None and not (moment.live and was_live):
            self.tree_view.fill(moment, state, before)
        if self._worker is None or self._worker.is_finished or not (moment.live and was_live):
            self.tree_view.fetching = True
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
            before = await self._before(moment, state)
            began_drawing = monotonic()
            self.tree_view.fill(moment, state, before)
            self.tree_view.fetching = False
            self.post_message(BadgeChanged())
            now = monotonic()
            # Comparing and drawing take the app's own time, so a large state is shown less often.
            self._next = max(began + _PAUSE, now + 6 * (now - began_drawing))

    async def _before(self, moment: Moment, state: State) -> State | None:
        """The state before. Where it is slow to come, the other is shown without marks meanwhile."""
        parent = moment.checkpoint.parent
        if parent is None:
            return None
        loading = ensure_future(self.states.load(parent, moment.ns))
        try:
            done, _ = await wait({loading}, timeout=_UNMARKED)
            if not done and not moment.live:
                self.tree_view.fill(moment, state, None)
                self.post_message(BadgeChanged())
            before = await loading
        finally:
            loading.cancel()
        return None if before.problem else before

    def _stale(self, moment: Moment) -> bool:
        shown = self.tree_view.moment
        return shown is None or shown.key != moment.key or self.tree_view.state is None

    # ------------------------------------------------------------------ keys

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._refresh_keys()

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
            watch = self.tree_view.watched(row)
            path = row.path if watch is None else ()
            screen = EvolutionScreen(self, self.view, self.states, path, moment.ns, moment.checkpoint.id, watch=watch)
            self.app.push_screen(screen, self._look_at)

    def leave_inside(self) -> None:
        """Show the graph's own state."""
        self._inner = self._inner_at = None
        self.sync()

    def look_inside(self, checkpoint: Checkpoint) -> None:
        """Show the state of a subgraph at one of its checkpoints."""
        self._inner, self._inner_at = checkpoint.ns, checkpoint.id
        self.sync()

    def _look_at(self, checkpoint: str | None) -> None:
        """Somebody chose a step of an evolution."""
        if checkpoint is None:
            return
        if self._inner is None:
            self.post_message(CheckpointSelected(checkpoint))
        else:
            self._inner_at = checkpoint
            self.sync()
