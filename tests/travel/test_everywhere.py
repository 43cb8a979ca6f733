"""From every checkpoint of graphs of every shape: what a re-run announces, what it runs, and that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inspector.core.travel import Entry
from tests.travel import shapes
from tests.travel.driving import Driven, driving, first, names


async def rerun(session: Driven, entry: Entry) -> str:
    """Re-run from a checkpoint, as a line of `RERUNS`."""
    where = f"{' > '.join(names(entry.ns))} {entry.step}".strip()
    plan = await session.plan(entry)
    if plan.refused:
        return f"{where}: !"
    before = session.rows()
    ran = await session.rerun(entry)
    if await session.questions():
        ran += ["?", *(await session.answer(ask="yes"))]
    assert session.rows().items() >= before.items(), "the first branch is what it was"
    assert session.view.run.phase == "done"
    return f"{where}: {' '.join(first(plan))} | {' '.join(ran)}"


@pytest.mark.parametrize("shape", shapes.RERUNS, ids=lambda shape: shape.__name__)
async def test_a_re_run_runs_what_comes_after(shape: Callable[..., Any], tmp_path: Path) -> None:
    async with driving(shape, tmp_path) as session:
        await session.run({"said": []})
        if await session.questions():
            await session.answer(ask="yes")
        entries = sorted(session.history(), key=lambda entry: entry.id)
        ended = (await session.state())["said"]

        lines = [await rerun(session, entry) for entry in entries if entry.next]
        expected = [line.strip() for line in shapes.RERUNS[shape].strip().splitlines()]
        assert sorted(lines) == sorted(expected)
        if shape is not shapes.a_failure_in_a_subgraph:
            assert (await session.state())["said"] == ended, "the same nodes come to the same state"
