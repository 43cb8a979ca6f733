"""The transport of a replay: the slider, where one can go, how times are written."""

from __future__ import annotations

import math

import pytest

from inspector.core.events import (
    CheckpointSaved,
    Event,
    Failure,
    Interrupted,
    RunEnded,
    RunStarted,
    SpanEnded,
    SpanStarted,
    TaskEnded,
    TaskStarted,
    Token,
)
from inspector.core.replay import Player
from inspector.core.transport import cell, clock, go_to, jump_to_eventful, pace_of, slider, time_of_cell
from inspector.errors import UsageError


def player() -> Player:
    """Ten seconds: a step with a tool at 2 s that fails at 4 s, a step that asks at 10 s."""
    events: list[Event] = [
        RunStarted(0.0, "r", "t", "g", 1_700_000_000.0),
        CheckpointSaved(0.0, (), "c0", None, 0, "loop", ("a",), (("ta", "a"),)),
        TaskStarted(0.0, (), "ta", "a", 1),
        SpanStarted(2.0, "s", None, "tool", "search", "ta"),
        SpanEnded(4.0, "s", "error", error=Failure("TimeoutError", "slow")),
        TaskEnded(5.0, (), "ta", "a", "ok"),
        CheckpointSaved(5.0, (), "c1", "c0", 1, "loop", ("b",), (("tb", "b"),)),
        TaskStarted(5.0, (), "tb", "b", 2),
        Interrupted(10.0, "i", (), "tb", "b", b"\xc0"),
        RunEnded(10.0, "interrupted", ("b",)),
    ]
    return Player.of(events)


def drawn(player: Player, width: int) -> str:
    return "".join(text for text, _ in slider(player, width))


def test_the_slider_shows_where_it_is_and_what_is_in_it() -> None:
    shown = player()
    shown.seek(0)
    assert drawn(shown, 13) == "├●─┴─✖─────‖┤"
    shown.seek_time(5.0)
    assert drawn(shown, 13) == "├━━┴━✖●────‖┤"  # at 5 s, of 10 s in 11 cells
    shown.seek(shown.length)
    assert drawn(shown, 13) == "├━━┴━✖━━━━━●┤"
    assert slider(shown, 2) == []
    for width in range(3, 40):
        assert len(drawn(shown, width)) == width


def test_many_marks_cost_the_cells_and_not_the_marks() -> None:
    events: list[Event] = [RunStarted(0.0, "r", "t", "g", 0.0), TaskStarted(0.0, (), "t", "n", 1)]
    for number in range(2000):
        events.append(SpanStarted(number / 200, f"s{number}", None, "tool", "tool", "t"))
        events.append(SpanEnded(number / 200, f"s{number}", "ok"))
    shown = Player.of(events)
    shown.seek(0)
    assert drawn(shown, 12) == "├●┴┴┴┴┴┴┴┴┴┤"


def test_a_click_goes_to_the_time_it_is_on() -> None:
    shown = player()
    assert time_of_cell(shown, 0, 13) == 0.0
    assert time_of_cell(shown, 1, 13) == 0.0
    assert time_of_cell(shown, 6, 13) == pytest.approx(5.0)
    assert time_of_cell(shown, 11, 13) == time_of_cell(shown, 50, 13) == 10.0
    assert [cell(shown, time_of_cell(shown, at + 1, 13), 11) for at in range(11)] == list(range(11))


def test_jumping_to_errors_questions_and_tools() -> None:
    shown = player()
    shown.seek(0)
    assert [jump_to_eventful(shown) for _ in range(4)] == ["tool", "error", "interrupt", None]
    assert shown.position == 9
    assert [jump_to_eventful(shown, forward=False) for _ in range(3)] == ["error", "tool", None]
    assert shown.run.tools[0].open


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("4", 4), ("event 4", 4), ("1,000", 10), ("50%", 5), ("100 %", 10), ("step 1", 7), ("s0", 2), ("start", 0),
        ("end", 10), ("4s", 5), ("0:04.0", 5), ("2500ms", 4), ("0:00:05", 8), ("1m", 10),
    ],
)  # fmt: skip
def test_going_where_a_text_says(text: str, position: int) -> None:
    shown = player()
    go_to(shown, text)
    assert shown.position == position


@pytest.mark.parametrize("text", ["", "soon", "step 7", "-3", "4x", "::"])
def test_what_says_nothing_is_refused(text: str) -> None:
    shown = player()
    shown.seek(3)
    with pytest.raises(UsageError):
        go_to(shown, text)
    assert shown.position == 3


def test_times_and_speeds() -> None:
    assert [clock(t) for t in (0, 3.14, 59.97, 75.25, 3723)] == ["0:00.0", "0:03.1", "1:00.0", "1:15.2", "1:02:03"]
    assert clock(0.0123, 0.5) == "12ms"
    assert [pace_of(speed) for speed in (0.25, 1.0, 100.0, math.inf)] == ["0.25x", "1x", "100x", "max"]


def test_tokens_are_events_like_others() -> None:
    events: list[Event] = [
        RunStarted(0.0, "r", "t", "g", 0.0), TaskStarted(0.0, (), "t", "n", 1),
        SpanStarted(0.0, "m", None, "model", "model", "t"),
        *(Token(0.1 * number, "m", "text", str(number)) for number in range(10)),
    ]  # fmt: skip
    shown = Player.of(events)
    go_to(shown, "6")
    tokens = shown.run.models[0].tokens
    assert tokens is not None
    assert tokens.text == "012"
