"""The breakpoints of each graph, kept between sessions: `{"version": 1, "graphs": {"<graph>": [breakpoint, ...]}}` in
one small JSON file beside the checkpoint file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inspector.core.breakpoints import Breakpoint, from_wire, to_wire
from inspector.errors import StoreError
from inspector.store.jsonfile import JsonFile


class KeptBreakpoints:
    """Breakpoints by graph. Several inspectors may use the same file at a time: the last one to set them wins."""

    def __init__(self, path: Path) -> None:
        self._file = JsonFile(path)

    def of(self, graph: str) -> tuple[Breakpoint, ...]:
        """The breakpoints of a graph. Never raises."""
        graphs = self._file.load().get("graphs")
        return from_wire(graphs.get(graph)) if isinstance(graphs, dict) else ()

    def keep(self, graph: str, breakpoints: Sequence[Breakpoint]) -> None:
        """Replace the breakpoints of a graph. Raises `StoreError` where the file cannot be written."""

        def change(content: dict[str, Any]) -> None:
            graphs = content.get("graphs")
            kept = graphs if isinstance(graphs, dict) else {}
            kept[graph] = to_wire(breakpoints)
            content.update(version=1, graphs={name: each for name, each in kept.items() if each})

        try:
            self._file.update(change)
        except OSError as error:
            raise StoreError(
                f"The breakpoints cannot be kept in {self._file.path}: {error.strerror or error}."
            ) from error
