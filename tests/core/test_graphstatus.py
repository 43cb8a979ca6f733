"""What a run did with each node: counted once, whatever order things came in, at a cost of what is new."""

from __future__ import annotations

import random

from inspector.core.events import CheckpointSaved, RunEnded, RunStarted, TaskEnded, TaskStarted, TaskStatus
from inspector.core.graphstatus import GraphStatus, as_of, names
from inspector.core.run import Run


def started(run: Run, task: str, node: str, step: int, t: float, ns: tuple[str, ...] = ()) -> None:
    run.append(TaskStarted(t, ns, task, node, step))


def ended(run: Run, task: str, node: str, t: float, status: TaskStatus = "ok", ns: tuple[str, ...] = ()) -> None:
    run.append(TaskEnded(t, ns, task, node, status))


def a_run() -> Run:
    run = Run()
    run.append(RunStarted(0, "r", "t", "g", 0))
    return run


def shown(status: GraphStatus, *path: str) -> str | None:
    return status.nodes[path].status


def test_counts_running_and_ended_by_path() -> None:
    run = a_run()
    status = GraphStatus(run)
    for number in range(3):
        started(run, f"s{number}", "search", 1, 0.0)
    status.update()
    assert status.nodes["search",].running == 3
    assert shown(status, "search") == "running"
    ended(run, "s0", "search", 1.0)
    ended(run, "s1", "search", 2.0, "error")
    status.update()
    assert (status.nodes["search",].running, status.nodes["search",].counts) == (1, {"ok": 1, "error": 1})
    ended(run, "s2", "search", 3.0)
    started(run, "inner", "work", 1, 3.0, ("trip:x", "1", "day:y"))
    status.update()
    assert shown(status, "search") == "error"  # one of the superstep went wrong
    assert status.nodes["search",].seconds == 6.0
    assert status.nodes["trip", "day", "work"].running == 1
    started(run, "s3", "search", 4, 4.0)
    ended(run, "s3", "search", 4.5)
    status.update()
    assert shown(status, "search") == "ok"
    assert status.nodes["search",].total == 4
    assert names(("a:1", "2", "b:3")) == ("a", "b")


def test_a_task_that_is_run_again_counts_once() -> None:
    run = a_run()
    status = GraphStatus(run)
    started(run, "a", "approve", 1, 0.0)
    ended(run, "a", "approve", 1.0, "interrupted")
    status.update()
    assert status.nodes["approve",].status == "interrupted"
    run.append(RunEnded(1.0, "interrupted"))
    run.append(RunStarted(0.0, "r2", "t", "g", 0, resumed=True))
    started(run, "a", "approve", 1, 0.0)
    status.update()
    assert (status.nodes["approve",].status, status.nodes["approve",].total) == ("running", 1)
    ended(run, "a", "approve", 1.0)
    status.update()
    assert status.nodes["approve",].counts == {"ok": 1}


def test_at_an_earlier_moment() -> None:
    run = a_run()
    started(run, "a", "plan", 1, 0.0)
    ended(run, "a", "plan", 1.0)
    run.append(CheckpointSaved(1.0, (), "c1", None, 1, "loop", ("search",)))
    started(run, "b", "search", 2, 1.0)
    ended(run, "b", "search", 2.0)
    started(run, "c", "plan", 3, 2.0)
    nodes = as_of(run.tasks.values(), run.checkpoints[0].at)
    assert set(nodes) == {("plan",)}
    assert nodes["plan",].counts == {"ok": 1}
    assert nodes["plan",].running == 0


def test_updates_add_up_to_one_look_at_the_end() -> None:
    dice = random.Random(2)
    run = a_run()
    often = GraphStatus(run)
    running: list[tuple[str, str]] = []
    for number in range(600):
        if running and dice.random() < 0.5:
            task, node = running.pop(dice.randrange(len(running)))
            ended(run, task, node, number / 100, dice.choice(["ok", "ok", "error", "cancelled"]))
        else:
            running.append((f"t{dice.randrange(400)}", dice.choice("abc")))
            started(run, running[-1][0], running[-1][1], number // 20, number / 100)
        if dice.random() < 0.3:
            often.update()
    often.update()
    once = GraphStatus(run)
    once.update()
    assert {path: (s.running, s.counts, round(s.seconds, 6)) for path, s in often.nodes.items()} == {
        path: (s.running, s.counts, round(s.seconds, 6)) for path, s in once.nodes.items()
    }
