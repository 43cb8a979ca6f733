"""Checking inputs: JSON errors with their place, schema errors as sentences, and what must not be refused."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.core.json_schema import check, describe, parse_json
from inspector.errors import InputError

SCHEMA: dict[str, Any] = {
    "$defs": {"Leg": {"type": "object", "properties": {"to": {"type": "string"}}, "required": ["to"]}},
    "type": "object",
    "properties": {
        "topic": {"type": "string"},
        "n": {"type": "integer", "minimum": 1},
        "style": {"enum": ["terse", "long"]},
        "legs": {"type": "array", "items": {"$ref": "#/$defs/Leg"}},
    },
    "required": ["topic", "n"],
}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"a": 1,}', "This is not JSON: line 1, column 9: "),
        ('{\n "a": tru\n}', "This is not JSON: line 2, column 7: expecting value."),
        ("", "This is not JSON: line 1, column 1: expecting value."),
        ("NaN", "This is not JSON: NaN is no JSON number."),
        ("[" * 100_000, "This is not JSON: "),
    ],
)
def test_broken_json_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_json(text)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"n": "x"}, '“n” must be a whole number, not "x".'),
        ({"n": 0}, "“n” is not what the graph takes: 0 is less than the minimum of 1."),
        ({"style": "short"}, '“style” must be one of terse, long, not "short".'),
        ({"legs": [{"to": "LIS"}, {}]}, "“legs[1]” lacks “to”."),
        ({"legs": [{"to": 5}]}, "“legs[0].to” must be text, not 5."),
        ({"topc": "x"}, "The graph has no input “topc”; it takes topic, n, style, legs."),
        ([1], "The input must be an object, not [1]."),
    ],
)
def test_what_does_not_fit_is_one_sentence(value: object, sentence: str) -> None:
    assert check(SCHEMA, value) == sentence


@pytest.mark.parametrize("value", [{}, {"topic": "x"}, {"topic": "x", "n": 2, "unknown": 1}])
def test_partial_inputs_are_taken_as_langgraph_takes_them(value: object) -> None:
    assert check(SCHEMA, value) is None


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "hi"}],
        [{"type": "human", "content": "hi"}],
        [["user", "hi"]],
        ["hi"],
        "hi",
        {"role": "user", "content": "hi"},
    ],
)
def test_messages_may_be_whatever_langgraph_makes_messages_of(messages: object) -> None:
    message = {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]}
    items = {"oneOf": [{"$ref": "#/$defs/AIMessage"}, {"$ref": "#/$defs/HumanMessage"}]}
    schema = {
        "$defs": {"AIMessage": message, "HumanMessage": message},
        "type": "object",
        "properties": {"messages": {"type": "array", "items": items}},
    }
    assert check(schema, {"messages": messages}) is None
    assert check(schema, {"messages": 5}) == "“messages” does not take 5."
    assert describe(schema["properties"]["messages"], schema) == "messages"  # type: ignore[index]


@pytest.mark.parametrize(
    "schema",
    [
        None,
        {},
        {"type": 5},
        {"properties": 5},
        {"$ref": "http://somewhere.invalid/schema.json"},
        {"type": "object", "properties": {"topic": {"$ref": "http://somewhere.invalid/schema.json"}}},
        {"type": "object", "properties": {"topic": {"$ref": "#/$defs/none"}}},
    ],
)
def test_a_broken_schema_or_one_from_elsewhere_refuses_nothing(schema: Any) -> None:
    assert check(schema, {"topic": "x"}) is None


def test_the_functional_api_takes_one_value() -> None:
    assert check({"title": "Input", "type": "integer"}, 5) is None
    assert check({"title": "Input", "type": "integer"}, "x") == 'The input must be a whole number, not "x".'
