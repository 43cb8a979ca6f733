"""The line in which the filter of the browser is typed: what is typed is in force at once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from inspector.tui.widgets.editors import Caption, Line

if TYPE_CHECKING:
    from inspector.tui.threads.screen import ThreadsScreen


class FilterBar(Widget):
    """Child of a `ThreadsScreen`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "done", "the list", key_display="⏎"),
        Binding("escape", "clear", "show all", key_display="esc"),
    ]
    DEFAULT_CSS = """
    FilterBar { layout: horizontal; height: 1; dock: top; margin-top: 1; background: $panel; }
    FilterBar > Caption { color: $warning; text-style: bold; }
    """

    def __init__(self, text: str) -> None:
        super().__init__()
        self.line = Line("part of an id, status:waiting, tag:name, user:4411 …")
        self.line.value = text

    def compose(self) -> Iterator[Widget]:
        yield Caption("filter ▸")
        yield self.line

    @property
    def _browser(self) -> ThreadsScreen:
        from inspector.tui.threads.screen import ThreadsScreen

        assert isinstance(self.screen, ThreadsScreen)
        return self.screen

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._browser.filter(event.value.strip())

    async def action_done(self) -> None:
        await self._browser.close_filter()

    async def action_clear(self) -> None:
        self._browser.filter("")
        await self._browser.close_filter()
