"""What OpenAI and Anthropic send while a model answers, as server-sent events: one function a protocol.

Each takes the same `Say` and returns the events of one streamed response, in the pieces and the order of the real
services (as their SDKs, openai 3.54 and anthropic 2.12, describe them).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Event = tuple[str, Mapping[str, Any]]  # the event's name ("" for none), and its data


@dataclass(frozen=True)
class Say:
    """An answer: reasoning (a list of parts), then text, then calls as `(id, name, arguments)`. `cached` and `written`
    of the `read` input tokens were read from, and written to, the provider's cache; `thought` of the `wrote` output
    tokens were reasoning."""

    text: str = ""
    reasoning: Sequence[str] = ()
    calls: Sequence[tuple[str, str, Mapping[str, Any]]] = field(default=())
    read: int = 100
    wrote: int = 20
    cached: int = 0
    written: int = 0
    thought: int = 0
    tier: str = "default"


Protocol = Callable[[Say, str], Iterator[Event]]


def pieces(text: str, size: int = 7) -> list[str]:
    """A text in pieces as a model would stream it."""
    return [text[at : at + size] for at in range(0, len(text), size)]


def chat_completions(say: Say, model: str) -> Iterator[Event]:
    """`POST /v1/chat/completions`. `reasoning_content` is what DeepSeek and other servers of this protocol add."""

    def chunk(delta: Mapping[str, Any] | None, finish: str | None = None, **more: Any) -> Event:
        choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}]
        fixed = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "service_tier": say.tier}
        return "", {**fixed, "model": f"{model}-2026-01-01", "choices": choices, "usage": None, **more}

    yield chunk({"role": "assistant", "content": "" if say.text else None, "refusal": None})
    for part in say.reasoning:
        for piece in pieces(part):
            yield chunk({"reasoning_content": piece})
    for piece in pieces(say.text):
        yield chunk({"content": piece})
    for index, (id_, name, args) in enumerate(say.calls):
        function = {"name": name, "arguments": ""}
        yield chunk({"tool_calls": [{"index": index, "id": id_, "type": "function", "function": function}]})
        for piece in pieces(json.dumps(args)):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": piece}}]})
    yield chunk({}, "tool_calls" if say.calls else "stop")
    usage = {
        "prompt_tokens": say.read,
        "completion_tokens": say.wrote,
        "total_tokens": say.read + say.wrote,
        "prompt_tokens_details": {"cached_tokens": say.cached, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": say.thought, "audio_tokens": 0},
    }
    yield chunk(None, usage=usage)
    yield "", {}  # data: [DONE]


def responses(say: Say, model: str) -> Iterator[Event]:
    """`POST /v1/responses`: typed events, one output item after the other."""
    number = 0

    def event(type_: str, **data: Any) -> Event:
        nonlocal number
        number += 1
        return type_, {"type": type_, "sequence_number": number, **data}

    def response(status: str, output: list[Any], usage: Any = None) -> dict[str, Any]:
        fixed = {"id": "resp_1", "object": "response", "created_at": 1, "model": f"{model}-2026-01-01", "error": None}
        rest = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True, "incomplete_details": None}
        tier: dict[str, Any] = {
            "service_tier": say.tier,
            "instructions": None,
            "metadata": {},
            "temperature": 1.0,
            "top_p": 1.0,
        }
        return {**fixed, **rest, **tier, "status": status, "output": output, "usage": usage}

    done: list[Any] = []
    yield event("response.created", response=response("in_progress", []))
    yield event("response.in_progress", response=response("in_progress", []))
    if say.reasoning:
        at: dict[str, Any] = {"output_index": len(done)}
        item: dict[str, Any] = {"id": "rs_1", "type": "reasoning", "summary": []}
        yield event("response.output_item.added", item=item, **at)
        for index, part in enumerate(say.reasoning):
            here = {**at, "item_id": "rs_1", "summary_index": index}
            empty = {"type": "summary_text", "text": ""}
            yield event("response.reasoning_summary_part.added", part=empty, **here)
            for piece in pieces(part):
                yield event("response.reasoning_summary_text.delta", delta=piece, **here)
            yield event("response.reasoning_summary_text.done", text=part, **here)
            yield event("response.reasoning_summary_part.done", part={"type": "summary_text", "text": part}, **here)
        done.append({**item, "summary": [{"type": "summary_text", "text": part} for part in say.reasoning]})
        yield event("response.output_item.done", item=done[-1], **at)
    if say.text:
        at = {"output_index": len(done)}
        item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        text = {"type": "output_text", "text": say.text, "annotations": []}
        here = {**at, "item_id": "msg_1", "content_index": 0}
        yield event("response.output_item.added", item=item, **at)
        yield event("response.content_part.added", part={**text, "text": ""}, **here)
        for piece in pieces(say.text):
            yield event("response.output_text.delta", delta=piece, logprobs=[], **here)
        yield event("response.output_text.done", text=say.text, logprobs=[], **here)
        yield event("response.content_part.done", part=text, **here)
        done.append({**item, "status": "completed", "content": [text]})
        yield event("response.output_item.done", item=done[-1], **at)
    for n, (id_, name, args) in enumerate(say.calls):
        at = {"output_index": len(done)}
        item = {"id": f"fc_{n}", "type": "function_call", "call_id": id_, "name": name, "arguments": ""}
        yield event("response.output_item.added", item={**item, "status": "in_progress"}, **at)
        for piece in pieces(json.dumps(args)):
            yield event("response.function_call_arguments.delta", delta=piece, item_id=f"fc_{n}", **at)
        yield event("response.function_call_arguments.done", arguments=json.dumps(args), item_id=f"fc_{n}", **at)
        done.append({**item, "arguments": json.dumps(args), "status": "completed"})
        yield event("response.output_item.done", item=done[-1], **at)
    usage = {
        "input_tokens": say.read,
        "input_tokens_details": {"cached_tokens": say.cached, "cache_write_tokens": say.written},
        "output_tokens": say.wrote,
        "output_tokens_details": {"reasoning_tokens": say.thought},
        "total_tokens": say.read + say.wrote,
    }
    yield event("response.completed", response=response("completed", done, usage))


def messages(say: Say, model: str) -> Iterator[Event]:
    """`POST /v1/messages` of Anthropic: content blocks, each started, filled and stopped. Usage comes twice, at the
    start and, cumulative, at the end; its `input_tokens` leave out what the cache gave or took."""

    def event(type_: str, **data: Any) -> Event:
        return type_, {"type": type_, **data}

    read = {
        "input_tokens": say.read - say.cached - say.written,
        "cache_read_input_tokens": say.cached,
        "cache_creation_input_tokens": say.written,
    }
    kept = {"cache_creation": {"ephemeral_5m_input_tokens": say.written, "ephemeral_1h_input_tokens": 0}}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": f"{model}-20260101", "content": []}
    ends = {"stop_reason": None, "stop_sequence": None, "usage": {**read, **kept, "output_tokens": 1}}
    yield event("message_start", message={**message, **ends})
    yield event("ping")
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = []
    for part in say.reasoning:
        thoughts = [{"type": "thinking_delta", "thinking": piece} for piece in pieces(part)]
        signed = {"type": "signature_delta", "signature": "c2lnbmVk"}
        blocks.append(({"type": "thinking", "thinking": "", "signature": ""}, [*thoughts, signed]))
    if say.text:
        said = [{"type": "text_delta", "text": piece} for piece in pieces(say.text)]
        blocks.append(({"type": "text", "text": ""}, said))
    for id_, name, args in say.calls:
        filled = [{"type": "input_json_delta", "partial_json": piece} for piece in ["", *pieces(json.dumps(args))]]
        blocks.append(({"type": "tool_use", "id": id_, "name": name, "input": {}}, filled))
    for index, (block, deltas) in enumerate(blocks):
        yield event("content_block_start", index=index, content_block=block)
        for delta in deltas:
            yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    stop = {"stop_reason": "tool_use" if say.calls else "end_turn", "stop_sequence": None}
    thought = {"output_tokens_details": {"thinking_tokens": say.thought}}
    yield event("message_delta", delta=stop, usage={**read, **kept, **thought, "output_tokens": say.wrote})
    yield event("message_stop")
