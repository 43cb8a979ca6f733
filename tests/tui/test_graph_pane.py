"""The graph pane: drawn once, alive with the run, walked by keys and mouse, a list where that reads better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import pytest

from inspector.core.events import TaskEnded, TaskStarted
from inspector.core.graphinfo import END, START, EdgeInfo, GraphInfo, NodeInfo
from inspector.tui.panes import graph as graph_module
from inspector.tui.panes.base import NodeSelected, ShowNode
from inspector.tui.panes.graph import GraphPane
from inspector.tui.widgets.layout_engine import netext_engine
from tests.tui.scene import HOSTILE, Player, Scene, staged


def chain(*names: str, path: tuple[str, ...] = (), subgraphs: tuple[GraphInfo, ...] = ()) -> GraphInfo:
    """Nodes one after the other; those that are the name of a subgraph have it inside."""
    inside = {info.path[-1]: info.path for info in subgraphs}
    nodes = [NodeInfo(name, "subgraph" if name in inside else "node", subgraph=inside.get(name)) for name in names]
    ends = [START, *names, END]
    return GraphInfo(
        "graph",
        "StateGraph",
        path=path,
        nodes=(NodeInfo(START, "start"), *nodes, NodeInfo(END, "end")),
        edges=tuple(EdgeInfo(a, b) for a, b in pairwise(ends)),
        subgraphs=subgraphs,
    )


TRIP = chain("plan", "trip", "write", subgraphs=(chain("one", "two", path=("trip",)),))


def scene_of(graph: GraphInfo = TRIP) -> Scene:
    scene = Scene()
    scene.view.graph = graph
    scene.start({}, next=("plan",))
    return scene


async def drawn(stage: Player) -> GraphPane:
    pane = stage.app.pane
    assert isinstance(pane, GraphPane)
    await stage.until(lambda: pane.canvas.drawing.nodes or pane.layout_name == "list")
    await stage.pilot.pause()
    return pane


def at(pane: GraphPane) -> tuple[str, ...] | None:
    return pane.canvas.cursor


async def test_draws_the_graph_and_what_runs_in_it() -> None:
    scene = scene_of()
    async with staged(GraphPane(scene.view), size=(100, 12)) as stage:
        await drawn(stage)
        await stage.shows("(start)──▶", "○ plan", "trip ▸", "write", "▶(end)")
        (task, _), *_ = scene.run.checkpoints[-1].tasks
        scene.run.append(TaskStarted(0.0, (), task, "plan", 0))
        await stage.shows("● plan")
        scene.step({}, next=("trip",))
        await stage.shows("✔ plan", "○ trip")
        scene.step({}, next=("trip",))
        scene.step({}, next=("write",))
        await stage.shows("✔ trip", "×2", "○ write")
        (task, _), *_ = scene.run.checkpoints[-1].tasks
        scene.run.append(TaskStarted(2.0, (), task, "write", 3))
        scene.run.append(TaskEnded(2.5, (), task, "write", "error"))
        await stage.shows("✖ write")


async def test_looking_back_shows_what_had_run_by_then() -> None:
    scene = scene_of()
    scene.step({}, next=("trip",))
    scene.step({}, next=("write",))
    async with staged(GraphPane(scene.view), size=(100, 12)) as stage:
        await drawn(stage)
        await stage.shows("✔ trip", "○ write")
        scene.view.look_at(scene.run.checkpoints[1].id)
        await stage.shows("✔ plan", "○ trip")
        assert "✔ trip" not in stage.text
        scene.view.look_at(None)
        await stage.shows("✔ trip")


async def test_a_subgraph_opens_inside_its_node_and_closes() -> None:
    scene = scene_of()
    async with staged(GraphPane(scene.view), size=(110, 20)) as stage:
        pane = await drawn(stage)
        await stage.press("right", "enter")
        await stage.shows("trip ▾", "one", "two")
        scene.run.append(TaskStarted(0.0, (), "t", "trip", 1))
        scene.run.append(TaskStarted(0.0, ("trip:t",), "i", "one", 1))
        await stage.shows("● one", "● trip ▾")
        await stage.press("right")
        assert at(pane) == ("write",)
        await stage.press("left")
        assert at(pane) == ("trip", END)
        await stage.press("space")
        await stage.shows("trip ▸")
        assert at(pane) == ("trip",)
        assert "one" not in stage.text
        await stage.press("plus")
        await stage.shows("one", "two")
        await stage.press("minus")
        await stage.until(lambda: "two" not in stage.text)


async def test_the_cursor_inside_a_subgraph_goes_to_it_when_it_closes() -> None:
    async with staged(GraphPane(scene_of().view), size=(110, 20)) as stage:
        pane = await drawn(stage)
        await stage.press("plus")
        await stage.shows("two")
        pane.canvas.move_to(("trip", "two"))
        await stage.press("minus")
        await stage.until(lambda: pane.canvas.cursor == ("trip",))


async def test_enter_shows_the_newest_task_of_a_node() -> None:
    scene = scene_of()
    async with staged(GraphPane(scene.view), size=(100, 12)) as stage:
        await drawn(stage)
        await stage.press("enter")
        assert stage.app.notes == ["plan has not run yet."]
        scene.step({}, next=("trip",))
        await stage.shows("✔ plan")
        await stage.press("enter")
        task = scene.run.tasks["t1-0"]
        assert [type(event) for event in stage.app.sent] == [NodeSelected, ShowNode]
        assert all(isinstance(event, (NodeSelected, ShowNode)) and event.node is task for event in stage.app.sent)


async def test_facts_of_the_node_at_the_cursor() -> None:
    scene = scene_of()
    scene.step({}, next=("trip",))
    async with staged(GraphPane(scene.view), size=(100, 12)) as stage:
        await drawn(stage)
        await stage.shows("plan · ok, 0.50s · → trip")
        await stage.press("right")
        await stage.shows("trip · has not run · → write · a subgraph")


async def test_turned_by_key() -> None:
    async with staged(GraphPane(scene_of().view), size=(100, 12)) as stage:
        pane = await drawn(stage)
        assert pane.layout_name == "right"
        await stage.press("v")
        await stage.shows("▼")
        assert "▶" not in stage.text
        await stage.press("down", "v")
        await stage.shows("→ write")
        assert pane.rows.has_focus
        assert pane.rows.lines[pane.rows.cursor].path == ("trip",)  # the cursor comes along
        await stage.press("enter")
        await stage.shows("▾ trip", "→ two")
        await stage.press("down", "down", "v")
        await stage.shows("▶")
        assert pane.canvas.has_focus
        assert pane.canvas.cursor == ("trip", "one")


async def test_scrolls_both_ways_and_follows_the_run_until_somebody_moves() -> None:
    graph = chain(*(f"a_long_name_{number}" for number in range(12)))
    scene = Scene()
    scene.view.graph = graph
    scene.start({}, next=("a_long_name_0",))
    async with staged(GraphPane(scene.view), size=(60, 8)) as stage:
        pane = await drawn(stage)
        for number in range(1, 12):
            scene.step({}, next=(f"a_long_name_{number}",))
        await stage.shows("○ a_long_name_11")
        await stage.press("home")
        await stage.shows("a_long_name_0")
        scene.step({}, next=())
        await stage.pilot.pause()
        assert "a_long_name_0" in stage.text
        for _ in range(11):
            await stage.press("right" if pane.layout_name == "right" else "down")
        assert pane.canvas.cursor == ("a_long_name_11",)
        await stage.shows("a_long_name_11")
        await stage.press("end")
        assert pane.canvas.tracking


async def test_mouse() -> None:
    scene = scene_of()
    async with staged(GraphPane(scene.view), size=(100, 12)) as stage:
        pane = await drawn(stage)
        y = next(number for number, line in enumerate(stage.lines) if "write" in line)
        x = stage.lines[y].index("write")
        await stage.pilot.click(offset=(x, y))
        assert pane.canvas.cursor == ("write",)
        x = stage.lines[y].index("trip")
        await stage.pilot.click(offset=(x, y), times=2)
        await stage.shows("trip ▾")


async def test_find_opens_what_the_node_is_in() -> None:
    async with staged(GraphPane(scene_of().view), size=(110, 20)) as stage:
        pane = await drawn(stage)
        assert pane.find("TWO")
        await stage.shows("two")
        assert pane.canvas.cursor == ("trip", "two")
        assert not pane.find("nowhere")


async def test_many_nodes_are_a_list_and_can_be_drawn_all_the_same() -> None:
    scene = Scene()
    scene.view.graph = chain(*(f"node_{number}" for number in range(60)))
    scene.start({}, next=("node_0",))
    scene.step({}, next=("node_1",))
    async with staged(GraphPane(scene.view), size=(80, 20)) as stage:
        pane = await drawn(stage)
        assert pane.layout_name == "list"
        await stage.shows("✔   node_0", "○   node_1", "→ node_2")
        await stage.press("v")
        await stage.until(lambda: pane.canvas.drawing.nodes)
        await stage.shows("✔ node_0 ┣──▶")


async def test_laid_out_once_and_not_before_it_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def counting(edges: Sequence[tuple[str, str]], sizes: Mapping[str, int]) -> Mapping[str, float]:
        nonlocal calls
        calls += 1
        return netext_engine(edges, sizes)

    monkeypatch.setattr(graph_module, "netext_engine", counting)
    scene = scene_of()
    pane = GraphPane(scene.view)
    assert calls == 0
    async with staged(pane, size=(100, 12)) as stage:
        await drawn(stage)
        for _ in range(20):
            scene.step({}, next=("plan",))
            stage.app.pane.sync_if_changed()
        await stage.press("v", "v", "v")
        await stage.pilot.resize_terminal(70, 30)
        await stage.pilot.pause()
        assert calls == 2  # across and down


async def test_says_what_will_be_here() -> None:
    scene = Scene()
    async with staged(GraphPane(scene.view)) as stage:
        await stage.shows("The graph is drawn here once it is loaded.")
        scene.view.graph = TRIP
        scene.view.revision += 1
        await stage.shows("plan")


@pytest.mark.parametrize("size", [(20, 5), (5, 2), (30, 40), (250, 80)])
async def test_hostile_names_at_any_size(size: tuple[int, int]) -> None:
    graph = chain(HOSTILE, "漢字漢字", "b" * 200, subgraphs=(chain(HOSTILE, path=(HOSTILE,)),))
    scene = Scene()
    scene.view.graph = graph
    scene.start({}, next=(HOSTILE,))
    scene.step({}, next=("漢字漢字",))
    async with staged(GraphPane(scene.view), size=size) as stage:
        pane = await drawn(stage)
        for layout in range(3):
            for key in ("enter", "right", "down", "left", "up", "plus", "minus", "home", "end", "space"):
                await stage.press(key)
            assert not {"\x1b", "\u202e", "\x00", "\x07", "\u2028"} & set(stage.text), layout
            await stage.press("v")
        assert pane.opened == set() or pane.opened == {(HOSTILE,)}


async def test_wide_names_keep_the_boxes_whole() -> None:
    scene = Scene()
    scene.view.graph = chain("漢字漢字", "plain")
    async with staged(GraphPane(scene.view), size=(80, 12)) as stage:
        await drawn(stage)
        await stage.shows("漢字漢字")
        line = stage.line("漢字漢字")
        assert "漢字漢字 ┣──▶│   plain ├──▶(end)" in line
