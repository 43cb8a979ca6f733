"""An exception of the graph's code on the detail page: what it says, and where it came from."""

from __future__ import annotations

from inspector.core.events import Failure
from inspector.core.source import Frame, context, relevant
from inspector.core.source import frames as frames_of
from inspector.core.text import one_line, safe
from inspector.tui.panes.detail_lines import Item, Page
from inspector.tui.widgets.cells import cut_left

_FRAMES = 40


def failure(page: Page, title: str, error: Failure, *, frames: int = _FRAMES) -> None:
    """A heading, the exception, and its frames with source; the innermost of the developer's own stands out."""
    item = Item(f"{title}: {error.type}", lambda: safe(error.traceback or str(error)))
    page.heading(title, item=item)
    page.text(
        f"{error.type.rpartition('.')[2]}: {error.message}" if error.message else error.type,
        "error",
        lines=8,
        item=item,
    )
    parts = frames_of(error.traceback)
    if parts and not isinstance(parts[-1], Frame):
        parts = parts[:-1]  # the exception, which is said already
    best = relevant(parts)
    left_out = len(parts) - frames
    if left_out > 0:
        page.add((f"… {left_out} more outside  ⏎ opens them", "muted"), item=item)
    for part in parts[max(0, left_out) :]:
        if not isinstance(part, Frame):
            page.text(part.text, "muted", lines=2, item=item)
            continue
        _frame(page, part, item, part is best)


def _frame(page: Page, frame: Frame, item: Item, best: bool) -> None:
    function = one_line(frame.function, 60)
    place = cut_left(f"{one_line(frame.path, 300)}:{frame.line}", max(12, page.width - len(function) - 6))
    pen = "strong" if best else "muted"
    page.add(("❯ " if best else "  ", "error"), (place, pen), (f"  {function}" if function else "", "muted"), item=item)
    around = context(frame) if best else []
    for number, line in around:
        here = number == frame.line
        mark, pen = ("▌", "") if here else (" ", "muted")
        page.add((f"    {number:>5} ", "muted"), (mark, "error"), (one_line(line, 300), pen), item=item)
    if not around:
        for line in frame.code[:4]:
            page.add(("      ", ""), (one_line(line, 300), "" if best else "muted"), item=item)
