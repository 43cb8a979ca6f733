"""The scripted model: on the wire it is like a provider's, and it is chosen and paced as it should be."""

from __future__ import annotations

import sys
from functools import reduce
from operator import add
from types import ModuleType
from typing import Any

import pytest
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import tool

from sample_graphs import _pace
from sample_graphs._model import Call, Reply, ScriptedChatModel, model
from sample_graphs._wire import tokens

REPLY = Reply("Olá,  Lisboa! \n", "let me think", [Call("f", {"a": [1, "é"]}), Call("g", {})])


@pytest.mark.parametrize("text", ["", " ", "a\n\n b", "héllo_wörld, 12345678!  ", "日本語のテキスト", "\t'\"{}\\"])
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text


@pytest.mark.parametrize("style", ["blocks", "thinking", "reasoning_content"])
async def test_streamed_chunks_add_up_to_what_invoke_returns(style: Any) -> None:
    scripted = ScriptedChatModel(script=[REPLY], reasoning=style, model_name="m-1")
    whole = reduce(add, [chunk async for chunk in scripted.astream("hi")])
    answers: list[AIMessage] = [await scripted.ainvoke("hi"), scripted.invoke("hi"), whole]
    answers.append(reduce(add, list(scripted.stream("hi"))))

    for answer in answers:
        assert answer.text == REPLY.text
        assert [(call["name"], call["args"]) for call in answer.tool_calls] == [("f", {"a": [1, "é"]}), ("g", {})]
        reasoning = [block for block in answer.content_blocks if block["type"] == "reasoning"]
        assert [block.get("reasoning") for block in reasoning] == ["let me think"]
        assert [block["name"] for block in answer.content_blocks if block["type"] == "tool_call"] == ["f", "g"]
        assert answer.response_metadata["model_name"] == "m-1"
        assert answer.response_metadata["finish_reason"] == "tool_calls"
        assert answer.usage_metadata is not None
        assert answer.usage_metadata["output_token_details"]["reasoning"] == 3
    assert len({answer.id for answer in answers}) == len(answers), "each call has an id of its own"


async def test_usage_comes_last_and_once() -> None:
    chunks = [chunk async for chunk in ScriptedChatModel(script=[REPLY]).astream("hi")]

    assert [n for n, chunk in enumerate(chunks) if chunk.usage_metadata] == [len(chunks) - 1]
    assert chunks[-1].chunk_position == "last"


async def test_a_sequence_is_followed_within_a_turn_and_begun_anew_with_the_next() -> None:
    scripted = ScriptedChatModel(script=[Reply("one"), Reply("two")])
    first = [HumanMessage("a")]
    second = [*first, AIMessage("one"), ToolMessage("x", tool_call_id="1")]
    third = [*second, AIMessage("two"), AIMessage("more")]

    said = [(await scripted.ainvoke(each)).text for each in (first, second, third, [*third, HumanMessage("b")])]
    assert said == ["one", "two", "two", "one"]


async def test_it_drives_the_agent_of_langchain() -> None:
    agents = pytest.importorskip("langchain.agents")

    @tool
    def shout(word: str) -> str:
        """Say it louder."""
        return word.upper()

    scripted = ScriptedChatModel(script=[Reply(calls=[Call("shout", {"word": "olá"})]), Reply("Done.")])
    state = await agents.create_agent(scripted, [shout]).ainvoke({"messages": [("user", "go")]})

    assert [message.text for message in state["messages"]] == ["go", "", "OLÁ", "Done."]


def test_the_environment_names_a_real_model(monkeypatch: pytest.MonkeyPatch) -> None:
    real = FakeListChatModel(responses=["really"])
    module = ModuleType("langchain.chat_models")
    asked: list[str] = []
    module.init_chat_model = lambda name: asked.append(name) or real  # type: ignore[attr-defined,func-returns-value]
    monkeypatch.setitem(sys.modules, "langchain.chat_models", module)
    monkeypatch.setenv("INSPECTOR_MODEL", "openai:gpt-5-mini")

    assert model([Reply("scripted")], tokens_per_second=5) is real
    assert asked == ["openai:gpt-5-mini"]


def test_without_langchain_a_real_model_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langchain.chat_models", None)
    monkeypatch.setenv("INSPECTOR_MODEL", "openai:gpt-5-mini")

    with pytest.raises(RuntimeError, match="install them, or unset INSPECTOR_MODEL"):
        model([Reply("scripted")])


@pytest.mark.parametrize("speed", ["fast", "-1", "inf", "nan"])
def test_a_speed_that_is_none_is_refused(speed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_SPEED", speed)
    with pytest.raises(ValueError, match="SAMPLE_SPEED"):
        _pace.waits()


def test_the_metronome_keeps_time_and_catches_up_a_little(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setenv("SAMPLE_SPEED", "1")
    monkeypatch.setattr("sample_graphs._pace.time.perf_counter", lambda: now)
    metronome = _pace.Metronome()

    assert metronome.ahead(0.1) == pytest.approx(0.1)
    now += 0.13  # slept too long
    assert metronome.ahead(0.1) == pytest.approx(0.07)
    now += 0.07
    assert metronome.ahead(0.0005) == 0, "too little to sleep for"
    now += 60  # held for a minute
    assert [metronome.ahead(0.1) for _ in range(4)] == pytest.approx([0, 0, 0, 0.05])


def test_at_speed_nought_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_SPEED", "0")
    assert _pace.Metronome().ahead(10) == 0
