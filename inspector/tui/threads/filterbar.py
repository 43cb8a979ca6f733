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
    """Child of a `ThreadsScreen`. On display while it is typed in, or says something."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,down", "done", "the list", key_display="⏎"),
        Binding("escape", "clear", "show all", key_display="esc"),
    ]
    DEFAULT_CSS = """
    FilterBar { layout: horizontal; height: 1; background: $panel; display: none; }
    FilterBar.-open { display: block; }
    FilterBar > Caption { color: $warning; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.line = Line("part of an id, status:waiting, tag:name, user:4411 …")

    def compose(self) -> Iterator[Widget]:
        yield Caption("filter ▸")
        yield self.line

    @property
    def _browser(self) -> ThreadsScreen:
        from inspector.tui.threads.screen import ThreadsScreen

        assert isinstance(self.screen, ThreadsScreen)
        return self.screen

    def open(self) -> None:
        """Give it the keyboard."""
        self.add_class("-open")
        if self.line.is_attached:
            self.screen.set_focus(self.line)
        else:
            self.call_after_refresh(self.line.focus)

    def clear(self) -> None:
        """Let everything through, and go away."""
        self.line.value = ""
        self._browser.filter("")
        self.remove_class("-open")

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._browser.filter(event.value.strip())

    def action_done(self) -> None:
        self.set_class(bool(self.line.value.strip()), "-open")
        self._browser.to_list()

    def action_clear(self) -> None:
        self.clear()
        self._browser.to_list()
