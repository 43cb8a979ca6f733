"""As which node an edit is written: one of the nodes, in one line."""

from __future__ import annotations

from textual.strip import Strip

from inspector.core.text import one_line
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.editors import Choice


class WriterChoice(Choice):
    """The nodes that an edit may be written as. Of many, those around the one that is chosen are shown."""

    def offer(self, options: tuple[str, ...], value: str) -> None:
        """These may be chosen; `value` is, for now."""
        self.options, self._values = options, ("", *options)
        self.value = value
        self.refresh()

    def render_line(self, y: int) -> Strip:
        chosen, rest = self.get_component_rich_style("choice--chosen"), self.get_component_rich_style("choice--rest")
        parts = [] if self.value else [("○ choose one   ", chosen)]
        at = self.options.index(self.value) if self.value in self.options else 0
        widths = [len(one_line(option, 40)) + 5 for option in self.options]
        first = next((n for n in range(at + 1) if sum(widths[n : at + 1]) <= self.size.width), at)
        parts += [("… ", rest)] if first else []
        for option in self.options[first:]:
            here = option == self.value
            parts.append((f"{'●' if here else '○'} {one_line(option, 40)}   ", chosen if here else rest))
        return strip_of(parts, self.size.width).apply_style(self.rich_style)
