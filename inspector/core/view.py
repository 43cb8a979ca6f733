"""What the developer is looking at: the run, a cursor into it, a selection. Never changes what happened.

Panes read a `View` and nothing else. The cursor is a checkpoint of the root graph (None: live, the newest); moving it
shows another moment, it does not change the thread.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from inspector.core.breakpoints import Breakpoint
from inspector.core.events import Held, Namespace
from inspector.core.graphinfo import GraphInfo
from inspector.core.nodes import Checkpoint, Node, Span, Task
from inspector.core.run import Run

if TYPE_CHECKING:
    from inspector.core.watches import Watch


@dataclass(frozen=True, slots=True)
class State:
    """The state at a checkpoint. `values` maps state channels to inert values (`core.values`), in the order of the
    graph's channels; a graph whose state is one value (functional API) has it under `""`.

    `sizes` gives each channel's size in bytes as stored (0 unknown); `problem` says why there are no values; `rebuilt`
    names channels that the checkpoint does not hold, whose values were put together from what was written to them.
    """

    checkpoint: str
    ns: Namespace
    values: dict[str, Any]
    sizes: dict[str, int] = field(default_factory=dict)
    problem: str = ""
    rebuilt: tuple[str, ...] = ()


Mode: TypeAlias = Literal["live", "saved", "replay"]
"""A session's own run, a thread that was opened from its file, or an earlier moment of one."""

StateLoader = Callable[[str, Namespace], Awaitable[State]]
PieceLoader = Callable[[str, Namespace, Sequence[str | int], int, int], Awaitable[tuple[Any, int]]]
"""Checkpoint, namespace, path, start and count to a piece of a value and how much there is of it: children of a group,
bytes of a text. Raises `InspectorError`."""


class View:
    """The run as one developer sees it. `revision` grows when cursor, selection, graph or thread change."""

    def __init__(self, run: Run, loader: StateLoader | None = None) -> None:
        self.run = run
        self.graph: GraphInfo | None = None
        self.title = ""
        self.thread = ""  # where it is known before a run says so; a copy has its own, and the recording of another
        self.mode: Mode = "live"
        self.approximate = False  # times are those of checkpoints, not of what happened between them
        self.cursor: str | None = None
        self.selected: Node | None = None
        self.pinned: Checkpoint | None = None  # to compare another one with
        self.breakpoints: tuple[Breakpoint, ...] = ()
        self.watches: tuple[Watch, ...] = ()
        self.revision = 0
        self._by_user = False  # whether the developer selected it, and it is not what the timeline follows
        self._hold: str | None = None
        self._loader = loader
        self.looked: Callable[[], None] | None = None
        """Called when another checkpoint is looked at."""
        self.pieces: PieceLoader | None = None
        """Reads parts of values that are too large to be read at once, where the file of the thread is known."""

    @property
    def live(self) -> bool:
        """Whether the newest moment is shown (of a replay: that which it is at)."""
        return self.cursor is None

    @property
    def past(self) -> bool:
        """Whether something earlier than the end is looked at."""
        return self.cursor is not None or self.mode == "replay"

    def look_at(self, checkpoint: str | None) -> None:
        """Move the cursor to a checkpoint of the root graph; None goes back to live."""
        newest = self.run.checkpoints[-1].id if self.run.checkpoints else None
        self.cursor = None if checkpoint == newest else checkpoint
        self.revision += 1
        if self.looked is not None:
            self.looked()

    def move(self, by: int) -> None:
        """Move the cursor `by` checkpoints forward (negative: back), as far as there are any."""
        checkpoints = self.run.checkpoints
        if checkpoints:
            index = min(max(self.index + by, 0), len(checkpoints) - 1)
            self.look_at(checkpoints[index].id)

    @property
    def index(self) -> int:
        """The cursor as an index into `run.checkpoints` (the last one when live; -1 when there is none)."""
        if self.cursor is not None:
            for index in range(len(self.run.checkpoints) - 1, -1, -1):
                if self.run.checkpoints[index].id == self.cursor:
                    return index
        return len(self.run.checkpoints) - 1

    @property
    def checkpoint(self) -> Checkpoint | None:
        """The root checkpoint that is shown, or None before the first."""
        index = self.index
        return self.run.checkpoints[index] if index >= 0 else None

    @property
    def before(self) -> Checkpoint | None:
        """The parent of the checkpoint that is shown, if it was seen."""
        shown = self.checkpoint
        return self.run.by_checkpoint.get(shown.parent) if shown and shown.parent else None

    def watch(self, watches: Iterable[Watch]) -> None:
        """Show these expressions with every state."""
        self.watches = tuple(watches)
        self.revision += 1

    def pin(self, checkpoint: Checkpoint | None) -> None:
        """Mark a checkpoint (None: none), to compare another one with it."""
        self.pinned = checkpoint
        self.revision += 1

    def select(self, node: Node | None, *, by_user: bool = True) -> None:
        """Select a row of the timeline (or a span elsewhere); the detail pane shows it."""
        if node is not self.selected or by_user != self._by_user:
            self.selected, self._by_user = node, by_user
            self.revision += 1

    @property
    def picked(self) -> Node | None:
        """The selection, if the developer made it; None where it only follows what happens."""
        return self.selected if self._by_user else None

    def selected_task(self) -> Task | None:
        """The task that the selection is, or is in."""
        node = self.selected
        return node.task if isinstance(node, Span) else node

    @property
    def held(self) -> Held | None:
        """Of what is held: what was chosen, else the oldest."""
        held = self.run.held
        if self._hold in held:
            return held[self._hold]
        return next(iter(held.values()), None)

    def choose(self, hold: str) -> None:
        """Of what is held, look at this."""
        if hold != self._hold:
            self._hold = hold
            self.revision += 1

    def mark(self, breakpoints: tuple[Breakpoint, ...]) -> None:
        """These are the breakpoints."""
        if breakpoints != self.breakpoints:
            self.breakpoints = breakpoints
            self.revision += 1

    async def state(self, checkpoint: str, ns: Namespace = ()) -> State:
        """The state at a checkpoint, fetched only now that somebody looks. Never raises: see `State.problem`."""
        if self._loader is None:
            return State(checkpoint, ns, {}, problem="this run has no checkpoints to read a state from")
        return await self._loader(checkpoint, ns)
