"""The main screen: header, panes, the foot where one talks to the graph, and the keys. It turns what the developer does
into commands to the session, and what panes say into what other panes show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.message import Message
from textual.reactive import Reactive
from textual.widget import Widget

from inspector.core.collision import collided
from inspector.core.control import Debugger
from inspector.core.nodes import Node
from inspector.core.saved import Reopened
from inspector.tui import commands
from inspector.tui.actions.breaking import BreakActions
from inspector.tui.actions.coding import CodeActions, names
from inspector.tui.actions.looking import LookActions
from inspector.tui.actions.replay import ReplayActions
from inspector.tui.actions.running import RunActions
from inspector.tui.actions.stepping import StepActions
from inspector.tui.actions.time import TimeActions
from inspector.tui.board import Board
from inspector.tui.commands import Situation
from inspector.tui.panes.base import CheckpointSelected, NodeSelected, Pane, ShowNode, ShowPieces, ShowText
from inspector.tui.panes.header import Header
from inspector.tui.panes.held import HeldBox
from inspector.tui.panes.input import InputBar
from inspector.tui.panes.transport import TransportBar
from inspector.tui.pump import Pump
from inspector.tui.widgets.findbar import FindBar
from inspector.tui.widgets.keyline import KeyLine


class MainScreen(RunActions, StepActions, BreakActions, TimeActions, CodeActions, ReplayActions, LookActions):
    """Shows one session. `ready` is called by the app when the graph is loaded."""

    class Ended(Message):
        """A run ended."""

    class Restart(Message):
        """The developer wants the graph loaded again."""

    # Textual's own repaints the whole screen whenever the focus moves, though nothing of the screen itself changes.
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [*commands.bindings()]

    def __init__(
        self, session: Debugger, *, starting: bool = False, can_restart: bool = True, saved: Reopened | None = None
    ) -> None:
        super().__init__()
        self.session = session
        self.saved = saved
        self.view = session.view
        self.now = Situation()
        self.can_restart = can_restart
        self.header = Header(self.view, id="header")
        self.board = Board(self.view)
        self.bar = InputBar(self.view, history=session.inputs, id="input")
        self.held_box = HeldBox(self.view, id="held")
        self.find_bar = FindBar()
        self.transport = TransportBar(self.view, saved, id="transport")
        self.pump = Pump(self, session, self._on_display, self._clocks, self._after_beat, lambda: self.last_key)
        self.last_key = 0.0  # when (`time.monotonic`) a key was pressed
        self.touched = False  # the developer has used the keyboard since the run began
        self.starting = starting  # a run has been asked for, and has not begun
        self.leaving = False  # the session is being closed
        self.stays = False  # what failed, or was jumped to, is selected, and stays so until the developer moves

    def compose(self) -> Iterator[Widget]:
        yield self.header
        yield self.board
        yield self.find_bar
        yield self.held_box
        yield self.transport
        yield self.bar
        yield KeyLine()

    def on_mount(self) -> None:
        self.board.resized(*self.app.size)
        self.pump.start()
        self.watch_code()

    def on_resize(self) -> None:
        self.board.resized(*self.app.size)

    # ------------------------------------------------------------------ the beat

    def _on_display(self) -> Iterable[Pane]:
        if self.is_current:
            yield self.header
            yield from self.board.displayed()
            yield self.held_box
            if self.saved is not None:
                yield self.transport

    def _clocks(self) -> Iterable[Pane]:
        if self.is_current:
            yield self.header
            timeline = self.board.panes.get("timeline")
            if timeline is not None and timeline.display:
                yield timeline

    def _after_beat(self) -> None:
        self.board.sync_frames()
        if not self.board.chosen and self.view.run.invocations:
            self._suggest_tab()
        self.view.mark(self.session.steer.breakpoints)
        if self.shown_hold not in self.view.run.held:
            self.stopped_at_hold()
        now = self.situation()
        if now != self.now:
            self._changed(self.now, now)
        if now.running or now.stage != "ready":
            self.bar.sync()

    def _suggest_tab(self) -> None:
        """What models say comes first; a graph without any shows something else once its first superstep is over."""
        run, board = self.view.run, self.board
        if run.models:
            board.suggest("tokens")
        elif board.tab in ("tokens", "detail") and (run.step > 1 or not self.now.running):
            board.suggest("tools" if run.tools else "output" if run.custom_count or run.log_count else "detail")

    def situation(self) -> Situation:
        """What can be done now."""
        session, view, run = self.session, self.view, self.view.run
        if not session.running:
            self.cancelling = False
        index = view.index
        focused = self.board.focused_pane() if self.is_mounted else None
        held = view.held
        aimed = self.aimed()
        saved = self.saved
        return Situation(
            stage=session.stage,
            running=session.running or (self.starting and session.stage == "ready"),
            phase=run.phase,
            waiting=bool(run.pending) and run.phase == "interrupted",
            next=bool(run.next),
            live=view.live,
            index=index,
            cancelling=self.cancelling,
            leaving=self.leaving,
            can_find=callable(getattr(focused, "find", None)),
            wide=not self.board.narrow,
            zoomed=self.board.zoomed,
            can_restart=self.can_restart,
            has_schema=view.graph is not None and view.graph.input_schema is not None,
            held=held.what if held is not None else "",
            holds=len(run.held),
            writing=self.held_box.editing,
            inner=held is not None and bool(held.ns),
            blocked=run.blocked is not None,
            aimed=aimed is not None,
            to_node=aimed is not None and aimed.kind == "before" and not self.at_it(),
            saved=saved is not None,
            attached=saved is not None and saved.attached,
            graph_known=saved is not None and bool(saved.graph),
            replayable=self.transport.available,
            replaying=saved is not None and saved.replaying,
            threads=session.database is not None,
            at_value=self.at_value(),
            stale=names(self.stale),
            loading_code=self.loading_code,
            marked=view.pinned is not None,
        )

    def _changed(self, before: Situation, now: Situation) -> None:
        self.now = now
        asked = _asks(now) and not _asks(before)
        self.bar.tell(now, self.session.problem)
        if now.running and not before.running:
            self.touched = self.stays = False
        ended = before.running and not now.running
        if ended:
            self.post_message(self.Ended())
        if ended and now.phase == "error":
            self.set_timer(0.1, self._show_failure)  # once the timeline has followed to its last row
        chatting = ended and now.idle and now.phase == "done" and self.bar.chat
        if (asked or chatting) and not self.touched:
            self.bar.open()
        self.refresh_bindings()

    def stopped_at_hold(self) -> None:
        """Something is held, and what was shown is not held any more: show it."""
        held = self.view.held
        self.shown_hold = ""
        if held is not None:
            self.stays = True  # the timeline on its way to the newest row does not select that
            self.show_hold(held)

    def show_selected(self, node: Node) -> None:
        """Select a row, whatever the timeline is at, and show the whole of it where there is room beside."""
        self.view.select(node)
        self.stays = True
        if not self.board.single:
            self.board.show("detail", focus=False)

    def _show_failure(self) -> None:
        """The run failed: show what failed to somebody who is not looking at anything else."""
        if self.touched or self.now.phase != "error":
            return
        run = self.view.run
        node = next(iter(collided(run)[1]), None) or next(
            (node for _, node, _ in reversed(run.failures) if node is not None), None
        )
        if node is not None:
            self.view.select(node)
            self.stays = True
            if not self.board.chosen and not self.board.single:
                self.board.show("detail", focus=False)
            self.pump.paint()

    # ------------------------------------------------------------------ what panes say

    @on(NodeSelected)
    def _node_selected(self, event: NodeSelected) -> None:
        if self.stays and not event.by_user:
            return  # the timeline on its way to the newest row
        self.view.select(event.node, by_user=event.by_user)
        if event.by_user:
            self.follow_selection()
        self.pump.paint()
        self.refresh_situation()

    @on(ShowNode)
    def _show_node(self, event: ShowNode) -> None:
        self.view.select(event.node)
        self.board.show("detail")
        self.pump.paint()

    @on(CheckpointSelected)
    def _checkpoint_selected(self, event: CheckpointSelected) -> None:
        self.view.look_at(event.checkpoint)
        self.moved()

    @on(ShowText)
    def _show_text(self, event: ShowText) -> None:
        from inspector.tui.screens.viewer import TextViewer

        self.app.push_screen(TextViewer(event.title, event.text))

    @on(ShowPieces)
    def _show_pieces(self, event: ShowPieces) -> None:
        from inspector.tui.screens.pieces import PieceViewer

        self.app.push_screen(PieceViewer(event.title, event.beginning, event.read))

    @on(Board.Changed)
    def _board_changed(self) -> None:
        self.pump.paint()
        self.refresh_situation()

    def on_descendant_focus(self) -> None:
        self.refresh_situation()

    def refresh_situation(self) -> None:
        now = self.situation()
        if now != self.now:
            self._changed(self.now, now)

    # ------------------------------------------------------------------ actions

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        text = f"{action}({parameters[0]!r})" if parameters else action
        command = commands.find(text)
        return command.applies(self.now) if command is not None else True

    def action_restart(self) -> None:
        self.post_message(self.Restart())

    async def action_quit(self) -> None:
        await self.app.action_quit()


def _asks(now: Situation) -> bool:
    """Whether the graph waits for somebody to write something."""
    return now.idle and (now.waiting or now.phase == "ready")
