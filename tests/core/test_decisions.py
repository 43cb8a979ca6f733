"""Questions that leave no more than decisions, and the answers that decisions make."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.core.decisions import sheet
from inspector.core.json_schema import check
from inspector.debuggee.asking import approvals, json_schema
from inspector.errors import InputError

MAIL = {"name": "send_mail", "args": {"to": "eva"}}


def batched(*kinds: list[str]) -> dict[str, Any]:
    names = [f"tool{number}" for number in range(len(kinds))]
    return {
        "action_requests": [{"name": name, "args": {"n": 1}} for name in names],
        "review_configs": [
            {"action_name": name, "allowed_decisions": kind} for name, kind in zip(names, kinds, strict=True)
        ],
    }


def test_langchains_middleware_takes_a_decision_for_each_call() -> None:
    value = batched(["approve", "edit"], ["reject", "approve", "respond"])
    found = sheet(value, approvals(value))
    assert found is not None
    assert [(item.title, [option.word for option in item.options]) for item in found.items] == [
        ("tool0", ["approve", "edit"]), ("tool1", ["approve", "respond", "reject"]),
    ]  # fmt: skip
    assert found.items[0].option("edit").begin == '{"n": 1}'
    answer = found.answer([("edit", '{"n": 2}'), ("reject", "")])
    assert answer == {
        "decisions": [
            {"type": "edit", "edited_action": {"name": "tool0", "args": {"n": 2}}}, {"type": "reject"},
        ]
    }  # fmt: skip
    assert check(approvals(value), answer, partial=False) is None
    assert found.undo(answer) == [("edit", '{"n": 2}'), ("reject", "")]
    assert found.answer([("approve", "ignored"), ("respond", "sunny")]) == {
        "decisions": [{"type": "approve"}, {"type": "respond", "message": "sunny"}]
    }
    with pytest.raises(InputError, match="Type the result to respond it"):
        found.answer([("approve", ""), ("respond", " ")])
    with pytest.raises(InputError, match="not JSON"):
        found.answer([("edit", "{"), ("approve", "")])


def test_one_call_at_a_time_takes_one_decision() -> None:
    from langchain.agents.middleware.human_in_the_loop import _decision_schema

    schema = json_schema(_decision_schema(["approve", "edit", "reject", "respond"], "send_mail"))
    found = sheet({"type": "tool_approval", "tool_call_id": "c1", **MAIL, "description": "?"}, schema)
    assert found is not None
    [item] = found.items
    assert item.title == "send_mail"
    assert [option.word for option in item.options] == ["approve", "edit", "reject", "respond"]
    for chosen, expected in [
        (("approve", ""), {"type": "approve"}),
        (("edit", '{"to": "bob"}'), {"type": "edit", "edited_action": {"name": "send_mail", "args": {"to": "bob"}}}),
        (("reject", "no"), {"type": "reject", "message": "no"}),
        (("reject", ""), {"type": "reject"}),
        (("respond", "sent"), {"type": "respond", "message": "sent"}),
    ]:
        assert found.answer([chosen]) == expected
        assert check(schema, expected, partial=False) is None
        assert found.undo(expected) == [chosen]


def test_the_older_shape_takes_a_list() -> None:
    config = {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": False}
    request = {"action_request": {"action": "send_mail", "args": {"to": "eva"}}, "config": config, "description": "?"}
    found = sheet([request], None)
    assert found is not None
    assert [option.word for option in found.items[0].options] == ["accept", "edit", "response"]
    assert found.answer([("accept", "")]) == [{"type": "accept", "args": None}]
    edited = [{"type": "edit", "args": {"action": "send_mail", "args": {"to": "bob"}}}]
    assert found.answer([("edit", '{"to": "bob"}')]) == edited
    assert found.undo(edited) == [("edit", '{"to": "bob"}')]
    assert found.answer([("response", "later")]) == [{"type": "response", "args": "later"}]


def test_alternatives_that_a_word_tells_apart() -> None:
    schema = {
        "oneOf": [
            {"type": "object", "properties": {"kind": {"const": "yes"}}, "required": ["kind"]},
            {
                "type": "object",
                "properties": {"kind": {"const": "no"}, "why": {"type": "string"}},
                "required": ["kind"],
            },
            {
                "type": "object",
                "properties": {"kind": {"const": "other"}, "rows": {"type": "integer"}, "cols": {"type": "integer"}},
                "required": ["kind", "rows", "cols"],
            },
        ]
    }
    found = sheet("Really?", schema)
    assert found is not None
    assert found.answer([("yes", "")]) == {"kind": "yes"}
    assert found.answer([("no", "late")]) == {"kind": "no", "why": "late"}
    assert found.items[0].option("other").begin == '{"rows": 0, "cols": 0}'
    assert found.answer([("other", '{"rows": 1, "cols": 2}')]) == {"kind": "other", "rows": 1, "cols": 2}


@pytest.mark.parametrize(
    ("value", "schema"),
    [
        ("Book it?", None),
        (["a", "b"], None),
        ([{"action_request": {"action": "x"}, "config": {}}], None),
        ({"action_requests": [{"name": "x"}], "review_configs": []}, None),
        ({"action_requests": "no", "review_configs": 3}, None),
        ("?", {"type": "object", "properties": {"a": {"type": "string"}}}),
        ("?", {"anyOf": [{"type": "string"}, {"type": "object", "properties": {"type": {"const": "x"}}}]}),
    ],
)
def test_other_questions_are_left_to_the_other_editors(value: Any, schema: dict[str, Any] | None) -> None:
    assert sheet(value, schema) is None
