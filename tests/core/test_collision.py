"""Who collided, of an `InvalidUpdateError`."""

from __future__ import annotations

from typing import Any

from inspector.core.collision import collided, collision
from inspector.core.events import Failure, RunEnded, RunStarted, TaskEnded, TaskStarted
from inspector.core.run import Run
from tests.tui.scene import HOSTILE, pack

MESSAGE = "At key '{}': Can receive only one value per step. Use an Annotated key to handle multiple values.\nFor more"


def failed(key: str, *tasks: tuple[str, str, int, Any, dict[str, Any]], type_: str = "InvalidUpdateError") -> Run:
    """A run of tasks `(id, node, step, input, writes)` that ends so."""
    run = Run()
    run.append(RunStarted(0.0, "r", "t", "g", 0.0))
    for id_, node, step, given, writes in tasks:
        run.append(TaskStarted(step, (), id_, node, step, input=pack(given)))
        run.append(TaskEnded(step + 0.5, (), id_, node, "ok", writes=pack(writes)))
    run.append(RunEnded(9.0, "error", (), Failure(type_, MESSAGE.format(key))))
    return run


def test_the_tasks_of_the_last_superstep_that_wrote_the_key() -> None:
    run = failed(
        "budget",
        ("a", "early", 0, {}, {"budget": 1}),
        ("b", "left", 1, {}, {"budget": 2}),
        ("c", "right", 1, {}, {"budget": 3}),
        ("d", "beside", 1, {}, {"other": 3}),
    )
    assert [task.id for task in collided(run)[1]] == ["b", "c"]
    assert collision(run) == "budget was written by left, right in one step"


def test_tasks_of_one_node_are_told_apart() -> None:
    run = failed("k", ("a", "search", 1, {"q": "sun"}, {"k": 1}), ("b", "search", 1, {"q": "rain"}, {"k": 2}))
    assert collision(run) == "k was written by search «sun», search «rain» in one step"


def test_other_errors_and_what_cannot_be_told() -> None:
    assert collision(Run()) == ""
    assert collision(failed("k", ("a", "n", 1, {}, {"k": 1}), type_="ValueError")) == ""
    assert collision(failed("k")) == ""


def test_many_and_hostile_names() -> None:
    tasks: list[Any] = [(str(n), f"n{n}{HOSTILE}", 1, {}, {HOSTILE.replace("'", ""): n}) for n in range(20)]
    said = collision(failed(HOSTILE.replace("'", "").replace("\u2028", " "), *tasks))
    assert "\x1b" not in said
    assert "\n" not in said
