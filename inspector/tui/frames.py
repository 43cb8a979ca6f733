"""The frames around panes, as lines of text: the board draws them around its panes, so that moving the focus or
changing a title repaints an edge and not a pane; the first frame of the app draws them before there are panes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from rich.cells import cell_len

from inspector.tui.places import geometry

Tone: TypeAlias = Literal["quiet", "lit", "past", "past-lit"]
Pieces: TypeAlias = list[tuple[str, str]]  # text and tone, where a title's tone is that of its frame with `-title`


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle. `open`: its upper edge is not drawn (the line of tabs is there)."""

    x: int
    y: int
    width: int
    height: int
    title: str = ""
    tone: Tone = "quiet"
    open: bool = False


def tone(*, lit: bool, past: bool) -> Tone:
    """The tone of a frame: with the keyboard or without, at an earlier moment or not."""
    if past:
        return "past-lit" if lit else "past"
    return "lit" if lit else "quiet"


def frame_line(frames: Sequence[Frame], y: int, width: int) -> Pieces:
    """What the frames draw on line `y`."""
    pieces: Pieces = []
    x = 0
    for frame in sorted((frame for frame in frames if frame.y <= y < frame.y + frame.height), key=lambda f: f.x):
        if frame.x > x:
            pieces.append((" " * (frame.x - x), "quiet"))
        pieces += _edge(frame, y)
        x = frame.x + frame.width
    if x < width:
        pieces.append((" " * (width - x), "quiet"))
    return pieces


def _edge(frame: Frame, y: int) -> Iterator[tuple[str, str]]:
    inner = max(0, frame.width - 2)
    if y == frame.y + frame.height - 1:
        yield "╰" + "─" * inner + "╯", frame.tone
    elif y == frame.y and not frame.open:
        title = f" {frame.title} " if frame.title and cell_len(frame.title) <= inner - 4 else ""
        yield "╭─", frame.tone
        yield title, f"{frame.tone}-title"
        yield "─" * (inner - 1 - cell_len(title)) + "╮", frame.tone
    else:
        yield "│", frame.tone
        yield " " * inner, frame.tone
        yield "│", frame.tone


def plan_frames(width: int, height: int) -> tuple[Frame, Frame, Frame, Frame]:
    """Where the frames of timeline, state, history and the tabbed pane are in an area of this size."""
    plan = geometry(width, height)
    above = plan.upper + plan.lower
    return (
        Frame(0, 0, plan.left, above),
        Frame(plan.left, 0, plan.right, plan.upper),
        Frame(plan.left, plan.upper, plan.right, plan.lower),
        Frame(0, above + 1, width, plan.tabbed, open=True),
    )
