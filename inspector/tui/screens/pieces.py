"""A value that is too large to be read at once, shown piece by piece."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding, BindingType

from inspector.core.outline import whole
from inspector.core.text import size
from inspector.errors import InspectorError, UsageError
from inspector.tui.panes.base import Pieces
from inspector.tui.screens.viewer import TextViewer

_BYTES = 500_000  # of a text in a piece
_ITEMS = 200  # children of a list or mapping in a piece


class PieceViewer(TextViewer):
    """Shows the first piece; `n` and `N` go on and back, `g` anywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "piece(1)", "next piece"),
        Binding("N", "piece(-1)", "piece before"),
        Binding("g", "go_to", "go to"),
    ]

    ALL = "this piece"

    def __init__(self, title: str, beginning: str, read: Pieces) -> None:
        super().__init__(title, "")
        self._beginning = beginning
        self._read = read
        self._start = 0
        self._total: int | None = None
        self._each = _ITEMS

    def on_mount(self) -> None:
        super().on_mount()
        self._frame.border_subtitle = "reading"
        self._show(0)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "piece":
            after = self._start + self._each * (1 if parameters == (1,) else -1)
            return self._total is not None and 0 <= after < self._total
        if action == "go_to":
            return self._total is not None and self._total > self._each
        return True

    def action_piece(self, by: int) -> None:
        self._show(self._start + by * self._each)

    def action_go_to(self) -> None:
        from inspector.tui.screens.ask import AskScreen

        def went(text: str | None) -> None:
            if text is not None:
                self._show(self._place(text))

        about = "A part of the whole (50%), or " + ("a byte" if self._each == _BYTES else "an item") + " (12000)."
        self.app.push_screen(AskScreen("Go to", about, placeholder="50%", check=self._place), went)

    def _place(self, text: str) -> int:
        """Where the piece begins that a typed place is in. Raises `UsageError`."""
        total = self._total or 0
        number, percent, rest = text.strip().replace(",", "").partition("%")
        try:
            at = int(float(number) / 100 * total) if percent else int(number)
        except (ValueError, OverflowError):
            at = -1
        if rest or not 0 <= at <= total:
            raise UsageError(f"Type a number from 0 to {total:,}, or a percentage.")
        return min(at, total - 1) // self._each * self._each

    def _show(self, start: int) -> None:
        self.run_worker(self._fetch(start), exclusive=True, exit_on_error=True)

    async def _fetch(self, start: int) -> None:
        try:
            if self._total is None:  # what it is says how much of it is a piece
                value, self._total = await self._read(0, 1)
                self._each = _BYTES if isinstance(value, (str, bytes)) else _ITEMS
            value, _ = await self._read(start, self._each)
        except InspectorError as error:
            self._tell(f"It cannot be read in pieces: {error} What is known of it:\n\n{self._beginning}", "")
            return
        self._start = start
        number = start // self._each + 1
        self.file_name = f"{self._title}-{number}"
        pieces = f"piece {number:,} of {-(-self._total // self._each):,}"
        if self._each == _BYTES:
            self._tell(value if isinstance(value, str) else whole(value), f"{pieces}  {size(self._total)}")
        else:
            self._tell(_items(value, start), f"{pieces}  {self._total:,} items")
        self.refresh_bindings()

    def _tell(self, text: str, where: str) -> None:
        self._text = text
        self._view.exchange(text)
        self._frame.border_subtitle = where


def _items(value: Any, start: int) -> str:
    if isinstance(value, list):
        return "\n\n".join(f"[{index}]  {whole(item)}" for index, item in enumerate(value, start))
    if isinstance(value, dict):
        return "\n\n".join(f"{key}  {whole(item)}" for key, item in value.items())
    return whole(value)
