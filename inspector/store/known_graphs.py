"""Which graph each thread was run with, so that it can be run on by its id alone.

One small JSON file beside the checkpoint files of a directory: `{"version": 1, "files": {"<file>": {"<thread>": {"ref":
"cwd", "python", "env"}}}}`. A convenience, not data: a thread that is not in it needs `--graph`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inspector.errors import StoreError
from inspector.store.jsonfile import JsonFile

KEEP = 5000  # threads; those that were not run for the longest time are forgotten first


@dataclass(frozen=True, slots=True)
class KnownGraph:
    """How a graph was named: as on the command line, from the directory `cwd`. `python` and `env` as the options of the
    same names, None where they were not given; `env` never holds values, only the name of a file."""

    ref: str
    cwd: str
    python: str | None = None
    env: str | None = None


class KnownGraphs:
    """The file beside a checkpoint file. Several inspectors may use it at a time."""

    def __init__(self, db: Path) -> None:
        self._file = JsonFile(db.with_name("graphs.json"))
        self._db = db.name

    def of(self, thread: str) -> KnownGraph | None:
        """The graph that a thread was last run with, or None. Never raises."""
        found = _threads(self._file.load(), self._db).get(thread)
        try:
            return KnownGraph(**found) if isinstance(found, dict) else None
        except TypeError:
            return None

    def remember(self, thread: str, graph: KnownGraph) -> None:
        """Note the graph of a thread that is being run. Raises `StoreError`."""
        if self.of(thread) == graph:
            return

        def change(content: dict[str, Any]) -> None:
            threads = _threads(content, self._db)
            threads.pop(thread, None)
            threads[thread] = asdict(graph)
            files = content.get("files")
            kept = dict(list(threads.items())[-KEEP:])
            content.update(version=1, files={**(files if isinstance(files, dict) else {}), self._db: kept})

        try:
            self._file.update(change)
        except OSError as error:
            raise StoreError(f"The graph of the thread cannot be remembered: {error.strerror or error}.") from error


def _threads(content: dict[str, Any], db: str) -> dict[str, Any]:
    files = content.get("files")
    threads = files.get(db) if isinstance(files, dict) else None
    return dict(threads) if isinstance(threads, dict) else {}
