"""The watch expressions, each with its value at the checkpoint that is shown: add, change, take away, see over time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.called import moment_name
from inspector.core.graphinfo import GraphInfo
from inspector.core.nodes import Checkpoint
from inspector.core.outline import summary
from inspector.core.states import States
from inspector.core.text import one_line
from inspector.core.values import Unreadable
from inspector.core.view import State, View
from inspector.core.watches import Watch, watch
from inspector.errors import BreakpointError, InspectorError
from inspector.tui.panes.base import ShowText
from inspector.tui.screens.ask import AskScreen
from inspector.tui.screens.dialog import Dialog
from inspector.tui.screens.viewer import TextViewer
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.rows import RowList

_HELP = "Python, to look with only: budget, len(messages), state.days['one'], [m.type for m in messages], step"


@dataclass(frozen=True, slots=True)
class Shown:
    """The checkpoint that values are for, and its state where it has been fetched."""

    checkpoint: Checkpoint
    state: State


class WatchRows(RowList):
    """One row an expression."""

    FOLLOWS = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "change", key_display="⏎")]

    empty = "Nothing is watched. a adds an expression, such as len(messages)."

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view
        self.shown: Shown | None = None

    @property
    def watches(self) -> Sequence[Watch]:
        return self.view.watches

    def row_count(self) -> int:
        return len(self.watches)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        longest = max(len(watch.text) for watch in self.watches)
        room = max(8, min(longest, width // 2))
        watch = self.watches[index]
        text: str = "…"
        pen: Style | None = self.pen("muted")
        if self.shown is not None:
            value = watch.value(self.shown.state, self.shown.checkpoint)
            failed = isinstance(value, Unreadable)
            text, pen = (one_line(value.reason), self.pen("muted")) if failed else (summary(value, 300), None)
        return strip_of([(fit(one_line(watch.text, 200), room) + "  ", self.pen("accent")), (text, pen)], width)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return bool(self.watches) if action == "choose" else super().check_action(action, parameters)


class WatchesScreen(Dialog[str | None]):
    """Changes the watches of `view`; `keep` stores them. Dismissed with a checkpoint to look at, or None.

    `moment` is what values are shown for, None before the first checkpoint; `suggested` is an expression to begin with.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a,plus", "add", "add", key_display="a"),
        Binding("delete,backspace,x", "drop", "take away", key_display="x"),
        Binding("v", "over_time", "over time"),
        Binding("escape,q,W", "dismiss(None)", "close", key_display="esc"),
    ]
    DEFAULT_CSS = """
    WatchesScreen WatchRows { height: auto; min-height: 3; max-height: 20; margin: 1 0; }
    WatchesScreen.-small WatchRows { height: 1fr; max-height: 100%; margin: 0; }
    """

    def __init__(
        self,
        view: View,
        states: States,
        keep: Callable[[Sequence[str]], None],
        moment: Checkpoint | None,
        suggested: str = "",
    ) -> None:
        where = f" at {moment_name(moment, moment.ns)}" if moment is not None else ""
        super().__init__(f"Watches{where}")
        self.view = view
        self.states = states
        self.rows = WatchRows(view)
        self._keep = keep
        self._moment = moment
        self._suggested = suggested

    def body(self) -> Iterator[Widget]:
        yield self.rows

    def on_mount(self) -> None:
        self._changed()
        self.rows.focus()
        if self._moment is not None:
            self.run_worker(self._fetch(self._moment), exit_on_error=True)
        if not self.view.watches:
            self.rows.call_after_refresh(self.action_add)

    async def _fetch(self, checkpoint: Checkpoint) -> None:
        self.rows.shown = Shown(checkpoint, await self.states.load(checkpoint.id, checkpoint.ns))
        self.rows.refresh()

    @property
    def _graph(self) -> GraphInfo | None:
        return self.view.graph

    def _changed(self) -> None:
        self.rows.styles.height = max(3, min(20, len(self.view.watches)))
        self.rows.model_changed()
        self.rows.refresh()
        self.refresh_bindings()

    def _set(self, watches: Sequence[Watch]) -> None:
        self.view.watch(watches)
        self._changed()
        try:
            self._keep([watch.text for watch in watches])
        except InspectorError as error:  # they are shown all the same
            self.notify(one_line(str(error)), severity="error", markup=False)

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("drop", "over_time"):
            return bool(self.view.watches) and (action == "drop" or self._moment is not None)
        return super().check_action(action, parameters)

    def action_add(self) -> None:
        suggested, self._suggested = self._suggested, ""
        self._ask("Watch an expression", suggested, None)

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self._ask("Change the expression", self.view.watches[event.index].text, event.index)

    def _ask(self, title: str, text: str, index: int | None) -> None:
        graph = self._graph

        def taken(text: str | None) -> None:
            if text is None or not text.strip():
                return
            made = watch(text.strip(), graph)
            watches = list(self.view.watches)
            if index is None:
                watches.append(made)
            else:
                watches[index] = made
            self._set(watches)
            self.rows.move_to(len(watches) - 1 if index is None else index)

        self.app.push_screen(AskScreen(title, _HELP, value=text, check=lambda text: _check(text, graph)), taken)

    def action_drop(self) -> None:
        watches = list(self.view.watches)
        if 0 <= self.rows.cursor < len(watches):
            del watches[self.rows.cursor]
            self._set(watches)

    def action_over_time(self) -> None:
        from inspector.tui.panes.evolution import EvolutionScreen

        moment = self._moment
        if moment is None or not 0 <= self.rows.cursor < len(self.view.watches):
            return
        watched = self.view.watches[self.rows.cursor]

        def chosen(checkpoint: str | None) -> None:
            if checkpoint is not None:
                self.dismiss(checkpoint)

        screen = EvolutionScreen(self, self.view, self.states, (), moment.ns, moment.id, watch=watched)
        self.app.push_screen(screen, chosen)

    @on(ShowText)
    def _show_text(self, event: ShowText) -> None:
        event.stop()
        self.app.push_screen(TextViewer(event.title, event.text))


def _check(text: str, graph: GraphInfo | None) -> None:
    if not text.strip():
        raise BreakpointError("Type an expression, such as len(messages).")
    watch(text.strip(), graph)
