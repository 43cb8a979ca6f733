"""Tracebacks as frames, and the source around the one that matters.

A traceback comes as text from the debuggee. `frames` takes it apart, `relevant` picks the innermost frame of the
developer's own code, `context` reads the lines around it, if the file is still what it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_FRAME = re.compile(r'^\s*File "(?P<path>.+)", line (?P<line>\d+)(?:, in (?P<function>.+))?$')
_CARETS = re.compile(r"^[\s~^]+$")
_LIBRARY = re.compile(r"[\\/](site-packages|dist-packages|lib[\\/]python\d|importlib)[\\/]|^<")
_LARGEST = 2_000_000  # bytes of a source file that is read


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame: `code` are the source lines that the traceback shows, carets left out."""

    path: str
    line: int
    function: str
    code: tuple[str, ...] = ()

    @property
    def library(self) -> bool:
        """Whether it is not the developer's own code."""
        return _LIBRARY.search(self.path) is not None


@dataclass(frozen=True, slots=True)
class Note:
    """A line between frames: `During handling of the above exception…`, the exception itself, a repeat count."""

    text: str


def frames(traceback: str, limit: int = 400) -> list[Frame | Note]:
    """The frames and notes of a traceback, in order; the last `limit` of them."""
    out: list[Frame | Note] = []
    code: list[str] = []
    head: re.Match[str] | None = None

    def close() -> None:
        if head is not None:
            out.append(Frame(head["path"], int(head["line"]), head["function"] or "", tuple(code)))
        code.clear()

    for text in traceback.splitlines():
        found = _FRAME.match(text)
        if found is not None:
            close()
            head = found
        elif head is not None and text.startswith("    "):
            if not _CARETS.match(text):
                code.append(text.strip())
        elif text.strip():
            close()
            head = None
            if not text.startswith("Traceback (most recent call last)"):
                out.append(Note(text.rstrip()))
    close()
    return out[-limit:]


def relevant(parts: Sequence[Frame | Note]) -> Frame | None:
    """The innermost frame of the developer's own code; the innermost of all if there is none."""
    known = [part for part in parts if isinstance(part, Frame)]
    own = [frame for frame in known if not frame.library]
    return own[-1] if own else known[-1] if known else None


def context(frame: Frame, around: int = 2) -> list[tuple[int, str]]:
    """`(number, line)` around the frame's line; nothing when the file cannot be read or was changed since."""
    path = Path(frame.path)
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return []
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except (OSError, ValueError):
        return []
    if not 0 < frame.line <= len(lines):
        return []
    if frame.code and lines[frame.line - 1].strip() != frame.code[0]:
        return []
    first = max(0, frame.line - 1 - around)
    return [(first + i + 1, line) for i, line in enumerate(lines[first : frame.line + around])]
