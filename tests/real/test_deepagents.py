"""Agents of `deepagents`: subagents behind the `task` tool, and a state that is kept as deltas."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import tool

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

deepagents = Later("deepagents")

SUBAGENTS = ("researcher", "researcher", "general-purpose")


@tool
def search(query: str) -> str:
    """Search the web."""
    return f"found {query}"


def script(messages: Sequence[BaseMessage]) -> Reply:
    """What the main agent says, and what the subagents do, who are told `sub ...`."""
    asked = next(message.text for message in reversed(messages) if message.type == "human")
    turn = sum(isinstance(message, AIMessage) for message in messages)
    if asked.startswith("sub"):
        return [Reply(calls=[Call("search", {"query": asked})]), Reply(f"read about {asked}")][min(turn, 1)]
    tasks = [Call("task", {"description": f"sub {n}", "subagent_type": kind}) for n, kind in enumerate(SUBAGENTS)]
    notes = Call("write_file", {"file_path": "/notes.md", "content": "read everything"})
    return [Reply(reasoning="plan", calls=[notes]), Reply(calls=tasks), Reply("Done.")][min(turn, 2)]


def deep(**options: Any) -> Any:
    researcher = {"name": "researcher", "description": "reads", "system_prompt": "read", "tools": [search]}
    talking = model(script=script, model_name="deep-1")
    return deepagents.create_deep_agent(model=talking, tools=[search], subagents=[researcher], name="deep", **options)


def told(lines: Sequence[str]) -> list[str]:
    """An outline without the middleware's own tasks, which differ from version to version."""
    return [line for line in lines if "Middleware." not in line]


async def test_subagents_are_under_the_tool_calls_that_started_them(tmp_path: Path) -> None:
    async with saved(deep(), tmp_path) as graph:
        watched = await watch(graph, {"messages": [HumanMessage("go", id="asked")]}, THREAD)
        await check(watched, graph, tmp_path)
        state = await graph.aget_state(THREAD)
    inside = ["model", "  @deep-1", "tools", "  search()", "model", "  @deep-1"]
    started = [
        line
        for kind in SUBAGENTS
        for line in ("tools", "  task()", f"    <{kind}>", *(f"      {line}" for line in inside))
    ]
    first = ["model", "  @deep-1", "tools", "  write_file()", "model", "  @deep-1"]
    assert told(outline(watched.run)) == [*first, *started, "model", "  @deep-1"]
    assert watched.ended.status == "done"
    # `check` has compared every state with what is read from the file, where these are left out.
    assert state.values["files"]["/notes.md"]
    assert len(state.values["messages"]) > 5


async def test_subagents_that_wait_for_people_say_which_call_waits(tmp_path: Path) -> None:
    async with saved(deep(interrupt_on={"search": True}), tmp_path) as graph:
        first = await watch(graph, chat(), THREAD)
        await check(first)
        waiting = list(first.run.pending.values())
        assert len(waiting) == 3
        assert {asked.node for asked in waiting} == {"HumanInTheLoopMiddleware.after_model"}
        tools = [task for task in first.tasks if task.node == "tools" and task.status == "interrupted"]
        assert sorted(asked.ns for asked in waiting) == sorted(task.path for task in tools)
        stopped = [line for line in outline(first.run) if line.startswith("  task()") or "<" in line]
        assert stopped == [line for k in SUBAGENTS for line in ("  task() (interrupted)", f"    <{k}> (interrupted)")]

        second = await watch(graph, answer(first.run, {"decisions": [{"type": "approve"}]}), THREAD)
        check_resumed(second)
    run = resumed(first, second)
    assert not run.pending
    searches = [span for span in run.tools if span.name == "search"]
    assert [span.status for span in searches] == ["ok"] * 3
    assert second.ended.status == "done"
