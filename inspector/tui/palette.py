"""The command palette: every command that applies now, with its key, and those of the focused pane."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from textual.command import DiscoveryHit, Hit, Hits, Provider

from inspector.tui import commands
from inspector.tui.commands import key_name
from inspector.tui.screens.main import MainScreen


class CommandProvider(Provider):
    """Feeds Textual's palette from the table of commands and the bindings of the focused pane."""

    async def discover(self) -> Hits:
        for title, help, run in self._entries():
            yield DiscoveryHit(title, run, help=help)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, help, run in self._entries():
            score = max(matcher.match(title), 0.8 * matcher.match(help))
            if score > 0:
                yield Hit(score, matcher.highlight(title), run, help=help)

    def _entries(self) -> Iterator[tuple[str, str, partial[Any]]]:
        screen = self.screen
        if not isinstance(screen, MainScreen):
            yield from self._bindings()
            return
        for command in commands.applying(screen.now):
            if command.palette:
                key = command.shown or key_name(command.keys.split(",")[0])
                yield f"{command.label}  {key}", command.help, partial(screen.run_action, command.action)
        pane = screen.board.focused_pane()
        if pane is None or screen.focused is None:
            return
        for key, active in screen.active_bindings.items():
            if active.node is pane or pane in active.node.ancestors:
                description = active.binding.description
                if description and active.enabled:
                    title = f"{pane.title or pane.id}: {description.lower()}  {key_name(key)}"
                    run = partial(screen.app.run_action, active.binding.action, active.node)
                    yield title, active.binding.tooltip, run
        yield from self._of_app()

    def _bindings(self) -> Iterator[tuple[str, str, partial[Any]]]:
        """What the keys do on a screen that has no table of commands."""
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if binding.description and active.enabled and not binding.system and active.node is not self.app:
                title = f"{binding.description.lower()}  {binding.key_display or key_name(key)}"
                yield title, binding.tooltip, partial(self.app.run_action, binding.action, active.node)
        yield from self._of_app()

    def _of_app(self) -> Iterator[tuple[str, str, partial[Any]]]:
        screen = self.screen
        yield "theme", "Change the colours", partial(screen.app.run_action, "change_theme", screen.app)
        yield "screenshot", "Save the screen as SVG", partial(screen.app.run_action, "screenshot", screen.app)
