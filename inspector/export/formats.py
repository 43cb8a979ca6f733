"""Which format is written how."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.core.saved import ExportFormat
from inspector.export.portable import portable
from inspector.store.threads import ThreadFile


def pieces(file: ThreadFile, thread: str, format: ExportFormat) -> Iterator[str]:
    """The thread in a format, piece by piece."""
    return portable(file, thread)
