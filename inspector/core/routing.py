"""The lines of a layered drawing: tracks between the layers, corners, crossings, arrows, as characters in a grid.

What leaves one node shares a line until it parts; what goes to one node joins before the arrow. Where two lines only
cross, the one along the layers is drawn through. Edges that go back have lines of their own, with the arrow at the
upper end; nodes that call each other share one with arrows at both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from inspector.core.arrangement import Engine, arrange, barycentres, port
from inspector.core.layout import Direction, Item, Layers, Link, Piece, Place, Sense, layered

_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
SOLID = " │││─╯╮┤─╰╭├─┴┬┼"  # by mask
DASHED = SOLID.replace("│", "╎").replace("─", "╌")


@dataclass(frozen=True, slots=True)
class Box:
    """A node in the drawing, in cells."""

    id: str
    x: int
    y: int
    width: int
    height: int


@dataclass(slots=True)
class Mark:
    """A character of a line, and the `(source, target)` pairs of the edges that run through it."""

    glyph: str
    links: set[tuple[str, str]] = field(default_factory=set)


@dataclass(slots=True)
class Picture:
    """A drawing: boxes by id, characters of lines by `(x, y)`, and on the borders of boxes where lines leave."""

    width: int
    height: int
    boxes: dict[str, Box]
    marks: dict[tuple[int, int], Mark]
    ports: dict[tuple[int, int], str]


@dataclass(slots=True)
class _Net:
    """Pieces that share a line: those with the same upper end and sense."""

    hub: int
    pieces: list[Piece]
    ends: list[int]  # where each piece meets its lower end
    track: int = -1

    @property
    def span(self) -> tuple[int, int]:
        return min(self.hub, *self.ends), max(self.hub, *self.ends)

    @property
    def straight(self) -> bool:
        return all(end == self.hub for end in self.ends)


def draw(
    items: Sequence[Item], links: Sequence[Link], direction: Direction = "down", engine: Engine = barycentres
) -> Picture:
    """Lay out and draw a graph. The first item is where it begins. Costs little for the few dozen nodes that can be
    looked at; the engine's own cost comes on top."""
    layers = layered(items, links, direction)
    arrange(layers, engine, gap=2 if direction == "down" else 0)
    return _Drawing(layers, {item.id: item for item in items}, direction).picture()


class _Drawing:
    """Draws one layout. Works in `(cross, main)` and turns it over at the end."""

    def __init__(self, layers: Layers, items: Mapping[str, Item], direction: Direction) -> None:
        self.layers = layers
        self.items = items
        self.right = direction == "right"
        self.cells: dict[tuple[int, int], list[tuple[_Net, int, bool, set[tuple[str, str]]]]] = {}
        self.arrows: dict[tuple[int, int], tuple[str, set[tuple[str, str]]]] = {}
        self.ports: dict[tuple[int, int], str] = {}

    def picture(self) -> Picture:
        nets = self._nets()
        main = 0
        ends: list[int] = []
        for number, row in enumerate(self.layers.rows):
            length = max((self.layers.places[id_].length for id_ in row), default=1)
            for id_ in row:
                place = self.layers.places[id_]
                place.main = main
                if place.bend:
                    place.length = length
            main += length
            ends.append(main)
            if number < len(nets):
                main += self._room(nets[number])
        for number, between in enumerate(nets):
            self._lines(between, ends[number], self.layers.places[self.layers.rows[number + 1][0]].main - 1)
        return self._turned(main)

    def _nets(self) -> list[list[_Net]]:
        """The nets between each layer and the next."""
        places = self.layers.places
        found: list[dict[tuple[str, Sense], _Net]] = [{} for _ in self.layers.rows[1:]]
        for piece in self.layers.pieces:
            upper, lower = places[piece.upper], places[piece.lower]
            net = found[upper.layer].setdefault(
                (piece.upper, piece.sense), _Net(port(upper, "bottom", piece.sense), [], [])
            )
            net.pieces.append(piece)
            net.ends.append(port(lower, "top", piece.sense))
        nets = [list(between.values()) for between in found]
        for between in nets:
            self._assign_tracks(between)
        return nets

    def _assign_tracks(self, nets: list[_Net]) -> None:
        """Give every net that is not straight a track of its own, or one that it shares with nets beside it.

        A net whose upper line comes down in the column where another goes on downwards has to turn before that one.
        """
        bent = [net for net in nets if not net.straight]
        before: dict[int, set[int]] = {number: set() for number in range(len(bent))}
        for number, net in enumerate(bent):
            for other_number, other in enumerate(bent):
                if other is not net and other.hub in net.ends and net.hub != other.hub:
                    before[number].add(other_number)
        order = sorted(range(len(bent)), key=lambda number: bent[number].span)
        done: dict[int, int] = {}
        while order:
            free = [number for number in order if before[number] <= done.keys()]
            number = free[0] if free else order[0]
            order.remove(number)
            net = bent[number]
            track = 1 + max((done[other] for other in before[number] if other in done), default=-1)
            while any(bent[other].track == track and _in_the_way(net, bent[other]) for other in done):
                track += 1
            net.track = done[number] = track

    def _room(self, nets: list[_Net]) -> int:
        """How many cells are needed between two layers."""
        tracks = 1 + max((net.track for net in nets), default=-1)
        back = self._comes_back(nets)
        if self.right:
            return max(3, tracks + 3 + back)
        return max(1, tracks + 1 + back)

    def _comes_back(self, nets: list[_Net]) -> bool:
        """Whether there are arrows at the upper end."""
        return any(net.pieces[0].sense != "on" and not self.layers.places[net.pieces[0].upper].bend for net in nets)

    def _lines(self, nets: list[_Net], start: int, end: int) -> None:
        """Draw the nets between two layers; `start` and `end` are the first and the last cell between them."""
        places = self.layers.places
        first_track = start + self._comes_back(nets) + self.right
        for net in nets:
            upper, sense = places[net.pieces[0].upper], net.pieces[0].sense
            begin = upper.main + upper.length
            for piece, to in zip(net.pieces, net.ends, strict=True):
                self._line(net, piece, begin, first_track + net.track if net.track >= 0 else -1, to, end)
                lower = places[piece.lower]
                if sense != "back" and not lower.bend:
                    self._arrow(to, end, "▶" if self.right else "▼", piece)
                elif not lower.bend:
                    self._port(lower, to, lower.main, "┤" if self.right else "┴")
                if sense != "on" and not upper.bend:
                    self._arrow(net.hub, begin, "◀" if self.right else "▲", piece)
            if sense == "on" and not upper.bend:
                self._port(upper, net.hub, begin - 1, "├" if self.right else "┬")
        for id_ in {piece.lower for net in nets for piece in net.pieces if places[piece.lower].bend}:
            self._bend(id_, nets)

    def _line(self, net: _Net, piece: Piece, begin: int, track: int, to: int, end: int) -> None:
        links, dashed = piece.links, piece.dashed
        if track < 0 or to == net.hub:
            for main in range(begin, end + 1):
                self._put(net, to, main, _UP | _DOWN, dashed, links)
            return
        for main in range(begin, track):
            self._put(net, net.hub, main, _UP | _DOWN, dashed, links)
        toward, away = (_RIGHT, _LEFT) if to > net.hub else (_LEFT, _RIGHT)
        self._put(net, net.hub, track, _UP | toward, dashed, links)
        for cross in range(min(net.hub, to) + 1, max(net.hub, to)):
            self._put(net, cross, track, _LEFT | _RIGHT, dashed, links)
        self._put(net, to, track, away | _DOWN, dashed, links)
        for main in range(track + 1, end + 1):
            self._put(net, to, main, _UP | _DOWN, dashed, links)

    def _bend(self, id_: str, nets: list[_Net]) -> None:
        """The stretch of a long edge that passes through a layer."""
        place = self.layers.places[id_]
        pieces = [(net, piece) for net in nets for piece in net.pieces if piece.lower == id_]
        links = set().union(*(piece.links for _, piece in pieces))
        dashed = all(piece.dashed for _, piece in pieces)
        for main in range(place.main, place.main + place.length):
            self._put(pieces[0][0], place.cross, main, _UP | _DOWN, dashed, links)

    def _put(self, net: _Net, cross: int, main: int, mask: int, dashed: bool, links: set[tuple[str, str]]) -> None:
        self.cells.setdefault((cross, main), []).append((net, mask, dashed, links))

    def _arrow(self, cross: int, main: int, glyph: str, piece: Piece) -> None:
        known = self.arrows.setdefault((cross, main), (glyph, set()))
        known[1].update(piece.links)

    def _port(self, place: Place, cross: int, main: int, glyph: str) -> None:
        if not self.items[place.id].bare:
            self.ports[cross, main] = glyph

    # ------------------------------------------------------------------ into characters

    def _turned(self, length: int) -> Picture:
        marks: dict[tuple[int, int], Mark] = {}
        for at, parts in self.cells.items():
            mask, dashed = _joined(parts)
            links = set().union(*(part[3] for part in parts))
            marks[self._xy(at)] = Mark((DASHED if dashed else SOLID)[self._mask(mask)], links)
        for at, (glyph, links) in self.arrows.items():
            marks[self._xy(at)] = Mark(glyph, links | marks[self._xy(at)].links)
        boxes = {box.id: box for box in self._boxes()}
        width = max((place.cross + place.size for place in self.layers.places.values()), default=0)
        width = max(width, 1 + max((cross for cross, _ in self.cells), default=-1))
        size = (length, width) if self.right else (width, length)
        return Picture(*size, boxes, marks, {self._xy(at): glyph for at, glyph in self.ports.items()})

    def _boxes(self) -> Iterator[Box]:
        for place in self.layers.places.values():
            if not place.bend:
                size = (place.length, place.size) if self.right else (place.size, place.length)
                yield Box(place.id, *self._xy((place.cross, place.main)), *size)

    def _xy(self, at: tuple[int, int]) -> tuple[int, int]:
        return (at[1], at[0]) if self.right else at

    def _mask(self, mask: int) -> int:
        """The mask with the axes exchanged for a drawing to the right: up is left, left is up."""
        return (mask & 3) << 2 | mask >> 2 if self.right else mask


def _in_the_way(a: _Net, b: _Net) -> bool:
    """Whether two nets cannot share a track: they meet, and what is on it does not all go to the same nodes."""
    if max(a.span[0], b.span[0]) > min(a.span[1], b.span[1]) + 1:
        return False
    if a.pieces[0].sense != "on" or b.pieces[0].sense != "on":
        return True
    return {piece.lower for piece in a.pieces} != {piece.lower for piece in b.pieces}


def _joined(parts: list[tuple[_Net, int, bool, set[tuple[str, str]]]]) -> tuple[int, bool]:
    """What is drawn where several lines meet: all of them, unless two only cross."""
    by_net: dict[int, int] = {}
    for net, mask, _, _ in parts:
        by_net[id(net)] = by_net.get(id(net), 0) | mask
    masks = set(by_net.values())
    along, across = _UP | _DOWN, _LEFT | _RIGHT
    if len(by_net) > 1 and masks <= {along, across}:
        through = [dashed for _, mask, dashed, _ in parts if mask == along]
        return (along, all(through)) if through else (across, all(part[2] for part in parts))
    union = 0
    for mask in masks:
        union |= mask
    return union, all(part[2] for part in parts)
