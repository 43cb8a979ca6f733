"""Looking: the cursor in time, the panes, finding, help. None of it changes what happened."""

from __future__ import annotations

import asyncio

from inspector.tui.actions.base import Acting

_TURNS = 4  # of the loop, until what a change asks for has reached the screen


class LookActions(Acting):
    """What moves what is looked at."""

    def to_the_end(self) -> bool:
        """Leave an earlier moment of a replay. Returns whether one was shown."""
        raise NotImplementedError

    def action_back(self) -> None:
        self.view.move(-1)
        self.moved()

    def action_forward(self) -> None:
        self.view.move(1)
        self.moved()

    def action_live(self) -> None:
        if self.view.live and self.to_the_end():
            return
        self.view.look_at(None)
        self.moved()

    def action_find(self) -> None:
        find = getattr(self.board.focused_pane(), "find", None)
        if callable(find):
            self.find_bar.open(find, self.focused)

    def action_zoom(self) -> None:
        self.board.toggle_zoom()

    async def action_pane(self, id: str) -> None:
        with self.app.batch_update():
            self.board.show(id)
            # Tabs, frames and panes ask for their paint in messages of their own: let all of them be in one.
            for _ in range(_TURNS):
                await asyncio.sleep(0)
        self.paint_now()

    def action_focus_next(self) -> None:
        self.board.cycle(1)

    def action_focus_previous(self) -> None:
        self.board.cycle(-1)

    def action_palette(self) -> None:
        from textual.command import CommandPalette

        from inspector.tui.palette import CommandProvider

        if not CommandPalette.is_open(self.app):
            self.app.push_screen(CommandPalette(providers=[CommandProvider], placeholder="Find a command"))

    def action_help(self) -> None:
        from inspector.tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.board.panes.values()))
