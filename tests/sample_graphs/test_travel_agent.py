"""The demo: what it shows, and every way to answer its question."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.store.memory import InMemoryStore

from sample_graphs.travel_agent import EXAMPLE_INPUT
from tests.sample_graphs.playing import Run, Stage, open_sample


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """One run up to the question, and the database it left."""
    db = tmp_path_factory.mktemp("travel") / "threads.sqlite"

    async def play() -> Run:
        async with open_sample("travel_agent", db, InMemoryStore()) as opened:
            return await opened.run(EXAMPLE_INPUT)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAMPLE_SPEED", "0")
        return asyncio.run(play()), db


@pytest.fixture
def run(first: tuple[Run, Path]) -> Run:
    return first[0]


@pytest.fixture
async def opened(first: tuple[Run, Path], tmp_path: Path) -> AsyncIterator[Stage]:
    """The agent, opened anew where the first run stopped to ask."""
    db = tmp_path / "threads.sqlite"
    shutil.copy(first[1], db)
    async with open_sample("travel_agent", db, InMemoryStore()) as opened:
        yield opened


def test_it_searches_in_parallel_plans_three_days_and_asks(run: Run) -> None:
    days = [("itinerary", day) for day in ("day_one", "day_three", "day_two")]
    assert run.started[:6] == [("plan",), *[("search",)] * 4, ("itinerary",)]
    assert sorted(run.started[6:9]) == days
    assert run.started[9:] == [("itinerary", "add_up"), ("write_up",), ("approve",)]
    assert run.state.next == ("approve",)


def test_one_search_is_retried_and_one_fails_and_the_graph_goes_on(run: Run) -> None:
    failed = [event["name"] for event in run.of("on_tool_error")]
    assert sorted(failed) == ["check_weather", "find_hotels"]
    assert run.attempts["search"] == 5, "four branches, one of them twice"
    assert Counter(event["name"] for event in run.of("on_tool_start"))["find_hotels"] == 2

    answers = {each.name: each for each in run.state.values["messages"] if isinstance(each, ToolMessage)}
    assert answers["check_weather"].status == "error"
    assert "no forecast" in answers["check_weather"].text
    assert answers["find_hotels"].status == "success"
    assert set(run.state.values["findings"]) == {"find_flights", "find_hotels", "find_tables"}


def test_its_models_reason_speak_call_tools_and_report_usage(run: Run) -> None:
    plan = run.call("plan")
    kinds = [block["type"] for chunk in plan.chunks for block in chunk.content if isinstance(block, dict)]
    assert kinds.index("text") == kinds.count("reasoning") > 40, "reasoning first, in pieces"
    pieces = [piece for chunk in plan.chunks for piece in chunk.tool_call_chunks]
    assert len({piece["index"] for piece in pieces}) == 4
    assert len(pieces) > 40

    assert plan.message is not None
    assert plan.message.usage_metadata is not None
    assert plan.message.usage_metadata["output_token_details"]["reasoning"] == kinds.count("reasoning")
    calls = plan.message.tool_calls
    for index, call in enumerate(calls):
        joined = "".join(piece["args"] or "" for piece in pieces if piece["index"] == index)
        assert json.loads(joined) == call["args"]

    story = run.call("write_up")
    assert 130 <= sum(bool(chunk.text) for chunk in story.chunks) <= 220
    assert story.message is not None
    assert story.message.text == run.state.values["messages"][-1].text


def test_three_days_stream_at_the_same_time(run: Run) -> None:
    ends = [n for n, event in enumerate(run.events) if event["event"] == "on_chat_model_end"]
    began = [n for n, event in enumerate(run.events) if event["event"] == "on_chat_model_start"]
    assert max(began[1:4]) < min(ends[1:4])
    assert set(run.state.values["days"]) == {"day_one", "day_two", "day_three"}


def test_the_sums_are_right_and_the_text_agrees(run: Run) -> None:
    found = run.state.values["findings"]
    assert run.state.values["cost"] == sum(each["price"] for each in found.values())
    [waiting] = run.state.interrupts
    assert waiting.value["args"]["total"] == found["find_flights"]["price"] + found["find_hotels"]["price"]
    assert f"{waiting.value['args']['total']} euros" in run.state.values["messages"][-1].text


async def test_it_reports_progress_logs_and_prints(
    opened: Stage, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="travel_agent"):
        run = await opened.run(EXAMPLE_INPUT, thread="another")

    bars = Counter(payload["label"] for namespace, payload in run.mode("custom") if namespace)
    assert len(bars) == 3
    levels = Counter(record.levelname for record in caplog.records if record.name == "travel_agent")
    assert levels == {"INFO": 3, "WARNING": 1}
    assert "EUR planned" in capsys.readouterr().out


def test_its_question_says_what_is_asked_and_how_to_answer(run: Run) -> None:
    [waiting] = run.state.interrupts
    last = run.state.values["messages"][-1]
    assert isinstance(last, AIMessage)
    assert waiting.value["description"] == "Book TP 929 and 2 nights at Pensão da Graça for 620 EUR?"
    assert waiting.value["tool_call_id"] == last.tool_calls[0]["id"]
    assert isinstance(waiting.response_schema, dict)
    assert set(waiting.response_schema["discriminator"]["mapping"]) == {"approve", "edit", "reject"}


@pytest.mark.parametrize(
    ("decision", "nights"),
    [
        ({"type": "approve"}, 2),
        ({"type": "edit", "edited_action": {"name": "book_trip", "args": {"nights": 3}}}, 3),
    ],
)
async def test_approved_or_edited_it_books(opened: Stage, run: Run, decision: Any, nights: int) -> None:
    run = await opened.answer(run, decision)

    assert run.state.next == ()
    assert run.state.values["approved"] is True
    assert run.state.values["booking"]["nights"] == nights
    assert run.state.values["messages"][-1].text.startswith("Booked TP 929")
    assert [event["name"] for event in run.of("on_tool_end")] == ["book_trip"]


async def test_rejected_it_books_nothing(opened: Stage, run: Run) -> None:
    run = await opened.answer(run, {"type": "reject", "message": "too far from the sea"})

    assert run.state.next == ()
    assert run.state.values["approved"] is False
    assert run.state.values["messages"][-1].text == "Not booked: too far from the sea."
    assert not run.of("on_tool_start")
    assert "booking" not in run.state.values


async def test_a_decision_it_does_not_know_is_refused_and_can_be_answered_again(opened: Stage, run: Run) -> None:
    refused = await opened.answer(run, {"type": "perhaps"})
    assert refused.error is not None
    assert refused.state.next == ("approve",)

    run = await opened.answer(run, {"type": "approve"})
    assert run.state.values["approved"] is True
