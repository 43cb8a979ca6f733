"""A checkpointer over another: what is written stays above, what is read comes from both."""

from __future__ import annotations

from typing import Any

from langgraph.checkpoint.base import CheckpointTuple, empty_checkpoint
from langgraph.checkpoint.memory import InMemorySaver

from inspector.debuggee.overlay import NULL_TASK, Overlay


def at(id: str | None = None, ns: str = "") -> Any:
    where = {"thread_id": "t", "checkpoint_ns": ns}
    return {"configurable": where if id is None else {**where, "checkpoint_id": id}}


async def put(saver: Any, id: str, parent: str | None = None, ns: str = "", **values: Any) -> None:
    checkpoint = {
        **empty_checkpoint(),
        "id": id,
        "channel_values": values,
        "channel_versions": dict.fromkeys(values, 1),
    }
    await saver.aput(at(parent, ns), checkpoint, {"step": 0}, checkpoint["channel_versions"])


async def ids(saver: Any, **how: Any) -> list[str]:
    return [found.checkpoint["id"] async for found in saver.alist(at(), **how)]


async def got(saver: Any, config: Any) -> CheckpointTuple:
    found: CheckpointTuple | None = await saver.aget_tuple(config)
    assert found is not None
    return found


async def test_nothing_goes_down_before_it_is_committed() -> None:
    below = InMemorySaver()
    await put(below, "1", n=1)
    await put(below, "3", "1", n=3)
    overlay = Overlay(below)
    await put(overlay, "2", "1", n=2)
    await put(overlay, "4", "3", n=4)
    await put(overlay, "5", None, "child:x", n=5)
    await overlay.aput_writes(at("4"), [("n", 40)], "task", "path")
    await overlay.aput_writes(at("1"), [("n", 10)], "task")

    assert await ids(below) == ["3", "1"]
    assert await ids(overlay) == ["4", "3", "2", "1"]
    assert await ids(overlay, limit=3) == ["4", "3", "2"]
    assert await ids(overlay, before=at("3")) == ["2", "1"]
    assert await ids(overlay, before=at("3"), limit=1) == ["2"]
    newest = await got(overlay, at())
    assert (newest.checkpoint["id"], newest.checkpoint["channel_values"]) == ("4", {"n": 4})
    assert newest.parent_config == at("3")
    assert newest.pending_writes == [("task", "n", 40)]
    assert (await got(overlay, at("1"))).pending_writes == [("task", "n", 10)]
    assert (await got(below, at("1"))).pending_writes == []
    assert await overlay.aget_tuple(at("9")) is None

    await overlay.commit()
    assert await ids(below) == ["4", "3", "2", "1"]
    assert (await got(below, at("4"))).pending_writes == [("task", "n", 40)]
    assert (await got(below, at("1"))).pending_writes == [("task", "n", 10)]
    assert (await got(below, at(ns="child:x"))).checkpoint["id"] == "5"


async def test_values_are_shared_with_nobody() -> None:
    overlay = Overlay(InMemorySaver())
    held = [1]
    await put(overlay, "1", items=held)
    held.append(2)
    (await got(overlay, at())).checkpoint["channel_values"]["items"].append(3)
    assert (await got(overlay, at())).checkpoint["channel_values"]["items"] == [1]


async def test_detached_writes_are_nobodys() -> None:
    below = InMemorySaver()
    await put(below, "1")
    await below.aput_writes(at("1"), [("n", 1)], "task")
    await below.aput_writes(at("1"), [("n", 2)], NULL_TASK)
    found = (await got(Overlay(below, detached=True), at())).pending_writes
    assert sorted(found or []) == [(NULL_TASK, "n", 2), ("stray-task", "n", 1)]
