"""`langchain-openai`, talking to a server of ours in OpenAI's protocols: chat completions, and responses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from langgraph.graph import MessagesState, StateGraph

from inspector.core.events import Usage
from inspector.core.messages import as_message
from inspector.core.nodes import Span
from inspector.core.values import decode, to_json
from tests.real.checking import chat, check, outline, watch
from tests.real.later import Later
from tests.real.server import Answer, Break, Provider, Refuse, Script, serving
from tests.real.talk import ASKS, CALLS, TELLS, THOUGHT, add, asking
from tests.real.wire import Say

langchain_openai = Later("langchain_openai")
agents = Later("langchain.agents")

RESPONSES = {"use_responses_api": True, "reasoning": {"effort": "low", "summary": "auto"}}
FORMATS: dict[str, dict[str, Any]] = {
    "chat": {},
    "chat-v1": {"output_version": "v1"},
    "responses": RESPONSES,
    "responses-v1": {**RESPONSES, "output_version": "v1"},
    "responses-v0": {**RESPONSES, "output_version": "v0"},
}


def turns(body: dict[str, Any]) -> Answer:
    """Ask for both sums, then tell them."""
    given = body.get("messages") or body["input"]
    answered = any(m.get("role") == "tool" or m.get("type") == "function_call_output" for m in given)
    return TELLS if answered else ASKS


@contextmanager
def openai(script: Script | Sequence[Answer], **options: Any) -> Iterator[tuple[Any, Provider]]:
    """A model whose provider answers so."""
    answers = iter(()) if callable(script) else iter(script)
    with serving(script if callable(script) else lambda body: next(answers)) as provider:
        given = {"model": "gpt-5", "base_url": f"{provider.url}/v1", "max_retries": 0, **options}
        model = langchain_openai.ChatOpenAI(**given)
        yield model, provider


@pytest.mark.parametrize("format_", FORMATS)
async def test_an_agent(format_: str) -> None:
    with openai(turns, **FORMATS[format_]) as (model, provider):
        watched = await watch(agents.create_agent(model, [add]), chat("1 + 2, and 30 + 4"))
    await check(watched)
    first, second = watched.run.models
    assert outline(watched.run) == [
        "model", "  @gpt-5-2026-01-01", *["tools", "  add()"] * 2, "model", "  @gpt-5-2026-01-01",
    ]  # fmt: skip
    assert first.provider == "openai"
    assert first.tokens is not None
    assert first.tokens.text == "Let me add."
    # `ChatOpenAI` leaves out the reasoning that other servers add to chat completions.
    assert first.tokens.reasoning == ("" if format_.startswith("chat") else "\n\n".join(THOUGHT))
    assert [(call.call_id, call.name, call.text) for call in first.tokens.calls()] == [
        ("call_1", "add", '{"a": 1, "b": 2}'), ("call_2", "add", '{"a": 30, "b": 4}'),
    ]  # fmt: skip
    assert len(list(first.tokens.calls())) < first.tokens.count, "arguments come in pieces"
    assert first.calls == ("call_1", "call_2")
    assert {tool.call_id: watched.run.asked_by[tool.call_id] for tool in watched.run.tools} == {
        "call_1": first, "call_2": first,
    }  # fmt: skip
    written = 0 if format_.startswith("chat") else 10
    assert first.usage == Usage(input=100, output=50, cache_read=40, cache_write=written, reasoning=22)
    assert second.usage == Usage(input=160, output=9, cache_read=100)
    assert watched.run.usage == Usage(260, 59, 140, written, 22)
    assert second.tokens is not None
    assert second.tokens.text == "3 and 34."
    assert len(provider.requests) == 2


@pytest.mark.parametrize("how", ["ainvoke", "astream", "invoke"])
@pytest.mark.parametrize("format_", ["chat", "responses-v1"])
async def test_however_the_model_is_called(how: str, format_: str) -> None:
    with openai([ASKS], **FORMATS[format_]) as (model, _):
        watched = await watch(asking(model, how), chat())
    await check(watched)
    [span] = watched.run.models
    assert span.tokens is not None
    assert [call.text for call in span.tokens.calls()] == ['{"a": 1, "b": 2}', '{"a": 30, "b": 4}']
    assert span.usage is not None
    assert span.usage.output == 50


@pytest.mark.parametrize("tier", ["flex", "priority"])
@pytest.mark.parametrize("format_", ["chat", "responses"])
async def test_tokens_of_other_service_tiers_count(tier: str, format_: str) -> None:
    say = Say("Hello.", read=100, wrote=50, cached=40, thought=22, tier=tier)
    with openai([say], **FORMATS[format_]) as (model, _):
        watched = await watch(asking(model), chat())
    assert watched.run.usage == Usage(input=100, output=50, cache_read=40, reasoning=22)


CUT = Break(Say("A long answer, of which little comes."), 6)


@pytest.mark.parametrize("answer", [Refuse(500), Refuse(401, "no such key"), CUT], ids=["500", "401", "cut"])
@pytest.mark.parametrize("format_", ["chat", "responses"])
async def test_a_call_that_fails_ends_as_failed(answer: Answer, format_: str) -> None:
    with openai([answer], **FORMATS[format_]) as (model, _):
        watched = await watch(asking(model), chat())
    await check(watched)
    assert outline(watched.run) == ["ask (error)", "  @gpt-5 (error)"]
    [span] = watched.run.models
    assert span.error is not None
    assert str(span.error) == str(watched.tasks[0].error) == str(watched.ended.error)
    if isinstance(answer, Break):
        assert span.tokens is not None
        assert span.tokens.text, "what came before the end is kept"
        assert CUT.say.text.startswith(span.tokens.text)
    elif isinstance(answer, Refuse):
        assert answer.message in span.error.message


async def test_what_the_client_tries_again_is_one_call_and_what_a_runnable_does_are_several() -> None:
    with openai([Refuse(429), TELLS], max_retries=1) as (model, provider):
        watched = await watch(asking(model), chat())
    await check(watched)
    assert len(provider.requests) == 2
    assert outline(watched.run) == ["ask", "  @gpt-5-2026-01-01"]

    with openai([Refuse(500), TELLS]) as (model, provider):
        again = model.with_retry(wait_exponential_jitter=False, stop_after_attempt=2)
        watched = await watch(asking(again), chat())
    await check(watched)
    assert len(provider.requests) == 2
    assert outline(watched.run) == ["ask", "  @gpt-5 (error)", "  @gpt-5-2026-01-01"]


@pytest.mark.parametrize("format_", FORMATS)
async def test_the_message_is_shown_as_it_was_streamed(format_: str) -> None:
    with openai([ASKS], **FORMATS[format_]) as (model, _):
        watched = await watch(asking(model), chat())
    [span] = watched.run.models
    message = as_message(decode(span.output))
    assert message is not None
    assert span.tokens is not None
    assert (message.text, message.reasoning) == (span.tokens.text, span.tokens.reasoning)
    assert [(call.id, call.name, to_json(call.args)) for call in message.tool_calls] == CALLS
    assert message.usage == span.usage
    assert message.blocks == ()


async def test_several_calls_at_once_do_not_mix() -> None:
    def echo(body: dict[str, Any]) -> Answer:
        return Say(f"You said {body['messages'][-1]['content']}.")

    with openai(echo) as (model, _):

        async def node(state: MessagesState) -> Any:
            return {"messages": await model.abatch(["one", "two", "three"])}

        graph = StateGraph(MessagesState).add_node("ask", node).add_edge("__start__", "ask").compile()
        watched = await watch(graph, chat())
    await check(watched)
    said = {_prompt(span): span.tokens.text for span in watched.run.models if span.tokens}
    assert said == {name: f"You said {name}." for name in ("one", "two", "three")}


def _prompt(span: Span) -> str:
    return str(to_json(decode(span.input))[0]["content"])
