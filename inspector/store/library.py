"""The open checkpoint files and their threads, as a front end shows them: `core.saved.Library` over the real files."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import monotonic
from typing import cast

from inspector.core.checkpoint_ids import made_at
from inspector.core.saved import ExportFormat, FileNote, Insight, Listing, Mark, Question, ThreadKey
from inspector.core.threadfilter import ThreadFilter, parse_filter
from inspector.core.threadtable import ThreadTable
from inspector.errors import StoreError, UnknownThread
from inspector.store.marks import Marks
from inspector.store.shelf import Shelf


class FileLibrary:
    """See `core.saved.Library`. Files that are not there, or are no checkpoint files, are kept with their `problem`."""

    def __init__(self, paths: Iterable[Path], *, follow: bool = False, newest_first: bool = False) -> None:
        """`newest_first`: list no more than the newest threads of each file before `go_on`, or a few seconds."""
        self.table = ThreadTable()
        self.follow = follow
        self._held = newest_first
        self._shelves: list[Shelf] = []
        self._marks: list[Marks] = []
        self._metadata: dict[ThreadKey, Mapping[str, str]] = {}
        self._shared: dict[tuple[tuple[str, str], ...], Mapping[str, str]] = {}  # what many threads have alike
        self._filter = ThreadFilter()
        self._behind = False  # whether rows may match that are not shown yet
        self._next = 0.0
        self._begun = False
        for path in paths:
            self._add(path)

    def _add(self, path: Path) -> Shelf:
        shelf = Shelf(len(self._shelves), path, follow=lambda: self.follow)
        if not self._held:
            shelf.rest.set()
        self._shelves.append(shelf)
        self._marks.append(Marks(path))
        return shelf

    @property
    def files(self) -> Sequence[FileNote]:
        """The open files, by the number that is in a `ThreadKey`."""
        return [
            FileNote(shelf.path, shelf.path.name, shelf.file.size, shelf.count, shelf.reading, shelf.problem)
            for shelf in self._shelves
        ]

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return any(shelf.busy for shelf in self._shelves)

    def path(self, key: ThreadKey) -> Path:
        """The file that a thread is in."""
        return self._shelves[key[0]].path

    def begin(self) -> None:
        """Begin to list the threads of the files."""
        self._begun = True
        for shelf in self._shelves:
            shelf.begin()
        for number, marks in enumerate(self._marks):
            self.table.note({(number, thread): mark for thread, mark in marks.load().items()})

    def go_on(self) -> None:
        """The first of it is on the screen: list the rest."""
        self._held = False
        for shelf in self._shelves:
            shelf.rest.set()

    # ------------------------------------------------------------------ what was read

    def drain(self) -> bool:
        """Take in what was found. Returns whether anything changed."""
        changed = False
        insights: dict[ThreadKey, Insight] = {}
        for shelf in self._shelves:
            while shelf.found:
                changed = True
                what, value = shelf.found.popleft()
                self._take(shelf.number, what, value, insights)
        if insights:
            self.table.learn(insights)
        self._behind = self._behind or (changed and bool(self._filter.statuses or self._filter.metadata))
        if self._behind and (not self.busy or monotonic() > self._next):
            # A list of 100,000 takes a while to filter and sort: it is not done for every portion.
            began = monotonic()
            self.table.arrange()
            self._behind, self._next = False, monotonic() + 10 * (monotonic() - began)
            changed = True
        return changed

    def _take(self, number: int, what: str, value: object, insights: dict[ThreadKey, Insight]) -> None:
        if what == "listings":
            listings, hints = cast("tuple[list[Listing], list[tuple[str, Insight]]]", value)
            self.table.add(listings)
            for thread, hint in hints:
                if (number, thread) not in self.table.insights:
                    insights[number, thread] = hint
        elif what == "insights":
            for thread, insight in cast("list[tuple[str, Insight]]", value):
                known = self.table.insights.get((number, thread))
                if not insight.size and known is not None:  # until it is measured again, it is what it was
                    insight = replace(insight, size=known.size)
                insights[number, thread] = insight
        elif what == "size":
            thread, size = cast("tuple[str, int]", value)
            known = insights.get((number, thread)) or self.table.insights.get((number, thread))
            if known is not None:
                insights[number, thread] = replace(known, size=size)
        elif what == "metadata":
            for thread, metadata in cast("dict[str, Mapping[str, str]]", value).items():
                self._metadata[number, thread] = self._shared.setdefault(tuple(metadata.items()), metadata)
        elif what == "gone":
            self._drop((number, thread) for thread in cast("list[str]", value))

    def _drop(self, keys: Iterable[ThreadKey]) -> None:
        gone = list(keys)
        if gone:
            self.table.remove(gone)
        for key in gone:
            self._metadata.pop(key, None)

    # ------------------------------------------------------------------ asking

    def want(self, keys: Sequence[ThreadKey], *, all: bool = False) -> None:
        """Read these threads' rows next, instead of what was wanted before; with `all`, the others after them."""
        for shelf in self._shelves:
            shelf.want([thread for number, thread in keys if number == shelf.number], all=all)

    def filter(self, text: str) -> None:
        """Show the threads that a filter matches (`core.threadfilter`). What has to be read for it is."""
        wanted = self._filter = parse_filter(text)
        for shelf in self._shelves:
            if wanted.metadata:
                shelf.search()
            if not all("waiting".startswith(status) or "failed".startswith(status) for status in wanted.statuses):
                shelf.everything()  # who waits or has failed is known from the index
        self.table.show(self._matching(wanted) if wanted else None)

    def _matching(self, wanted: ThreadFilter) -> Callable[[ThreadKey], bool]:
        """Asks of a thread what the filter is about, and nothing else."""
        marks, insights, metadata = self.table.marks, self.table.insights, self._metadata
        nothing: Mapping[str, str] = {}

        def stands(key: ThreadKey) -> bool:
            insight = insights.get(key)
            return insight is not None and wanted.stands(insight.standing)

        asked: list[Callable[[ThreadKey], bool]] = []
        if wanted.texts or wanted.tags:
            asked.append(lambda key: wanted.named(key[1], marks.get(key)))
        if wanted.statuses:
            asked.append(stands)
        if wanted.metadata:
            asked.append(lambda key: wanted.about(metadata.get(key, nothing)))
        return asked[0] if len(asked) == 1 else lambda key: all(ask(key) for ask in asked)

    def refresh(self) -> None:
        """List the files again."""
        for shelf in self._shelves:
            shelf.again()

    def open(self, path: Path) -> None:
        """Open another file. Raises `StoreError`."""
        if any(shelf.path.absolute() == path.absolute() for shelf in self._shelves):
            raise StoreError(f"{path} is open already.")
        shelf = Shelf(len(self._shelves), path, follow=lambda: self.follow)
        shelf.file.check()
        shelf = self._add(path)
        if self._begun:
            shelf.begin()
            self.table.note({(shelf.number, thread): mark for thread, mark in self._marks[-1].load().items()})

    async def questions(self) -> Sequence[Question]:
        """The pending interrupts of all threads of all files, oldest first."""
        from inspector.core.packing import WHOLE, pack
        from inspector.store.inbox import waiting

        def ask(shelf: Shelf) -> list[Question]:
            return [
                Question(
                    (shelf.number, found.thread), found.id, found.node, found.ns, pack(found.value, WHOLE),
                    made_at(found.checkpoint), found.checkpoint, pack(found.schema, WHOLE),
                )
                for found in waiting(shelf.file)
            ]  # fmt: skip

        asked: list[Question] = []
        for shelf in self._shelves:
            if not shelf.problem:
                asked += await asyncio.to_thread(ask, shelf)
        return sorted(asked, key=lambda question: (question.since or 0.0, question.key))

    # ------------------------------------------------------------------ changing

    async def losses(self, keys: Sequence[ThreadKey]) -> Sequence[str]:
        """What deleting these threads would delete, in sentences."""
        from inspector.store import admin

        def count() -> list[str]:
            said: list[str] = []
            for number, thread in keys:
                try:
                    said.append(str(admin.loss(self._shelves[number].file, thread)))
                except UnknownThread as error:
                    said.append(str(error))
            return said

        return await asyncio.to_thread(count)

    async def delete(self, keys: Sequence[ThreadKey]) -> None:
        """Delete threads: the one thing that writes to LangGraph's tables. Raises `StoreError`."""
        from inspector.store import admin

        by_file: dict[int, list[str]] = {}
        for number, thread in keys:
            by_file.setdefault(number, []).append(thread)
        for number, threads in by_file.items():
            await asyncio.to_thread(admin.delete, self._shelves[number].path, threads)
            self._drop((number, thread) for thread in threads)
            self._shelves[number].again()

    async def copy(self, key: ThreadKey, name: str) -> None:
        """Copy a thread, its forks and subgraphs too, to another id in its file. Raises `StoreError`."""
        from inspector.store import admin

        await asyncio.to_thread(admin.copy, self.path(key), key[1], name)
        self._shelves[key[0]].again()

    async def mark(self, key: ThreadKey, mark: Mark) -> None:
        """Note an alias and tags, beside the file. Raises `StoreError`."""
        await asyncio.to_thread(self._marks[key[0]].set, {key[1]: mark})
        self.table.note({key: mark})

    async def export(self, key: ThreadKey, path: Path, format: ExportFormat) -> int:
        """Write a thread to a file. Returns how many bytes. Raises `StoreError`."""
        from inspector.export import export_to

        write: Callable[[], int] = partial(export_to, path, self.path(key), key[1], format)
        return await asyncio.to_thread(write)

    def close(self) -> None:
        """Stop reading; close the files."""
        for shelf in self._shelves:
            shelf.close()
