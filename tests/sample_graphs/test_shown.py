"""What each sample is there to show. The demo has a file of its own."""

from __future__ import annotations

import pytest
from langchain_core.messages import ToolMessage

from sample_graphs import long_loop, map_reduce, memory, progress, rag, streaming_models, tool_loop
from sample_graphs.flaky import CourierGone
from tests.sample_graphs.test_samples import Opener


async def test_three_models_stream_at_once_each_with_reasoning_of_another_kind(stage: Opener) -> None:
    run = await (await stage("streaming_models")).run(streaming_models.EXAMPLE_INPUT)

    streamed = [event["metadata"]["langgraph_node"] for event in run.of("on_chat_model_stream")]
    first_end = next(n for n, event in enumerate(run.events) if event["event"] == "on_chat_model_end")
    seen_before = {
        event["metadata"]["langgraph_node"]
        for event in run.events[:first_end]
        if event["event"] == "on_chat_model_stream"
    }
    assert seen_before == {"ask_optimist", "ask_sceptic", "ask_historian"}
    assert len(set(streamed[:6])) > 1, "the streams interleave"
    kinds = {}
    for node in seen_before:
        message = run.call(node).message
        assert message is not None
        assert message.content_blocks[0]["type"] == "reasoning"
        kinds[node] = message.content[0]["type"] if isinstance(message.content, list) else "text"  # type: ignore[index]
    assert kinds == {"ask_optimist": "reasoning", "ask_sceptic": "thinking", "ask_historian": "text"}
    assert set(run.state.values["views"]) == {"optimist", "sceptic", "historian"}


async def test_tool_loop_calls_tools_until_it_knows(stage: Opener) -> None:
    run = await (await stage("tool_loop")).run(tool_loop.EXAMPLE_INPUT)

    assert run.started == [("agent",), ("tools",)] * 3 + [("agent",)]
    assert [event["name"] for event in run.of("on_tool_end")].count("multiply") == 2
    pieces = [piece for chunk in run.calls[0].chunks for piece in chunk.tool_call_chunks]
    assert {piece["index"] for piece in pieces} == {0, 1}
    assert [piece["name"] for piece in pieces if piece["name"]] == ["lookup_price", "exchange_rate"]
    assert len(pieces) > 10, "the arguments come in pieces"
    assert run.state.values["messages"][-1].text.endswith("126 euros, which is 21,596 yen.")


async def test_tool_loop_calculates_with_what_the_tools_said(stage: Opener) -> None:
    opened = await stage("tool_loop")
    await opened.run(tool_loop.EXAMPLE_INPUT)
    history = [each async for each in opened.graph.aget_state_history(opened.config)]
    after_lookup = next(each for each in reversed(history) if len(each.values["messages"]) == 4)
    price = next(each for each in after_lookup.values["messages"] if getattr(each, "name", "") == "lookup_price")
    edited = ToolMessage("10.0", name="lookup_price", tool_call_id=price.tool_call_id, id=price.id)

    fork = await opened.graph.aupdate_state(after_lookup.config, {"messages": [edited]})
    state = await opened.graph.ainvoke(None, fork)

    assert state["messages"][-1].text.endswith("40 euros, which is 6,856 yen.")


async def test_rag_retrieves_scored_passages_and_answers_from_the_best(stage: Opener) -> None:
    run = await (await stage("rag")).run(rag.EXAMPLE_INPUT)

    [end] = run.of("on_retriever_end")
    scores = [document.metadata["score"] for document in end["data"]["output"]]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 3
    assert scores[-1] > 0
    assert run.kinds["on_prompt_end"] == run.kinds["on_parser_end"] == 1
    assert run.state.values["documents"][0].metadata["section"] == "checkpoints"
    assert run.state.values["answer"].startswith("A checkpoint holds the state of a thread")


async def test_rag_admits_what_the_handbook_does_not_say(stage: Opener) -> None:
    run = await (await stage("rag")).run({"question": "Who wrote Os Maias?"})

    assert run.state.values["documents"] == []
    assert run.state.values["answer"] == "The handbook does not say."


async def test_progress_is_sent_in_every_shape(stage: Opener) -> None:
    run = await (await stage("progress")).run(progress.EXAMPLE_INPUT)

    custom = [payload for _, payload in run.mode("custom")]
    assert [each["progress"] for each in custom if "progress" in each] == list(range(1, 13))
    assert [event["data"]["percent"] for event in run.of("on_custom_event")][-1] == 100
    nested = [each["translate"] for each in custom if "translate" in each]
    assert len(nested) == 3 * progress.PAGES
    assert nested[-1]["progress"] == nested[-1]["total"] == 3
    assert nested[-1]["step"]["progress"] == nested[-1]["step"]["total"] == progress.PAGES
    assert custom[-1] == {"note": "Os Maias is ready to read"}


async def test_nested_goes_two_levels_down_and_keeps_private_keys_private(stage: Opener) -> None:
    run = await (await stage("nested")).run({"topic": " the night trains of Portugal"})

    assert run.started == [
        ("commission",),
        ("newsroom",),
        ("newsroom", "research"),
        ("newsroom", "desk"),
        ("newsroom", "desk", "draft"),
        ("newsroom", "desk", "doubt"),
        ("newsroom", "desk", "correct"),
        ("newsroom", "sign"),
        ("print_page",),
        ("print_page", "break_lines"),
    ]
    assert set(run.state.values) == {"topic", "article", "printed"}
    assert run.state.values["article"].endswith("(Numbers checked: 1.) By our correspondent.")


async def test_map_reduce_has_fifty_branches_in_one_superstep(stage: Opener) -> None:
    run = await (await stage("map_reduce")).run(map_reduce.EXAMPLE_INPUT)

    assert run.started == [("measure",)] * 50 + [("rank",)]
    assert len(run.state.values["distances"]) == 50
    assert run.state.values["farthest"][-1] == "Baku"
    assert run.state.values["nearest"][0] == "Madrid"
    assert run.state.values["distances"]["Reykjavík"] == pytest.approx(2950, rel=0.01)


async def test_map_reduce_refuses_a_home_it_does_not_know(stage: Opener) -> None:
    run = await (await stage("map_reduce")).run({"home": "Atlantis"})

    assert isinstance(run.error, ValueError)
    assert "Atlantis" in str(run.error)


async def test_two_interrupts_wait_at_once_and_publish_waits_for_both(stage: Opener) -> None:
    opened = await stage("two_interrupts")
    run = await opened.run({"title": "Party", "amount": 950})
    schemas = [waiting.response_schema for waiting in run.state.interrupts]
    assert [set(schema["properties"]) for schema in schemas if isinstance(schema, dict)] == [
        {"approved", "remark"},
        {"limit", "cost_centre"},
    ]

    run = await opened.answer(run, {"approved": True})
    assert run.state.next == ("finance",)
    run = await opened.answer(run, {"limit": 800, "cost_centre": "people"})
    assert run.state.next == ()
    assert run.state.values["outcome"] == "«Party» takes place, for 800 EUR from people."


async def test_two_interrupts_refuse_a_wrong_answer_and_keep_the_question(stage: Opener) -> None:
    opened = await stage("two_interrupts")
    run = await opened.run({"title": "Party", "amount": 950})
    run = await opened.answer(run, {"approved": True}, {"limit": -1, "cost_centre": "people"})

    assert run.error is not None
    assert "limit" in str(run.error)
    assert "finance" in run.state.next


async def test_flaky_retries_and_takes_the_second_price_from_the_cache(stage: Opener) -> None:
    run = await (await stage("flaky")).run({"item": "lamp", "fail": False})

    assert [name for (name,) in run.started] == ["price", "compare", "order", "price", "compare", "deliver"]
    assert run.attempts["order"] == 3
    assert run.attempts["price"] == 1, "the second one is not executed"
    assert len(run.unfinished) == 1
    cached = [update for _, update in run.mode("updates") if update.get("__metadata__", {}).get("cached")]
    assert [update["price"] for update in cached] == [{"price": 40}]
    assert run.state.values["ordered_at_attempt"] == 3


async def test_flaky_fails_when_told_to(stage: Opener) -> None:
    run = await (await stage("flaky")).run({"item": "lamp", "fail": True})

    assert isinstance(run.error, CourierGone)
    assert "attempt 2" in str(run.error)
    assert run.state.next == ("deliver",)
    assert "delivered" not in run.state.values


async def test_functional_runs_its_tasks_and_counts_its_runs(stage: Opener) -> None:
    opened = await stage("functional")
    run = await opened.run({"text": "good night", "languages": ["pt", "de"]})
    assert [name for (name,) in run.started] == ["greeter", "translate", "translate", "stitch"]
    assert run.state.values == {
        "translations": {"pt": "boa noite", "de": "gute Nacht"},
        "line": "boa noite · gute Nacht",
        "run": 1,
    }

    run = await opened.run({"text": "good night", "languages": ["pt"]})
    assert run.state.values["run"] == 2


async def test_long_loop_takes_as_many_steps_as_it_is_told(stage: Opener) -> None:
    opened = await stage("long_loop")
    run = await opened.run({"steps": 40})

    assert run.started == [("step",)] * 40, "more than LangGraph's own limit of 25"
    assert run.state.values["done"] == 40
    assert opened.graph.config is not None
    assert opened.graph.config["recursion_limit"] == long_loop.LIMIT


async def test_blocking_stops_the_ticks_of_its_neighbour(stage: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_SPEED", "1")
    run = await (await stage("blocking")).run({"seconds": 0.3})

    late = {"sleeper": 0, "spinner": 0}
    for _, tick in run.mode("custom"):
        late[tick["beside"]] = max(late[tick["beside"]], tick["late_ms"])
    assert min(late.values()) >= 150
    assert run.state.values["slept"] >= 0.3
    assert run.state.values["rounds"] > 0


async def test_memory_knows_in_one_thread_what_it_was_told_in_another(stage: Opener) -> None:
    opened = await stage("memory")
    ask = {"messages": [("user", "Who am I?")]}

    first = await opened.run(memory.EXAMPLE_INPUT, context={"user_id": "ana"}, thread="first")
    assert first.state.values["remembered"] == ["My name is Ana", "I love night trains"]
    second = await opened.run(ask, context={"user_id": "ana"}, thread="second")
    assert second.state.values["recalled"] == ["I love night trains", "My name is Ana"]
    assert "My name is Ana" in second.state.values["messages"][-1].text
    other = await opened.run(ask, context={"user_id": "bo"}, thread="third")
    assert other.state.values["recalled"] == []


async def test_all_streams_sends_every_mode_and_every_kind_of_event(stage: Opener) -> None:
    opened = await stage("all_streams")
    run = await opened.run({"word": "saudade"})

    assert set(run.kinds) >= {
        *(f"on_chain_{when}" for when in ("start", "stream", "end")),
        *(f"on_chat_model_{when}" for when in ("start", "stream", "end")),
        *(f"on_llm_{when}" for when in ("start", "stream", "end")),
        *(f"on_tool_{when}" for when in ("start", "end", "error")),
        *(f"on_retriever_{when}" for when in ("start", "end")),
        *(f"on_prompt_{when}" for when in ("start", "end")),
        *(f"on_parser_{when}" for when in ("start", "stream", "end")),
        "on_custom_event",
    }
    assert run.kinds["on_tool_error"] == 1
    assert all(run.mode(mode) for mode in ("values", "updates", "custom", "tasks", "checkpoints", "debug"))
    assert "".join(event["data"]["chunk"].text for event in run.of("on_llm_stream")) == run.state.values["example"]
    assert run.state.values["synonyms"] == ["longing", "yearning", "wistfulness", "homesickness"]
    modes = [part async for part in opened.graph.astream({"word": "mar"}, opened.config, stream_mode="messages")]
    assert modes


@pytest.mark.parametrize("count", [1, 777])
async def test_token_flood_streams_exactly_as_many_tokens(count: int, stage: Opener) -> None:
    run = await (await stage("token_flood")).run({"tokens": count})

    [call] = run.calls
    assert sum(bool(chunk.text) for chunk in call.chunks) == count
    assert call.message is not None
    assert run.state.values["messages"][-1].text == "".join(chunk.text for chunk in call.chunks)
