"""The tree of checkpoints: every fork drawn as it is, only what is new laid out, and what each step wrote."""

from __future__ import annotations

import random
from typing import Any

import ormsgpack

from inspector.core.events import CheckpointSaved, RunStarted, TaskEnded, TaskStarted
from inspector.core.history import Lanes, Write, Writes, drawing, last_written, ran, written
from inspector.core.nodes import Checkpoint
from inspector.core.run import Run


def checkpoint(id: str, parent: str | None) -> Checkpoint:
    return Checkpoint(CheckpointSaved(0.0, (), id, parent, 0, "loop", ()), 0.0, 0)


def drawn(*pairs: tuple[str, str | None]) -> list[str]:
    """The picture, newest on top, each checkpoint as its own letter."""
    lanes = Lanes()
    lanes.extend([checkpoint(id_, parent) for id_, parent in pairs])
    return [
        "".join(text for text, _ in drawing(lanes.row(index), pairs[index][0])).rstrip()
        for index in range(len(pairs) - 1, -1, -1)
    ]


def test_a_line() -> None:
    assert drawn(("a", None), ("b", "a"), ("c", "b")) == ["c", "b", "a"]


def test_a_fork() -> None:
    assert drawn(("a", None), ("b", "a"), ("c", "b"), ("d", "a"), ("e", "d")) == ["  e", "  d", "c │", "b │", "a─┘"]


def test_both_branches_go_on() -> None:
    assert drawn(("a", None), ("b", "a"), ("c", "a"), ("d", "b"), ("e", "c")) == ["  e", "d │", "│ c", "b │", "a─┘"]


def test_two_forks_of_one_checkpoint() -> None:
    assert drawn(("a", None), ("b", "a"), ("c", "a"), ("d", "a")) == ["    d", "  c │", "b │ │", "a─┴─┘"]


def test_a_fork_of_a_fork_and_a_lane_crossed() -> None:
    assert drawn(("a", None), ("b", "a"), ("c", "a"), ("d", "b"), ("e", "b"), ("f", "c")) == [
        "  f",
        "  │ e",
        "d │ │",
        "│ c │",
        "b─┼─┘",
        "a─┘",
    ]


def test_a_lane_is_used_again_when_it_is_free() -> None:
    picture = drawn(("a", None), ("b", "a"), ("c", "a"), ("d", "b"), ("e", "d"), ("f", "d"))
    assert picture == ["  f", "e │", "d─┘", "│ c", "b │", "a─┘"]


def test_a_branch_goes_on_after_its_lane_was_taken() -> None:
    picture = drawn(("a", None), ("b", "a"), ("c", "a"), ("d", "b"), ("e", "d"), ("f", "d"), ("g", "c"))
    assert picture == ["    g", "  f │", "e │ │", "d─┘ │", "│ c─┘", "b │", "a─┘"]


def test_a_fork_into_a_lane_on_the_left() -> None:
    picture = drawn(("a", None), ("b", "a"), ("c", "a"), ("d", "c"), ("e", "d"), ("f", "d"))
    assert picture == ["f", "│ e", "└─d", "  c", "b │", "a─┘"]


def test_checkpoints_whose_parent_was_not_seen() -> None:
    assert drawn(("b", "a"), ("c", "b"), ("x", None), ("y", "x")) == ["y", "x", "c", "b"]


def test_every_edge_can_be_followed_in_the_picture() -> None:
    """Walking the lines down from any checkpoint leads to its parent and nowhere else."""
    dice = random.Random(5)
    for _ in range(60):
        later = [i - 1 if dice.random() < 0.6 else dice.randrange(i) for i in range(1, 40)]
        parents: list[int | None] = [None, *later]
        lanes = Lanes()
        lanes.extend([checkpoint(str(i), None if p is None else str(p)) for i, p in enumerate(parents)])
        rows = [lanes.row(index) for index in range(len(parents))]
        for index, parent in enumerate(parents):
            assert rows[index][lanes.lane(index)].node
            if parent is None:
                continue
            lane, at = lanes.lane(index), index - 1
            assert rows[index][lane].down
            while rows[at][lane].up and rows[at][lane].down and not rows[at][lane].node:
                at -= 1
            side = 1 if lanes.lane(at) > lane else -1
            while not rows[at][lane].node:
                assert rows[at][lane].right if side > 0 else rows[at][lane].left
                lane += side
                assert rows[at][lane].left if side > 0 else rows[at][lane].right
            assert at == parent


def test_only_what_is_new_is_laid_out() -> None:
    lanes = Lanes()
    parents = [None, *(str(index - 1 if index % 50 else index - 25) for index in range(1, 6000))]
    checkpoints = [checkpoint(str(index), parent) for index, parent in enumerate(parents)]
    for end in range(0, len(checkpoints) + 1, 100):
        lanes.extend(checkpoints[:end])
    whole = Lanes()
    whole.extend(checkpoints)
    assert len(lanes) == 6000
    assert lanes.width == whole.width < 6
    assert [lanes.row(index) for index in range(6000)] == [whole.row(index) for index in range(6000)]
    assert lanes.index("4321") == 4321
    assert lanes.forked(50)
    assert not lanes.forked(51)


def run_of_two_steps() -> Run:
    def pack(value: Any) -> bytes:
        return ormsgpack.packb(value)

    run = Run()
    run.append(RunStarted(0, "r", "t", "g", 0, pack({"messages": ["hi"], "budget": 1500})))
    run.append(CheckpointSaved(0, (), "c0", None, -1, "input", ("plan",), (("t1", "plan"),)))
    run.append(TaskStarted(0, (), "t1", "plan", 1))
    run.append(TaskEnded(1, (), "t1", "plan", "ok", writes=pack({"messages": [1, 2], "budget": 1200})))
    tasks = (("t2", "search"), ("t3", "search"), ("t4", "note"))
    run.append(CheckpointSaved(1, (), "c1", "c0", 1, "loop", ("search", "note"), tasks))
    for task, node in tasks:
        run.append(TaskStarted(1, (), task, node, 2))
        run.append(TaskEnded(2, (), task, node, "ok", writes=pack({"messages": [node]})))
    run.append(CheckpointSaved(2, (), "c2", "c1", 2, "loop", ()))
    return run


def test_what_a_step_wrote() -> None:
    run = run_of_two_steps()
    first, second, third = run.checkpoints
    assert written(run, first) == (Write("messages", 1, 1), Write("budget", 1, 0))
    assert written(run, second) == (Write("messages", 1, 2), Write("budget", 1, 0))
    assert written(run, third) == (Write("messages", 3, 3),)
    assert ran(run, first) == ()
    assert ran(run, third) == (("search", 2), ("note", 1))
    assert last_written(Writes(run), third, ["messages", "budget", "other"]) == {"messages": 2, "budget": 1}
    assert last_written(Writes(run), second, ["messages", "budget"]) == {"messages": 1, "budget": 1}
