"""Values that are too large to be read at once: their size first, then piece by piece."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import ormsgpack
from textual.pilot import Pilot

from inspector.core.values import AT_ONCE
from inspector.tui.screens.pieces import PieceViewer
from tests.tui.drive import shows, type_text, until
from tests.tui.saved import browsing, make, opened

ITEMS = 450


def with_large_values(path: Path) -> None:
    """Make the newest checkpoint of `trip-1` too large to be read at once."""
    make(path)
    with sqlite3.connect(path) as connection:
        row, type_, blob = connection.execute(
            "SELECT rowid, type, checkpoint FROM checkpoints WHERE thread_id = 'trip-1' ORDER BY checkpoint_id DESC"
        ).fetchone()
        assert type_ == "msgpack"
        checkpoint = ormsgpack.unpackb(blob, ext_hook=lambda code, data: ormsgpack.Ext(code, data))
        lines = "".join(f"line {number}\n" for number in range(AT_ONCE // 10))
        checkpoint["channel_values"] |= {"pages": lines, "items": [{"number": number} for number in range(ITEMS)]}
        connection.execute("UPDATE checkpoints SET checkpoint = ? WHERE rowid = ?", (ormsgpack.packb(checkpoint), row))
    connection.close()


async def open_whole(pilot: Pilot[int], key: str) -> None:
    """Find a key in the state, and open its value whole."""
    await pilot.press("slash")
    await type_text(pilot, key)
    await pilot.press("enter", "escape", "o")


async def test_a_text_and_a_list_are_read_piece_by_piece(tmp_path: Path) -> None:
    path = tmp_path / "large.sqlite"
    with_large_values(path)
    async with browsing(path) as pilot:
        await opened(pilot, "trip-1")
        await pilot.press("2")
        await shows(pilot, "pages", "20 MB", "450 items")
        await open_whole(pilot, "pages")
        await until(pilot, lambda: isinstance(pilot.app.screen, PieceViewer))
        await shows(pilot, "line 0", "piece 1 of 40", "20 MB", "n next piece")
        await pilot.press("n")
        await shows(pilot, "piece 2 of 40", "N piece before")
        await pilot.press("g")
        await shows(pilot, "A part of the whole (50%), or a byte")
        await type_text(pilot, "nowhere")
        await pilot.press("enter")
        await shows(pilot, "Type a number from 0 to")
        await pilot.press("ctrl+u")
        await type_text(pilot, "100%")
        await pilot.press("enter")
        await shows(pilot, "piece 40 of 40")
        await pilot.press("n", "N")
        await shows(pilot, "piece 39 of 40")
        await pilot.press("escape")
        await open_whole(pilot, "items")
        await shows(pilot, "piece 1 of 3", "450 items", '"number": 0')
        await pilot.press("n", "n")
        await shows(pilot, "piece 3 of 3", "[400]", '"number": 400')
        await pilot.press("escape")


async def test_what_cannot_be_read_any_more_is_said(tmp_path: Path) -> None:
    path = tmp_path / "large.sqlite"
    with_large_values(path)
    async with browsing(path) as pilot:
        await opened(pilot, "trip-1")
        await pilot.press("2")
        await shows(pilot, "pages", "20 MB")
        with sqlite3.connect(path) as connection:
            connection.execute("DELETE FROM checkpoints WHERE thread_id = 'trip-1'")
        connection.close()
        await open_whole(pilot, "pages")
        await shows(
            pilot, "It cannot be read in pieces: Thread 'trip-1' has no checkpoint", "What is known of it", "line 0"
        )
        await pilot.press("n", "g", "escape")
