"""What every pane has in common, and the messages that panes send up.

A pane gets a `View` and draws from it. It is told to `sync` at most some 25 times a second, only while it is on
display and only when something that it shows has changed; it never polls, and never reaches for another pane.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeAlias

from textual.message import Message
from textual.widget import Widget

from inspector.core.aiming import Aim
from inspector.core.nodes import Node
from inspector.core.view import View


class NodeSelected(Message):
    """The cursor is on a row (a task or span) of the run; `by_user` False: it follows what happens."""

    def __init__(self, node: Node | None, *, by_user: bool = True) -> None:
        super().__init__()
        self.node = node
        self.by_user = by_user


class ShowNode(Message):
    """The developer wants the whole of a task or span: show the detail pane on it."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


class CheckpointSelected(Message):
    """The developer looks at a checkpoint of the root graph (None: back to live)."""

    def __init__(self, checkpoint: str | None) -> None:
        super().__init__()
        self.checkpoint = checkpoint


class ShowText(Message):
    """The developer wants to see a text whole (a log line, a result, a value)."""

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self.title = title
        self.text = text


Pieces: TypeAlias = Callable[[int, int], Awaitable[tuple[Any, int]]]
"""Start and count to a piece of a value, and how much there is: children of a group, bytes of a text."""


class ShowPieces(Message):
    """Show what is too large to be shown at once. `beginning` is what is known of it without reading."""

    def __init__(self, title: str, beginning: str, read: Pieces) -> None:
        super().__init__()
        self.title = title
        self.beginning = beginning
        self.read = read


class BadgeChanged(Message):
    """What a pane is at came after it was told to sync: its title says it now."""


class Pane(Widget):
    """Base of all panes. Subclasses set `title`, and `shows`: the kinds of `Run.revisions` that concern them."""

    title: ClassVar[str] = ""
    shows: ClassVar[tuple[str, ...]] = ()

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.view = view
        self._seen: tuple[int, ...] = ()

    def watch_has_focus(self, _has_focus: bool) -> None:
        """The frame that shows the focus is the board's: the styles of all that is in a pane that takes the keyboard
        itself need not be worked out anew."""

    @property
    def badge(self) -> str:
        """A short count for the pane's tab (`Tools 3`), or nothing."""
        return ""

    aims: ClassVar[bool] = False
    """Whether the pane says itself what a breakpoint that is set in it is about, whatever is selected elsewhere."""

    def aim(self) -> Aim | None:
        """What a breakpoint is about that is set where the cursor of the pane is."""
        return None

    def follow(self) -> None:
        """Show the newest again from the next `sync` on, in a pane that follows it."""

    def sync_if_changed(self) -> bool:
        """Call `sync` if anything the pane shows changed since the last call. Returns whether it did."""
        run = self.view.run
        seen = (id(run), self.view.revision, *(run.revisions[kind] for kind in self.shows))
        if seen == self._seen:
            return False
        self._seen = seen
        self.sync()
        return True

    def sync(self) -> None:
        """Bring what is drawn in line with `self.view`. Must cost what is visible, not what there is."""
        raise NotImplementedError
