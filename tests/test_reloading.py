"""Edit and continue, with real processes: the new code runs on, at the same place, or nothing has changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from inspector.core.breakpoints import Breakpoint
from inspector.core.reference import resolve
from inspector.errors import LoadError
from inspector.reloading import SourceWatch
from inspector.session import Session, Settings

GRAPH = """
from typing import TypedDict
from langgraph.graph import StateGraph
from parts import word

class State(TypedDict, total=False):
    first: str
    second: str

def one(state: State):
    with open("ran.txt", "a") as file:
        file.write("one\\n")
    return {"first": word()}

def two(state: State):
    with open("ran.txt", "a") as file:
        file.write("two\\n")
    return {"second": word()}

graph = StateGraph(State).add_node(one).add_node(two).add_edge("one", "two").set_entry_point("one").compile()
"""
WORD = "def word():\n    return {!r}\n"


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    (tmp_path / "flow.py").write_text(GRAPH)
    (tmp_path / "parts.py").write_text(WORD.format("old"))
    made = Session(Settings(resolve("flow.py:graph", tmp_path), cwd=tmp_path))
    yield made
    await made.close()


async def settle(session: Session) -> None:
    """Until the run is over, or something is held."""
    while session.running and not session.view.run.held:
        await session.arrived(1.0)
        session.drain()


async def go_on(session: Session) -> None:
    """Continue, until the run is over or something else is held."""
    held = set(session.view.run.held)
    await session.steer.step("continue")
    while held & set(session.view.run.held):
        await session.arrived(1.0)
        session.drain()
    await settle(session)


async def test_code_that_changes_is_noticed_wherever_in_the_project_it_is(session: Session, tmp_path: Path) -> None:
    await session.wait_described()
    await session.wait_described()
    assert await session.code.changed() == []
    (tmp_path / "parts.py").write_text(WORD.format("newer"))
    (tmp_path / "other.py").write_text("nothing = 1\n")  # not imported
    assert await session.code.changed() == ["parts.py"]
    (tmp_path / "flow.py").write_text(GRAPH + "\n# more\n")
    assert sorted(await session.code.changed()) == ["flow.py", "parts.py"]
    await session.code.reload()
    await session.wait_described()
    assert await session.code.changed() == []


async def test_what_is_held_goes_on_with_the_new_code_before_the_same_node(session: Session, tmp_path: Path) -> None:
    await session.wait_described()
    await session.steer.set_breakpoints([Breakpoint("b", "before", "two")])
    await session.start({"first": "x"})
    await settle(session)
    assert [held.node for held in session.view.run.held.values()] == ["two"]
    await session.wait_described()
    assert await session.code.changed() == []
    old = session._debuggee
    (tmp_path / "parts.py").write_text(WORD.format("newer"))
    await session.code.reload()
    await settle(session)
    assert session._debuggee is not old
    assert [held.node for held in session.view.run.held.values()] == ["two"]
    assert session.steer.breakpoints == (Breakpoint("b", "before", "two"),)
    await go_on(session)
    run = session.view.run
    assert run.phase == "done"
    state = await session.view.state(run.checkpoints[-1].id)
    assert state.values == {"first": "old", "second": "newer"}
    assert (tmp_path / "ran.txt").read_text().split() == ["one", "two"]


async def test_code_that_cannot_be_loaded_changes_nothing(session: Session, tmp_path: Path) -> None:
    await session.wait_described()
    await session.steer.set_breakpoints([Breakpoint("b", "before", "two")])
    await session.start({"first": "x"})
    await settle(session)
    held = dict(session.view.run.held)
    (tmp_path / "parts.py").write_text("def word(:\n")
    with pytest.raises(LoadError) as refused:
        await session.code.reload()
    assert "parts.py" in (refused.value.traceback or "") + str(refused.value)
    session.drain()
    assert session.view.run.held == held
    assert session.stage == "ready"
    assert await session.code.changed() == []  # that it was tried is enough until it changes again
    await go_on(session)
    assert session.view.run.phase == "done"
    (tmp_path / "parts.py").write_text(WORD.format("mended"))
    assert await session.code.changed() == ["parts.py"]
    await session.code.reload()
    await session.start({"first": "y"})
    await settle(session)
    await go_on(session)
    state = await session.view.state(session.view.run.checkpoints[-1].id)
    assert state.values["second"] == "mended"


def test_a_file_that_is_being_saved_has_not_changed_yet(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("1")
    watch = SourceWatch()
    watch.add([str(file), str(tmp_path / "never.py")])
    assert watch.changed() == []
    file.unlink()
    assert watch.changed() == []
    file.write_text("12")
    assert watch.changed() == [str(file)]
    watch.seen()
    assert watch.changed() == []
