"""`Run`: what is true of the model of a run whatever happens, and whatever order it is told in."""

from __future__ import annotations

import pytest

from inspector.core.events import (
    Failure,
    Held,
    Interrupted,
    Log,
    RunEnded,
    RunStatus,
    SpanEnded,
    TaskEnded,
    TaskRetried,
    TaskStatus,
    Token,
    Usage,
)
from inspector.core.run import DROPPED, Run
from inspector.core.values import decode
from tests.core.script import Script, pack

BOOM = Failure("ValueError", "no")


def everything_open() -> tuple[Script, str, str, str, str]:
    """A task with a model call in it, and an inner graph with a task of its own, all running."""
    s = Script().start()
    outer = s.after(1).task("outer")
    graph = s.span("graph", "inner", outer)
    inner = s.after(1).task("work", 1, parent=outer)
    return s, outer, graph, inner, s.span("model", "M", inner)


@pytest.mark.parametrize(
    ("status", "rest"),
    [("done", "ok"), ("interrupted", "interrupted"), ("paused", "interrupted"), ("error", "cancelled"),
     ("cancelled", "cancelled")],
)  # fmt: skip
def test_nothing_is_left_running_at_the_end(status: RunStatus, rest: TaskStatus) -> None:
    s, outer, *_ = everything_open()
    s.add(Held(2.0, "h", "before", (), outer, "outer", 1, "step"))
    s.blocked(1.5, "a.py:3 in f")
    s.after(1).end(status)
    rows = [node for _, node in s.run.walk()]
    assert len(rows) == 4
    assert {(node.status, node.ended) for node in rows} == {(rest, 3.0)}
    assert s.run.running_tasks() == []
    assert (s.run.phase, s.run.held, s.run.blocked) == (status, {}, None)


def test_a_task_closes_its_spans_and_leaves_the_tasks_of_an_inner_graph_to_their_own_ends() -> None:
    s, outer, graph, inner, model = everything_open()
    s.after(1).done(outer, status="error", error=BOOM)
    run = s.run
    assert (run.spans[graph].status, run.tasks[outer].status) == ("cancelled", "error")
    assert run.tasks[inner].open
    assert run.spans[model].open
    s.after(1).done(inner, {"a": 1})
    assert (run.tasks[inner].status, run.tasks[inner].ended, run.spans[model].status) == ("ok", 4.0, "ok")


def test_ends_without_a_start_and_starts_told_twice_change_nothing() -> None:
    s, outer, graph, inner, _ = everything_open()
    before = [(depth, node.number, node.status) for depth, node in s.run.walk()]
    run = s.run
    for event in (
        TaskEnded(2.0, (), "never began", "n", "ok"),
        SpanEnded(2.0, "never began", "ok"),
        Token(2.0, "never began", "text", "a"),
        TaskRetried(2.0, "never began", 2, BOOM),
        Interrupted(2.0, "i", (), "never began", "n", pack("?")),
    ):
        run.append(event)
    s.task("outer", id=outer)
    assert [(depth, node.number, node.status) for depth, node in run.walk()] == before
    assert run.failures == []
    assert list(run.pending) == ["i"], "a question is a question even if its task is not known"
    s.done(inner).done(inner, status="error", error=BOOM)
    assert run.tasks[inner].status == "ok", "the first end counts"
    assert graph in run.spans
    Run().append(RunEnded(0.0, "done"))  # nothing began


def test_previews_are_bounded_all_together_and_the_oldest_are_let_go_first() -> None:
    s = Script(Run(preview_budget=500)).start()
    tasks = [s.task(f"n{i}", i, "x" * 100) for i in range(8)]
    small = s.task("small", 9, "y")
    for i in range(4):
        s.done(tasks[i], "z" * 100)
    kept = [s.run.tasks[task].input for task in tasks]
    writes = [s.run.tasks[task].writes for task in tasks[:4]]
    assert kept == [DROPPED] * 8, "the writes are newer than all of the inputs"
    assert [decode(packed) for packed in writes] == ["z" * 100] * 4
    assert decode(s.run.tasks[small].input) == "y", "what is smaller than its bookkeeping is not counted"
    s.task("more", 10, "w" * 250)
    writes = [s.run.tasks[task].writes for task in tasks[:4]]
    assert [packed == DROPPED for packed in writes] == [True, True, False, False]


def test_lines_are_bounded_and_still_counted() -> None:
    s = Script(Run(keep_lines=10)).start()
    for n in range(25):
        s.add(Log(0.0, "stdout", f"{n}"))
    assert [log.text for _, log in s.run.logs] == [f"{n}" for n in range(15, 25)]
    assert s.run.log_count == 25


def test_a_question_waits_until_the_thread_goes_on() -> None:
    s = Script().start()
    legal, finance = s.task("legal"), s.task("finance")
    first, second = s.ask(legal, "may we?"), s.ask(finance, "how much?")
    s.done(legal, status="interrupted").done(finance, status="interrupted").end("interrupted")
    run = s.run
    assert list(run.pending) == [first, second]
    assert [event.id for event in run.tasks[legal].interrupts or ()] == [first]
    s.start(resumed=True)
    assert not run.pending, "whatever is still unanswered asks again"
    again = s.task("finance", id=finance)
    assert again == finance
    s.ask(finance, "how much?")
    assert len(run.pending) == 1
    assert [node.status for _, node in run.walk()] == ["interrupted", "interrupted", "running"], "a row of its own"
    assert run.tasks[finance].open
    assert run.task_count == 3


def test_an_edit_from_outside_a_run_withdraws_the_questions() -> None:
    s = Script().start()
    s.checkpoint(0, next=("ask",))
    s.ask(s.task("ask"), "?")
    s.end("interrupted")
    s.checkpoint(1, next=("after",))
    assert (s.run.phase, s.run.next, s.run.pending) == ("paused", ("after",), {})
    s.checkpoint(2)
    assert (s.run.phase, s.run.next) == ("done", ())


def test_the_axis_shows_work_and_not_the_time_between_invocations() -> None:
    s = Script().start()
    first = s.at(1.0).task("a")
    s.at(4.0).done(first).at(5.0).end("interrupted")
    s.start(resumed=True)  # hours later; its own clock begins at 0 again
    second = s.at(0.5).task("b")
    span = s.at(1.0).span("tool", "f", second)
    s.at(2.0).close(span).at(3.0).done(second).end()
    run = s.run
    assert [call.offset for call in run.invocations] == [0.0, 5.0]
    assert (run.tasks[second].started, run.tasks[second].ended) == (5.5, 8.0)
    assert (run.spans[span].started, run.spans[span].ended) == (6.0, 7.0)
    assert [run.tasks[id].invocation for id in (first, second)] == [0, 1]
    assert run.now == 8.0


def test_late_news_never_makes_a_row_end_before_it_began() -> None:
    s = Script().start()
    task = s.at(3.0).task("a")
    s.at(2.0).done(task)
    assert s.run.tasks[task].duration == 0.0
    assert s.run.now == 3.0, "time does not go back"


def test_retries_close_what_the_attempt_left_open_and_an_error_is_told_once() -> None:
    s = Script().start()
    task = s.task("a")
    tool = s.span("tool", "f", task)
    s.retry(task, 2, BOOM)
    assert (s.run.spans[tool].status, s.run.tasks[task].attempts) == ("error", 2)
    s.done(task, status="error", error=Failure("KeyError", "k"))
    s.end("error", Failure("KeyError", "k", "with a note from its way out"))
    told = [(node.id if node else None, str(error)) for _, node, error in s.run.failures]
    assert told == [(task, "ValueError: no"), (task, "KeyError: k")]
    assert str(s.run.error) == "KeyError: k"


def test_usage_is_summed_over_calls_and_by_model() -> None:
    s = Script().start()
    task = s.task("a")
    for model, usage in (("m", Usage(10, 5, 4, 1, 2)), ("m", Usage(1, 1)), ("n", Usage(100, 7))):
        s.close(s.span("model", "M", task, model=model), usage=usage, calls=(f"call-{model}",))
    run = s.run
    assert run.usage == Usage(111, 13, 4, 1, 2)
    assert run.usage_by_model == {("", "m"): Usage(11, 6, 4, 1, 2), ("", "n"): Usage(100, 7)}
    assert run.asked_by["call-n"].model == "n"
