"""A chat model that needs no key and no network, and streams as a provider does.

`ScriptedChatModel` says what its script tells it to. On the wire it behaves like the real thing: a first
token that takes its time, text and reasoning in pieces, the arguments of tool calls as fragments of JSON,
the reason for stopping, and last the usage. `model()` is what the samples call: it builds one, or, with
`INSPECTOR_MODEL=provider:name` in the environment, the real model of that name.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForLLMRun, CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.language_models.base import LangSmithParams
from langchain_core.language_models.chat_models import agenerate_from_stream, generate_from_stream
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

from ._pace import Metronome
from ._wire import Call, Reasoning, Reply, chunks

__all__ = ["Call", "Reply", "Script", "ScriptedChatModel", "model", "since_human"]

Script = Callable[[Sequence[BaseMessage]], Reply] | Sequence[Reply]
"""What a model says: a function of the messages, or replies in the order of the turn.

Of a sequence, the reply is the one whose index is the number of AI messages since the last human one, and
the last reply once they run out. So a model is a pure function of its prompt: going back in a thread and
running on from there gives the same answer, and the next question starts the sequence anew.
"""


class ScriptedChatModel(BaseChatModel):
    """Says what `script` tells it to, streamed at `tokens_per_second` after `first_token` seconds."""

    script: Script = Field(exclude=True, repr=False)
    model_name: str = "scripted-1"
    provider: str = "scripted"
    reasoning: Reasoning = "blocks"
    first_token: float = 0.35
    tokens_per_second: float | None = 80.0
    """None streams as fast as it can."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model_name": self.model_name}

    def _get_ls_params(self, stop: list[str] | None = None, **kwargs: Any) -> LangSmithParams:
        return LangSmithParams(ls_provider=self.provider, ls_model_name=self.model_name, ls_model_type="chat")

    def bind_tools(
        self,
        tools: Sequence[Any],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Show the tools to the model, as the agents of LangChain ask; which are called is up to the
        script.
        """
        if tool_choice is not None:
            kwargs["tool_choice"] = tool_choice
        return self.bind(tools=[convert_to_openai_tool(tool) for tool in tools], **kwargs)

    def _reply(self, messages: Sequence[BaseMessage]) -> Reply:
        if callable(self.script):
            return self.script(messages)
        spoken = sum(isinstance(message, AIMessage) for message in since_human(messages))
        return self.script[min(spoken, len(self.script) - 1)]

    def _chunks(self, messages: Sequence[BaseMessage]) -> Iterator[tuple[float, ChatGenerationChunk]]:
        """Pairs of the seconds to wait before a chunk, and the chunk."""
        pause = 1 / self.tokens_per_second if self.tokens_per_second else 0.0
        first = self.first_token
        for chunk in chunks(self._reply(messages), messages, self.model_name, self.reasoning):
            yield pause + first, ChatGenerationChunk(message=chunk)
            first = 0.0

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        metronome = Metronome()
        for seconds, chunk in self._chunks(messages):
            metronome.wait_here(seconds)
            yield chunk

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        metronome = Metronome()
        for seconds, chunk in self._chunks(messages):
            await metronome.wait(seconds)
            yield chunk

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return generate_from_stream(self._stream(messages, stop=stop))

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return await agenerate_from_stream(self._astream(messages, stop=stop))


def since_human(messages: Sequence[BaseMessage]) -> list[BaseMessage]:
    """The messages after the last human one: what has happened in this turn so far."""
    last = max((n for n, message in enumerate(messages) if isinstance(message, HumanMessage)), default=-1)
    return list(messages[last + 1 :])


def model(script: Script, **options: Any) -> BaseChatModel:
    """A `ScriptedChatModel` saying `script`; `options` are its fields. The real model if `INSPECTOR_MODEL`
    names one.

    Raises `RuntimeError` when it names one and `langchain`, which knows the providers, is not installed.
    """
    name = os.environ.get("INSPECTOR_MODEL")
    if not name:
        return ScriptedChatModel(script=script, **options)
    try:
        init_chat_model = importlib.import_module("langchain.chat_models").init_chat_model
    except ModuleNotFoundError as error:
        raise RuntimeError(
            f"INSPECTOR_MODEL={name} needs the package langchain and the provider's own, such as "
            "langchain-openai; install them, or unset INSPECTOR_MODEL"
        ) from error
    real: BaseChatModel = init_chat_model(name)
    return real
