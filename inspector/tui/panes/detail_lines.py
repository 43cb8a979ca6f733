"""The lines of the detail pane: what a line holds, and a `Page` that sections are written on.

A page is bounded: every value shows its first lines, and opens whole. So a page is made anew whenever something on it
changed, whatever the values weigh.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from inspector.core.nodes import Node
from inspector.core.outline import whole
from inspector.core.text import duration, one_line, safe
from inspector.core.values import decode
from inspector.tui.widgets.pretty import Line as Pretty
from inspector.tui.widgets.pretty import Tone, pretty, wrapped

LINES = 24  # of a value
_TEXT_LINES = 16  # of one text in it
_LABEL = 11
Text: TypeAlias = tuple[str, str]  # plain text and the name of a pen

_PENS: dict[Tone, str] = {
    "": "", "key": "muted", "quiet": "muted", "role": "detail--role", "number": "detail--number", "bad": "error",
    "reasoning": "detail--reasoning",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Item:
    """What lines belong to: it can be opened whole, copied and saved. Or it leads to another node."""

    title: str
    text: Callable[[], str] | None = None
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `parts` are plain, safe text with the names of pens; `item` is what `enter` opens."""

    parts: tuple[Text, ...]
    item: Item | None = None


class Page:
    """Collects lines for a width in cells."""

    def __init__(self, width: int) -> None:
        self.width = max(width, 16)
        self.lines: list[Line] = []

    def add(self, *parts: Text, item: Item | None = None) -> None:
        """A line as it is."""
        self.lines.append(Line(parts, item))

    def heading(self, title: str, note: str = "", item: Item | None = None) -> None:
        """An empty line and a title; `note` beside it is quiet."""
        if self.lines:
            self.add()
        self.add((title, "detail--heading"), (f"  {note}" if note else "", "muted"), item=item)

    def fact(self, label: str, text: str, pen: str = "", item: Item | None = None) -> None:
        """A label and a short text, wrapped beside it."""
        for line in wrapped(one_line(text, 2000), self.width - _LABEL, 8):
            self.add((f"{label:<{_LABEL}}", "muted"), (line, pen), item=item)
            label = ""

    def text(self, text: str, pen: str = "", *, lines: int = LINES, item: Item | None = None, indent: int = 0) -> None:
        """A text, wrapped; what is beyond `lines` is left to `item`."""
        shown = wrapped(text, self.width - indent, lines + 1)
        for line in shown[:lines]:
            self.add((" " * indent, ""), (line, pen), item=item)
        if len(shown) > lines:
            self.more(indent, item)

    def value(self, title: str, value: Any, *, lines: int = LINES, indent: int = 0, label: str = "") -> None:
        """A value, its first lines; `enter` on them opens it whole. `label` stands before the first."""
        text_lines = lines if isinstance(value, str) else _TEXT_LINES
        self.pretty(
            pretty(value, self.width - indent - len(label), text_lines=text_lines),
            Item(title, lambda: whole(value)), lines=lines, indent=indent, label=label,
        )  # fmt: skip

    def pretty(
        self, made: Iterable[Pretty], item: Item, *, lines: int = LINES, indent: int = 0, label: str = ""
    ) -> None:
        """Lines that were made already, the first of them."""
        shown: Iterator[Pretty] = iter(made)
        for line in islice(shown, lines):
            self.add((" " * indent, ""), (label, "muted"), *((text, _PENS[tone]) for text, tone in line), item=item)
            label = " " * len(label)
        if next(shown, None) is not None:
            self.more(indent + len(label), item)

    def more(self, indent: int, item: Item | None) -> None:
        """Says that there is more than is shown."""
        self.add(
            (" " * indent, ""), ("… ⏎ opens it whole" if item is not None and item.text else "…", "muted"), item=item
        )

    def packed(self, title: str, packed: bytes) -> None:
        """A heading and a packed value below it; nothing when there is none."""
        if not packed:
            self.heading(title)
            self.add(("This preview was let go to bound memory; the checkpoint still has the value.", "muted"))
            return
        value = decode(packed)
        if value is None:
            return
        self.heading(title, item=Item(title, lambda: whole(value)))
        self.value(title, value)


def moment(t: float) -> str:
    """A time on the run axis."""
    return duration(t) if t >= 0.0005 else "0s"


def plain(lines: Iterable[Line]) -> str:
    """The lines as text, to copy."""
    return "\n".join(safe("".join(text for text, _ in line.parts)).rstrip() for line in lines)
