"""A thread's history read from the file alone is the one that the graph tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from inspector.core.branches import find, later, onward, path_to
from inspector.core.compare import compare, tip
from inspector.core.events import Namespace
from inspector.core.travel import Edit, Entry
from inspector.errors import UnknownThread
from inspector.store.checkpoints import CheckpointFile
from inspector.store.history import thread_history
from tests.travel import graphs, shapes
from tests.travel.driving import THREAD, Driven, driving

SHAPES = [*shapes.RERUNS, graphs.deep, graphs.waits_beside, graphs.fan_out, graphs.parallel_questions]


async def told(session: Driven, ns: Namespace) -> list[tuple[Any, ...]]:
    """What `get_state_history` says of a namespace, newest first."""
    config = {"configurable": {"thread_id": THREAD, "checkpoint_ns": "|".join(ns)}}
    return [
        (
            snapshot.config["configurable"]["checkpoint_id"],
            snapshot.parent_config and snapshot.parent_config["configurable"]["checkpoint_id"],
            snapshot.metadata["step"],
            snapshot.metadata["source"],
            sorted(snapshot.next),
        )
        async for snapshot in session.live.aget_state_history(config)
    ]


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
async def test_it_is_what_the_graph_says(shape: Callable[..., Any], tmp_path: Path) -> None:
    async with driving(shape, tmp_path) as session:
        await session.run({"said": []})
        if shape not in (shapes.functions, graphs.parallel_questions):  # a branch beside the first, too
            await session.travel.fork(Edit(session.at(0).id, {"budget": 1}, next(iter(session.at(0).next))))
            await session.run(goes_on=True)
        entries = session.history()
        assert [entry.id for entry in entries] == sorted((entry.id for entry in entries), reverse=True)
        for ns in {entry.ns for entry in entries}:
            mine = [(e.id, e.parent, e.step, e.source, sorted(e.next)) for e in entries if e.ns == ns]
            assert mine == await told(session, ns)
        asked = await session.travel.history()  # of the graph, whose checkpointer might be any
        assert [replace(e, next=tuple(sorted(e.next)), metadata={}) for e in asked] == [
            replace(e, next=tuple(sorted(e.next)), metadata={}) for e in entries
        ]


async def test_two_branches_are_compared(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        await session.run({"said": [], "budget": 1})
        judged = session.at(1)
        first_end = session.history()[0]
        await session.travel.fork(Edit(judged.id, {"budget": 500}))
        await session.run(goes_on=True)
        entries = session.history()
        second_end = tip(entries, entries[0])

        file = CheckpointFile(session.path)
        values = [file.state(THREAD, entry.id).values for entry in (first_end, second_end)]
        file.close()
        found = compare(entries, first_end, second_end, *values)
        assert found.ancestor == judged
        assert found.parted == judged.step + 1
        assert [entry.step for entry in found.left] == [2]
        assert [(entry.source, entry.step) for entry in found.right] == [("update", 2), ("loop", 3)]
        assert [(change.path, change.old, change.new) for change in found.changes] == [
            (("said", 1), "cheap", "dear"),
            (("budget",), 1, 500),
        ]
        same = compare(entries, judged, judged, {}, {})
        assert (same.ancestor, same.parted, same.changes) == (judged, None, ())


def entry(id: str, parent: str | None, *, source: str = "loop", next: tuple[str, ...] = ("a",), step: int = 0) -> Entry:
    return Entry(id, parent, (), step, source, next)


TREE = [
    entry("6", "5", next=()),
    entry("5", "2", source="fork", next=("b", "b")),
    entry("4", "3", next=()),
    entry("3", "2", next=("c",)),
    entry("2", "1", next=("b", "b")),
    entry("1", None, source="input", next=("a",)),
]


def test_the_way_on_is_that_of_the_newest_branch() -> None:
    assert [found.id for found in onward(TREE, "1")] == ["1", "2", "5", "6"]
    assert [found.id for found in onward(TREE, "3")] == ["3", "4"]
    assert [found.id for found in path_to(TREE, "4")] == ["1", "2", "3", "4"]
    assert [(found.node, found.times) for found in later(TREE, "1")] == [("b", 2)]
    assert later(TREE, "2") == ()
    assert later(TREE, "gone") == ()
    around = [entry("1", "2"), entry("2", "1")]
    assert [found.id for found in path_to(around, "1")] == ["2", "1"], "a damaged file may go round in circles"


def test_an_id_may_be_abbreviated() -> None:
    entries = [entry("1f1e6d6e-dec1", None), entry("1f1e6d6e-debd", None), entry("2f", None)]
    assert find(entries, "1f1e6d6e-dec", "t").id == "1f1e6d6e-dec1"
    assert find([*entries, entry("2f0", None)], "2f", "t").id == "2f", "all of an id is that one"
    with pytest.raises(UnknownThread, match=r"'1f1e' is the beginning of 2 checkpoints"):
        find(entries, "1f1e", "t")
    with pytest.raises(UnknownThread, match=r"no checkpoint '1f1e6d6e-dec2'; the nearest is 1f1e6d6e-dec1"):
        find(entries, "1f1e6d6e-dec2", "t")
    with pytest.raises(UnknownThread, match="Thread 't' has no checkpoint"):
        find([], "1", "t")


async def test_an_unknown_thread_names_the_nearest(tmp_path: Path) -> None:
    async with driving(graphs.routed, tmp_path) as session:
        await session.run({"said": []})
        with pytest.raises(UnknownThread, match=r"no thread 'tt'\. Did you mean 't'\?"):
            thread_history(session.path, "tt")
