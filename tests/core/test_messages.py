"""Messages among inert values: those of LangChain and of JSON are known, what only looks like one is left alone."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    AnyMessage,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    RemoveMessage,
    SystemMessage,
    ToolMessage,
)
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from inspector.core.events import Usage
from inspector.core.messages import Message, ToolCall, as_message, as_usage
from inspector.core.values import Clipped, Opaque, decode, decode_typed
from inspector.debuggee.encode import preview


def both(message: Any) -> tuple[Message | None, Message | None]:
    """The message as it is in a checkpoint, and as it is in an event."""
    return as_message(decode_typed(*JsonPlusSerializer().dumps_typed(message))), as_message(decode(preview(message)))


@pytest.mark.parametrize(
    ("message", "role"),
    [
        (HumanMessage("hi"), "human"), (AIMessage("hi"), "ai"), (AIMessageChunk(content="hi"), "ai"),
        (SystemMessage("hi"), "system"), (ToolMessage("hi", tool_call_id="c"), "tool"),
        (FunctionMessage(content="hi", name="f"), "tool"), (ChatMessage(content="hi", role="critic"), "chat"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_every_role_from_checkpoints_and_events(message: AnyMessage, role: str) -> None:
    for found in both(message):
        assert found is not None
        assert (found.role, found.text) == (role, "hi")


def test_a_message_that_removes_another() -> None:
    for found in both(RemoveMessage("m1")):
        assert found is not None
        assert (found.role, found.id, found.text) == ("remove", "m1", "")


def test_calls_usage_and_ids() -> None:
    message = AIMessage(
        "let me see", id="m1", name="agent",
        tool_calls=[{"name": "f", "args": {"a": 1}, "id": "c1"}],
        invalid_tool_calls=[{"name": "g", "args": '{"a', "id": "c2", "error": "no JSON"}],
        usage_metadata={"input_tokens": 9, "output_tokens": 3, "total_tokens": 12,
                        "input_token_details": {"cache_read": 5}, "output_token_details": {"reasoning": 2}},
    )  # fmt: skip
    stored, sent = both(message)
    assert stored is not None
    assert stored.tool_calls == (ToolCall("f", {"a": 1}, "c1"), ToolCall("g", '{"a', "c2"))
    assert stored.usage == Usage(9, 3, cache_read=5, reasoning=2)
    assert (stored.id, stored.name) == ("m1", "agent")
    assert sent == stored


def test_a_result_of_a_tool_says_whose_it_is_and_whether_it_failed() -> None:
    for found in both(ToolMessage("no", tool_call_id="c1", name="f", status="error")):
        assert found is not None
        assert (found.tool_call_id, found.name, found.status) == ("c1", "f", "error")


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ({"role": "user", "content": "hi"}, "human"),
        ({"role": "developer", "content": "hi"}, "system"),
        ({"type": "ai", "content": [{"type": "text", "text": "h"}, "i"]}, "ai"),
    ],
)
def test_messages_that_are_mappings(value: Any, role: str) -> None:
    found = as_message(value)
    assert found is not None
    assert (found.role, found.text) == (role, "hi")


@pytest.mark.parametrize(
    "value",
    [
        None, "hi", ["ai", "hi"], {}, {"content": "hi"}, {"role": "user"}, {"role": "king", "content": "hi"},
        {"type": ["ai"], "content": "hi"}, Opaque("shop.Order", {"type": "ai", "content": "hi"}),
        Opaque("langchain_core.messages.ai.AIMessage", "hi"), Opaque("my.messages.Config", {"level": 1}),
    ],
    ids=range(11),
)  # fmt: skip
def test_what_is_no_message(value: Any) -> None:
    assert as_message(value) is None


@pytest.mark.parametrize("content", [None, 7, {"a": 1}, [None, 7, [], {}, {"type": 5}, {"type": "text", "text": 9}]])
def test_content_of_no_known_shape_is_no_trouble(content: Any) -> None:
    found = as_message({
        "role": "ai", "content": content, "tool_calls": [7, {"name": 3}], "usage_metadata": "x",
        "additional_kwargs": [1],
    })  # fmt: skip
    assert found is not None
    assert (found.text, found.tool_calls, found.usage) == ("", (ToolCall("", None, ""),), None)


def test_a_text_that_a_preview_cut_says_so() -> None:
    found = as_message({"role": "ai", "content": Clipped("the beginning", 9_000)})
    assert found is not None
    assert found.text == "the beginning…"


def test_parts_of_other_kinds_are_named_and_reasoning_is_apart() -> None:
    blocks = [
        {"type": "reasoning", "summary": [{"text": "first"}, {"text": "second"}]}, {"type": "text", "text": "so: "},
        {"type": "image", "url": "x"}, {"type": "tool_use", "name": "f"}, {"type": "text", "text": "yes"},
    ]  # fmt: skip
    found = as_message({"role": "assistant", "content": blocks})
    assert found is not None
    assert (found.text, found.reasoning, found.blocks) == ("so: yes", "first\n\nsecond", ("image",))


def test_no_usage_and_usage_from_a_cache_of_answers() -> None:
    assert as_usage(None) is None
    assert as_usage({"input_tokens": 5, "output_tokens": 5, "total_cost": 0}) is None
    assert as_usage({"input_tokens": None, "output_tokens": "x"}) == Usage()
