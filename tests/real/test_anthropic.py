"""`langchain-anthropic`, talking to a server of ours in Anthropic's protocol."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from inspector.core.events import Usage
from inspector.core.messages import as_message
from inspector.core.values import decode, to_json
from tests.real.checking import chat, check, outline, watch
from tests.real.later import Later
from tests.real.server import Answer, Break, Refuse, Script, serving
from tests.real.talk import ASKS, CALLS, TELLS, THOUGHT, add, asking

langchain_anthropic = Later("langchain_anthropic")
agents = Later("langchain.agents")

THINKS = {"thinking": {"type": "enabled", "budget_tokens": 1024}, "max_tokens": 4096}


def turns(body: dict[str, Any]) -> Answer:
    given = [block for m in body["messages"] for block in m["content"] if isinstance(block, dict)]
    return TELLS if any(block["type"] == "tool_result" for block in given) else ASKS


@contextmanager
def anthropic(script: Script, **options: Any) -> Iterator[Any]:
    with serving(script) as provider:
        yield langchain_anthropic.ChatAnthropic(
            model="claude-test", base_url=provider.url, max_retries=0, **THINKS, **options
        )


@pytest.mark.parametrize("options", [{}, {"output_version": "v1"}], ids=["v0", "v1"])
async def test_an_agent(options: dict[str, Any]) -> None:
    with anthropic(turns, **options) as model:
        watched = await watch(agents.create_agent(model, [add]), chat("1 + 2, and 30 + 4"))
    await check(watched)
    assert outline(watched.run) == [
        "model", "  @claude-test-20260101", *["tools", "  add()"] * 2, "model", "  @claude-test-20260101",
    ]  # fmt: skip
    first, second = watched.run.models
    assert first.provider == "anthropic"
    assert first.tokens is not None
    assert (first.tokens.text, first.tokens.reasoning) == ("Let me add.", "\n\n".join(THOUGHT))
    assert [(call.call_id, call.name, call.text) for call in first.tokens.calls()] == [
        ("call_1", "add", '{"a": 1, "b": 2}'), ("call_2", "add", '{"a": 30, "b": 4}'),
    ]  # fmt: skip
    # Usage comes twice, and tells what the cache gave and took apart from the rest: it is counted once and in all.
    assert first.usage == Usage(input=100, output=50, cache_read=40, cache_write=10, reasoning=22)
    assert second.usage == Usage(input=160, output=9, cache_read=100)
    assert watched.run.usage == Usage(260, 59, 140, 10, 22)
    message = as_message(decode(first.output))
    assert message is not None
    assert [(call.id, call.name, to_json(call.args)) for call in message.tool_calls] == CALLS
    assert message.blocks == (), "blocks that repeat the calls are no content of their own"


@pytest.mark.parametrize("answer", [Refuse(529, "Overloaded"), Break(ASKS, 5)], ids=["529", "cut"])
async def test_a_call_that_fails_ends_as_failed(answer: Answer) -> None:
    with anthropic(lambda body: answer) as model:
        watched = await watch(asking(model), chat())
    await check(watched)
    assert outline(watched.run) == ["ask (error)", "  @claude-test (error)"]
    [span] = watched.run.models
    assert span.tokens is not None
    assert span.tokens.reasoning == (THOUGHT[0][:14] if isinstance(answer, Break) else "")
