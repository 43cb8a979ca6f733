"""What a tree of values says in words: the lines of an opened text, and what a mark means."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

from inspector.core.diff import MISSING
from inspector.core.outline import count, summary
from inspector.core.text import plural, safe
from inspector.core.values import Opaque
from inspector.core.valuetree import Row
from inspector.tui.widgets.wrapping import clean, wrap


def wrapped(text: str, width: int) -> Iterator[str]:
    """The lines of a text at a width in cells, words kept whole; a megabyte costs only the lines that are taken."""
    for piece in _pieces(clean(text)):
        starts = array("I", [0])
        wrap(piece, 0, width, starts)
        ends = [*starts[1:], len(piece)]
        for start, end in zip(starts, ends, strict=True):
            yield piece[start:end].rstrip("\n").expandtabs(4)


def _pieces(text: str, size: int = 16_384) -> Iterator[str]:
    """The text in pieces that end where a line does, or a word, so that only those that are looked at are wrapped."""
    start = 0
    while len(text) - start > size:
        end = text.rfind("\n", start, start + size)
        if end < 0:
            end = max(text.rfind(" ", start, start + size), start + size // 2)
        yield text[start:end]
        start = end + 1 if text[end : end + 1] in ("\n", " ") else end
    yield text[start:]


def mark_text(row: Row, added: str = "new") -> str:
    """What a mark says: `+ new`, `+2`, `−1`, `~ was 1,500`, `− removed`; nothing for what is as it was."""
    mark, old, new = row.mark, row.entry.old, row.entry.new
    if mark == "added":
        return f"+ {added}"
    if mark == "removed":
        return "− removed"
    if mark != "changed":
        return ""
    before, after = count(old), count(new)
    if type(old) is type(new) and before is not None and after is not None and not _single(new):
        return f"+{after - before:,}" if after > before else f"−{before - after:,}" if after < before else "~ changed"
    if isinstance(old, str) and isinstance(new, str) and len(old) > 20 and new.startswith(old):
        return f"~ +{plural(len(new) - len(old), 'character')}"
    return f"~ was {safe(summary(old, 60))}" if old is not MISSING else "~ changed"


def _single(value: Any) -> bool:
    return isinstance(value, Opaque) and not isinstance(value.fields, (list, dict))
