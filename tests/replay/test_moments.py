"""Every moment of a replay is what the run was at that moment."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command

from inspector.core.batches import fold, unfold
from inspector.core.events import Event
from inspector.core.replay import Player
from inspector.core.run import Run
from tests.replay.same import same
from tests.runs.samples import PLAYS, Play
from tests.runs.watching import watch
from tests.sample_graphs.playing import open_sample


def rounded(events: list[Event]) -> list[Event]:
    """As a recording gives them back."""
    return [event for batch in fold(events) for event in unfold(batch)]


def appended(events: list[Event]) -> Run:
    run = Run()
    for event in events:
        run.append(event)
    return run


async def played(play: Play, db: Path) -> list[Event]:
    """The events of all runs of a sample, as they are recorded."""
    events: list[Event] = []
    async with open_sample(play.name, db, InMemoryStore()) as stage:
        given = play.input
        for answer in [*play.answers, None]:
            watched = await watch(stage.graph, given, context=play.context)
            events += watched.events
            given = Command(resume=dict.fromkeys(list(watched.run.pending)[:1], answer))
    return rounded(events)


@pytest.mark.parametrize("play", PLAYS, ids=str)
async def test_a_moment_is_as_it_was(play: Play, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_SPEED", "0")
    events = await played(play, tmp_path / "threads.sqlite")
    player = Player.of(events)
    same(player.run, Run())
    dice = random.Random(len(events))
    for position in [*dice.sample(range(len(events) + 1), min(12, len(events))), len(events)]:
        player.seek(position)
        same(player.run, appended(events[:position]))
