"""What is done with saved threads from the list: naming, tagging, copying, deleting, writing to a file.

Each deed is about the marked threads, or the one that the cursor is on. What cannot be taken back is asked about first.
"""

from __future__ import annotations

from collections.abc import Coroutine
from pathlib import Path
from typing import Any, ClassVar

from textual.binding import Binding

from inspector.core.saved import ExportFormat, Library, Mark, ThreadKey
from inspector.core.text import one_line, plural, size
from inspector.errors import InspectorError, UsageError
from inspector.tui.painting import PromptScreen
from inspector.tui.threads.rows import ThreadRows

_ABOUT_ONE = ("rename", "copy", "copy_id")
_FORMATS: dict[str, ExportFormat] = {".html": "html", ".json": "json", ".ndjson": "ndjson"}


class Deeds(PromptScreen[None]):
    """A mixin of the browser's screen."""

    DEEDS: ClassVar[tuple[Binding, ...]] = (
        Binding("n", "rename", "name", tooltip="Give the thread a name of your own"),
        Binding("t", "tag", "tag", tooltip="Tag threads; `tag:` filters by them"),
        Binding("c", "copy", "copy", tooltip="Copy the thread under another id"),
        Binding("e", "export", "export", tooltip="Write threads to HTML, JSON or NDJSON files"),
        Binding("D", "delete", "delete", tooltip="Delete threads; asks first"),
        Binding("y", "copy_id", "Copy the thread's id", show=False),
    )

    library: Library
    rows: ThreadRows

    def changed(self) -> None:
        """The table is another one."""
        raise NotImplementedError

    @property
    def picked(self) -> list[ThreadKey]:
        """The threads that a deed is about."""
        return self.library.table.picked(self.rows.at)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in _ABOUT_ONE:
            return self.rows.at is not None
        if action in ("tag", "export", "delete"):
            return bool(self.picked)
        return True

    def _do(self, deed: Coroutine[Any, Any, str], done: str = "") -> None:
        """Carry out a deed; say what came of it."""

        async def carry_out() -> None:
            try:
                said = await deed
            except InspectorError as error:
                self.notify(one_line(str(error)), severity="error", markup=False)
            else:
                if said or done:
                    self.notify(one_line(said or done), markup=False)
            self.library.drain()
            self.changed()

        self.run_worker(carry_out(), exit_on_error=True)

    # ------------------------------------------------------------------ names and tags

    def action_rename(self) -> None:
        from inspector.tui.screens.ask import AskScreen

        key = self.rows.at
        if key is None:
            return
        mark = self.library.table.marks.get(key, Mark())

        def named(alias: str | None) -> None:
            if alias is not None:
                self._do(self._mark(key, Mark(alias.strip(), mark.tags)))

        self.app.push_screen(
            AskScreen(
                f"A name for {one_line(key[1], 50)}",
                "It is kept beside the file; the thread's own id stays. Empty takes the name away.",
                value=mark.alias,
                placeholder="a name",
            ),
            named,
        )

    def action_tag(self) -> None:
        from inspector.tui.screens.ask import AskScreen

        keys = self.picked
        marks = self.library.table.marks
        one = len(keys) == 1
        present = " ".join(marks.get(keys[0], Mark()).tags) if one else ""

        def tagged(text: str | None) -> None:
            if text is None:
                return
            given = list(dict.fromkeys(word.strip("#,") for word in text.split() if word.strip("#,")))

            async def all_of_them() -> str:
                for key in keys:
                    mark = marks.get(key, Mark())
                    tags = given if one else [*mark.tags, *(tag for tag in given if tag not in mark.tags)]
                    await self.library.mark(key, Mark(mark.alias, tuple(tags)))
                return ""

            self._do(all_of_them())

        about = one_line(keys[0][1], 50) if one else plural(len(keys), "thread")
        text = "Separated by spaces." if one else "Separated by spaces; added to the tags that each has."
        self.app.push_screen(AskScreen(f"Tags for {about}", text, value=present, placeholder="tags"), tagged)

    async def _mark(self, key: ThreadKey, mark: Mark) -> str:
        await self.library.mark(key, mark)
        return ""

    # ------------------------------------------------------------------ copies and files

    def action_copy(self) -> None:
        from inspector.tui.screens.ask import AskScreen

        key = self.rows.at
        if key is None:
            return
        taken = {other[1] for other in self.library.table.listings if other[0] == key[0]}

        def check(name: str) -> None:
            if not name.strip():
                raise UsageError("The copy needs an id.")
            if name.strip() in taken:
                raise UsageError(f"There is a thread {name.strip()!r} already.")

        def copied(name: str | None) -> None:
            if name is not None:
                self._do(self._copy(key, name.strip()))

        number = next(n for n in range(2, len(taken) + 3) if f"{key[1]}-{n}" not in taken)
        self.app.push_screen(
            AskScreen(
                f"Copy {one_line(key[1], 50)} as",
                "Its checkpoints, forks and subgraphs are copied within the file.",
                value=f"{key[1]}-{number}",
                check=check,
            ),
            copied,
        )

    async def _copy(self, key: ThreadKey, name: str) -> str:
        await self.library.copy(key, name)
        return f"Copied to {name}."

    def action_export(self) -> None:
        from inspector.tui.screens.ask import AskScreen

        keys = self.picked
        stem = file_name(keys[0][1])
        one = len(keys) == 1
        title = f"Export {one_line(keys[0][1], 50)} to" if one else f"Export {plural(len(keys), 'thread')} to files"

        def check(text: str) -> None:
            path = Path(text.strip()).expanduser()
            if path.suffix.lower() not in _FORMATS:
                raise UsageError("The file's name says the format: .html to read, .json to import, .ndjson by lines.")
            if not path.parent.is_dir():
                raise UsageError(f"There is no directory {path.parent}.")
            if one and path.exists():
                raise UsageError(f"{path} is there already: choose another name.")

        def written(text: str | None) -> None:
            if text is not None:
                self._do(self._export(keys, Path(text.strip()).expanduser()))

        self.app.push_screen(
            AskScreen(
                title,
                ".html to read, .json to import elsewhere, .ndjson one event a line."
                + ("" if one else " Each thread's id is put before the name."),
                value=f"{stem}.html" if one else "thread.html",
                check=check,
            ),
            written,
        )

    async def _export(self, keys: list[ThreadKey], path: Path) -> str:
        total = 0
        for key in keys:
            target = path if len(keys) == 1 else free(path.with_name(f"{file_name(key[1])}-{path.name}"))
            total += await self.library.export(key, target, _FORMATS[path.suffix.lower()])
        what = str(path) if len(keys) == 1 else f"{len(keys)} files in {path.parent}"
        return f"Exported to {what}, {size(total)}."

    # ------------------------------------------------------------------ deleting

    def action_delete(self) -> None:
        keys = self.picked
        if keys:
            self.run_worker(self._ask_to_delete(keys), exit_on_error=True)

    async def _ask_to_delete(self, keys: list[ThreadKey]) -> None:
        from inspector.tui.screens.ask import ConfirmScreen

        try:
            losses = await self.library.losses(keys)
        except InspectorError as error:
            self.notify(one_line(str(error)), severity="error", markup=False)
            return
        names = [one_line(key[1], 60) for key in keys[:5]]
        about = names[0] if len(keys) == 1 else plural(len(keys), "thread")
        listed = [] if len(keys) == 1 else [", ".join(names) + (f" and {len(keys) - 5} more" if keys[5:] else "")]
        question = ConfirmScreen(f"Delete {about}?", [*listed, *losses], "delete for good")
        if await self.app.push_screen_wait(question):
            self._do(self._delete(keys))

    async def _delete(self, keys: list[ThreadKey]) -> str:
        await self.library.delete(keys)
        return f"Deleted {plural(len(keys), 'thread')}."

    def action_copy_id(self) -> None:
        if self.rows.at is not None:
            self.app.copy_to_clipboard(self.rows.at[1])
            self.notify("Copied the thread's id, where the terminal allows it.", markup=False)


def file_name(thread: str) -> str:
    """A thread's id as a part of a file's name."""
    kept = "".join(char if char.isalnum() or char in "._-" else "-" for char in thread[:80]).strip(".-")
    return kept or "thread"


def free(path: Path) -> Path:
    """The path, with a number where there is something already."""
    number = 1
    found = path
    while found.exists():
        number += 1
        found = path.with_stem(f"{path.stem}-{number}")
    return found
