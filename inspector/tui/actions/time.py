"""Going back in time, from what is shown: running again, editing, jumping. Looking alone is in `looking`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from inspector.core.events import Namespace
from inspector.core.graphinfo import GraphInfo
from inspector.core.history import ran
from inspector.core.nodes import Checkpoint
from inspector.errors import InspectorError, LinkClosed
from inspector.tui.actions.base import Acting

if TYPE_CHECKING:
    from inspector.tui.panes.state import StatePane


class TimeActions(Acting):
    """The verbs that begin a second future. All of them say first what they will do."""

    def shown_moment(self) -> tuple[Checkpoint, Namespace] | None:
        """The checkpoint that verbs are about: of the subgraph whose state is shown, else the one of the graph."""
        moment = self._state_pane.wanted()
        return (moment.checkpoint, moment.ns) if moment is not None else None

    def action_rerun(self) -> None:
        from inspector.tui.screens.rerun import RerunScreen

        moment = self.shown_moment()
        if moment is None:
            return
        checkpoint, ns = moment

        def decided(run: bool | None) -> None:
            if run:
                self.leave_for_live()
                self.run_verb(self.session.travel.rerun(checkpoint.id, ns))

        self.app.push_screen(RerunScreen(self.session.travel, checkpoint, ns), decided)

    def action_edit_state(self) -> None:
        moment = self.shown_moment()
        if moment is not None:
            self.run_worker(self._edit(*moment), exit_on_error=True)

    async def _edit(self, checkpoint: Checkpoint, ns: Namespace) -> None:
        from inspector.tui.screens.fork import ForkScreen
        from inspector.tui.screens.rerun import moment_name

        state = await self.view.state(checkpoint.id, ns)
        if state.problem:
            self.say_refused(f"The state cannot be edited: {state.problem}.")
            return
        try:
            screen = ForkScreen(
                self.session.travel, self._graph_of(ns), moment_name(checkpoint, ns), state,
                made_by=self._made_by(checkpoint), key=self._state_key(),
            )  # fmt: skip
        except InspectorError as error:
            self.say_refused(str(error))
            return
        forked = await self.app.push_screen_wait(screen)
        if forked is None:
            return
        await self.recall()
        self.leave_for_live()
        if forked.run:
            self.run_verb(self.session.start(goes_on=True))
        else:
            self.notify("The edit is saved as a new branch of the thread; `c` runs it.", timeout=5, markup=False)

    def action_jump(self) -> None:
        from inspector.tui.screens.jump import JumpScreen
        from inspector.tui.screens.rerun import moment_name

        moment, graph = self.shown_moment(), self.view.graph
        if moment is None or graph is None:
            return
        checkpoint, ns = moment
        if ns:
            self.say_refused(
                "A jump begins at a checkpoint of the graph itself: `u` in the state pane shows its state."
            )
            return

        def decided(goto: list[str] | None) -> None:
            if goto:
                self.leave_for_live()
                self.run_verb(self.session.travel.jump(checkpoint.id, goto))

        self.app.push_screen(JumpScreen(moment_name(checkpoint, ns), graph.nodes, checkpoint.next), decided)

    def _made_by(self, checkpoint: Checkpoint) -> str:
        """The one node whose tasks ended in a checkpoint, or nothing."""
        nodes = ran(self.view.run, checkpoint)
        return nodes[0][0] if len(nodes) == 1 else ""

    def _state_key(self) -> str:
        """The state key that the cursor of the state pane is in."""
        path = self._state_pane.path
        return str(path[0]) if path else ""

    @property
    def _state_pane(self) -> StatePane:
        return cast("StatePane", self.board.panes["state"])

    def _graph_of(self, ns: Namespace) -> GraphInfo | None:
        """The graph that a namespace is of, where it is known."""
        graph = self.view.graph
        return graph.subgraph(tuple(segment.rpartition(":")[0] or segment for segment in ns)) if graph else None

    def leave_for_live(self) -> None:
        """What happens next is to be seen."""
        self.view.look_at(None)
        self.pump.paint()

    async def recall(self) -> None:
        """Take in what the thread's file has that was not seen happen."""
        try:
            await self.session.recall()
        except LinkClosed:
            pass
        except InspectorError as error:
            self.say_refused(str(error))
