"""What a step changed in the state, in a few words, told from the two states where nobody saw what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inspector.core.diff import MISSING, Entry, level
from inspector.core.outline import count, summary
from inspector.core.text import one_line

_MOST = 8  # channels
_SHORT = 16  # characters of a value


def briefly(old: Mapping[str, Any] | None, new: Mapping[str, Any]) -> tuple[str, ...]:
    """`budget 1,500→1,200`, `messages +3`, `days`: one text a channel that changed. `old` None: there was no state."""
    entries = [entry for entry in level(MISSING if old is None else dict(old), dict(new)) if entry.mark or old is None]
    texts = tuple(_brief(entry) for entry in entries[:_MOST])
    return (*texts, f"… {len(entries) - _MOST} more") if len(entries) > _MOST else texts


def _brief(entry: Entry) -> str:
    name = one_line(str(entry.key), 30) or "value"
    if entry.mark == "removed":
        return f"{name} gone"
    grew = _length(entry.new) - _length(entry.old) if isinstance(entry.new, list) else 0
    if grew:
        return f"{name} {grew:+,}"
    if _is_short(entry.new) and (entry.old is MISSING or _is_short(entry.old)):
        new = summary(entry.new, _SHORT)
        return f"{name} {new}" if entry.old is MISSING else f"{name} {summary(entry.old, _SHORT)}→{new}"
    return name


def _is_short(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float)) or (isinstance(value, str) and len(value) <= _SHORT)


def _length(value: Any) -> int:
    return (count(value) or 0) if isinstance(value, list) else 0
