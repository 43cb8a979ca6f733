"""A drawn graph on the screen: boxes coloured by what the run does in them, a cursor that goes from box to box.

The drawing is made elsewhere (`core.graphdrawing`); here only the lines that are visible are composed, from the drawing
and from the statuses of its nodes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from inspector.core.graphdrawing import Drawing, DrawnNode, NodePath, Where, nearest
from inspector.core.graphstatus import NodeStatus
from inspector.core.text import number
from inspector.tui.widgets.cells import cut
from inspector.tui.widgets.drawn import Drawn

SYMBOLS: dict[str | None, tuple[str, str]] = {
    "running": ("●", "running"), "ok": ("✔", "ok"), "error": ("✖", "error"), "interrupted": ("‖", "interrupted"),
    "cancelled": ("⊘", "quiet"), "next": ("○", "next"), None: (" ", "quiet"),
}  # fmt: skip
"""A node's status (`next`: it would run next), as the symbol before its name and the pen it is drawn with."""

_LIGHT, _HEAVY = "╭─╮│╰╯", "┏━┓┃┗┛"
_HEAVY_PORTS = {"├": "┣", "┤": "┫", "┬": "┳", "┴": "┻"}
Chunk = tuple[int, str, Style]


def status_of(status: NodeStatus | None, following: bool) -> str | None:
    """The key into `SYMBOLS`. What goes on or went wrong comes before what would be next."""
    shown = status.status if status is not None else None
    return "next" if following and shown in (None, "ok", "cancelled") else shown


class GraphCanvas(ScrollView, Drawn, can_focus=True):
    """Shows a `Drawing`. `statuses` and `following` are read at every painting."""

    ALLOW_SELECT = False
    PENS = "graph"

    DEFAULT_CSS = """
    GraphCanvas {
        scrollbar-size: 1 1;
        & > .graph--line { color: $text-disabled; }
        & > .graph--hot { color: $accent; text-style: bold; }
        & > .graph--quiet { color: $text-muted; }
        & > .graph--ok { color: $foreground; }
        & > .graph--running { color: $accent; text-style: bold; }
        & > .graph--next { color: $accent; }
        & > .graph--error { color: $error; text-style: bold; }
        & > .graph--interrupted { color: $warning; text-style: bold; }
        & > .graph--cursor { color: $primary; text-style: bold; }
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "graph--line", "graph--hot", "graph--quiet", "graph--ok", "graph--running", "graph--next", "graph--error",
        "graph--interrupted", "graph--cursor",
    }  # fmt: skip

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "go('up')", "Up", show=False),
        Binding("down,j", "go('down')", "Down", show=False),
        Binding("left,h", "go('left')", "Left", show=False),
        Binding("right,l", "go('right')", "Right", show=False),
        Binding("home", "first", "First", show=False),
        Binding("end", "now", "Where it runs", show=False),
        Binding("enter", "choose", "Open"),
        Binding("space", "fold", "Open / close subgraph", show=False),
    ]

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No rule depends on the focus, so its styles need not be worked out anew."""

    class Chosen(Message):
        """The developer opened a node (enter, or a double click)."""

        def __init__(self, node: DrawnNode) -> None:
            super().__init__()
            self.node = node

    class Folded(Message):
        """The developer wants the subgraph of a node drawn, or no longer."""

        def __init__(self, node: DrawnNode) -> None:
            super().__init__()
            self.node = node

    class Moved(Message):
        """The cursor is on another node."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing = Drawing()
        self.statuses: Mapping[NodePath, NodeStatus] = {}
        self.following: Collection[NodePath] = ()
        self.marks: Mapping[NodePath, bool] = {}  # nodes with breakpoints, and whether one of them is on
        self.cursor: NodePath | None = None
        self.tracking = True  # the window goes where the run is, until the developer moves
        self._rows: dict[int, list[tuple[int, int]]] = {}  # the cells of lines, by row
        self._by_path: dict[NodePath, DrawnNode] = {}

    # ------------------------------------------------------------------ what the pane uses

    def show(self, drawing: Drawing) -> None:
        """Exchange the drawing. The cursor stays on its node, or goes to the node that this one is inside of."""
        self.drawing = drawing
        self._by_path = {node.path: node for node in drawing.nodes}
        self._rows = {}
        for x, y in sorted(drawing.lines):
            self._rows.setdefault(y, []).append((x, y))
        while self.cursor and self.cursor not in self._by_path:
            self.cursor = self.cursor[:-1]
        if not self.cursor:
            self.cursor = next((node.path for node in drawing.nodes if not node.bare), None)
        self.virtual_size = Size(drawing.width, drawing.height)
        self.refresh()
        self.post_message(self.Moved())

    def current(self) -> DrawnNode | None:
        """The node that the cursor is on."""
        return self._by_path.get(self.cursor) if self.cursor is not None else None

    def move_to(self, path: NodePath) -> None:
        """Put the cursor on a node and bring it into view."""
        node = self._by_path.get(path)
        if node is None:
            return
        self.cursor = path
        self._bring(node)
        self.refresh()
        self.post_message(self.Moved())

    def track(self) -> None:
        """Bring what runs now into view, unless the developer has moved the window."""
        if not self.tracking:
            return
        paths = [path for path, status in self.statuses.items() if status.running] or list(self.following)
        inner = max((path for path in paths if path in self._by_path), key=len, default=None)
        if inner is not None:
            self._bring(self._by_path[inner])

    def _bring(self, node: DrawnNode) -> None:
        region = Region(node.x - 1, node.y - 1, node.width + 2, node.height + 2)
        if not node.open:
            self.scroll_to_region(region, animate=False, force=True)
        else:
            self.scroll_to_region(Region(node.x, node.y, min(node.width, 12), 3), animate=False, force=True)

    # ------------------------------------------------------------------ keys and mouse

    def action_go(self, where: Where) -> None:
        """To the nearest node in a direction; where there is none, scroll."""
        self.tracking = False
        here = self.current()
        found = nearest(self.drawing, here, where) if here is not None else None
        if found is not None:
            self.move_to(found.path)
            return
        dx, dy = {"up": (0, -2), "down": (0, 2), "left": (-4, 0), "right": (4, 0)}[where]
        self.scroll_relative(x=dx, y=dy, animate=False)

    def action_first(self) -> None:
        self.tracking = False
        self.scroll_to(0, 0, animate=False)
        if self.drawing.nodes:
            self.move_to(next((node for node in self.drawing.nodes if not node.bare), self.drawing.nodes[0]).path)

    def action_now(self) -> None:
        self.tracking = True
        self.track()
        running = next((path for path, s in self.statuses.items() if s.running and path in self._by_path), None)
        if running is not None:
            self.move_to(running)

    def action_choose(self) -> None:
        node = self.current()
        if node is not None:
            self.post_message(self.Folded(node) if node.opens else self.Chosen(node))

    def action_fold(self) -> None:
        """Open or close the subgraph of a node, or close the one that the node is in."""
        node = self.current()
        if node is not None and not node.opens and len(node.path) > 1:
            node = self._by_path.get(node.path[:-1])
        if node is not None and node.opens:
            self.post_message(self.Folded(node))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        x, y = offset.x + self.scroll_offset.x - self._margin, offset.y + self.scroll_offset.y
        hit = None
        for node in self.drawing.nodes:  # inner ones come last
            if node.x <= x < node.x + node.width and node.y <= y < node.y + node.height:
                hit = node
        if hit is not None:
            event.stop()
            self.tracking = False
            self.cursor = hit.path
            self.refresh()
            self.post_message(self.Moved())
            if event.chain == 2:
                self.action_choose()

    def on_mouse_scroll_up(self) -> None:
        self.tracking = False

    def on_mouse_scroll_down(self) -> None:
        self.tracking = False

    # ------------------------------------------------------------------ drawing

    @property
    def _margin(self) -> int:
        """The cells left of a drawing that is narrower than the window, so that it stands in the middle."""
        return max(0, (self.scrollable_content_region.width - self.drawing.width) // 2)

    def render_line(self, y: int) -> Strip:
        """The visible part of a row of the drawing."""
        width = self.size.width
        row = y + self.scroll_offset.y
        base = self.base
        if row >= self.drawing.height:
            return Strip.blank(width, base)
        chunks = sorted(self._chunks(row), key=lambda chunk: chunk[0])
        segments: list[Segment] = []
        x = 0
        for start, text, style in chunks:
            if start > x:
                segments.append(Segment(" " * (start - x)))
            segments.append(Segment(text, style))
            x = start + cell_len(text)
        start = self.scroll_offset.x - self._margin
        strip = Strip(segments, x)
        if start < 0:
            strip = Strip([Segment(" " * -start), *segments], x - start)
            start = 0
        strip = strip.crop_extend(start, start + width, None)
        return strip.apply_style(base)

    def _chunks(self, y: int) -> Iterator[Chunk]:
        hot = self.pen("hot")
        line_pen = self.pen("line")
        for at in self._rows.get(y, ()):
            line = self.drawing.lines[at]
            yield at[0], line.glyph, hot if any(self._hot(*edge) for edge in line.edges) else line_pen
        for node in self.drawing.nodes:
            if node.y <= y < node.y + node.height:
                yield from self._node(node, y - node.y)

    def _hot(self, source: NodePath, target: NodePath) -> bool:
        """Whether the run has just come along an edge: it is in the target, and has been in the source."""
        status = self.statuses.get(target)
        if status is None or not status.running:
            return False
        before = self.statuses.get(source)
        return source[-1] == "__start__" or (before is not None and before.ended > 0)

    def _node(self, node: DrawnNode, y: int) -> Iterator[Chunk]:
        status = self.statuses.get(node.path)
        symbol, pen_name = SYMBOLS[status_of(status, node.path in self.following)]
        pen = self.pen(pen_name)
        chosen = node.path == self.cursor and self.has_focus
        if node.bare:
            at_cursor = self.pen("cursor") + Style(reverse=True) if chosen else self.pen("quiet")
            yield node.x, f"({node.label})", at_cursor
            return
        corners = _HEAVY if chosen else _LIGHT
        border = self.pen("cursor") if chosen else pen
        if pen_name == "ok" and not chosen:
            border = self.pen("quiet")
        if y == 0 or y == node.height - 1:
            yield from self._border(node, y, corners, border, symbol, pen, status)
            return
        right = node.x + node.width - 1
        for x in (node.x, right):
            yield x, self._edge(x, node.y + y, corners[3]), border
        if not node.open and y == 1:
            signs = (" ▸" if node.opens else "") + (" ⟲" if node.loops else "")
            yield node.x + 2, f"{symbol} ", pen
            yield node.x + 4, node.label, pen
            yield node.x + 4 + cell_len(node.label), signs, self.pen("quiet")

    def _border(
        self, node: DrawnNode, y: int, corners: str, border: Style, symbol: str, pen: Style, status: NodeStatus | None
    ) -> Iterator[Chunk]:
        """The upper border, with how often the node ran and the name of an opened one, or the lower border."""
        left, right = (corners[0], corners[2]) if y == 0 else (corners[4], corners[5])
        title = f" {symbol} {node.label} ▾ " if y == 0 and node.open else ""
        count = f"×{number(status.total)}" if y == 0 and status is not None and status.total > 1 else ""
        title = cut(title, node.width - 4 - len(count))
        mark = self.marks.get(node.path) if y == 0 else None
        if mark is None:
            yield node.x, left, border
        else:
            yield node.x, "•" if mark else "◦", self.pen("error" if mark else "quiet")
        x, end = node.x + 1, node.x + node.width - 1
        if title:
            yield x, corners[1], border
            yield x + 1, title, pen
            x += 1 + cell_len(title)
        stop = end - len(count)
        yield x, "".join(self._edge(at, node.y + y, corners[1]) for at in range(x, stop)), border
        if count:
            yield stop, count, pen
        yield end, right, border

    def _edge(self, x: int, y: int, glyph: str) -> str:
        """A cell of a border: the glyph, or where a line leaves it."""
        port = self.drawing.ports.get((x, y))
        if port is None:
            return glyph
        return _HEAVY_PORTS.get(port, port) if glyph in _HEAVY else port
