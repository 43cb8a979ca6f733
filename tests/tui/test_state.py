"""The state pane: every key, every step, at every size; and no work that nobody sees."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from inspector.core.events import TaskStarted
from inspector.core.values import Opaque
from inspector.tui.panes.base import CheckpointSelected, ShowText
from inspector.tui.panes.evolution import EvolutionScreen
from inspector.tui.panes.state import StatePane
from tests.tui.scene import HOSTILE, Scene, staged


def message(id_: str, role: str, text: str, **fields: Any) -> Opaque:
    return Opaque(f"langchain_core.messages.{role}.{role.title()}Message",
                  {"type": role, "content": text, "id": id_, **fields})  # fmt: skip


def trip() -> Scene:
    """Three steps: messages are appended, budget changes, days is added, draft is removed."""
    scene = Scene()
    human = message("1", "human", "Plan three days in Lisbon")
    ai = message("2", "ai", "", tool_calls=[{"name": "search", "args": {"query": "food"}, "id": "x"}])
    scene.start({"messages": [human], "budget": 1500, "draft": "none yet"}, next=("plan",))
    scene.step({"messages": [human, ai], "budget": 1500, "draft": "none yet"}, next=("search", "search"),
               writes={"messages": [1]})  # fmt: skip
    tool = message("3", "tool", "TimeoutError", name="hotels", status="error")
    days = {"one": "Alfama, slowly. " * 10, "two": "Belém"}
    scene.step({"messages": [human, ai, tool], "budget": 1200, "days": days}, next=("approve",),
               writes={"messages": [1], "budget": 1200, "days": {}})  # fmt: skip
    return scene


async def test_shows_values_marks_sizes_and_what_comes_next() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("step 1 · next: approve")
        assert "3 items" in stage.line("messages")
        assert "+1" in stage.line("messages")
        assert stage.line("messages").endswith(" kB")
        assert "~ was 1,500" in stage.line("budget")
        assert "+ step 1" in stage.line("days")
        assert "− removed" in stage.line("draft")
        assert stage.app.pane.badge == "step 1"


async def test_messages_are_shown_as_messages() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("messages")
        await stage.press("enter")
        assert "human  Plan three days in Lisbon" in stage.text
        assert 'ai     calls search(query="food")' in stage.text
        assert "tool   hotels  error  TimeoutError" in stage.text
        assert "+ step 1" in stage.line("hotels")
        await stage.press("down", "down", "space")
        assert "tool_calls" in stage.text
        assert "additional_kwargs" not in stage.text


async def test_every_step_keeps_cursor_and_what_is_open() -> None:
    scene = trip()
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("messages")
        await stage.press("enter", "down")
        first = scene.run.checkpoints[0].id
        scene.view.look_at(first)
        await stage.shows("◀ step -1 input")
        assert "human  Plan three days" in stage.text
        assert "calls search" not in stage.text
        assert "+" not in stage.line("messages")  # there is nothing before it
        scene.view.look_at(None)
        await stage.shows("step 1 · next: approve", "calls search")
        pane = stage.app.pane
        assert isinstance(pane, StatePane)
        row = pane.tree_view.current()
        assert row is not None
        assert row.path == ("messages", 0)


async def test_unchanged_keys_say_which_step_wrote_them() -> None:
    scene = trip()
    scene.step({"messages": [], "budget": 1200}, writes={"messages": []})
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("step 2 · next: work")
        assert "step 1" in stage.line("budget")


async def test_next_and_previous_change() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("budget")
        pane = stage.app.pane
        assert isinstance(pane, StatePane)

        def path() -> Any:
            row = pane.tree_view.current()
            return row.path if row is not None else None

        seen = []
        for _ in range(5):
            await stage.press("n")
            seen.append(path())
        assert seen == [("messages", 2), ("budget",), ("draft",), ("days",), ("messages", 2)]
        await stage.press("N")
        assert path() == ("days",)


async def test_long_texts_open_as_lines_and_whole() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("days")
        await stage.press("end", "enter", "down", "enter")
        assert stage.text.count("Alfama") >= 3
        await stage.press("left", "o")
        shown = stage.app.sent[-1]
        assert isinstance(shown, ShowText)
        assert shown.title == "days.one"
        assert shown.text.startswith("Alfama, slowly.")


async def test_whole_says_what_was_before() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("budget")
        await stage.press("down", "o")
        shown = stage.app.sent[-1]
        assert isinstance(shown, ShowText)
        assert shown.text == "1200\n\n── before ──\n\n1500"
        await stage.press("enter")  # a leaf opens whole as well
        assert len(stage.app.sent) == 2


async def test_copies_value_and_path() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("budget")
        await stage.press("down", "y")
        assert stage.app.clipboard == "1200"
        await stage.press("up", "right", "right", "Y")
        assert stage.app.clipboard == "messages[0]"
        assert len(stage.app.notes) == 2


async def test_questions_come_first_and_only_live() -> None:
    scene = trip()
    scene.ask("approve", {"question": "Book these flights?", "price": 1140})
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("‖ approve asks  Book these flights?")
        assert stage.lines[1].startswith("▸ ‖ approve asks")
        await stage.press("enter")
        assert "1,140" in stage.line("price")
        scene.view.look_at(scene.run.checkpoints[0].id)
        await stage.until(lambda: "asks" not in stage.text)
        scene.view.look_at(None)
        await stage.shows("‖ approve asks")


async def test_evolution_of_a_value() -> None:
    scene = trip()
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("budget")
        await stage.press("down", "v")
        await stage.until(lambda: isinstance(stage.app.screen, EvolutionScreen))
        await stage.shows("budget over time", "~ 1,200")
        assert re.search(r"-1  input +\+ 1,500", stage.text)
        assert re.search(r" 0  plan +1,500", stage.text)
        assert "search ×2" in stage.line("1,200")
        await stage.press("o")
        assert isinstance(stage.app.sent[-1], ShowText)
        assert stage.app.sent[-1].text == "1200"
        await stage.press("N", "enter")
        await stage.until(lambda: not isinstance(stage.app.screen, EvolutionScreen))
        await stage.shows("◀ step -1")
        assert isinstance(stage.app.sent[-1], CheckpointSelected)
        await stage.press("v", "escape")
        await stage.until(lambda: not isinstance(stage.app.screen, EvolutionScreen))


async def test_evolution_fetches_only_what_is_on_screen() -> None:
    scene = Scene()
    scene.start({"n": 0})
    for number in range(500):
        scene.step({"n": number})
    async with staged(StatePane(scene.view), size=(60, 12)) as stage:
        await stage.shows("499")
        scene.loads.clear()
        await stage.press("v")
        await stage.shows("step  after", "~ 499")
        await stage.until(lambda: "…" not in stage.text)
        assert len(set(scene.loads)) < 20
        await stage.press("home")
        await stage.shows("~ 1")
        assert len(set(scene.loads)) < 40


async def test_the_state_of_a_subgraph() -> None:
    scene = trip()
    task = next(id_ for id_, _ in scene.run.checkpoints[-1].tasks)
    scene.run.append(TaskStarted(1.0, (), task, "approve", 2))
    ns = (f"approve:{task}",)
    first = scene.save({"inner": 1}, 0, ns=ns, next=("ask",))
    scene.save({"inner": 2}, 1, ns=ns, parent=first)
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("budget")
        await stage.press("u")
        assert "inner" not in stage.text  # nothing is selected
        scene.view.select(scene.run.tasks[task])
        await stage.press("u")
        await stage.shows("approve · step 1 · the end", "~ was 1")
        assert "budget" not in stage.text
        await stage.press("less_than_sign")
        await stage.shows("approve · ◀ step 0 · next: ask")
        await stage.press("greater_than_sign")
        await stage.shows("approve · step 1")
        scene.view.look_at(scene.run.checkpoints[0].id)
        await stage.shows("the subgraph had not begun")
        scene.view.look_at(None)
        await stage.press("u")
        await stage.shows("step 1 · next: approve", "budget")


async def test_while_checkpoints_fly_by_only_the_newest_is_fetched() -> None:
    scene = Scene()
    scene.start({"n": 0})
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("step -1")
        scene.gate = asyncio.Event()
        for number in range(300):
            scene.step({"n": number})
            stage.app.pane.sync_if_changed()
        await stage.until(lambda: len(scene.loads) == 2)
        scene.gate.set()
        await stage.shows("step 299")
        assert len(scene.loads) <= 2 + 3 * 2


async def test_moving_away_does_not_wait_for_a_slow_state() -> None:
    scene = trip()
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("step 1")
        scene.gate = asyncio.Event()
        scene.step({"n": 1})
        await stage.until(lambda: scene.loads[-1][0] == scene.head)
        scene.view.look_at(scene.run.checkpoints[1].id)  # at hand, unlike the one before it
        await stage.shows("◀ step 0")
        scene.gate.set()


async def test_a_problem_is_said() -> None:
    scene = trip()
    scene.problem = "the file is \x1b[31mlocked"
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("the file is ␛[31mlocked")


async def test_empty_panes_say_what_would_fill_them() -> None:
    async with staged(StatePane(Scene().view)) as stage:
        await stage.shows("The state appears with the first checkpoint.")
    scene = Scene()
    scene.start({})
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("Nothing has been written to the state yet.")


async def test_find() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("budget")
        pane = stage.app.pane
        assert isinstance(pane, StatePane)
        assert pane.find("belém")
        row = pane.tree_view.current()
        assert row is not None
        assert row.path == ("days", "two")
        assert not pane.find("nowhere")


async def test_a_click_on_the_fold_opens_and_on_the_row_selects() -> None:
    async with staged(StatePane(trip().view)) as stage:
        await stage.shows("messages")
        await stage.pilot.click(offset=(0, 1))
        assert "Plan three days" in stage.text
        await stage.pilot.click(offset=(8, 5))
        pane = stage.app.pane
        assert isinstance(pane, StatePane)
        row = pane.tree_view.current()
        assert row is not None
        assert row.path == ("budget",)


@pytest.mark.parametrize("size", [(20, 5), (36, 10), (80, 24), (250, 80), (5, 2)])
async def test_hostile_texts_at_any_size(size: tuple[int, int]) -> None:
    scene = Scene()
    scene.start({})
    call = {"name": HOSTILE, "args": HOSTILE}
    values: dict[str, Any] = {
        HOSTILE: HOSTILE,
        "messages": [message(HOSTILE, "ai", HOSTILE * 20, name=HOSTILE, tool_calls=[call])],
        "object": Opaque(HOSTILE, {HOSTILE: [HOSTILE, {HOSTILE: None}]}),
        "long": HOSTILE * 5000,
    }
    scene.step(values, next=(HOSTILE,))
    scene.ask(HOSTILE, {"question": HOSTILE})
    async with staged(StatePane(scene.view), size=size) as stage:
        await stage.until(lambda: stage.app.pane.badge == "step 0")
        for _ in range(12):
            await stage.press("enter", "down")
        for key in ("o", "y", "Y", "n", "N", "left", "right", "end", "home", "pageup", "pagedown"):
            await stage.press(key)
        stage.app.sent.clear()
        assert not {"\x1b", "\u202e", "\x00", "\x07", "\u2028"} & set(stage.text)
        await stage.press("v")
        await stage.until(lambda: isinstance(stage.app.screen, EvolutionScreen))
        await stage.pilot.pause()
        assert not {"\x1b", "\u202e", "\x00", "\x07"} & set(stage.text)
        await stage.press("escape")


async def test_resized_while_texts_are_open() -> None:
    scene = trip()
    async with staged(StatePane(scene.view)) as stage:
        await stage.shows("days")
        await stage.press("end", "enter", "down", "enter")
        for width in (20, 120, 33):
            await stage.pilot.resize_terminal(width, 12)
            await stage.pilot.pause()
            assert "Alfama" in stage.text
