"""What the actions of the main screen have in common: the parts of the screen that they use, and how a verb of the
session is carried out."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

from inspector.core.aiming import Aim
from inspector.core.control import Debugger
from inspector.core.nodes import Node
from inspector.core.text import one_line
from inspector.core.view import View
from inspector.errors import InspectorError, LinkClosed
from inspector.tui.board import Board
from inspector.tui.commands import Situation
from inspector.tui.painting import PromptScreen
from inspector.tui.panes.input import InputBar
from inspector.tui.pump import Pump
from inspector.tui.widgets.findbar import FindBar


class Acting(PromptScreen[None]):
    """A screen on which verbs are carried out. What it shows is made by `screens.main`."""

    session: Debugger
    view: View
    now: Situation
    board: Board
    bar: InputBar
    find_bar: FindBar
    pump: Pump
    starting: bool
    """A run has been asked for, and has not begun."""

    def refresh_situation(self) -> None:
        """Look again at what can be done now."""
        raise NotImplementedError

    def aimed(self) -> Aim | None:
        """What a breakpoint would be about that is set now."""
        raise NotImplementedError

    def show_selected(self, node: Node) -> None:
        """Select a task or span and show it."""
        raise NotImplementedError

    def run_verb(self, verb: Coroutine[Any, Any, None], sent: Any = None) -> None:
        """Begin or resume a run. What is refused of `sent` is shown in the editor again."""
        self.starting = True
        self.refresh_situation()
        self.board.focus_pane("timeline")
        self.command(verb, sent)

    def command(self, verb: Coroutine[Any, Any, None], sent: Any = None) -> None:
        """Carry out a verb of the session; say what it refuses."""
        self.run_worker(self._carry_out(verb, sent), exit_on_error=True)

    async def _carry_out(self, verb: Coroutine[Any, Any, None], sent: Any) -> None:
        refused = ""
        try:
            await verb
        except LinkClosed:
            pass  # the session's problem, which the foot of the screen says
        except InspectorError as error:
            refused = str(error)
        starting, self.starting = self.starting, False
        self.refresh_situation()
        if refused and starting and sent is not None:
            self.bar.refused(refused, sent)
        elif refused:
            self.say_refused(refused)

    def say_refused(self, sentence: str) -> None:
        """Say why something is not done."""
        self.notify(one_line(sentence), severity="error", markup=False)

    def leave_past(self) -> None:
        """What happens next is to be seen."""
        if not self.view.live:
            self.view.look_at(None)
            self.pump.paint()

    def moved(self) -> None:
        """Something else is looked at: paint it now."""
        self.pump.paint()
        self.board.sync_frames()
        self.refresh_situation()
