"""One line to find a text in a pane: typed text is looked for at once, enter goes on to the next place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from inspector.tui.widgets.editors import Caption, Line


class FindBar(Widget):
    """Hidden until `open`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "next", "Next", key_display="⏎"),
        Binding("escape", "close", "Done", key_display="esc"),
    ]
    DEFAULT_CSS = """
    FindBar { layout: horizontal; height: 1; display: none; background: $panel; }
    FindBar.-open { display: block; }
    FindBar > Caption { color: $primary; text-style: bold; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.line = Line("text to find")
        self._find: Callable[[str], object] | None = None
        self._back: Widget | None = None

    def compose(self) -> Iterator[Widget]:
        yield Caption("/")
        yield self.line

    def open(self, find: Callable[[str], object], back: Widget | None) -> None:
        """Ask for a text for `find`; the keyboard goes back to `back`."""
        self._find, self._back = find, back
        self.add_class("-open")
        self.line.value = ""
        self.screen.set_focus(self.line)

    def action_close(self) -> None:
        self.remove_class("-open")
        self._find = None
        if self._back is not None and self._back.is_attached:
            self._back.focus(scroll_visible=False)

    def action_next(self) -> None:
        if self._find is not None and self.line.value:
            self._find(self.line.value)

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
