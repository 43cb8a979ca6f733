"""Scrolling of a view that draws its own lines and follows its end until somebody scrolls away from it."""

from __future__ import annotations

from textual.reactive import reactive

from inspector.tui.widgets.ownscroll import OwnScroll


class TextScroll(OwnScroll):
    """Base of `WrappedView`. `settle` is called when the window has moved; subclasses bring in what is to be seen."""

    DEFAULT_CSS = """
    TextScroll {
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    """

    following: reactive[bool] = reactive(True, repaint=False)

    def settle(self) -> None:
        """The window moved."""

    @property
    def _room(self) -> int:
        """The cells beside the scrollbar."""
        return max(1, self.size.width - self.scrollbar_size_vertical)

    def _scroll_by(self, lines: int) -> None:
        top = min(max(self.scroll_offset.y + lines, 0), self.max_scroll_y)
        self.following = top >= self.max_scroll_y
        self._scroll(top)
        self.settle()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if not self._own_scroll and round(old_value) != round(new_value):
            self.following = round(new_value) >= self.max_scroll_y
            self.settle()

    def _resize_virtual(self, height: int) -> None:
        if self.virtual_size.height != height:
            super()._resize_virtual(height)

    def _scroll(self, y: int) -> None:
        if y != self.scroll_offset.y:
            with self._scrolling():
                self.scroll_to(y=min(max(y, 0), self.max_scroll_y), animate=False, force=True)
