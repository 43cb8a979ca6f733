"""The breakpoints of the graph: a list to switch, change and remove them, and a line to write another one in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from rich.style import Style
from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input

from inspector.core.aiming import words
from inspector.core.breakpoints import Breakpoint, format_spec, node_paths, parse_spec, validate
from inspector.core.graphinfo import GraphInfo
from inspector.core.text import one_line, plural
from inspector.core.view import View
from inspector.errors import InspectorError
from inspector.tui.screens.dialog import Dialog
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.editors import Line
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.statusline import StatusLine

_FORMS = "NODE   before: after: error: NODE   tool:NAME   model   change:KEY   … if CONDITION   … hits N"
_ROWS = 12  # shown at a time

Change = Callable[[Sequence[Breakpoint]], Awaitable[None]]


class BreakpointRows(RowList):
    """One a row."""

    FOLLOWS = False
    empty = "It stops nowhere. Write below where it is to stop, or press b on a task or a node."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", "On / off", key_display="space"),
        Binding("enter,e", "change", "Change", key_display="⏎"),
        Binding("d,delete", "remove_one", "Remove"),
        Binding("D", "remove_all", "Remove all"),
        Binding("a", "add", "Add"),
    ]

    class Wanted(Message):
        """The developer wants something done with the breakpoint at the cursor (None: there is none)."""

        def __init__(self, what: str, index: int | None) -> None:
            super().__init__()
            self.what = what
            self.index = index

    def __init__(self, view: View) -> None:
        super().__init__()
        self.view = view

    def row_count(self) -> int:
        return len(self.view.breakpoints)

    def row_key(self, index: int) -> Any:
        return self.view.breakpoints[index].id

    def index_of(self, key: Any) -> int | None:
        return next((index for index, point in enumerate(self.view.breakpoints) if point.id == key), None)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        point = self.view.breakpoints[index]
        muted = self.pen("muted")
        stops = self.view.run.stops.get(point.id, 0)
        rest = f"  if {one_line(point.condition, 300)}" if point.condition else ""
        parts: list[tuple[str, Style | None]] = [
            ("• " if point.enabled else "◦ ", self.pen("error") if point.enabled else muted),
            (fit("on" if point.enabled else "off", 5), muted),
            (words(point.kind, point.target), self.pen("strong") if point.enabled else muted),
            (rest, None if point.enabled else muted),
            (f"  from hit {point.hits}" if point.hits > 1 else "", muted),
            (f"  stopped {plural(stops, 'time')}" if stops else "", self.pen("warning")),
        ]
        return strip_of(parts, width)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("switch", "change", "remove_one", "remove_all"):
            return bool(self.view.breakpoints)
        return True

    def _want(self, what: str) -> None:
        self.post_message(self.Wanted(what, self.cursor if 0 <= self.cursor < self.row_count() else None))

    def action_switch(self) -> None:
        self._want("switch")

    def action_change(self) -> None:
        self._want("change")

    def action_choose(self) -> None:
        self._want("change")

    def action_remove_one(self) -> None:
        self._want("remove")

    def action_remove_all(self) -> None:
        self._want("clear")

    def action_add(self) -> None:
        self._want("add")


class BreakpointsScreen(Dialog[None]):
    """`change` replaces the breakpoints, and raises `InspectorError` for what is refused."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "Take it", key_display="⏎"),
        Binding("escape", "leave", "Close", key_display="esc"),
        Binding("q,B", "dismiss(None)", "Close", show=False),
    ]
    DEFAULT_CSS = """
    BreakpointsScreen BreakpointRows { height: auto; min-height: 2; max-height: 12; margin: 1 0; }
    BreakpointsScreen Line { background: $panel; padding: 0 1; height: 1; width: 100%; }
    BreakpointsScreen.-small BreakpointRows { margin: 0; min-height: 1; height: 1fr; max-height: 100%; }
    """

    def __init__(self, view: View, change: Change) -> None:
        super().__init__("Breakpoints")
        self.view = view
        self.rows = BreakpointRows(view)
        self.line = Line("stop at …   (a node, tool:NAME, change:KEY, …)")
        self._said = StatusLine()
        self._change = change
        self._editing: Breakpoint | None = None

    def body(self) -> Iterator[Widget]:
        yield self.rows
        yield self.line
        yield self._said

    def on_mount(self) -> None:
        if self.view.graph is not None:
            self.line.suggester = SuggestFromList(suggestions(self.view.graph), case_sensitive=True)
        self._changed()
        self._judge()
        (self.rows if self.view.breakpoints else self.line).focus()
        if self.view.breakpoints:
            self.rows.move_to(0)

    def _changed(self) -> None:
        self.rows.styles.height = None if self.has_class("-small") else max(2, min(self.rows.row_count(), _ROWS))
        self.rows.model_changed()
        self.rows.refresh()
        self.refresh_bindings()

    def on_resize(self) -> None:
        super().on_resize()
        self._changed()

    # ------------------------------------------------------------------ what is typed

    def _typed(self) -> Breakpoint | None:
        """What the line says. Raises `BreakpointError`; None where nothing is typed."""
        if not self.line.value.strip():
            return None
        before = self._editing
        typed = parse_spec(self.line.value, id=before.id if before is not None else "")
        if self.view.graph is not None:
            validate(typed, self.view.graph)
        return replace(typed, enabled=before.enabled if before is not None else True)

    def _judge(self) -> None:
        try:
            typed = self._typed()
        except InspectorError as error:
            self._said.say((("✖ ", "failed"), (str(error), "failed")))
            return
        if typed is None:
            self._said.say(((_FORMS, "quiet"),))
        else:
            when = f" if {typed.condition}" if typed.condition else ""
            hits = f", from hit {typed.hits} on" if typed.hits > 1 else ""
            self._said.say((("✔ ", "now"), (f"stops {words(typed.kind, typed.target)}{when}{hits}", "plain")))

    @on(Input.Changed)
    def _line_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._judge()

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.line.has_focus if action == "take" else super().check_action(action, parameters)

    def on_descendant_focus(self) -> None:
        self.refresh_bindings()

    def action_take(self) -> None:
        """Take what the line says."""
        try:
            typed = self._typed()
        except InspectorError:
            return  # the line below says it
        if typed is None:
            return
        points = list(self.view.breakpoints)
        at = next((index for index, point in enumerate(points) if point.id == typed.id), None)
        if at is None:
            points.append(typed)
        else:
            points[at] = typed
        self._apply(points, typed.id)

    def action_leave(self) -> None:
        """From the line to the list, from the list out."""
        if self.line.has_focus and self.view.breakpoints:
            self._write(None)
            self.rows.focus()
        else:
            self.dismiss(None)

    def _write(self, point: Breakpoint | None) -> None:
        self._editing = point
        self.line.value = format_spec(point) if point is not None else ""
        self.line.cursor_position = len(self.line.value)
        self._judge()

    @on(BreakpointRows.Wanted)
    def _wanted(self, event: BreakpointRows.Wanted) -> None:
        event.stop()
        points = list(self.view.breakpoints)
        point = points[event.index] if event.index is not None and event.index < len(points) else None
        if event.what == "add" or (event.what == "change" and point is not None):
            self._write(point if event.what == "change" else None)
            self.line.focus()
        elif event.what == "clear":
            self._apply([])
        elif point is not None and event.index is not None:
            if event.what == "switch":
                points[event.index] = replace(point, enabled=not point.enabled)
            else:
                del points[event.index]
            self._apply(points)

    def _apply(self, points: list[Breakpoint], written: str = "") -> None:
        self.run_worker(self._carry_out(points, written), exit_on_error=True)

    async def _carry_out(self, points: list[Breakpoint], written: str) -> None:
        try:
            await self._change(points)
        except InspectorError as error:
            self._said.say((("✖ ", "failed"), (str(error), "failed")))
            return
        self._changed()
        if written:
            self._write(None)
            self.rows.focus()
            self.rows.move_to(self.rows.index_of(written) or 0)
        elif not points:
            self.line.focus()


def suggestions(graph: GraphInfo) -> list[str]:
    """Texts that a line about where to stop may be completed to."""
    nodes = ["/".join(path) for path, _ in node_paths(graph)]
    keys = [channel.name for info in graph.walk() for channel in info.channels if channel.is_state]
    tools = [tool for info in graph.walk() for node in info.nodes for tool in node.tools]
    found = [
        *nodes,
        *(f"{kind}:{node}" for kind in ("before", "after", "error") for node in nodes),
        *(f"tool:{tool}" for tool in tools), "model", "error", *(f"change:{key}" for key in keys),
    ]  # fmt: skip
    return [one_line(text, 200) for text in dict.fromkeys(found)]
