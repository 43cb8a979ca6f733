"""What a row of the timeline says: its symbol, its name and what goes with it, its notes, its duration."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.style import Style

from inspector.core.events import Blocked, Failure
from inspector.core.labels import Labels
from inspector.core.nodes import Invocation, Span, Status, Task
from inspector.core.rowtree import GROUP_FROM, Attempt, Group, Row
from inspector.core.run import Run
from inspector.core.text import duration, number, one_line
from inspector.tui.widgets.cells import cut
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.waterfall import Part

SYMBOLS: dict[Status, tuple[str, str]] = {
    "running": ("●", "accent"),
    "ok": ("✔", "muted"),
    "error": ("✖", "error"),
    "interrupted": ("‖", "warning"),
    "cancelled": ("⊘", "muted"),
}
_WORDS: dict[Status, str] = {
    "ok": "ok", "running": "running", "error": "failed", "interrupted": "waiting", "cancelled": "cancelled",
}  # fmt: skip
_DIRECTORIES = re.compile(r"^.*[\\/]")
_WORST: tuple[Status, ...] = ("running", "error", "interrupted", "cancelled", "ok")


def symbol_of(row: Row, pens: RowList) -> tuple[str, Style]:
    """The symbol of the row's status, in its colour."""
    status: Status = "ok"
    if isinstance(row.thing, Attempt):
        status = "error"
    elif isinstance(row.thing, Group):
        statuses = row.thing.statuses
        status = next((status for status in _WORST if statuses.get(status)), "ok")
    elif row.node is not None:
        status = row.node.status
    symbol, pen = SYMBOLS[status]
    if isinstance(row.node, Task):
        if row.node.cached:
            symbol = "≡"
        elif row.node.attempts > 1 and status == "running":
            symbol = "↻"
    return symbol, pens.pen(pen)


def title_of(row: Row, labels: Labels, pens: RowList) -> list[Part]:
    """The row's name, and what is worth knowing of it in a few characters."""
    muted = pens.pen("muted")
    if isinstance(row.thing, Attempt):
        return [(f"try {row.thing.number}", muted)]
    if isinstance(row.thing, Group):
        return _group(row, row.thing, pens)
    if isinstance(row.node, Task):
        return _task(row, row.node, labels, pens)
    if isinstance(row.node, Span):
        return _span(row.node, labels, pens)
    return [(row.kind, muted)]


def _task(row: Row, task: Task, labels: Labels, pens: RowList) -> list[Part]:
    muted = pens.pen("muted")
    parts: list[Part] = [(one_line(task.node, 80), pens.pen("strong"))]
    if row.parent is not None and isinstance(row.parent.thing, Group):
        label = labels.of(row)
        if not label or row.parent.members > GROUP_FROM:
            parts.append((f" {row.place + 1}", muted))
        if label:
            parts.append((f" «{label}»", None))
    if task.attempts > 1:
        parts.append((f"  try {task.attempts}", pens.pen("warning") if task.open else muted))
    if task.cached:
        parts.append(("  cached", muted))
    if task.status == "cancelled":
        parts.append(("  cancelled", muted))
    return parts


def _group(row: Row, group: Group, pens: RowList) -> list[Part]:
    muted = pens.pen("muted")
    parts: list[Part] = [(f"{one_line(group.first.node, 80)} ×{row.members:,}", pens.pen("strong"))]
    for status, word in _WORDS.items():
        count = group.statuses.get(status, 0)
        if count:
            pen = SYMBOLS[status][1]
            parts.append((f"  {count:,} {word}", muted if pen == "muted" else pens.pen(pen)))
    return parts


def _span(span: Span, labels: Labels, pens: RowList) -> list[Part]:
    muted = pens.pen("muted")
    name = one_line(span.name, 80)
    if span.type == "model":
        said = _model(span)
        parts: list[Part] = [("model", muted)]
        if said:
            parts.append((f"  {said}", None if span.ended is not None else pens.pen("accent")))
        parts.append((f"  {one_line(span.model, 60) or name}", muted))
        return parts
    if span.type in ("tool", "retriever"):
        parts = [(f"{span.type} ", muted), (name, None)]
        for text in (labels.output(span), labels.input(span)):
            if text:
                parts.append((f"  {text}", muted))
        return parts
    return [(f"{span.detail or span.type} ", muted), (name, muted)]


def _model(span: Span) -> str:
    """`412→96 tok` once the provider has said, `61 tok/s` while it streams."""
    usage, tokens = span.usage, span.tokens
    if usage is not None and (usage.input or usage.output):
        return f"{number(usage.input)}→{number(usage.output)} tok"
    if span.ended is None:
        if tokens is None or not tokens.count:
            return "waiting"
        rate = tokens.rate()
        return f"{rate:.0f} tok/s" if rate is not None else f"{number(tokens.count)} tok"
    return f"{number(tokens.count)} chunks" if tokens is not None and tokens.count else ""


def notes_of(row: Row, run: Run, labels: Labels, pens: RowList) -> list[Part]:
    """What went wrong, what is asked, or what holds everything up."""
    if isinstance(row.thing, Attempt):
        return [(error_line(row.thing.error), pens.pen("error"))]
    node = row.node
    if node is None:
        return []
    if node.error is not None and node.status == "error":
        return [(error_line(node.error), pens.pen("error"))]
    if isinstance(node, Task) and node.status == "interrupted":
        question = labels.question(node)
        return [(question, pens.pen("warning"))] if question else []
    if run.blocked is not None and isinstance(node, Task) and node.open:
        said = _blocked(run.blocked, node, run)
        return [(said, pens.pen("warning"))] if said else []
    return []


def _blocked(blocked: Blocked, task: Task, run: Run) -> str:
    """That the task holds up the event loop; or, where nobody knows which one does, that somebody does: then the newest
    running task says it."""
    place = _DIRECTORIES.sub("", blocked.where)
    where = f" at {one_line(place, 150)}" if place else ""
    if blocked.task == task.id:
        return f"blocks the event loop{where}"
    if blocked.task is None and task is next(reversed(run.running.values()), None):
        return f"event loop blocked{where}"
    return ""


def error_line(error: Failure | None) -> str:
    """An exception in one line, its class without its modules."""
    if error is None:
        return "failed"
    name = error.type.rpartition(".")[2]
    return one_line(f"{name}: {error.message}" if error.message else name, 200)


def duration_of(row: Row, now: float) -> str:
    """How long it took, or has been running for."""
    ended = row.ended
    return duration((now if ended is None else ended) - row.started)


def separator(row: Row, labels: Labels, width: int) -> str:
    """`── resumed  approve ───────`, `── input 2  … ───────`."""
    invocation = row.thing
    if not isinstance(invocation, Invocation):
        return "─" * width
    what = "resumed" if invocation.event.resumed else f"input {invocation.index + 1}"
    said = labels.invocation(invocation)
    line = cut(f"── {what}  {said}" if said else f"── {what}", max(0, width - 3))
    return line + " " + "─" * max(0, width - 1 - cell_len(line))
