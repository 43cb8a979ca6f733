"""The history pane: every checkpoint at its place, the cursor where the developer left it, forks as branches."""

from __future__ import annotations

import pytest

from inspector.core.events import TaskEnded, TaskStarted
from inspector.tui.panes.base import CheckpointSelected
from inspector.tui.panes.history import HistoryPane
from tests.tui.scene import HOSTILE, Scene, staged


def trip() -> Scene:
    scene = Scene()
    scene.start({"messages": ["hi"]}, next=("plan",))
    scene.step({}, next=("search", "search", "search"), writes={"messages": [1], "budget": 5})
    scene.step({}, next=("approve",), writes={"messages": [1]})
    return scene


async def test_newest_on_top_with_what_made_it_wrote_and_comes() -> None:
    async with staged(HistoryPane(trip().view)) as stage:
        await stage.shows("◉")
        assert [line.split() for line in stage.lines[:3]] == [
            ["◉", "1", "search", "×3", "→", "approve", "messages", "+3", "1.00s"],
            ["○", "0", "plan", "messages", "+1", "budget", "→", "search", "0.50s"],
            ["○", "-1", "input", "messages", "+1", "→", "plan", "0µs"],
        ]
        assert stage.app.pane.badge == "3"


async def test_moving_looks_at_checkpoints_and_the_top_is_live() -> None:
    scene = trip()
    async with staged(HistoryPane(scene.view)) as stage:
        await stage.shows("◉")
        await stage.press("down")
        await stage.until(lambda: scene.view.cursor == "c2")
        assert "◉" in stage.line("plan")
        assert [event.checkpoint for event in stage.app.sent if isinstance(event, CheckpointSelected)] == ["c2"]
        await stage.press("end")
        await stage.until(lambda: scene.view.cursor == "c1")
        await stage.press("home")
        await stage.until(lambda: scene.view.live)
        scene.view.look_at("c1")  # from elsewhere
        await stage.until(lambda: "◉" in stage.line("input"))
        pane = stage.app.pane
        assert isinstance(pane, HistoryPane)
        assert pane.rows.cursor == 2
        assert len(stage.app.sent) == 3


async def test_new_checkpoints_leave_the_cursor_on_its_row() -> None:
    scene = trip()
    async with staged(HistoryPane(scene.view), size=(60, 6)) as stage:
        pane = stage.app.pane
        assert isinstance(pane, HistoryPane)
        await stage.shows("◉")
        for _ in range(20):
            scene.step({})
        await stage.shows("21")
        assert "◉" in stage.lines[0]  # live: the newest stays on top
        await stage.press("down", "down", "down")
        line = stage.lines[3][:58]
        for _ in range(20):
            scene.step({})
        await stage.until(lambda: pane.rows.row_count() == 43)
        await stage.pilot.pause()
        assert stage.lines[3][:58] == line
        assert pane.rows.cursor == 23


async def test_what_runs_fails_and_waits_is_said_at_the_tip() -> None:
    scene = trip()
    (task, _), *_ = scene.run.checkpoints[-1].tasks
    async with staged(HistoryPane(scene.view)) as stage:
        await stage.shows("→ approve")
        scene.run.append(TaskStarted(1.0, (), task, "approve", 2))
        await stage.shows("→ approve ●")
        scene.run.append(TaskEnded(1.5, (), task, "approve", "error"))
        await stage.shows("→ approve ✖")


async def test_forks_are_branches() -> None:
    scene = trip()
    scene.head = "c1"
    scene.save({}, 0, "update", next=("plan",), parent="c1")
    scene.step({}, next=())
    async with staged(HistoryPane(scene.view)) as stage:
        await stage.shows("edited")
        assert [line[:4] for line in stage.lines[:5]] == ["  ◉ ", "  ○ ", "○ │ ", "○ │ ", "○─┘ "]


async def test_find() -> None:
    scene = trip()
    async with staged(HistoryPane(scene.view)) as stage:
        await stage.shows("◉")
        pane = stage.app.pane
        assert isinstance(pane, HistoryPane)
        assert pane.find("BUDGET")
        await stage.until(lambda: scene.view.cursor == "c2")
        assert pane.find("c1")
        assert not pane.find("nothing like it")


async def test_another_run_takes_its_place() -> None:
    scene = trip()
    async with staged(HistoryPane(scene.view)) as stage:
        await stage.shows("◉")
        await stage.press("down")
        other = Scene()
        other.start({"x": 1}, next=("other",))
        scene.view.run = other.run
        scene.view.look_at(None)
        await stage.until(lambda: "search" not in stage.text)
        assert "→ other" in stage.text


async def test_a_long_history_draws_what_is_visible(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    scene.start({"x": 1})
    for _ in range(5000):
        scene.step({"x": 1})
    drawn = 0
    async with staged(HistoryPane(scene.view), size=(80, 20)) as stage:
        await stage.shows("4999")
        pane = stage.app.pane
        assert isinstance(pane, HistoryPane)
        original = pane.rows.render_row

        def counting(index: int, width: int, selected: bool) -> object:
            nonlocal drawn
            drawn += 1
            return original(index, width, selected)

        monkeypatch.setattr(pane.rows, "render_row", counting)
        await stage.press("end")
        await stage.shows("input")
        await stage.press("pageup", "home")
        await stage.shows("4999")
        assert drawn < 400


async def test_empty() -> None:
    async with staged(HistoryPane(Scene().view)) as stage:
        await stage.shows("A checkpoint is saved after every superstep")
        await stage.press("down", "end", "home", "enter")


@pytest.mark.parametrize("size", [(20, 5), (5, 2), (34, 9), (250, 80)])
async def test_hostile_names_and_many_branches_at_any_size(size: tuple[int, int]) -> None:
    scene = Scene()
    first = scene.start({HOSTILE: 1}, next=(HOSTILE,))
    scene.step({HOSTILE: [1]}, next=(HOSTILE,))
    for number in range(30):
        scene.save({}, 1, HOSTILE if number % 2 else "fork", next=(HOSTILE,), parent=first)
    async with staged(HistoryPane(scene.view), size=size) as stage:
        await stage.until(lambda: stage.app.pane.badge == "32")
        for key in ("down", "down", "end", "up", "pageup", "home", "enter"):
            await stage.press(key)
        assert not {"\x1b", "\u202e", "\x00", "\x07"} & set(stage.text)
