"""The graph pane: the topology drawn in characters, alive with what runs in it; or as a list, where that reads better.

A graph is laid out once per set of opened subgraphs, in a thread, and not before the pane is first on display.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import ClassVar, Literal, TypeAlias

from rich.cells import cell_len
from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from inspector.core.aiming import Aim, at_node, at_path
from inspector.core.breakpoints import node_paths
from inspector.core.graphdrawing import Drawing, NodePath, draw_graph
from inspector.core.graphinfo import GraphInfo
from inspector.core.graphlist import facts, graph_lines
from inspector.core.graphstatus import GraphStatus, as_of
from inspector.core.text import one_line
from inspector.core.view import View
from inspector.tui.panes.base import NodeSelected, Pane, ShowNode
from inspector.tui.panes.graph_rows import GraphFacts, GraphRows
from inspector.tui.widgets.graph_canvas import GraphCanvas
from inspector.tui.widgets.layout_engine import netext_engine
from inspector.tui.widgets.rows import RowList

Layout: TypeAlias = Literal["right", "down", "list"]
_MOST = 50  # nodes, above which a list reads better than a drawing
_NARROW = 24
_NAMES: dict[Layout, str] = {"right": "from left to right", "down": "from top to bottom", "list": "as a list"}


class GraphPane(Pane):
    """The topology of the graph."""

    title = "Graph"
    shows = ("tasks", "state", "header")
    aims = True

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("v", "turn", "Across / down / list"),
        Binding("plus", "open_all", "Open all", show=False),
        Binding("minus", "close_all", "Close all", show=False),
    ]

    DEFAULT_CSS = """
    GraphPane { layout: vertical; }
    GraphPane > GraphCanvas { height: 1fr; }
    GraphPane > GraphRows { height: 1fr; }
    GraphPane.-low > GraphFacts { display: none; }
    """

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.canvas = GraphCanvas()
        self.rows = GraphRows()
        self._facts = GraphFacts()
        self.opened: set[NodePath] = set()
        self.layout_name: Layout = "right"
        self._chosen = False  # the developer has chosen the layout
        self._graph: GraphInfo | None = None
        self._drawn: dict[frozenset[NodePath], dict[str, Drawing]] = {}
        self._status = GraphStatus(view.run)
        self._shown: object = None
        self._aimed: tuple[NodePath, GraphInfo | None, Aim | None] = ((), None, None)

    def compose(self) -> Iterator[Widget]:
        yield self.canvas
        yield self.rows
        yield self._facts

    def on_mount(self) -> None:
        self.rows.display = False

    # ------------------------------------------------------------------ what is shown

    def sync(self) -> None:
        view = self.view
        if view.run is not self._status.run:
            self._status = GraphStatus(view.run)
        if view.graph is not self._graph:
            self._graph = view.graph
            self._drawn.clear()
            self.opened.clear()
            self.canvas.cursor = None
            self._lay_out()
        if view.live:
            self._status.update()
            statuses = self._status.nodes
        else:
            statuses = as_of(view.run.tasks.values(), view.checkpoint.at if view.checkpoint is not None else 0.0)
        checkpoint = view.checkpoint
        following = frozenset((node,) for node in checkpoint.next) if checkpoint is not None else frozenset()
        shown = {path: (status.status, status.total) for path, status in statuses.items()}
        marks = self._marks()
        if (shown, following, marks) != self._shown:
            self._shown = (shown, following, marks)
            self.canvas.marks = self.rows.marks = marks
            self.canvas.statuses = self.rows.statuses = statuses
            self.canvas.following = self.rows.next = following
            self.canvas.track()
            self.canvas.refresh()
            self.rows.refresh()
        self._say()

    def _marks(self) -> dict[NodePath, bool]:
        """The nodes that breakpoints are about, and whether one of them is on."""
        points = self.view.breakpoints
        if not points or self._graph is None:
            return {}
        found = ((path, at_path(path, points)) for path, _ in node_paths(self._graph))
        return {path: any(point.enabled for point in at) for path, at in found if at}

    def aim(self) -> Aim | None:
        """Before the node at the cursor."""
        path = self._current() or ()
        if path != self._aimed[0] or self._graph is not self._aimed[1]:
            self._aimed = (path, self._graph, at_node(path, self._graph))
        return self._aimed[2]

    def _lay_out(self) -> None:
        """Draw the graph as it is opened now, in a thread where that has not been done yet."""
        graph = self._graph
        if graph is None:
            self.canvas.show(Drawing())
            self._say()
            return
        self.rows.show(graph_lines(graph, self.opened))
        count = sum(len(info.nodes) for info in graph.walk() if info.path == () or info.path in self.opened)
        if count > _MOST and not self._chosen:
            self.layout_name = "list"
            self._arrange()
        elif frozenset(self.opened) in self._drawn:
            self._show()
        else:
            opened = frozenset(self.opened)

            # Not a coroutine: a worker that is replaced before it begins would leave one behind.
            async def draw() -> None:
                await self._draw(graph, opened)

            self.run_worker(draw, group="layout", exclusive=True)  # type: ignore[arg-type]

    async def _draw(self, graph: GraphInfo, opened: frozenset[NodePath]) -> None:
        drawn = await asyncio.to_thread(_both, graph, opened)
        self._drawn[opened] = drawn
        if graph is self._graph and opened == self.opened:
            self._show()

    def _show(self) -> None:
        drawn = self._drawn.get(frozenset(self.opened))
        if drawn is None:
            self._arrange()
            return
        if not self._chosen:
            self.layout_name = self._best(drawn)
        if self.layout_name != "list":
            self.canvas.show(drawn[self.layout_name])
            self.canvas.track()
        self._arrange()

    def _best(self, drawn: dict[str, Drawing]) -> Layout:
        """The layout that fits the pane, or the one of which most is seen at once."""
        width, height = self.size.width, self.size.height - 1
        if width < _NARROW:
            return "list"

        def hidden(drawing: Drawing) -> float:
            return max(1.0, drawing.width / max(width, 1)) * max(1.0, drawing.height / max(height, 1))

        return "right" if hidden(drawn["right"]) <= hidden(drawn["down"]) else "down"

    def _arrange(self) -> None:
        as_list = self.layout_name == "list"
        had_focus = self.canvas.has_focus or self.rows.has_focus
        if self.rows.display != as_list:
            self._take_cursor_along(as_list)
            self.rows.display, self.canvas.display = as_list, not as_list
            if had_focus:
                (self.rows if as_list else self.canvas).focus()
        self._say()

    def _take_cursor_along(self, to_list: bool) -> None:
        """The cursor is on the same node in both."""
        if to_list:
            index = self.rows.index_of(self.canvas.cursor)
            if index is not None:
                self.rows.move_to(index, by_user=False)
        elif 0 <= self.rows.cursor < len(self.rows.lines):
            self.canvas.move_to(self.rows.lines[self.rows.cursor].path)

    def on_resize(self) -> None:
        self.set_class(self.size.height < 6, "-low")
        if self._graph is not None and not self._chosen:
            self._lay_out()

    # ------------------------------------------------------------------ the cursor

    def _current(self) -> NodePath | None:
        if self.layout_name == "list":
            cursor = self.rows.cursor
            return self.rows.lines[cursor].path if 0 <= cursor < len(self.rows.lines) else None
        return self.canvas.cursor

    def _say(self) -> None:
        """Say what there is to say of the node at the cursor."""
        path = self._current()
        if self._graph is None:
            self._facts.say("The graph is drawn here once it is loaded.")
        elif path is None or (frozenset(self.opened) not in self._drawn and self.layout_name != "list"):
            self._facts.say("Drawing the graph…")
        else:
            self._facts.say(one_line(facts(self._graph, path, self.canvas.statuses.get(path)), 1000))

    @on(GraphCanvas.Moved)
    def _moved(self, event: GraphCanvas.Moved) -> None:
        event.stop()
        self._say()

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._say()

    @on(GraphCanvas.Chosen)
    def _canvas_chosen(self, event: GraphCanvas.Chosen) -> None:
        event.stop()
        self._open(event.node.path)

    @on(GraphCanvas.Folded)
    def _canvas_folded(self, event: GraphCanvas.Folded) -> None:
        event.stop()
        self._fold(event.node.path)

    @on(RowList.Chosen)
    def _row_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        line = self.rows.lines[event.index]
        if line.opens:
            self._fold(line.path)
        else:
            self._open(line.path)

    def _open(self, path: NodePath) -> None:
        """Show the newest task of a node."""
        status = self.canvas.statuses.get(path)
        if status is None or status.last is None:
            self.notify(f"{one_line(path[-1])} has not run yet.", timeout=3, markup=False)
            return
        self.post_message(NodeSelected(status.last))
        self.post_message(ShowNode(status.last))

    def _fold(self, path: NodePath) -> None:
        if path in self.opened:
            self.opened = {other for other in self.opened if other[: len(path)] != path}
        else:
            self.opened.add(path)
        self._lay_out()

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "turn":
            return self._graph is not None
        if action in ("open_all", "close_all"):
            return self._graph is not None and bool(self._graph.subgraphs)
        return super().check_action(action, parameters)

    def action_turn(self) -> None:
        order: list[Layout] = ["right", "down", "list"]
        self.layout_name = order[(order.index(self.layout_name) + 1) % 3]
        self._chosen = True
        self._lay_out()
        self._show()
        self.notify(f"Drawn {_NAMES[self.layout_name]}.", timeout=2, markup=False)

    def action_open_all(self) -> None:
        if self._graph is not None:
            self.opened = {line.path for line in graph_lines(self._graph, None) if line.opens}
            self._lay_out()

    def action_close_all(self) -> None:
        self.opened = set()
        self._lay_out()

    def find(self, text: str) -> bool:
        """Go to the next node whose name contains `text`, opening the subgraphs that it is in."""
        if self._graph is None:
            return False
        lines = graph_lines(self._graph, None)
        here = self._current()
        start = next((n for n, line in enumerate(lines) if line.path == here), -1)
        for offset in range(1, len(lines) + 1):
            path = lines[(start + offset) % len(lines)].path
            if text.casefold() in path[-1].casefold():
                self.opened |= {path[:depth] for depth in range(1, len(path))}
                self.canvas.cursor = path
                self.canvas.tracking = False
                self._lay_out()
                index = self.rows.index_of(path)
                if index is not None:
                    self.rows.move_to(index)
                self.canvas.move_to(path)
                return True
        return False


def _both(graph: GraphInfo, opened: frozenset[NodePath]) -> dict[str, Drawing]:
    """The graph drawn both ways, so that turning it costs nothing and the better one can be chosen."""
    return {
        "right": draw_graph(graph, opened, "right", netext_engine, cell_len),
        "down": draw_graph(graph, opened, "down", netext_engine, cell_len),
    }
