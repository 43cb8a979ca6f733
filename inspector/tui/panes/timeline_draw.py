"""How one row of the timeline is drawn: its columns, its name with what goes with it, its bar and notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from inspector.core.axis import Axis
from inspector.core.holding import note
from inspector.core.labels import Labels
from inspector.core.nodes import Checkpoint, Invocation, Span, Task
from inspector.core.rowtree import Attempt, Group, Row, RowTree
from inspector.core.run import Run
from inspector.tui.panes.timeline_marks import Marks
from inspector.tui.panes.timeline_text import duration_of, notes_of, separator, symbol_of, title_of
from inspector.tui.widgets.cells import cut, fit, strip_of
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.waterfall import Part, bar, density, header, heights

_NAME = 18  # cells that a name keeps while the bars shrink
_LONGEST_NAME = 72
_NOTE = 8  # a note needs so many cells beside a bar
_KEEP = 1000  # drawn rows
_SLIVER = 7
_SAMPLED = 2000  # members of a group that its bar is drawn from


@dataclass(frozen=True, slots=True)
class Columns:
    """Widths in cells. Zero: there is no room for it."""

    step: int
    name: int
    time: int
    bar: int


def columns(width: int, digits: int) -> Columns:
    """How a row of `width` cells is divided, for steps of so many digits. Names keep their 18 cells while the bars
    shrink, and then vanish."""
    step = digits + 1 if width >= 26 else 0
    time = 7 if width >= 20 else 0
    rest = max(0, width - 2 - step - time)
    room = rest - _NAME - 1
    if room < 6:
        return Columns(step, rest, time, 0)
    name = min(_LONGEST_NAME, rest - min(room, max(10, rest * 45 // 100)) - 1)
    return Columns(step, name, time, rest - name - 1)


def indent(depth: int, cols: Columns) -> int:
    """Where the name of a row at this depth begins, in its column."""
    return min(2 * depth, max(0, cols.name // 3))


@dataclass(slots=True)
class Painter:
    """Draws rows. `here` is the checkpoint that is looked at, None when live."""

    run: Run
    tree: RowTree
    labels: Labels
    pens: RowList
    axis: Axis = field(default_factory=lambda: Axis(0.0, 1.0))
    now: float = 0.0
    digits: int = 2
    here: Checkpoint | None = None
    marks: Marks = field(default_factory=Marks)
    _strips: dict[Row, tuple[Any, Strip]] = field(default_factory=dict)

    def header(self, width: int, title: str) -> Strip:
        """The names of the columns, and the labels of the axis."""
        cols = columns(width, self.digits)
        parts: list[Part] = [(f"{'step' if cols.step else '':>{1 + cols.step}} ", None), (fit(title, cols.name), None)]
        if cols.time:
            parts.append((fit("time", cols.time, "right"), None))
        if cols.bar:
            parts += [(" ", None), (header(self.axis, cols.bar), None)]
        return strip_of(parts, width)

    def version(self, row: Row, depth: int) -> tuple[Any, ...] | None:
        """What the drawing of a row that is over depends on; None while it runs."""
        if row.ended is None or (row.node is not None and row.node.open):
            return None
        node = row.node
        status = (node.status, len(node.children or ())) if node is not None else ()
        if isinstance(node, Task):
            status = (*status, node.attempts, len(node.interrupts or ()))
        group = row.parent.thing if row.parent is not None else None
        siblings = (row.parent.members, group.sampled) if row.parent is not None and isinstance(group, Group) else ()
        members = row.members if row.kind == "group" else 0
        return (row, depth, self.tree.folded(row), self.tree.foldable(row), status, siblings, members, self.axis,
                self.digits, self.here, self.marks.version)  # fmt: skip

    def row(self, row: Row, depth: int, width: int) -> Strip:
        """The row in `width` cells. What is over is drawn once."""
        version = self.version(row, depth)
        if version is None:
            return self._draw(row, depth, width)
        key = (version, width)
        known = self._strips.get(row)
        if known is not None and known[0] == key:
            return known[1]
        strip = self._draw(row, depth, width)
        if len(self._strips) >= _KEEP:
            self._strips.clear()
        self._strips[row] = (key, strip)
        return strip

    def forget(self) -> None:
        """The colours changed."""
        self._strips.clear()

    def _draw(self, row: Row, depth: int, width: int) -> Strip:
        if row.kind == "invocation":
            return strip_of([(separator(row, self.labels, width), self.pens.pen("muted"))], width)
        cols = columns(width, self.digits)
        muted = self.pens.pen("muted")
        held = self.marks.held(row)
        notes: list[Part] = [(note(held), self.pens.pen("warning"))] if held is not None else []
        notes = notes or notes_of(row, self.run, self.labels, self.pens)
        drawn, notes = self._bar(row, cols.bar, notes)
        symbol = ("‖", self.pens.pen("warning")) if held is not None else symbol_of(row, self.pens)
        parts: list[Part] = [self._mark(row), symbol]
        if cols.step:
            parts.append((fit(_step(row), cols.step, "right"), muted))
        parts += self._named(row, depth, cols, notes)
        if cols.time:
            pen = muted if row.ended is not None else self.pens.pen("accent")
            parts.append((fit(duration_of(row, self.now), cols.time, "right"), pen))
        if cols.bar:
            parts += [(" ", None), *drawn]
        if self._is_later(row):
            later = self.pens.pen("timeline--later")
            parts = [(text, later) for text, _ in parts]
        return strip_of(parts, width)

    def _named(self, row: Row, depth: int, cols: Columns, notes: list[Part]) -> list[Part]:
        marker = "  "
        if self.tree.foldable(row):
            marker = "▸ " if self.tree.folded(row) else "▾ "
        start = " " * (indent(depth, cols) + 1) + marker
        parts: list[Part] = [(start, self.pens.pen("muted")), *title_of(row, self.labels, self.pens)]
        for text, style in notes:
            parts.append((f"  {text}", style))
        return _fitted(parts, cols.name)

    # ------------------------------------------------------------------ bars

    def _bar(self, row: Row, width: int, notes: list[Part]) -> tuple[list[Part], list[Part]]:
        """The bar with the note where there is room beside it, and the notes that there was no room for."""
        style = self._bar_style(row)
        if isinstance(row.thing, Group):
            return [(self._density(row, width), style)], notes
        ended = row.ended
        before, drawn, after = bar(self.axis, row.started, self.now if ended is None else ended, width)
        left: list[Part] = [(" " * before, None)]
        right: list[Part] = [(" " * after, None)]
        if notes:
            text, pen = notes[0]
            if after > max(_NOTE, min(before, cell_len(text))):
                right = [(" ", None), (fit(text, after - 1), pen)]
                notes = []
            elif before > _NOTE:
                left = [(fit(cut(text, before - 1), before - 1, "right"), pen), (" ", None)]
                notes = []
        return [*left, (drawn, style), *right], notes

    def _density(self, row: Row, width: int) -> str:
        """How many of a group's members ran at each moment."""
        kids = row.kids or []
        spans = [
            (kid.started, self.now if kid.ended is None else kid.ended)
            for kid in kids[:: max(1, len(kids) // _SAMPLED)]
        ]
        return heights(density(self.axis, spans, width), len(spans))

    def _bar_style(self, row: Row) -> Style:
        pen = self.pens.pen
        if isinstance(row.thing, Attempt):
            return pen("error")
        if row.ended is None:
            return pen("accent" if self.marks.held(row) is None else "warning")
        status = row.node.status if row.node is not None else "ok"
        if status in ("error", "interrupted"):
            return pen("error" if status == "error" else "warning")
        return pen("timeline--inner" if isinstance(row.node, Span) else "timeline--bar")

    # ------------------------------------------------------------------ looking back

    def _is_later(self, row: Row) -> bool:
        """Whether the row came after the checkpoint that is looked at: by supersteps, as times may coincide."""
        here = self.here
        if here is None:
            return False
        if isinstance(row.thing, Invocation):
            return row.thing.index > here.invocation
        task = row.thing.first if isinstance(row.thing, Group) else row.task
        if task is None:
            return row.started > here.at
        while task.parent is not None:
            task = task.parent
        return (task.invocation, task.step) > (here.invocation, here.step)

    def _mark(self, row: Row) -> Part:
        """The gutter: marks the rows of the superstep that led to the checkpoint that is looked at, and what
        breakpoints are about."""
        if self._led_here(row):
            return "▌", self.pens.pen("timeline--here")
        on = self.marks.breakpoint(row)
        return ("•", self.pens.pen("error")) if on else (" ", None) if on is None else ("◦", self.pens.pen("muted"))

    def _led_here(self, row: Row) -> bool:
        task = row.thing.first if isinstance(row.thing, Group) else row.task
        here = self.here
        if task is None or here is None or task.ns:
            return False
        return (task.invocation, task.step) == (here.invocation, here.step)


def _step(row: Row) -> str:
    if isinstance(row.thing, Group):
        return str(row.thing.first.step)
    return str(row.task.step) if row.kind == "task" and row.task is not None else ""


def _fitted(parts: list[Part], width: int) -> list[Part]:
    """The parts in exactly `width` cells. A part of which next to nothing would be seen is left out."""
    out: list[Part] = []
    left = width
    for index, (text, style) in enumerate(parts):
        if index > 2 and left < _SLIVER and cell_len(text) > left:
            break
        piece = cut(text, left)
        out.append((piece, style))
        left -= cell_len(piece)
        if piece != text:
            break
    return [*out, (" " * left, None)]
