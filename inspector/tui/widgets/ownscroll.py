"""Scrolling that the view does itself, told apart from what the developer scrolls; and a virtual height that is set
without a layout of the whole screen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual.geometry import Size
from textual.scroll_view import ScrollView


class OwnScroll(ScrollView):
    """Base of the views that draw their own lines. `_own_scroll` holds while the view itself scrolls."""

    _own_scroll = False

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
