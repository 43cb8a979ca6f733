"""Beginning, stopping and ending runs, and what the developer says to the graph at the foot of the screen."""

from __future__ import annotations

from typing import Any

from textual import on

from inspector.tui.actions.base import Acting
from inspector.tui.panes.input import InputBar


class RunActions(Acting):
    """The verbs of a run as a whole."""

    cancelling = False
    """Cancelling was asked for, and the run has not ended."""

    @on(InputBar.Send)
    def _send(self, event: InputBar.Send) -> None:
        self.begin(event.value)

    @on(InputBar.Answer)
    def _answer(self, event: InputBar.Answer) -> None:
        self.run_verb(self.session.start(resume=event.answers), event.value)

    @on(InputBar.Left)
    def _left_bar(self) -> None:
        self.board.focus_pane()

    def begin(self, input: Any) -> None:
        """Start a run."""
        self.run_verb(self.session.start(input), input)

    def action_go_on(self) -> None:
        """From what is held, to the next breakpoint; or a run that ended before its end."""
        if self.session.running:
            self.command(self.session.steer.step("continue"))
        else:
            self.run_verb(self.session.start(goes_on=True))

    def action_pause(self) -> None:
        self.command(self.session.pause())
        self.notify("It stops after the current superstep.", timeout=3, markup=False)

    def action_cancel(self) -> None:
        self.cancelling = True
        self.refresh_situation()
        self.command(self.session.cancel())

    def action_kill(self) -> None:
        self.command(self.session.kill())

    def action_kill_and_restart(self) -> None:
        self.command(self._kill_and_restart())

    async def _kill_and_restart(self) -> None:
        await self.session.kill()
        self.action_restart()

    def action_restart(self) -> None:
        """Load the graph again."""
        raise NotImplementedError

    def action_input(self) -> None:
        self.bar.open()

    def action_answer(self) -> None:
        self.bar.open()
