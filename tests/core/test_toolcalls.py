"""A tool call is one row from the first character of its arguments to its result."""

from __future__ import annotations

from langchain_core.messages import AIMessage, ToolMessage

from inspector.core.events import Failure, SpanEnded, Token
from inspector.core.toolcalls import ToolCalls, arguments, short
from inspector.debuggee.encode import preview
from tests.core.script import Script


def stream(script: Script, span: str, text: str, index: int = 0, name: str = "", call_id: str = "") -> None:
    script.add(Token(script.t, span, "tool_call", text, index, name, call_id))


def rows(calls: ToolCalls) -> list[tuple[str, str, str]]:
    calls.sync()
    return [(call.name, calls.status(call), call.id) for call in calls.rows]


def test_a_call_that_is_streamed_becomes_the_call_itself_in_its_place() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    model = script.span("model", "chat", script.task("plan"))
    stream(script, model, "", 0, "search", "c1")
    stream(script, model, '{"q": 1}')
    stream(script, model, "", 1, "book", "c2")
    assert rows(calls) == [("search", "asking", "c1"), ("book", "asking", "c2")]
    assert arguments(calls.rows[0]) == '{"q": 1}'
    script.close(model, calls=("c1", "c2"))
    assert rows(calls) == [("search", "asked", "c1"), ("book", "asked", "c2")]
    tool = script.span("tool", "book", script.task("tools"), input={"id": 7}, call_id="c2")
    assert rows(calls) == [("search", "asked", "c1"), ("book", "running", "c2")]
    assert arguments(calls.rows[1]) == {"id": 7}
    assert calls.rows[1].model is script.run.spans[model]
    script.close(tool)
    script.end()
    assert rows(calls) == [("search", "never", "c1"), ("book", "ok", "c2")]
    assert not calls.sync()


def test_a_call_of_a_model_that_did_not_stream() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    model = script.span("model", "chat", script.task("plan"))
    message = AIMessage("", tool_calls=[{"name": "search", "args": {"q": "x"}, "id": "c1"}])
    script.add(SpanEnded(1.0, model, "ok", preview(message), calls=("c1",)))
    assert rows(calls) == [("search", "asked", "c1")]
    assert arguments(calls.rows[0]) == {"q": "x"}
    script.span("tool", "search", None, call_id="c1")
    assert rows(calls) == [("search", "running", "c1")]


def test_a_retried_call_has_a_row_for_each_try() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    task = script.task("tools")
    first = script.span("tool", "search", task, call_id="c1")
    script.close(first, status="error", error=Failure("builtins.TimeoutError", "slow"))
    script.span("tool", "search", task, call_id="c1")
    assert rows(calls) == [("search", "error", "c1"), ("search", "running", "c1")]
    assert [call.attempt for call in calls.rows] == [1, 2]
    assert calls.rows[0].error == "TimeoutError: slow"


def test_what_failed_is_in_the_order_of_the_rows() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    spans = [script.span("tool", name, None, call_id=name) for name in "abc"]
    calls.sync()
    script.close(spans[2], status="error", error=Failure("E", "c"))
    calls.sync()
    script.close(spans[0], status="error", error=Failure("E", "a"))
    script.close(spans[1])
    calls.sync()
    assert calls.failed == [0, 2]


def test_a_result_that_says_it_is_an_error_counts_as_one() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    tool = script.span("tool", "search", None, call_id="c1")
    said = ToolMessage("no such city", tool_call_id="c1", status="error")
    script.add(SpanEnded(1.0, tool, "ok", preview(said)))
    assert rows(calls) == [("search", "error", "c1")]
    assert calls.rows[0].error == "no such city"


def test_without_ids_calls_are_joined_by_name() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    model = script.span("model", "chat", None)
    stream(script, model, "{}", 0, "search")
    calls.sync()
    script.close(model)
    script.span("tool", "search", None)
    script.span("tool", "other", None)
    assert rows(calls) == [("search", "running", ""), ("other", "running", "")]


def test_an_id_that_comes_later_joins_all_the_same() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    model = script.span("model", "chat", None)
    stream(script, model, "{", 0, "search")
    calls.sync()
    stream(script, model, "}", 0, "", "c1")
    script.close(model)
    calls.sync()
    script.span("tool", "search", None, call_id="c1")
    assert rows(calls) == [("search", "running", "c1")]


def test_a_cancelled_model_leaves_what_it_asked_for() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    task = script.task("plan")
    model = script.span("model", "chat", task)
    stream(script, model, '{"q', 0, "search", "c1")
    script.done(task, status="cancelled")
    script.end("cancelled")
    assert rows(calls) == [("search", "never", "c1")]


def test_a_tool_that_is_given_one_input_shows_the_input() -> None:
    script = Script().start()
    calls = ToolCalls(script.run)
    script.span("tool", "search", None, input={"input": "Lisbon"})
    calls.sync()
    assert arguments(calls.rows[0]) == "Lisbon"


def test_class_names_without_modules() -> None:
    assert short(Failure("langchain_core.tools.base.ToolException", "no")) == "ToolException: no"
    assert short(Failure("ValueError", "")) == "ValueError"


def test_a_run_that_is_taken_in_at_once_has_the_same_order() -> None:
    script = Script().start()
    live = ToolCalls(script.run)
    for n in range(3):
        model = script.span("model", "chat", None)
        stream(script, model, "{}", 0, f"tool{n}", f"c{n}")
        script.close(model)
        live.sync()
        for _ in range(2):
            script.close(script.span("tool", f"tool{n}", None, call_id=f"c{n}"), status="error")
            live.sync()
    assert rows(ToolCalls(script.run)) == rows(live)
    assert [call.name for call in live.rows] == ["tool0", "tool0", "tool1", "tool1", "tool2", "tool2"]
