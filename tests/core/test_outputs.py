"""Logs, custom events, documents and errors become rows once, in pieces, and old ones leave."""

from __future__ import annotations

from time import perf_counter

from langchain_core.documents import Document

from inspector.core.events import Custom, Failure, Log, SpanEnded
from inspector.core.outputs import LogRows, Outputs, kind_of
from inspector.core.run import Run
from inspector.debuggee.encode import preview
from tests.core.script import Script

FOREVER = float("inf")
BOOM = Failure("TimeoutError", "no answer")


def log(script: Script, text: str, stream: str = "stdout", level: str = "") -> None:
    script.add(Log(script.t, stream, text, level))


def shown(rows: LogRows) -> list[str]:
    rows.sync(FOREVER)
    return [rows.line(rows.number(index))[1].text for index in range(len(rows))]


def test_kinds_of_lines() -> None:
    kinds = [
        kind_of(Log(0, stream, "", level))
        for stream, level in (
            ("stdout", ""), ("stderr", ""), ("logging", "INFO"), ("logging", "WARNING"), ("logging", "ERROR"),
            ("logging", "CRITICAL"), ("warnings", ""), ("inspector", "ERROR"),
        )
    ]  # fmt: skip
    assert kinds == ["print", "stderr", "log", "warning", "error", "error", "warning", "inspector"]


def test_filters() -> None:
    script = Script().start()
    log(script, "printed")
    log(script, "info", "logging", "INFO")
    log(script, "bad", "logging", "ERROR")
    log(script, "old", "warnings")
    log(script, "err", "stderr")
    run = script.run
    assert shown(LogRows(run, "all")) == ["printed", "info", "bad", "old", "err"]
    assert shown(LogRows(run, "problems")) == ["bad", "old", "err"]
    assert shown(LogRows(run, "prints")) == ["printed"]
    assert shown(LogRows(run, "logging")) == ["info", "bad", "old"]


def test_lines_that_the_run_let_go_leave_the_rows_too() -> None:
    script = Script(Run(keep_lines=10)).start()
    every, prints = LogRows(script.run, "all"), LogRows(script.run, "prints")
    for n in range(40):
        log(script, f"{n}", "stdout" if n % 2 else "stderr")
        shown(prints)
    assert shown(every) == [f"{n}" for n in range(30, 40)]
    assert shown(prints) == ["31", "33", "35", "37", "39"]
    assert prints.number(0) == 31


def test_a_filter_that_is_far_behind_catches_up_in_pieces() -> None:
    script = Script().start()
    for n in range(5_000):
        log(script, f"{n}")
    rows = LogRows(script.run, "prints")
    assert rows.sync(perf_counter())
    assert 0 < len(rows) < 5_000
    while rows.sync(perf_counter()):
        pass
    assert len(rows) == 5_000


def test_custom_events_are_looked_through_in_pieces_and_once() -> None:
    script = Script().start()
    for n in range(2_000):
        script.add(Custom(0.0, (), None, "node", "", preview({"current": n, "total": 2_000})))
    outputs = Outputs(script.run)
    rounds = 0
    while outputs.sync(perf_counter()):
        rounds += 1
    assert rounds > 2
    [bar] = outputs.tracker.bars
    assert (bar.count, bar.done) == (2_000, 1_999)
    outputs.sync(FOREVER)
    assert bar.count == 2_000
    assert bar.state == "running"
    script.end()
    outputs.sync(FOREVER)
    assert outputs.tracker.bars[0].state == "stopped"


def test_documents_follow_the_search_that_found_them() -> None:
    script = Script().start()
    outputs = Outputs(script.run)
    first = script.span("retriever", "Handbook", None, input={"query": "trams"})
    second = script.span("retriever", "Web", None, input={"query": "boats"})
    outputs.sync(FOREVER)
    assert outputs.found == []
    script.add(SpanEnded(1.0, second, "ok", preview([Document("b")])))
    script.add(SpanEnded(2.0, first, "ok", preview([Document("a", metadata={"score": 0.5}), Document("c")])))
    outputs.sync(FOREVER)
    assert [(row.span.name, row.index) for row in outputs.found] == [
        ("Handbook", -1), ("Handbook", 0), ("Handbook", 1), ("Web", -1), ("Web", 0),
    ]  # fmt: skip
    assert outputs.document_count == 3
    assert outputs.documents(script.run.spans[first])[0][0].score == 0.5


def test_an_error_is_shown_once_where_it_came_from() -> None:
    script = Script().start()
    outer = script.task("search")
    inner = script.task("fetch", parent=outer)
    tool = script.span("tool", "get", inner)
    script.close(tool, status="error", error=BOOM)
    script.done(inner, status="error", error=BOOM)
    outputs = Outputs(script.run)
    outputs.sync(FOREVER)
    script.done(outer, status="error", error=BOOM)
    script.end("error", BOOM)
    outputs.sync(FOREVER)
    [problem] = outputs.problems
    assert problem.node is script.run.spans[tool]
    assert problem.through == [script.run.tasks[inner], script.run.tasks[outer]]


def test_the_same_error_elsewhere_is_another_one() -> None:
    script = Script().start()
    for task in [script.task("a"), script.task("b")]:
        script.done(task, status="error", error=BOOM)
    outputs = Outputs(script.run)
    outputs.sync(FOREVER)
    assert [problem.node for problem in outputs.problems] == list(script.run.tasks.values())
