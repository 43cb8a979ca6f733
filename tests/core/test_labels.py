from __future__ import annotations

from typing import Any

import pytest
from langgraph.types import Command

from inspector.core.events import RunStarted
from inspector.core.labels import Labels, distinguish
from inspector.core.nodes import Invocation
from inspector.core.noise import is_noise
from inspector.core.timeline import Timeline
from inspector.core.values import Opaque
from inspector.debuggee.encode import preview
from tests.core.script import Script


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([{"topic": "flights", "days": 3}, {"topic": "hotels", "days": 3}], ("topic",)),
        ([{"days": 3, "topic": "a"}, {"days": 4, "topic": "b"}], ("days",)),
        (["a", "b"], ()),
        ([1, 2, 3], ()),
        ([{"q": {"name": "x", "n": [1, 2]}}, {"q": {"name": "x", "n": [1, 3]}}], ("q", "n", 1)),
        ([{"id": "1", "args": {"city": "a"}}, {"id": "2", "args": {"city": "b"}}], ("args", "city")),
        ([{"tool_call_id": "1", "x": 1}, {"tool_call_id": "2", "x": 1}], ("tool_call_id",)),
        ([{"kind": "a", "n": 1}, {"kind": "a", "n": 2}, {"kind": "b", "n": 3}], ("n",)),
        ([Opaque("m.Query", {"text": "a"}), Opaque("m.Query", {"text": "b"})], ("text",)),
        ([{"a": 1}, {"a": 1}], None),
        ([{"a": 1}], None),
        ([], None),
        ([None, None], None),
    ],
)
def test_what_tells_values_apart(values: list[Any], path: tuple[str | int, ...] | None) -> None:
    assert distinguish(values) == path


def labels(*inputs: Any) -> list[str]:
    s = Script().start()
    tasks = [s.task("branch", 1, value) for value in inputs]
    timeline = Timeline(s.run)
    timeline.sync()
    known = Labels()
    rows = [timeline.row_of(s.run.tasks[task]) for task in tasks]
    return [known.of(row) for row in rows if row is not None]


def test_labels_of_siblings() -> None:
    assert labels({"topic": "flights"}, {"topic": "hotels"}) == ["flights", "hotels"]
    assert labels({"topic": "flights"}) == [""]
    assert labels({"n": 1}, {"n": 1}) == ["", ""]
    assert labels({"t": "a\n\x1b[31mb"}, {"t": "c"}) == ["a⏎␛[31mb", "c"]


def test_a_long_common_beginning_is_left_out() -> None:
    urls = [f"https://example.org/guides/{name}" for name in ("alfama", "belem", "baixa")]
    assert labels(*urls) == ["…alfama", "…belem", "…baixa"]
    assert labels("https://example.org/x", "something else") == ["https://example.org/x", "something else"]


def test_labels_are_found_again_when_there_are_many_more_siblings() -> None:
    s = Script().start()
    s.task("branch", 1, {"kind": "a", "n": 1})
    s.task("branch", 1, {"kind": "b", "n": 1})
    timeline, known = Timeline(s.run), Labels()
    timeline.sync()

    def shown() -> list[str]:
        rows = [timeline.row_of(task) for task in s.run.tasks.values()]
        return [known.of(row) for row in rows if row is not None]

    assert shown() == ["a", "b"]
    for n in range(2, 6):
        s.task("branch", 1, {"kind": "b", "n": n})
    timeline.sync()
    assert shown() == ["1", "1", "2", "3", "4", "5"]


def test_labels_are_remembered_and_bounded() -> None:
    s = Script().start()
    for i in range(5000):
        s.task("branch", 1, {"n": i})
    timeline, known = Timeline(s.run), Labels()
    timeline.sync(budget=10_000)
    for task in s.run.tasks.values():
        row = timeline.row_of(task)
        assert row is not None
        assert known.of(row) == str(row.place)
    assert len(known._known) <= 4000


def test_spans_say_what_they_were_given() -> None:
    s = Script().start()
    task = s.task("a")
    tool = s.span("tool", "find", task, input={"city": "Lisbon", "nights": 3})
    wrapped = s.span("tool", "find", task, input={"input": {"city": "Porto"}})
    docs = s.span("retriever", "docs", task, input={"query": "fado"})
    s.close(docs, [{"page_content": "a", "metadata": {}}, {"page_content": "b", "metadata": {}}])
    known = Labels()
    spans = s.run.spans
    assert known.input(spans[tool]) == 'city="Lisbon", nights=3'
    assert known.input(spans[wrapped]) == 'city="Porto"'
    assert known.input(spans[docs]) == '"fado"'
    assert known.output(spans[docs]) == "2 documents"
    assert known.output(spans[tool]) == ""


def test_questions() -> None:
    s = Script().start()
    task = s.task("approve")
    known = Labels()
    assert known.question(s.run.tasks[task]) == ""
    s.ask(task, {"question": "Book it?", "price": 3})
    assert known.question(s.run.tasks[task]).startswith("Book it?")
    s.ask(task, "Sure?")
    assert known.question(s.run.tasks[task]) == "Sure?"


@pytest.mark.parametrize(
    ("name", "detail", "noise"),
    [
        ("RunnableSequence", "", True), ("RunnableAssign<context>", "", True), ("ChannelWrite<a,b>", "", True),
        ("mine", "prompt", True), ("", "", True), ("route", "", False), ("my_RunnableSequence", "", False),
    ],
)  # fmt: skip
def test_plumbing(name: str, detail: str, noise: bool) -> None:
    s = Script().start()
    span = s.span("chain", name, None, detail=detail)
    assert is_noise(s.run.spans[span]) == noise
    model = s.span("model", "LangGraph", None)
    assert not is_noise(s.run.spans[model])


@pytest.mark.parametrize(
    ("resume", "said"),
    [({"0" * 32: {"type": "approve"}}, '{type: "approve"}'), ("me", '"me"'), ({"type": "no"}, '{type: "no"}')],
)
def test_what_went_on_is_named_by_its_answer(resume: Any, said: str) -> None:
    command = preview(Command(resume=resume))
    labels = Labels()
    assert labels.invocation(Invocation(RunStarted(0.0, "r", "t", "g", 0.0, command, True), 0.0, 0)) == said
