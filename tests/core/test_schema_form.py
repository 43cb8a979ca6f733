"""Forms from input schemas: which fields, what typed text becomes, and back again."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.core.schema_form import (
    Field,
    FieldError,
    example,
    fill_form,
    form_fields,
    message_input,
    message_text,
    read_form,
)

SCHEMA: dict[str, Any] = {
    "$defs": {"Style": {"enum": ["terse", "long"], "type": "string", "description": "How to write."}},
    "type": "object",
    "properties": {
        "topic": {"type": "string", "title": "Topic"},
        "n": {"type": "integer", "default": 3},
        "rate": {"type": "number"},
        "deep": {"type": "boolean"},
        "style": {"$ref": "#/$defs/Style"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "limit": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "either": {"anyOf": [{"type": "integer"}, {"type": "array"}]},
    },
    "required": ["topic", "tags"],
}
MESSAGES: dict[str, Any] = {
    "$defs": {"HumanMessage": {"type": "object"}, "AIMessage": {"type": "object"}},
    "type": "object",
    "properties": {
        "messages": {
            "type": "array",
            "items": {"oneOf": [{"$ref": "#/$defs/AIMessage"}, {"$ref": "#/$defs/HumanMessage"}]},
        },
        "user": {"type": "string"},
    },
}


def by_name(schema: dict[str, Any]) -> dict[str, Field]:
    return {field.name: field for field in form_fields(schema)}


def test_each_property_is_a_field_in_order_with_its_kind() -> None:
    fields = form_fields(SCHEMA)
    assert [(field.name, field.kind) for field in fields] == [
        ("topic", "text"),
        ("n", "integer"),
        ("rate", "number"),
        ("deep", "boolean"),
        ("style", "choice"),
        ("tags", "json"),
        ("note", "text"),
        ("limit", "integer"),
        ("either", "json"),
    ]
    named = by_name(SCHEMA)
    assert named["style"].options == ("terse", "long")
    assert named["style"].description == "How to write."
    assert named["deep"].options == ("true", "false")
    assert named["limit"].nullable
    assert named["n"].default == "3"
    assert named["tags"].hint == "a list of texts"
    assert named["either"].hint == "a whole number or a list"


def test_what_is_typed_becomes_json_and_empty_fields_are_left_out() -> None:
    typed = {
        "topic": " Lisbon ", "n": "12", "rate": "0.5", "deep": "true", "style": "long",
        "tags": '["a"]', "note": "", "limit": "null", "either": "4",
    }  # fmt: skip
    assert read_form(form_fields(SCHEMA), typed) == {
        "topic": " Lisbon ", "n": 12, "rate": 0.5, "deep": True, "style": "long",
        "tags": ["a"], "limit": None, "either": 4,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("n", "twelve", "“n” must be a whole number, not “twelve”."),
        ("n", "1.5", "“n” must be a whole number, not “1.5”."),
        ("n", "true", "“n” must be a whole number, not “true”."),
        ("rate", "NaN", "“rate” must be a number, not “NaN”."),
        ("deep", "yes", "“deep” must be true or false, not “yes”."),
        ("style", "short", "“style” must be one of terse, long, not “short”."),
        ("tags", "[1,", "“tags” takes a list of texts as JSON. This is not JSON: line 1, column 4: expecting value."),
    ],
)
def test_what_does_not_fit_is_said_in_one_sentence_that_names_the_field(name: str, text: str, sentence: str) -> None:
    with pytest.raises(FieldError) as caught:
        read_form(form_fields(SCHEMA), {name: text})
    assert str(caught.value) == sentence
    assert caught.value.field == name


def test_an_input_that_is_one_value_is_one_field() -> None:
    fields = form_fields({"title": "Input", "type": "integer"})
    assert [(field.name, field.kind) for field in fields] == [("", "integer")]
    assert read_form(fields, {"": "7"}) == 7
    assert fill_form(fields, 7) == {"": "7"}
    with pytest.raises(FieldError, match="The graph takes a whole number: type one"):
        read_form(fields, {"": " "})


@pytest.mark.parametrize("schema", [None, {}, {"type": "object"}, {"type": "array"}, {"$ref": "http://x/y"}])
def test_without_a_shape_there_is_no_form(schema: dict[str, Any] | None) -> None:
    assert form_fields(schema) == ()


def test_a_schema_that_refers_to_itself_ends() -> None:
    schema = {"$defs": {"a": {"$ref": "#/$defs/a"}}, "properties": {"x": {"$ref": "#/$defs/a"}}}
    assert [field.kind for field in form_fields(schema)] == ["json"]
    assert example(schema) == {"x": None}


def test_messages_are_typed_as_a_message() -> None:
    fields = form_fields(MESSAGES)
    assert [field.kind for field in fields] == ["message", "text"]
    value = {"messages": [{"role": "user", "content": "hello"}], "user": "eva"}
    assert read_form(fields, {"messages": "hello", "user": "eva"}) == value
    assert fill_form(fields, value) == {"messages": "hello", "user": "eva"}
    several = {"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}
    texts = fill_form(fields, several)
    assert texts is not None
    assert read_form(fields, texts) == several


@pytest.mark.parametrize(
    "value",
    [
        {"topic": "Lisbon", "n": 3, "deep": False, "tags": ["a", "b"], "limit": None},
        {"style": "terse", "either": [1]},
        {"topic": "naïve ✈ “quoted”", "rate": -1.5},
    ],
)
def test_an_earlier_input_fills_the_form_and_comes_back_the_same(value: dict[str, Any]) -> None:
    texts = fill_form(form_fields(SCHEMA), value)
    assert texts is not None
    assert read_form(form_fields(SCHEMA), texts) == value


@pytest.mark.parametrize("value", [{"unknown": 1}, {"topic": ""}, {"topic": 5}, [1], "text", None])
def test_an_input_that_the_form_cannot_say_is_refused(value: object) -> None:
    assert fill_form(form_fields(SCHEMA), value) is None


def test_the_skeleton_has_every_key_and_the_defaults() -> None:
    assert example(SCHEMA) == {
        "topic": "", "n": 3, "rate": 0, "deep": False, "style": "terse", "tags": [], "note": None, "limit": None,
        "either": 0,
    }  # fmt: skip
    assert example(MESSAGES) == {"messages": [{"role": "user", "content": ""}], "user": ""}
    assert example(None) == {}


def test_a_chat_line_there_and_back() -> None:
    assert message_input("hi") == {"messages": [{"role": "user", "content": "hi"}]}
    assert message_text(message_input("hi")) == "hi"
    assert message_text(message_input("two\nlines")) is None
    assert message_text({"messages": "hi"}) is None
    assert message_text({"messages": [{"role": "user", "content": "hi"}], "user": "eva"}) is None
