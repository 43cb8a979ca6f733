"""Jump: choose the nodes that a thread goes on with from a checkpoint (`Command(goto=...)`), whatever comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from inspector.core.graphinfo import NodeInfo
from inspector.core.text import one_line
from inspector.tui.screens.dialog import Dialog, prose
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.rows import RowList

_HIDDEN = ("start", "end")


class Targets(RowList):
    """The nodes, those that are chosen marked."""

    FOLLOWS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "mark", "choose several"),
        Binding("enter", "choose", "go there", key_display="⏎"),
    ]

    empty = "The graph has no nodes to go to."

    def __init__(self, nodes: Sequence[NodeInfo]) -> None:
        super().__init__()
        self.nodes = [node for node in nodes if node.kind not in _HIDDEN]
        self.chosen: set[str] = set()
        self._width = max((len(node.id) for node in self.nodes), default=4)

    def row_count(self) -> int:
        return len(self.nodes)

    def row_clicked(self, index: int, x: int) -> bool:
        if x < 3:
            self._toggle(index)
        return x < 3

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        node = self.nodes[index]
        chosen = node.id in self.chosen
        name = fit(one_line(node.id, 60), max(6, min(self._width, 40, width - 4)))
        parts = [
            ("✔ " if chosen else "  ", self.pen("success")),
            (name + "  ", self.pen("strong") if chosen else None),
            (one_line(node.doc, 200), self.pen("muted")),
        ]
        return strip_of(parts, width)

    def action_mark(self) -> None:
        self._toggle(self.cursor)

    def _toggle(self, index: int) -> None:
        if 0 <= index < len(self.nodes):
            self.chosen ^= {self.nodes[index].id}
            self.model_changed()
            self.refresh()


class JumpScreen(Dialog[list[str] | None]):
    """Dismissed with the names of the nodes to go to, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "dismiss(None)", "leave it", key_display="esc"),
    ]
    DEFAULT_CSS = """
    JumpScreen Static { height: auto; margin-top: 1; }
    JumpScreen Targets { height: auto; max-height: 16; min-height: 1; margin: 1 0; }
    JumpScreen.-small Static { margin: 0; }
    JumpScreen.-small Targets { height: 1fr; max-height: 100%; margin: 0; }
    """

    def __init__(self, moment: str, nodes: Sequence[NodeInfo], following: Sequence[str]) -> None:
        super().__init__(f"Jump from {moment}")
        self.targets = Targets(nodes)
        self._following = one_line(", ".join(dict.fromkeys(following)), 200)

    def body(self) -> Iterator[Widget]:
        if self._following:
            first = [("It would go on with ", "$text-muted"), (self._following, ""), (". Go on with:", "$text-muted")]
        else:
            first = [("The graph is at its end there. Go on with:", "$text-muted")]
        last = [("Models and tools are called for real; a second branch begins.", "$text-muted")]
        yield Static(prose(first), markup=False)
        yield self.targets
        yield Static(prose(last), markup=False)

    def on_mount(self) -> None:
        self.targets.styles.height = min(16, max(1, len(self.targets.nodes)))
        self.targets.model_changed()
        self.targets.move_to(0)
        self.targets.focus()

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        chosen = self.targets.chosen or {self.targets.nodes[event.index].id}
        self.dismiss([node.id for node in self.targets.nodes if node.id in chosen])
