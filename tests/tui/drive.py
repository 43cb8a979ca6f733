"""Driving the app in tests: start it on a fake session, wait for conditions, read the screen as text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from textual.pilot import Pilot

from inspector.tui.app import MISSING, InspectorApp
from inspector.tui.screens.main import MainScreen
from tests.tui.fake import FakeSession

WIDE = (120, 40)
SMALL = (80, 24)


@asynccontextmanager
async def running(
    session: FakeSession, *, size: tuple[int, int] = WIDE, input: Any = MISSING, exit_on_end: bool = False
) -> AsyncIterator[Pilot[int]]:
    """The app on a session, laid out and painted."""
    app = InspectorApp(session, input=input, exit_on_end=exit_on_end)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: (app.main and app.main.pump.beats) or app.return_value is not None)
        yield pilot


async def until(pilot: Pilot[Any], condition: Callable[[], object], *, patience: float = 20.0) -> None:
    """Wait for a condition; fail when it does not come."""
    end = asyncio.get_running_loop().time() + patience
    while not condition():
        if asyncio.get_running_loop().time() > end:
            raise AssertionError(f"it never came true; the screen:\n{screen_text(pilot)}")
        await pilot.pause(0.005)


async def shows(pilot: Pilot[Any], *texts: str) -> None:
    """Wait until the screen shows these texts."""

    def all_shown() -> bool:
        screen = screen_text(pilot)
        return all(text in screen for text in texts)

    await until(pilot, all_shown)


async def type_text(pilot: Pilot[int], text: str) -> None:
    """Type a text into whatever has the keyboard."""
    names = {" ": "space", '"': "quotation_mark", "{": "left_curly_bracket", "}": "right_curly_bracket", ":": "colon"}
    await pilot.press(*(names.get(char, char) for char in text))


def main(pilot: Pilot[int]) -> MainScreen:
    """The main screen of the app."""
    assert isinstance(pilot.app, InspectorApp)
    assert pilot.app.main is not None
    return pilot.app.main


def screen_text(pilot: Pilot[Any]) -> str:
    """What the screen shows, as lines of text."""
    strips = pilot.app.screen._compositor.render_strips(pilot.app.size)
    return "\n".join(strip.text.rstrip() for strip in strips)
