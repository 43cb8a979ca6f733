"""Inert values (`core.values`) in one line each: what a tree row, a list or a header says of a value.

- `summary(value)` is the line: `1,200`, `"text…"`, `5 items`, `{price: 336, stars: 3}`, `AIMessage …`, `Send → search`.
- `kind(value)` says what it is, for a colour: see `Kind`. `type_name(value)` names its type as Python would.
- `message_summary(message)`, `calls_summary(calls)` and `call_summary(name, args)` are the lines of messages and calls.
- `question(value)` is what an interrupt asks. `path_text(path)` writes a path into a value: `messages[4].content`.
- `whole(value)` is the value as text of any length, to read or to copy.

Every line is safe for a terminal (`core.text.one_line`) and costs what it shows, never what the value holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import Any, Literal, TypeAlias

import ormsgpack

from inspector.core.messages import Message, ToolCall, as_message
from inspector.core.text import duration, one_line, plural, safe, size
from inspector.core.values import Clipped, More, Opaque, Unreadable, children, to_json

Kind: TypeAlias = Literal[
    "none", "bool", "number", "text", "bytes", "list", "mapping", "object", "message", "more", "unreadable"
]

_SHORT = 60  # containers that fit in this many characters are shown whole
_SECRETS = frozenset({"SecretStr", "SecretBytes"})
_COLLECTIONS = frozenset({"set", "frozenset", "deque"})


def kind(value: Any) -> Kind:
    """What a value is."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, Clipped):
        return "text" if isinstance(value.text, str) else "bytes"
    if isinstance(value, (bytes, bytearray)):
        return "bytes"
    if isinstance(value, list):
        return "list"
    if isinstance(value, More):
        return "more"
    if isinstance(value, Unreadable):
        return "unreadable"
    if as_message(value) is not None:
        return "message"
    return "mapping" if isinstance(value, dict) else "object"


def type_name(value: Any) -> str:
    """The name of the value's type: `str`, `list`, `AIMessage`, ..."""
    if value is None:
        return "None"
    if isinstance(value, (Opaque, Unreadable)):
        return one_line(value.type.rpartition(".")[2], 80)
    if isinstance(value, Clipped):
        return type(value.text).__name__
    return "more" if isinstance(value, More) else type(value).__name__


def summary(value: Any, limit: int = 200) -> str:
    """The value in one line of at most about `limit` characters."""
    text = _scalar(value, limit)
    if text is not None:
        return text
    if isinstance(value, list):
        return _sequence(value, limit)
    if isinstance(value, dict):
        message = as_message(value)
        return _message_line(message, limit) if message is not None else _mapping(value, limit)
    if isinstance(value, Opaque):
        message = as_message(value)
        return _message_line(message, limit) if message is not None else _object(value, limit)
    return one_line(repr(value), limit)


def _scalar(value: Any, limit: int) -> str | None:
    """The line of a value without children, or None."""
    if value is None or isinstance(value, bool):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**18 else one_line(hex(value), limit)
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value, limit)
    if isinstance(value, (bytes, bytearray)):
        return f"{size(len(value))} of bytes" if value else "no bytes"
    if isinstance(value, Clipped):
        if isinstance(value.text, str):
            return f"{_quoted(value.text, min(limit, max(8, len(value.text))))}  {value.total:,} characters"
        return f"{size(value.total)} of bytes"
    if isinstance(value, More):
        return f"… {value.count:,} more"
    if isinstance(value, Unreadable):
        return one_line(f"unreadable {value.type}: {value.reason}", limit)
    return None


def _quoted(text: str, limit: int) -> str:
    """In quotes; the closing one is only there when the text is."""
    return f'"{one_line(text, limit)}' if len(text) > limit else f'"{one_line(text, limit)}"'


def _sequence(value: list[Any], limit: int) -> str:
    if not value:
        return "[]"
    if not isinstance(value[-1], More) and len(value) <= 12 and _are_scalars(value):
        line = "[" + ", ".join(_short(item) for item in value) + "]"
        if len(line) <= min(limit, _SHORT):
            return line
    return plural(count(value) or 0, "item")


def _mapping(fields: dict[Any, Any], limit: int, opening: str = "{", closing: str = "}", between: str = ": ") -> str:
    if not fields:
        return opening + closing
    if len(fields) <= 8 and _are_scalars(fields.values()):
        line = opening + ", ".join(f"{_key(k)}{between}{_short(v)}" for k, v in fields.items()) + closing
        if len(line) <= min(limit, _SHORT):
            return line
    names = ", ".join(_key(key) for key in islice(fields, 12))
    total = count(fields) or 0
    return one_line(f"{total:,} {'key' if total == 1 else 'keys'}: {names}{', …' if len(fields) > 12 else ''}", limit)


def _key(key: Any) -> str:
    return one_line(key if isinstance(key, str) else repr(key), 40)


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "[]"
    return "{}" if isinstance(value, dict) else _scalar(value, 24) or ""


def _are_scalars(values: Iterable[Any]) -> bool:
    """No value with anything inside it, and no text that would fill the line alone."""
    return all(
        not (isinstance(value, (list, dict)) and value)
        and not isinstance(value, (Opaque, Clipped, More, Unreadable))
        and not (isinstance(value, str) and len(value) > 40)
        for value in values
    )


def _object(value: Opaque, limit: int) -> str:
    name, fields = one_line(value.name, 60), value.fields
    if name in _SECRETS:
        return f"{name} ********"
    special = _known(value.type, fields, limit)
    if special is not None:
        return special
    if name == "Document" and isinstance(fields, dict) and "page_content" in fields:
        return f"Document {summary(fields['page_content'], limit)}"
    if name == "ndarray" and isinstance(fields, dict):
        shape = fields.get("shape")
        sizes = " × ".join(str(n) for n in shape) if isinstance(shape, list) else "?"
        return one_line(f"array {fields.get('dtype')}  {sizes}", limit)
    if isinstance(fields, dict):
        if len(fields) <= 8 and _are_scalars(fields.values()):
            return _mapping(fields, limit, f"{name}(", ")", "=")
        return f"{name}  {_mapping(fields, limit)}"
    if isinstance(fields, list):
        if name in _COLLECTIONS:
            return f"{name} of {plural(count(fields) or 0, 'item')}" if fields else f"empty {name}"
        return f"{name}  {_sequence(fields, limit)}"
    return f"{name}({summary(fields, limit)})"


def _known(type_: str, fields: Any, limit: int) -> str | None:
    """Types of the standard library and of LangGraph, written as people write them."""
    if type_ == "uuid.UUID" and isinstance(fields, str) and len(fields) == 32:
        return one_line("-".join((fields[:8], fields[8:12], fields[12:16], fields[16:20], fields[20:])), limit)
    if type_ in ("datetime.datetime", "decimal.Decimal", "zoneinfo.ZoneInfo") or type_.startswith("ipaddress."):
        return one_line(str(fields), limit) if isinstance(fields, str) else None
    if not isinstance(fields, list) or len(fields) > 64:
        return None
    numbers = [part for part in fields if isinstance(part, int)]
    if type_ == "datetime.date" and len(numbers) == 3:
        return "{:04}-{:02}-{:02}".format(*numbers)
    if type_ == "datetime.timedelta" and len(numbers) == 3:
        seconds = numbers[0] * 86_400 + numbers[1] + numbers[2] / 1e6
        return duration(seconds) if seconds >= 0 else f"−{duration(-seconds)}"
    if type_.startswith("pathlib.") and all(isinstance(part, str) for part in fields):
        return one_line("/".join(fields).replace("//", "/", 1) or ".", limit)
    if type_ == "re.compile" and fields:
        return one_line(f"/{fields[0]}/", limit)
    if type_.endswith(".Send") and len(fields) >= 2:
        return one_line(f"Send → {fields[0]}  {summary(fields[1], limit)}", limit)
    return None


# ---------------------------------------------------------------------- messages and calls


def message_summary(message: Message, limit: int = 200) -> str:
    """What a message says, without its role: `calls search ×3`, `flights  error  TimeoutError`, or its text."""
    parts: list[str] = []
    if message.role == "tool":
        parts.append(one_line(message.name, 40))
        parts.append("error" if message.status == "error" else "")
    if message.tool_calls:
        parts.append(calls_summary(message.tool_calls, limit))
    if message.text:
        parts.append(one_line(message.text.strip(), limit))
    elif message.reasoning and not message.tool_calls:
        parts.append(one_line(f"(reasoning) {message.reasoning.strip()}", limit))
    parts.extend(f"[{one_line(block, 30)}]" for block in message.blocks[:4])
    return one_line("  ".join(part for part in parts if part), limit) or "(empty)"


def _message_line(message: Message, limit: int) -> str:
    return one_line(f"{message.role}  {message_summary(message, limit)}", limit)


def calls_summary(calls: Iterable[ToolCall], limit: int = 200) -> str:
    """`calls search(query="flights")`, `calls search ×3`, `calls search ×2, book`."""
    known = list(calls)
    if len(known) == 1:
        return f"calls {call_summary(known[0].name, known[0].args, limit)}"
    counts: dict[str, int] = {}
    for call in known:
        counts[call.name] = counts.get(call.name, 0) + 1
    names = (one_line(name, 40) + (f" ×{times}" if times > 1 else "") for name, times in counts.items())
    return one_line(" ".join(filter(None, ("calls", ", ".join(names)))), limit)


def call_summary(name: str, args: Any, limit: int = 200) -> str:
    """`search(query="flights", seats=2)`."""
    if isinstance(args, dict):
        shown = ", ".join(f"{_key(key)}={summary(value, 60)}" for key, value in islice(args.items(), 8))
    else:
        shown = "" if args is None else summary(args, limit)
    return one_line(f"{name}({shown})", limit)


_ASKS = ("question", "message", "prompt", "text", "query", "title", "instruction", "description")


def question(value: Any, limit: int = 200) -> str:
    """What an interrupt asks, in one line: a text, the text of a mapping that has one, or the call that is to be
    approved (`langchain`'s and prebuilt agents' requests). `core.question` says it at length."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, (str, Clipped)):
        text = value if isinstance(value, str) else value.text
        return one_line(text.strip(), limit) if isinstance(text, str) else summary(value, limit)
    fields = value.fields if isinstance(value, Opaque) else value
    if isinstance(fields, dict):
        requests = fields.get("action_requests")
        if isinstance(requests, list) and requests:
            asked = [_request(request) for request in requests[:4]]
            return one_line(", ".join(asked) + ("?" if all(asked) else ""), limit)
        if isinstance(fields.get("action_request"), dict):
            return one_line(_request(fields["action_request"]) + "?", limit)
        for key in _ASKS:
            asked_for = fields.get(key)
            if isinstance(asked_for, str) and asked_for.strip():
                return one_line(asked_for.strip(), limit)
    return summary(value, limit)


def _request(request: Any) -> str:
    fields = request.fields if isinstance(request, Opaque) else request
    if not isinstance(fields, dict):
        return summary(request, 80)
    name = fields.get("name") or fields.get("action")
    args = fields.get("args", fields.get("arguments"))
    return call_summary(name, args, 120) if isinstance(name, str) else summary(request, 80)


# ---------------------------------------------------------------------- whole


def count(value: Any) -> int | None:
    """How many children a container has (those that a preview left out included), None for a leaf."""
    inner = value.fields if isinstance(value, Opaque) else value
    if isinstance(inner, list):
        return len(inner) - 1 + inner[-1].count if inner and isinstance(inner[-1], More) else len(inner)
    if isinstance(inner, dict):
        last = next(reversed(inner.values()), None)
        return len(inner) - 1 + last.count if isinstance(last, More) else len(inner)
    return 1 if isinstance(value, Opaque) else None


def measure(value: Any) -> int:
    """About how many bytes a value takes in a checkpoint; 0 where that cannot be told."""
    try:
        return len(ormsgpack.packb(value, option=ormsgpack.OPT_NON_STR_KEYS))
    except (TypeError, ValueError, RecursionError):
        return 0


def path_text(path: Iterable[str | int]) -> str:
    """A path into a value as one would write it: `messages[4].content`, `days["day one"]`. Safe, on one line."""
    parts: list[str] = []
    for key in path:
        if isinstance(key, int):
            parts.append(f"[{key}]")
        elif key.isidentifier():
            parts.append(f".{key}" if parts else key)
        else:
            parts.append(f"[{json.dumps(key, ensure_ascii=False)}]" if parts else key)
    return one_line("".join(parts))


def whole(value: Any) -> str:
    """The value as text of any length: a text as it is, a message as one reads it, anything else as indented JSON."""
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, Clipped) and isinstance(value.text, str):
        return f"{safe(value.text)}…\n\n({value.total:,} characters in all)"
    message = as_message(value)
    if message is not None:
        return _whole_message(message, value)
    return as_json(value)


def as_json(value: Any) -> str:
    """The value as indented JSON text; `core.values.to_json` says how objects are written."""
    try:
        return safe(json.dumps(to_json(value), indent=2, ensure_ascii=False))
    except RecursionError:
        return f"{type_name(value)}, nested too deeply to be written out: open it level by level instead"


def _whole_message(message: Message, value: Any) -> str:
    parts = [f"{message.role}  {safe(message.name)}".rstrip()]
    if message.reasoning:
        parts.append(f"reasoning\n{safe(message.reasoning)}")
    if message.text:
        parts.append(safe(message.text))
    parts.extend(
        f"calls {one_line(call.name)}  {one_line(call.id)}\n{as_json(call.args)}" for call in message.tool_calls
    )
    rest = {str(key): child for key, child in children(value) if key not in ("content", "tool_calls", "name") and child}
    if rest:
        parts.append(as_json(rest))
    return "\n\n".join(parts)
