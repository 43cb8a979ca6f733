"""Where steps stop, decided over supersteps alone: no graph is run."""

from __future__ import annotations

from inspector.debuggee.positions import Position
from inspector.debuggee.stepping import Step

ROOT: tuple[str, ...] = ()
SUB = ("sub:1",)
DEEP = ("sub:1", "deep:2")


def at(ns: tuple[str, ...], step: int, node: str = "n", *, called: bool = False, task: str = "") -> Position:
    path = (*(segment.partition(":")[0] for segment in ns), node)
    return Position(task or f"{node}-{ns}-{step}", node, ns, step, path, called)


def test_over_passes_what_belongs_to_the_superstep_and_holds_all_of_the_next() -> None:
    step = Step("over", [at(ROOT, 3)], {ROOT: 3})
    assert not step.holds(at(ROOT, 3, "late"))
    assert not step.holds(at(SUB, 1))
    assert [step.holds(at(ROOT, 4, node)) for node in "abc"] == [True, True, True]
    assert not step.holds(at(ROOT, 5))  # it has stopped: the rest is for the next step to say


def test_over_at_the_end_of_a_subgraph_stops_in_the_graph_around_it() -> None:
    step = Step("over", [at(DEEP, 7)], {ROOT: 2, SUB: 4, DEEP: 7})
    assert not step.holds(at(SUB, 4, "sibling"))
    assert step.holds(at(SUB, 5))
    assert not step.holds(at(ROOT, 3))  # reached only once what is held has been let go, one by one


def test_over_with_several_branches_stopped_stops_in_each() -> None:
    other = ("other:9",)
    step = Step("over", [at(SUB, 1), at(other, 5)], {ROOT: 1, SUB: 1, other: 5})
    assert step.holds(at(other, 6))
    assert step.holds(at(SUB, 2))
    assert not step.holds(at(("third:3",), 1))


def test_into_stops_at_whatever_starts_next_but_not_at_the_superstep_itself() -> None:
    step = Step("into", [at(ROOT, 3)], {ROOT: 3})
    assert not step.holds(at(ROOT, 3, "late"))
    assert step.holds(at(SUB, 1))
    assert step.holds(at(SUB, 1, "beside"))
    assert not step.holds(at(SUB, 2))


def test_out_leaves_the_graph() -> None:
    step = Step("out", [at(SUB, 2)], {ROOT: 5, SUB: 2})
    assert not step.holds(at(SUB, 3))
    assert not step.holds(at(DEEP, 1))
    assert not step.holds(at(ROOT, 5, "late"))
    assert step.holds(at(ROOT, 6))
    assert not Step("out", [at(ROOT, 2)], {ROOT: 2}).holds(at(ROOT, 3))


def test_to_stops_at_the_target_however_deep_and_passes_the_one_it_is_at() -> None:
    step = Step("to", [at(ROOT, 3, "n")], {ROOT: 3}, target="n")
    assert not step.holds(at(ROOT, 3, "n", task="late"))
    assert not step.holds(at(ROOT, 4, "m"))
    assert step.holds(at(SUB, 1, "n"))
    assert Step("to", [at(ROOT, 3)], {ROOT: 3}, target="sub/n").holds(at(SUB, 1, "n"))


def test_a_run_that_begins_with_a_step_passes_its_first_superstep() -> None:
    step = Step("over", beginning=[ROOT])
    assert not step.holds(at(ROOT, 8))
    assert not step.holds(at(ROOT, 8, "beside"))
    assert step.holds(at(ROOT, 9))
    into = Step("into", beginning=[ROOT])
    assert not into.holds(at(ROOT, 8))
    assert into.holds(at(SUB, 1))


def test_a_run_that_was_stopped_in_a_subgraph_goes_on_there() -> None:
    over = Step("over", beginning=[SUB])
    assert not over.holds(at(ROOT, 5))
    assert not over.holds(at(SUB, 3))
    assert not over.holds(at(DEEP, 1))
    assert over.holds(at(SUB, 4))
    into = Step("into", beginning=[SUB])
    assert [into.holds(at(ROOT, 5)), into.holds(at(SUB, 3)), into.holds(at(DEEP, 1))] == [False, False, True]
    out = Step("out", beginning=[SUB])
    assert [out.holds(at(ROOT, 5)), out.holds(at(SUB, 4)), out.holds(at(ROOT, 6))] == [False, False, True]


def test_first_and_pause_hold_whatever_starts() -> None:
    assert Step("first", beginning=[ROOT]).holds(at(ROOT, 1))
    assert Step("pause").holds(at(DEEP, 4))


def test_calls_of_tasks_are_steps_of_their_own() -> None:
    held = at(ROOT, 0, "double", called=True, task="1")
    step = Step("over", [held], {ROOT: 0})
    assert not step.holds(held)
    assert step.holds(at(ROOT, 0, "double", called=True, task="2"))
    assert not Step("over", [at(ROOT, 0, "flow")], {ROOT: 0}).holds(held)
    assert Step("into", [at(ROOT, 0, "flow")], {ROOT: 0}).holds(held)
    assert not Step("out", [held], {ROOT: 0}).holds(at(ROOT, 0, "double", called=True, task="2"))
