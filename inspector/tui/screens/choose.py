"""Which graph? A reference named several."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from inspector.core.text import one_line
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.keyline import KeyLine
from inspector.tui.widgets.rows import RowList


class Names(RowList):
    """The names, one a row."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "run this one")]

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__()
        self.names = list(names)

    def row_count(self) -> int:
        return len(self.names)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        mark = "▸ " if selected else "  "
        return strip_of([(mark, self.pen("accent")), (one_line(self.names[index]), None)], width)


class ChooseScreen(ModalScreen[str | None]):
    """Dismissed with the name, or None to leave."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", key_display="esc"),
    ]
    DEFAULT_CSS = """
    ChooseScreen { align: center middle; background: $background 60%; }
    ChooseScreen > Vertical {
        width: 72; max-width: 100%; height: auto; max-height: 100%; padding: 1 2;
        border: round $primary; background: $panel;
    }
    ChooseScreen .-title { text-style: bold; height: auto; }
    ChooseScreen Names { height: auto; max-height: 20; min-height: 1; margin: 1 0; background: $panel; }
    ChooseScreen KeyLine { dock: none; }
    """

    def __init__(self, sentence: str, names: Sequence[str]) -> None:
        super().__init__()
        self._sentence = one_line(sentence)
        self._names = Names(names)

    def compose(self) -> Iterator[Widget]:
        with Vertical():
            yield Static(self._sentence, classes="-title", markup=False)
            yield self._names
            yield KeyLine()

    def on_mount(self) -> None:
        self._names.styles.height = len(self._names.names)
        self._names.model_changed()
        self._names.move_to(0)
        self._names.focus()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.dismiss(self._names.names[event.index])

    def action_leave(self) -> None:
        self.dismiss(None)
