"""What is held, in words and values: what it is, where it is, why it stopped, and what may be done with it.

Texts are safe and on one line. `core.events.Held` has the facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from inspector.core.breakpoints import Breakpoint
from inspector.core.control import ReleaseKind
from inspector.core.events import Held
from inspector.core.messages import as_message
from inspector.core.nodes import Task
from inspector.core.outline import call_summary, summary
from inspector.core.run import Run
from inspector.core.text import one_line, plural
from inspector.core.values import Clipped, More, Unreadable, children, decode, is_container, to_json

_NAME = 60
_VERBS: dict[str, tuple[ReleaseKind, ...]] = {
    "tool": ("go", "edit", "answer", "fail"), "model": ("go", "edit", "answer", "fail"),
}  # fmt: skip
_ROLES = {"human": "user", "ai": "assistant"}
_PUSH = "__pregel_push"  # what triggers a task of a `Send`
_ENOUGH = 200_000  # values that are looked through for what a preview leaves out


def title(held: Held) -> str:
    """What waits: `before search`, `after search`, `before tool book_flight`, `search failed`."""
    node, name = one_line(held.node, _NAME), one_line(held.name, _NAME)
    if held.what in ("tool", "model"):
        return f"before {held.what} {name}".rstrip()
    return f"{node} failed" if held.what == "error" else f"{held.what} {node}"


def place(held: Held) -> str:
    """Where it is: the node of a call, and the subgraphs around it: `in itinerary / search`. Nothing for a node of the
    root graph."""
    path = [segment.partition(":")[0] for segment in held.ns if not segment.isdigit()]
    if held.what in ("tool", "model") and held.node:
        path.append(held.node)
    return f"in {' / '.join(one_line(name, _NAME) for name in path)}" if path else ""


def reason(held: Held, breakpoints: Iterable[Breakpoint] = ()) -> str:
    """Why it stopped: `step`, `pause`, the breakpoint with its condition; and what else there is to say."""
    why = held.reason or "held"
    found = next((point for point in breakpoints if point.id == held.breakpoint), None) if held.breakpoint else None
    if found is not None and found.condition:
        why = f"breakpoint if {one_line(found.condition, 200)}"
    return f"{why}: {one_line(held.note, 400)}" if held.note else why


def verbs(held: Held) -> tuple[ReleaseKind, ...]:
    """The ways in which it can be released."""
    return _VERBS.get(held.what, ("go",))


def value(held: Held) -> Any:
    """What it waits with, inert: the arguments of a tool, the prompt of a model, a task's input or its writes."""
    return decode(held.value)


def editable(held: Held) -> Any:
    """What it waits with as JSON data that may be edited and sent back: arguments, or messages with their roles."""
    waiting = value(held)
    if held.what != "model" or not isinstance(waiting, list):
        return to_json(waiting)
    return [_plain_message(item) for item in waiting]


def _plain_message(item: Any) -> Any:
    message = as_message(item)
    if message is None:
        return to_json(item)
    content = next((child for key, child in children(item) if key == "content"), message.text)
    plain: dict[str, Any] = {"role": _ROLES.get(message.role, message.role), "content": to_json(content)}
    if message.tool_calls:
        plain["tool_calls"] = [
            {"name": call.name, "args": to_json(call.args), "id": call.id} for call in message.tool_calls
        ]
    if message.tool_call_id:
        plain["tool_call_id"] = message.tool_call_id
    return plain


def brief(held: Held) -> str:
    """What it waits with in one line, for telling it from others."""
    waiting = value(held)
    if held.what == "tool":
        return call_summary("", waiting, 160)
    if held.what == "model" and isinstance(waiting, list) and waiting:
        waiting = waiting[-1]
    while isinstance(waiting, dict) and len(waiting) == 1:  # what a `Send` brings is often wrapped
        waiting = next(iter(waiting.values()))
    return summary(waiting, 160)


def is_of_state(held: Held, run: Run) -> bool:
    """Whether what it waits with is the state at large, which is shown elsewhere: a task before it runs that was given
    nothing of its own by a `Send`."""
    task = task_of(held, run)
    return held.what == "before" and (task is None or _PUSH not in task.triggers)


def note(held: Held) -> str:
    """That a task is held, in its own row: `held`, `held before tool book_flight`, `held after it ran`."""
    if held.what in ("tool", "model"):
        return f"held {title(held)}"
    return {"after": "held after it ran", "error": "held, for it failed"}.get(held.what, "held")


def is_whole(value: Any) -> bool:
    """Whether nothing of a preview is left out, so that it may be edited and sent back."""
    waiting = [value]
    for _ in range(_ENOUGH):
        if not waiting:
            return True
        item = waiting.pop()
        if isinstance(item, (Clipped, More, Unreadable)):
            return False
        if is_container(item):
            waiting.extend(child for _, child in children(item))
    return False


def runs_on(run: Run) -> str:
    """`2 other tasks run on`, or nothing."""
    count = run.others()
    return f"{plural(count, 'other task')} run{'s' if count == 1 else ''} on" if count else ""


def task_of(held: Held, run: Run) -> Task | None:
    """The task that is held, or that the call is in."""
    return run.tasks.get(held.task) if held.task else None
