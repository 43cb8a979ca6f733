"""The tools pane: one row per tool call, from the moment that a model begins to write its arguments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from inspector.core.nodes import Node, Span
from inspector.core.toolcalls import Call, ToolCalls
from inspector.core.view import View
from inspector.tui.panes.base import NodeSelected, Pane, ShowNode
from inspector.tui.panes.tool_rows import AskedBy, ToolRows
from inspector.tui.widgets.rows import RowList

_FOOT_FROM = 5  # rows of the pane from which the line about the current call is shown


class ToolsPane(Pane):
    """Shows `core.toolcalls`. Says `NodeSelected` when the developer moves, `ShowNode` on enter."""

    title = "Tools"
    shows = ("tools", "tokens", "tasks")

    DEFAULT_CSS = """
    ToolsPane {
        & > ToolRows { height: 1fr; }
        & > AskedBy { height: 1; dock: bottom; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("F", "failed", "Failed only")]

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.rows = ToolRows(ToolCalls(view.run))
        self.foot = AskedBy()
        self._selected: Node | None = view.selected
        self._failures = 0

    def compose(self) -> Iterator[Widget]:
        yield self.rows
        yield self.foot

    def on_mount(self) -> None:
        self.sync()

    @property
    def badge(self) -> str:
        self._same_run()
        calls = self.rows.calls
        calls.sync()
        count, failed = len(calls.rows), len(calls.failed)
        return (f"{count:,}" if count else "") + (f" ✖{failed:,}" if failed else "")

    def sync(self) -> None:
        self._same_run()
        self.rows.calls.sync()
        self.rows.model_changed()
        self._follow_selection()
        self._about()
        failures = len(self.rows.calls.failed)
        if failures != self._failures:
            self._failures = failures
            self.refresh_bindings()

    def _same_run(self) -> None:
        if self.rows.calls.run is not self.view.run:
            self.rows.restart(ToolCalls(self.view.run))

    def _follow_selection(self) -> None:
        """When the run is over, a tool call that is selected elsewhere is found here."""
        selected = self.view.selected
        if selected is self._selected:
            return
        self._selected = selected
        if isinstance(selected, Span) and selected.type == "tool" and self.view.run.phase != "running":
            self.rows.go_to(selected)

    def _about(self) -> None:
        self.foot.say(self.view.run, self.rows.current())

    def on_resize(self) -> None:
        self.foot.display = self.size.height >= _FOOT_FROM

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._about()
        call: Call = event.key
        if event.by_user and call.node is not None and call.node is not self.view.selected:
            self._selected = call.node
            self.post_message(NodeSelected(call.node))

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        call: Call = event.key
        if call.node is not None:
            self.post_message(ShowNode(call.node))

    def action_failed(self) -> None:
        """Show only the calls that failed, or all again."""
        self.rows.toggle_failed()
        self._about()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.rows.calls.failed) or self.rows.failed_only if action == "failed" else True

    def find(self, text: str) -> bool:
        """Go to the next call that has the text in its name, arguments or result."""
        return self.rows.find(text)
