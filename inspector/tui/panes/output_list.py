"""What the lists of the output pane have in common."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message

from inspector.core.nodes import Node
from inspector.core.outputs import Outputs
from inspector.core.text import duration, one_line
from inspector.tui.widgets.cells import fit
from inspector.tui.widgets.rows import RowList

TIME = 7  # cells of the column of times
_FIND_AT_MOST = 20_000
Pieces: TypeAlias = list[tuple[str, Style | None]]


class OutputList(RowList):
    """A list of the output pane. `count` goes behind its tab's name; `opened` is what enter says."""

    tab: ClassVar[str] = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Whole", key_display="⏎"),
        Binding("end", "follow", "Follow newest", key_display="End"),
    ]

    def __init__(self, outputs: Outputs) -> None:
        super().__init__()
        self.outputs = outputs

    @property
    def count(self) -> int:
        return self.row_count()

    def restart(self, outputs: Outputs) -> None:
        """Show another run."""
        self.outputs = outputs
        self.forget()

    def opened(self, index: int) -> Message | None:
        """The message that opens a row."""
        return None

    def node_at(self, index: int) -> Node | None:
        """The task or span that a row is about."""
        return None

    def words(self, index: int) -> str:
        """The text that finding looks in."""
        return self.render_row(index, 1000, False).text

    def find(self, text: str) -> bool:
        """Go to the next row that has the text."""
        needle, count = text.casefold(), self.row_count()
        for step in range(1, min(count, _FIND_AT_MOST) + 1):
            index = (self.cursor + step) % count
            if needle in self.words(index).casefold():
                self.move_to(index)
                return True
        return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "follow":
            return not self.following
        return self.row_count() > 0 if action == "choose" else True

    def watch_following(self) -> None:
        self.refresh_bindings()

    def _where(self, node: str, width: int) -> Pieces:
        """The column of the node, on panes that are wide enough."""
        column = 16 if width >= 100 else 10 if width >= 60 else 0
        return [(fit(one_line(node, 60), column) + "  ", self.pen("muted"))] if column else []

    def _time(self, at: float) -> tuple[str, Style | None]:
        return fit(duration(at) or "0s", TIME, "right") + "  ", self.pen("muted")
