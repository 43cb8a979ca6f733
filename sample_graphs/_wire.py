"""What a scripted reply looks like on the wire: the message chunks a provider would send for it.

Owns the splitting into tokens, the three ways in which providers send reasoning, and the usage. No timing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import uuid4

from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import InputTokenDetails, OutputTokenDetails, UsageMetadata
from langchain_core.messages.tool import tool_call_chunk

Reasoning = Literal["blocks", "thinking", "reasoning_content"]
"""How reasoning is sent:

- `blocks`: LangChain's standard content blocks, `{"type": "reasoning", "reasoning": ...}`
- `thinking`: as Anthropic does, `{"type": "thinking", "thinking": ...}` and a signature at the end
- `reasoning_content`: as DeepSeek, Groq and Ollama do, `additional_kwargs["reasoning_content"]` beside a
  plain string
"""

_TOKEN = re.compile(r"\s*(?:\w{1,6}|\S)|\s+")


@dataclass(frozen=True)
class Call:
    """A tool call of a reply."""

    name: str
    args: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """What a model says in one call: reasoning first, then text, then its tool calls."""

    text: str = ""
    reasoning: str = ""
    calls: Sequence[Call] = field(default=())


def tokens(text: str) -> list[str]:
    """`text` in pieces about as long as a model's tokens; joined, they are `text` again."""
    return _TOKEN.findall(text)


def chunks(reply: Reply, prompt: Sequence[BaseMessage], model_name: str, style: Reasoning) -> Iterator[AIMessageChunk]:
    """The chunks of one call, with one id; added up, they are the message."""
    wire = _Wire(f"msg_{uuid4().hex[:16]}", style, blocks=bool(reply.reasoning) and style != "reasoning_content")
    thought = tokens(reply.reasoning)
    said = tokens(reply.text)
    spent = len(thought) + len(said)
    for piece in thought:
        yield wire.reasoning(piece)
    if thought and style == "thinking":
        yield wire.block("reasoning", {"type": "thinking", "signature": "c2NyaXB0ZWQ="})
    for piece in said:
        yield wire.text(piece)
    for index, call in enumerate(reply.calls):
        yield wire.call(index, name=call.name)
        for piece in tokens(json.dumps(call.args, ensure_ascii=False)):
            spent += 1
            yield wire.call(index, piece)
    metadata = {"finish_reason": "tool_calls" if reply.calls else "stop", "model_name": model_name}
    if style == "thinking":
        metadata["model_provider"] = "anthropic"
    yield wire.chunk(response_metadata=metadata)
    yield wire.chunk(usage_metadata=_usage(prompt, spent, len(thought)), chunk_position="last")


class _Wire:
    """Builds the chunks of one message: each kind of content where this provider puts it."""

    def __init__(self, id: str, style: Reasoning, *, blocks: bool) -> None:
        self._id = id
        self._style = style
        self._blocks = blocks
        self._last = ""
        self._index = -1

    def chunk(self, **fields: Any) -> AIMessageChunk:
        fields.setdefault("content", [] if self._blocks else "")
        return AIMessageChunk(id=self._id, **fields)

    def block(self, part: str, content: dict[str, Any]) -> AIMessageChunk:
        """A piece of the content block of `part`."""
        return self.chunk(content=[{**content, "index": self._turn_to(part)}])

    def _turn_to(self, part: str) -> int:
        """The index of the content block of `part`: the next one when the part before was another."""
        if part != self._last:
            self._last, self._index = part, self._index + 1
        return self._index

    def reasoning(self, piece: str) -> AIMessageChunk:
        match self._style:
            case "blocks":
                return self.block("reasoning", {"type": "reasoning", "reasoning": piece})
            case "thinking":
                return self.block("reasoning", {"type": "thinking", "thinking": piece})
            case "reasoning_content":
                return self.chunk(additional_kwargs={"reasoning_content": piece})

    def text(self, piece: str) -> AIMessageChunk:
        if not self._blocks:
            return self.chunk(content=piece)
        return self.block("text", {"type": "text", "text": piece})

    def call(self, index: int, piece: str = "", name: str | None = None) -> AIMessageChunk:
        """The beginning of the `index`th tool call if it has a `name`, else more of its arguments."""
        id = f"call_{uuid4().hex[:12]}" if name else None
        if not self._blocks or self._style != "thinking":
            return self.chunk(tool_call_chunks=[tool_call_chunk(name=name, id=id, args=piece, index=index)])
        # Anthropic repeats a call among the content blocks, and numbers it as one of them.
        content: dict[str, Any] = (
            {"type": "tool_use", "id": id, "name": name, "input": {}}
            if name
            else {"type": "input_json_delta", "partial_json": piece}
        )
        at = self._turn_to(f"call {index}")
        return self.chunk(
            content=[{**content, "index": at}],
            tool_call_chunks=[tool_call_chunk(name=name, id=id, args=piece, index=at)],
        )


def _usage(prompt: Sequence[BaseMessage], spent: int, thought: int) -> UsageMetadata:
    """Usage of a call. The prompt up to the last answer counts as read from the provider's cache."""
    sizes = [len(tokens(message.text)) + 4 for message in prompt]
    answers = [n for n, message in enumerate(prompt) if isinstance(message, AIMessage)]
    cached = sum(sizes[: answers[-1]]) if answers else 0
    return UsageMetadata(
        input_tokens=sum(sizes),
        output_tokens=spent,
        total_tokens=sum(sizes) + spent,
        input_token_details=InputTokenDetails(cache_read=cached),
        output_token_details=OutputTokenDetails(reasoning=thought),
    )
