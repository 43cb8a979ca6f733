"""One line of plain text in a few tones, for what stands above an editor."""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from textual.strip import Strip
from textual.widget import Widget

from inspector.core.text import one_line
from inspector.tui.widgets.cells import strip_of

Tone: TypeAlias = Literal["now", "waiting", "failed", "quiet", "plain", "key"]
Words: TypeAlias = tuple[tuple[str, Tone], ...]


class StatusLine(Widget):
    """Draws `Words`; text may come from a graph."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "status--now", "status--waiting", "status--failed", "status--quiet", "status--plain", "status--key",
    }  # fmt: skip
    DEFAULT_CSS = """
    StatusLine {
        height: 1; padding: 0 1;
        & > .status--now { color: $accent; }
        & > .status--waiting { color: $warning; text-style: bold; }
        & > .status--failed { color: $error; }
        & > .status--quiet { color: $text-muted; }
        & > .status--plain { color: $foreground; }
        & > .status--key { color: $primary; text-style: bold; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.words: Words = ()

    def say(self, words: Words) -> None:
        """Show these words, if they are not shown already."""
        if words != self.words:
            self.words = words
            self.refresh()

    @property
    def text(self) -> str:
        """What it says, without tones."""
        return "".join(text for text, _ in self.words)

    def render_line(self, y: int) -> Strip:
        parts = [(one_line(text, 2000), self.get_component_rich_style(f"status--{tone}")) for text, tone in self.words]
        return strip_of(parts, self.size.width).apply_style(self.rich_style)
