"""Which rows of the timeline are held, and which of them breakpoints are about."""

from __future__ import annotations

from inspector.core.aiming import marked
from inspector.core.breakpoints import Breakpoint
from inspector.core.events import Held
from inspector.core.nodes import Span
from inspector.core.rowtree import Group, Row
from inspector.core.view import View


class Marks:
    """Brought up to date by `update`; `version` changes when a row might be marked otherwise."""

    def __init__(self) -> None:
        self.version = 0
        self._points: tuple[Breakpoint, ...] = ()
        self._holds: tuple[str, ...] = ()
        self._by_task: dict[str, Held] = {}
        self._known: dict[tuple[str, ...], bool | None] = {}  # by what a row is about, not by row

    def update(self, view: View) -> None:
        """Take in what is held now, and the breakpoints."""
        holds = tuple(view.run.held)
        if holds != self._holds:
            self._holds = holds
            self._by_task = {held.task: held for held in reversed(view.run.held.values()) if held.task}
            self.version += 1
        if view.breakpoints != self._points:
            self._points = view.breakpoints
            self._known.clear()
            self.version += 1

    def held(self, row: Row) -> Held | None:
        """What is held of the row's task, the oldest first."""
        if not self._by_task or row.kind != "task" or row.task is None or not row.task.open:
            return None
        return self._by_task.get(row.task.id)

    def breakpoint(self, row: Row) -> bool | None:
        """True where an enabled breakpoint is about the row, False where only disabled ones are, else None."""
        if not self._points:
            return None
        node = row.thing.first if isinstance(row.thing, Group) else row.node
        if node is None or (row.kind not in ("task", "group") and not isinstance(node, Span)):
            return None
        if isinstance(node, Span):
            key: tuple[str, ...] = (node.type, node.name, node.model)
        else:
            key = ("task", *(segment.partition(":")[0] for segment in node.ns), node.node)
        if key not in self._known:
            self._known[key] = marked(node, self._points)
        return self._known[key]
