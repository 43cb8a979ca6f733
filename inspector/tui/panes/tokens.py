"""The tokens pane: what the models say, as they say it, one column per call; concurrent calls side by side.

It shows the newest call that runs until the developer goes through the calls with `,` and `.`; `n` follows again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from inspector.core.nodes import Node, Span
from inspector.core.view import View
from inspector.tui.panes.base import NodeSelected, Pane, ShowNode
from inspector.tui.panes.stream_column import StreamColumn
from inspector.tui.panes.tokens_choice import newest, window
from inspector.tui.widgets.wrapped import WrappedView

_COLUMN = 38  # cells that a column needs at least beside another
_COLUMNS = 4


class TokensPane(Pane, can_focus=True):
    """Shows `run.models`. Says `NodeSelected` when the developer goes to another call, `ShowNode` on enter. The keys
    for reading go to the column of the current call."""

    title = "Tokens"
    shows = ("tokens", "tasks")

    DEFAULT_CSS = """
    TokensPane {
        & > Horizontal { height: 1fr; }
        & > #tokens-empty { color: $text-muted; text-style: italic; padding: 0 1; height: auto; }
    }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("comma,left", "go(-1)", "Other calls", key_display=", ."),
        Binding("full_stop,right", "go(1)", "Next call", show=False),
        Binding("n", "newest", "Newest call"),
        Binding("enter", "open", "Detail"),
        Binding("m", "markdown", "Markdown"),
        Binding("up,k", "line(-1)", "Up", show=False),
        Binding("down,j", "line(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", "top", "Beginning", show=False),
        Binding("end", "follow", "Follow the end", show=False),
    ]

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.columns = [StreamColumn() for _ in range(_COLUMNS)]
        self.current = -1  # the index of the call that keys go to
        self._chosen: Span | None = None  # by the developer; None: the newest that runs
        self._until: int | None = None  # a choice that holds only while there are so many calls
        self._shown: list[int] = []
        self._selected: Node | None = view.picked
        self._run: object = view.run
        self._before = len(view.run.models)  # calls that were over before anybody looked
        self._can: tuple[bool | None, ...] = ()
        self._tick: Timer | None = None
        self._empty = Static("What models say appears here, token by token.", id="tokens-empty", markup=False)

    def compose(self) -> Iterator[Widget]:
        yield self._empty
        with Horizontal():
            yield from self.columns

    def on_mount(self) -> None:
        for column in self.columns:
            column.display = False
        self.sync()

    # ------------------------------------------------------------------ what callers use

    @property
    def badge(self) -> str:
        count = len(self.view.run.models)
        return f"{count:,}" if count else ""

    @property
    def following(self) -> bool:
        """Whether the newest call is shown, whichever that is."""
        return self._chosen is None

    def sync(self) -> None:
        run = self.view.run
        models = run.models
        if run is not self._run:
            self._run, self._chosen, self._until, self._shown, self.current = run, None, None, [], -1
            self._before = len(models)
        self._follow_selection()
        if self._until is not None and self._until != len(models):
            self._chosen = self._until = None
        self.current = self._index(self._chosen) if self._chosen is not None else newest(models, self.current)
        room = max(1, min(_COLUMNS, self.size.width // _COLUMN))
        self._shown = window(models, self.current, room, self._shown)
        self._draw(models)
        can = tuple(self.check_action(action, ()) for action in ("go", "newest", "open", "markdown"))
        if can != self._can:
            self._can = can
            self.refresh_bindings()

    def _draw(self, models: list[Span]) -> None:
        if self._empty.display == bool(models):
            self._empty.display = not models
        waiting = False
        for slot, column in enumerate(self.columns):
            visible = slot < len(self._shown)
            if column.display != visible:
                column.display = visible
            if visible:
                at = self._shown[slot]
                span = models[at]
                place = f"{at + 1:,}/{len(models):,}" if len(models) > 1 else ""
                column.set_class(slot > 0, "-beside")
                # A call that came and went between two paints is followed like one that was watched.
                follow = span.open or (self.following and at >= self._before)
                chosen = len(self._shown) > 1 and at == self.current
                column.show(self.view.run, span, place, chosen=chosen, follow=follow)
                waiting = waiting or (span.open and span.tokens is not None and not span.tokens.count)
            elif column.span is not None:
                column.forget()
        if waiting and self._tick is None:
            self._tick = self.set_timer(0.25, self._ticked)

    def _ticked(self) -> None:
        self._tick = None
        if self.display and self.is_mounted:
            self.sync()

    def _index(self, span: Span) -> int:
        models = self.view.run.models
        if 0 <= self.current < len(models) and models[self.current] is span:
            return self.current
        return next((at for at in range(len(models) - 1, -1, -1) if models[at] is span), len(models) - 1)

    def _follow_selection(self) -> None:
        """A model call that the developer selects elsewhere is shown, until a newer call begins."""
        selected = self.view.picked
        if selected is self._selected:
            return
        self._selected = selected
        models = self.view.run.models
        if isinstance(selected, Span) and selected.type == "model" and models and selected is not self._chosen:
            is_newest = models[newest(models, self.current)] is selected
            self._chosen, self._until = (None, None) if is_newest else (selected, len(models))

    def on_resize(self) -> None:
        self.sync()

    # ------------------------------------------------------------------ keys and mouse

    @property
    def _body(self) -> WrappedView | None:
        """The text of the current call."""
        return self.columns[self._shown.index(self.current)].body if self.current in self._shown else None

    def action_go(self, by: int) -> None:
        """Go to another call. Going on from the last one follows the newest again."""
        models = self.view.run.models
        if self.current + by >= len(models):
            self.action_newest()
        elif models:
            self._choose(max(0, self.current + by))

    def action_newest(self) -> None:
        """Follow the newest call again."""
        self._chosen = self._until = None
        self.sync()

    def _choose(self, index: int) -> None:
        span = self.view.run.models[index]
        self._chosen, self._until, self.current = span, None, index
        self.sync()
        self._selected = span
        self.post_message(NodeSelected(span))

    def action_open(self) -> None:
        if 0 <= self.current < len(self.view.run.models):
            self.post_message(ShowNode(self.view.run.models[self.current]))

    def action_line(self, by: int) -> None:
        if self._body is not None:
            self._body.action_line(by)

    def action_page(self, by: int) -> None:
        if self._body is not None:
            self._body.action_page(by)

    def action_top(self) -> None:
        if self._body is not None:
            self._body.action_top()

    def action_follow(self) -> None:
        if self._body is not None:
            self._body.action_follow()

    def action_markdown(self) -> None:
        if self._body is not None:
            self._body.action_markdown()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        count = len(self.view.run.models)
        if action == "go":
            return count > 1
        if action == "newest":
            return not self.following
        if action == "open":
            return count > 0
        if action == "markdown":
            return self._body is not None and self._body.check_action("markdown", ())
        return True

    def on_click(self, event: events.Click) -> None:
        """A click on a column makes its call the current one."""
        for column, at in zip(self.columns, self._shown, strict=False):
            if at != self.current and column.region.contains_point(event.screen_offset):
                self._choose(at)
