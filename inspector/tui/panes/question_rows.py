"""The list of the questions that wait for an answer, where that are several."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip

from inspector.core.events import Interrupted
from inspector.core.question import question
from inspector.core.text import one_line
from inspector.core.values import decode
from inspector.tui.widgets.cells import cut, strip_of
from inspector.tui.widgets.rows import RowList

_ROWS = 5  # shown at a time


class QuestionRows(RowList):
    """One row a question, in the order in which they were asked; what is answered already says with what."""

    FOLLOWS = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Answer it", key_display="⏎")]
    DEFAULT_CSS = "QuestionRows { height: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Interrupted] = []
        self.kept: Mapping[str, Any] = {}
        self._said: dict[str, str] = {}

    def show(self, asked: list[Interrupted], kept: Mapping[str, Any], current: str) -> None:
        """These wait; these answers are kept; this one is being answered."""
        self.asked, self.kept = asked, dict(kept)
        self._said = {id: text for id, text in self._said.items() if any(each.id == id for each in asked)}
        self.styles.height = min(len(asked), _ROWS)
        self.model_changed()
        index = self.index_of(current)
        if index is not None and index != self.cursor:
            self.move_to(index, by_user=False)
        self.refresh()

    def row_count(self) -> int:
        return len(self.asked)

    def row_key(self, index: int) -> Any:
        return self.asked[index].id

    def index_of(self, key: Any) -> int | None:
        return next((index for index, asked in enumerate(self.asked) if asked.id == key), None)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        asked = self.asked[index]
        answered = asked.id in self.kept
        parts: list[tuple[str, Style | None]] = [
            ("✎ " if answered else "‖ ", self.pen("success" if answered else "warning")),
            (cut(self._question(asked), max(10, width * 3 // 5)), self.pen("strong")),
            ("  answered" if answered else "", self.pen("success")),
            (f"  {where(asked)}", self.pen("muted")),
        ]
        return strip_of(parts, width)

    def _question(self, asked: Interrupted) -> str:
        text = self._said.get(asked.id)
        if text is None:
            text = self._said[asked.id] = one_line(question(decode(asked.value)).headline.strip(), 300)
        return text


def where(asked: Interrupted) -> str:
    """Who asks, in which subgraph, and the id that an answer goes to: `approve  in book  995a77b2`."""
    inner = [segment.partition(":")[0] for segment in asked.ns if not segment.isdigit()]
    if inner and inner[-1] == asked.node:
        inner.pop()
    place = f"  in {' / '.join(one_line(name, 40) for name in inner)}" if inner else ""
    return f"{one_line(asked.node, 60)}{place}  {one_line(asked.id, 12)}".strip()
