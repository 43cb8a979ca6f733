"""A value over time: what one path of the state, or a watch expression, held at every step, in one list.

Only the rows on screen are looked at: their states are fetched one by one, newest first, and of each only one line is
kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget
from textual.worker import Worker

from inspector.core.diff import MISSING, Mark, Path, at, mark
from inspector.core.events import Namespace
from inspector.core.history import ran
from inspector.core.nodes import Checkpoint
from inspector.core.outline import path_text, summary, whole
from inspector.core.saved import made_by
from inspector.core.states import States
from inspector.core.text import one_line
from inspector.core.values import Unreadable
from inspector.core.view import View
from inspector.core.watches import Watch
from inspector.tui.panes.base import ShowText
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.keyline import KeyLine
from inspector.tui.widgets.rows import RowList

_MARKS: dict[Mark, str] = {"": " ", "added": "+", "changed": "~", "removed": "−"}
_KEEP = 5000  # lines


@dataclass(frozen=True, slots=True)
class _Line:
    """What is known of a step: its mark against the one before, and the value in one line."""

    mark: Mark
    text: str
    there: bool


class EvolutionRows(RowList):
    """One row a checkpoint, oldest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Look at this step"),
        Binding("n", "change(1)", "Next change"),
        Binding("N", "change(-1)", "Previous change", show=False),
    ]

    empty = "No checkpoints yet."

    def __init__(self, view: View, checkpoints: Sequence[Checkpoint], what: str) -> None:
        super().__init__()
        self.what = what
        self.view = view
        self.checkpoints = checkpoints
        self.lines: dict[str, _Line] = {}

    def row_count(self) -> int:
        return len(self.checkpoints)

    def row_key(self, index: int) -> Any:
        return self.checkpoints[index].id

    def index_of(self, key: Any) -> int | None:
        return next((n for n in range(len(self.checkpoints) - 1, -1, -1) if self.checkpoints[n].id == key), None)

    def header(self, width: int) -> Strip:
        return strip_of([(f" step  {fit('after', self._room(width))}    {self.what}", None)], width)

    def _room(self, width: int) -> int:
        return max(4, min(24, width // 4))

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        checkpoint = self.checkpoints[index]
        who = made_by(checkpoint.source, ran(self.view.run, checkpoint))
        line = self.lines.get(checkpoint.id)
        parts: list[tuple[str, Style | None]] = [
            (f"{checkpoint.step:>5}  ", self.pen("muted")),
            (fit(who, self._room(width)) + "  ", self.pen("muted")),
        ]
        if line is None:
            parts.append(("  …", self.pen("muted")))
        else:
            quiet = not line.mark or not line.there
            parts.append((f"{_MARKS[line.mark]} ", self.pen("success")))
            parts.append((line.text, self.pen("muted") if quiet else None))
        return strip_of(parts, width)

    def action_change(self, by: int) -> None:
        """To the next or previous step, among those that were looked at, that changed the value."""
        index = self.cursor + by
        while 0 <= index < self.row_count():
            line = self.lines.get(self.checkpoints[index].id)
            if line is None or line.mark:
                self.move_to(index)
                return
            index += by


class EvolutionScreen(ModalScreen[str | None]):
    """Dismissed with the checkpoint that was chosen, or None. `owner` posts what is to be shown elsewhere."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "whole", "Whole"),
        Binding("escape,q,v", "dismiss(None)", "Close", key_display="esc"),
    ]

    DEFAULT_CSS = """
    EvolutionScreen { background: $background 60%; align: center middle; }
    EvolutionScreen > Vertical { width: 100%; height: 100%; max-width: 140; margin: 1 2; }
    EvolutionScreen > Vertical { border: round $primary; background: $background; }
    EvolutionScreen.-small > Vertical { margin: 0; border: none; }
    EvolutionScreen EvolutionRows { height: 1fr; }
    """

    def __init__(
        self,
        owner: Widget,
        view: View,
        states: States,
        path: Path,
        ns: Namespace = (),
        start: str | None = None,
        *,
        watch: Watch | None = None,
    ) -> None:
        super().__init__()
        self.watch_expression = watch
        self.what = watch.text if watch is not None else path_text(path) or "the value"
        self.owner = owner
        self.view = view
        self.states = states
        self.path = path
        self.ns = ns
        run = view.run
        checkpoints = run.inner_checkpoints.get(ns, []) if ns else run.checkpoints
        self.rows = EvolutionRows(view, checkpoints, one_line(self.what, 80))
        self._start = start
        self._known = -1
        self._worker: Worker[None] | None = None

    def compose(self) -> Iterator[Widget]:
        frame = Vertical()
        frame.border_title = Content(f"{one_line(self.what, 80)} over time")
        with frame:
            yield self.rows
            yield KeyLine()

    def on_mount(self) -> None:
        self.on_resize()
        self.rows.focus()
        self.call_after_refresh(self._begin)
        self.set_interval(0.1, self._update)

    def _begin(self) -> None:
        self._update()
        index = self.rows.index_of(self._start) if self._start is not None else None
        if index is not None:
            self.rows.move_to(index)

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < 60 or self.app.size.height < 16, "-small")

    def _update(self) -> None:
        """Show new steps, and see to it that what is on screen is looked at."""
        if len(self.rows.checkpoints) != self._known:
            self._known = len(self.rows.checkpoints)
            self.rows.model_changed()
        if (self._worker is None or self._worker.is_finished) and self._missing() is not None:
            self._worker = self.run_worker(self._look(), exit_on_error=True)

    def _missing(self) -> Checkpoint | None:
        """The newest step on screen that was not looked at yet."""
        rows = self.rows
        visible = (rows.checkpoints[index] for index in reversed(rows.visible_rows))
        return next((checkpoint for checkpoint in visible if checkpoint.id not in rows.lines), None)

    async def _look(self) -> None:
        while (checkpoint := self._missing()) is not None:
            new = await self._value(checkpoint.id)
            old = await self._value(checkpoint.parent) if checkpoint.parent is not None else MISSING
            lines = self.rows.lines
            lines[checkpoint.id] = (
                new if isinstance(new, _Line) else _line(MISSING if isinstance(old, _Line) else old, new)
            )
            while len(lines) > _KEEP:
                del lines[next(iter(lines))]
            self.rows.refresh()

    async def _value(self, checkpoint: str) -> Any:
        """The value at a checkpoint, or a line that says why there is none."""
        state = await self.states.load(checkpoint, self.ns)
        if state.problem:
            return _Line("", one_line(state.problem), False)
        if self.watch_expression is None:
            return at(state.values, self.path)
        value = self.watch_expression.value(state, self.view.run.by_checkpoint[checkpoint])
        return _Line("", one_line(value.reason, 300), False) if isinstance(value, Unreadable) else value

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.dismiss(event.key)

    async def action_whole(self) -> None:
        rows = self.rows
        if not 0 <= rows.cursor < rows.row_count():
            return
        checkpoint = rows.checkpoints[rows.cursor]
        value = await self._value(checkpoint.id)
        text = value.text if isinstance(value, _Line) else "(not set)" if value is MISSING else whole(value)
        self.owner.post_message(ShowText(f"{self.what} at step {checkpoint.step}", text))


def _line(old: Any, new: Any) -> _Line:
    if new is MISSING:
        return _Line("removed" if old is not MISSING else "", "(not set)", False)
    return _Line(mark(old, new), summary(new, 300), True)
