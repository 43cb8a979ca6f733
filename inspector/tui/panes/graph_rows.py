"""The graph as a list of its nodes, and the line of facts about one of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.graphdrawing import NodePath
from inspector.core.graphlist import GraphLine
from inspector.core.graphstatus import NodeStatus
from inspector.core.text import number
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.graph_canvas import SYMBOLS, status_of
from inspector.tui.widgets.rows import RowList

_PENS = {"running": "accent", "next": "accent", "error": "error", "interrupted": "warning", "quiet": "muted"}


class GraphRows(RowList):
    """The nodes as a list, in the order that a run passes them, each with where it leads."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Open"), Binding("space", "choose", "Open")]

    FOLLOWS = False

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[GraphLine] = []
        self.names = 0  # cells of the widest name
        self.statuses: Mapping[NodePath, NodeStatus] = {}
        self.next: Collection[NodePath] = ()
        self.marks: Mapping[NodePath, bool] = {}  # nodes with breakpoints, and whether one of them is on

    def show(self, lines: list[GraphLine]) -> None:
        """These are the nodes."""
        self.lines = lines
        self.names = max((2 * len(line.path) + cell_len(line.label) for line in lines), default=0)
        self.model_changed()

    def row_count(self) -> int:
        return len(self.lines)

    def row_key(self, index: int) -> Any:
        return self.lines[index].path

    def index_of(self, key: Any) -> int | None:
        return next((n for n, line in enumerate(self.lines) if line.path == key), None)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        line = self.lines[index]
        status = self.statuses.get(line.path)
        symbol, pen = SYMBOLS[status_of(status, line.path in self.next)]
        style = self.pen(_PENS[pen]) if pen in _PENS else None
        fold = ("▾ " if line.open else "▸ ") if line.opens else "  "
        name = "  " * (len(line.path) - 1) + fold + line.label
        room = max(8, min(self.names, width // 2))
        count = f"×{number(status.total)}" if status is not None and status.total > 1 else ""
        mark = self.marks.get(line.path)
        parts: list[tuple[str, Style | None]] = [
            (" " if mark is None else "•" if mark else "◦", self.pen("error" if mark else "muted")),
            (f"{symbol} ", style),
            (fit(name, room), style),
            (fit(count, 6, "right") if width >= 40 else "", self.pen("muted")),
        ]
        if width >= 24:
            before = ""
            for arrow, target in line.targets:
                parts.append((f"{', ' if arrow == before else f'  {arrow} '}{target}", self.pen("muted")))
                before = arrow
        return strip_of(parts, width)


class GraphFacts(Widget):
    """One line about the node that the cursor is on."""

    DEFAULT_CSS = """
    GraphFacts { height: 1; dock: bottom; color: $text-muted; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def say(self, text: str) -> None:
        if text != self.text:
            self.text = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        return strip_of([(f" {self.text}", None)], self.size.width).apply_style(self.rich_style)
