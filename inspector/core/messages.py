"""Chat messages, recognised among inert values, so that panes show them as messages and not as dumped mappings."""

from __future__ import annotations

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
    extra = fields.get("additional_kwargs")
    if not reasoning and isinstance(extra, dict):
        reasoning = _plain(extra.get("reasoning_content"))
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
    text: list[str] = []
    reasoning: list[str] = []
    others: list[str] = []
    for block in content if isinstance(content, list) else ():
        if isinstance(block, (str, Clipped)):
            text.append(_plain(block))
            continue
        if not isinstance(block, dict):
            continue
        kind = _plain(block.get("type"))
        if kind in ("text", "output_text", "text_delta"):
            text.append(_plain(block.get("text")))
        elif kind in ("reasoning", "thinking", "reasoning_content"):
            reasoning.append(_reasoning(block))
        elif kind not in ("tool_call", "tool_use", "tool_call_chunk", "input_json_delta", "function_call"):
            others.append(kind or "block")
    return "".join(text), "".join(reasoning), tuple(others)


def _reasoning(block: dict[Any, Any]) -> str:
    for key in ("reasoning", "thinking", "text", "reasoning_content"):
        if isinstance(block.get(key), (str, Clipped)):
            return _plain(block[key])
    summary = block.get("summary")
    if isinstance(summary, list):
        return "".join(_plain(part.get("text")) for part in summary if isinstance(part, dict))
    return ""


def as_usage(value: Any) -> Usage | None:
    """`usage_metadata` (a mapping or None) as a `Usage`."""
    if not isinstance(value, dict):
        return None
    details_in = value.get("input_token_details")
    details_out = value.get("output_token_details")
    details_in = details_in if isinstance(details_in, dict) else {}
    details_out = details_out if isinstance(details_out, dict) else {}
    return Usage(
        input=_int(value.get("input_tokens")),
        output=_int(value.get("output_tokens")),
        cache_read=_int(details_in.get("cache_read")),
        cache_write=_int(details_in.get("cache_creation")),
        reasoning=_int(details_out.get("reasoning")),
    )


def _tool_calls(fields: dict[Any, Any]) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    for key in ("tool_calls", "invalid_tool_calls"):
        raw = fields.get(key)
        for call in raw if isinstance(raw, list) else ():
            if isinstance(call, dict):
                calls.append(ToolCall(_plain(call.get("name")), call.get("args"), _plain(call.get("id"))))
    return tuple(calls)


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Clipped) and isinstance(value.text, str):
        return value.text + "…"
    return ""


def _int(value: Any) -> int:
    return value if isinstance(value, int) else 0
