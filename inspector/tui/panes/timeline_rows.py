"""The list of the timeline pane: its keys, what it is zoomed to, and finding."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.strip import Strip

from inspector.core.axis import Axis, fitting
from inspector.core.clock import live_now
from inspector.core.labels import Labels
from inspector.core.nodes import Node, Task
from inspector.core.rowtree import Row
from inspector.core.text import one_line
from inspector.core.timeline import Timeline
from inspector.core.view import View
from inspector.tui.panes.timeline_draw import Painter, columns, indent
from inspector.tui.panes.timeline_text import notes_of, title_of
from inspector.tui.widgets.rows import RowList


class TimelineRows(RowList):
    """The list. `timeline` is its model."""

    empty = "No task has run yet. Tasks, and the models and tools they call, appear here as they begin."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Detail", key_display="⏎"),
        Binding("space", "toggle_fold", "Fold", key_display="space"),
        Binding("left,h", "out", "Out", show=False),
        Binding("right,l", "into", "In", show=False),
        Binding("z", "zoom", "Zoom time"),
        Binding("full_stop", "everything", "All spans", key_display="."),
        Binding("end", "follow", "Follow newest", key_display="End"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "timeline--bar", "timeline--inner", "timeline--later", "timeline--here", "timeline--line",
    }  # fmt: skip
    DEFAULT_CSS = """
    TimelineRows {
        & > .timeline--bar { color: $foreground 55%; }
        & > .timeline--inner { color: $foreground 32%; }
        & > .timeline--later { color: $text-disabled; }
        & > .timeline--here { color: $warning; text-style: bold; }
        & > .timeline--line { color: $foreground 25%; }
    }
    """

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
        self.timeline = Timeline(view.run)
        self.painter = Painter(view.run, self.timeline, Labels(), self)
        self._zoomed: Row | None = None

    def restart(self, timeline: Timeline) -> None:
        """Show another run, from its beginning."""
        self.timeline = timeline
        self.painter = Painter(timeline.run, timeline, Labels(), self)
        self._zoomed = None
        self.forget()

    # ------------------------------------------------------------------ the list

    def row_count(self) -> int:
        return len(self.timeline)

    def row_key(self, index: int) -> Any:
        return self.timeline.row(index)[0]

    def index_of(self, key: Any) -> int | None:
        return self.timeline.index_of(key)

    def row_version(self, index: int) -> Any:
        return self.painter.version(*self.timeline.row(index))

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self.painter.forget()

    def model_changed(self) -> None:
        painter, run = self.painter, self.timeline.run
        painter.now = live_now(run)
        painter.here = None if self.view.live else self.view.checkpoint
        painter.digits = max(painter.digits, len(str(run.step)))
        painter.axis = self._axis()
        painter.marks.update(self.view)
        super().model_changed()

    def current(self) -> Row | None:
        """The row that the cursor is on."""
        return self.timeline.row(self.cursor)[0] if 0 <= self.cursor < len(self.timeline) else None

    def go_to(self, node: Node) -> None:
        """Put the cursor on a task or span, opening what it is folded into."""
        row = self.timeline.row_of(node)
        current = self.current()
        if row is None or (current is not None and row.node is current.node):
            return
        self.timeline.reveal(row)
        self._changed()
        index = self.timeline.index_of(row)
        if index is not None:
            self.move_to(index)

    def find(self, text: str) -> bool:
        """Go to the next row below the cursor (or from the top again) that has the text."""
        needle = text.casefold()
        found: Row | None = None
        current, passed = self.current(), False
        for row in self.timeline.walk():
            if row is current:
                passed = True
            elif (found is None or passed) and needle in self._words(row).casefold():
                found = row
                if passed:
                    break
        if found is None:
            return False
        self.timeline.reveal(found)
        self._changed()
        self.move_to(self.timeline.index_of(found) or 0)
        return True

    def _words(self, row: Row) -> str:
        parts = [text for text, _ in title_of(row, self.painter.labels, self)]
        parts += [text for text, _ in notes_of(row, self.timeline.run, self.painter.labels, self)]
        return " ".join(parts)

    # ------------------------------------------------------------------ keys and mouse

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "follow":
            return not self.following
        if action == "toggle_fold":
            row = self.current()
            return row is not None and self.timeline.foldable(row)
        if action in ("zoom", "everything", "choose"):
            return len(self.timeline) > 0
        return True

    def watch_following(self) -> None:
        self.refresh_bindings()

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self.refresh_bindings()

    def action_toggle_fold(self) -> None:
        row = self.current()
        if row is not None and self.timeline.foldable(row):
            self._fold(row, not self.timeline.folded(row))

    def action_out(self) -> None:
        """Fold the row; if there is nothing to fold, go to the row that it is in."""
        row = self.current()
        if row is None:
            return
        if self.timeline.foldable(row) and not self.timeline.folded(row):
            self._fold(row, True)
        elif (parent := self.timeline.parent_of(row)) is not None:
            self.move_to(self.timeline.index_of(parent) or 0)

    def action_into(self) -> None:
        """Open the row; if it is open, go to the first row in it."""
        row = self.current()
        if row is None or not self.timeline.foldable(row):
            return
        if self.timeline.folded(row):
            self._fold(row, False)
        else:
            self.move_to(self.cursor + 1)

    def _fold(self, row: Row, folded: bool) -> None:
        self.following = False
        self.timeline.fold(row, folded)
        self._changed()

    def _changed(self) -> None:
        self.model_changed()
        self.refresh_bindings()

    def action_everything(self) -> None:
        """Show the plumbing too, or hide it again."""
        self.timeline.everything = not self.timeline.everything
        self._changed()

    def action_zoom(self) -> None:
        """Fit the time axis to what the row is in; then to the row itself; then to everything again."""
        row = self.current()
        if row is None:
            return
        parent = self.timeline.parent_of(row)
        if self._zoomed is None and parent is not None:
            self._zoomed = parent
        elif self._zoomed is not None and self._zoomed is not parent:
            self._zoomed = None
        else:
            self._zoomed = row
        self._changed()

    def row_clicked(self, index: int, x: int) -> bool:
        row, depth = self.timeline.row(index)
        cols = columns(self.row_width, self.painter.digits)
        left = 2 + cols.step + indent(depth, cols)
        if left <= x < left + 3 and self.timeline.foldable(row):
            self.action_toggle_fold()
            return True
        return False

    # ------------------------------------------------------------------ drawing

    def _axis(self) -> Axis:
        row = self._zoomed
        if row is None:
            return fitting(self.painter.now)
        if row.ended is None:
            return fitting(self.painter.now, row.started)
        return Axis(row.started, max(row.ended, row.started + 0.0001))

    def header(self, width: int) -> Strip | None:
        title = "   task"
        if self._zoomed is not None:
            node = self._zoomed.node or self._zoomed.task
            name = node.node if isinstance(node, Task) else node.name if node is not None else self._zoomed.kind
            title += f"  zoomed on {one_line(name, 60)}"
        if self.timeline.everything:
            title += "  all spans"
        return self.painter.header(width, title)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        row, depth = self.timeline.row(index)
        return self.painter.row(row, depth, width)
