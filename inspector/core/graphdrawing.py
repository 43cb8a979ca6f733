"""A graph's topology as a drawing: boxes for nodes, opened subgraphs drawn inside theirs, lines for edges.

The drawing says where everything is and what it is; colours and what happens in a run come with the painting.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from inspector.core.arrangement import Engine, barycentres
from inspector.core.graphinfo import END, START, EdgeInfo, GraphInfo, NodeInfo
from inspector.core.layout import Direction, Item, Link
from inspector.core.routing import Picture, draw
from inspector.core.text import one_line

NodePath: TypeAlias = tuple[str, ...]
"""The names of the nodes from the root graph to a node."""

Where: TypeAlias = Literal["up", "down", "left", "right"]

_LABEL = 30  # characters of a node's name that are shown
_DEEP = 8  # levels of subgraphs that can be drawn inside one another


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node in the drawing. `opens`: it has a graph inside; `open`: that is drawn. `loops`: it has an edge to itself.
    `bare`: start and end, which have no box."""

    path: NodePath
    info: NodeInfo
    label: str
    x: int
    y: int
    width: int
    height: int
    opens: bool = False
    open: bool = False
    loops: bool = False

    @property
    def bare(self) -> bool:
        return self.info.kind in ("start", "end")


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A character of a line: the edges that run through it, as paths of their nodes."""

    glyph: str
    edges: frozenset[tuple[NodePath, NodePath]]


@dataclass(slots=True)
class Drawing:
    """A drawn graph, in cells. `nodes` come outer before inner, each graph's in the order of the graph; `ports` are
    characters on the borders of boxes."""

    width: int = 0
    height: int = 0
    nodes: list[DrawnNode] = field(default_factory=list)
    lines: dict[tuple[int, int], DrawnLine] = field(default_factory=dict)
    ports: dict[tuple[int, int], str] = field(default_factory=dict)

    def add(self, other: Drawing, x: int, y: int) -> None:
        """Put another drawing into this one."""
        self.nodes.extend(replace(node, x=node.x + x, y=node.y + y) for node in other.nodes)
        self.lines.update({(at[0] + x, at[1] + y): line for at, line in other.lines.items()})
        self.ports.update({(at[0] + x, at[1] + y): glyph for at, glyph in other.ports.items()})


def label_of(node: NodeInfo) -> str:
    """The name of a node as it is drawn."""
    return {START: "start", END: "end"}.get(node.id) or one_line(node.id, _LABEL)


def inner_graph(root: GraphInfo, path: NodePath, node: NodeInfo) -> GraphInfo | None:
    """The graph inside a node of the graph at `path`, if it is known and not one that it is itself inside of."""
    if node.subgraph is None:
        return None
    inner = root.subgraph(node.subgraph)
    return inner if inner is not None and inner.nodes and len(path) < _DEEP else None


def edges_of(info: GraphInfo) -> list[EdgeInfo]:
    """The edges to be drawn: those of the graph, and one to each node that takes over when another raises."""
    handlers = [
        EdgeInfo(node.id, node.error_handler, conditional=True, label="error")
        for node in info.nodes
        if node.error_handler
    ]
    return [*info.edges, *handlers]


def draw_graph(
    root: GraphInfo,
    opened: Collection[NodePath] = (),
    direction: Direction = "down",
    engine: Engine = barycentres,
    cells: Callable[[str], int] = len,
) -> Drawing:
    """Draw a graph, with the subgraphs at the paths in `opened` drawn inside their nodes.

    `cells` says how wide a text is on the screen. Raises nothing for graphs that make no sense: edges to unknown nodes
    are left out.
    """
    return _draw(root, root, (), opened, direction, engine, cells)


def _draw(
    root: GraphInfo,
    info: GraphInfo,
    path: NodePath,
    opened: Collection[NodePath],
    direction: Direction,
    engine: Engine,
    cells: Callable[[str], int],
) -> Drawing:
    edges = edges_of(info)
    loops = {edge.source for edge in edges if edge.source == edge.target}
    inside: dict[str, Drawing] = {}
    items: list[Item] = []
    opens: set[str] = set()
    nodes = sorted(info.nodes, key=lambda node: (node.kind == "end", node.kind != "start"))
    for node in nodes:
        here = (*path, node.id)
        inner = inner_graph(root, path, node)
        if inner is not None:
            opens.add(node.id)
            if here in opened:
                inside[node.id] = _draw(root, inner, here, opened, direction, engine, cells)
        items.append(_item(node, inside.get(node.id), node.id in opens, node.id in loops, cells))
    links = [Link(edge.source, edge.target, edge.conditional or edge.guessed) for edge in edges]
    picture = draw(items, links, direction, engine)
    drawing = Drawing(picture.width, picture.height)
    for node in info.nodes:
        box = picture.boxes.get(node.id)
        if box is not None:
            place = (box.x, box.y, box.width, box.height)
            drawing.nodes.append(
                DrawnNode((*path, node.id), node, label_of(node), *place, node.id in opens, node.id in inside,
                          node.id in loops)
            )  # fmt: skip
    _lines(drawing, picture, path)
    for id_, inner_drawing in inside.items():
        box = picture.boxes[id_]
        drawing.add(
            inner_drawing,
            box.x + max(2, (box.width - inner_drawing.width) // 2),
            box.y + (box.height - inner_drawing.height) // 2,
        )
    return drawing


def _item(node: NodeInfo, inside: Drawing | None, opens: bool, loops: bool, cells: Callable[[str], int]) -> Item:
    width = cells(label_of(node))
    if node.kind in ("start", "end"):
        return Item(node.id, width + 2, 1, bare=True)
    # A border and a space at each side, room for a symbol before the name, and signs for what it does after it.
    width += 6 + (2 if opens else 0) + (2 if loops else 0)
    if inside is not None:
        return Item(node.id, max(width + 4, inside.width + 4), inside.height + 2)
    return Item(node.id, width, 3)


def _lines(drawing: Drawing, picture: Picture, path: NodePath) -> None:
    for at, mark in picture.marks.items():
        edges = frozenset(((*path, source), (*path, target)) for source, target in mark.links)
        drawing.lines[at] = DrawnLine(mark.glyph, edges)
    drawing.ports.update(picture.ports)


def in_order(info: GraphInfo) -> list[NodeInfo]:
    """The nodes of a graph in the order that a run passes them, as far as there is one: layer by layer."""
    from inspector.core.layout import layered

    items = [Item(node.id, 3, 1) for node in sorted(info.nodes, key=lambda n: (n.kind == "end", n.kind != "start"))]
    layers = layered(items, [Link(edge.source, edge.target) for edge in edges_of(info)])
    depth = {id_: place.layer for id_, place in layers.places.items()}
    last = max(depth.values(), default=0) + 1
    return sorted(info.nodes, key=lambda node: last if node.kind == "end" else depth.get(node.id, last))


# ---------------------------------------------------------------------- from node to node


def nearest(drawing: Drawing, here: DrawnNode, where: Where) -> DrawnNode | None:
    """The nearest node in a direction, what is straight ahead counting as nearer; None if there is none."""
    found = [
        (distance, node.path, node)
        for node in drawing.nodes
        if node is not here and (distance := _distance(here, node, where)) is not None
    ]
    return min(found)[2] if found else None


def _distance(here: DrawnNode, there: DrawnNode, where: Where) -> float | None:
    if _inside(here, there) or _inside(there, here):
        return None
    ax, ay = here.x + here.width / 2, here.y + here.height / 2
    bx, by = there.x + there.width / 2, there.y + there.height / 2
    dx, dy = bx - ax, (by - ay) * 2  # a cell is about twice as high as it is wide
    along, across = {"up": (-dy, dx), "down": (dy, dx), "left": (-dx, dy), "right": (dx, dy)}[where]
    apart = {
        "up": there.y + there.height <= here.y, "down": there.y >= here.y + here.height,
        "left": there.x + there.width <= here.x, "right": there.x >= here.x + here.width,
    }[where]  # fmt: skip
    return along + 2 * abs(across) if apart else None


def _inside(outer: DrawnNode, inner: DrawnNode) -> bool:
    return inner.path[: len(outer.path)] == outer.path
