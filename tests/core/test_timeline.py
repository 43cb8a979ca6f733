from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from inspector.core.counts import Counts
from inspector.core.events import Failure, SpanType
from inspector.core.nodes import Span, Task
from inspector.core.rowtree import GROUP_FROM, Attempt, Group, Row
from inspector.core.timeline import NOTABLE, Timeline
from tests.core.script import Script

BOOM = Failure("TimeoutError", "too slow")


def name(row: Row) -> str:
    if isinstance(row.node, Task):
        return row.node.node
    if isinstance(row.node, Span):
        return f"{row.node.type}:{row.node.name}"
    if isinstance(row.thing, Attempt):
        return f"try {row.thing.number}"
    if isinstance(row.thing, Group):
        return f"{row.thing.first.node} x{row.members}"
    return row.kind


def lines(timeline: Timeline) -> list[str]:
    rows = (timeline.row(i) for i in range(len(timeline)))
    return ["  " * depth + name(row) for row, depth in rows]


def synced(script: Script, timeline: Timeline | None = None) -> Timeline:
    timeline = Timeline(script.run) if timeline is None else timeline
    while timeline.sync():
        pass
    return timeline


def expected(timeline: Timeline) -> list[tuple[Row, int]]:
    """What should be visible, the slow and obvious way."""

    def walk(row: Row, depth: int) -> Iterator[tuple[Row, int]]:
        shown = not timeline.hidden(row)
        if shown:
            yield row, depth
        for kid in row.kids or ():
            if not timeline.folded(row) or (row.kind == "group" and kid.notable):
                yield from walk(kid, depth + shown)

    return list(walk(timeline._root, 0))


def check(timeline: Timeline) -> None:
    want = expected(timeline)
    assert [timeline.row(i) for i in range(len(timeline))] == want
    assert [timeline.index_of(row) for row, _ in want] == list(range(len(want)))


def test_tasks_and_spans_nest() -> None:
    s = Script().start()
    plan = s.task("plan")
    model = s.span("model", "ChatModel", plan)
    s.after(1).close(model).done(plan)
    search = s.task("search", 2)
    s.span("tool", "find", search)
    timeline = synced(s)
    assert lines(timeline) == ["plan", "  model:ChatModel", "search", "  tool:find"]
    assert timeline.row_of(s.run.spans[model]) is timeline.row(1)[0]
    s.task("late", 3)
    assert len(timeline) == 4, "nothing changes before it is told to"
    synced(s, timeline)
    assert lines(timeline)[-1] == "late"
    check(timeline)


def test_children_come_to_rows_above_while_others_run() -> None:
    s = Script().start()
    a, b = s.task("a"), s.task("b")
    timeline = synced(s)
    s.span("tool", "of b", b)
    synced(s, timeline)
    s.span("tool", "of a", a)
    synced(s, timeline)
    assert lines(timeline) == ["a", "  tool:of a", "b", "  tool:of b"]
    check(timeline)


def test_plumbing_is_hidden_and_what_is_under_it_shown_in_its_place() -> None:
    s = Script().start()
    task = s.task("agent")
    chain = s.span("chain", "RunnableSequence", task)
    s.span("chain", "ChatPromptTemplate", task, chain, detail="prompt")
    s.span("model", "m", task, chain)
    s.span("chain", "ChannelWrite<messages,branch>", task)
    s.span("chain", "route", task)
    timeline = synced(s)
    assert lines(timeline) == ["agent", "  model:m", "  chain:route"]
    timeline.everything = True
    check(timeline)
    assert lines(timeline) == [
        "agent", "  chain:RunnableSequence", "    chain:ChatPromptTemplate", "    model:m",
        "  chain:ChannelWrite<messages,branch>", "  chain:route",
    ]  # fmt: skip
    timeline.everything = False
    check(timeline)
    assert len(timeline) == 3


def test_the_task_of_start_is_plumbing_unless_it_fails() -> None:
    s = Script().start()
    s.done(s.task("__start__", 0))
    bad = s.task("__start__", 0)
    timeline = synced(s)
    assert lines(timeline) == []
    s.done(bad, status="error", error=BOOM)
    synced(s, timeline)
    assert lines(timeline) == ["__start__"]
    check(timeline)
    assert lines(synced(s)) == ["__start__"]
    timeline.everything = True
    assert len(timeline) == 2
    check(timeline)


def test_chains_are_folded_unless_something_worth_seeing_is_in_them() -> None:
    s = Script().start()
    task = s.task("agent")
    outer = s.span("chain", "rag", task)
    inner = s.span("chain", "clean", task, outer)
    timeline = synced(s)
    assert lines(timeline) == ["agent", "  chain:rag"]
    s.span("retriever", "docs", task, inner)
    synced(s, timeline)
    assert lines(timeline) == ["agent", "  chain:rag", "    chain:clean", "      retriever:docs"]
    check(timeline)


def test_the_inner_graph_of_a_task_has_no_line_but_several_have() -> None:
    s = Script().start()
    task = s.task("research")
    first = s.span("graph", "LangGraph", task)
    s.task("find", parent=task)
    timeline = synced(s)
    assert lines(timeline) == ["research", "  find"]
    s.close(first)
    s.span("graph", "again", task)
    s.task("find", parent=task)
    synced(s, timeline)
    assert lines(timeline) == ["research", "  graph:LangGraph", "    find", "  graph:again", "    find"]
    check(timeline)


def test_folding_is_kept_and_lines_are_found() -> None:
    s = Script().start()
    a = s.task("a")
    tool = s.span("tool", "t", a)
    s.span("model", "m", a, tool)
    s.task("b")
    timeline = synced(s)
    row = timeline.row_of(s.run.tasks[a])
    inner = timeline.row_of(s.run.models[0])
    assert row is not None
    assert inner is not None
    timeline.fold(row, True)
    assert lines(timeline) == ["a", "b"]
    assert timeline.index_of(inner) == 0, "what is folded away is found at the row it is folded into"
    s.span("model", "n", a, tool)
    s.task("c")
    synced(s, timeline)
    assert lines(timeline) == ["a", "b", "c"]
    check(timeline)
    timeline.reveal(inner)
    assert lines(timeline) == ["a", "  tool:t", "    model:m", "    model:n", "b", "c"]
    assert timeline.index_of(inner) == 2
    check(timeline)


def fan_out(s: Script, count: int, node: str = "branch", step: int = 2) -> list[str]:
    return [s.task(node, step, {"topic": f"topic {i}"}) for i in range(count)]


def test_few_siblings_are_rows_and_many_are_a_group() -> None:
    s = Script().start()
    tasks = fan_out(s, GROUP_FROM)
    s.span("tool", "t", tasks[0])
    timeline = synced(s)
    assert lines(timeline)[:3] == ["branch", "  tool:t", "branch"]
    assert len(timeline) == GROUP_FROM + 1
    fan_out(s, 1)
    synced(s, timeline)
    assert lines(timeline) == [f"branch x{GROUP_FROM + 1}"]
    check(timeline)
    group, _ = timeline.row(0)
    timeline.fold(group, False)
    assert lines(timeline)[1] == "  branch"
    assert len(timeline) == 1 + GROUP_FROM + 1, "members are folded, so that each is one line"
    check(timeline)


def test_a_folded_group_counts_and_shows_those_that_failed() -> None:
    s = Script().start()
    tasks = fan_out(s, 50)
    timeline = synced(s)
    group, _ = timeline.row(0)
    assert isinstance(group.thing, Group)
    for task in tasks[:20]:
        s.after(0.1).done(task)
    s.done(tasks[33], status="error", error=BOOM)
    synced(s, timeline)
    assert group.thing.statuses == {"running": 29, "ok": 20, "error": 1}
    assert timeline.row(0)[0].ended is None
    assert lines(timeline) == ["branch x50", "  branch"]
    assert timeline.row(1)[0].node is s.run.tasks[tasks[33]]
    timeline.reveal(timeline.row(1)[0])
    assert len(timeline) == 2, "what is visible needs nothing opened"
    check(timeline)
    for task in tasks[34:]:
        s.done(task, status="error", error=BOOM)
    synced(s, timeline)
    assert len(timeline) == 1 + NOTABLE
    check(timeline)
    s.end("error", BOOM)
    synced(s, timeline)
    assert sum(group.thing.statuses.values()) == 50
    assert group.thing.statuses["running"] == 0
    assert group.ended == s.t
    timeline.fold(group, False)
    check(timeline)
    assert len(timeline) == 51


def test_groups_of_different_nodes_and_supersteps_stay_apart() -> None:
    s = Script().start()
    for _ in range(12):
        s.task("a", 2)
        s.task("b", 2)
    s.task("after", 3)
    timeline = synced(s)
    assert lines(timeline) == ["a x12", "b x12", "after"]
    for _ in range(20):
        s.after(1).done(s.task("after", 4 + _))
    synced(s, timeline)
    assert len(timeline) == 23, "a loop stays ordinary rows"


def test_tasks_called_one_after_the_other_are_no_group() -> None:
    s = Script().start()
    flow = s.task("flow")
    for _ in range(20):
        call = s.task("fetch", 1, parent=flow)
        s.after(0.5).done(call).after(0.1)
    assert len(synced(s)) == 21


def test_failed_tries_have_rows_where_they_happened() -> None:
    s = Script().start()
    task = s.task("search")
    s.span("tool", "one", task)
    s.at(1).retry(task, 2, BOOM)
    s.span("tool", "two", task)
    s.at(2).retry(task, 3, BOOM)
    timeline = synced(s)
    assert lines(timeline) == ["search", "  tool:one", "  try 1", "  tool:two", "  try 2"]
    row, _ = timeline.row(4)
    assert isinstance(row.thing, Attempt)
    assert (row.started, row.ended, row.thing.error) == (1, 2, BOOM)
    s.at(3).span("tool", "three", task)
    s.done(task)
    synced(s, timeline)
    assert lines(timeline)[-1] == "  tool:three"
    check(timeline)


def test_tries_are_found_in_a_run_that_is_over() -> None:
    s = Script().start()
    task = s.task("search")
    s.at(1).retry(task, 2, BOOM).at(2).done(task).end()
    assert lines(synced(s)) == ["search", "  try 1"]


def test_invocations_are_separated() -> None:
    s = Script().start()
    s.task("ask")
    s.end("interrupted")
    timeline = synced(s)
    s.start({"a": 1}, resumed=True)
    synced(s, timeline)
    assert lines(timeline) == ["ask", "invocation"]
    s.task("ask")
    s.end().start()
    synced(s, timeline)
    assert lines(timeline) == ["ask", "invocation", "ask", "invocation"]
    check(timeline)


def test_children_that_come_late_are_found() -> None:
    s = Script().start()
    old = s.task("old")
    s.done(old)
    timeline = synced(s)
    for i in range(400):
        s.after(1).done(s.task("loop", 2 + i))
        synced(s, timeline)
    s.span("tool", "late", old)
    synced(s, timeline)
    synced(s, timeline)
    assert lines(timeline)[:2] == ["old", "  tool:late"]
    check(timeline)


def test_a_budget_spreads_the_work() -> None:
    s = Script().start()
    parent = s.task("parent")
    for i in range(30):
        s.after(1)
        s.span("tool", f"t{i}", parent)
    s.task("other")
    timeline = Timeline(s.run)
    rounds = 0
    while timeline.sync(budget=5):
        rounds += 1
        check(timeline)
    assert rounds >= 6
    assert lines(timeline) == ["parent", *(f"  tool:t{i}" for i in range(30)), "other"]


@pytest.mark.parametrize("seed", range(25))
def test_any_run_and_any_folding(seed: int) -> None:
    rng = random.Random(seed)
    s = Script().start()
    timeline = Timeline(s.run)
    for step in range(250):
        s.after(rng.random())
        open_tasks = [t.id for t in s.run.running.values()]
        spans = [x.id for x in s.run.spans.values() if x.open]
        action = rng.random()
        if action < 0.3 or not open_tasks:
            parent = rng.choice(open_tasks) if open_tasks and rng.random() < 0.5 else None
            s.task(rng.choice("ab"), step // 60, parent=parent)
        elif action < 0.7:
            task = rng.choice(open_tasks)
            inside = [x for x in spans if s.run.spans[x].task is s.run.tasks[task]]
            kind: SpanType = rng.choice(("model", "tool", "chain", "chain", "graph"))
            s.span(kind, rng.choice(("RunnableSequence", "mine")), task, rng.choice([None, *inside]))
        elif action < 0.75:
            s.retry(rng.choice(open_tasks), 2, BOOM)
        elif action < 0.85:
            s.done(rng.choice(open_tasks), status=rng.choice(("ok", "ok", "error", "interrupted")))
        elif action < 0.95 and len(timeline):
            row, _ = timeline.row(rng.randrange(len(timeline)))
            timeline.fold(row, not timeline.folded(row))
        elif action < 0.97:
            timeline.everything = not timeline.everything
        elif spans:
            s.close(rng.choice(spans))
        if rng.random() < 0.5:
            timeline.sync(budget=rng.choice((1, 3, 1000)))
            check(timeline)
    synced(s, timeline)
    synced(s, timeline)
    check(timeline)
    nodes = {node.number for _, node in s.run.walk()}
    assert nodes == set(timeline._rows), "every task and span has a row"
    for row in timeline._rows.values():
        timeline.reveal(row)
        shown = timeline.index_of(row)
        assert shown is not None
        assert timeline.hidden(row) or timeline.row(shown)[0] is row
    check(timeline)


def test_a_hundred_thousand_tasks() -> None:
    """Half of them at the root, and half inside one of them."""
    s = Script().start()
    for i in range(50_000):
        s.t = i * 0.001
        s.done(s.task("loop", i + 1))
    parent = s.task("flow", 50_001)
    s.span("graph", "LangGraph", parent)
    for i in range(50_000):
        s.t = 50 + i * 0.001
        s.done(s.task("loop", i + 1, parent=parent))
    timeline = synced(s)
    assert len(timeline) == 100_001
    for index, depth, step in (
        (0, 0, 1),
        (23_412, 0, 23_413),
        (50_000, 0, 50_001),
        (50_001, 1, 1),
        (73_412, 1, 23_412),
    ):
        row, at = timeline.row(index)
        assert isinstance(row.node, Task)
        assert (at, row.node.step) == (depth, step)
        assert timeline.index_of(row) == index


def test_counts_agree_with_a_plain_list() -> None:
    rng = random.Random(1)
    counts, plain = Counts(), list[int]()
    for _ in range(300):
        if rng.random() < 0.6 or not plain:
            value = rng.choice((0, 0, 1, 1, 2, 7))
            counts.append(value)
            plain.append(value)
        else:
            i = rng.randrange(len(plain))
            delta = rng.randrange(-plain[i], 5)
            counts.add(i, delta)
            plain[i] += delta
        assert counts.total == sum(plain)
        assert len(counts) == len(plain)
        i = rng.randrange(len(plain) + 1)
        assert counts.before(i) == sum(plain[:i])
        for offset in range(0, counts.total, 3):
            index, rest = counts.find(offset)
            assert sum(plain[:index]) + rest == offset
            assert rest < plain[index]
