"""What was written at a checkpoint by the tasks that come after it: who finished, who asks, who failed.

Follows LangGraph's own reading of these rows (`langgraph.pregel._task_status`): a task that wrote anything has
finished, and what it asked before that is answered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from inspector.core.text import one_line
from inspector.core.values import Opaque, decode_typed
from inspector.store.reading import Row
from inspector.store.upcoming import CONTROL, NULL_TASK

if TYPE_CHECKING:
    from inspector.core.events import Failure

_LONGEST = 4000
_MOST = 1000
_REPR = re.compile(r"([A-Za-z_][\w.]*)\((.*)\)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pending:
    """`paths` has the path of every task that wrote, by its id; `finished` the ids of those that are done;
    `interrupts` what waits for an answer, as `(interrupt id, value)`; `error` the first error, as `Type: message`."""

    paths: dict[str, str] = field(default_factory=dict)
    finished: frozenset[str] = frozenset()
    interrupts: tuple[tuple[str, Any], ...] = ()
    error: str = ""


def pending(rows: Iterable[Row]) -> Pending:
    """From rows `(task id, path, idx, channel, type, value)`; `value` may be None where `idx` is not negative."""
    paths: dict[str, str] = {}
    finished: set[str] = set()
    asked: dict[str, list[tuple[str, Any]]] = {}
    errors: dict[str, str] = {}
    for task, path, _, channel, type_, value in rows:
        if task == NULL_TASK:
            continue
        paths[task] = path or paths.get(task, "")
        if channel == "__interrupt__":
            asked.setdefault(task, []).extend((id_, said) for id_, said, _ in interrupts(decode_typed(type_, value)))
        elif channel == "__error__":
            errors[task] = one_line(str(failure(decode_typed(type_, value))), 300)
        elif channel not in CONTROL:
            finished.add(task)
    waiting = tuple(item for task, items in asked.items() if task not in finished for item in items)
    error = next((text for task, text in errors.items() if task not in finished), "")
    return Pending(paths, frozenset(finished), waiting, error)


def interrupts(value: Any) -> list[tuple[str, Any, Any]]:
    """The `(id, value, response schema)` of saved interrupts; older versions of LangGraph gave them no id, or another
    name for it. At most `_MOST`: nobody answers more."""
    found: list[tuple[str, Any, Any]] = []
    for item in value[:_MOST] if isinstance(value, list) else [value]:
        if not isinstance(item, Opaque) or item.name != "Interrupt":
            found.append(("", item, None))
        elif isinstance(item.fields, list):
            fields = [*item.fields, None, None]
            found.append((str(fields[1] or ""), fields[0], None))
        else:
            id_ = item.get("id") or item.get("interrupt_id") or ""
            found.append((str(id_), item.get("value"), item.get("response_schema")))
    return found


def failure(value: Any) -> Failure:
    """A saved exception. LangGraph keeps its `repr`."""
    from inspector.core.events import Failure  # the list of threads does without the events, until one has failed

    if isinstance(value, Opaque):
        said = value.fields
        if isinstance(said, list):
            said = ", ".join(str(part) for part in said)
        return Failure(value.name, "" if said is None else str(said)[:_LONGEST])
    text = str(value)[:_LONGEST]
    found = _REPR.match(text)
    if found is None:
        return Failure(text or "Exception", "")
    import ast

    try:
        said = ast.literal_eval(found[2] or "''")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        said = found[2]
    return Failure(found[1], str(said))
