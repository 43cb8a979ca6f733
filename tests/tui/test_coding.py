"""Edit and continue from the screen: changed code is announced, loaded by a key or by itself, and may be wrong."""

from __future__ import annotations

import pytest

from inspector.errors import CommandError, LoadError
from tests.tui.drive import SMALL, WIDE, main, running, screen_text, shows, until
from tests.tui.fake import FakeSession


@pytest.mark.parametrize("size", [WIDE, SMALL, (40, 12)])
async def test_changed_code_is_said_at_the_foot_and_loaded_by_a_key(size: tuple[int, int]) -> None:
    session = FakeSession()
    async with running(session, size=size) as pilot:
        await until(pilot, lambda: main(pilot).now.idle)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert not session.asked("reload")  # nothing has changed
        session.code.files = ["agent/nodes.py", "tools.py"]
        await shows(pilot, "agent/nodes.py and 1 more", "^r")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: session.asked("reload"))
        await until(pilot, lambda: "nodes.py" not in screen_text(pilot))


async def test_code_that_cannot_be_loaded_is_shown_and_the_old_stays() -> None:
    session = FakeSession()
    session.code.refusal = LoadError(
        "flow.py, line 3: invalid syntax.", traceback='  File "flow.py", line 3\n    def [\n'
    )
    async with running(session) as pilot:
        await until(pilot, lambda: main(pilot).now.idle)
        session.code.files = ["flow.py"]
        await shows(pilot, "flow.py changed")
        await pilot.press("ctrl+r")
        await shows(pilot, "The new code cannot be loaded", "line 3: invalid syntax", "def [", "stays as it was")
        await pilot.press("escape")
        await until(pilot, lambda: pilot.app.screen is main(pilot))
        assert main(pilot).now.stage == "ready"
        session.code.refusal = CommandError("It is being loaded already.")
        session.code.files = ["flow.py"]
        await shows(pilot, "flow.py changed")
        await pilot.press("ctrl+r")
        await until(pilot, lambda: len(session.asked("reload")) == 2)
        assert pilot.app.screen is main(pilot)


async def test_it_loads_by_itself_where_that_is_wanted_but_not_under_a_run() -> None:
    session = FakeSession()
    session.code.automatic = True
    session.begin()
    async with running(session) as pilot:
        await until(pilot, lambda: main(pilot).now.running)
        session.code.files = ["flow.py"]
        await shows(pilot, "flow.py changed")
        assert not session.asked("reload")
        session.end()
        await until(pilot, lambda: session.asked("reload"))
