"""`Drawn`: a widget that draws its lines itself, with every style in them."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.style import Style
from textual._styles_cache import StylesCache
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class Drawn(Widget):
    """Base of widgets with a `render_line` of their own: the styles that they draw with are worked out once, and their
    lines are taken as they are (see `OwnLines`)."""

    PENS: ClassVar[str] = ""
    """What the names of its component classes begin with."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._pens: dict[tuple[str, bool], Style] = {}
        self._base: Style | None = None
        super().__init__(*args, **kwargs)
        self._styles_cache = OwnLines()

    def pen(self, name: str, *, background: bool = False) -> Style:
        """The foreground (colour, bold, ...) of the component class `<PENS>--<name>`, or of a class by its full name;
        its background too where that is asked for."""
        style = self._pens.get((name, background))
        if style is None:
            full = self.get_component_rich_style(name if "--" in name else f"{self.PENS}--{name}")
            style = Style(
                color=full.color, bgcolor=full.bgcolor if background else None, bold=full.bold, dim=full.dim,
                italic=full.italic, underline=full.underline, strike=full.strike, reverse=full.reverse,
            )  # fmt: skip
            self._pens[name, background] = style
        return style

    @property
    def base(self) -> Style:
        """`rich_style`, worked out once for all lines of a paint: it costs as much as a line."""
        return self._base if self._base is not None else self.rich_style

    def render_lines(self, crop: Region) -> list[Strip]:
        self._base = self.rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._base = None

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._pens.clear()


class OwnLines(StylesCache):
    """Takes a widget's lines as they are. Textual's way of putting borders, padding and effects around each costs more
    than most lines do, also where there are none; where there is a border, padding or opacity, it is Textual's. (A
    `Drawn` widget has no outline, hatch, tint or text opacity.)"""

    def render_line(self, *args: Any) -> Strip:
        _, y, size, content_size, _, beneath, background, render_content_line, _, _, opacity, _, _ = args
        if size != content_size or opacity != 1.0:
            return super().render_line(*args)
        line: Strip = render_content_line(y)
        return line.adjust_cell_length(size.width, self.get_inner_outer(beneath, background)[0].rich_style)
