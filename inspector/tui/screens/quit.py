"""Asks once before a running graph is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from inspector.core.text import one_line
from inspector.tui.widgets.keyline import KeyLine


class QuitScreen(ModalScreen[bool]):
    """Dismissed with True to stop the graph and leave, False to stay."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,q,y", "leave", "stop it and leave", key_display="⏎"),
        Binding("escape,n", "stay", "stay", key_display="esc"),
    ]
    DEFAULT_CSS = """
    QuitScreen { align: center middle; background: $background 60%; }
    QuitScreen > Vertical {
        width: 64; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $warning; background: $panel;
    }
    QuitScreen Static { height: auto; }
    QuitScreen .-title { text-style: bold; color: $warning; }
    QuitScreen KeyLine { dock: none; margin-top: 1; }
    """

    def __init__(self, graph: str, thread: str) -> None:
        super().__init__()
        self._graph = one_line(graph, 60)
        self._thread = one_line(thread, 60)

    def compose(self) -> Iterator[Widget]:
        with Vertical():
            yield Static(f"● {self._graph} is still running", classes="-title", markup=False)
            yield Static(
                f"Leaving stops it. Every checkpoint that it has made is kept on thread {self._thread}.", markup=False
            )
            yield KeyLine()

    def action_leave(self) -> None:
        self.dismiss(True)

    def action_stay(self) -> None:
        self.dismiss(False)
