"""The streams pane: what every `stream_mode` would have sent in this run, so that one can pick the right one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.events import StreamCount
from inspector.core.text import size
from inspector.core.view import View
from inspector.tui.panes.base import Pane, ShowText
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.rows import RowList


@dataclass(frozen=True, slots=True)
class Mode:
    """A stream mode: what it carries, in one line and at length."""

    name: str
    carries: str
    explained: str


MODES: tuple[Mode, ...] = (
    Mode("values", "the whole state after every superstep",
         "Each chunk is the whole state. Simple to use, and the dearest: it grows with the state, every step again."),
    Mode("updates", "what each node returned, by node",
         "Each chunk maps a node to what it wrote. The usual choice to show progress, or to keep a copy of the state."),
    Mode("messages", "the tokens of every model, as they come",
         "Each chunk is a pair: a message chunk and metadata that says the node. The choice for a chat window."),
    Mode("custom", "what nodes send themselves",
         "Whatever nodes and tools write with get_stream_writer(): progress, partial results, anything serialisable."),
    Mode("tasks", "every task as it starts and ends",
         "A chunk with the input when a task starts, and one with its result, error or interrupts when it ends."),
    Mode("checkpoints", "every checkpoint as it is saved",
         "Each chunk is a snapshot as get_state() gives it: values, metadata, next, tasks. Needs a checkpointer."),
    Mode("debug", "tasks and checkpoints, wrapped, with step and time",
         "The chunks of tasks and of checkpoints, each in an envelope with step, timestamp and type."),
)  # fmt: skip

_BARE = 66  # at narrower widths the description is left to the detail


def how_to(mode: str) -> str:
    """The call that subscribes to a mode."""
    return f'graph.astream(..., stream_mode="{mode}")'


def in_full(mode: str) -> str:
    """The code that subscribes to a mode."""
    return f'async for chunk in graph.astream(input, config, stream_mode="{mode}"):\n    print(chunk)'


class StreamRows(RowList):
    """One row a mode."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "How to subscribe"),
        Binding("y", "copy", "Copy the code"),
    ]

    DEFAULT_CSS = """
    StreamRows { height: 1fr; }
    """

    FOLLOWS = False

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view

    def row_count(self) -> int:
        return len(MODES)

    def row_key(self, index: int) -> Any:
        return MODES[index].name

    def index_of(self, key: Any) -> int | None:
        return next((n for n, mode in enumerate(MODES) if mode.name == key), None)

    def row_version(self, index: int) -> Any:
        return self.view.run.streams.get(MODES[index].name) or ""

    def header(self, width: int) -> Strip:
        title = "mode" if width < 30 else "stream_mode"
        carries = "   carries" if width >= _BARE else ""
        if carries and len(self.view.run.invocations) > 1:
            carries += " (counted since the newest input or answer)"
        return strip_of(
            [(fit(f"  {title}", 14) + self._numbers("chunks", "bytes", "average", width) + carries, None)], width
        )

    def _numbers(self, chunks: str, total: str, average: str, width: int) -> str:
        if width < 24:
            return fit(chunks, 6, "right")
        wide = fit(average, 10, "right") if width >= 44 else ""
        return fit(chunks, 9, "right") + fit(total, 10, "right") + wide

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        mode = MODES[index]
        count = self.view.run.streams.get(mode.name)
        quiet = count is None or not count.chunks
        parts: list[tuple[str, Style | None]] = [(fit(f"  {mode.name}", 14), self.pen("muted" if quiet else "strong"))]
        numbers = self._numbers("–", "–", "–", width) if count is None else self._counts(count, width)
        parts.append((numbers, self.pen("muted") if quiet else None))
        if width >= _BARE:
            parts.append((f"   {mode.carries}", self.pen("muted")))
        return strip_of(parts, width)

    def _counts(self, count: StreamCount, width: int) -> str:
        about = "" if count.exact or not count.bytes else "~"
        average = f"{about}{size(round(count.bytes / count.chunks))}" if count.chunks else "–"
        return self._numbers(f"{count.chunks:,}", f"{about}{size(count.bytes)}", average, width)

    def action_copy(self) -> None:
        if 0 <= self.cursor < len(MODES):
            self.app.copy_to_clipboard(in_full(MODES[self.cursor].name))
            self.notify("Copied the code that subscribes.", timeout=3, markup=False)


class HowTo(Widget):
    """The line of code for the mode that the cursor is on, and what to know about it."""

    DEFAULT_CSS = """
    HowTo { height: 3; border-top: solid $border-blurred; padding: 0 1; }
    """

    def __init__(self, rows: StreamRows) -> None:
        super().__init__()
        self._rows = rows

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        index = self._rows.cursor
        if not 0 <= index < len(MODES):
            return Strip.blank(width, self.rich_style)
        text, pen = ((how_to(MODES[index].name), "accent"), (MODES[index].explained, "muted"))[min(y, 1)]
        return strip_of([(text, self._rows.pen(pen))], width).apply_style(self.rich_style)


class StreamsPane(Pane):
    """What every stream mode would have sent, counted by the debuggee."""

    title = "Streams"
    shows = ("streams",)

    DEFAULT_CSS = """
    StreamsPane { layout: vertical; }
    StreamsPane.-low HowTo { height: 1; border: none; }
    StreamsPane.-lowest HowTo { display: none; }
    """

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.rows = StreamRows(view)
        self._how_to = HowTo(self.rows)

    def compose(self) -> Iterator[Widget]:
        yield self.rows
        yield self._how_to

    def on_mount(self) -> None:
        self.rows.model_changed()

    def on_resize(self) -> None:
        rows = len(MODES) + 1
        self.set_class(self.size.height < rows + 3, "-low")
        self.set_class(self.size.height <= rows, "-lowest")

    def sync(self) -> None:
        self.rows.model_changed()
        self._how_to.refresh()

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._how_to.refresh()

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        mode = MODES[event.index]
        self.post_message(ShowText(f"stream_mode {mode.name}", f"{in_full(mode.name)}\n\n{mode.explained}"))
