"""The output pane: logs and prints, custom events, progress, retrieved documents, errors; one list at a time."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.timer import Timer
from textual.widget import Widget

from inspector.core.clock import live_now
from inspector.core.outputs import Outputs
from inspector.core.view import View
from inspector.tui.panes.base import NodeSelected, Pane
from inspector.tui.panes.output_lines import CustomList, LogList
from inspector.tui.panes.output_list import OutputList
from inspector.tui.panes.output_tabs import OutputTabs
from inspector.tui.panes.output_things import DocumentList, ErrorList, ProgressList
from inspector.tui.widgets.progressbar import ProgressStrip
from inspector.tui.widgets.rows import RowList

_BUDGET = 0.006  # seconds that taking in new events may take before the screen is painted


class OutputPane(Pane):
    """Left and right go through the lists. Until the developer does, the first list that has anything is shown."""

    title = "Output"
    shows = ("output", "header")

    DEFAULT_CSS = """
    OutputPane {
        & > OutputList { height: 1fr; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,comma", "go(-1)", "Other lists", key_display="← →"),
        Binding("right,full_stop", "go(1)", "Next list", show=False),
    ]

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.outputs = Outputs(view.run)
        kinds = (LogList, CustomList, ProgressList, DocumentList, ErrorList)
        self.lists: list[OutputList] = [kind(self.outputs) for kind in kinds]
        self.current: OutputList = self.lists[0]
        self.tabs = OutputTabs()
        self.strip = ProgressStrip()
        self._chosen = False
        self._tick: Timer | None = None

    def compose(self) -> Iterator[Widget]:
        yield self.tabs
        yield self.strip
        yield from self.lists

    def on_mount(self) -> None:
        for one in self.lists:
            one.display = one is self.current
        self.sync()

    @property
    def badge(self) -> str:
        run = self.view.run
        count = run.log_count + run.custom_count
        self._same_run()
        self.outputs.take_failures()
        failed = len(self.outputs.problems)
        return (f"{count:,}" if count else "") + (f" ✖{failed:,}" if failed else "")

    def sync(self) -> None:
        run = self.view.run
        self._same_run()
        deadline = perf_counter() + _BUDGET
        more = self.outputs.sync(deadline)
        for one in self.lists:
            if isinstance(one, LogList):
                more = one.lines.sync(deadline) or more
        if not self._chosen and not self.current.count:
            self._switch(next((one for one in self.lists if one.count), self.current))
        self.current.model_changed()
        running = self.outputs.tracker.running()
        room = 0 if isinstance(self.current, ProgressList) else (self.size.height - 2) // 3
        self.strip.show(self.outputs.tracker.bars, live_now(run), room)
        self.tabs.show([(one.tab, one.count) for one in self.lists], self.current.tab)
        if self._tick is None and (more or running):
            self._tick = self.set_timer(0.02 if more else 0.25, self._ticked)

    def _same_run(self) -> None:
        if self.outputs.run is not self.view.run:
            self.outputs = Outputs(self.view.run)
            for one in self.lists:
                one.restart(self.outputs)

    def _ticked(self) -> None:
        self._tick = None
        if self.display and self.is_mounted:
            self.sync()

    def on_resize(self) -> None:
        self.sync()

    # ------------------------------------------------------------------ keys and mouse

    def action_go(self, by: int) -> None:
        """Show the next or the previous list."""
        self.open(self.lists[(self.lists.index(self.current) + by) % len(self.lists)])

    def open(self, one: OutputList) -> None:
        """Show a list, by the developer's choice."""
        self._chosen = True
        self._switch(one)
        self.sync()

    def _switch(self, one: OutputList) -> None:
        before, self.current = self.current, one
        if before is one:
            return
        focused = before.has_focus
        one.display = True
        if focused:
            self.screen.set_focus(one, scroll_visible=False)
        before.display = False

    @on(OutputTabs.Chosen)
    def _tab_chosen(self, event: OutputTabs.Chosen) -> None:
        event.stop()
        self.open(next(one for one in self.lists if one.tab == event.tab))

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        if event.by_user and isinstance(event.rows, OutputList) and event.rows is self.current:
            node = self.current.node_at(event.rows.cursor) if event.rows.cursor >= 0 else None
            if node is not None and node is not self.view.selected:
                self.post_message(NodeSelected(node))

    @on(RowList.Chosen)
    def _opened(self, event: RowList.Chosen) -> None:
        event.stop()
        if isinstance(event.rows, OutputList) and event.rows.cursor < event.rows.row_count():
            message = event.rows.opened(event.rows.cursor)
            if message is not None:
                self.post_message(message)

    def find(self, text: str) -> bool:
        """Go to the next row of the list that has the text."""
        return self.current.find(text)
