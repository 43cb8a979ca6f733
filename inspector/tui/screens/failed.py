"""The graph could not be loaded: one sentence why, the developer's own traceback, and what can be done."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from inspector.core.text import safe
from inspector.errors import InspectorError, LinkClosed, LoadError, StoreError
from inspector.tui.widgets.keyline import KeyLine
from inspector.tui.widgets.textview import TextView


class FailedScreen(ModalScreen[bool]):
    """Dismissed with True to try again, False to leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "again", "try again", key_display="r"),
        Binding("q,escape", "leave", "leave", key_display="q"),
    ]
    DEFAULT_CSS = """
    FailedScreen { background: $background; layout: vertical; }
    FailedScreen Static { height: auto; max-height: 50%; padding: 0 2; }
    FailedScreen .-sentence { color: $error; text-style: bold; padding: 1 2 0 2; }
    FailedScreen .-advice { color: $text-muted; padding: 0 2 1 2; }
    FailedScreen TextView { height: 1fr; border: round $border-blurred; border-title-color: $text-muted; padding: 0 1; }
    FailedScreen TextView:focus { border: round $primary; }
    FailedScreen.-low .-sentence, FailedScreen.-low .-advice { padding: 0 1; }
    FailedScreen.-low TextView { border: none; }
    """

    def __init__(self, error: InspectorError) -> None:
        super().__init__()
        self._error = error
        self._trace = TextView(error.traceback.rstrip()) if error.traceback else None

    def compose(self) -> Iterator[Widget]:
        yield Static(f"✖ {safe(str(self._error))}", classes="-sentence", markup=False)
        yield Static(advice(self._error), classes="-advice", markup=False)
        if self._trace is not None:
            self._trace.border_title = "your traceback"
            yield self._trace
        yield KeyLine()

    def on_mount(self) -> None:
        self.on_resize()
        if self._trace is not None:
            self._trace.focus()
            self._trace.call_after_refresh(self._trace.show_end)

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < 16, "-low")

    def action_again(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)


def advice(error: InspectorError) -> str:
    """What to do about it, for a kind of error."""
    if isinstance(error, StoreError):
        return "Give another file with --db, or make this one usable, and press r."
    if isinstance(error, LinkClosed):
        return "The process that loads the graph ended. Press r to start another."
    if isinstance(error, LoadError) and error.traceback:
        return "Change the code and press r: it is loaded again in a fresh process."
    return "Put it right and press r, or leave with q."
