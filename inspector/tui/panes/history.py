"""The history pane: the checkpoints of the thread as a tree, newest on top, forks as branches.

Moving the cursor looks at a checkpoint and changes nothing; the top row is the newest moment. What a row says is
worked out when it is drawn, and kept for a while.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.history import Lanes, Write, drawing, ran, unseen, written
from inspector.core.nodes import Checkpoint, Status
from inspector.core.saved import made_by, node_name
from inspector.core.text import ago, duration, one_line
from inspector.core.view import View
from inspector.tui.panes.base import CheckpointSelected, Pane
from inspector.tui.panes.history_changes import StepChanges
from inspector.tui.widgets.cells import cut, fit, strip_of
from inspector.tui.widgets.rows import RowList

_LANES = 8  # drawn at most
_KEEP = 2000  # rows whose text is kept
Pieces = list[tuple[str, str]]
_SIGNS: dict[Status | None, tuple[str, str]] = {
    "running": (" ●", "accent"), "error": (" ✖", "error"), "interrupted": (" ‖", "warning"),
    "cancelled": (" ⊘", "muted"),
}  # fmt: skip


class HistoryRows(RowList):
    """One row a checkpoint, the newest at index 0."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open", show=False),
        Binding("home", "first", "Newest", show=False),
        Binding("end", "follow", "Oldest", show=False),
    ]

    DEFAULT_CSS = """
    HistoryRows { height: 1fr; }
    """

    FOLLOWS = False  # the newest row is the first one: `show` sees to it

    empty = "A checkpoint is saved after every superstep; each appears here."

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
        self.lanes = Lanes()
        self._texts: dict[tuple[str, bool], tuple[str, Pieces]] = {}
        self._looked_back = False
        self.changes = StepChanges(self, view, self._changes_came)

    # ------------------------------------------------------------------ rows

    def row_count(self) -> int:
        return len(self.lanes)

    def row_key(self, index: int) -> Any:
        return self._checkpoint(index).id

    def index_of(self, key: Any) -> int | None:
        index = self.lanes.index(key) if isinstance(key, str) else None
        return None if index is None else len(self.lanes) - 1 - index

    def row_version(self, index: int) -> Any:
        checkpoint = self._checkpoint(index)
        cells = tuple(self.lanes.row(len(self.lanes) - 1 - index))
        name, pieces = self._text(index)
        shown = self.view.checkpoint is checkpoint
        looked = shown, self.view.live, self.view.pinned is checkpoint
        return checkpoint.id, looked, self.lanes.width, cells, name, tuple(pieces)

    def _checkpoint(self, index: int) -> Checkpoint:
        return self.view.run.checkpoints[len(self.lanes) - 1 - index]

    def show(self, lanes: Lanes) -> None:
        """The checkpoints are these, and the view looks at one of them: put the cursor there."""
        before = (id(self.lanes), self._cursor_key)
        at_top = self.scroll_offset.y == 0
        returned, self._looked_back = self._looked_back and self.view.live, not self.view.live
        self.lanes = lanes
        shown = self.view.checkpoint
        if shown is not None and shown.id != before[1]:
            index = self.index_of(shown.id) or 0
            if (self.view.live and at_top) or before[1] is None:
                self._put_cursor(index, by_user=False)
                self._set_anchor()
            elif self.view.live and not returned:
                self._put_cursor(index, by_user=False)
            else:
                self.model_changed()
                self.move_to(index, by_user=False)
        self.model_changed()

    def forget_texts(self) -> None:
        """What rows say may have changed: the last ones always, as their tasks go on."""
        for checkpoint in self.view.run.checkpoints[-2:]:
            self._texts.pop((checkpoint.id, True), None)
            self._texts.pop((checkpoint.id, False), None)

    def _changes_came(self, checkpoint: str) -> None:
        self._texts.pop((checkpoint, True), None)
        self._texts.pop((checkpoint, False), None)
        self.model_changed()

    # ------------------------------------------------------------------ drawing

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        checkpoint = self._checkpoint(index)
        shown = self.view.checkpoint is checkpoint
        parts = self._tree(index, checkpoint, shown, width)
        marked = self.view.pinned is checkpoint
        parts.append((f"{checkpoint.step:>3} ", self.pen("muted")))
        parts.append(("◆" if marked else " ", self.pen("accent")))
        name, pieces = self._text(index)
        room = max(6, min(26, width // 4))
        pen = None if checkpoint.source == "loop" else self.pen("strong")
        parts.append((fit(name, room) if width >= 34 else name, pen))
        if width >= 34:
            parts.append(("  ", None))
            parts.extend((text, self.pen(style)) for text, style in pieces)
        time = when(checkpoint.at) if width >= 28 else ""
        right = (7 if checkpoint.at >= 0 else 10) if time else 0
        return Strip.join(
            [strip_of(parts, width - right), strip_of([(fit(time, right, "right"), self.pen("muted"))], right)]
        )

    def _tree(self, index: int, checkpoint: Checkpoint, shown: bool, width: int) -> list[tuple[str, Style | None]]:
        lanes = self.lanes
        cells = lanes.row(len(lanes) - 1 - index)
        most = max(1, min(_LANES, width // 6))
        pen = self.pen("accent" if shown and self.view.live else "warning" if shown else "strong")
        parts: list[tuple[str, Style | None]] = [
            (text, pen if node else self.pen("muted")) for text, node in drawing(cells[:most], "◉" if shown else "○")
        ]
        if not any(cell.node for cell in cells[:most]):
            parts[-1] = ("…◉" if shown else "…○", pen)
        used = sum(cell_len(text) for text, _ in parts)
        parts.append((" " * max(0, 2 * min(lanes.width, most) - used), None))
        return parts

    def _text(self, index: int) -> tuple[str, Pieces]:
        """What a row says: what made the checkpoint, what that wrote, what comes next."""
        checkpoint = self._checkpoint(index)
        tip = self.lanes.is_tip(len(self.lanes) - 1 - index)
        known = self._texts.get((checkpoint.id, tip))
        if known is None:
            known = (made_by(checkpoint.source, ran(self.view.run, checkpoint)), self._pieces(checkpoint, tip))
            self._texts[checkpoint.id, tip] = known
            while len(self._texts) > _KEEP:
                del self._texts[next(iter(self._texts))]
        return known

    def _pieces(self, checkpoint: Checkpoint, tip: bool) -> Pieces:
        wrote: Pieces = []
        texts = [_wrote(write) for write in written(self.view.run, checkpoint)]
        if not texts and unseen(self.view.run, checkpoint):
            texts = list(self.changes.of(checkpoint) or ())
        for text in texts:
            wrote += [("  " if wrote else "", "muted"), (text, "muted")]
        following: dict[str, Status | None] = {}
        for id_, node in checkpoint.tasks or ((None, node) for node in checkpoint.next):
            task = self.view.run.tasks.get(id_) if id_ else None
            status = task.status if task is not None else None
            newest = checkpoint is self.view.run.checkpoints[-1]
            if newest and status is None and any(asked.node == node for asked in self.view.run.pending.values()):
                status = "interrupted"
            if following.get(node) not in ("error", "interrupted"):
                following[node] = status
        comes: Pieces = []
        for number, (node, status) in enumerate(following.items()):
            sign, pen = _SIGNS.get(status, ("", "muted"))
            comes.append((f"{', ' if number else '→ '}{node_name(node)}{sign}", pen))
        # What comes next matters at the end of a branch; elsewhere the row above says what came.
        first, second = (comes, wrote) if tip else (wrote, comes)
        return [*first, ("  ", "muted"), *second] if first and second else first or second


def when(at: float) -> str:
    """When a checkpoint was made: on the run's axis, or how long before this session."""
    return duration(at) if at >= 0 else ago(0.0, -at)


def _wrote(write: Write) -> str:
    name = cut(one_line(write.channel), 30) or "value"
    return f"{name} +{write.items}" if write.items else f"{name} ×{write.tasks}" if write.tasks > 1 else name


class HistoryPane(Pane):
    """The checkpoints that were seen, as a tree."""

    title = "History"
    shows = ("state", "header")

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.rows = HistoryRows(view)
        self._run: object = None

    def compose(self) -> Iterator[Widget]:
        yield self.rows

    @property
    def badge(self) -> str:
        count = len(self.view.run.checkpoints)
        return f"{count:,}" if count else ""

    def sync(self) -> None:
        run = self.view.run
        lanes = self.rows.lanes
        if run is not self._run or len(run.checkpoints) < len(lanes):
            self._run = run
            lanes = Lanes()
            self.rows.forget()
            self.rows.changes.forget()
        lanes.extend(run.checkpoints)
        self.rows.forget_texts()
        self.rows.show(lanes)

    def find(self, text: str) -> bool:
        """Go to the next older checkpoint whose row or id contains `text`; from the top again after the last."""
        rows, needle = self.rows, text.casefold()
        count = rows.row_count()
        for offset in range(1, count + 1):
            index = (rows.cursor + offset) % count
            checkpoint = rows._checkpoint(index)
            name, pieces = rows._text(index)
            if needle in f"{name}  {''.join(piece for piece, _ in pieces)}  {checkpoint.id}".casefold():
                rows.move_to(index)
                return True
        return False

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        if event.by_user:
            self.post_message(CheckpointSelected(event.key))
