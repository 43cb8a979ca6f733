"""Two checkpoints beside each other: where their branches part, and every place in which their states differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from inspector.core.compare import Comparison, compare, tip
from inspector.core.diff import MISSING, Change
from inspector.core.history import ran
from inspector.core.nodes import Checkpoint
from inspector.core.outline import path_text, summary, whole
from inspector.core.run import Run
from inspector.core.states import States
from inspector.core.text import one_line, plural
from inspector.core.travel import Entry
from inspector.tui.screens.dialog import Dialog, Parts, prose
from inspector.tui.screens.viewer import TextViewer
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.rows import RowList

_MARKS = {"added": "+ ", "changed": "~ ", "removed": "− ", "": "  "}


class Differences(RowList):
    """One row a place: its path, the value on the left, the one on the right.."""

    FOLLOWS = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "both whole", key_display="⏎")]

    empty = "Nothing differs."

    def __init__(self) -> None:
        super().__init__()
        self.changes: Sequence[Change] = ()
        self.names = ("", "")

    def row_count(self) -> int:
        return len(self.changes)

    def _widths(self, width: int) -> tuple[int, int, int]:
        longest = max((len(_path(change)) for change in self.changes[:500]), default=4)
        first = max(8, min(longest, width // 3))
        left = max(4, (width - first - 4) // 2)
        return first, left, max(0, width - first - 4 - left)

    def header(self, width: int) -> Strip:
        first, left, right = self._widths(width)
        return strip_of([(fit("", first + 4), None), (fit(self.names[0], left - 1) + " ", None),
                         (fit(self.names[1], right), None)], width)  # fmt: skip

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        change = self.changes[index]
        first, left, right = self._widths(width)
        return strip_of(
            [
                (_MARKS[change.mark], self.pen("success")),
                (fit(_path(change), first) + "  ", self.pen("strong")),
                (fit(_value(change.old), left - 1) + " ", self.pen("muted") if change.old is MISSING else None),
                (fit(_value(change.new), right), self.pen("muted") if change.new is MISSING else None),
            ],
            width,
        )


class CompareScreen(Dialog[None]):
    """`marked` on the left, `shown` on the right; both are of one namespace of the run."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "tips", "ends of both branches"),
        Binding("x", "swap", "left and right"),
        Binding("escape,q,equals_sign", "dismiss", "close", key_display="esc"),
    ]
    DEFAULT_CSS = """
    CompareScreen Static { height: auto; max-height: 5; margin-bottom: 1; }
    CompareScreen.-small Static { max-height: 2; margin: 0; }
    CompareScreen Differences { height: 1fr; }
    """

    def __init__(self, run: Run, states: States, marked: Checkpoint, shown: Checkpoint) -> None:
        super().__init__("Compare")
        self.add_class("-tall")
        self.run = run
        self.states = states
        self.sides = (marked, shown)
        self._marked = marked
        self.rows = Differences()
        self._said = Static("The two states are being fetched…", markup=False)
        checkpoints = run.inner_checkpoints.get(shown.ns, []) if shown.ns else run.checkpoints
        self._checkpoints = {checkpoint.id: checkpoint for checkpoint in checkpoints}
        self._entries = [_entry(checkpoint) for checkpoint in reversed(checkpoints)]

    def body(self) -> Iterator[Widget]:
        yield self._said
        yield self.rows

    def on_mount(self) -> None:
        self.rows.focus()
        self._compare()

    def _compare(self) -> None:
        self.run_worker(self._fetch(), exclusive=True, exit_on_error=True)

    async def _fetch(self) -> None:
        left, right = self.sides
        a, b = await self.states.load(left.id, left.ns), await self.states.load(right.id, right.ns)
        problem = a.problem or b.problem
        self.name_it(f"Compare {self._called(left)} with {self._called(right)}")
        if problem:
            self._said.update(prose([("✖ ", "bold $error"), (one_line(problem), "")]))
            return
        found = compare(self._entries, _entry(left), _entry(right), a.values, b.values)
        self._said.update(prose(*self._sentences(found)))
        self.rows.names = (self._column(left), self._column(right))
        self.rows.changes = found.changes
        self.rows.forget()
        self.rows.model_changed()
        self.rows.refresh()
        self.refresh_bindings()

    def _sentences(self, found: Comparison) -> Iterator[Parts]:
        differ = plural(len(found.changes), "place")
        yield [(f"The states differ in {differ}." if found.changes else "The states are the same.", "bold")]
        if found.ancestor is None:
            yield [("The two have no checkpoint in common.", "$text-muted")]
        elif found.left and found.right:
            yield [
                ("They part after ", "$text-muted"), (self._called(self._checkpoints[found.ancestor.id]), ""),
                (": there ", "$text-muted"), (self._called(self._checkpoints[found.left[0].id]), "$warning"),
                (", here ", "$text-muted"), (self._called(self._checkpoints[found.right[0].id]), "$warning"),
            ]  # fmt: skip
        else:
            later = found.left or found.right
            steps = plural(len(later), "checkpoint")
            yield [(f"Both are on one branch, {steps} apart.", "$text-muted")]

    def _called(self, checkpoint: Checkpoint) -> str:
        nodes = ", ".join(one_line(node, 30) + (f" ×{times}" if times > 1 else "")
                          for node, times in ran(self.run, checkpoint))  # fmt: skip
        source = {"input": "input", "update": "edited", "fork": "forked"}.get(checkpoint.source, "")
        return f"step {checkpoint.step}" + (f" {nodes or source}" if nodes or source else "")

    def _column(self, checkpoint: Checkpoint) -> str:
        """The name of a side, that of the marked checkpoint with its mark."""
        return f"{'◆ ' if checkpoint is self._marked else ''}{self._called(checkpoint)}"

    # ------------------------------------------------------------------ keys

    def _tips(self) -> tuple[Checkpoint, Checkpoint]:
        left, right = (self._checkpoints[tip(self._entries, _entry(side)).id] for side in self.sides)
        return left, right

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "tips":
            left, right = self._tips()
            return (left, right) != self.sides and left is not right
        return super().check_action(action, parameters)

    def action_tips(self) -> None:
        marked_first = self.sides[0] is self._marked
        self.sides = self._tips()
        self._marked = self.sides[0 if marked_first else 1]  # the branch that the mark is on
        self._compare()

    def action_swap(self) -> None:
        self.sides = (self.sides[1], self.sides[0])
        self._compare()

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        change = self.rows.changes[event.index]
        sides = "\n\n".join(
            f"── {name} ──\n\n{'(not set)' if value is MISSING else whole(value)}"
            for name, value in zip(self.rows.names, (change.old, change.new), strict=True)
        )
        self.app.push_screen(TextViewer(_path(change), sides))


def _entry(checkpoint: Checkpoint) -> Entry:
    return Entry(
        checkpoint.id, checkpoint.parent, checkpoint.ns, checkpoint.step, checkpoint.source, tuple(checkpoint.next)
    )


def _path(change: Change) -> str:
    return one_line(path_text(change.path) or "the value", 80)


def _value(value: Any) -> str:
    return "(not set)" if value is MISSING else one_line(summary(value, 300))
