"""Which columns the list of threads has at a width and what a thread says in each. Plain text and tones, no widget."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from inspector.core.saved import Insight, Listing, Mark
from inspector.core.text import ago, one_line, size
from inspector.core.threadtable import Column

Pieces: TypeAlias = list[tuple[str, str]]
Place: TypeAlias = Literal["thread", "file", "last", "steps", "checkpoints", "size", "status"]

_STANDINGS: dict[str, tuple[str, str, str]] = {
    "done": ("✔", "done", "muted"), "waiting": ("‖", "waits", "warning"), "failed": ("✖", "failed", "error"),
    "stopped": ("○", "stopped", "strong"), "unreadable": ("?", "cannot be read", "error"),
}  # fmt: skip
_GAP = 2


@dataclass(frozen=True, slots=True)
class Field:
    """A column on screen: what it shows, its title, its width in cells, and whether it is aligned to the right."""

    place: Place
    title: str
    width: int
    right: bool = False

    @property
    def column(self) -> Column | None:
        """What a click on its title sorts by."""
        return None if self.place == "file" else self.place


def fields(width: int, *, files: bool) -> tuple[Field, ...]:
    """The columns for a list of so many cells. `files`: threads of several files are in it."""
    if width < 34:
        return (Field("thread", "thread", max(1, width - 3)), Field("status", "", 1))
    if width < 60:
        rest = width - 9 - 2 * _GAP
        thread = max(10, min(24, rest // 2))
        return (Field("thread", "thread", thread), Field("last", "last", 8, True),
                Field("status", "status", max(1, rest + 1 - thread)))  # fmt: skip
    wide = width >= 100
    middle = [
        Field("last", "last", 9, True),
        Field("steps", "steps", 6, True),
        Field("checkpoints", "checkpoints" if wide else "saved", 11 if wide else 6, True),
        Field("size", "size", 7, True),
    ]
    if files:
        middle.insert(0, Field("file", "file", 18 if wide else 10))
    left = width - sum(field.width + _GAP for field in middle) - _GAP
    thread = max(12, min(40, left * (9 if wide else 10) // 20))
    return (Field("thread", "thread", thread), *middle, Field("status", "status", max(8, left - thread)))


def starts(columns: tuple[Field, ...]) -> list[int]:
    """The cell that each column begins at."""
    at, found = 0, []
    for field in columns:
        found.append(at)
        at += field.width + _GAP
    return found


def said(
    field: Field, listing: Listing, insight: Insight | None, mark: Mark | None, *, file: str, now: float
) -> Pieces:
    """What a thread says in a column."""
    match field.place:
        case "thread":
            return _name(listing, mark)
        case "file":
            return [(one_line(file, 60), "muted")]
        case "last":
            return [(ago(listing.last, now), "muted")]
        case "steps":
            return [(f"{listing.steps:,}", "")]
        case "checkpoints":
            return [(f"{listing.checkpoints:,}", "")]
        case "size":
            return [(size(insight.size), "")] if insight is not None and insight.size else [("…", "muted")]
        case "status":
            return status(insight)


def _name(listing: Listing, mark: Mark | None) -> Pieces:
    name = one_line(listing.thread, 200) or "''"
    pieces: Pieces = [(name, "")]
    if mark is not None and mark.alias:
        pieces = [(one_line(mark.alias, 80), "strong"), (f" {name}", "muted")]
    if mark is not None and mark.tags:
        pieces.append((" " + " ".join(f"#{one_line(tag, 30)}" for tag in mark.tags), "success"))
    return pieces


def status(insight: Insight | None) -> Pieces:
    """How a thread stands: a symbol, then what it asks, why it failed, or where it stopped."""
    if insight is None:
        return [("…", "muted")]
    symbol, word, tone = _STANDINGS[insight.standing]
    text = one_line(insight.text, 300)
    pieces: Pieces = [(f"{symbol} ", tone)]
    if insight.standing == "waiting":
        pieces.append((text or "waits for an answer", tone))
        if insight.asked > 1:
            pieces.append((f"  +{insight.asked - 1} more", "muted"))
    elif insight.standing == "failed":
        pieces.append((f"{one_line(insight.node, 40)}: {text}" if insight.node else text or word, tone))
    elif insight.standing == "stopped":
        pieces.append((f"stopped before {text}" if text else word, "muted"))
    elif insight.standing == "unreadable":
        pieces.append((text or word, tone))
    else:
        pieces.append((word, tone))
    return pieces
