"""Painting what has changed, soon and no more of it.

Textual paints at the beats of a clock of its own, and after a paint the next one comes up to two beats later (measured
with 8.2.8: 14 ms at 120 a second, while nothing else is to be done). And it asks every widget within the rectangle
around all changes for its lines, which is the whole screen where a line at the top and one at the foot have changed.
A `PromptScreen` paints when what asked for it has settled, and asks the widgets that have changed, for the rows that
have. What reaches the terminal is the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from textual._compositor import ChopsUpdate, Compositor
from textual.events import ScreenResume
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.timer import Timer

SETTLE = 0.001  # seconds for the messages that belong to one change to arrive
GAP = 0.006  # seconds between two paints at least


class PromptScreen(Screen[ScreenResultType]):
    """A screen that is painted many times a second, and quickly after a key."""

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = SparingCompositor()
        self._soon: Soon | None = None

    def _on_screen_resume(self, event: ScreenResume) -> None:
        """Shown for the first time, its widgets have the styles that they got as they were mounted: Textual would work
        out all of them once more (30 to 50 ms for the main screen)."""
        event.refresh_styles = event.refresh_styles and self.stack_updates > 0

    def paint_now(self) -> None:
        """Paint what has changed, for the answer to a key."""
        if not self.app._batch_count:
            self._on_timer_update()

    @property
    def _update_timer(self) -> Timer:
        if self._soon is None:
            self._soon = Soon(self)
        return self._soon


class Soon(Timer):
    """In place of the clock: `resume` asks for one paint, `pause` takes it back."""

    def __init__(self, screen: PromptScreen[ScreenResultType]) -> None:
        super().__init__(screen, GAP, name="screen_update", callback=screen._on_timer_update, pause=True)
        self._screen = screen
        self._asked: asyncio.TimerHandle | None = None
        self._last = 0.0

    def resume(self) -> None:
        if self._asked is None:
            loop = asyncio.get_running_loop()
            self._asked = loop.call_later(max(SETTLE, self._last + GAP - loop.time()), self._paint)

    def pause(self) -> None:
        if self._asked is not None:
            self._asked.cancel()
            self._asked = None

    def _paint(self) -> None:
        self._asked = None
        app = self._screen.app
        if app._exit or not self._screen.is_running:
            return
        if not app._batch_count:
            try:
                self._screen._on_timer_update()
            except Exception as error:
                app._handle_exception(error)
        self._last = asyncio.get_running_loop().time()
        if app._batch_count:
            self.resume()  # nobody tells the screen that a batch is over


class SparingCompositor(Compositor):
    """A compositor that renders what is within the changed regions."""

    _changed: tuple[Region, ...] = ()

    def render_partial_update(self) -> ChopsUpdate | None:
        self._changed = tuple(self._dirty_regions)
        try:
            return super().render_partial_update()
        finally:
            self._changed = ()

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        changed = self._changed
        if not changed:
            yield from super()._get_renders(crop)
            return
        for widget, (region, clip) in self.visible_widgets.items():
            shown = region.intersection(clip)
            parts = [part for part in map(shown.intersection, changed) if part]
            if parts:
                top = min(part.y for part in parts)
                rows = Region(shown.x, top, shown.width, max(part.bottom for part in parts) - top)
                yield rows, rows, widget.render_lines(rows.translate(-region.offset))
