"""Re-running from a checkpoint runs exactly what was announced, in the graph and in subgraphs."""

from __future__ import annotations

from pathlib import Path

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.types import Command

from inspector.core.branches import later
from inspector.errors import CommandError
from tests.travel import graphs
from tests.travel.driving import THREAD, driving, first


async def test_a_root_checkpoint_is_run_on_from(tmp_path: Path) -> None:
    async with driving(graphs.fan_out, tmp_path) as session:
        assert await session.run({"said": []}) == ["join", "split", "work", "work", "work"]
        before = session.rows()
        after_split = session.at(1)

        plan = await session.plan(after_split)
        assert first(plan) == ["work", "work", "work"]
        assert session.rows() == before, "a plan saves nothing"
        assert session.ran.take() == [], "nor runs anything"
        assert await session.rerun(after_split) == ["join", "work", "work", "work"]
        assert (await session.state())["said"] == ["split", "work", "work", "work", "join"]
        assert session.rows().items() >= before.items(), "the first branch is what it was"


async def test_in_a_subgraph_two_levels_deep_that_waits(tmp_path: Path) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        assert await session.run({"said": []}) == ["ask", "check", "fetch", "plan", "search"]
        before = session.rows()
        start_of_read = session.at(0, "research", "read")
        assert start_of_read.next == ("fetch",)

        assert first(await session.plan(start_of_read)) == ["fetch"]
        assert session.rows() == before
        assert await session.rerun(start_of_read) == ["ask", "fetch"]
        assert session.rows().items() >= before.items(), "the first branch still waits with its question"
        assert await session.answer(ask="yes") == ["ask", "note", "rank", "write"]
        assert (await session.state())["answers"] == {"ask": "yes"}


async def test_in_a_subgraph_of_a_finished_graph(tmp_path: Path) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        await session.run({"said": []})
        assert await session.answer(ask="yes") == ["ask", "note", "rank", "write"]
        before = session.rows()

        asked = session.at(1, "research", "read")
        assert asked.next == ("ask",)
        assert first(await session.plan(asked)) == ["ask"]
        assert await session.rerun(asked) == ["ask"], "neither fetch, search, check nor plan again"
        assert session.rows().items() >= before.items()
        assert await session.answer(ask="no") == ["ask", "note", "rank", "write"]
        state = await session.state()
        assert state["answers"] == {"ask": "no"}

        ranked = session.at(2, "research")
        assert ranked.next == ("rank",)
        assert first(await session.plan(ranked)) == ["rank"]
        assert await session.rerun(ranked) == ["rank", "write"]


async def test_a_graph_that_a_node_calls(tmp_path: Path) -> None:
    """The node's own code leads there, so it runs again, and is announced."""
    async with driving(graphs.called_in_a_node, tmp_path) as session:
        assert await session.run({"said": []}) == ["after", "before", "call", "one", "two"]
        between = session.at(1, "call")
        assert between.next == ("two",)
        plan = await session.plan(between)
        assert first(plan) == ["call", "two"]
        assert await session.rerun(between) == ["after", "call", "two"]
        assert (await session.state())["said"] == ["before", "one", "two", "after"]


async def test_the_plan_tells_what_came_later(tmp_path: Path) -> None:
    async with driving(graphs.deep, tmp_path) as session:
        await session.run({"said": []})
        await session.answer(ask="yes")
        entries = session.history()
        planned = [(found.node, len(found.ns)) for found in later(entries, session.at(0).id)]
        assert planned == [("check", 0), ("research", 0), ("write", 0)]
        asked = session.at(1, "research", "read")
        assert [(found.node, len(found.ns)) for found in later(entries, asked.id, asked.ns)] == [
            ("note", 2), ("rank", 1), ("write", 0),
        ]  # fmt: skip


async def test_the_end_cannot_be_run_on_from(tmp_path: Path) -> None:
    async with driving(graphs.fan_out, tmp_path) as session:
        await session.run({"said": []})
        end = session.history()[0]
        assert end.next == ()
        assert (await session.plan(end)).refused.startswith("Nothing comes after this checkpoint")
        with pytest.raises(CommandError, match="Nothing comes after this checkpoint"):
            await session.rerun(end)


async def test_what_waits_beside_a_subgraph_is_announced(tmp_path: Path) -> None:
    """A parallel task that waits runs again when the thread goes on, as LangGraph has it."""
    async with driving(graphs.waits_beside, tmp_path) as session:
        assert await session.run({"said": []}) == ["ask", "left", "one"]
        one = session.at(0, "child")
        assert first(await session.plan(one)) == ["left", "one"]
        assert await session.rerun(one) == ["ask", "left", "one"]
        await session.answer(left="L", ask="A")
        assert (await session.state())["answers"] == {"ask": "A", "left": "L"}
        again = session.at(0, "child")
        assert first(await session.plan(again)) == ["one"], "by now left is done, and is taken over"
        assert await session.rerun(again) == ["ask", "one"]
        assert await session.answer(ask="B") == ["ask", "done"]
        assert (await session.state())["answers"] == {"ask": "B", "left": "L"}


async def test_where_a_command_from_outside_led_is_run_again(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        await session.run({"said": []})
        config: RunnableConfig = {"configurable": {"thread_id": THREAD}}
        await session.live.ainvoke(Command(goto="spare", update={"budget": 4}), config)
        assert session.ran.take() == ["spare"]
        end = session.at(2)
        assert first(await session.plan(end)) == ["spare"]
        assert await session.rerun(end) == ["spare"]
        state = await session.state()
        assert (state["said"], state["budget"]) == (["judge", "cheap", "spare"], 4)


async def test_an_answer_that_named_no_question_is_not_given_again(tmp_path: Path) -> None:
    """LangGraph keeps a bare answer on the root's checkpoint, where the next question to be asked would find it."""
    async with driving(graphs.two_in_a_row, tmp_path) as session:
        await session.run({"said": []})
        config: RunnableConfig = {"configurable": {"thread_id": THREAD}}
        await session.live.ainvoke(Command(resume="bare"), config)
        assert session.ran.take() == ["ask", "further"]
        asked = session.at(0, "child")
        assert first(await session.plan(asked)) == ["ask"]
        assert await session.rerun(asked) == ["ask"]
        assert list(await session.questions()) == ["ask?"]
