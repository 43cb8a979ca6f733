"""What an interrupt asks, in words: the question itself, what comes with it, and what an answer sends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inspector.core.json_schema import Schema, alternatives, check, dumps, parse_json, resolve
from inspector.core.messages import as_message
from inspector.core.values import Opaque, to_json
from inspector.errors import InputError

_ASKING = (
    "question",
    "message",
    "prompt",
    "ask",
    "text",
    "query",
    "instruction",
    "instructions",
    "title",
    "description",
)
_MAX_LINES = 400


@dataclass(frozen=True, slots=True)
class Question:
    """`headline` is what is asked, one or more lines; `details` are the lines of what comes with it, indented."""

    headline: str
    details: tuple[str, ...] = ()


def question(value: Any) -> Question:
    """The question that an interrupt's (inert) value is. Text is as the graph gave it: make it safe before showing."""
    if isinstance(value, Opaque) and (message := as_message(value)) is not None:
        return Question(message.text)
    plain = to_json(value)
    if isinstance(plain, str):
        return Question(plain)
    if isinstance(plain, dict):
        if plain.get("type") == "tool_approval" and (actions := _actions([plain])) is not None:
            return actions
        for key in _ASKING:
            if isinstance(plain.get(key), str) and plain[key].strip():
                rest = {name: item for name, item in plain.items() if name != key}
                return Question(plain[key], _bounded(_lines(rest)))
        if (actions := _actions(plain.get("action_requests"))) is not None:  # LangChain's human-in-the-loop middleware
            return actions
        return Question("The graph waits for an answer to this:", _bounded(_lines(plain)))
    if isinstance(plain, list) and plain:
        asked = [item.get("action_request") for item in plain if isinstance(item, dict)]
        if len(asked) == len(plain) and (actions := _actions(asked, plain)) is not None:  # langgraph.prebuilt.interrupt
            return actions
        return Question("The graph waits for an answer to this:", _bounded(_lines(plain)))
    return Question("The graph waits for an answer." if plain in (None, [], {}) else dumps(plain))


def _actions(requests: Any, wholes: list[Any] | None = None) -> Question | None:
    """The question whether tools may be called, with their arguments; the description of a single one asks best."""
    if not isinstance(requests, list) or not requests or not all(isinstance(item, dict) for item in requests):
        return None
    names = [str(item.get("name") or item.get("action") or "a tool") for item in requests]
    said = [str((whole or {}).get("description") or "") for whole in (wholes or requests)]
    lines: list[str] = []
    for name, item, description in zip(names, requests, said, strict=True):
        lines += [name] if len(names) > 1 else []
        lines += [f"  {line}" for line in description.splitlines()] if len(names) > 1 else []
        args = item.get("args")
        lines += [f"  {line}" if len(names) > 1 else line for line in _lines(args)] if args else []
    if len(names) == 1 and said[0].strip():
        return Question(said[0], _bounded(iter([f"calls {names[0]}", *lines])))
    return Question(f"May it call {', '.join(names)}?", _bounded(iter(lines)))


def answer(text: str, schema: Schema | None = None) -> Any:
    """The value that a typed answer is: JSON where it is JSON (and the schema takes it), else the text itself. A word
    that names one of several kinds of answer stands for it: `approve` for `{"type": "approve"}`.

    Raises:
        InputError: nothing was typed, or the schema takes neither.
    """
    stripped = text.strip()
    if not stripped:
        raise InputError('Type an answer: text or JSON ("" sends an empty text).')
    try:
        candidates = [parse_json(stripped), text]
    except InputError:
        if stripped[0] in "{[":
            raise
        candidates = [text]
    kinds = choices(schema)
    if stripped in kinds:
        candidates.append({kinds[stripped]: stripped})
    wrong = [check(schema, candidate, partial=False, what="The answer") for candidate in candidates]
    for candidate, problem in zip(candidates, wrong, strict=True):
        if problem is None:
            return candidate
    if stripped in kinds:
        shape = dumps({kinds[stripped]: stripped})
        raise InputError(f"“{stripped}” needs more than the word; write it as JSON: {shape[:-1]}, …}}.")
    raise InputError((wrong[0] or "") + (f" It takes: {', '.join(kinds)}." if kinds else ""))


def choices(schema: Schema | None) -> dict[str, str]:
    """The words that tell kinds of answers apart (`approve`, `edit`, ...), with the key that each is the value of."""
    found: dict[str, str] = {}
    if schema:
        options, _ = alternatives(resolve(schema, schema), schema)
        for option in options if len(options) > 1 else ():
            properties = option.get("properties")
            for key, value in properties.items() if isinstance(properties, dict) else ():
                word = resolve(value, schema).get("const")
                if isinstance(word, str):
                    found.setdefault(word, str(key))
    return found


def _lines(value: Any, indent: int = 0) -> Iterator[str]:
    pad = "  " * indent
    if isinstance(value, dict):
        width = min(max((len(str(key)) for key in value), default=0), 16)
        for key, item in value.items():
            yield from _entry(f"{pad}{key!s:<{width}}  ", item, indent)
    elif isinstance(value, list):
        for item in value:
            yield from _entry(f"{pad}- ", item, indent)
    else:
        yield from (f"{pad}{line}" for line in _leaf(value).split("\n"))


def _entry(label: str, item: Any, indent: int) -> Iterator[str]:
    if isinstance(item, (dict, list)) and item and indent < 6:
        flat = dumps(item)
        if len(flat) <= 60 and not any(isinstance(child, (dict, list)) for child in _values(item)):
            yield label + flat
        else:
            yield label.rstrip()
            yield from _lines(item, indent + 1)
    else:
        first, *rest = _leaf(item).split("\n")
        yield label + first
        yield from (" " * len(label) + line for line in rest)


def _values(item: dict[Any, Any] | list[Any]) -> list[Any]:
    return list(item.values()) if isinstance(item, dict) else item


def _leaf(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value)


def _bounded(lines: Iterator[str]) -> tuple[str, ...]:
    out: list[str] = []
    for line in lines:
        if len(out) == _MAX_LINES:
            out.append("…")
            break
        out.append(line)
    return tuple(out)
