"""The transport: playing at the recorded pace, faster and slower; stepping, jumping, seeking; loading as it goes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from inspector.core.batches import Batch, fold
from inspector.core.events import Event, Token
from inspector.core.reel import Mark
from inspector.core.replay import SPEEDS, Player
from tests.replay.same import same
from tests.replay.test_moments import appended, odd, rounded
from tests.replay.test_recording import run


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def player_of(events: list[Event], clock: Clock) -> Player:
    return Player.of(events, clock=clock)


@pytest.mark.parametrize("speed", [0.25, 1.0, 100.0])
def test_it_plays_at_the_recorded_pace(speed: float, clock: Clock) -> None:
    events = run(tokens=300)  # a second, a token each millisecond from 0.03 on
    player = player_of(events, clock)
    player.speed = speed
    assert not player.tick()
    player.play()
    clock.now += 0.1 / speed
    assert player.tick()
    assert player.time == pytest.approx(0.1)
    shown = player.run.spans["model"].tokens
    assert shown is not None
    assert 69 <= shown.count <= 71
    assert not player.tick()  # no time has passed
    clock.now += 10 / speed
    assert player.tick()
    assert not player.playing
    assert player.position == player.length
    player.play()  # from the beginning
    assert player.position == 0


def test_the_speed_can_change_while_it_plays(clock: Clock) -> None:
    player = player_of(run(tokens=300), clock)
    player.play()
    clock.now += 0.1
    player.speed = 2.0
    assert player.time == pytest.approx(0.1)
    clock.now += 0.1
    assert player.time == pytest.approx(0.3)
    player.pause()
    clock.now += 5
    assert not player.tick()
    assert player.time <= 0.3
    assert [player.faster(), player.faster(-2), player.faster(-9), player.faster(99)] == [5.0, 1.0, SPEEDS[0], math.inf]
    with pytest.raises(ValueError):
        player.speed = 0


def test_as_fast_as_it_paints_shows_something_new_every_time(clock: Clock) -> None:
    events = run(tokens=2_000)
    player = player_of(events, clock)
    player.speed = math.inf
    player.play()
    seen = [0]
    while player.tick():
        seen.append(player.position)
    assert player.position == len(events)
    assert not player.playing
    others = [n + 1 for n, event in enumerate(events) if not isinstance(event, Token)]
    assert set(others) <= set(seen)  # nothing but tokens is gone past
    assert len(seen) < len(events) / 10


@pytest.mark.parametrize("mark", ["run", "superstep", "node", "error", "interrupt", "tool"])
def test_jumps_there_and_back(mark: Mark, clock: Clock) -> None:
    player = player_of(rounded(odd()), clock)
    there = []
    while player.jump(mark):
        there.append(player.position)
    assert there == list(player.marks(mark)) != []
    player.seek(player.length)
    back = []
    while player.jump(mark, forward=False):
        back.append(player.position)
    assert back == [position for position in reversed(there) if position < player.length]


def test_a_jump_shows_what_one_jumped_to(clock: Clock) -> None:
    player = player_of(rounded(odd()), clock)
    player.jump("interrupt")
    assert list(player.run.pending) == ["q1"]
    player.jump("tool")
    assert [span.name for span in player.run.tools] == ["search"]
    player.jump("error", forward=False)
    assert len(player.run.failures) == 3
    player.jump("superstep")
    assert player.run.checkpoints[-1].id == "cp1"


def test_steps_and_seeks_stay_within_bounds_and_stop_playing(clock: Clock) -> None:
    player = player_of(run(), clock)
    player.step(3)
    assert player.position == 3
    player.step(-9)
    assert player.position == 0
    player.play()
    player.seek(10**9)
    assert (player.position, player.playing) == (player.length, False)
    player.seek_time(0.65)
    assert player.run.spans["model"].ended == pytest.approx(0.6)
    assert "tool" not in player.run.spans
    player.seek_time(-1)
    assert player.position == 0


def test_what_is_not_loaded_yet_is_gone_to_as_soon_as_it_is(clock: Clock) -> None:
    events = rounded(run(tokens=500))

    def batches() -> Iterator[Batch]:
        for start in range(0, len(events), 50):
            yield from fold(events[start : start + 50])

    player = Player(batches(), len(events), clock=clock)
    assert player.load(0)
    player.seek(300)
    assert (player.position, player.loaded) == (50, 50)
    while player.loaded < 300:
        assert player.load(0)
    assert player.position == 300
    same(player.run, appended(events[:300]))
    player.load(0)
    assert player.position == 300  # and stays there
    while player.load(0):
        pass
    assert player.complete
    same(player.run, appended(events[:300]))


def test_playing_waits_for_what_is_not_loaded(clock: Clock) -> None:
    events = rounded(run(tokens=500))
    batches = iter([*fold(events[:100]), *fold(events[100:])])
    player = Player(batches, len(events), clock=clock)
    player.load(0)
    player.play()
    clock.now += 60
    assert player.tick()
    assert (player.position, player.playing) == (100, True)
    while player.load(0):
        pass
    clock.now += 0.01
    assert player.tick()
    assert 105 <= player.position <= 112


def test_events_that_cannot_be_read_are_left_out(clock: Clock) -> None:
    started: list[object] = [0, 0.0, "r", "t", "g", 1.0]
    strange: list[list[object]] = [[99], ["x"], [4, "late", None], [], [2, 0.1, None, None, [], None]]
    player = Player([Batch(6, [(0, started), *enumerate(strange, 1)])], 6, clock=clock)
    player.load()
    player.seek(player.length)
    assert player.run.phase == "running"
    assert 3 <= player.damaged <= 5
