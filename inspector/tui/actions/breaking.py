"""Breakpoints: setting one on what is selected, and the list of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from inspector.core.aiming import Aim, aim
from inspector.core.breakpoints import Breakpoint
from inspector.core.graphinfo import GraphInfo
from inspector.core.nodes import Node
from inspector.tui.actions.base import Acting


class BreakActions(Acting):
    """The verbs of breakpoints."""

    _aimed: tuple[Node | None, GraphInfo | None, Aim | None] = (None, None, None)

    def aimed(self) -> Aim | None:
        """What a breakpoint would be about: what the cursor of the focused pane is on, else what is selected."""
        pane = self.board.focused_pane() if self.is_mounted else None
        if pane is not None and pane.aims:
            return pane.aim()
        node, graph = self.view.selected, self.view.graph
        if node is not self._aimed[0] or graph is not self._aimed[1]:  # this is asked at every beat
            self._aimed = (node, graph, aim(node, graph))
        return self._aimed[2]

    def action_toggle_breakpoint(self) -> None:
        """Stop at what is selected, or no longer. One with a condition is only switched off, for it was typed."""
        aimed = self.aimed()
        if aimed is None:
            return
        points = list(self.session.steer.breakpoints)
        here = next((point for point in points if (point.kind, point.target) == (aimed.kind, aimed.target)), None)
        if here is None:
            points.append(Breakpoint(uuid4().hex[:8], aimed.kind, aimed.target))
            said = f"It stops {aimed.words}."
        elif not here.enabled or here.condition or here.hits > 1:
            points[points.index(here)] = replace(here, enabled=not here.enabled)
            said = f"It stops {aimed.words}." if not here.enabled else f"It stops {aimed.words} no longer; B lists it."
        else:
            points.remove(here)
            said = f"It stops {aimed.words} no longer."
        self.command(self.set_breakpoints(points, said))

    async def set_breakpoints(self, points: Sequence[Breakpoint], said: str = "") -> None:
        """Change the breakpoints, and mark them. Raises `BreakpointError`."""
        await self.session.steer.set_breakpoints(points)
        self.view.mark(self.session.steer.breakpoints)
        self.moved()
        if said:
            self.notify(said, timeout=3, markup=False)

    def action_breakpoints(self) -> None:
        from inspector.tui.screens.breakpoints import BreakpointsScreen

        self.app.push_screen(BreakpointsScreen(self.view, self.set_breakpoints))
