"""The streams of model calls: chunks of every provider's shape to `Token` events, and the end of a call to its usage.

This is the hot path: a token costs a few microseconds here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inspector.core.events import Event, SpanEnded, Token, Usage
from inspector.core.messages import as_usage, split_content
from inspector.debuggee.encode import preview


class ModelStreams:
    """The open model calls of one run."""

    def __init__(self, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._emit = emit
        self._now = now
        self._usage: dict[str, Usage] = {}

    def begin(self, run: str, at: float) -> None:
        """A call began."""

    def drop(self, run: str) -> None:
        """A call failed."""
        self._usage.pop(run, None)

    def chunk(self, run: str, chunk: Any) -> None:
        """One chunk: an `AIMessageChunk`, a `GenerationChunk`, or a plain string."""
        if type(chunk) is str:
            self._emit(Token(self._now(), run, "text", chunk))
            return
        content = getattr(chunk, "content", None)
        if content is None:
            text = getattr(chunk, "text", "")
            if isinstance(text, str) and text:
                self._emit(Token(self._now(), run, "text", text))
            return
        now = self._now()
        if type(content) is str:
            if content:
                self._emit(Token(now, run, "text", content))
        elif content:
            text, reasoning, _ = split_content(content)
            if reasoning:
                self._emit(Token(now, run, "reasoning", reasoning))
            if text:
                self._emit(Token(now, run, "text", text))
        extra = chunk.additional_kwargs
        if extra:
            reasoning = extra.get("reasoning_content")
            if isinstance(reasoning, str) and reasoning:
                self._emit(Token(now, run, "reasoning", reasoning))
        calls = getattr(chunk, "tool_call_chunks", None)
        if calls:
            for call in calls:
                index = call.get("index")
                self._emit(
                    Token(
                        now,
                        run,
                        "tool_call",
                        call.get("args") or "",
                        index if isinstance(index, int) else 0,
                        call.get("name") or "",
                        call.get("id") or "",
                    )
                )
        usage = getattr(chunk, "usage_metadata", None)
        if usage:
            self._usage[run] = as_usage(usage) or Usage()

    def end(self, run: str, output: Any, at: float) -> SpanEnded:
        """The end of a call: its output message, usage, the model's own name, and the tool calls it asks for."""
        message = _message_of(output)
        streamed = self._usage.pop(run, None)
        usage = as_usage(getattr(message, "usage_metadata", None)) or _llm_usage(output) or streamed
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
