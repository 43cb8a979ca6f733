"""Checkpoints that no run announced: in a run's place and time, and what they mean for how it stands."""

from __future__ import annotations

from inspector.core.past import missing
from inspector.core.run import Run
from inspector.core.stepchange import briefly
from inspector.core.travel import Entry
from tests.tui.scene import Scene


def entry(id_: str, parent: str | None, source: str = "loop", next: tuple[str, ...] = (), at: float = 0.0) -> Entry:
    return Entry(id_, parent, (), 1, source, next, at)


def test_the_past_of_a_fresh_run_lies_before_its_beginning() -> None:
    run = Run()
    past, since = missing(run, [entry("b", "a", next=("work",), at=90.0), entry("a", None, at=40.0)], 100.0)
    assert [(event.id, event.t) for event in past] == [("a", -60.0), ("b", -10.0)]
    assert since == []
    for event in past:
        run.append(event)
    assert (run.phase, run.next, run.now) == ("paused", ("work",), 0.0)
    assert missing(run, [entry("b", "a"), entry("a", None)], 100.0) == ([], [])


def test_an_edit_of_a_run_that_is_over_is_where_the_thread_stands() -> None:
    scene = Scene()
    first = scene.start({"a": 1})
    scene.step({"a": 2}, next=())
    scene.end()
    assert (scene.run.phase, scene.run.next) == ("done", ())
    past, since = missing(scene.run, [entry("zz", first, "update", ("work",), 5.0)], 100.0)
    assert past == []
    scene.run.append(since[0])
    assert (scene.run.phase, scene.run.next) == ("paused", ("work",))
    assert scene.run.checkpoints[-1].at == scene.run.now
    scene.start({"a": 3}, next=("work",))
    assert scene.run.phase == "running"


def test_what_changed_in_a_few_words() -> None:
    old = {"budget": 1500, "messages": [1, 2], "days": {"one": 1}, "gone": 1, "same": "x"}
    new = {"budget": 1200, "messages": [1, 2, 3], "days": {"one": 2}, "same": "x", "note": "new"}
    assert briefly(old, new) == ("budget 1,500→1,200", "messages +1", "days", "gone gone", 'note "new"')
    assert briefly(None, {"a": 1}) == ("a 1",)
    assert len(briefly({}, {str(n): n for n in range(50)})) == 9
