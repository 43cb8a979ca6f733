"""Aliases and tags of threads, in a file of the inspector's own beside the checkpoints: `app.sqlite.inspector.json`,
`{"version": 1, "threads": {"<id>": {"alias": "...", "tags": ["..."]}}}`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from inspector.core.saved import Mark
from inspector.errors import StoreError
from inspector.store.jsonfile import JsonFile

_VERSION = 1


class Marks:
    """What was noted about the threads of one checkpoint file."""

    def __init__(self, database: Path) -> None:
        self._file = JsonFile(database.with_name(f"{database.name}.inspector.json"))

    @property
    def path(self) -> Path:
        return self._file.path

    def load(self) -> dict[str, Mark]:
        """Marks by thread id. Never raises."""
        threads = self._file.load().get("threads")
        if not isinstance(threads, dict):
            return {}
        return {str(id_): _mark(raw) for id_, raw in threads.items() if isinstance(raw, dict)}

    def set(self, marks: Mapping[str, Mark]) -> None:
        """Note these marks; an empty one takes what was noted away. Raises `StoreError`."""

        def change(content: dict[str, Any]) -> None:
            threads = content.get("threads")
            content["version"] = _VERSION
            content["threads"] = threads = threads if isinstance(threads, dict) else {}
            for thread, mark in marks.items():
                if mark.alias or mark.tags:
                    threads[thread] = {"alias": mark.alias, "tags": list(mark.tags)}
                else:
                    threads.pop(thread, None)

        try:
            self._file.update(change)
        except OSError as error:
            raise StoreError(f"{self.path} cannot be written: {error.strerror or error}.") from None

    def forget(self, threads: Iterable[str]) -> None:
        """These threads are gone. A file that cannot be written keeps them."""
        gone = {thread: Mark() for thread in threads if thread in self.load()}
        if gone:
            self.set(gone)


def _mark(raw: dict[str, Any]) -> Mark:
    tags = raw.get("tags")
    return Mark(str(raw.get("alias") or ""), tuple(map(str, tags)) if isinstance(tags, list) else ())
