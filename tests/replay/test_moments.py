"""Every moment of a replay is what the run was at that moment."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from langgraph.store.memory import InMemoryStore
from langgraph.types import Command

from inspector.core.batches import fold, unfold
from inspector.core.events import (
    NOTHING,
    Blocked,
    CheckpointSaved,
    Custom,
    Event,
    Failure,
    Held,
    Interrupted,
    Log,
    Released,
    RunEnded,
    RunStarted,
    SpanEnded,
    SpanStarted,
    StreamCount,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    Token,
    Usage,
)
from inspector.core.reel import SCALARS
from inspector.core.replay import Player
from inspector.core.run import Run
from tests.replay.same import INTERNAL, same
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


def odd() -> list[Event]:
    """What samples do not do: late children, late interrupts, retries, held calls, answers, restated checkpoints,
    interleaved streams, events that fit nothing, and a second run."""
    boom = Failure("ValueError", "boom")
    return [
        Log(0.0, "stdout", "before anything"),
        RunStarted(0.0, "one", "thread", "graph", 1.0),
        CheckpointSaved(0.1, (), "cp0", None, 0, "loop", ("a",), (("t1", "a"),)),
        TaskStarted(0.2, (), "t1", "a", 1),
        TaskStarted(0.2, (), "t2", "b", 1),
        TaskStarted(0.2, (), "t2", "b", 1),  # twice: ignored
        TaskEnded(0.2, (), "none", "none", "ok"),
        Held(0.21, "h1", "before", (), "t2", "b", 1, "breakpoint", breakpoint="bp1"),
        SpanStarted(0.3, "m1", None, "model", "Model", "t1", model="asked", provider="p"),
        SpanStarted(0.3, "m2", None, "model", "Model", "t2", model="asked", provider="p"),
        *(Token(0.3 + n / 100, f"m{1 + n % 2}", ("text", "reasoning")[n % 3 == 0], f"{n} ") for n in range(20)),
        Token(0.5, "m1", "tool_call", "{", 0, "search", "c1"),
        Token(0.5, "m1", "tool_call", "{", 1, "fetch"),
        Token(0.5, "m1", "tool_call", "}", 0),
        Token(0.51, "m1", "tool_call", "}", 1, "", "c2"),
        Token(0.51, "nothing", "text", "lost"),
        SpanEnded(0.52, "m1", "ok", NOTHING, None, Usage(1, 2), "answered", "", ("c1", "c2")),
        Token(0.53, "m1", "text", "late"),
        Released(0.54, "h1", "go"),
        TaskRetried(0.6, "t2", 2, boom),
        SpanStarted(0.61, "g", None, "graph", "inner", "t2"),
        TaskStarted(0.62, ("b:t2",), "t3", "c", 1, parent="t2", span="g"),
        CheckpointSaved(0.62, ("b:t2",), "in0", None, 0, "loop", ("c",)),
        SpanEnded(0.63, "g", "ok"),
        TaskStarted(0.64, ("b:t2",), "t4", "d", 2, parent="t2", span="g"),
        TaskEnded(0.65, ("b:t2",), "t4", "d", "ok"),
        TaskEnded(0.65, ("b:t2",), "t3", "c", "error", boom),
        TaskRetried(0.66, "t2", 3, boom),
        Blocked(0.67, 1.5, "file.py:3", "t2"),
        Blocked(0.68, 0.0),
        StreamCount(0.69, "values", 3, 300),
        TaskEnded(0.7, (), "t1", "a", "ok", attempts=1),
        TaskEnded(0.71, (), "t2", "b", "interrupted", attempts=3),
        Interrupted(0.72, "q1", (), "t2", "b", b"\xc3"),
        Interrupted(0.73, "q2", (), "t2", "b", b"\xc3"),
        RunEnded(0.8, "interrupted", ("b",)),
        RunStarted(0.0, "two", "thread", "graph", 2.0, resumed=True),
        CheckpointSaved(0.0, (), "cp0", None, 0, "loop", ("b",), (("t2", "b"),)),
        Interrupted(0.01, "q2", (), "t2", "b", b"\xc3"),
        TaskStarted(0.1, (), "t2", "b", 1),
        SpanStarted(0.15, "tool", None, "tool", "search", "t2", call_id="c1"),
        SpanStarted(0.15, "r", None, "retriever", "find", "t2"),
        Custom(0.2, (), "t2", "b", "", b"\xc0"),
        Log(0.2, "stdout", "text"),
        Held(0.21, "h2", "tool", (), "t2", "b", 1, "breakpoint", breakpoint="bp1"),
        Token(0.22, "m2", "text", "while it is held"),
        Released(3.2, "h2", "go"),
        Token(3.21, "m2", "text", "and after"),
        StreamCount(3.25, "values", 1, 30),
        TaskEnded(3.3, (), "t2", "b", "ok"),
        CheckpointSaved(3.31, (), "cp1", "cp0", 1, "loop", ()),
        RunEnded(3.4, "error", (), Failure("Other", "it")),
        CheckpointSaved(3.5, (), "edit", "cp1", 2, "update", ("a",)),
    ]


@pytest.mark.parametrize("seed", range(3))
def test_odd_runs_are_as_they_were_at_every_moment(seed: int) -> None:
    """In every order of moments, loaded in batches of any size."""
    dice = random.Random(seed)
    events = rounded(odd())
    batches, start = [], 0
    while start < len(events):
        stop = start + dice.randrange(1, 25)
        batches += fold(events[start:stop])
        start = stop
    player = Player(batches, len(events))
    while player.load(0.0):
        player.seek(dice.randrange(player.loaded + 1))
        same(player.run, appended(events[: player.position]))
    moments = list(range(len(events) + 1))
    dice.shuffle(moments)
    for position in [*moments, *range(len(events) + 1)]:
        player.seek(position)
        same(player.run, appended(events[:position]))


def test_long_runs_are_as_they_were() -> None:
    """Longer than what is kept of what was open: thousands of events, some tasks open all the while."""
    events: list[Event] = [RunStarted(0.0, "run", "thread", "graph", 1.0), TaskStarted(0.0, (), "long", "long", 1)]
    for n in range(1_500):
        ns = ("long:long",)
        events += [
            TaskStarted(n / 100, ns, f"t{n}", "n", n, parent="long"),
            CheckpointSaved(n / 100, ns if n % 3 else (), f"c{n}", None, n, "loop", ()),
            TaskEnded(n / 100 + 0.3, ns, f"t{n - 20}", "n", "ok"),
            Interrupted(n / 100 + 0.3, f"q{n % 9}", ns, f"t{n - 25}", "n", b"\xc0"),
        ]
    player = Player.of(events)
    dice = random.Random(1)
    for position in [*dice.sample(range(len(events)), 12), len(events)]:
        player.seek(position)
        same(player.run, appended(events[:position]))


def test_every_attribute_of_a_run_is_thought_of() -> None:
    """A new attribute of `Run` has to be shown as it was, too; here is where one is reminded of it."""
    run = Run()
    lists = {"invocations", "roots", "models", "tools", "retrievers", "logs", "customs", "failures", "checkpoints"}
    mappings = {"tasks", "spans", "inner_checkpoints", "by_checkpoint", "asked_by", "pending", "held", "running",
                "usage_by_model", "streams", "stops"}  # fmt: skip
    numbers = {"log_count", "custom_count", "now", "revision", "count"}
    assert set(vars(run)) == lists | mappings | numbers | set(SCALARS) | INTERNAL


def test_going_forward_the_run_grows_and_records_stay_themselves() -> None:
    player = Player.of(rounded(odd()))
    player.seek(4)
    run, task = player.run, player.run.tasks["t1"]
    assert task.status == "running"
    before = dict(run.revisions)
    player.seek(40)
    assert player.run is run
    assert run.tasks["t1"] is task
    assert run.revisions["tokens"] > before["tokens"]
    player.seek(3)
    assert player.run is not run
    assert "t1" not in player.run.tasks
