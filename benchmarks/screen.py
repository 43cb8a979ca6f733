"""What a terminal showed, and when: made afterwards of the pieces that `benchmarks.terminal` kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyte

from benchmarks.terminal import COLUMNS, ROWS

TABS = {"4": "Tokens", "5": "Tools"}


@dataclass(frozen=True, slots=True)
class Press:
    """A key that was pressed at a time."""

    at: float
    key: str


class TabWatch:
    """A screen that knows which of the two tabs is drawn as open, and what is drawn below them."""

    def __init__(self) -> None:
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self._line: int | None = None

    def feed(self, data: bytes) -> None:
        """Draw what the program wrote."""
        self._stream.feed(data)
        if self._line is None:
            self._line = next((y for y in range(ROWS) if all(tab in self._row(y) for tab in TABS.values())), None)

    def look(self) -> tuple[str, tuple[str, ...]]:
        """`(the key of the open tab, the rows below the tabs)`; empty while the tabs are not on the screen."""
        if self._line is None:
            return "", ()
        text, cells = self._row(self._line), self._screen.buffer[self._line]
        plain = cells[COLUMNS - 1].bg
        found = [key for key, name in TABS.items() if f" {key} {name}" in text]
        shown = next((key for key in found if cells[text.index(f" {key} {TABS[key]}") + 1].bg != plain), "")
        return shown, tuple(self._row(y) for y in range(self._line + 1, ROWS - 1))

    def _row(self, y: int) -> str:
        cells = self._screen.buffer[y]
        return "".join(cells[x].data or " " for x in range(COLUMNS))


def answers(chunks: Sequence[tuple[float, bytes]], presses: Iterable[Press]) -> list[tuple[Press, float]]:
    """For each press of a tab's key the seconds until the terminal had got that tab, open, with other contents below it
    than before. A press that was never answered counts until the end of the recording."""
    watch = TabWatch()
    todo = sorted(presses, key=lambda press: press.at)
    pending: list[tuple[Press, tuple[str, ...]]] = []
    out: list[tuple[Press, float]] = []
    for at, data in chunks:
        while todo and todo[0].at <= at:
            pending.append((todo.pop(0), watch.look()[1]))
        watch.feed(data)
        if pending:
            shown, below = watch.look()
            answered = [item for item in pending if item[0].key == shown and item[1] != below]
            out += [(press, at - press.at) for press, _ in answered]
            pending = [item for item in pending if item not in answered]
    end = chunks[-1][0] if chunks else 0.0
    return out + [(press, max(end - press.at, 1.0)) for press in [*(press for press, _ in pending), *todo]]
