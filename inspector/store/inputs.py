"""The inputs that were sent to each graph, newest first, so that the app can offer them again.

One small JSON file, `{"version": 1, "graphs": {"<graph>": ["<input as JSON text>", ...]}}`, beside the checkpoint
file. It is convenience, not data: a file that cannot be read counts as empty, and is put aside before it is replaced.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from inspector.errors import StoreError

KEEP = 50  # inputs a graph
LONGEST = 200_000  # characters; longer inputs come from files and are not typed again
_VERSION = 1


class RememberedInputs:
    """Earlier inputs by graph. Several inspectors may use the same file at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def of(self, graph: str) -> list[str]:
        """The inputs of a graph as JSON text, newest first. Never raises."""
        return self._load().get(graph, [])

    def remember(self, graph: str, text: str) -> None:
        """Put an input first. One that is there already moves up; one that is longer than `LONGEST` is left out.

        Raises:
            StoreError: the file cannot be written.
        """
        if not text or len(text) > LONGEST:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._locked():
                graphs = self._load(put_aside=True)
                graphs[graph] = [text, *(old for old in graphs.get(graph, []) if old != text)][:KEEP]
                self._save(graphs)
        except OSError as error:
            raise StoreError(f"The input cannot be remembered in {self.path}: {error.strerror or error}.") from error

    def _load(self, *, put_aside: bool = False) -> dict[str, list[str]]:
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            return {
                str(graph): [text for text in texts if isinstance(text, str)] for graph, texts in raw["graphs"].items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            if put_aside:
                with contextlib.suppress(OSError):
                    os.replace(self.path, self.path.with_suffix(".unreadable"))
            return {}

    def _save(self, graphs: dict[str, list[str]]) -> None:
        text = json.dumps({"version": _VERSION, "graphs": graphs}, ensure_ascii=False, indent=1)
        handle, name = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
                file.write(text)
            os.replace(name, self.path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep other inspectors from writing between our reading and writing."""
        try:
            import fcntl
        except ImportError:  # not on Unix: the last writer wins
            yield
            return
        with open(self.path.with_suffix(".lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
