"""The watch expressions of each graph, kept between sessions: `{"version": 1, "graphs": {"<graph>": [text, ...]}}` in
one small JSON file beside the checkpoint file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspector.errors import StoreError
from inspector.store.jsonfile import JsonFile

MOST = 40  # a graph


class KeptWatches:
    """Watch expressions by graph. Several inspectors may use the same file: the last one to set them wins."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(path)

    def of(self, graph: str) -> list[str]:
        """The expressions of a graph. Never raises."""
        graphs = self._file.load().get("graphs")
        kept = graphs.get(graph) if isinstance(graphs, dict) else None
        return [text for text in kept if isinstance(text, str)][:MOST] if isinstance(kept, list) else []

    def keep(self, graph: str, texts: Sequence[str]) -> None:
        """Replace the expressions of a graph. Raises `StoreError` where the file cannot be written."""

        def change(content: dict[str, Any]) -> None:
            graphs = content.get("graphs")
            kept = graphs if isinstance(graphs, dict) else {}
            kept[graph] = list(texts)[:MOST]
            content.update(version=1, graphs={name: each for name, each in kept.items() if each})

        try:
            self._file.update(change)
        except OSError as error:
            raise StoreError(f"The watches cannot be kept in {self._file.path}: {error.strerror or error}.") from error
