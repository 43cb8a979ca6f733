"""What the detail pane says of a task: how it went, what it was given, what it wrote and what became of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from inspector.core import superstep
from inspector.core.diff import MISSING, comparable, level, same
from inspector.core.events import Usage
from inspector.core.labels import tell_apart
from inspector.core.nodes import Node, Span, Task
from inspector.core.outline import count, summary, whole
from inspector.core.question import question
from inspector.core.run import Run, add_usage
from inspector.core.text import duration, number, one_line, plural
from inspector.core.values import decode, is_container
from inspector.core.view import State
from inspector.tui.panes.detail_error import failure
from inspector.tui.panes.detail_lines import LINES, Item, Page, moment
from inspector.tui.panes.timeline_text import SYMBOLS

_CHANNELS = 60
_OTHERS = 30  # tasks that wrote to the same channel
_SIBLINGS = 400  # tasks of the superstep that are looked at for that
_CHANGES = 12  # inside one value
_SIGNS = {"added": ("+", "success"), "changed": ("~", "success"), "removed": ("−", "error"), "": (" ", "muted")}
_WORDS = {"running": "running", "ok": "ok", "error": "failed", "interrupted": "waits", "cancelled": "cancelled"}


@dataclass(frozen=True, slots=True)
class Around:
    """The states before and after a task's superstep; None while they are not loaded."""

    before: State | None = None
    after: State | None = None


def task_page(page: Page, run: Run, task: Task, around: Around, now: float) -> None:
    """Write all that is known of a task."""
    symbol, pen = SYMBOLS[task.status]
    title = _names_with(run, task)
    state = [_WORDS[task.status], duration(now - task.started if task.ended is None else task.ended - task.started)]
    if task.attempts > 1:
        state.append(f"try {task.attempts}")
    if task.cached:
        state.append("cached")
    page.add((f"{symbol} ", pen), (title, "strong"), (f"  step {task.step}", "muted"), ("  " + "  ".join(state), pen))
    _where(page, task)
    if task.error is not None and task.status == "error":
        failure(page, "Error", task.error)
    _interrupts(page, run, task)
    page.packed("Input", task.input)
    _writes(page, run, task, around)
    _retries(page, task)
    _numbers(page, run, task, now)


def _names_with(run: Run, task: Task) -> str:
    """The node, with what tells this task from the others of it in the superstep."""
    same_node = [other for other in islice(superstep.siblings(run, task), 64) if other.node == task.node][:8]
    return _names([task, *same_node])[0] if same_node else one_line(task.node, 120)


def _where(page: Page, task: Task) -> None:
    parent = task.parent
    if parent is not None:
        page.add(("in ", "muted"), (one_line(parent.node, 100), ""), item=Item(parent.node, node=parent))


def _interrupts(page: Page, run: Run, task: Task) -> None:
    for asked in task.interrupts or ():
        value = decode(asked.value)
        said = question(value)
        item = Item(f"{task.node} asks", partial(whole, value))
        page.heading("Asks", "waits for an answer" if asked.id in run.pending else "", item)
        page.text(said.headline, "warning", item=item)
        for line in said.details[:20]:
            page.text(line, "", lines=2, item=item, indent=2)
        schema = decode(asked.schema)
        if schema is not None:
            page.value("the answer's schema", schema, lines=12, label="schema ")


# ---------------------------------------------------------------------- writes


def _writes(page: Page, run: Run, task: Task, around: Around) -> None:
    if not task.writes:
        page.packed("Writes", task.writes)
        return
    writes = decode(task.writes)
    if not isinstance(writes, dict) or not writes:
        if writes is not None and writes != {}:
            page.heading("Writes")
            page.value("writes", writes)
        elif task.ended is not None and task.status == "ok":
            page.heading("Writes", "nothing")
        return
    page.heading("Writes", plural(len(writes), "channel"), Item("writes", lambda: whole(writes)))
    others = _others(run, task, set(map(str, writes)))
    lines = LINES if len(writes) <= 8 else 6
    for channel, value in islice(writes.items(), _CHANNELS):
        _channel(page, str(channel), value, others.get(str(channel), []), around, lines)
    if len(writes) > _CHANNELS:
        page.add((f"… {len(writes) - _CHANNELS:,} more channels", "muted"))


def _others(run: Run, task: Task, channels: set[str]) -> dict[str, list[tuple[str, Task, Any]]]:
    """What the other tasks of the superstep wrote to the same channels, with what tells those tasks apart."""
    wrote: list[tuple[Task, dict[Any, Any]]] = []
    for other in islice(superstep.siblings(run, task), _SIBLINGS):
        writes = decode(other.writes) if len(other.writes) > 1 else None
        if isinstance(writes, dict) and any(str(channel) in channels for channel in writes):
            wrote.append((other, writes))
    names = _names([task, *(other for other, _ in wrote)])[1:]
    found: dict[str, list[tuple[str, Task, Any]]] = {}
    for name, (other, writes) in zip(names, wrote, strict=True):
        for channel, value in writes.items():
            if str(channel) in channels:
                found.setdefault(str(channel), []).append((name, other, value))
    return found


def _names(tasks: list[Task]) -> list[str]:
    """The tasks' nodes, with what distinguishes those of one node: `search «hotels»`."""
    by_node: dict[str, list[int]] = {}
    for index, task in enumerate(tasks):
        by_node.setdefault(task.node, []).append(index)
    names = [one_line(task.node, 40) for task in tasks]
    for indices in by_node.values():
        labels = tell_apart([decode(tasks[index].input) for index in indices])
        for index, label in zip(indices, labels, strict=True):
            if label:
                names[index] += f" «{label}»"
    return names


def _channel(
    page: Page, channel: str, value: Any, others: list[tuple[str, Task, Any]], around: Around, lines: int
) -> None:
    old = _of(around.before, channel)
    new = _of(around.after, channel)
    name = one_line(channel, 100) or "state"
    page.add((name, "strong"), *_change(old, new))
    inside = old is not MISSING and new is not MISSING and comparable(old, new) and is_container(new)
    if old is not MISSING:
        _side(page, "  before ", f"{name} before", old, inside)
    elif around.before is not None and not around.before.problem:
        page.add(("  before ", "muted"), ("(not set)", "muted"))
    page.value(f"written to {name}", value, lines=lines, label="  wrote  ")
    for label, other, theirs in others[:_OTHERS]:
        item = Item(f"{label} wrote to {name}", partial(whole, theirs), other)
        page.add(("  also   ", "muted"), (f"{label} wrote ", "muted"), (summary(theirs, 160), ""), item=item)
    if len(others) > _OTHERS:
        page.add((f"         … and {len(others) - _OTHERS:,} more tasks", "muted"))
    if new is not MISSING:
        _side(page, "  after  ", f"{name} after", new, inside)
    if inside:
        _differences(page, name, old, new)


def _side(page: Page, label: str, title: str, value: Any, inside: bool) -> None:
    """The value before or after: in one line where what changed in it is listed below, else its first lines."""
    if inside:
        page.add((label, "muted"), (summary(value, 160), ""), item=Item(title, lambda: whole(value)))
    else:
        page.value(title, value, lines=6, label=label)


def _differences(page: Page, name: str, old: Any, new: Any) -> None:
    changed = [entry for entry in level(old, new) if entry.mark]
    for entry in changed[:_CHANGES]:
        value = entry.value
        sign, pen = _SIGNS[entry.mark]
        said = summary(value, 160)
        if entry.mark == "changed":
            said = f"{summary(entry.old, 60)} → {summary(entry.new, 100)}"
        key = one_line(str(entry.key), 40)
        page.add(
            ("         ", ""), (f"{sign} {key}  ", pen), (said, ""), item=Item(f"{name} {key}", partial(whole, value))
        )
    if len(changed) > _CHANGES:
        page.add((f"         … {len(changed) - _CHANGES:,} more changes", "muted"))


def _of(state: State | None, channel: str) -> Any:
    values: Mapping[str, Any] = state.values if state is not None else {}
    return values.get(channel, MISSING)


def _change(old: Any, new: Any) -> tuple[tuple[str, str], ...]:
    if new is MISSING:
        return ()
    if old is MISSING:
        return (("  + added", "success"),)
    if same(old, new):
        return (("  unchanged", "muted"),)
    grew = (count(new) or 0) - (count(old) or 0) if count(new) is not None and count(old) is not None else 0
    return ((f"  ~ changed{f'  {grew:+,}' if grew else ''}", "success"),)


# ---------------------------------------------------------------------- the rest


def _retries(page: Page, task: Task) -> None:
    before = task.started
    for at, retry in (task.retries or [])[:20]:
        if retry.error is not None:
            failure(page, f"Try {retry.attempt - 1} failed after {duration(at - before)}", retry.error, frames=3)
        else:
            page.heading(f"Try {retry.attempt - 1} failed", f"after {duration(at - before)}")
        before = at


def _numbers(page: Page, run: Run, task: Task, now: float) -> None:
    page.heading("Timing")
    page.fact("started", f"at {moment(task.started)}")
    if task.ended is not None:
        page.fact("ended", f"at {moment(task.ended)}, after {duration(task.ended - task.started)}")
        after = superstep.checkpoints(run, task)[1]
        waited = after.at - task.ended if after is not None else 0.0
        if waited > 0.001 and task.status == "ok":
            page.fact("waited", f"{duration(waited)} for the rest of its superstep")
    else:
        page.fact("running", f"for {duration(now - task.started)}")
    usage, calls, tools = _inside(task)
    if calls or tools:
        said = [plural(calls, "model call")] if calls else []
        said += [plural(tools, "tool call")] if tools else []
        page.fact("calls", ", ".join(said))
    if usage.input or usage.output:
        page.fact("tokens", f"{number(usage.input)} in, {number(usage.output)} out")
    page.heading("Task")
    if task.triggers:
        page.fact("triggers", ", ".join(task.triggers[:20]))
    page.fact("id", task.id)
    if task.ns:
        page.fact("namespace", " / ".join(task.ns))
    metadata = decode(task.metadata)
    if isinstance(metadata, dict) and metadata:
        page.value("metadata", metadata, lines=16, label=f"{'metadata':<11}")


def _inside(task: Task) -> tuple[Usage, int, int]:
    """Tokens, model calls and tool calls in a task and what is inside it."""
    usage, models, tools = Usage(), 0, 0
    stack: list[Node] = [task]
    seen = 0
    while stack and seen < 20_000:
        node = stack.pop()
        seen += 1
        if isinstance(node, Span):
            models += node.type == "model"
            tools += node.type == "tool"
            if node.usage is not None:
                usage = add_usage(usage, node.usage)
        stack.extend(node.children or ())
    return usage, models, tools
