"""Calls that were held and are not made as they were asked for: with other arguments, answered, or failed.

An answer goes through LangChain like the real thing, by a copy of the tool or model whose innermost method is
replaced: same name, tags, callbacks and metadata, so that the span, the tool message with its call id, the tokens and
the handling of errors are what they always are.
"""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, TypeVar
from uuid import uuid4

from langchain_core.language_models import BaseChatModel, BaseLLM
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage, convert_to_messages
from langchain_core.outputs import (
    ChatGeneration,
    ChatGenerationChunk,
    ChatResult,
    Generation,
    GenerationChunk,
    LLMResult,
)
from langchain_core.tools import BaseTool, ToolException

from inspector.debuggee.starts import is_injected
from inspector.errors import CommandError

_Called = TypeVar("_Called", BaseTool, BaseChatModel, BaseLLM)

# ---------------------------------------------------------------------- tools


def shown_arguments(tool: BaseTool, given: Any) -> Any:
    """The arguments as a model asked for them, without what the runtime injects."""
    if not isinstance(given, dict):
        return given
    try:
        asked = tool._filter_injected_args(given)
    except Exception:  # another langchain-core, or a tool with a schema of its own making
        asked = given
    return {key: value for key, value in asked.items() if not is_injected(value)}


def prepare_tool(tool: BaseTool, given: Any, call_id: str, action: str, value: Any) -> Any:
    """What a decision about a tool call comes to: the whole arguments, the result, or the text of the error. Raises
    `CommandError` for arguments that the tool does not take."""
    if action == "fail":
        return str(value or "failed by the developer")
    if action != "edit":
        return value
    if isinstance(given, dict):
        if not isinstance(value, dict):
            raise CommandError(f"The arguments of {tool.name} are a JSON object, such as {{...}}.")
        shown = shown_arguments(tool, given)
        value = {**{key: kept for key, kept in given.items() if key not in shown}, **value}
    try:
        tool._parse_input(value, call_id or None)
    except Exception as error:
        if type(error).__name__ == "ValidationError":
            raise CommandError(f"{tool.name} does not take these arguments: {_first_problem(error)}.") from None
    return value


def substitute_tool(tool: BaseTool, how: str, value: Any) -> BaseTool:
    """The tool that answers with a value (`answer`), or raises an error with it as its text (`fail`)."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if how == "fail":
            raise ToolException(value)
        return (value, None) if tool.response_format == "content_and_artifact" else value

    async def arun(*args: Any, **kwargs: Any) -> Any:
        return run()

    return _with(tool, _run=run, _arun=arun, _to_args_and_kwargs=lambda *args: ((), {}))


# ---------------------------------------------------------------------- models


def prepare_model(chat: bool, action: str, value: Any) -> Any:
    """What a decision about a model call comes to: the messages, the answer as an `AIMessage` (of a completion model,
    a text both), or the text of the error. Raises `CommandError` for what is no message."""
    if action == "fail":
        return str(value or "failed by the developer")
    if not chat:
        if not isinstance(value, str):
            raise CommandError("A completion model is asked with a text, and answers with one.")
        return value
    try:
        return _answer(value) if action == "answer" else _prompt(value)
    except CommandError:
        raise
    except Exception as error:
        what = "answer" if action == "answer" else "prompt"
        raise CommandError(f"That is no {what} for a model: {_first_problem(error)}.") from None


def _prompt(value: Any) -> list[BaseMessage]:
    if isinstance(value, dict) and "messages" in value:
        value = value["messages"]
    if isinstance(value, str):
        value = [("user", value)]
    if not isinstance(value, list) or not value:
        raise CommandError('A prompt is a list of messages, such as [{"role": "user", "content": "..."}].')
    return convert_to_messages(value)


def _answer(value: Any) -> AIMessage:
    if isinstance(value, AIMessage):
        return value
    if isinstance(value, (str, list)):
        return AIMessage(value)
    if not isinstance(value, dict):
        raise CommandError('A model answers with text, or with a message such as {"content": "...", "tool_calls": []}.')
    if not value.keys() & {"content", "tool_calls"}:
        raise CommandError("A message has `content`, `tool_calls`, or both.")
    calls = [
        {"name": call["name"], "args": call.get("args") or {}, "id": call.get("id") or f"call_{uuid4().hex[:12]}"}
        for call in value.get("tool_calls") or ()
    ]
    known = ("additional_kwargs", "response_metadata", "usage_metadata", "id", "name")
    more = {key: value[key] for key in known if value.get(key)}
    return AIMessage(content=value.get("content") or "", tool_calls=calls, **more)


def substitute_model(model: BaseChatModel | BaseLLM, how: str, value: Any) -> BaseChatModel | BaseLLM:
    """The model that answers with a message or text (`answer`), or raises an error with a text (`fail`)."""
    return _chat_model(model, how, value) if isinstance(model, BaseChatModel) else _completion_model(model, how, value)


def _completion_model(model: BaseLLM, how: str, value: str) -> BaseLLM:
    def generate(prompts: list[str], *args: Any, **kwargs: Any) -> LLMResult:
        if how == "fail":
            raise RuntimeError(value)
        return LLMResult(generations=[[Generation(text=value)] for _ in prompts])

    async def agenerate(prompts: list[str], *args: Any, **kwargs: Any) -> LLMResult:
        return generate(prompts)

    def stream(*args: Any, **kwargs: Any) -> Iterator[GenerationChunk]:
        yield GenerationChunk(text=generate([""]).generations[0][0].text)

    async def astream(*args: Any, **kwargs: Any) -> AsyncIterator[GenerationChunk]:
        yield GenerationChunk(text=generate([""]).generations[0][0].text)

    return _with(model, _generate=generate, _agenerate=agenerate, _stream=stream, _astream=astream, cache=False)


def _chat_model(model: BaseChatModel, how: str, value: Any) -> BaseChatModel:

    def generate(*args: Any, **kwargs: Any) -> ChatResult:
        if how == "fail":
            raise RuntimeError(value)
        return ChatResult(generations=[ChatGeneration(message=value)])

    async def agenerate(*args: Any, **kwargs: Any) -> ChatResult:
        return generate()

    def stream(*args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=_chunk(generate().generations[0].message))

    async def astream(*args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
        yield ChatGenerationChunk(message=_chunk(generate().generations[0].message))

    # What the developer says is no answer to remember, and costs the provider nothing.
    return _with(
        model,
        _generate=generate,
        _agenerate=agenerate,
        _stream=stream,
        _astream=astream,
        cache=False,
        rate_limiter=None,
    )


def _chunk(message: Any) -> AIMessageChunk:
    pieces: list[Any] = [
        {"type": "tool_call_chunk", "index": index, "name": call["name"], "id": call["id"],
         "args": json.dumps(call["args"], ensure_ascii=False)}
        for index, call in enumerate(message.tool_calls)
    ]  # fmt: skip
    return AIMessageChunk(
        content=message.content,
        additional_kwargs=message.additional_kwargs,
        response_metadata=message.response_metadata,
        usage_metadata=message.usage_metadata,
        tool_call_chunks=pieces,
        chunk_position="last",
    )


def _with(original: _Called, **replaced: Any) -> _Called:
    """A shallow copy with some attributes of its own, past the checks of pydantic: methods are none of its fields."""
    made = copy.copy(original)
    for name, value in replaced.items():
        object.__setattr__(made, name, value)
    return made


def _first_problem(error: Exception) -> str:
    """What a validation error says first, in a line."""
    errors: Callable[[], Any] | None = getattr(error, "errors", None)
    try:
        first = errors()[0] if callable(errors) else None
    except Exception:
        first = None
    if isinstance(first, dict) and "msg" in first:
        place = ".".join(str(part) for part in first.get("loc") or ())
        return f"{place}: {first['msg']}" if place else str(first["msg"])
    return " ".join(f"{type(error).__name__}: {error}".split())[:300]
