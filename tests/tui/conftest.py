"""How long a test driver waits for an app to be idle, and style sheets that are parsed once for all apps.

Textual's driver takes a process for idle that used less than 1 ms of 20: our app, which beats 30 times a second,
hardly ever is, and a key press took up to a second. Between keys the driver only has to let go of the loop, as tests
wait for conditions; a pause takes a frame, in which what has changed is painted.
"""

from __future__ import annotations

import asyncio
from typing import Any

from textual import _wait, pilot
from textual.css.stylesheet import Stylesheet

FRAME = 1 / 50

_wait.SLEEP_GRANULARITY = 0.004
_wait.SLEEP_IDLE = 0.002
_idle = _wait.wait_for_idle


async def _frame(min_sleep: float = 0.0, max_sleep: float = 1) -> None:
    await asyncio.sleep(FRAME)
    await _idle(min_sleep, max_sleep)


pilot.wait_for_idle = _frame  # type: ignore[attr-defined]


_parsed: dict[object, Any] = {}
_parse_rules = Stylesheet._parse_rules


def _once(self: Stylesheet, css: str, *args: Any, **kwargs: Any) -> Any:
    """Every app of a test has the same sheets, and reads them in 40 ms."""
    key = (frozenset(self._variables.items()), css, args, frozenset(kwargs.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, *args, **kwargs)
    return _parsed[key]


Stylesheet._parse_rules = _once  # type: ignore[method-assign]
