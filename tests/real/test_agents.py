"""Agents of `langchain`'s `create_agent`: tools side by side, agents inside tools, and what goes wrong in them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.caches import InMemoryCache
from langchain_core.messages import BaseMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.config import get_stream_writer
from langgraph.graph import MessagesState, StateGraph
from langgraph.types import interrupt
from pydantic import BaseModel

from inspector.core.events import Custom, SpanEnded
from inspector.core.nodes import Task
from inspector.core.values import decode, to_json
from tests.real.checking import (
    THREAD,
    Call,
    Reply,
    answer,
    chat,
    check,
    check_resumed,
    model,
    outline,
    resumed,
    saved,
    watch,
)
from tests.real.later import Later

agents = Later("langchain.agents")
structured = Later("langchain.agents.structured_output")
tools = Later("langchain.tools")


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
def broken(text: str) -> str:
    """Never works."""
    raise ConnectionError(f"no {text}")


def mathematician(**options: Any) -> Any:
    replies = [Reply(calls=[Call("add", {"a": 1, "b": 2})]), Reply("It is 3.")]
    return agents.create_agent(model(*replies, model_name="inner"), [add], name="mathematician", **options)


INSIDE = ["model", "  @inner", "tools", "  add()", "model", "  @inner"]


def indented(lines: Sequence[str], by: int) -> list[str]:
    return [" " * by + line for line in lines]


async def test_tools_that_one_answer_asks_for_run_side_by_side(tmp_path: Path) -> None:
    sums = [Call("add", {"a": n, "b": n}) for n in range(3)]
    agent = agents.create_agent(model(Reply("Adding.", "hm", sums), Reply("0, 2, 4.")), [add], name="adder")
    async with saved(agent, tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched, graph, tmp_path)
    assert outline(watched.run) == ["model", "  @scripted-1", *["tools", "  add()"] * 3, "model", "  @scripted-1"]
    asking = watched.run.models[0]
    tools = {tool.call_id: tool for tool in watched.run.tools}  # they start in whatever order threads come
    assert sorted(tools) == sorted(asking.calls)
    assert {watched.run.asked_by[id_] for id_ in tools} == {asking}
    for n, id_ in enumerate(asking.calls):
        assert to_json(decode(tools[id_].input)) == {"a": n, "b": n}
        assert to_json(decode(tools[id_].output))["content"] == str(2 * n)


async def test_supersteps_are_counted_without_checkpoints_too() -> None:
    agent = agents.create_agent(model(Reply(calls=[Call("add", {"a": 1, "b": 2})] * 2), Reply("3.")), [add])
    watched = await watch(agent, chat())
    await check(watched)
    steps = [(task.node, task.step) for task in watched.tasks]
    assert steps == [("model", 1), ("tools", 2), ("tools", 2), ("model", 3)]


async def test_a_tool_that_raises_fails_the_task_and_the_run() -> None:
    agent = agents.create_agent(model(Reply(calls=[Call("broken", {"text": "way"})])), [broken])
    watched = await watch(agent, chat())
    await check(watched)
    assert outline(watched.run) == ["model", "  @scripted-1", "tools (error)", "  broken() (error)"]
    assert watched.ended.error is not None
    assert str(watched.run.tools[0].error) == "ConnectionError: no way" == str(watched.ended.error)


async def test_calls_that_are_no_good_do_not_stop_the_agent(tmp_path: Path) -> None:
    """An unknown tool never starts; arguments that do not fit fail the tool, and the model is told of both."""
    calls = [Call("nowhere", {}), Call("add", {"a": "x"})]
    agent = agents.create_agent(model(Reply(calls=calls), Reply("Sorry.")), [add])
    async with saved(agent, tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched, graph, tmp_path)
    assert outline(watched.run) == [
        "model", "  @scripted-1", "tools", "tools", "  add() (error)", "model", "  @scripted-1",
    ]  # fmt: skip
    assert watched.run.tools[0].error is not None
    assert watched.run.tools[0].error.type.endswith("ValidationError")
    assert watched.ended.status == "done"


async def test_agents_called_by_tools_are_under_the_tool(tmp_path: Path) -> None:
    inner = mathematician()

    @tool
    async def ask(question: str) -> str:
        """Ask the mathematician."""
        return str((await inner.ainvoke(chat(question)))["messages"][-1].text)

    @tool
    def ask_waiting(question: str) -> str:
        """Ask the mathematician, and wait in a thread."""
        return str(inner.invoke(chat(question))["messages"][-1].text)

    calls = [Call("ask", {"question": "1 + 2"}), Call("ask_waiting", {"question": "1 + 2"})]
    agent = agents.create_agent(model(Reply(calls=calls), Reply("3."), model_name="outer"), [ask, ask_waiting])
    async with saved(agent, tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched, graph, tmp_path)
    called = ["    <mathematician>", *indented(INSIDE, 6)]
    assert outline(watched.run) == [
        "model", "  @outer", "tools", "  ask()", *called, "tools", "  ask_waiting()", *called, "model", "  @outer",
    ]  # fmt: skip


async def test_an_agent_on_a_thread_of_its_own_is_under_the_tool_too() -> None:
    inner = mathematician(checkpointer=InMemorySaver())

    @tool
    async def ask(question: str) -> str:
        """Ask the mathematician, who remembers."""
        answered = await inner.ainvoke(chat(question), {"configurable": {"thread_id": "mathematics"}})
        return str(answered["messages"][-1].text)

    asking = model(Reply(calls=[Call("ask", {"question": "1 + 2"})]), Reply("3."), model_name="outer")
    agent = agents.create_agent(asking, [ask], checkpointer=InMemorySaver())
    watched = await watch(agent, chat())
    assert outline(watched.run) == [
        "model", "  @outer", "tools", "  ask()", "    <mathematician>", *indented(INSIDE, 6), "model", "  @outer",
    ]  # fmt: skip
    assert not [node for node in watched.nodes if node.open]
    outer = next(task for task in watched.tasks if task.node == "tools")
    inner_tasks = [task for task in watched.tasks if task.parent is outer]
    assert [task.ns for task in inner_tasks] == [outer.path] * 3
    assert [task.step for task in inner_tasks] == [1, 2, 3]


async def test_the_same_agent_called_twice_at_once_and_once_more(tmp_path: Path) -> None:
    inner = mathematician()

    async def both(state: MessagesState) -> Any:
        await asyncio.gather(inner.ainvoke(chat("first")), inner.ainvoke(chat("second")))
        await inner.ainvoke(chat("third"))
        return {}

    builder = StateGraph(MessagesState).add_node("both", both).add_edge("__start__", "both")
    async with saved(builder.compile(), tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched, graph, tmp_path)
    assert outline(watched.run) == ["both", *["  <mathematician>", *indented(INSIDE, 4)] * 3]
    questions = [to_json(decode(span.input))["messages"][0][1] for span in watched.spans if span.type == "graph"]
    assert sorted(questions) == ["first", "second", "third"]
    for span in watched.spans:
        if span.type == "graph":
            [first] = [task for task in span.children or () if isinstance(task, Task) and task.step == 1]
            asked = to_json(decode(first.input))["messages"][0]["content"]
            assert asked == to_json(decode(span.input))["messages"][0][1], "tasks are under the very call"


async def test_tools_that_ask_are_interrupted_and_go_on() -> None:
    @tool
    def ask(question: str) -> str:
        """Ask the user."""
        return str(interrupt({"question": question}))

    calls = [Call("ask", {"question": "one?"}), Call("ask", {"question": "two?"})]
    agent = agents.create_agent(model(Reply(calls=calls), Reply("Good.")), [ask], checkpointer=InMemorySaver())
    first = await watch(agent, chat())
    await check(first)
    assert outline(first.run)[2:] == ["tools (interrupted)", "  ask() (interrupted)"] * 2
    questions = [to_json(decode(asked.value))["question"] for asked in first.run.pending.values()]
    assert sorted(questions) == ["one?", "two?"]
    second = await watch(agent, answer(first.run, "yes"))
    check_resumed(second)
    run = resumed(first, second)
    assert outline(run)[6:] == ["tools", "  ask()", "tools", "  ask()", "model", "  @scripted-1"]
    assert not run.pending


async def test_structured_output_is_asked_for_again_when_it_does_not_fit() -> None:
    class Total(BaseModel):
        amount: int

    replies = [Reply(calls=[Call("Total", {"amount": "much"})]), Reply(calls=[Call("Total", {"amount": 3})])]
    watched = await watch(agents.create_agent(model(*replies), response_format=structured.ToolStrategy(Total)), chat())
    await check(watched)
    assert outline(watched.run) == ["model", "  @scripted-1"] * 2
    assert [next(iter(span.tokens.calls())).text for span in watched.run.models if span.tokens] == [
        '{"amount": "much"}', '{"amount": 3}',
    ]  # fmt: skip


@pytest.mark.parametrize("streams", [True, False], ids=["streams", "does-not-stream"])
async def test_a_model_that_does_not_stream_shows_its_message_as_tokens(streams: bool) -> None:
    said = Reply("Adding.", "hm", [Call("add", {"a": 1, "b": 2}), Call("add", {"a": 3, "b": 4})])
    saying = model(said, Reply("Done."), disable_streaming=not streams)
    watched = await watch(agents.create_agent(saying, [add]), chat())
    await check(watched)
    tokens = watched.run.models[0].tokens
    assert tokens is not None
    assert (tokens.text, tokens.reasoning) == ("Adding.", "hm")
    assert [call.text for call in tokens.calls()] == ['{"a": 1, "b": 2}', '{"a": 3, "b": 4}']
    assert (tokens.count == 4) is not streams


async def test_an_answer_from_a_cache_costs_nothing() -> None:
    remembering = model(Reply("Hello."), cache=InMemoryCache())

    async def twice(state: MessagesState) -> Any:
        prompt = [HumanMessage("hi", id="1")]
        return {"messages": [await remembering.ainvoke(prompt), await remembering.ainvoke(prompt)]}

    watched = await watch(StateGraph(MessagesState).add_node(twice).add_edge("__start__", "twice").compile(), chat())
    first, second = watched.of(SpanEnded)
    assert first.usage is not None
    assert second.usage is None
    assert watched.run.usage == first.usage
    assert [span.tokens.text for span in watched.run.models if span.tokens] == ["Hello.", "Hello."]


async def test_what_tools_send_while_they_work(tmp_path: Path) -> None:
    @tool
    async def slow(query: str, runtime: tools.ToolRuntime) -> str:  # type: ignore[name-defined]
        """Takes its time."""
        runtime.emit_output_delta(f"part of {query}")
        runtime.stream_writer({"progress": 1, "total": 2})
        return f"all of {query}"

    @tool(response_format="content_and_artifact")
    def table(query: str) -> tuple[str, dict[str, Any]]:
        """Has more than its text to give."""
        get_stream_writer()({"from": "a thread"})
        return "3 rows", {"rows": [1, 2, 3]}

    def script(messages: Sequence[BaseMessage]) -> Reply:
        turns = [Reply(calls=[Call("slow", {"query": "it"})]), Reply(calls=[Call("table", {"query": "it"})])]
        done = sum(message.type == "tool" for message in messages)
        return turns[done] if done < 2 else Reply("Done.")

    async with saved(agents.create_agent(model(script=script), [slow, table]), tmp_path) as graph:
        watched = await watch(graph, chat(), THREAD)
        await check(watched, graph, tmp_path)
    first, second = (task for task in watched.tasks if task.node == "tools")
    customs = [(event.task, event.name, to_json(decode(event.value))) for event in watched.of(Custom)]
    ahead = {"tool_call_id": watched.run.tools[0].call_id, "delta": "part of it"}
    assert customs == [
        (first.id, "tool-output-delta", ahead),
        (first.id, "", {"progress": 1, "total": 2}),
        (second.id, "", {"from": "a thread"}),
    ]
    assert to_json(decode(watched.run.tools[1].output))["artifact"] == {"rows": [1, 2, 3]}
