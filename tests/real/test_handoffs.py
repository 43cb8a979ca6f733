"""Several agents in one graph that hand over to each other: `langgraph-supervisor`, `langgraph-swarm`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.tools import tool

from inspector.core.nodes import Task
from inspector.core.values import decode, to_json
from tests.real.checking import Call, Reply, chat, check, model, outline, saved, watch
from tests.real.later import Later

agents = Later("langchain.agents")
supervisor = Later("langgraph_supervisor")
swarm = Later("langgraph_swarm")

# Both packages build on `create_react_agent`, whose deprecation is theirs to deal with.
pytestmark = pytest.mark.filterwarnings("ignore:create_react_agent has been moved", "ignore:AgentState")


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
def search(query: str) -> str:
    """Search the web."""
    return f"found {query}"


def worker(name: str, call: Call) -> Any:
    """An agent that uses its tool once, however long the conversation before it is."""

    def script(messages: Sequence[BaseMessage]) -> Reply:
        used = any(isinstance(message, ToolMessage) and message.name == call.name for message in messages)
        return Reply(f"{name} is done") if used else Reply(calls=[call])

    tools = {"add": add, "search": search}
    return agents.create_agent(model(script=script, model_name=f"{name}-1"), [tools[call.name]], name=name)


async def test_a_supervisor_hands_over_and_gets_back(tmp_path: Path) -> None:
    def boss(messages: Sequence[BaseMessage]) -> Reply:
        back = sum("transferred back" in str(message.content) for message in messages)
        turns = [
            Reply(reasoning="numbers", calls=[Call("transfer_to_maths", {})]),
            Reply(calls=[Call("transfer_to_research", {})]),
        ]
        return turns[back] if back < len(turns) else Reply("All done.")

    workers = [worker("maths", Call("add", {"a": 1, "b": 2})), worker("research", Call("search", {"query": "x"}))]
    company = supervisor.create_supervisor(workers, model=model(script=boss, model_name="boss-1")).compile(
        name="company"
    )
    async with saved(company, tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched, graph, tmp_path)

    def turn(name: str, tool: str) -> list[str]:
        inside = ["model", f"  @{name}-1", "tools", f"  {tool}()", "model", f"  @{name}-1"]
        return [name, f"  <{name}>", *(f"    {line}" for line in inside)]

    def hand(name: str) -> list[str]:
        inside = ["agent", "  @boss-1", "tools", f"  transfer_to_{name}()"]
        return ["supervisor", "  <supervisor>", *(f"    {line}" for line in inside)]

    assert outline(watched.run) == [
        *hand("maths"), *turn("maths", "add"), *hand("research"), *turn("research", "search"),
        "supervisor", "  <supervisor>", "    agent", "      @boss-1",
    ]  # fmt: skip
    assert watched.ended.status == "done"
    assert {model for _, model in watched.run.usage_by_model} == {"boss-1", "maths-1", "research-1"}


async def test_what_is_handed_over_is_shown_where_it_leaves(tmp_path: Path) -> None:
    to_bob = swarm.create_handoff_tool(agent_name="Bob")
    ask = model(Reply(calls=[Call("transfer_to_bob", {})]), model_name="alice-1")
    alice = agents.create_agent(ask, [add, to_bob], name="Alice")
    bob = agents.create_agent(model(Reply("arr"), model_name="bob-1"), [add], name="Bob")
    pair = swarm.create_swarm([alice, bob], default_active_agent="Alice").compile()

    async with saved(pair, tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched, graph, tmp_path)

    # The entry is conditional: `__start__` runs a router, and is not a task of the graph.
    assert outline(watched.run) == [
        "Alice", "  <Alice>", "    model", "      @alice-1", "    tools", "      transfer_to_bob()",
        "Bob", "  <Bob>", "    model", "      @bob-1",
    ]  # fmt: skip
    [tools] = [node for node in watched.named("tools") if isinstance(node, Task)]
    [graph_call] = [span for span in watched.spans if span.name == "Alice"]
    task = watched.tasks[0]
    for left, addressed in ((tools.writes, "__parent__"), (graph_call.output, f"Alice:{task.id}")):
        command = to_json(decode(left))
        assert (command["type"], command["graph"], command["goto"]) == ("langgraph.types.Command", addressed, "Bob")
        assert command["update"]["active_agent"] == "Bob"


async def test_agents_that_a_supervisor_calls_at_once(tmp_path: Path) -> None:
    """Two handoffs in one answer: LangGraph follows the first and drops the other; both tools did run."""

    def boss(messages: Sequence[BaseMessage]) -> Reply:
        if any("transferred back" in str(message.content) for message in messages):
            return Reply("All done.")
        return Reply(calls=[Call("transfer_to_maths", {}), Call("transfer_to_research", {})])

    workers = [worker("maths", Call("add", {"a": 1, "b": 2})), worker("research", Call("search", {"query": "x"}))]
    company = supervisor.create_supervisor(workers, model=model(script=boss), parallel_tool_calls=True).compile()
    async with saved(company, tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched)
    handoffs = [tool for tool in watched.run.tools if tool.name.startswith("transfer_to_")]
    assert [tool.status for tool in handoffs] == ["ok", "ok"]
    assert [task.status for task in watched.tasks if task.node == "tools" and task.parent is watched.tasks[0]] == [
        "ok", "ok",
    ]  # fmt: skip
    assert watched.ended.status == "done"
