"""Looking: the cursor in time, the panes, finding, help. None of it changes what happened."""

from __future__ import annotations

from inspector.tui.actions.base import Acting


class LookActions(Acting):
    """What moves what is looked at."""

    def action_back(self) -> None:
        self.view.move(-1)
        self.moved()

    def action_forward(self) -> None:
        self.view.move(1)
        self.moved()

    def action_live(self) -> None:
        self.view.look_at(None)
        self.moved()

    def action_find(self) -> None:
        find = getattr(self.board.focused_pane(), "find", None)
        if callable(find):
            self.find_bar.open(find, self.focused)

    def action_zoom(self) -> None:
        self.board.toggle_zoom()

    def action_pane(self, id: str) -> None:
        self.board.show(id)

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
