"""Painting only what has changed reaches the terminal as Textual's own painting does; a heartbeat cannot be lost."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest
from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from inspector.tui.painting import PromptScreen, SparingCompositor
from inspector.tui.pump import ANSWER, Pump
from tests.tui.drive import main, running, until
from tests.tui.fake import CHAT, FakeSession
from tests.tui.saved import browser, browsing, make


class Lines(PromptScreen[None]):
    """A line at the top, one at the foot, and one in a view that scrolls."""

    DEFAULT_CSS = "Vertical { height: 5; } #tall { height: 20; } #foot { dock: bottom; }"

    def compose(self) -> ComposeResult:
        yield Static("top", id="top", markup=False)
        with Vertical():
            yield Static("\n".join(f"line {n}" for n in range(20)), id="tall", markup=False)
        yield Static("foot", id="foot", markup=False)


class LinesApp(App[None]):
    def get_default_screen(self) -> Screen[None]:
        return Lines()


async def test_what_is_painted_is_what_textual_would_paint() -> None:
    app = LinesApp()
    async with app.run_test(size=(40, 12)) as pilot:
        screen = app.screen
        compositor = screen._compositor
        assert isinstance(compositor, SparingCompositor)
        for top, foot in (("above", "below"), ("a", "b"), ("東京", "x" * 60)):
            screen.query_one("#top", Static).update(top)
            screen.query_one("#foot", Static).update(foot)
            compositor.update_widgets({screen.query_one("#top"), screen.query_one("#foot")})
            changed = set(compositor._dirty_regions)
            assert changed
            ours = compositor.render_partial_update()
            compositor._dirty_regions |= changed
            theirs = Compositor.render_partial_update(compositor)
            assert ours is not None
            assert theirs is not None
            assert ours.render_segments(app.console) == theirs.render_segments(app.console)
            await pilot.pause()


async def test_a_change_is_painted_without_a_clock() -> None:
    app = LinesApp()
    async with app.run_test(size=(40, 12)) as pilot:
        app.screen.query_one("#top", Static).update("changed")
        await until(pilot, lambda: not app.screen._dirty_widgets)
        assert "changed" in app.screen._compositor.render_strips(app.size)[0].text


async def test_what_changes_in_a_batch_is_painted_when_it_is_over() -> None:
    app = LinesApp()
    async with app.run_test(size=(40, 12)) as pilot:
        with app.batch_update():
            app.screen.query_one("#top", Static).update("changed")
            app.screen._update_timer.resume()
            await pilot.pause(0.05)
            assert app.screen._dirty_widgets
        await until(pilot, lambda: not app.screen._dirty_widgets)


@pytest.mark.parametrize("left", [1e-9, 1e-4, ANSWER])
async def test_the_heartbeat_goes_on_however_little_it_gives_way(left: float) -> None:
    """A timer that is late by more than its delay must come all the same."""
    app = LinesApp()

    async with app.run_test(size=(40, 12)) as pilot:
        pump = Pump(app.screen, FakeSession(CHAT), tuple, tuple, lambda: None, lambda: monotonic() - ANSWER + left)
        pump.start()
        await until(pilot, lambda: pump.beats > 6)


def styles_of(screen: Screen[None]) -> dict[str, object]:
    """The rules of every widget, and of its component classes."""
    return {
        repr((widget, id(widget))): (
            widget.styles.base.get_rules(),
            {name: styles.base.get_rules() for name, styles in widget._component_styles.items()},
        )
        for widget in screen.walk_children(Widget, with_self=True)
    }


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (20, 5)])
async def test_a_screen_has_all_its_styles_when_it_is_first_shown(size: tuple[int, int], tmp_path: Path) -> None:
    async with running(FakeSession(CHAT), size=size) as pilot:
        screen = main(pilot)
        at_first = styles_of(screen)
        screen.update_node_styles(animate=False)
        assert at_first == styles_of(screen)
    make(tmp_path / "app.sqlite")
    async with browsing(tmp_path / "app.sqlite", size=size) as pilot:
        listing = browser(pilot)
        at_first = styles_of(listing)
        listing.update_node_styles(animate=False)
        assert at_first == styles_of(listing)
