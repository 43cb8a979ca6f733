from __future__ import annotations

from inspector.core.nodes import Task
from inspector.core.superstep import checkpoints, siblings
from tests.core.script import Script


def beside(s: Script, task: str) -> list[str]:
    return [other.id for other in siblings(s.run, s.run.tasks[task])]


def test_siblings_at_the_root() -> None:
    s = Script().start()
    s.task("before", 1, id="p")
    a, b, c = s.task("a", 2), s.task("b", 2), s.task("c", 2)
    s.span("tool", "t", b)
    s.task("after", 3, id="n")
    assert beside(s, b) == [a, c]
    assert beside(s, a) == [b, c]
    assert beside(s, "p") == []
    assert beside(s, "n") == []


def test_siblings_in_an_inner_graph_and_of_another_invocation() -> None:
    s = Script().start()
    outer = s.task("outer", 1)
    graph = s.span("graph", "LangGraph", outer)
    a, b = s.task("a", 1, parent=outer), s.task("b", 1, parent=outer)
    assert beside(s, a) == [b]
    s.close(graph).done(outer).end("interrupted").start(resumed=True)
    again = s.task("outer", 1)
    assert beside(s, again) == []
    inner = s.task("a", 1, parent=again)
    assert beside(s, inner) == []


def test_checkpoints_around_a_task() -> None:
    s = Script().start()
    zero = s.checkpoint(0)
    s.at(1)
    task = s.task("a", 1)

    def around(id: str) -> list[str | None]:
        return [found.id if found else None for found in checkpoints(s.run, s.run.tasks[id])]

    assert around(task) == [zero, None]
    s.at(2).done(task)
    one = s.checkpoint(1)
    assert around(task) == [zero, one]
    inner = s.task("b", 0, parent=task)
    ns = s.run.tasks[task].path
    assert around(inner) == [None, None]
    s.at(3)
    after = s.checkpoint(0, ns)
    assert around(inner) == [None, after]
    assert isinstance(s.run.tasks[inner], Task)
