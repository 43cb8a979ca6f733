"""The detail pane: all of the selected task or span. It owns what is shown of it and the states it takes to say so.

States before and after a task's superstep are fetched when the task is looked at, never before.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from inspector.core import superstep
from inspector.core.clock import live_now
from inspector.core.nodes import Node, Span, Task
from inspector.core.view import State, View
from inspector.tui.panes.base import NodeSelected, Pane, ShowText
from inspector.tui.panes.detail_lines import Line, Page, plain
from inspector.tui.panes.detail_span import span_page
from inspector.tui.panes.detail_task import Around, task_page
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.saving import save

_LONGEST_COPY = 100_000  # characters; terminals drop longer ones silently
_KEEP = 8  # states


class DetailRows(RowList):
    """The lines of a page."""

    FOLLOWS = False
    empty = "Select a task or a span in the timeline: what it was given, what it wrote and how it went is shown here."

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Open whole", key_display="⏎"),
        Binding("y", "copy", "Copy"),
        Binding("Y", "save", "Save"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "detail--heading", "detail--role", "detail--number", "detail--reasoning",
    }  # fmt: skip
    DEFAULT_CSS = """
    DetailRows {
        padding: 0 0 0 1;
        & > .detail--heading { color: $primary; text-style: bold; }
        & > .detail--role { color: $secondary; text-style: bold; }
        & > .detail--number { color: $secondary; }
        & > .detail--reasoning { color: $text-muted; text-style: italic; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[Line] = []
        self.title = ""

    def row_count(self) -> int:
        return len(self.lines)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        return strip_of(((text, self.pen(pen) if pen else None) for text, pen in self.lines[index].parts), width)

    def current(self) -> Line | None:
        """The line that the cursor is on."""
        return self.lines[self.cursor] if 0 <= self.cursor < len(self.lines) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "choose":
            line = self.current()
            return line is not None and line.item is not None
        if action in ("copy", "save"):
            return bool(self.lines)
        return True

    def watch_cursor(self, old: int, new: int) -> None:
        super().watch_cursor(old, new)
        self.refresh_bindings()

    def _text(self) -> tuple[str, str]:
        """What the cursor is on, whole; where it is on nothing that opens, the page."""
        line = self.current()
        if line is not None and line.item is not None and line.item.text is not None:
            return line.item.title, line.item.text()
        return self.title, plain(self.lines)

    def action_copy(self) -> None:
        title, text = self._text()
        self.app.copy_to_clipboard(text[:_LONGEST_COPY])
        if len(text) > _LONGEST_COPY:
            title = f"the first {_LONGEST_COPY:,} characters of {title}"
        self.notify(f"Copied {title}, where the terminal allows it; Y saves it to a file.", markup=False)

    def action_save(self) -> None:
        try:
            path = save(*self._text())
        except OSError as error:
            self.notify(f"It cannot be saved: {error.strerror or error}.", severity="error", markup=False)
            return
        self.notify(f"Saved to {path}", markup=False)


class DetailPane(Pane):
    """Shows `view.selected`."""

    title = "Detail"
    shows = ("tasks", "state", "tokens")

    DEFAULT_CSS = """
    DetailPane > DetailRows { height: 1fr; }
    """

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.rows = DetailRows()
        self._node: Node | None = None
        self._drawn: tuple[Any, ...] = ()
        self._states: OrderedDict[str, State] = OrderedDict()
        self._asked: set[str] = set()
        self._needle = ""

    def compose(self) -> Iterator[Widget]:
        yield self.rows

    def on_mount(self) -> None:
        self.sync()

    def on_resize(self) -> None:
        self.sync()

    def sync(self) -> None:
        node = self.view.selected
        if node is not self._node:
            self._node = node
            self._drawn = ()
            self.rows.forget()
            for checkpoint in [id for id, state in self._states.items() if state.problem]:
                del self._states[checkpoint]  # by now it may be found
        around = self._around(node) if isinstance(node, Task) else Around()
        width = self.rows.row_width
        drawn = (width, around.before is not None, around.after is not None, *_signature(node, self.view))
        if drawn == self._drawn:
            return
        self._drawn = drawn
        page = Page(width)
        run = self.view.run
        if isinstance(node, Task):
            task_page(page, run, node, around, live_now(run))
            self.rows.title = node.node
        elif isinstance(node, Span):
            span_page(page, run, node, live_now(run))
            self.rows.title = node.name
        first = not self.rows.lines or self.rows.cursor < 0
        self.rows.lines = page.lines
        self.rows.model_changed()
        if first:
            self.rows.move_to(0)

    # ------------------------------------------------------------------ states

    def _around(self, task: Task) -> Around:
        """The states around a task that ended, as far as they are here; asks for those that are not."""
        if task.ended is None or len(task.writes) <= 1:
            return Around()
        before, after = superstep.checkpoints(self.view.run, task)
        found: list[State | None] = []
        for checkpoint in (before, after):
            if checkpoint is None or after is None:
                found.append(None)
                continue
            state = self._states.get(checkpoint.id)
            if state is None and checkpoint.id not in self._asked:
                self._asked.add(checkpoint.id)
                self.run_worker(self._load(checkpoint.id, task.ns), name="state", exit_on_error=True)
            found.append(state)
        return Around(*found)

    async def _load(self, checkpoint: str, ns: tuple[str, ...]) -> None:
        state = await self.view.state(checkpoint, ns)
        self._states[checkpoint] = state
        self._asked.discard(checkpoint)
        while len(self._states) > _KEEP:
            self._states.popitem(last=False)
        if self.is_attached and self.display:
            self.sync()

    # ------------------------------------------------------------------ messages

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        line = self.rows.current()
        item = line.item if line is not None else None
        if item is None:
            return
        if item.text is not None:
            self.post_message(ShowText(item.title, item.text()))
        elif item.node is not None:
            self.post_message(NodeSelected(item.node))

    def find(self, text: str) -> bool:
        """Go to the next line that has the text."""
        needle = text.casefold()
        count = len(self.rows.lines)
        for step in range(1, count + 1):
            index = (self.rows.cursor + step) % count
            if needle in "".join(part for part, _ in self.rows.lines[index].parts).casefold():
                self.rows.move_to(index)
                return True
        return False


def _signature(node: Node | None, view: View) -> tuple[Any, ...]:
    """What the page of a node depends on: it is made anew when any of this changed."""
    if node is None:
        return ()
    children = len(node.children) if node.children else 0
    tick = 0 if node.ended is not None else int(live_now(view.run) * 2)
    if isinstance(node, Span):
        asked = view.run.asked_by.get(node.call_id) if node.call_id else None
        return (
            node,
            node.status,
            node.ended,
            children,
            node.tokens.count if node.tokens else 0,
            len(node.output),
            asked,
        )
    interrupts = tuple((asked.id, asked.id in view.run.pending) for asked in node.interrupts or ())
    retries = len(node.retries) if node.retries else 0
    return (node, node.status, node.ended, children, retries, interrupts, len(node.writes), len(node.input), tick)
