"""The tree of a state: the values at the top with sizes and steps, and the questions that wait, before them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from rich.style import Style
from textual.strip import Strip

from inspector.core.diff import MISSING, Entry, level, mark
from inspector.core.events import Interrupted, Namespace
from inspector.core.history import Writes, last_written
from inspector.core.nodes import Checkpoint
from inspector.core.outline import measure, path_text, question, whole
from inspector.core.text import one_line, size
from inspector.core.values import More, Unreadable, decode, is_partial
from inspector.core.valuetree import Row
from inspector.core.view import State, View
from inspector.core.watches import Watch
from inspector.tui.panes.base import ShowPieces
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.value_tree import ValueTreeView

_ASKS = "‖"
_WATCH = "⊙"


@dataclass(frozen=True, slots=True)
class Moment:
    """What is shown: a checkpoint, of which namespace, and whether it is the newest."""

    checkpoint: Checkpoint
    ns: Namespace
    live: bool

    @property
    def key(self) -> tuple[str, Namespace]:
        return self.checkpoint.id, self.ns


class StateTree(ValueTreeView):
    """The values of a state. The pane fills it; it knows how the rows at the top look."""

    DEFAULT_CSS = """
    StateTree { height: 1fr; }
    """

    trails = True

    def __init__(self, view: View) -> None:
        super().__init__(marked=True)
        self.view = view
        self.moment: Moment | None = None
        self.state: State | None = None
        self.asked: dict[str, Interrupted] = {}
        self.fetching = False
        self._sizes: dict[str, int] = {}
        self._steps: dict[str, int] = {}
        self._writes = Writes(view.run)
        self._before: State | None = None
        self._watches: tuple[Watch, ...] = view.watches

    def fill(self, moment: Moment, state: State, before: State | None) -> None:
        """Show a state, marked against the one before (None: there is none, and nothing is marked)."""
        self.moment, self.state, self._before = moment, state, before
        self._watches = self.view.watches
        if self._writes.run is not self.view.run:
            self._writes = Writes(self.view.run)
        self._sizes = dict(state.sizes)
        self._steps = {} if moment.ns else last_written(self._writes, moment.checkpoint, state.values)
        self.added_word = f"step {moment.checkpoint.step}"
        self.empty = one_line(state.problem) if state.problem else "Nothing has been written to the state yet."
        changed = level(before.values if before is not None else MISSING, state.values)
        self.show([*self._questions(), *self._watch_entries(), *changed])

    def ask(self, asked: dict[str, Interrupted]) -> None:
        """These interrupts wait for an answer now."""
        if list(asked) != list(self.asked):
            self.asked = asked
            self.show([*self._questions(), *(root for root in self.model.roots if root.key not in self._known())])

    def rewatch(self) -> None:
        """The watch expressions may be others now."""
        if self._watches is not self.view.watches and self.moment is not None and self.state is not None:
            self.fill(self.moment, self.state, self._before)

    def _watch_entries(self) -> Iterator[Entry]:
        """The values of the watch expressions, marked against the checkpoint before."""
        moment, state, before = self.moment, self.state, self._before
        if moment is None or state is None:
            return
        parent = self.view.run.by_checkpoint.get(moment.checkpoint.parent or "")
        for number, watch in enumerate(self._watches):
            new = watch.value(state, moment.checkpoint)
            if before is None or parent is None:
                yield Entry(f"{_WATCH}{number}", MISSING, new, "")
                continue
            old = watch.value(before, parent)
            if isinstance(old, Unreadable) or isinstance(new, Unreadable):
                yield Entry(f"{_WATCH}{number}", MISSING, new, "")
            else:
                yield Entry(f"{_WATCH}{number}", old, new, mark(old, new))

    def watched(self, row: Row) -> Watch | None:
        """The watch expression whose value a row is, or is in."""
        key = str(row.path[0]) if row.path else ""
        number = key.removeprefix(_WATCH)
        if not key.startswith(_WATCH) or not number.isdecimal() or int(number) >= len(self._watches):
            return None
        return self._watches[int(number)]

    def _questions(self) -> Iterator[Entry]:
        for key, interrupt in self._known().items():
            yield Entry(key, MISSING, decode(interrupt.value), "")

    def _known(self) -> dict[str | int, Interrupted]:
        return {f"{_ASKS}{number}": interrupt for number, interrupt in enumerate(self.asked.values())}

    def question(self, row: Row) -> Interrupted | None:
        """The interrupt that a row asks with, or None."""
        return self._known().get(row.entry.key) if not row.depth else None

    def is_state(self, row: Row) -> bool:
        """Whether a row is a value of the state, or in one."""
        return bool(row.path) and row.path[0] not in self._known() and self.watched(row) is None

    def action_whole(self) -> None:
        """The value whole; of one that was too large to be read at once, piece by piece from the file."""
        row, moment = self.current(), self.moment
        pieces = self.view.pieces
        rebuilt = self.state.rebuilt if self.state is not None else ()  # these are in no checkpoint
        if (
            row is None or moment is None or pieces is None or not self.is_state(row)
            or not is_partial(row.value) or row.path[0] in rebuilt
        ):  # fmt: skip
            super().action_whole()
            return
        path = row.path[:-1] if isinstance(row.value, More) else row.path
        self.post_message(ShowPieces(path_text(path) or "value", whole(row.value), partial(pieces, *moment.key, path)))

    # ------------------------------------------------------------------ drawing

    def header(self, width: int) -> Strip:
        moment = self.moment
        if moment is None:
            return strip_of([("loading…" if self.fetching else "", None)], width)
        checkpoint = moment.checkpoint
        where = " › ".join(one_line(segment.rpartition(":")[0] or segment) for segment in moment.ns)
        parts: list[tuple[str, Style | None]] = [(f"{where} · ", self.pen("accent"))] if where else []
        parts.append(("" if moment.live else "◀ ", self.pen("warning")))
        parts.append((f"step {checkpoint.step}", self.pen("strong")))
        if checkpoint.source != "loop":
            parts.append((f" {one_line(checkpoint.source)}", None))
        following = ", ".join(one_line(node) for node in dict.fromkeys(checkpoint.next))
        waiting = moment.live and bool(self.asked)
        parts.append((" · next: " if following else " · the end", None))
        parts.append((following, self.pen("warning" if waiting else "accent")))
        return strip_of(parts, width)

    def lead(self, row: Row) -> tuple[str, str] | None:
        interrupt = self.question(row)
        if interrupt is not None:
            return f"{_ASKS} {one_line(interrupt.node)} asks", "warning"
        watch = None if row.depth else self.watched(row)
        return (f"{_WATCH} {one_line(watch.text, 60)}", "accent") if watch is not None else None

    def said(self, row: Row) -> tuple[str, str] | None:
        return (question(row.value, 300), "strong") if self.question(row) is not None else None

    def note(self, row: Row) -> tuple[str, str]:
        text, pen = super().note(row)
        if not text and not row.depth and row.kind == "value" and row.entry.key in self._steps:
            return f"step {self._steps[str(row.entry.key)]}", "muted"
        return text, pen

    def trailing(self, row: Row) -> str:
        if row.depth or row.kind != "value" or not self.is_state(row):
            return ""
        key = str(row.entry.key)
        if key not in self._sizes:
            self._sizes[key] = measure(row.value)
        known = self.state is not None and (key in self.state.sizes or not is_partial(row.value))
        return ("" if known else "> ") + size(self._sizes[key]) if self._sizes[key] else ""
