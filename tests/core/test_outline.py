"""One line for any value: short, safe, and what a developer would want to see first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from inspector.core.messages import as_message
from inspector.core.outline import as_json, calls_summary, kind, message_summary, path_text, question, summary, whole
from inspector.core.values import MORE, Clipped, More, Opaque, Unreadable


def ai(content: Any = "", **fields: Any) -> Opaque:
    return Opaque("langchain_core.messages.ai.AIMessage", {"type": "ai", "content": content, **fields})


def call(name: str, **args: Any) -> dict[str, Any]:
    return {"name": name, "args": args, "id": "call_1", "type": "tool_call"}


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (None, "None"),
        (True, "True"),
        (1200, "1,200"),
        (0.25, "0.25"),
        ("Lisbon", '"Lisbon"'),
        ("two\nlines", '"two⏎lines"'),
        ("", '""'),
        (b"x" * 1200, "1.2 kB of bytes"),
        ([], "[]"),
        ({}, "{}"),
        ([1, 2, 3], "[1, 2, 3]"),
        ([{"a": 1}] * 5, "5 items"),
        ([{"a": 1}], "1 item"),
        ([1, 2, More(98)], "100 items"),
        ({"price": 336, "stars": 3}, "{price: 336, stars: 3}"),
        ({"one": {"a": 1}, "two": {"b": 2}}, "2 keys: one, two"),
        ({"one": [1], MORE: More(4)}, "5 keys: one, …"),
        ({7: [1]}, "1 key: 7"),
        (Clipped("The begin", 12000), '"The begin"  12,000 characters'),
        (Clipped(b"abc", 5_000_000), "5.0 MB of bytes"),
        (Unreadable("app.Thing", "no way"), "unreadable app.Thing: no way"),
        (Opaque("uuid.UUID", "12345678123456781234567812345678"), "12345678-1234-5678-1234-567812345678"),
        (Opaque("datetime.datetime", "2026-05-12T07:10:00"), "2026-05-12T07:10:00"),
        (Opaque("datetime.date", [2026, 5, 12]), "2026-05-12"),
        (Opaque("datetime.timedelta", [0, 90, 0]), "90.0s"),
        (Opaque("pathlib.PosixPath", ["/", "srv", "a.py"]), "/srv/a.py"),
        (Opaque("builtins.set", [1, 2]), "set of 2 items"),
        (Opaque("app.Colour", "red"), 'Colour("red")'),
        (Opaque("app.Trip", {"city": "Lisbon", "days": 3}), 'Trip(city="Lisbon", days=3)'),
        (Opaque("app.Trip", {"days": [1, 2], "cost": {"a": 1}}), "Trip  2 keys: days, cost"),
        (Opaque("langgraph.types.Send", ["search", {"topic": "food"}]), 'Send → search  {topic: "food"}'),
        (Opaque("pydantic.types.SecretStr", "hunter2"), "SecretStr ********"),
        (Opaque("langchain_core.documents.base.Document", {"page_content": "Tram 28"}), 'Document "Tram 28"'),
        (Opaque("numpy.ndarray", {"dtype": "float32", "shape": [3, 4], "bytes": 48}), "array float32  3 × 4"),
    ],
)
def test_summary(value: Any, line: str) -> None:
    assert summary(value) == line


def test_hostile_text_never_reaches_the_terminal_as_it_is() -> None:
    evil = "a\x1b[2Jb\u202ec\x00[bold]d[/bold]\r\n"
    values = [
        evil, {evil: evil}, [evil], Opaque(evil, evil), Opaque("m." + evil, {evil: 1}), Unreadable(evil, evil),
        ai(evil),
        Opaque("langgraph.types.Send", [evil, {evil: evil}]), ai("", tool_calls=[call(evil, x=evil)]),
        Opaque("pathlib.Path", [evil]), Opaque("re.compile", [evil, 0]),
    ]  # fmt: skip
    for value in values:
        line = summary(value)
        assert not {"\x1b", "\u202e", "\x00", "\n", "\r"} & set(line), line
        assert not {"\x1b", "\u202e", "\x00", "\r"} & set(whole(value))


class Watched(list[Any]):
    """A list that counts how many of its items were looked at."""

    looked = 0

    def __iter__(self) -> Iterator[Any]:
        for item in super().__iter__():
            self.looked += 1
            yield item


def test_a_line_costs_what_it_shows() -> None:
    many = Watched(range(1_000_000))
    assert summary(many) == "1,000,000 items"
    assert summary({"many": many}) == "1 key: many"
    assert summary(Opaque("app.Many", many)) == "Many  1,000,000 items"
    assert many.looked < 100
    assert len(summary({str(i): i for i in range(10_000)})) < 220
    assert len(summary("x" * 1_000_000)) < 220


def test_messages() -> None:
    def line(value: Any) -> str:
        message = as_message(value)
        assert message is not None
        return message_summary(message)

    search = call("search", query="food")
    assert line(ai("Here is a plan")) == "Here is a plan"
    assert line(ai("", tool_calls=[search])) == 'calls search(query="food")'
    assert line(ai("", tool_calls=[search] * 3)) == "calls search ×3"
    assert line(ai("Let me look", tool_calls=[search, call("book")])) == "calls search, book  Let me look"
    assert line(ai([{"type": "thinking", "thinking": "hm"}])) == "(reasoning) hm"
    assert line(ai([{"type": "image_url", "image_url": "x"}])) == "[image_url]"
    assert line(ai("")) == "(empty)"
    tool = {"role": "tool", "content": "TimeoutError", "name": "hotels", "status": "error"}
    assert line(tool) == "hotels  error  TimeoutError"
    assert kind(tool) == "message"
    assert summary(ai("Hello")) == "ai  Hello"
    assert calls_summary([]) == "calls"


@pytest.mark.parametrize(
    ("value", "asked"),
    [
        ("Book these flights?", "Book these flights?"),
        ({"question": "Which account?", "options": [1, 2]}, "Which account?"),
        ({"action_requests": [{"name": "book", "args": {"seats": 2}}]}, "book(seats=2)?"),
        ([{"action_request": {"action": "send_mail", "args": {"to": "x"}}, "config": {}}], 'send_mail(to="x")?'),
        ({"amount": 3}, "{amount: 3}"),
        (None, "None"),
    ],
)
def test_question(value: Any, asked: str) -> None:
    assert question(value) == asked


def test_path_text() -> None:
    assert path_text(()) == ""
    assert path_text(("messages", 4, "content")) == "messages[4].content"
    assert path_text(("two words", "day one", 0)) == 'two words["day one"][0]'
    assert "\x1b" not in path_text(("a", "\x1b[2J"))


def test_whole() -> None:
    assert whole("line\nline") == "line\nline"
    assert whole({"a": [1, 2]}) == '{\n  "a": [\n    1,\n    2\n  ]\n}'
    text = whole(ai("Hello", tool_calls=[call("search", query="é")], id="m1"))
    assert text.startswith("ai")
    assert "Hello" in text
    assert '"query": "é"' in text
    assert "m1" in text
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert "nested too deeply" in as_json(deep)
