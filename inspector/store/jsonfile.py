"""A small JSON file that several inspectors may write: convenience, not data.

One that cannot be read counts as empty, and is put aside before it is replaced. It is replaced as a whole, so that
nobody ever reads half of it.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


class JsonFile:
    """A JSON object in a file. `load` never raises, `update` raises `OSError`. `understands` says whether an object is
    one of ours."""

    def __init__(self, path: Path, understands: Callable[[dict[str, Any]], bool] = lambda raw: True) -> None:
        self.path = path
        self._understands = understands

    def load(self, *, put_aside: bool = False) -> dict[str, Any]:
        """What is in the file; empty if there is none, or if it cannot be understood."""
        try:
            raw = json.loads(self.path.read_text(encoding="utf-8"))
            if isinstance(raw, dict) and self._understands(raw):
                return raw
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, RecursionError):
            pass
        if put_aside:
            with contextlib.suppress(OSError):
                os.replace(self.path, self.path.with_suffix(".unreadable"))
        return {}

    def update(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Let `change` work on what is in the file, and write it. Nobody else writes between the two."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._locked():
            content = self.load(put_aside=True)
            change(content)
            self._save(content)

    def _save(self, content: dict[str, Any]) -> None:
        text = json.dumps(content, ensure_ascii=False, indent=1)
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
        try:
            import fcntl
        except ImportError:  # not on Unix: the last writer wins
            yield
            return
        with open(self.path.with_suffix(".lock"), "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
