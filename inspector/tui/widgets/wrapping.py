"""Where lines break: `wrap` finds where each line of a text begins, for text that grows at its end.

Knows words, wide characters (CJK, emoji), combining characters and tabs. Works on offsets, never copies lines.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator

from rich.cells import get_character_cell_size, split_graphemes

from inspector.core.text import safe

TAB = 4
# Closing punctuation of East Asian texts does not begin a line.
_NO_START = frozenset("、。，．！？；：）」』】〉》〕’”…ー々")


class _Sizes(dict[str, int]):
    """The cells of characters; as many as texts use, which are few."""

    def __missing__(self, character: str) -> int:
        if len(self) > 20_000:
            self.clear()
        size = self[character] = TAB if character == "\t" else get_character_cell_size(character)
        return size


_SIZES = _Sizes()


def clean(text: str) -> str:
    """The text safe, character by character (same length), tabs kept."""
    if text.isascii() and text.isprintable():
        return text
    return "\t".join(safe(part) for part in text.replace("\r\n", " \n").split("\t"))


def wrap(text: str, start: int, width: int, out: array[int]) -> None:
    """Append to `out` where the lines after the one that begins at `start` begin. Words are kept whole where they fit.

    Greedy: a break, once found, stays when text is appended, so only the last line has to be wrapped again.
    """
    end = len(text)
    while True:
        newline = text.find("\n", start)
        stop = end if newline < 0 else newline
        if (stop - start) * TAB > width:  # else it fits, whatever it is made of
            paragraph = text[start:stop]
            if not paragraph.isascii() or "\t" in paragraph:
                _wrap_cells(paragraph, start, width, out)
            elif stop - start > width:
                _wrap_ascii(text, start, stop, width, out)
        if newline < 0:
            return
        start = newline + 1
        out.append(start)


def _wrap_ascii(text: str, start: int, stop: int, width: int, out: array[int]) -> None:
    while stop - start > width:
        space = text.rfind(" ", start, start + width + 1)
        if space <= start or text[start:space].isspace():
            space = start + width - 1
        start = space + 1
        while start < stop and text[start] == " ":
            start += 1
        if start >= stop:
            return  # spaces at the end hang over
        out.append(start)


def _wrap_cells(paragraph: str, offset: int, width: int, out: array[int]) -> None:
    spans: Iterable[tuple[str, int, int]]
    if "\u200d" in paragraph or "\ufe0f" in paragraph:
        spans = _graphemes(paragraph)
    else:
        spans = zip(paragraph, range(len(paragraph)), map(_SIZES.__getitem__, paragraph), strict=True)
    column = line = 0
    breakable = 0  # where the line may be broken: before this character
    at_break = 0  # the column there
    was_wide = False
    for character, index, cells in spans:
        space = character in " \t"
        if (was_wide or cells == 2) and not space and character not in _NO_START and index > line:
            breakable, at_break = index, column
        while column + cells > width and not space and index > line:
            if breakable <= line or paragraph[line:breakable].isspace():
                breakable, at_break = index, column
            out.append(offset + breakable)
            line = breakable
            column -= at_break
        column += cells
        was_wide = cells == 2
        if space:
            breakable, at_break = index + 1, column


def _graphemes(paragraph: str) -> Iterator[tuple[str, int, int]]:
    offset = 0
    for number, part in enumerate(paragraph.split("\t")):
        if number:
            yield "\t", offset, TAB
            offset += 1
        for begin, _, cells in split_graphemes(part)[0]:
            yield part[begin], offset + begin, cells
        offset += len(part)
