"""The list of what is held, where that is more than one thing."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from inspector.core.events import Held
from inspector.core.holding import brief, place, title
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.rows import RowList

_ROWS = 6  # shown at a time


class HeldRows(RowList):
    """One row a thing, oldest first. `show` says what there is."""

    FOLLOWS = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Let it go on", key_display="⏎"),
        Binding("escape", "leave", "Panes", key_display="esc"),
    ]
    DEFAULT_CSS = "HeldRows { height: auto; }"

    class Left(Message):
        """The developer goes back to the panes."""

    def __init__(self) -> None:
        super().__init__()
        self.holds: list[Held] = []
        self._said: dict[str, str] = {}

    def show(self, holds: list[Held], chosen: Held) -> None:
        """These are held, and that one is looked at."""
        self.holds = holds
        if len(self._said) > 4 * len(holds) + 100:
            self._said.clear()
        self.styles.height = min(len(holds), _ROWS)
        self.model_changed()
        index = self.index_of(chosen.id)
        if index is not None and index != self.cursor:
            self.move_to(index, by_user=False)

    def row_count(self) -> int:
        return len(self.holds)

    def row_key(self, index: int) -> Any:
        return self.holds[index].id

    def index_of(self, key: Any) -> int | None:
        return next((index for index, held in enumerate(self.holds) if held.id == key), None)

    def row_version(self, index: int) -> Any:
        return self.holds[index].id

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        held = self.holds[index]
        parts: list[tuple[str, Style | None]] = [
            ("‖ ", self.pen("warning")),
            (fit(title(held), min(36, max(12, width // 3))), self.pen("strong")),
            (f"  {place(held)}" if place(held) else "", self.pen("muted")),
            (f"  {self._with(held)}", None),
        ]
        return strip_of(parts, width)

    def _with(self, held: Held) -> str:
        text = self._said.get(held.id)
        if text is None:
            text = self._said[held.id] = brief(held)
        return text

    def action_leave(self) -> None:
        self.post_message(self.Left())
