"""Chat messages, recognised among inert values, so that panes show them as messages and not as dumped mappings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inspector.core.events import Usage
from inspector.core.values import Clipped, Opaque

_ROLES = {
    "human": "human", "HumanMessageChunk": "human", "user": "human",
    "ai": "ai", "AIMessageChunk": "ai", "assistant": "ai",
    "system": "system", "SystemMessageChunk": "system", "developer": "system",
    "tool": "tool", "ToolMessageChunk": "tool", "function": "tool", "FunctionMessageChunk": "tool",
    "chat": "chat", "ChatMessageChunk": "chat", "remove": "remove",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call that a model asked for. `args` is an inert mapping (or raw text where the model's JSON was broken)."""

    name: str
    args: Any
    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One chat message. `role` is human, ai, system, tool, chat or remove; `status` is a tool message's ok or error."""

    role: str
    text: str
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    id: str = ""
    name: str = ""
    tool_call_id: str = ""
    status: str = ""
    usage: Usage | None = None
    blocks: tuple[str, ...] = ()


def as_message(value: Any) -> Message | None:
    """The message that an inert value is, or None if it is something else."""
    if isinstance(value, Opaque):
        if not isinstance(value.fields, dict) or "messages" not in value.type:
            return None
        fields = value.fields
        if "content" not in fields and "type" not in fields:
            return None
    elif isinstance(value, dict) and "content" in value and ("role" in value or "type" in value):
        fields = value
    else:
        return None
    kind = _plain(fields.get("type")) or _plain(fields.get("role"))
    role = _ROLES.get(kind) or (
        _ROLES.get(value.name.removesuffix("Message").lower()) if isinstance(value, Opaque) else None
    )
    if role is None:
        return None
    text, reasoning, blocks = split_content(fields.get("content"))
    if not reasoning:
        reasoning = _joined(extra_reasoning(fields.get("additional_kwargs")))
    return Message(
        role=role,
        text=text,
        reasoning=reasoning,
        tool_calls=_tool_calls(fields),
        id=_plain(fields.get("id")),
        name=_plain(fields.get("name")),
        tool_call_id=_plain(fields.get("tool_call_id")),
        status=_plain(fields.get("status")),
        usage=as_usage(fields.get("usage_metadata")),
        blocks=blocks,
    )


def split_content(content: Any) -> tuple[str, str, tuple[str, ...]]:
    """`(text, reasoning, other block types)` of a message's content, whichever provider's shape it has."""
    if isinstance(content, (str, Clipped)):
        return _plain(content), "", ()
    parts = list(content_parts(content))
    text = "".join(said for kind, said, _ in parts if kind == "text")
    reasoning = _joined((said, key) for kind, said, key in parts if kind == "reasoning")
    return text, reasoning, tuple(kind for kind, _, _ in parts if kind not in ("text", "reasoning"))


def content_parts(content: Any) -> Iterator[tuple[str, str, Any]]:
    """The content blocks of a message or chunk as `(kind, text, key)`: `text`, `reasoning` (the key tells one part of
    it from the next), or the type of another block. Tool calls are left out: messages hold them apart."""
    for block in content if isinstance(content, list) else ():
        if isinstance(block, (str, Clipped)):
            yield "text", _plain(block), None
        elif isinstance(block, dict):
            kind = _plain(block.get("type"))
            if kind in ("text", "output_text", "text_delta"):
                yield "text", _plain(block.get("text")), None
            elif kind == "refusal":
                yield "text", _plain(block.get("refusal")), None
            elif kind in ("reasoning", "thinking", "reasoning_content"):
                for said, key in _reasoning(block):
                    yield "reasoning", said, key
            elif kind not in ("tool_call", "tool_use", "tool_call_chunk", "input_json_delta", "function_call"):
                yield kind or "block", "", None


def extra_reasoning(extra: Any) -> Iterator[tuple[str, Any]]:
    """Reasoning beside the content, as `(text, key)`: `additional_kwargs` of DeepSeek, Groq, Ollama and xAI, and of
    OpenAI's Responses in the `v0` format."""
    if isinstance(extra, dict):
        if extra.get("reasoning_content"):
            yield _said(extra["reasoning_content"]), None
        elif isinstance(extra.get("reasoning"), dict):
            yield from _reasoning(extra["reasoning"])


def _reasoning(block: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    index = block.get("index")
    for name in ("reasoning", "thinking", "text", "reasoning_content"):
        if block.get(name):
            yield _said(block[name]), index
            return
    summary = block.get("summary")
    for n, part in enumerate(summary if isinstance(summary, list) else ()):
        if isinstance(part, dict):
            yield _plain(part.get("text")), (index, part.get("index", n))


def _said(value: Any) -> str:
    """Text that some providers wrap: Bedrock in `{"text": ...}`, Mistral in a list of such."""
    if isinstance(value, dict):
        return _plain(value.get("text"))
    if isinstance(value, list):
        return "".join(map(_said, value))
    return _plain(value)


def _joined(parts: Iterator[tuple[str, Any]]) -> str:
    out: list[str] = []
    last = None
    for said, key in parts:
        if said:
            out.append(apart(last, key) + said)
            last = key
    return "".join(out)


def apart(last: Any, key: Any) -> str:
    """What goes between two pieces of reasoning: an empty line where another part of it begins."""
    return "\n\n" if last is not None and key is not None and key != last else ""


def as_usage(value: Any) -> Usage | None:
    """`usage_metadata` (a mapping or None) as a `Usage`; None for an answer from LangChain's cache, which repeats the
    usage of the call that it remembers, and costs nothing."""
    if not isinstance(value, dict) or value.get("total_cost") == 0:
        return None
    read = value.get("input_token_details")
    written = value.get("output_token_details")
    return Usage(
        input=_int(value.get("input_tokens")),
        output=_int(value.get("output_tokens")),
        cache_read=_detail(read, "cache_read"),
        cache_write=sum(_detail(read, name) for name in _CACHE_WRITES),
        reasoning=_detail(written, "reasoning"),
    )


# Anthropic's client tells the tokens that are kept for 5 minutes from those for an hour, and then says 0 for the sum.
_CACHE_WRITES = ("cache_creation", "5m_input_tokens", "1h_input_tokens")


def _detail(details: Any, name: str) -> int:
    """A kind of tokens, of whichever service tier (`flex_cache_read`, `priority_reasoning`)."""
    if not isinstance(details, dict):
        return 0
    return sum(_int(n) for key, n in details.items() if key == name or str(key).endswith(f"_{name}"))


def _tool_calls(fields: dict[Any, Any]) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    for key in ("tool_calls", "invalid_tool_calls"):
        raw = fields.get(key)
        for call in raw if isinstance(raw, list) else ():
            if isinstance(call, dict):
                calls += [ToolCall(_plain(call.get("name")), call.get("args"), _plain(call.get("id")))]
    return tuple(calls)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Clipped) and isinstance(value.text, str):
        return value.text + "…"
    return ""


def _int(value: Any) -> int:
    return value if isinstance(value, int) else 0
