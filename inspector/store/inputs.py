"""The inputs that were sent to each graph, newest first, so that the app can offer them again.

One small JSON file, `{"version": 1, "graphs": {"<graph>": ["<input as JSON text>", ...]}}`, beside the checkpoint
file. It is convenience, not data: a file that cannot be read counts as empty, and is put aside before it is replaced.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from inspector.errors import StoreError
from inspector.store.jsonfile import JsonFile

KEEP = 50  # inputs a graph
LONGEST = 200_000  # characters; longer inputs come from files and are not typed again
_VERSION = 1


class RememberedInputs:
    """Earlier inputs by graph. Several inspectors may use the same file at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = JsonFile(path, _is_ours)

    def of(self, graph: str) -> list[str]:
        """The inputs of a graph as JSON text, newest first. Never raises."""
        return _texts(self._file.load(), graph)

    def remember(self, graph: str, text: str) -> None:
        """Put an input first. One that is there already moves up; one that is longer than `LONGEST` is left out.

        Raises:
            StoreError: the file cannot be written.
        """
        if not text or len(text) > LONGEST:
            return

        def change(content: dict[str, Any]) -> None:
            texts = [text, *(old for old in _texts(content, graph) if old != text)][:KEEP]
            content.update(version=_VERSION, graphs={**content.get("graphs", {}), graph: texts})

        try:
            self._file.update(change)
        except OSError as error:
            raise StoreError(f"The input cannot be remembered in {self.path}: {error.strerror or error}.") from error


def _is_ours(content: dict[str, Any]) -> bool:
    graphs = content.get("graphs")
    return isinstance(graphs, dict) and all(isinstance(texts, list) for texts in graphs.values())


def _texts(content: dict[str, Any], graph: str) -> list[str]:
    return [text for text in content.get("graphs", {}).get(graph, []) if isinstance(text, str)]
