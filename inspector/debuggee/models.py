"""The streams of model calls: chunks of every provider's shape to `Token` events, and the end of a call to its usage.

This is the hot path: a token costs a few microseconds here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from inspector.core.events import Event, SpanEnded, Token, Usage
from inspector.core.messages import apart, as_usage, content_parts, extra_reasoning
from inspector.debuggee.encode import preview


class _Call:
    """What is known of an open model call."""

    __slots__ = ("part", "silent", "usage")

    def __init__(self) -> None:
        self.silent = True  # nothing streamed yet
        self.part: Any = None  # the part of its reasoning that came last
        self.usage: Usage | None = None


class ModelStreams:
    """The open model calls of one run."""

    def __init__(self, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._emit = emit
        self._now = now
        self._calls: dict[str, _Call] = {}
        self.input = self.output = 0  # tokens so far, of all calls

    def begin(self, run: str) -> None:
        """A call began."""
        self._calls[run] = _Call()

    def drop(self, run: str) -> Usage | None:
        """A call failed. Returns the usage that it reported before it did."""
        call = self._calls.pop(run, None)
        return None if call is None else call.usage

    def chunk(self, run: str, chunk: Any) -> None:
        """One chunk: an `AIMessageChunk`, a `GenerationChunk`, or a plain string."""
        call = self._calls.get(run)
        if call is None:
            return
        if type(chunk) is str:
            call.silent = False
            self._emit(Token(self._now(), run, "text", chunk))
            return
        content = getattr(chunk, "content", None)
        if content is None:
            text = getattr(chunk, "text", "")
            if isinstance(text, str) and text:
                call.silent = False
                self._emit(Token(self._now(), run, "text", text))
            return
        now = self._now()
        if type(content) is str:
            if content:
                call.silent = False
                self._emit(Token(now, run, "text", content))
        elif content:
            self._blocks(run, call, content, now)
        if chunk.additional_kwargs:
            for text, key in extra_reasoning(chunk.additional_kwargs):
                self._reasoning(run, call, text, key, now)
        asked = getattr(chunk, "tool_call_chunks", None)
        if asked:
            call.silent = False
            for piece in asked:
                index = piece.get("index") or 0  # None where calls come whole
                args, name, id_ = piece.get("args"), piece.get("name"), piece.get("id")
                self._emit(Token(now, run, "tool_call", args or "", index, name or "", id_ or ""))
        usage = getattr(chunk, "usage_metadata", None)
        if usage:
            call.usage = _sum(call.usage, as_usage(usage))

    def _blocks(self, run: str, call: _Call, content: Any, now: float) -> None:
        for kind, text, key in content_parts(content):
            if kind == "reasoning":
                self._reasoning(run, call, text, key, now)
            elif kind == "text" and text:
                call.silent = False
                self._emit(Token(now, run, "text", text))

    def _reasoning(self, run: str, call: _Call, text: str, key: Any, now: float) -> None:
        if text:
            call.silent = False
            self._emit(Token(now, run, "reasoning", apart(call.part, key) + text))
            call.part = key

    def _whole(self, run: str, call: _Call, message: Any, at: float) -> None:
        """Tell a message that came in one piece (a model that does not stream, or a cache), as one token a kind."""
        content = getattr(message, "content", message)
        for text, key in extra_reasoning(getattr(message, "additional_kwargs", None)):
            self._reasoning(run, call, text, key, at)
        if isinstance(content, str):
            content = [content] if content else []
        self._blocks(run, call, content, at)
        for index, asked in enumerate(getattr(message, "tool_calls", None) or ()):
            args = json.dumps(asked.get("args"), ensure_ascii=False, default=str)
            self._emit(Token(at, run, "tool_call", args, index, asked.get("name") or "", asked.get("id") or ""))

    def count(self, response: Any) -> None:
        """Add what a call used, when it ends: ahead of `end`, which waits for the subscription."""
        told = getattr(_message_of(response), "usage_metadata", None)
        usage = as_usage(told) if told else _llm_usage(response)
        if usage is not None:
            self.input += usage.input
            self.output += usage.output

    def end(self, run: str, output: Any, at: float) -> SpanEnded:
        """The end of a call: its output message, usage, the model's own name, and the tool calls it asks for."""
        message = _message_of(output)
        call = self._calls.pop(run, None) or _Call()
        if call.silent:
            self._whole(run, call, message, at)
        told = getattr(message, "usage_metadata", None)
        usage = as_usage(told) if told else _llm_usage(output) or call.usage
        response = getattr(message, "response_metadata", None) or {}
        model = response.get("model_name") or response.get("model") or response.get("model_id") or ""
        calls = tuple(str(call.get("id") or "") for call in getattr(message, "tool_calls", None) or ())
        return SpanEnded(
            at,
            run,
            "ok",
            preview(message if message is not None else output),
            usage=usage,
            model=str(model),
            calls=tuple(call for call in calls if call),
        )


def _sum(a: Usage | None, b: Usage | None) -> Usage | None:
    """Usage that came in pieces. LangChain's clients report what each chunk adds."""
    if a is None or b is None:
        return a or b
    return Usage(
        a.input + b.input,
        a.output + b.output,
        a.cache_read + b.cache_read,
        a.cache_write + b.cache_write,
        a.reasoning + b.reasoning,
    )


def _message_of(output: Any) -> Any:
    """The message of a model's output: the message itself, or the first generation's."""
    if hasattr(output, "content"):
        return output
    generations = output.get("generations") if isinstance(output, dict) else getattr(output, "generations", None)
    try:
        first = generations[0][0]  # type: ignore[index]
    except (TypeError, IndexError, KeyError):
        return None
    if isinstance(first, dict):
        return first.get("message", first.get("text"))
    return getattr(first, "message", None) or getattr(first, "text", None)


def _llm_usage(output: Any) -> Usage | None:
    """Usage as completion models report it (`llm_output.token_usage`)."""
    llm = output.get("llm_output") if isinstance(output, dict) else getattr(output, "llm_output", None)
    usage = llm.get("token_usage") if isinstance(llm, dict) else None
    if not isinstance(usage, dict):
        return None
    return Usage(input=int(usage.get("prompt_tokens") or 0), output=int(usage.get("completion_tokens") or 0))
