"""The timeline pane: what ran, when, inside what, and how it went. The first place the eye goes.

It owns the keys and the messages; `core.timeline` has the rows, `timeline_rows` draws them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from textual import on
from textual.widget import Widget

from inspector.core.nodes import Invocation, Node
from inspector.core.outline import whole
from inspector.core.rowtree import Row
from inspector.core.timeline import Timeline
from inspector.core.values import decode
from inspector.core.view import View
from inspector.tui.panes.base import NodeSelected, Pane, ShowNode, ShowText
from inspector.tui.panes.timeline_rows import TimelineRows
from inspector.tui.widgets.rows import RowList


class TimelinePane(Pane):
    """Follows `view.selected` when something else selects a node; says with `NodeSelected` where the cursor is."""

    title = "Timeline"
    shows = ("tasks",)

    DEFAULT_CSS = """
    TimelinePane > TimelineRows { height: 1fr; }
    """

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.rows = TimelineRows(view)
        self._posted: deque[Node | None] = deque(maxlen=64)  # selections of ours that the view does not have yet
        self._selected: Node | None = view.selected
        self._continuing = False

    def compose(self) -> Iterator[Widget]:
        yield self.rows

    def on_mount(self) -> None:
        self.sync()

    def sync(self) -> None:
        rows = self.rows
        if rows.timeline.run is not self.view.run:
            rows.restart(Timeline(self.view.run))
            self._posted.clear()
            self._selected = None
        more = rows.timeline.sync()
        rows.model_changed()
        self._follow_selection()
        if more and not self._continuing:  # a long recording comes in pieces, so that keys are answered between them
            self._continuing = True
            self.set_timer(0.02, self._continue)

    def _continue(self) -> None:
        self._continuing = False
        self.sync()

    def _follow_selection(self) -> None:
        selected = self.view.selected
        if selected is self._selected:
            return
        self._selected = selected
        if selected in self._posted:
            while self._posted and self._posted.popleft() is not selected:
                pass
            return
        self._posted.clear()
        if selected is not None:
            self.rows.go_to(selected)

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        row: Row = event.key
        node = row.node or row.task
        if node is not self.view.selected:
            self._posted.append(node)
            self.post_message(NodeSelected(node, by_user=event.by_user))

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        row: Row = event.key
        node = row.node or row.task
        if node is not None:
            self.post_message(ShowNode(node))
        elif isinstance(row.thing, Invocation):
            self.post_message(ShowText("input", whole(decode(row.thing.event.input))))
        else:
            self.rows.action_toggle_fold()

    def follow(self) -> None:
        self.rows.following = True

    def find(self, text: str) -> bool:
        """Go to the next row that has the text in its name, label, error or question."""
        return self.rows.find(text)
