"""Saved threads as a front end sees them: what a list of them needs to know, and who provides it.

What is known of a thread comes in two portions. A `Listing` comes from the index alone and is there for all threads at
once; an `Insight` has to be read from rows, and comes for those threads that somebody looks at first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from inspector.core.text import one_line

if TYPE_CHECKING:
    from inspector.core.replay import Player
    from inspector.core.threadtable import ThreadTable

_START = "__start__"  # as in `core.graphinfo`, whose import a first screen need not wait for
_SOURCES = {"loop": "", "update": "edited", "fork": "forked"}

Standing: TypeAlias = Literal["done", "waiting", "failed", "stopped", "unreadable"]

ThreadKey: TypeAlias = tuple[int, str]
"""Which of the open files, and the thread's id in it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A thread, as the index tells. `newest` is the id of its newest checkpoint, `last` when that was made (Unix
    seconds, None where the id does not tell), `steps` the step of the newest root checkpoint."""

    file: int
    thread: str
    newest: str
    last: float | None
    checkpoints: int
    steps: int

    @property
    def key(self) -> ThreadKey:
        return self.file, self.thread


@dataclass(frozen=True, slots=True)
class Insight:
    """What a thread's rows tell. `text` is the pending question, the error, or the nodes that come next; `asked` counts
    the questions; `size` is in bytes as stored, 0 until it has been read."""

    standing: Standing
    text: str = ""
    node: str = ""
    asked: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Glance:
    """A checkpoint of a root graph as a first frame shows it: its superstep, what made it (as `made_by`), and when
    (Unix time, None where the id does not tell)."""

    step: int
    made_by: str
    at: float | None


def made_by(source: str, nodes: Iterable[tuple[str, int]] = ()) -> str:
    """What made a checkpoint, in a few words: `nodes` are those whose tasks ended in it, each with how many; `source`
    is LangGraph's word (input, loop, update, fork)."""
    ran = ", ".join(node_name(node) + (f" ×{count}" if count > 1 else "") for node, count in nodes)
    return ran or _SOURCES.get(source, one_line(source, 30))


def node_name(node: str) -> str:
    """The name of a node, as rows show it."""
    return "start" if node == _START else one_line(node, 60)


@dataclass(frozen=True, slots=True)
class Mark:
    """What the developer has noted about a thread, beside the file."""

    alias: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A pending interrupt of a thread. `value` and `schema` are packed (`core.values.decode`); `since` is Unix seconds,
    from the checkpoint's id."""

    key: ThreadKey
    id: str
    node: str
    ns: tuple[str, ...]
    value: bytes
    since: float | None
    checkpoint: str
    schema: bytes = b"\xc0"


@dataclass(frozen=True, slots=True)
class FileNote:
    """An open file: its path, its name as it is shown, its size in bytes, whether its threads are still being listed,
    and what is to be said of it (that it is locked and waited for, that it cannot be read)."""

    path: Path
    name: str
    size: int = 0
    threads: int = 0
    reading: bool = True
    problem: str = ""


class Library(Protocol):
    """The open files and what is known of their threads. Files are read in threads of its own; `drain` brings what they
    found into the `table`, and is called by whoever shows it. The other methods return at once unless they are
    coroutines."""

    table: ThreadTable
    follow: bool
    """Whether files are looked at again and again for what others write to them."""

    @property
    def files(self) -> Sequence[FileNote]:
        """The open files, by the number that is in a `ThreadKey`."""
        ...

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        ...

    def path(self, key: ThreadKey) -> Path:
        """The file that a thread is in."""
        ...

    def begin(self) -> None:
        """Begin to list the threads of the files."""
        ...

    def go_on(self) -> None:
        """The first of it is on the screen: list the rest, where that was put off."""
        ...

    def drain(self) -> bool:
        """Take in what was found. Returns whether anything changed."""
        ...

    def want(self, keys: Sequence[ThreadKey], *, all: bool = False) -> None:
        """Read these threads' rows next, instead of what was wanted before; with `all`, the others after them."""
        ...

    def filter(self, text: str) -> None:
        """Show the threads that a filter matches: parts of the id or alias, `status:waiting`, `tag:x`, `key:value` of
        the metadata. What has to be read for it is, and rows appear as they are found."""
        ...

    def refresh(self) -> None:
        """List the files again."""
        ...

    def open(self, path: Path) -> None:
        """Open another file. Raises `StoreError`."""
        ...

    async def questions(self) -> Sequence[Question]:
        """The pending interrupts of all threads of all files, oldest first."""
        ...

    async def losses(self, keys: Sequence[ThreadKey]) -> Sequence[str]:
        """What deleting these threads would delete, in sentences."""
        ...

    async def delete(self, keys: Sequence[ThreadKey]) -> None:
        """Delete threads: the one thing that writes to LangGraph's tables. Raises `StoreError`."""
        ...

    async def copy(self, key: ThreadKey, name: str) -> None:
        """Copy a thread, its forks and subgraphs too, to another id in its file. Raises `StoreError`."""
        ...

    async def mark(self, key: ThreadKey, mark: Mark) -> None:
        """Note an alias and tags, beside the file. Raises `StoreError`."""
        ...

    async def export(self, key: ThreadKey, path: Path, format: ExportFormat) -> int:
        """Write a thread to a file. Returns how many bytes. Raises `StoreError`."""
        ...

    def close(self) -> None:
        """Stop reading; close the files."""
        ...


ExportFormat: TypeAlias = Literal["html", "json", "ndjson"]


class Reopened(Protocol):
    """A saved thread that is shown: what a front end needs besides `core.control.Debugger`."""

    player: Player | None
    """Shows any moment of the thread; None until it has been read."""

    approximate: bool
    """Whether the times are those of checkpoints only."""

    @property
    def graph(self) -> str:
        """The reference of the graph that runs the thread on, empty where that is not known."""
        ...

    trouble: str
    """Why not all of it could be read; empty where it could."""

    @property
    def attached(self) -> bool:
        """Whether the graph is there, and what is shown is its run. Then there is no replay."""
        ...

    @property
    def replaying(self) -> bool:
        """Whether an earlier moment than the last is shown."""
        ...

    def show(self) -> None:
        """Show the moment that the player is at, in the view."""
        ...

    def name_graph(self, ref: str) -> None:
        """Run the thread on with this graph. Raises `LoadError` or `UsageError` where it names none."""
        ...
