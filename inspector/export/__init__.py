"""A saved thread as a file to keep, to give away or to look at: `json` can be imported again, `ndjson` is for other
programs, `html` for people. None needs the graph, none runs anything."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from inspector.core.saved import ExportFormat
from inspector.errors import StoreError
from inspector.export.formats import pieces
from inspector.store.threads import ThreadFile


def export_to(path: Path, database: Path, thread: str, format: ExportFormat, *, secrets: bool = False) -> int:
    """Write a thread to a file, which is there whole or not at all. Returns its size in bytes. What looks like a secret
    is masked, unless `secrets` (see `formats.pieces`).

    Raises:
        UnknownThread: the database has no such thread.
        StoreError: the database cannot be read, or the file cannot be written.
    """
    file = ThreadFile(database)
    try:
        file.summary(thread)
        return _whole(path, pieces(file, thread, format, secrets=secrets))
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        file.close()


def _whole(path: Path, texts: Iterator[str]) -> int:
    handle, name = tempfile.mkstemp(dir=path.absolute().parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace", newline="\n") as out:
            for text in texts:
                out.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    return path.stat().st_size


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
