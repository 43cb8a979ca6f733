"""What providers' clients put into messages and chunks, read the same way whole and in pieces: no package needed."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, AIMessageChunk
from langchain_core.messages.ai import UsageMetadata

from inspector.core.events import Event, SpanEnded, Token, Usage
from inspector.core.messages import as_message, as_usage
from inspector.core.values import decode
from inspector.debuggee.encode import preview
from inspector.debuggee.models import ModelStreams

SUMMARY = [{"index": 0, "type": "summary_text", "text": "one"}, {"index": 1, "type": "summary_text", "text": "two"}]
THINKING = {"type": "thinking", "thinking": "hm", "index": 0, "signature": "x"}
TEXT = {"type": "text", "text": "hello", "index": 1}
CONTENTS: dict[str, tuple[dict[str, Any], str, str]] = {  # fields of a message, its text, its reasoning
    "plain": ({"content": "hello"}, "hello", ""),
    "standard": ({"content": [{"type": "reasoning", "reasoning": "hm"}, TEXT]}, "hello", "hm"),
    "standard, two parts": (
        {"content": [{"type": "reasoning", "reasoning": part, "index": f"lc_rs_{part}"} for part in ("one", "two")]},
        "",
        "one\n\ntwo",
    ),
    "openai responses": ({"content": [{"type": "reasoning", "summary": SUMMARY, "index": 0}]}, "", "one\n\ntwo"),
    "openai responses, v0": (
        {"content": "hello", "additional_kwargs": {"reasoning": {"summary": SUMMARY}}},
        "hello",
        "one\n\ntwo",
    ),
    "openai refusal": ({"content": [{"type": "refusal", "refusal": "No."}]}, "No.", ""),
    "anthropic": ({"content": [THINKING, TEXT]}, "hello", "hm"),
    "bedrock": ({"content": [{"type": "reasoning_content", "reasoning_content": {"text": "hm"}}]}, "", "hm"),
    "mistral": ({"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}]}, "", "hm"),
    "deepseek, groq, ollama": ({"content": "hello", "additional_kwargs": {"reasoning_content": "hm"}}, "hello", "hm"),
    "gemini": ({"content": [{"type": "thinking", "thinking": "hm"}, "hello"]}, "hello", "hm"),
}


def streamed(*chunks: AIMessageChunk, end: Any = None) -> tuple[list[Token], SpanEnded]:
    """The tokens of a call that sends these chunks, and its end."""
    events: list[Event] = []
    streams = ModelStreams(events.append, lambda: 1.0)
    streams.begin("run")
    for chunk in chunks:
        streams.chunk("run", chunk)
    ended = streams.end("run", end if end is not None else sum(chunks[1:], chunks[0]), 2.0)
    return [event for event in events if isinstance(event, Token)], ended


def joined(tokens: list[Token], kind: str) -> str:
    return "".join(token.text for token in tokens if token.type == kind)


@pytest.mark.parametrize("shape", CONTENTS)
def test_text_and_reasoning_are_told_apart_whole_and_in_pieces(shape: str) -> None:
    fields, text, reasoning = CONTENTS[shape]
    message = as_message(decode(preview(AIMessage(**fields))))
    assert message is not None
    assert (message.text, message.reasoning) == (text, reasoning)
    assert message.blocks == ()
    tokens, _ = streamed(AIMessageChunk(**fields))
    assert (joined(tokens, "text"), joined(tokens, "reasoning")) == (text, reasoning)
    whole, _ = streamed(end=AIMessage(**fields))
    assert (joined(whole, "text"), joined(whole, "reasoning")) == (text, reasoning)


def test_what_is_neither_is_named() -> None:
    content: list[Any] = [
        {"type": "image", "url": "x"},
        {"type": "text", "text": "see"},
        {"type": "web_search_call"},
        {"x": 1},
    ]
    message = as_message(decode(preview(AIMessage(content=content))))
    assert message is not None
    assert message.text == "see"
    assert message.blocks == ("image", "web_search_call", "block")


def test_pieces_of_one_part_are_not_taken_apart() -> None:
    def piece(text: str, **at: Any) -> AIMessageChunk:
        return AIMessageChunk(content=[{"type": "thinking", "thinking": text, **at}])

    tokens, _ = streamed(piece("a", index=0), piece("b", index=0), piece("", index=1), piece("c", index=1))
    assert [token.text for token in tokens] == ["a", "b", "\n\nc"]
    tokens, _ = streamed(piece("a"), piece("b"))
    assert [token.text for token in tokens] == ["a", "b"]


def test_calls_that_come_whole_have_their_arguments() -> None:
    calls: list[Any] = [{"name": "add", "args": {"n": n}, "id": f"call {n}", "type": "tool_call"} for n in range(2)]
    tokens, ended = streamed(AIMessageChunk(content="", tool_calls=calls), end=AIMessage("", tool_calls=calls))
    assert [(token.name, token.call_id, token.text) for token in tokens] == [
        ("add", "call 0", '{"n": 0}'), ("add", "call 1", '{"n": 1}'),
    ]  # fmt: skip
    assert ended.calls == ("call 0", "call 1")
    assert streamed(end=AIMessage("", tool_calls=calls))[0] == [
        Token(2.0, "run", "tool_call", '{"n": 0}', 0, "add", "call 0"),
        Token(2.0, "run", "tool_call", '{"n": 1}', 1, "add", "call 1"),
    ]


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        ({}, Usage(10, 5)),
        ({"input_token_details": {"cache_read": 4, "cache_creation": 3}}, Usage(10, 5, 4, 3)),
        ({"input_token_details": {"cache_creation": 0, "ephemeral_5m_input_tokens": 2, "ephemeral_1h_input_tokens": 1}},
         Usage(10, 5, 0, 3)),
        ({"input_token_details": {"flex_cache_read": 4, "flex": 6}, "output_token_details": {"flex_reasoning": 2}},
         Usage(10, 5, 4, 0, 2)),
        ({"output_token_details": {"reasoning": 2, "audio": 1}}, Usage(10, 5, 0, 0, 2)),
        ({"input_token_details": None}, Usage(10, 5)),
        ({"total_cost": 0}, None),
    ],
)  # fmt: skip
def test_usage(told: dict[str, Any], usage: Usage | None) -> None:
    assert as_usage({"input_tokens": 10, "output_tokens": 5, "total_tokens": 15, **told}) == usage


def test_usage_in_pieces_is_summed_and_a_message_that_tells_it_is_not_counted_twice() -> None:
    def piece(input: int, output: int) -> AIMessageChunk:
        told = UsageMetadata(input_tokens=input, output_tokens=output, total_tokens=input + output)
        return AIMessageChunk(content="x", usage_metadata=told)

    _, ended = streamed(piece(10, 0), piece(0, 5), piece(0, 7))
    assert ended.usage == Usage(10, 12)
    _, ended = streamed(piece(10, 0), piece(0, 12), end=AIMessage("xx"))
    assert ended.usage == Usage(10, 12)
    streams = ModelStreams(lambda event: None, lambda: 1.0)
    streams.begin("run")
    streams.chunk("run", piece(10, 3))
    assert streams.drop("run") == Usage(10, 3), "a call that fails has cost what it had told"
