"""A saved thread, opened: a session without a graph, which becomes one with a graph when somebody wants to run it on.

What happened is told by a `Story`, and a `Player` shows any moment of it. Verbs that need the graph begin a `Session`
on the same thread, in the same view; without a graph they say what is missing.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any
from weakref import ref

from inspector.core.clock import pace
from inspector.core.control import Stage, StopAt
from inspector.core.events import Namespace
from inspector.core.replay import Player
from inspector.core.run import Run
from inspector.core.view import State, View
from inspector.errors import CommandError, InspectorError
from inspector.graphless import NO_GRAPH, Later, remembered
from inspector.store.checkpoints import CheckpointFile
from inspector.store.threads import ThreadFile
from inspector.stories import Story, whole

if TYPE_CHECKING:
    from inspector.core.control import Reloading, Steering, Travelling
    from inspector.core.graphinfo import GraphInfo
    from inspector.session import Session, Settings

_LOOK = 0.5  # seconds between two looks at a file that is followed
_REST = 0.15  # seconds that a checkpoint is looked at before what happened around it is read: its state comes first


class SavedThread:
    """Implements `core.control.Debugger` and `core.saved.Reopened` for a thread in a file.

    `settings` say which graph runs it on, and how; file and thread in them are replaced. While `follow` says so, what
    other programs write to the thread is shown as it lands.
    """

    def __init__(
        self, path: Path, thread: str, settings: Settings | None = None, *, follow: Callable[[], bool] = lambda: False
    ) -> None:
        self.path = path
        self.thread = thread
        self.settings = settings
        self._follow = follow
        self._following: asyncio.Task[None] | None = None
        self.view = View(Run(), self._state)
        self.view.title, self.view.thread = path.name, thread
        self.view.pieces = self._piece
        self.view.looked = self._hush
        self.view.mode = "saved"
        self.player: Player | None = None
        self.approximate = False
        self._stage: Stage = "loading"
        self.trouble = ""
        self._file = CheckpointFile(path)
        self._news = ThreadFile(path)
        self._story: Story | None = None
        self._retold: Story | None = None  # the story around another checkpoint, being read
        self._coming: Player | None = None  # of that story, being loaded
        self._session: Session | None = None
        self._attaching: asyncio.Task[Session] | None = None
        self._shown: tuple[int, int] = (-1, -1)
        self._resting: tuple[str | None, float] = (None, 0.0)  # the checkpoint that is looked at, and since when

    # ------------------------------------------------------------------ life

    @property
    def graph(self) -> str:
        return self.settings.reference.ref if self.settings is not None else ""

    @property
    def database(self) -> Path:
        return self.path

    @property
    def stage(self) -> Stage:
        return self._session.stage if self._session is not None and self._stage == "ready" else self._stage

    @property
    def problem(self) -> InspectorError | None:
        return self._session.problem if self._session is not None else None

    async def open(self) -> None:
        """Read what happened; it is shown as it comes. Raises `StoreError`."""
        with contextlib.suppress(InspectorError):  # what the story says in a moment
            await asyncio.to_thread(self._news.changes)  # what is written from here on is news
        self._story = story = Story(self.path, self.thread)
        story.begin()
        if self.settings is None:
            self.settings = await asyncio.to_thread(remembered, self.path, self.thread)
        await asyncio.to_thread(story.wait)
        self.approximate = self.view.approximate = story.approximate
        self.player = Player(story, story.count)
        self._stage = "ready"
        self._following = asyncio.create_task(self._look_for_news(), name="inspector-follow")
        self.show()

    async def close(self) -> None:
        for task in (self._following, self._attaching):
            if task is not None and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, InspectorError):
                    await task
        for story in (self._story, self._retold):
            if story is not None:
                await asyncio.to_thread(story.close)
        if self._session is not None:
            await self._session.close()
        self._file.close()
        self._news.close()
        self._stage = "closed"

    # ------------------------------------------------------------------ replay

    @property
    def attached(self) -> bool:
        """Whether the graph is there, and what is shown is its run."""
        return self._session is not None

    @property
    def replaying(self) -> bool:
        """Whether an earlier moment than the last is shown."""
        player = self.player
        return player is not None and not self.attached and (player.playing or player.position < player.loaded)

    def show(self) -> None:
        """Show the moment that the player is at."""
        player, view = self.player, self.view
        if player is None or self.attached:
            return
        if view.run is not player.run:
            view.run = player.run
            pace(view.run, _time_of(player))
        at = (player.position, player.loaded)
        if at != self._shown:
            self._shown = at
            if view.cursor is not None and view.cursor not in view.run.by_checkpoint:
                view.look_at(None)
            view.revision += 1
        view.mode = "replay" if self.replaying else "saved"

    def drain(self, budget: float = 0.008) -> bool:
        if self._session is not None:
            return self._session.drain(budget)
        player, story = self.player, self._story
        if player is None or story is None:
            return False
        if not player.complete and story.ready:
            self._load(player, story, budget)
        player.tick()
        self._look_nearer(budget)
        self.show()
        return player.playing or not player.complete or self._coming is not None

    def _load(self, player: Player, story: Story, budget: float) -> None:
        """Take in what was read. Who is at the end stays there."""
        at_end = not player.playing and player.position == player.loaded
        end = perf_counter() + budget
        while story.ready and player.load(0) and perf_counter() < end:
            pass
        if at_end:
            player.seek(player.loaded)
        if player.complete and story.problem is not None:
            self.trouble = str(story.problem)

    def _look_nearer(self, budget: float) -> None:
        """Of a long thread, tell what happened around the checkpoint that is looked at."""
        story, cursor = self._story, self.view.cursor
        if self._retold is not None:
            if self._retold.over and self._retold.problem is not None:
                self.trouble = str(self._retold.problem)  # what is known already stays
                self._retold = self._coming = None
                self._resting = (cursor, math.inf)
                return
            if self._retold.over and self._coming is None:
                self._coming = Player(self._retold, self._retold.count)
            if self._coming is not None and not self._coming.load(budget):
                before, self.player, self._coming = self.player, self._coming, None
                self._story, self._retold = self._retold, None
                self._told_again(self.player, before)
        elif story is not None and story.span is not None and cursor is not None:
            first, last = story.span
            if cursor != self._resting[0]:
                self._resting = (cursor, perf_counter())
            elif not first <= cursor <= last and perf_counter() - self._resting[1] >= _REST:
                self._tell_again()

    def _tell_again(self) -> None:
        """Begin to read what happened around the checkpoint that is looked at."""
        self._retold = Story(self.path, self.thread, self.view.cursor, ahead=None)
        self._retold.begin()

    def _told_again(self, player: Player, before: Player | None) -> None:
        """Show another telling of the thread, at the same place: the end, the checkpoint, or the event."""
        view = self.view
        cursor, selected = view.cursor, view.selected_task()
        earlier = before is not None and before.position < before.loaded
        player.seek(before.position if before is not None and earlier else player.loaded)
        self._shown = (-1, -1)
        self.show()
        if cursor is not None:
            view.look_at(cursor)
        view.select(view.run.tasks.get(selected.id) if selected is not None else None, by_user=view.picked is not None)

    async def _look_for_news(self) -> None:
        """Tell the thread again whenever another program has written to it, while it is followed."""
        while not self.attached:
            await asyncio.sleep(_LOOK)
            if not self._follow() or self._retold is not None or self.player is None or self.player.playing:
                continue
            try:
                changes = await asyncio.to_thread(self._news.changes)
            except InspectorError as error:
                self.trouble = str(error)
                continue
            self.trouble = ""
            if changes.all or self.thread in changes.threads:
                self._tell_again()

    def waiting(self) -> bool:
        if self._session is not None:
            return self._session.waiting()
        return self.player is not None and not self.player.complete

    @property
    def running(self) -> bool:
        return self._session is not None and self._session.running

    # ------------------------------------------------------------------ the graph

    async def attach(self) -> Session:
        """The session that runs the thread on, with its graph loaded.

        Raises:
            CommandError: it is not known which graph that is.
            LoadError: the graph cannot be loaded (`SeveralGraphs`: `choose` one).
        """
        if self.settings is None:
            raise CommandError(NO_GRAPH)
        if self._attaching is None or (self._attaching.done() and self._session is None):
            self._attaching = asyncio.create_task(self._attach(self.settings), name="inspector-attach")
        return await asyncio.shield(self._attaching)

    async def _attach(self, settings: Settings) -> Session:
        from inspector.session import Session

        session = Session(replace(settings, db=self.path.absolute(), thread=self.thread, keep_checkpointer=False))
        try:
            session.begin()
            graph = await session.wait_ready()
            run = await asyncio.to_thread(self._whole)
        except BaseException:
            await session.close()
            raise
        self._file.graph = graph
        self.view.graph = graph
        self.view.title = session.view.title
        self.view.run = run
        self.view.mode = "live"
        self.view.look_at(None)
        self.view.select(None)
        session.view = self.view
        self._session = session
        self._retold = self._coming = None
        with contextlib.suppress(InspectorError):  # what cannot be read of the past is no reason not to go on
            await session.recall()
        return session

    def _whole(self) -> Run:
        """All that happened, as a run that goes on."""
        run = Run()
        for event in whole(self.path, self.thread):
            run.append(event)
        return run

    async def wait_ready(self) -> GraphInfo:
        return await (await self.attach()).wait_ready()

    async def choose(self, name: str) -> None:
        from inspector.core.reference import resolve

        if self.settings is None:
            raise CommandError(NO_GRAPH)
        reference = resolve(f"{self.settings.reference.ref}:{name}", self.settings.cwd)
        self.settings = replace(self.settings, reference=reference)

    def name_graph(self, ref: str) -> None:
        """Run the thread on with this graph from now on. Raises `LoadError` or `UsageError`: it names none."""
        from inspector.core.reference import environment, resolve
        from inspector.session import Settings

        reference = resolve(ref, Path.cwd())
        self.settings = Settings(reference=reference, env=environment(reference, None))

    # ------------------------------------------------------------------ verbs

    @property
    def steer(self) -> Steering:
        return self._session.steer if self._session is not None else Later(self)

    @property
    def travel(self) -> Travelling:
        return self._session.travel if self._session is not None else Later(self)

    @property
    def code(self) -> Reloading:
        return self._session.code if self._session is not None else _NoCode()

    async def start(
        self,
        input: Any = None,
        *,
        resume: dict[str, Any] | None = None,
        goes_on: bool = False,
        stop: StopAt = "",
        target: str = "",
    ) -> None:
        session = await self.attach()
        await session.start(input, resume=resume, goes_on=goes_on, stop=stop, target=target)

    async def cancel(self) -> None:
        await (await self.attach()).cancel()

    async def pause(self) -> None:
        await (await self.attach()).pause()

    async def kill(self) -> None:
        if self._session is not None:
            await self._session.kill()

    async def restart(self) -> None:
        await (await self.attach()).restart()

    async def recall(self) -> None:
        if self._session is not None:
            await self._session.recall()

    def watches(self) -> list[str]:
        return self._session.watches() if self._session is not None else []

    def keep_watches(self, texts: Sequence[str]) -> None:
        if self._session is not None:
            self._session.keep_watches(texts)

    def inputs(self) -> list[str]:
        return self._session.inputs() if self._session is not None else []

    # ------------------------------------------------------------------ states

    async def _state(self, checkpoint: str, ns: Namespace) -> State:
        return await self._file.load(self.thread, checkpoint, ns)

    def _hush(self) -> None:
        """What is looked at comes before what happened around it."""
        for story in (self._story, self._retold):
            if story is not None:
                story.hush()

    async def _piece(
        self, checkpoint: str, ns: Namespace, path: Sequence[str | int], start: int, count: int
    ) -> tuple[Any, int]:
        return await self._file.piece(self.thread, checkpoint, ns, path, start, count)


def _time_of(player: Player) -> Callable[[], float]:
    found = ref(player)  # a run lives no longer for being paced

    def now() -> float:
        player = found()
        return player.time if player is not None else 0.0

    return now


class _NoCode:
    """The code of a graph that is not there."""

    automatic = False

    async def changed(self) -> Sequence[str]:
        return ()

    async def reload(self) -> None:
        raise CommandError(NO_GRAPH)
