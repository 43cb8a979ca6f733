"""The streams pane: what each mode would have sent, and how to subscribe to it."""

from __future__ import annotations

import pytest

from inspector.core.events import StreamCount
from inspector.tui.panes.base import ShowText
from inspector.tui.panes.streams import MODES, StreamsPane
from tests.tui.scene import Scene, staged


def counted() -> Scene:
    scene = Scene()
    scene.start()
    scene.run.append(StreamCount(1.0, "values", 4, 8000))
    scene.run.append(StreamCount(1.0, "messages", 480, 341_000, exact=False))
    scene.run.append(StreamCount(1.0, "custom", 0, 0))
    return scene


async def test_every_mode_with_its_numbers() -> None:
    async with staged(StreamsPane(counted().view), size=(110, 20)) as stage:
        await stage.shows("values")
        assert stage.line("values").split()[:6] == ["values", "4", "8.0", "kB", "2.0", "kB"]
        assert "the whole state after every superstep" in stage.line("values")
        assert stage.line("messages").split()[:6] == ["messages", "480", "~341", "kB", "~710", "B"]
        assert stage.line("custom").split()[:5] == ["custom", "0", "0", "B", "–"]
        assert stage.line("tasks").split()[:4] == ["tasks", "–", "–", "–"]
        assert [line.split()[0] for line in stage.lines[1:8]] == [mode.name for mode in MODES]


async def test_counts_go_on() -> None:
    scene = counted()
    async with staged(StreamsPane(scene.view), size=(110, 20)) as stage:
        await stage.shows("8.0 kB")
        scene.run.append(StreamCount(2.0, "values", 5, 10_000))
        await stage.shows("10 kB")


async def test_how_to_subscribe() -> None:
    async with staged(StreamsPane(counted().view), size=(110, 20)) as stage:
        await stage.shows('graph.astream(..., stream_mode="values")')
        await stage.press("down")
        await stage.shows('graph.astream(..., stream_mode="updates")')
        await stage.press("enter")
        shown = stage.app.sent[-1]
        assert isinstance(shown, ShowText)
        assert 'async for chunk in graph.astream(input, config, stream_mode="updates"):' in shown.text
        await stage.press("y")
        assert stage.app.clipboard.startswith("async for chunk in graph.astream(")


@pytest.mark.parametrize("size", [(20, 5), (5, 2), (46, 9), (250, 80)])
async def test_any_size(size: tuple[int, int]) -> None:
    async with staged(StreamsPane(counted().view), size=size) as stage:
        for key in ("down", "end", "home", "enter"):
            await stage.press(key)
        assert size[0] < 10 or "values" in stage.text
