"""Who wrote a value, found by going back through checkpoints."""

from __future__ import annotations

from typing import Any

from inspector.core.authors import Author, Unknown, author, follow
from inspector.core.diff import Path
from inspector.core.states import States
from inspector.core.values import Opaque
from tests.tui.scene import Scene


async def found(scene: Scene, checkpoint: str, path: Path) -> Author:
    outcome = await author(scene.run, States(scene.view), scene.run.by_checkpoint[checkpoint], path)
    assert isinstance(outcome, Author), outcome
    return outcome


async def test_the_task_that_changed_it_last_and_the_one_before() -> None:
    scene = Scene()
    scene.start({"budget": 1}, next=("plan",))
    two = scene.step({"budget": 2}, next=("other",), writes={"budget": 2})
    scene.step({"budget": 2, "days": 3}, next=("same",), writes={"days": 3})
    last = scene.step({"budget": 2, "days": 3}, next=(), writes={"budget": 2})  # written, and not changed
    last_change = await found(scene, last, ("budget",))
    assert last_change.checkpoint.id == two
    assert last_change.task is not None
    assert last_change.task.node == "plan"
    assert last_change.before == ("budget",)
    first = await found(scene, last_change.checkpoint.parent or "", ("budget",))
    assert (first.checkpoint.source, first.task, first.before) == ("input", None, None)


async def test_states_are_fetched_only_where_the_channel_was_written() -> None:
    scene = Scene()
    scene.start({"a": 1}, next=("n0",))
    for step in range(50):
        scene.step({"a": 1, "b": step}, next=(f"n{step + 1}",), writes={"b": step})
    outcome = await found(scene, scene.head or "", ("a",))
    assert outcome.checkpoint.step == -1
    assert len(scene.loads) == 1  # that of the input


async def test_of_several_tasks_the_one_whose_write_it_is() -> None:
    scene = Scene()
    start = scene.start({"found": []}, next=("search", "search"))
    before = scene.run.by_checkpoint[start]
    from inspector.core.events import TaskEnded, TaskStarted
    from tests.tui.scene import pack

    for (id_, node), text in zip(before.tasks, ("sun", "rain"), strict=True):
        scene.run.append(TaskStarted(0.1, (), id_, node, 0))
        scene.run.append(TaskEnded(0.2, (), id_, node, "ok", writes=pack({"found": [text]})))
    done = scene.save({"found": ["sun", "rain"]}, 0)
    outcome = await found(scene, done, ("found", 1))
    assert outcome.task is not None
    assert outcome.task.id == before.tasks[1][0]
    assert len(outcome.tasks) == 2


async def test_messages_are_followed_by_their_ids() -> None:
    def message(id_: str, text: str) -> Any:
        return Opaque("langchain_core.messages.human.HumanMessage", {"id": id_, "content": text, "type": "human"})

    old = {"messages": [message("gone", "x"), message("m", "hello")]}
    new = {"messages": [message("m", "hello"), message("new", "y")]}
    assert follow(old, new, ("messages", 0, "content")) == ("messages", 1, "content")
    assert follow(old, new, ("messages", 1)) is None
    assert follow(old, new, ("nothing", 3)) == ("nothing", 3)


async def test_what_is_not_known_says_why() -> None:
    scene = Scene()
    start = scene.start({"a": 1})
    states = States(scene.view)
    outcome = await author(scene.run, states, scene.run.by_checkpoint[start], ("b",))
    assert isinstance(outcome, Unknown)
    assert "no such value" in outcome.why
    scene.problem = "the file is gone"
    outcome = await author(scene.run, states, scene.run.by_checkpoint[scene.step({"a": 2})], ("a",))
    assert isinstance(outcome, Unknown)
    assert "the file is gone" in outcome.why


async def test_an_edit_is_its_own_author() -> None:
    scene = Scene()
    start = scene.start({"a": 1})
    edited = scene.save({"a": 5}, 0, "update", ("work",), parent=start)
    outcome = await found(scene, edited, ("a",))
    assert (outcome.checkpoint.id, outcome.task) == (edited, None)
