"""Going back in time, from what is shown: running again, editing, jumping. Looking alone is in `looking`."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from inspector.core.authors import Author
from inspector.core.called import moment_name
from inspector.core.diff import Path
from inspector.core.events import CheckpointSaved, Namespace
from inspector.core.graphinfo import GraphInfo
from inspector.core.history import ran
from inspector.core.nodes import Checkpoint
from inspector.core.outline import path_text
from inspector.core.text import one_line
from inspector.core.watches import lenient, of_path
from inspector.errors import InspectorError, LinkClosed
from inspector.tui.actions.base import Acting

if TYPE_CHECKING:
    from inspector.tui.panes.state import StatePane


class TimeActions(Acting):
    """The verbs that begin a second future. All of them say first what they will do."""

    _written: tuple[tuple[str, Path], Author] | None = None  # who was found last, and of which value

    def shown_moment(self) -> tuple[Checkpoint, Namespace] | None:
        """The checkpoint that verbs are about: of the subgraph whose state is shown, else the one of the graph."""
        moment = self._state_pane.wanted()
        return (moment.checkpoint, moment.ns) if moment is not None else None

    def at_value(self) -> bool:
        """Whether the cursor of the state pane is on a value, and can be seen."""
        pane = self.board.panes.get("state")
        return pane is not None and pane.display and bool(self._state_pane.path)

    def action_rerun(self) -> None:
        from inspector.tui.screens.rerun import RerunScreen

        moment = self.shown_moment()
        if moment is None:
            return
        checkpoint, ns = moment

        def decided(run: bool | None) -> None:
            if run:
                self._state_pane.leave_inside()
                self.leave_past()
                self.run_verb(self.session.travel.rerun(checkpoint.id, ns))

        self.app.push_screen(RerunScreen(self.session.travel, checkpoint, ns), decided)

    def action_edit_state(self) -> None:
        moment = self.shown_moment()
        if moment is not None:
            self.run_worker(self._edit(*moment), exit_on_error=True)

    async def _edit(self, checkpoint: Checkpoint, ns: Namespace) -> None:
        from inspector.tui.screens.fork import ForkScreen

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
        run = self.view.run
        if not ns and forked.checkpoint not in run.by_checkpoint:  # the graph's own checkpointer has no file to look in
            t = run.now - (run.invocation.offset if run.invocation is not None else 0.0)
            parent, step = checkpoint.id, checkpoint.step + 1
            run.append(CheckpointSaved(t, (), forked.checkpoint, parent, step, "update", forked.next))
        self._state_pane.leave_inside()
        self.leave_past()
        if forked.run:
            self.run_verb(self.session.start(goes_on=True))
        else:
            self.notify("The edit is saved as a new branch of the thread; `c` runs it.", timeout=5, markup=False)

    def action_jump(self) -> None:
        from inspector.tui.screens.jump import JumpScreen

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
                self.leave_past()
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

    # ------------------------------------------------------------------ who wrote this

    def action_who_wrote(self) -> None:
        moment, path = self.shown_moment(), self._state_pane.path
        if moment is not None and path:
            self.run_worker(self._find_author(moment[0], path), group="who-wrote", exclusive=True, exit_on_error=True)

    async def _find_author(self, start: Checkpoint, path: Path) -> None:
        from inspector.core.authors import Unknown, author

        run, name = self.view.run, path_text(path)
        last = self._written
        if last is not None and last[0] == (start.id, path):
            found = last[1]
            parent = run.by_checkpoint.get(found.checkpoint.parent or "")
            if found.before is None or parent is None:
                self.notify(f"{name} was written first here: nothing was there before.", timeout=5, markup=False)
                return
            start, path = parent, found.before
        outcome = await author(run, self._state_pane.states, start, path)
        if isinstance(outcome, Unknown):
            self.notify(f"Who wrote {name} is not known: {outcome.why}.", timeout=6, markup=False)
            return
        self._written = (outcome.checkpoint.id, outcome.path), outcome
        self._look_at(outcome.checkpoint)
        if outcome.task is not None:
            self.show_selected(outcome.task)
            self.moved()
        self.notify(author_sentence(outcome), timeout=6, markup=False)

    # ------------------------------------------------------------------ watches

    def take_watches(self) -> None:
        """Show what was watched the last time."""
        kept = self.session.watches()
        if kept:
            self.view.watch(lenient(kept))

    def action_watches(self) -> None:
        from inspector.tui.screens.watches import WatchesScreen

        moment = self.shown_moment()
        path = self._state_pane.path
        screen = WatchesScreen(
            self.view, self._state_pane.states, self.session.keep_watches, moment[0] if moment else None,
            of_path(path) if path else "",
        )  # fmt: skip

        def decided(checkpoint: str | None) -> None:
            if checkpoint is not None:
                self._look_at(self.view.run.by_checkpoint[checkpoint])

        self.app.push_screen(screen, decided)

    def _look_at(self, checkpoint: Checkpoint) -> None:
        if checkpoint.ns:
            self._state_pane.look_inside(checkpoint)
        else:
            self.view.look_at(checkpoint.id)
        self.moved()

    # ------------------------------------------------------------------ comparing

    def action_mark(self) -> None:
        moment = self.shown_moment()
        if moment is not None:
            self.view.pin(moment[0])
            self.moved()
            where = moment_name(*moment)
            self.notify(f"Marked {where}. Go to another checkpoint; `=` compares the two.", timeout=5, markup=False)

    def action_compare(self) -> None:
        from inspector.tui.screens.compare import CompareScreen

        marked, moment = self.view.pinned, self.shown_moment()
        if marked is None or moment is None:
            return
        if marked is moment[0]:
            self.notify("The mark is taken away.", timeout=3, markup=False)
        elif marked.ns != moment[1]:
            self.say_refused("The marked checkpoint is of another graph; compare two of the same.")
        else:
            self.app.push_screen(CompareScreen(self.view.run, self._state_pane.states, marked, moment[0]))
        self.view.pin(None)
        self.moved()

    async def recall(self) -> None:
        """Take in what the thread's file has that was not seen happen."""
        try:
            await self.session.recall()
        except LinkClosed:
            pass
        except InspectorError as error:
            self.say_refused(str(error))


def author_sentence(author: Author) -> str:
    """`messages[3] came to be so in step 2, by search (one of 4 tasks that wrote messages). w goes further back.`"""
    name = one_line(path_text(author.path), 80)
    source = author.checkpoint.source
    if author.task is not None:
        who = f"by {one_line(author.task.node, 60)}"
        if len(author.tasks) > 1:
            who += f", one of {len(author.tasks)} tasks that wrote {one_line(str(author.path[0]), 40)} then"
    elif source in ("input", "update", "fork"):
        who = "by the input" if source == "input" else "by an edit"
    else:
        who = (
            f"when {', '.join(one_line(node, 40) for node in author.nodes)} ran"
            if author.nodes
            else "by a task not seen"
        )
    further = "w again goes further back." if author.before is not None else "It was not there before."
    return f"{name} was written in step {author.checkpoint.step}, {who}. {further}"
