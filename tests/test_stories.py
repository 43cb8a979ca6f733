"""Stories of saved threads: recorded, rebuilt, and both, where only a part of a thread was watched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from inspector import stories
from inspector.core.batches import Batch, fold, unfold
from inspector.core.events import CheckpointSaved, Event, TaskStarted, Token, to_wire
from inspector.errors import InspectorError, StoreError
from inspector.store.rebuild import rebuild
from inspector.store.threads import ThreadFile
from inspector.stories import Story
from tests.tui.saved import make


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("stories") / "app.sqlite"
    make(path)
    return path


class Recorded:
    """Stands for a recording that holds these events, as they come off a link."""

    def __init__(self, events: list[Event], problem: StoreError | None = None) -> None:
        self.count = len(events)
        self.problem = problem
        self._events = events

    def batches(self) -> Iterator[Batch]:
        for event in self._events:
            yield from fold([list(to_wire(event))])
        if self.problem is not None:
            raise self.problem

    def close(self) -> None:
        pass


def events_of(story: Story) -> list[Event]:
    story.begin()
    story.wait()
    found: list[Event] = []
    while not story.over or story.ready:
        for batch in story:
            found += unfold(batch)
        if story.over:
            break
    for batch in story:
        found += unfold(batch)
    return found


def whole(db: Path, thread: str) -> list[Event]:
    file = ThreadFile(db)
    try:
        return list(rebuild(file, thread))
    finally:
        file.close()


def steps(events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, CheckpointSaved)]


def nodes(events: list[Event]) -> list[str]:
    return [event.node for event in events if isinstance(event, TaskStarted)]


def test_a_thread_that_nobody_watched(db: Path) -> None:
    story = Story(db, "trip-1")
    events = events_of(story)
    assert story.approximate
    assert steps(events) == [-1, 0, 1, 2]
    assert nodes(events) == ["plan", "book"]
    with pytest.raises(InspectorError, match="no thread 'nobody'"):
        events_of(Story(db, "nobody"))


@pytest.mark.parametrize(("begin", "end"), [(0, 3), (0, 5), (6, None), (0, None)])
def test_what_was_not_watched_is_filled_in(
    db: Path, monkeypatch: pytest.MonkeyPatch, begin: int, end: int | None
) -> None:
    events = whole(db, "trip-1")
    seen = events[begin:end]
    monkeypatch.setattr(stories, "open_recording", lambda *_: Recorded(seen))
    story = Story(db, "trip-1")
    told = events_of(story)
    assert not story.approximate
    assert [step for step in (-1, 0, 1, 2) if step in steps(told)] == [-1, 0, 1, 2]
    assert set(nodes(told)) == {"plan", "book"}
    assert [event for event in told if event in seen] != []


def test_a_recording_without_checkpoints_and_one_that_breaks_off(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    token = Token(0.0, "s", "text", "x")
    monkeypatch.setattr(stories, "open_recording", lambda *_: Recorded([token]))
    assert events_of(Story(db, "trip-1")) == [token]
    monkeypatch.setattr(stories, "open_recording", lambda *_: Recorded([token], StoreError("It is damaged.")))
    story = Story(db, "trip-1")
    assert events_of(story) == [token]
    assert str(story.problem) == "It is damaged."


def test_a_long_thread_is_told_near_one_checkpoint(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stories, "WHOLE", 2)
    monkeypatch.setattr(stories, "NEAR", 0)
    newest = events_of(Story(db, "trip-1"))
    assert steps(newest) == [-1, 0, 1, 2]
    assert nodes(newest) == []
    ids = [event.id for event in newest if isinstance(event, CheckpointSaved)]
    monkeypatch.setattr(stories, "NEAR", 1)
    story = Story(db, "trip-1", ids[1])
    assert steps(events_of(story)) == [-1, 0, 1, 2]
    assert story.span == (ids[0], ids[2])


def test_leaving_in_the_middle_ends_the_reading(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Event] = [Token(0.0, "s", "text", "x")] * 500
    monkeypatch.setattr(stories, "open_recording", lambda *_: Recorded(events))
    story = Story(db, "trip-1", ahead=3)
    story.begin()
    story.wait()
    story.close()
    assert not story._reader.is_alive()
