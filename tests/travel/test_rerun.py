"""Re-running from a checkpoint runs exactly what was announced, in the graph and in subgraphs."""

from __future__ import annotations

from pathlib import Path

from tests.travel import graphs
from tests.travel.driving import driving, first


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
