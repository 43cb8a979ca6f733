"""Replaying a saved thread, naming the graph that runs it on, and going to the other threads of its file."""

from __future__ import annotations

from textual import on

from inspector.core import transport
from inspector.core.nodes import Node
from inspector.core.reel import Mark
from inspector.core.saved import Reopened
from inspector.errors import InspectorError, SeveralGraphs
from inspector.tui.actions.base import Acting
from inspector.tui.panes.transport import TransportBar


class ReplayActions(Acting):
    """The transport bar and what goes with a thread that was opened from a file (`saved`)."""

    stays: bool
    """What is selected stays so while the timeline follows the newest row."""

    saved: Reopened | None
    transport: TransportBar

    # ------------------------------------------------------------------ replay

    @on(TransportBar.Moved)
    def _transport_moved(self, event: TransportBar.Moved) -> None:
        jumped, self.stays = self.stays, event.found is not None
        timeline = self.board.panes.get("timeline")
        if jumped and not self.stays and timeline is not None:
            timeline.follow()  # it was left where the jump had led
        self._show_moment()
        if event.found is not None:
            self._select_found(event.found)

    def _select_found(self, found: Mark) -> None:
        """What was jumped to is selected, so that the detail is about it."""
        run = self.view.run
        node: Node | None = None
        if found == "error" and run.failures:
            node = run.failures[-1][1]
        elif found == "tool" and run.tools:
            node = run.tools[-1]
        elif found == "interrupt" and run.pending:
            node = run.tasks.get(list(run.pending.values())[-1].task)
        if node is not None:
            self.view.select(node)
            self.moved()

    def _show_moment(self) -> None:
        if self.saved is not None:
            if not self.view.live:
                self.view.look_at(None)  # a moment is looked at, no longer a checkpoint before it
            self.saved.show()
            self.moved()

    def action_play(self) -> None:
        """Play, or pause, wherever the keyboard is."""
        if self.transport.available:
            self.transport.action_play()

    def action_transport(self) -> None:
        """Give the keyboard to the bar, and back."""
        if self.transport.has_focus:
            self.board.focus_pane()
        elif self.transport.available:
            self.set_focus(self.transport)

    def to_the_end(self) -> bool:
        """Back from an earlier moment to the last. Returns whether one was shown."""
        saved = self.saved
        if saved is None or saved.player is None or not saved.replaying:
            return False
        saved.player.seek(saved.player.length)
        self._show_moment()
        return True

    @on(TransportBar.GoTo)
    def _ask_where(self) -> None:
        from inspector.tui.screens.ask import AskScreen

        player = self.saved.player if self.saved is not None else None
        if player is None:
            return

        def went(text: str | None) -> None:
            if text is not None:
                self._show_moment()

        self.app.push_screen(
            AskScreen(
                "Go to",
                "An event (412), a time (3.1s, 0:03.1), a part (50%), a superstep (step 3), start or end.",
                placeholder=f"0 to {player.length}",
                check=lambda text: transport.go_to(player, text),
            ),
            went,
        )

    # ------------------------------------------------------------------ the graph

    def action_graph(self) -> None:
        """Ask for the graph, and load it."""
        self.run_worker(self._ask_for_graph(), exit_on_error=True)

    async def _ask_for_graph(self) -> None:
        from inspector.tui.screens.ask import AskScreen

        saved = self.saved
        if saved is None:
            return
        ref = saved.graph
        if not ref:
            given = await self.app.push_screen_wait(
                AskScreen(
                    "Which graph runs this thread on?",
                    "A file, a module or a folder with langgraph.json, as `inspector run` takes it.",
                    placeholder="path/file.py:graph",
                    check=saved.name_graph,
                )
            )
            if given is None:
                return
        await self._load_graph()

    async def _load_graph(self) -> None:
        """Load the graph of the thread; ask which one where there are several."""
        while True:
            try:
                await self.session.wait_ready()
            except SeveralGraphs as several:
                from inspector.tui.screens.choose import ChooseScreen

                name = await self.app.push_screen_wait(ChooseScreen(str(several), several.names))
                if name is None:
                    return
                await self.session.choose(name)
            except InspectorError as error:
                from inspector.tui.screens.failed import FailedScreen

                if not await self.app.push_screen_wait(FailedScreen(error)):
                    return
            else:
                self.moved()
                return

    # ------------------------------------------------------------------ other threads

    async def action_threads(self) -> None:
        await self.app.run_action("threads")
