"""Where the nodes of a graph are drawn in a grid of characters, and which lines run between them.

Layered drawing in three parts. `layered`, here, breaks cycles, puts every node in a layer and leads long edges through
the layers between as bends; `core.arrangement` orders each layer, by a layout library, and gives every node its
position; `core.routing` draws the lines. Edges that go back (loops) meet a node at a port of
their own; two nodes one above the other that call each other share one line.

Everything is worked out with the layers one below the other and turned over for a drawing from left to right: `main`
runs along the layers, `cross` across them. Pure: no library is imported here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal, TypeAlias

Direction: TypeAlias = Literal["down", "right"]
Side: TypeAlias = Literal["top", "bottom"]
Sense: TypeAlias = Literal["on", "back", "both"]
"""Which way a line leads: on to a later layer, back to an earlier one, or both."""


@dataclass(frozen=True, slots=True)
class Item:
    """A node to be placed: its size in cells. `bare` ones have no border that lines could touch."""

    id: str
    width: int
    height: int
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """An edge to be drawn. Edges from a node to itself are left out."""

    source: str
    target: str
    dashed: bool = False


@dataclass(slots=True)
class Place:
    """A node, or a bend of a long edge, in its layer. Positions are cells: `cross` and `main` of its first cell."""

    id: str
    layer: int
    size: int  # across
    length: int = 1  # along
    ports: dict[tuple[Side, bool], int] = field(default_factory=dict)
    """Where edges meet it, as an offset across: at a side, for edges that go on (True) and for loops (False)."""
    bend: bool = False
    cross: int = 0
    main: int = 0


@dataclass(slots=True)
class Piece:
    """Part of links between neighbouring layers: `upper` is nearer to the start. Those of several links that go to the
    same node are one."""

    upper: str
    lower: str
    sense: Sense
    dashed: bool
    links: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Layers:
    """Nodes and bends by layer, and the pieces between them."""

    places: dict[str, Place]
    rows: list[list[str]]
    pieces: list[Piece]


_SIDES: tuple[Side, Side] = ("top", "bottom")


def layered(items: Sequence[Item], links: Iterable[Link], direction: Direction = "down") -> Layers:
    """Put nodes into layers, from the first item on, and cut links into pieces."""
    ids = {item.id for item in items}
    merged: dict[tuple[str, str], bool] = {}
    for link in links:
        if link.source in ids and link.target in ids and link.source != link.target:
            pair = (link.source, link.target)
            merged[pair] = merged.get(pair, True) and link.dashed
    back = _back_edges([item.id for item in items], merged)
    depth = _depths([item.id for item in items], [pair for pair in merged if pair not in back])
    joined = {end for pair in merged for end in pair}
    alone = [item.id for item in items if item.id not in joined]
    if len(alone) < len(items):
        bottom = 1 + max(depth[id_] for id_ in joined)
        depth.update({id_: bottom + number // 4 for number, id_ in enumerate(alone)})
    else:
        depth.update({id_: 0 if number == 0 else 1 + (number - 1) // 4 for number, id_ in enumerate(alone)})

    places = {item.id: _place(item, depth[item.id], direction) for item in items}
    pieces: dict[tuple[str, str, Sense], Piece] = {}
    for (source, target), dashed in merged.items():
        sense: Sense = "back" if (source, target) in back else "on"
        if (target, source) in merged and abs(depth[source] - depth[target]) == 1:
            sense = "both"
        upper, lower = (target, source) if (source, target) in back else (source, target)
        for high, low in _steps(places, upper, lower, target, sense):
            piece = pieces.setdefault((high, low, sense), Piece(high, low, sense, sense != "both"))
            piece.dashed = piece.dashed or dashed if sense == "both" else piece.dashed and dashed
            piece.links.add((source, target))
    _set_ports(places, list(pieces.values()), direction)
    rows: list[list[str]] = [[] for _ in range(1 + max((place.layer for place in places.values()), default=0))]
    for place in places.values():
        rows[place.layer].append(place.id)
    return Layers(places, rows, list(pieces.values()))


def _place(item: Item, layer: int, direction: Direction) -> Place:
    size, length = (item.width, item.height) if direction == "down" else (item.height, item.width)
    return Place(item.id, layer, size, length)


def _set_ports(places: Mapping[str, Place], pieces: Iterable[Piece], direction: Direction) -> None:
    """Two ports at the sides where edges that go on and loops meet, else one in the middle."""
    kinds: dict[tuple[str, Side], set[bool]] = {}
    for piece in pieces:
        kinds.setdefault((piece.upper, "bottom"), set()).add(piece.sense == "on")
        kinds.setdefault((piece.lower, "top"), set()).add(piece.sense == "on")
    mixed = {key for key, found in kinds.items() if len(found) == 2 and not places[key[0]].bend}
    for place in places.values():
        if direction == "right" and place.size == 3 and any(id_ == place.id for id_, _ in mixed):
            place.size = 4  # room for a second line
        for side in _SIDES:
            middle = 1 if direction == "right" and place.size in (3, 4) else place.size // 2
            on, loop = middle, middle
            if (place.id, side) in mixed and place.size >= 7:
                on, loop = middle - 1, middle + 2
            elif (place.id, side) in mixed:
                loop = min(middle + 1, place.size - 1)
            place.ports[side, True], place.ports[side, False] = on, loop


def _steps(places: dict[str, Place], upper: str, lower: str, target: str, sense: Sense) -> list[tuple[str, str]]:
    """The pieces from one node to another, through bends that are shared by all edges to the same target."""
    chain = [upper]
    for layer in range(places[upper].layer + 1, places[lower].layer):
        bend = f"\0{sense}:{layer}:{target}"
        places.setdefault(bend, Place(bend, layer, 1, bend=True))
        chain.append(bend)
    chain.append(lower)
    return list(pairwise(chain))


def _back_edges(ids: Sequence[str], pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges that close a cycle, walking depth first from the first node on."""
    out: dict[str, list[str]] = {id_: [] for id_ in ids}
    for source, target in pairs:
        out[source].append(target)
    back: set[tuple[str, str]] = set()
    state: dict[str, int] = {}  # 1: on the way down, 2: done
    for root in ids:
        if root in state:
            continue
        stack = [(root, iter(out[root]))]
        state[root] = 1
        while stack:
            node, targets = stack[-1]
            for target in targets:
                if state.get(target) == 1:
                    back.add((node, target))
                elif target not in state:
                    state[target] = 1
                    stack.append((target, iter(out[target])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return back


def _depths(ids: Sequence[str], pairs: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest way to each node, in an acyclic graph."""
    out: dict[str, list[str]] = {id_: [] for id_ in ids}
    waiting = dict.fromkeys(ids, 0)
    for source, target in pairs:
        out[source].append(target)
        waiting[target] += 1
    depth = dict.fromkeys(ids, 0)
    ready = [id_ for id_ in ids if not waiting[id_]]
    while ready:
        node = ready.pop()
        for target in out[node]:
            depth[target] = max(depth[target], depth[node] + 1)
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return depth
