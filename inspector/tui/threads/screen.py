"""The browser of saved threads: the list, filtered and sorted; what is done with threads is in `tui.threads.deeds`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import Reactive
from textual.timer import Timer
from textual.widget import Widget

from inspector.core.saved import Library, ThreadKey
from inspector.core.text import one_line
from inspector.core.threadtable import COLUMNS
from inspector.tui.threads.deeds import Deeds
from inspector.tui.threads.rows import ThreadRows
from inspector.tui.threads.topline import TopLine, of_library
from inspector.tui.widgets.keyline import KeyLine
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.statusline import StatusLine

if TYPE_CHECKING:
    from inspector.tui.threads.filterbar import FilterBar

_BEAT = 0.05  # seconds between two looks at what was read
_IDLE = 0.25


class ThreadsScreen(Deeds):
    """Shows a library. `Opened` says which thread the developer wants to see; `can_leave` whether there is something
    below to go back to."""

    class Opened(Message):
        """The developer opens a thread."""

        def __init__(self, key: ThreadKey) -> None:
            super().__init__()
            self.key = key

    class Painted(Message):
        """The list has been drawn for the first time."""

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "filter", "filter", tooltip="Show only threads that match: id, status:, tag:, key:value"),
        Binding("s", "sort", "sort", tooltip="Sort by the next column"),
        Binding("S", "turn", "Sort the other way round", show=False),
        Binding("I", "inbox", "inbox", tooltip="The questions that all threads wait for an answer to"),
        *Deeds.DEEDS,
        Binding("a", "mark_all", "Mark all that are shown, or none", show=False),
        Binding("f", "follow", "follow", tooltip="Show what other programs write as it lands"),
        Binding("f5,r", "again", "Read the files again", show=False),
        Binding("o", "file", "Open another file", show=False),
        Binding("escape", "back", "back", key_display="esc"),
        Binding("ctrl+p", "palette", "commands", key_display="^p"),
        Binding("question_mark", "help", "help"),
        Binding("q,ctrl+q", "quit", "quit"),
    ]
    DEFAULT_CSS = """
    ThreadsScreen > StatusLine { display: none; }
    ThreadsScreen.-said > StatusLine { display: block; }
    """

    def __init__(self, library: Library, *, can_leave: bool = False) -> None:
        super().__init__()
        self.library = library
        self.can_leave = can_leave
        self.top = TopLine()
        self.rows = ThreadRows(library)
        self.status = StatusLine()
        self.text = ""  # the filter
        self._timer: Timer | None = None
        self._filter_bar: FilterBar | None = None

    def compose(self) -> Iterator[Widget]:
        yield self.top
        yield self.rows
        yield self.status
        yield KeyLine()

    def on_mount(self) -> None:
        self.library.begin()
        self.set_focus(self.rows, scroll_visible=False)
        self._beat()

    def on_screen_resume(self) -> None:
        self.rows.sync()
        self._say()

    def _beat(self) -> None:
        if self.is_current and self.library.drain():
            self.rows.sync()
            self.refresh_bindings()
        self._say()
        if self._timer is not None and self._filter_bar is None:
            self._make_filter_bar()  # not before the first paint, which it would make later
            self.library.go_on()
        self._timer = self.set_timer(_BEAT if self.library.busy else _IDLE, self._beat)

    def _say(self) -> None:
        library = self.library
        self.top.say(of_library(library, self.text))
        problem = next((f"{file.name}: {file.problem}" for file in library.files if file.problem), "")
        self.status.say((("✖ ", "failed"), (problem, "failed")) if problem else ())
        self.set_class(bool(problem), "-said")
        nothing = self._nothing()
        if nothing != self.rows.empty:
            self.rows.empty = nothing
            self.rows.refresh()

    def _nothing(self) -> str:
        files = self.library.files
        if any(file.reading for file in files):
            return "Reading the threads…"
        if self.text:
            return f"No thread matches {one_line(self.text, 60)}. Escape shows all again."
        if all(file.problem for file in files):
            return "Nothing can be shown of this file."
        where = "this file has" if len(files) == 1 else "these files have"
        return f"There are no threads: {where} no checkpoints in it. `f` follows what is written to it."

    # ------------------------------------------------------------------ what can be done now

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        table = self.library.table
        if action in ("sort", "turn", "filter", "mark_all", "inbox"):
            return bool(table.listings)
        if action == "back":
            return bool(self.text or table.chosen or self.can_leave)
        return super().check_action(action, parameters)

    def changed(self) -> None:
        """What is shown, or marked, is something else."""
        self.rows.sync()
        self._say()
        self.refresh_bindings()

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.post_message(self.Opened(event.key))

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self.refresh_bindings()

    @on(ThreadRows.Sorted)
    def _sort_by(self, event: ThreadRows.Sorted) -> None:
        event.stop()
        self.library.table.sort(event.column)
        self._sorted()

    # ------------------------------------------------------------------ the list

    def action_sort(self) -> None:
        table = self.library.table
        table.sort(COLUMNS[(COLUMNS.index(table.column) + 1) % len(COLUMNS)])
        self._sorted()

    def action_turn(self) -> None:
        self.library.table.sort(self.library.table.column)
        self._sorted()

    def _sorted(self) -> None:
        self.rows.reset()
        self.changed()

    def action_mark_all(self) -> None:
        table = self.library.table
        table.choose(table.shown, not set(table.shown) <= table.chosen)
        self.changed()

    def action_filter(self) -> None:
        self._make_filter_bar().open()

    def _make_filter_bar(self) -> FilterBar:
        from inspector.tui.threads.filterbar import FilterBar

        if self._filter_bar is None:
            self._filter_bar = FilterBar()
            self.mount(self._filter_bar, before=self.rows)
        return self._filter_bar

    @property
    def filtering(self) -> bool:
        """Whether the filter is being typed."""
        return self._filter_bar is not None and self._filter_bar.line.has_focus

    def filter(self, text: str) -> None:
        """Show the threads that match a text."""
        if text != self.text:
            self.text = text
            self.library.filter(text)
            self._sorted()

    def to_list(self) -> None:
        """Give the keyboard back to the list."""
        self.set_focus(self.rows, scroll_visible=False)

    def action_follow(self) -> None:
        self.library.follow = not self.library.follow
        self._say()

    def action_again(self) -> None:
        self.library.refresh()
        self._say()

    def action_file(self) -> None:
        """Open another file beside those that are open."""
        from inspector.tui.screens.ask import AskScreen

        def check(text: str) -> None:
            self.library.open(Path(text.strip()).expanduser())

        def opened(text: str | None) -> None:
            if text is not None:
                self.changed()

        self.app.push_screen(
            AskScreen("Open another file", "A checkpoint file of LangGraph (SQLite).", placeholder="FILE", check=check),
            opened,
        )

    def action_inbox(self) -> None:
        from inspector.tui.threads.inbox import InboxScreen

        self.app.push_screen(InboxScreen(self.library))

    def action_back(self) -> None:
        """One thing less at a time: the filter, the marks, the screen."""
        table = self.library.table
        if self.text:
            self._make_filter_bar().clear()
        elif table.chosen:
            table.chosen.clear()
            self.changed()
        elif self.can_leave:
            self.dismiss()

    def action_palette(self) -> None:
        from textual.command import CommandPalette

        from inspector.tui.palette import CommandProvider

        self.app.push_screen(CommandPalette(providers=[CommandProvider], placeholder="Find a command"))

    def action_help(self) -> None:
        from inspector.tui.screens.help import HelpScreen, keys_of

        lines = [("Saved threads", "", ""), *keys_of(self), ("", "", ""), ("The list", "", ""), *keys_of(self.rows)]
        self.app.push_screen(HelpScreen(lines=lines))

    async def action_quit(self) -> None:
        await self.app.action_quit()
