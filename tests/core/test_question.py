"""What an interrupt asks, and what a typed answer becomes."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.core.question import answer, question
from inspector.core.values import Opaque
from inspector.errors import InputError


def test_a_text_is_the_question() -> None:
    assert question("Book it?").headline == "Book it?"
    assert question("Book it?").details == ()


@pytest.mark.parametrize("key", ["question", "message", "prompt"])
def test_a_mapping_asks_with_its_question_and_shows_the_rest(key: str) -> None:
    asked = question({"flights": ["TP 1363", "AF 1024"], key: "Book these?", "price": 1140, "why": "cheap\nand direct"})
    assert asked.headline == "Book these?"
    assert asked.details == (
        'flights  ["TP 1363", "AF 1024"]',
        "price    1140",
        "why      cheap",
        "         and direct",
    )


def test_nested_details_are_indented() -> None:
    asked = question({"question": "?", "legs": [{"from": "LIS", "stops": [{"at": "OPO"}]}]})
    assert asked.details == ("legs", "  -", "    from   LIS", "    stops", '      - {"at": "OPO"}')


def test_the_middleware_that_asks_about_tool_calls() -> None:
    value = {"action_requests": [{"name": "send_mail", "args": {"to": "eva"}}], "review_configs": []}
    assert question(value).headline == "May it call send_mail?"
    assert question(value).details == ("to  eva",)


def test_objects_and_nothing() -> None:
    message = Opaque("langchain_core.messages.ai.AIMessage", {"type": "ai", "content": "Really?"})
    assert question(message).headline == "Really?"
    assert question(None).headline == "The graph waits for an answer."
    assert question(5).headline == "5"
    assert question({"a": 1}).details == ("a  1",)


def test_a_huge_value_is_cut() -> None:
    details = question({"question": "?", "rows": [{"n": number, "x": ["y" * 80]} for number in range(1000)]}).details
    assert len(details) <= 401
    assert details[-1] == "…"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("true", True),
        ('"true"', "true"),
        ("12", 12),
        ('{"a": 1}', {"a": 1}),
        (" two words", " two words"),
    ],
)
def test_an_answer_is_json_where_it_is_json_else_text(text: str, value: Any) -> None:
    assert answer(text) == value


def test_the_schema_decides_between_json_and_text() -> None:
    assert answer("12", {"type": "string"}) == "12"
    assert answer("12", {"type": "integer"}) == 12
    with pytest.raises(InputError, match="The answer must be a whole number, not"):
        answer("twelve", {"type": "integer"})


@pytest.mark.parametrize("text", ["", "   "])
def test_nothing_is_no_answer(text: str) -> None:
    with pytest.raises(InputError, match="Type an answer"):
        answer(text)


def test_broken_json_is_not_sent_as_text() -> None:
    with pytest.raises(InputError, match="This is not JSON: line 1, column 8"):
        answer('{"a": 1')


def test_a_word_stands_for_the_kind_of_answer_that_it_names() -> None:
    def kind(word: str, *more: str) -> dict[str, object]:
        properties: dict[str, object] = {"type": {"const": word}, **{key: {"type": "string"} for key in more}}
        return {"type": "object", "properties": properties, "required": ["type", *more]}

    schema = {"oneOf": [kind("approve"), kind("reject", "message")]}
    assert answer("approve", schema) == {"type": "approve"}
    assert answer('{"type": "reject", "message": "no"}', schema) == {"type": "reject", "message": "no"}
    with pytest.raises(InputError, match="write it as JSON"):
        answer("reject", schema)
    with pytest.raises(InputError, match=r"It takes: approve, reject\."):
        answer("yes", schema)
