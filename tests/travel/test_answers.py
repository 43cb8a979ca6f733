"""Interrupts answered in any order, some now and some later; answers that nobody waits for."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.core.travel import Edit
from inspector.errors import CommandError
from tests.travel import graphs
from tests.travel.driving import driving


async def test_two_at_once_are_answered_one_by_one_the_last_first(tmp_path: Path) -> None:
    async with driving(graphs.parallel_questions, tmp_path) as session:
        assert await session.run({"said": []}) == ["left", "right", "work"]
        ids = await session.questions()
        assert await session.answer(right="R") == ["left", "right"], "left asks again, right goes on"
        assert await session.questions() == {"left?": ids["left?"]}
        assert await session.answer(left="L") == ["done", "left"]
        state = await session.state()
        assert state["answers"] == {"left": "L", "right": "R"}
        assert sorted(state["said"]) == ["done", "left", "right", "work"]


async def test_an_answer_that_came_from_elsewhere_first_is_refused(tmp_path: Path) -> None:
    async with driving(graphs.parallel_questions, tmp_path) as session:
        await session.run({"said": []})
        ids = await session.questions()
        async with driving(graphs.parallel_questions, tmp_path) as other:
            await other.answer(right="theirs")
        with pytest.raises(CommandError, match="answered meanwhile") as refused:
            await session.run(resume={ids["right?"]: "ours"})
        assert ids["left?"] in str(refused.value)
        assert session.ran.take() == []
        assert await session.answer(left="ours") == ["done", "left"]
        assert (await session.state())["answers"] == {"left": "ours", "right": "theirs"}
        with pytest.raises(CommandError, match="Nothing waits for an answer now"):
            await session.run(resume={ids["left?"]: "again"})


async def test_re_running_asks_again(tmp_path: Path) -> None:
    async with driving(graphs.parallel_questions, tmp_path) as session:
        await session.run({"said": []})
        await session.answer(left="old", right="old")
        start = session.at(0)
        plan = await session.plan(start)
        assert plan.answered == ()
        assert await session.rerun(start) == ["left", "right", "work"]
        assert set(await session.questions()) == {"left?", "right?"}
        assert await session.answer(left="new", right="newer") == ["done", "left", "right"]
        assert (await session.state())["answers"] == {"left": "new", "right": "newer"}


async def test_an_edited_head_that_ran_runs_again_from_its_own_copy(tmp_path: Path) -> None:
    """LangGraph would run it again in place, and later take up what its finished tasks wrote the first time."""
    async with driving(graphs.parallel_questions, tmp_path) as session:
        await session.run({"said": []})
        await session.travel.fork(Edit(session.at(-1).id, {"said": ["edited"]}, "__start__"))
        assert await session.run(goes_on=True) == ["left", "right", "work"]
        before = session.rows()
        head = session.history()[0]
        assert head.source == "update"
        assert await session.rerun(head) == ["left", "right", "work"]
        assert session.rows().items() >= before.items()
        assert await session.answer(left=1, right=2) == ["done", "left", "right"]
        assert sorted((await session.state())["said"]) == ["done", "edited", "left", "right", "work"]


async def test_where_a_jump_led_and_waits_is_run_again(tmp_path: Path) -> None:
    async with driving(graphs.parallel_questions, tmp_path) as session:
        await session.run({"said": []})
        await session.travel.jump(session.at(0).id, ["left"])
        assert await session.done() == ["left"], "and neither right nor work, which were next"
        there = session.history()[0]
        assert await session.rerun(there) == ["left"]
        assert await session.answer(left="L") == ["done", "left"]
