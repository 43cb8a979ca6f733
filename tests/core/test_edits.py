"""Editing a state as JSON: what is written, so that the state becomes what was typed."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.core.edits import OVERWRITE, alike, changed, check_edit, document, lean, objects_in, writes
from inspector.core.graphinfo import ChannelInfo
from inspector.core.values import Opaque
from inspector.errors import InputError

CHANNELS = (
    ChannelInfo("budget", "LastValue"),
    ChannelInfo("notes", "BinaryOperatorAggregate", reducer="operator.add"),
    ChannelInfo("messages", "BinaryOperatorAggregate", reducer="add_messages"),
)


def message(id_: str, text: str) -> Opaque:
    fields: dict[str, Any] = {"type": "human", "content": text, "id": id_, "name": None, "example": False}
    fields["additional_kwargs"] = {}
    return Opaque("langchain_core.messages.human.HumanMessage", fields)


def test_a_document_says_what_a_person_needs() -> None:
    shown = document({"messages": [message("1", "hi")], "when": Opaque("datetime.datetime", "2026-01-01")})
    assert shown == {"messages": [{"type": "human", "content": "hi", "id": "1"}], "when": "2026-01-01"}
    with pytest.raises(InputError, match="one value without a name"):
        document({"": 3})


def test_only_what_was_changed_is_written() -> None:
    before = {"budget": 1, "notes": ["a"]}
    assert changed(before, {"budget": 1, "notes": ["a"]}) == {}
    assert changed(before, {"notes": ["a", "b"], "budget": 1}) == {"notes": ["a", "b"]}
    assert changed(before, {"budget": 1.0, "notes": ["a"]}) == {"budget": 1.0}  # another type
    assert not alike(True, 1)
    texts: list[Any] = [[], {"budget": 1}]
    for text in texts:
        with pytest.raises(InputError):
            changed(before, text)


def test_reducers_do_not_get_in_the_way() -> None:
    before = {"budget": 1, "notes": ["a"]}
    assert writes(before, {"budget": 2, "notes": []}, CHANNELS) == {"budget": 2, "notes": {OVERWRITE: []}}


def test_messages_are_written_by_their_ids() -> None:
    one, two = {"type": "human", "content": "1", "id": "1"}, {"type": "ai", "content": "2", "id": "2"}
    new = {"type": "human", "content": "3"}

    def write(after: list[Any]) -> Any:
        return writes({"messages": [one, two]}, {"messages": after}, CHANNELS)["messages"]

    assert write([one, {**two, "content": "x"}, new]) == [{**two, "content": "x"}, new]
    assert write([two])[0]["id"] == "__remove_all__"  # one is gone
    assert write([two])[1:] == [two]
    assert write([two, one])[1:] == [two, one]  # the order is another one
    assert write([])[0]["id"] == "__remove_all__"
    assert len(write([])) == 1


def test_keys_and_types_are_checked() -> None:
    schema = {"type": "object", "properties": {"budget": {"type": "integer"}}, "required": ["notes"]}
    check_edit({"budget": 3}, {}, CHANNELS, schema)
    with pytest.raises(InputError, match="did you mean budget"):
        check_edit({"bugdet": 3}, {}, CHANNELS, schema)
    with pytest.raises(InputError, match="whole number"):
        check_edit({"budget": "much"}, {"budget": 1}, CHANNELS, schema)


def test_what_json_cannot_say_is_named() -> None:
    values = [message("1", "hi"), {"trip": Opaque("app.Trip", {"to": Opaque("app.Place", {"name": "Lisbon"})})}]
    assert objects_in(values) == ("Trip",)
    assert lean(message("1", "hi")).fields == {"type": "human", "content": "hi", "id": "1"}
