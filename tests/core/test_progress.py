"""What looks like progress becomes a bar, in every shape that people send; what does not look like it, does not."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.core.events import Custom, RunStarted, TaskEnded, TaskStarted
from inspector.core.nodes import Task
from inspector.core.progress import Tracker, readings
from inspector.core.run import Run
from inspector.core.values import decode
from inspector.debuggee.encode import preview


class Graph:
    """A run with a tracker on it."""

    def __init__(self) -> None:
        self.run = Run()
        self.run.append(RunStarted(0.0, "r", "t", "g", 0.0))
        self.tracker = Tracker()

    def task(self, id: str, node: str = "work", step: int = 1, t: float = 0.0) -> Task:
        self.run.append(TaskStarted(t, (), id, node, step))
        return self.run.tasks[id]

    def end(self, id: str, t: float) -> None:
        task = self.run.tasks[id]
        self.run.append(TaskEnded(t, (), id, task.node, "ok"))

    def say(self, t: float, task: str, value: Any, name: str = "") -> bool:
        node = self.run.tasks[task].node
        return self.tracker.feed(t, Custom(t, (), task, node, name, preview(value)), self.run.tasks[task])

    def bars(self) -> list[tuple[str, float]]:
        return [(bar.label or bar.path, round(bar.fraction, 3)) for bar in self.tracker.bars]

    def states(self) -> list[str]:
        return [bar.state for bar in self.tracker.bars]


def fraction(value: Any, name: str = "") -> float | None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", value, name)
    assert len(graph.tracker.bars) <= 1
    return graph.tracker.bars[0].fraction if graph.tracker.bars else None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"progress": 0.4}, 0.4),
        ({"progress": 40}, 0.4),
        ({"progress": 1.0}, 1.0),
        ({"progress": 1}, 0.01),
        ({"percent": 40}, 0.4),
        ({"Percentage": 12.5}, 0.125),
        ({"progress": "40%"}, 0.4),
        ({"progress": "3/10"}, 0.3),
        ({"progress": [3, 10]}, 0.3),
        ({"progress": {"current": 3, "total": 10}}, 0.3),
        ({"current": 3, "total": 10}, 0.3),
        ({"done": 3, "of": 10}, 0.3),
        ({"completed": 3, "max": 10}, 0.3),
        ({"step": 3, "count": 10}, 0.3),
        ({"count": 3, "total": 10}, 0.3),
        ({"n": 3, "total": 10, "unit": "files"}, 0.3),
        ({"i": 0, "total": 10}, 0.0),
        ({"progress": 3, "total": 10}, 0.3),
        ({"current": 12, "total": 10}, 1.0),
        ({"type": "progress", "data": {"payload": {"value": 3, "max": 10}}}, 0.3),
        ([{"current": 3, "total": 10}], 0.3),
    ],
)
def test_shapes(value: Any, expected: float) -> None:
    assert fraction(value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [(0.4, "progress", 0.4), (40, "upload_progress", 0.4), ("3 of 12", "progress", 0.25), (0.4, "score", None)],
)
def test_a_bare_number_counts_where_the_name_says_so(value: Any, name: str, expected: float | None) -> None:
    assert fraction(value, name) == expected


@pytest.mark.parametrize(
    "value",
    [
        None, 3, "working", {"n": 3}, {"current": 3}, {"total": 10}, {"total": 0, "current": 0}, {"count": 3},
        {"progress": "soon"}, {"progress": True}, {"progress": -1}, {"progress": None},
        {"progress": float("nan")}, {"current": "3", "total": 10}, {"message": "50% off"}, [1, 2],
    ],
)  # fmt: skip
def test_other_values(value: Any) -> None:
    assert readings(decode(preview(value))) == []


def test_a_percentage_below_one_is_put_right_when_the_values_grow() -> None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", {"progress": 0.5})
    assert graph.bars() == [("", 0.5)]
    graph.say(1.0, "a", {"progress": 2.5})
    assert graph.bars() == [("", 0.025)]


def test_concurrent_things_have_a_bar_each_by_label_and_place() -> None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", {"task": "fetch", "current": 1, "total": 4})
    graph.say(0.1, "a", {"task": "parse", "current": 1, "total": 2})
    graph.say(0.2, "a", {"task": "fetch", "current": 2, "total": 4})
    graph.say(0.3, "a", {"downloads": {"a.zip": {"done": 1, "total": 2}, "b.zip": {"done": 1, "total": 4}}})
    assert graph.bars() == [("fetch", 0.5), ("parse", 0.5), ("downloads a.zip", 0.5), ("downloads b.zip", 0.25)]


def test_a_note_is_not_a_label() -> None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", {"progress": 0.1, "message": "reading"})
    graph.say(1.0, "a", {"progress": 0.2, "message": "writing"})
    [bar] = graph.tracker.bars
    assert (bar.label, bar.note, bar.count) == ("", "writing", 2)


def test_tasks_of_one_superstep_have_a_bar_each() -> None:
    graph = Graph()
    for id in "abc":
        graph.task(id)
    for id, value in zip("abc", (0.1, 0.2, 0.3), strict=True):
        graph.say(0.1, id, {"progress": value})
    assert graph.bars() == [("", 0.1), ("", 0.2), ("", 0.3)]
    graph.end("a", 0.2)
    graph.task("d", t=0.3)
    graph.say(0.3, "d", {"progress": 0.05})
    assert len(graph.bars()) == 4


def test_a_loop_that_counts_its_supersteps_has_one_bar() -> None:
    graph = Graph()
    for step in range(20):
        graph.task(f"t{step}", step=step, t=step)
        graph.say(step + 0.1, f"t{step}", {"current": step, "total": 40})
        graph.end(f"t{step}", step + 0.2)
    assert graph.bars() == [("", 0.475)]
    assert graph.tracker.bars[0].rate() == pytest.approx(1.0)


def test_done_stopped_and_running() -> None:
    graph = Graph()
    graph.task("a")
    graph.task("b")
    graph.say(0.1, "a", {"progress": 1.0})
    graph.say(0.1, "b", {"progress": 0.5})
    assert graph.states() == ["done", "running"]
    assert [bar.task for bar in graph.tracker.running()] == [graph.run.tasks["b"]]
    graph.end("b", 0.2)
    assert graph.states() == ["done", "stopped"]


def test_what_a_bar_is_called() -> None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", {"percent": 4}, "indexing")
    graph.say(0.0, "a", {"percent": 4}, "on_progress")
    step = {"label": "chapter 1, pages", "progress": 1, "total": 5}
    graph.say(0.0, "a", {"translate": {"label": "chapters", "progress": 0, "total": 3, "step": step}})
    assert [bar.title for bar in graph.tracker.bars] == ["indexing", "work", "chapters", "chapter 1, pages"]


def test_what_comes_from_no_task_stops_with_the_run() -> None:
    graph = Graph()
    graph.tracker.feed(0.0, Custom(0.0, (), None, "", "", preview({"progress": 0.5})), None)
    assert graph.states() == ["running"]
    graph.tracker.close()
    assert graph.states() == ["stopped"]
    graph.tracker.feed(1.0, Custom(1.0, (), None, "", "", preview({"progress": 0.6})), None)
    assert graph.states() == ["running"]


def test_rate_and_time_left() -> None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", {"current": 0, "total": 10})
    [bar] = graph.tracker.bars
    assert bar.rate() is None
    assert bar.eta(0.0) is None
    graph.say(2.0, "a", {"current": 4, "total": 10})
    assert bar.rate() == pytest.approx(2.0)
    assert bar.eta(2.0) == pytest.approx(3.0)
    assert bar.eta(4.0) == pytest.approx(1.0)
    assert bar.eta(60.0) == 0.0
    graph.say(3.0, "a", {"current": 1, "total": 10})  # a retry begins again
    assert bar.rate() is None
    assert bar.started == 3.0


def test_the_number_of_bars_is_bounded_and_the_running_ones_stay() -> None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", {"task": "slow", "progress": 0.5})
    for n in range(600):
        graph.say(0.0, "a", {"task": f"quick {n}", "progress": 1.0})
    assert len(graph.tracker.bars) == 500
    assert graph.tracker.bars[0].label == "slow"
    assert graph.tracker.bars[-1].label == "quick 599"


def test_hostile_labels_and_depth() -> None:
    graph = Graph()
    graph.task("a")
    graph.say(0.0, "a", {"task": "\x1b[31m[bold]\n\u202e", "progress": 0.5, "message": "\x00"})
    [bar] = graph.tracker.bars
    assert "\x1b" not in bar.label
    assert "\n" not in bar.label
    assert "\u202e" not in bar.label
    assert bar.note == "␀"
    nested: Any = {"progress": 0.5}
    for _ in range(40):
        nested = {"data": nested}
    assert readings(nested) == []
    assert len(readings([{"current": 1, "total": 2}] * 10_000)) < 300
