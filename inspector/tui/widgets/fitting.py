"""Lines made of parts that get shorter, or leave, in the order of how little they are missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a line, safe text on one line. `steps` are `(weight, shorter text)`: while the line is too long, the
    step of the smallest weight among all its parts is taken next. An empty text takes no room."""

    text: str
    tone: str = ""
    steps: tuple[tuple[int, str], ...] = ()


def fitted(parts: Sequence[Part], width: int, gap: int = 2) -> list[Part]:
    """The parts, as many and as long as they may be to fit into `width` cells with `gap` cells between; those that had
    to leave are empty. What does not fit after every step is returned as it is then, too long."""
    texts = [part.text for part in parts]
    steps = sorted((weight, index, text) for index, part in enumerate(parts) for weight, text in part.steps)
    sizes = [cell_len(text) for text in texts]
    for _, index, text in steps:
        if sum(sizes) + gap * (sum(size > 0 for size in sizes) - 1) <= width:
            break
        size = cell_len(text)
        if size < sizes[index]:
            texts[index], sizes[index] = text, size
    return [Part(text, part.tone) for text, part in zip(texts, parts, strict=True)]
