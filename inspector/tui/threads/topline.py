"""The first line of the browser: which files are open, how many threads they have, what is shown of them."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from inspector.core.saved import Library
from inspector.core.text import one_line, plural, size
from inspector.tui.widgets.cells import cut, strip_of
from inspector.tui.widgets.drawn import Drawn
from inspector.tui.widgets.fitting import Part, fitted


class TopLine(Drawn):
    """Draws one line of parts; the last of them at its right end."""

    ALLOW_SELECT = False
    PENS = "top"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "top--title", "top--plain", "top--quiet", "top--now", "top--waiting", "top--failed",
    }  # fmt: skip
    DEFAULT_CSS = """
    TopLine {
        dock: top; height: 1; background: $panel;
        & > .top--title { color: $foreground; text-style: bold; }
        & > .top--plain { color: $foreground; }
        & > .top--quiet { color: $text-muted; }
        & > .top--now { color: $accent; text-style: bold; }
        & > .top--waiting { color: $warning; text-style: bold; }
        & > .top--failed { color: $error; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._parts: tuple[Part, ...] = ()

    def say(self, parts: tuple[Part, ...]) -> None:
        """Show these parts, if they are not shown already."""
        if parts != self._parts:
            self._parts = parts
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base
        gap = 3 if width >= 100 else 2
        shown = [part for part in fitted(self._parts, max(0, width - 2), gap) if part.text]
        pieces: list[tuple[str, Style | None]] = [(" ", None)]
        used = 2 + sum(cell_len(part.text) for part in shown)
        for number, part in enumerate(shown):
            if number:
                last = number == len(shown) - 1 and len(shown) > 1
                room = max(gap, width - used - gap * (number - 1)) if last else gap
                pieces.append((" " * room, None))
            pieces.append((part.text, self.pen(part.tone)))
        return strip_of(pieces, width).apply_style(base)


def of_library(library: Library, filter: str) -> tuple[Part, ...]:
    """What the browser says about its files and its list."""
    files, table = library.files, library.table
    names = "  ".join(one_line(file.name, 60) for file in files[:3]) + (f"  +{len(files) - 3}" if files[3:] else "")
    whole = sum(file.size for file in files)
    count, shown = len(table.listings), len(table.shown)
    reading = any(file.reading for file in files)
    return (
        Part(names, "title", ((50, cut(names, 24)), (80, cut(names, 12)), (95, ""))),
        Part(plural(count, "thread"), "plain", ((90, f"{count:,}"),)),
        Part(size(whole) if whole else "", "quiet", ((30, ""),)),
        Part("◌ reading" if reading else "", "now", ((60, "◌"),)),
        Part("● following" if library.follow else "", "now", ((40, "●"),)),
        Part(f"{len(table.chosen):,} marked" if table.chosen else "", "waiting", ((45, f"◆{len(table.chosen)}"),)),
        Part(f"filter: {one_line(filter, 80)}" if filter else "", "waiting", ((55, cut(filter, 20)), (70, ""))),
        Part(f"{shown:,} shown" if filter else _sorted(library), "quiet", ((20, ""),)),
    )


def _sorted(library: Library) -> str:
    table = library.table
    return f"by {'status' if table.column == 'status' else table.column} {'▼' if table.reverse else '▲'}"
