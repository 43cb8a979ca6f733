"""Which format is written how."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.core.saved import ExportFormat
from inspector.export.content import Content
from inspector.export.portable import portable
from inspector.store.threads import ThreadFile


def pieces(file: ThreadFile, thread: str, format: ExportFormat, *, secrets: bool = False) -> Iterator[str]:
    """The thread in a format, as pieces of text.

    What looks like a secret is masked in `ndjson` and `html`, unless `secrets`. In `json`, which has to give the same
    thread again, states are as they are.
    """
    if format == "json":
        yield from portable(file, thread)
        return
    content = Content(file, thread, secrets=secrets)
    try:
        if format == "ndjson":
            from inspector.export.lines import lines

            yield from lines(content)
        else:
            from inspector.export.page import page

            yield from page(content)
    finally:
        content.close()
