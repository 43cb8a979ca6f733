"""Text in terminal cells: cutting, padding and joining styled pieces into strips of an exact width.

Takes plain text only (never markup) and knows that CJK and emoji are two cells wide. Callers pass text through
`core.text.safe` or `one_line` first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

ELLIPSIS = "…"


def cut(text: str, width: int) -> str:
    """The text in at most `width` cells, its end replaced by an ellipsis where it is longer."""
    if width <= 0:
        return ""
    bounded = text if len(text) <= width * 4 + 16 else text[: width * 4 + 16]
    if bounded is text and cell_len(text) <= width:
        return text
    return set_cell_size(bounded, width - 1).rstrip(" ") + ELLIPSIS


def fit(text: str, width: int, align: Literal["left", "right"] = "left") -> str:
    """The text in exactly `width` cells: cut with an ellipsis, or padded with spaces."""
    text = cut(text, width)
    padding = " " * max(0, width - cell_len(text))
    return padding + text if align == "right" else text + padding


def cut_left(text: str, width: int) -> str:
    """The text in at most `width` cells, keeping its end (paths, `file:line`)."""
    if width <= 0:
        return ""
    if cell_len(text) <= width:
        return text
    tail = text[-(width * 4 + 16) :]
    while cell_len(tail) > width - 1:
        tail = tail[max(1, (cell_len(tail) - width + 1) // 2) :]
    return ELLIPSIS + tail


def strip_of(parts: Iterable[tuple[str, Style | None]], width: int) -> Strip:
    """A strip of exactly `width` cells from `(plain text, style)` pieces; what does not fit is cut with an ellipsis."""
    segments: list[Segment] = []
    left = width
    for text, style in parts:
        if left <= 0:
            break
        piece = cut(text, left)
        if piece:
            segments.append(Segment(piece, style))
            left -= cell_len(piece)
            if piece is not text:
                break  # nothing after an ellipsis
    if left > 0:
        segments.append(Segment(" " * left))
    return Strip(segments, max(width, 0))
