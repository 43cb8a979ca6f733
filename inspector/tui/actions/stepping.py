"""Stopping inside a run and going on: steps, and what is held."""

from __future__ import annotations

from typing import Any

from textual import on

from inspector.core.control import ReleaseKind, StepKind
from inspector.core.events import Held
from inspector.core.holding import is_whole, task_of, value
from inspector.errors import CommandError
from inspector.tui.actions.base import Acting
from inspector.tui.panes.held import HeldBox


class StepActions(Acting):
    """The verbs of a run that is stopped. `held_box` shows what is held, and asks for what a verb needs."""

    held_box: HeldBox
    shown_hold = ""
    """The id of what is held and was shown last."""

    def action_step(self, how: StepKind) -> None:
        self._step(how)

    def at_it(self) -> bool:
        """Whether what is selected is what is held before it runs: there is no running to that."""
        held, task = self.view.held, self.view.selected_task()
        return held is not None and held.what == "before" and task is not None and task.id == held.task

    def action_run_to(self) -> None:
        target = self.aimed()
        if target is not None and target.kind == "before":
            self._step("to", target.target)

    def _step(self, how: StepKind, target: str = "") -> None:
        self.leave_past()
        if self.session.running:
            self.command(self.session.steer.step(how, target))
        else:
            self.run_verb(self.session.steer.step(how, target))

    def action_release_all(self) -> None:
        self.leave_past()
        self.command(self.session.steer.step("continue"))

    def action_release(self, _kind: str) -> None:
        self._release("go")

    def action_held_edit(self, _what: str) -> None:
        held = self.held_box.current()
        if held is None:
            return
        if is_whole(value(held)):
            self.held_box.ask("edit")
        else:
            self.say_refused("It is too large to be shown whole here, so it cannot be edited; answer for it instead.")

    def action_held_answer(self) -> None:
        self.held_box.ask("answer")

    def action_held_fail(self) -> None:
        self.held_box.ask("fail")

    def action_other_held(self, by: int) -> None:
        """Look at the next thing that is held."""
        self.held_box.choose_next(by)

    @on(HeldBox.Let)
    def _let(self, event: HeldBox.Let) -> None:
        self._release(event.how, event.value, event.held)

    @on(HeldBox.Chosen)
    def _hold_chosen(self, event: HeldBox.Chosen) -> None:
        self.show_hold(event.held)

    @on(HeldBox.Left)
    def _left_held(self) -> None:
        self.board.focus_pane()

    def _release(self, how: ReleaseKind, value: Any = None, held: Held | None = None) -> None:
        held = held or self.view.held
        if held is not None:
            self.command(self._let_go(held, how, value))

    async def _let_go(self, held: Held, how: ReleaseKind, value: Any) -> None:
        try:
            await self.session.steer.release(held.id, how, value)
        except CommandError as error:
            if how == "go" or held.id not in self.view.run.held:
                raise
            self.held_box.refused(held, how, value, str(error))  # what was typed is not lost

    def show_hold(self, held: Held) -> None:
        """Show what is held to the developer: it is the one that keys are about, and its task is selected."""
        self.view.choose(held.id)
        self.shown_hold = held.id
        task = task_of(held, self.view.run)
        if task is not None:
            self.view.select(task)
        self.moved()

    def follow_selection(self) -> None:
        """The developer has selected a task: of what is held, look at what is in it."""
        task = self.view.selected_task()
        held = next((held for held in self.view.run.held.values() if task and held.task == task.id), None)
        if held is not None and not self.held_box.editing:
            self.view.choose(held.id)
            self.shown_hold = held.id
