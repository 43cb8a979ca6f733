"""The lines of headless runs are those that docs/headless.md promises: its own tables are what is compared with."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any, get_args

import ormsgpack
import pytest

from inspector.core import events
from inspector.core.events import (
    CLASSES,
    Blocked,
    Event,
    Failure,
    RunEnded,
    RunStarted,
    RunStatus,
    SpanEnded,
    SpanStarted,
    StreamCount,
    TaskEnded,
    TaskRetried,
    TaskStarted,
    Token,
    TokenKind,
    Usage,
)
from inspector.headless import EXIT, Writer, to_object
from tests.core.test_events import filled

DOCUMENT = (Path(__file__).parents[1] / "docs" / "headless.md").read_text(encoding="utf-8")
NO_LINE = {"task_retried": "a log", "blocked": "a log", "stream": "summed up in `run_ended`"}


def _table(heading: str) -> dict[str, str]:
    """The first table under a heading: the first column, without its backticks, and the second."""
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|", 1) for line in section.splitlines() if line.startswith("|")][2:]
    return {name.strip().strip("`"): rest.strip() for name, rest in rows}


KINDS = _table("Kinds")
EVERY = set(_table("Every object"))


def _fields(kind: str) -> set[str]:
    outside = re.sub(r"\([^()]*\)", "", KINDS[kind])
    return set(re.findall(r"`(\w+)`", outside))


def _words(kind: str, field: str) -> list[str]:
    """What the document says a field may be: `status` (ok, error)."""
    found = re.search(rf"`{field}` \(([^()]*)\)", KINDS[kind])
    assert found is not None
    return found[1].split(", ")


def written(*given: Event) -> list[dict[str, Any]]:
    out = StringIO()
    write = Writer(out)
    for event in given:
        write(event)
    return [json.loads(line, parse_constant=pytest.fail) for line in out.getvalue().splitlines()]


def _run(*given: Event, status: RunStatus = "done") -> list[dict[str, Any]]:
    return written(RunStarted(0.0, "r", "t", "g", 1.7e9), *given, RunEnded(9.0, status))


def test_every_kind_of_event_is_documented() -> None:
    assert set(KINDS) == {cls.kind for cls in CLASSES} - set(NO_LINE)


@pytest.mark.parametrize("cls", [cls for cls in CLASSES if cls.kind not in NO_LINE], ids=lambda cls: cls.kind)
def test_a_line_has_the_documented_fields_and_no_others(cls: type[Event]) -> None:
    before = [filled(SpanStarted)] if cls is SpanEnded else []
    [line] = written(*before, filled(cls))[len(before) :]
    assert line["kind"] == cls.kind
    if cls is Token:
        assert set(line) == EVERY | {"span", "text"}
    else:
        assert set(line) == EVERY | _fields(cls.kind)


def test_tokens_are_of_one_of_the_documented_shapes() -> None:
    assert _fields("token") == {"span", *get_args(TokenKind)}
    text, reasoning, call = written(
        Token(0.1, "s", "text", "a"), Token(0.2, "s", "reasoning", "b"), Token(0.3, "s", "tool_call", "{", 1, "f", "c")
    )
    assert text == {"seq": 1, "t": 0.1, "kind": "token", "span": "s", "text": "a"}
    assert reasoning["reasoning"] == "b"
    assert call["tool_call"] == {"index": 1, "name": "f", "id": "c", "args": "{"}
    assert set(re.findall(r"`(\w+)`", KINDS["token"].split("`tool_call`")[1])) == set(call["tool_call"])


@pytest.mark.parametrize(
    ("kind", "field", "type_"),
    [
        ("task_ended", "status", events.TaskStatus),
        ("span_started", "type", events.SpanType),
        ("span_ended", "status", events.SpanStatus),
        ("run_ended", "status", events.RunStatus),
        ("held", "what", events.HoldKind),
    ],
)
def test_the_words_of_a_field_are_the_documented_ones(kind: str, field: str, type_: Any) -> None:
    assert _words(kind, field) == list(get_args(type_))


def test_every_end_of_a_run_has_its_exit_status() -> None:
    assert set(EXIT) == set(get_args(RunStatus))
    assert {str(status) for status in EXIT.values()} < set(_table("Exit status"))


def test_errors_and_usage_have_the_documented_fields() -> None:
    ended = SpanEnded(1.0, "s", "error", error=Failure("E", "m", "tb"), usage=Usage(1, 2, 3, 4, 5))
    line = to_object(ended, 1)
    assert line["error"] == {"type": "E", "message": "m", "traceback": "tb"}
    assert line["usage"] == {"input_tokens": 1, "output_tokens": 2, "cache_read": 3, "cache_write": 4, "reasoning": 5}
    for shape in (line["error"], line["usage"]):
        assert ", ".join(f"`{name}`" for name in shape) in DOCUMENT
    assert to_object(SpanEnded(1.0, "s", "ok"), 1)["usage"] is None


def test_retries_and_a_blocked_loop_are_logs_of_the_inspector() -> None:
    retried, blocked, free = written(
        TaskRetried(1.0, "t", 2, Failure("E", "m")), Blocked(2.0, 1.25, "a.py:3 in f", "t", "n"), Blocked(3.0, 0.0)
    )
    for line in (retried, blocked, free):
        assert set(line) == EVERY | _fields("log")
        assert (line["kind"], line["stream"], line["level"]) == ("log", "inspector", "warning")
    assert (retried["task"], retried["text"]) == ("t", "attempt 2 after E: m")
    assert (blocked["node"], blocked["text"]) == ("n", "blocks the event loop for 1.2 s at a.py:3 in f")
    assert free["text"] == "the loop is free"


@pytest.mark.parametrize(
    ("status", "closed"),
    [("done", "ok"), ("interrupted", "interrupted"), ("paused", "interrupted"), ("error", "cancelled"),
     ("cancelled", "cancelled")],
)  # fmt: skip
def test_what_a_run_leaves_open_ends_once_and_before_it(status: RunStatus, closed: str) -> None:
    outer, inner = TaskStarted(1.0, (), "t", "n", 1), TaskStarted(2.0, ("n:t",), "u", "m", 1, parent="t")
    span = SpanStarted(3.0, "s", None, "model", "M", "u", model="gpt")
    _, *_, span_end, inner_end, outer_end, end = _run(outer, inner, span, status=status)
    ended = [span_end, inner_end, outer_end]
    assert [line["kind"] for line in ended] == ["span_ended", "task_ended", "task_ended"]
    assert [line["status"] for line in ended] == [closed] * 3
    assert (span_end["name"], span_end["task"], span_end["model"]) == ("M", "u", "gpt")
    assert (inner_end["task"], inner_end["ns"], outer_end["task"]) == ("u", ["n:t"], "t")
    assert (end["kind"], end["duration"], end["seq"]) == ("run_ended", 9.0, 8)


def test_a_task_takes_its_spans_with_it_and_no_span_ends_twice() -> None:
    span = SpanStarted(1.0, "s", None, "tool", "f", "t")
    late, unknown = SpanEnded(3.0, "s", "ok"), SpanEnded(3.0, "never began", "ok")
    lines = _run(TaskStarted(1.0, (), "t", "n", 1), span, TaskEnded(2.0, (), "t", "n", "error"), late, unknown)
    ends = [(line["kind"], line["status"]) for line in lines[3:]]
    assert ends == [("span_ended", "cancelled"), ("task_ended", "error"), ("run_ended", "done")]


def test_streams_are_summed_up_at_the_end_of_each_run() -> None:
    write = Writer(out := StringIO())
    write(StreamCount(1.0, "values", 1, 10))
    write(StreamCount(2.0, "values", 3, 99))
    write(StreamCount(2.0, "debug", 2, 5, False))
    write(RunEnded(3.0, "done"))
    write(RunEnded(4.0, "done"))
    first, second = map(json.loads, out.getvalue().splitlines())
    assert first["streams"] == {
        "values": {"chunks": 3, "bytes": 99}, "debug": {"chunks": 2, "bytes": 5, "estimated": True}
    }  # fmt: skip
    assert second["streams"] == {}


def test_numbers_that_json_has_not_are_text() -> None:
    packed = ormsgpack.packb({"a": [float("nan"), float("inf"), 1.5]})
    [line] = written(TaskEnded(1.0, (), "t", "n", "ok", writes=packed))
    assert line["writes"] == {"a": ["nan", "inf", 1.5]}


def test_a_reader_that_left_is_noticed_and_nothing_is_raised() -> None:
    class Closed(StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    write = Writer(Closed())
    write(RunStarted(0.0, "r", "t", "g", 0.0))
    assert write.broken


def test_a_terminal_that_cannot_show_a_text_gets_it_in_ascii() -> None:
    class Narrow(StringIO):
        def write(self, text: str) -> int:
            text.encode("ascii")
            return super().write(text)

    write = Writer(out := Narrow())
    write(Token(0.0, "s", "text", "é\ud800"))
    assert json.loads(out.getvalue())["text"] == "é\ud800"
