"""Inert values as indented, coloured lines, made one at a time: whoever wants twenty lines pays for twenty.

    city: "Lisbon"
    days:
      - name: "Friday"
        stops: ["Alfama", "castle"]
    messages:
      human   Plan three days in Lisbon
      ai      calls find_flights(city="Lisbon")

What fits on a line is on one line. Texts are wrapped; messages are shown as messages.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, Literal, TypeAlias

from inspector.core.messages import Message, as_message
from inspector.core.outline import call_summary, kind, summary
from inspector.core.text import one_line, size
from inspector.core.values import MORE, Clipped, More, Opaque, Unreadable, children, is_container
from inspector.tui.widgets.wrapping import clean, wrap

Tone: TypeAlias = Literal["", "key", "quiet", "role", "number", "bad", "reasoning"]
Line: TypeAlias = list[tuple[str, Tone]]

_DEEPEST = 12
_ROLE = 8
_TEXT_LINES = 2000
_PIECES = 60  # children that one line may hold


def pretty(value: Any, width: int, *, text_lines: int = _TEXT_LINES) -> Iterator[Line]:
    """The lines of a value, each at most about `width` cells (never less than 16). `text_lines` bounds each text."""
    yield from _value(value, max(width, 16), 0, text_lines)


def wrapped(text: str, width: int, limit: int = _TEXT_LINES) -> list[str]:
    """A text as lines of at most `width` cells, the first `limit` of them. Costs what is returned."""
    width = max(width, 4)
    bound = (width + 1) * limit
    part = clean(text[:bound])
    starts = array("I", [0])
    wrap(part, 0, width, starts)
    ends = [*starts[1:], len(part)]
    lines = [part[a:b].rstrip().replace("\t", "    ") for a, b in zip(starts, ends, strict=True)]
    return lines[:limit]


def message_lines(message: Message, width: int, *, text_lines: int = _TEXT_LINES) -> Iterator[Line]:
    """A message: its role, then what it says, thinks and calls, beside it."""
    room = max(width - _ROLE, 12)
    label = f"{message.role:<{_ROLE - 1}} "
    if message.role == "tool" and (message.name or message.status == "error"):
        said = f"{one_line(message.name, 60)}{'  error' if message.status == 'error' else ''}"
        yield [(label, "role"), (said, "bad" if message.status == "error" else "key")]
        label = ""
    pieces: list[tuple[str, Tone]] = []
    if message.reasoning:
        pieces += _cut(message.reasoning.strip(), room, text_lines, "reasoning")
    if message.text.strip():
        pieces += _cut(message.text.strip(), room, text_lines, "")
    pieces += [("calls " + call_summary(call.name, call.args, 400), "number") for call in message.tool_calls]
    pieces += [(f"[{one_line(block, 40)}]", "quiet") for block in message.blocks]
    for text, tone in pieces or [("(empty)", "quiet")]:
        yield [(f"{label:<{_ROLE}}", "role"), (text, tone)]
        label = ""


def compact(value: Any, room: int) -> str | None:
    """The whole value on one line of at most `room` characters, None if it does not fit."""
    if room <= 0:
        return None
    if isinstance(value, str):
        return f'"{one_line(value)}"' if len(value) + 2 <= room and "\n" not in value else None
    if isinstance(value, (Clipped, More, Unreadable)) or as_message(value) is not None:
        return None
    if not is_container(value) or _is_plain(value):
        text = summary(value, room)
        return text if len(text) <= room else None
    inner = value.fields if isinstance(value, Opaque) else value
    mapping = isinstance(inner, dict)
    opening, closing = ("{", "}") if mapping else ("[", "]")
    if isinstance(value, Opaque):
        opening, closing = f"{one_line(value.name, 60)}(", ")"
    parts: list[str] = []
    left = room - len(opening) - len(closing)
    for key, child in islice(children(value), _PIECES + 1):
        before = f"{one_line(str(key), 60)}: " if mapping else ""
        text = compact(child, left - len(before)) or ""
        if not text or len(parts) == _PIECES:
            return None
        parts.append(before + text)
        left -= len(before) + len(text) + 2
    return opening + ", ".join(parts) + closing


def _is_plain(value: Any) -> bool:
    """An object that its summary says whole: a date, a UUID, a path."""
    return isinstance(value, Opaque) and not isinstance(value.fields, (dict, list))


def _value(value: Any, width: int, depth: int, text_lines: int) -> Iterator[Line]:
    room = max(width, 16)
    message = as_message(value)
    if message is not None:
        yield from message_lines(message, room, text_lines=text_lines)
        return
    line = compact(value, room)
    if line is not None:
        yield [(line, _tone(value))]
    elif isinstance(value, str):
        yield from _text(value, room, text_lines)
    elif isinstance(value, Clipped):
        yield from _clipped(value, room, text_lines)
    elif isinstance(value, More):
        yield [(f"… {value.count:,} more", "quiet")]
    elif isinstance(value, Unreadable):
        yield from _text(f"unreadable {value.type}: {value.reason}", room, text_lines, "bad")
    elif not is_container(value) or depth >= _DEEPEST:
        yield [(summary(value, room), _tone(value))]
    else:
        yield from _container(value, room, depth, text_lines)


def _text(text: str, room: int, limit: int, tone: Tone = "") -> Iterator[Line]:
    for line, of in _cut(text, room, limit, tone):
        yield [(line, of)]


def _cut(text: str, room: int, limit: int, tone: Tone) -> Iterator[tuple[str, Tone]]:
    """The first `limit` lines, and a mark where there are more."""
    lines = wrapped(text, room, limit + 1)
    yield from ((line, tone) for line in lines[:limit])
    if len(lines) > limit:
        yield "…", "quiet"


def _clipped(value: Clipped, room: int, text_lines: int) -> Iterator[Line]:
    if isinstance(value.text, str):
        yield from _text(value.text, room, text_lines)
        yield [(f"… {value.total:,} characters in all", "quiet")]
    else:
        yield [(f"{size(value.total)} of bytes", "quiet")]


def _container(value: Any, room: int, depth: int, text_lines: int) -> Iterator[Line]:
    inner = value.fields if isinstance(value, Opaque) else value
    if isinstance(value, Opaque):
        yield [(one_line(value.name, 80), "quiet")]
        room -= 2
    lines = _items(inner, room, depth, text_lines)
    if isinstance(value, Opaque):
        lines = _indented(lines, "  ")
    yield from lines


def _items(inner: Any, room: int, depth: int, text_lines: int) -> Iterator[Line]:
    if isinstance(inner, dict):
        for key, child in inner.items():
            if key == MORE and isinstance(child, More):
                yield [(f"… {child.count:,} more", "quiet")]
                continue
            name = one_line(key if isinstance(key, str) else repr(key), 60)
            line = compact(child, room - len(name) - 2)
            if line is not None:
                yield [(f"{name}: ", "key"), (line, _tone(child))]
            else:
                yield [(f"{name}:", "key")]
                yield from _indented(_value(child, room - 2, depth + 1, text_lines), "  ")
    elif isinstance(inner, list):
        for item in inner:
            if as_message(item) is not None or isinstance(item, More):
                yield from _value(item, room, depth + 1, text_lines)
            else:
                yield from _indented(_value(item, room - 2, depth + 1, text_lines), "  ", "- ")
    else:
        yield from _value(inner, room, depth + 1, text_lines)


def _indented(lines: Iterable[Line], indent: str, first: str | None = None) -> Iterator[Line]:
    for line in lines:
        yield [(indent if first is None else first, "quiet"), *line]
        first = None


def _tone(value: Any) -> Tone:
    of = kind(value)
    if of in ("number", "bool"):
        return "number"
    return "quiet" if of == "none" else "bad" if of == "unreadable" else ""
