"""What a transport bar shows of a replay and how it is steered, without a widget: the slider, times, where to go."""

from __future__ import annotations

import math
import re
from bisect import bisect_right
from collections.abc import Iterator
from typing import Literal, TypeAlias

from inspector.core.reel import Mark
from inspector.core.replay import Player
from inspector.core.text import duration
from inspector.errors import UsageError

Tone: TypeAlias = Literal["past", "rest", "head", "error", "interrupt", "tool"]

EVENTFUL: tuple[Mark, ...] = ("error", "interrupt", "tool")
"""What is looked for in a recording; in a cell of the slider the first of them is shown."""

_SYMBOLS: dict[Mark, str] = {"error": "✖", "interrupt": "‖", "tool": "┴"}


def slider(player: Player, width: int) -> list[tuple[str, Tone]]:
    """A line of `width` cells from the beginning to the end of the recording: played, head, marks, still to come."""
    if width < 3:
        return []
    inner = width - 2
    head = cell(player, player.time, inner)
    marks = dict(_marks(player, inner))
    pieces: list[tuple[str, Tone]] = [("├", "rest")]
    for at in range(inner):
        mark = marks.get(at)
        if at == head:
            pieces.append(("●", "head"))
        elif mark is not None:
            tone: Tone = "error" if mark == "error" else "interrupt" if mark == "interrupt" else "tool"
            pieces.append((_SYMBOLS[mark], tone))
        else:
            symbol, plain = ("━", "past") if at < head else ("─", "rest")
            if pieces[-1][1] == plain:
                pieces[-1] = (pieces[-1][0] + symbol, pieces[-1][1])
            else:
                pieces.append((symbol, "past" if at < head else "rest"))
    pieces.append(("┤", "rest"))
    return pieces


def _marks(player: Player, cells: int) -> Iterator[tuple[int, Mark]]:
    """The mark of each cell that has one. Costs what there are cells, not marks: each cell looks for its own."""
    edges = [player.position_at(player.duration * at / max(cells - 1, 1)) for at in range(cells)]
    for mark in reversed(EVENTFUL):
        positions = player.marks(mark)
        if not positions:
            continue
        if len(positions) <= 4 * cells:
            for position in positions:
                yield cell(player, player.time_at(position), cells), mark
            continue
        for at, edge in enumerate(edges):
            index = bisect_right(positions, edges[at - 1] if at else -1)
            if index < len(positions) and positions[index] <= edge:
                yield at, mark


def cell(player: Player, time: float, cells: int) -> int:
    """The cell of the slider (without its ends) for a time."""
    share = time / player.duration if player.duration > 0 else 1.0
    return min(max(round(share * (cells - 1)), 0), cells - 1)


def time_of_cell(player: Player, at: int, width: int) -> float:
    """The time that a click on cell `at` of a slider of `width` cells is meant for."""
    inner = max(1, width - 3)
    return player.duration * min(max(at - 1, 0), inner) / inner


def clock(seconds: float, whole: float = math.inf) -> str:
    """A time as players show it: `0:03.1`, `12:03.1`, `1:02:03`; `3.1ms` of what takes less than a second as a
    `whole`."""
    seconds = max(0.0, seconds)
    if whole < 1:
        return duration(seconds)
    minutes, rest = divmod(seconds, 60)
    if rest >= 59.95:
        minutes, rest = minutes + 1, 0.0
    if minutes >= 60:
        hours, minutes = divmod(minutes, 60)
        return f"{hours:.0f}:{minutes:02.0f}:{int(rest):02d}"
    return f"{minutes:.0f}:{rest:04.1f}"


def pace_of(speed: float) -> str:
    """A speed: `1x`, `0.25x`, `max` for as fast as it paints."""
    return "max" if math.isinf(speed) else f"{speed:g}x"


def jump_to_eventful(player: Player, forward: bool = True) -> Mark | None:
    """Go to the next (or previous) error, interrupt or tool call. Returns which it is, None where there is none."""
    best: tuple[int, Mark] | None = None
    for mark in EVENTFUL:
        found = player.neighbour(mark, forward)
        if found is not None and (best is None or (found < best[0] if forward else found > best[0])):
            best = (found, mark)
    if best is None:
        return None
    player.seek(best[0])
    return best[1]


def walk(player: Player, by: int) -> None:
    """Go that many checkpoints on, or back; with the last of them comes the end."""
    saved = player.marks("superstep")
    at = bisect_right(saved, player.position) - 1 + by
    player.seek(player.length if at >= len(saved) - 1 else saved[at] if at >= 0 else 0)


_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)\s*(ms|s|m)?$")


def go_to(player: Player, text: str) -> None:
    """Go where a text says: `412` (event), `3.1s` or `0:03.1` (time), `50%`, `step 3`. Raises `UsageError`."""
    words = text.strip().casefold()
    if words in ("start", "begin", "beginning"):
        player.seek(0)
        return
    if words in ("end", "live"):
        player.seek(player.length)
        return
    step = re.fullmatch(r"(?:step|superstep|s)\s*(-?\d+)", words)
    if step is not None:
        _go_to_step(player, int(step[1]))
        return
    share = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", words)
    if share is not None:
        player.seek(round(player.length * min(float(share[1]), 100) / 100))
        return
    if re.fullmatch(r"(?:event\s*)?[\d,]+", words):
        player.seek(int(re.sub(r"\D", "", words)))
        return
    found = _TIME.match(words)
    if found is None:
        raise UsageError("Type an event (412), a time (3.1s or 0:03.1), a part (50%) or a superstep (step 3).")
    hours, minutes, seconds, unit = found.groups()
    scale = {"ms": 0.001, "m": 60.0}.get(unit or "", 1.0)
    player.seek_time((int(hours or 0) * 60 + int(minutes or 0)) * 60 + float(seconds) * scale)


def _go_to_step(player: Player, step: int) -> None:
    """To where the superstep is saved: the last time where forks ran it several times."""
    before = player.position
    for position in reversed(player.marks("superstep")):
        player.seek(position)
        if player.run.step == step:
            return
    player.seek(before)
    raise UsageError(f"There is no superstep {step} in this recording.")
