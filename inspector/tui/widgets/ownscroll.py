"""Scrolling that the view does itself, told apart from what the developer scrolls; a virtual height that is set
without a layout of the whole screen; and a scrollbar that is drawn again only when it looks different.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Self

from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar

from inspector.tui.widgets.drawn import Drawn

_EIGHTHS = 8  # of a cell, in which Textual draws a scrollbar's ends


class OwnScroll(ScrollView, Drawn):
    """Base of the views that draw their own lines. `_own_scroll` holds while the view itself scrolls."""

    _own_scroll = False

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        if self._vertical_scrollbar is None:
            self._vertical_scrollbar = bar = SteadyBar(name="vertical", thickness=self.scrollbar_size_vertical)
            bar.display = False
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    def watch_has_focus(self, _has_focus: bool) -> None:
        """No rule depends on the focus, so its styles need not be worked out anew."""

    def _resize_virtual(self, height: int) -> None:
        """Set the virtual size without a layout of the whole screen, which `virtual_size` would ask for."""
        size = Size(0, height)
        self.set_reactive(ScrollView.virtual_size, size)
        with self._scrolling():
            self._scroll_update(size)

    @contextmanager
    def _scrolling(self) -> Iterator[None]:
        before, self._own_scroll = self._own_scroll, True
        try:
            yield
        finally:
            self._own_scroll = before


class SteadyBar(ScrollBar):
    """A vertical scrollbar. Under a stream its numbers change with every paint, and its picture hardly ever."""

    _drawn: object = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        picture = self._picture()
        if picture == self._drawn and not (regions or layout or recompose):
            return self
        self._drawn = picture
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def _picture(self) -> object:
        """All that its picture depends on."""
        if not self.is_attached or self.parent is None:
            return object()
        height, virtual, window = self.size.height, self.window_virtual_size, self.window_size
        ends: tuple[int, int] | None = None
        if height and 0 < window < virtual:
            thumb = max(1, height * window / virtual)
            start = int((height - thumb) * self.position / (virtual - window) * _EIGHTHS)
            ends = (start, start + ceil(thumb * _EIGHTHS))
        styles = self.parent.styles
        colors = (styles.scrollbar_background, styles.scrollbar_color, self.parent.background_colors)
        return self.size, ends, self.mouse_over, self.grabbed is not None, colors
