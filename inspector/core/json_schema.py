"""JSON schemas of inputs and answers: reading JSON text, saying what a schema takes, checking a value against it.

Schemas come from the graph and may be wrong or hostile: references are followed inside the schema only, to a bounded
depth, and a schema that is itself broken checks nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from inspector.errors import InputError

Schema: TypeAlias = Mapping[str, Any]

NOUNS = {
    "string": "text", "integer": "a whole number", "number": "a number", "boolean": "true or false",
    "array": "a list", "object": "an object", "null": "null",
}  # fmt: skip
_PLURALS = {"string": "texts", "integer": "whole numbers", "number": "numbers", "object": "objects"}
_MAX_DEPTH = 8


def parse_json(text: str) -> Any:
    """The JSON value of a text.

    Raises:
        InputError: it is no JSON; the sentence says what is wrong, in which line and column.
    """
    try:
        return json.loads(text, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        raise InputError(f"This is not JSON: line {error.lineno}, column {error.colno}: {what}.") from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"This is not JSON: {error}.") from None


def check(schema: Schema | None, value: Any, *, partial: bool = True, what: str = "The input") -> str | None:
    """What is wrong with an input (or answer), as one sentence, or None.

    `partial`: required keys of the top level are not insisted on, as LangGraph takes partial inputs, and the schema of
    a state requires keys that only nodes write. Messages may be whatever LangGraph turns into messages.
    """
    if not schema:
        return None
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    lenient = {**_relaxed(resolve(schema, schema)), "$defs": _relaxed(schema.get("$defs", {}))}
    if partial:
        lenient.pop("required", None)
        properties = lenient.get("properties")
        if (
            isinstance(properties, Mapping)
            and isinstance(value, dict)
            and value
            and not properties.keys() & value.keys()
        ):
            names = ", ".join(map(str, list(properties)[:8])) + (", …" if len(properties) > 8 else "")
            return f"The graph has no input “{clip(str(next(iter(value))))}”; it takes {names}."
    try:
        # An empty registry: a `$ref` to somewhere else is never fetched.
        error = best_match(Draft202012Validator(lenient, registry=Registry()).iter_errors(value))
    except (Unresolvable, AttributeError, KeyError, TypeError, ValueError, RecursionError):
        return None
    if error is None:
        return None
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path)
    what = f"“{clip(where.removeprefix('.'))}”" if where else what
    return _sentence(what, str(error.validator), error.validator_value, error.instance, error.message)


def resolve(schema: Any, root: Schema, depth: int = 0) -> dict[str, Any]:
    """The schema with local references followed, and `allOf`, `anyOf` or `oneOf` of one part taken apart."""
    if not isinstance(schema, Mapping) or depth > _MAX_DEPTH:
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return {**resolve(_local(reference, root), root, depth + 1), **rest}
    for key in ("allOf", "anyOf", "oneOf"):
        parts = schema.get(key)
        if isinstance(parts, list) and len(parts) == 1:
            rest = {name: value for name, value in schema.items() if name != key}
            return {**resolve(parts[0], root, depth + 1), **rest}
    return dict(schema)


def alternatives(flat: Schema, root: Schema) -> tuple[list[dict[str, Any]], bool]:
    """What a value may be besides null (resolved), and whether it may be null."""
    kinds, parts = flat.get("type"), flat.get("anyOf") or flat.get("oneOf")
    if isinstance(kinds, list):
        options = [{**flat, "type": kind} for kind in kinds]
    elif isinstance(parts, list) and parts:
        options = [resolve(part, root) for part in parts]
    else:
        options = [dict(flat)]
    rest = [option for option in options if option.get("type") != "null"]
    return rest, len(rest) < len(options)


def describe(schema: Schema, root: Schema) -> str:
    """What a schema takes, in a few words: `text`, `a whole number`, `a list of texts`, `one of a, b`."""
    flat = resolve(schema, root)
    options, _ = alternatives(flat, root)
    if len(options) > 1:
        return " or ".join(dict.fromkeys(describe(option, root) for option in options[:4]))
    flat = options[0] if options else flat
    if isinstance(flat.get("enum"), list):
        return "one of " + ", ".join(clip(_show(value), 20) for value in flat["enum"][:8])
    kind, items = flat.get("type"), flat.get("items")
    if kind == "array" and is_message(items, root):
        return "messages"
    if kind == "array" and isinstance(items, Mapping):
        plural = _PLURALS.get(str(resolve(items, root).get("type")))
        return f"a list of {plural}" if plural else "a list"
    return NOUNS.get(kind, "JSON") if isinstance(kind, str) else "JSON"


def is_message(schema: Any, root: Schema) -> bool:
    """Whether a schema is the union of LangChain's message classes."""
    flat = resolve(schema, root)
    parts = flat.get("oneOf") or flat.get("anyOf")
    return isinstance(parts, list) and any(
        isinstance(part, Mapping) and str(part.get("$ref", "")).endswith("/HumanMessage") for part in parts
    )


def clip(text: str, limit: int = 40) -> str:
    """The text, cut with an ellipsis."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def dumps(value: Any, indent: int | None = None) -> str:
    """JSON text for people."""
    return json.dumps(value, ensure_ascii=False, default=str, indent=indent)


# ------------------------------------------------------------------------------------------------------------------


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _local(reference: str, root: Schema) -> Any:
    if not reference.startswith("#"):
        return {}
    target: Any = root
    for part in filter(None, reference[1:].split("/")):
        target = target.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(target, Mapping) else None
    return target


_MESSAGE = {"type": ["object", "string", "array"]}
_MESSAGES = {"anyOf": [{"type": "array", "items": _MESSAGE}, {"type": "string"}, {"type": "object"}]}


def _relaxed(schema: Any) -> Any:
    """The schema with messages as LangGraph takes them: objects with role or type, pairs, bare text. (LangChain states
    a `oneOf` of its classes, which refuses `{"role": "user", ...}` because several of them would fit.)"""
    if isinstance(schema, Mapping):
        if schema.get("type") == "array" and is_message(schema.get("items"), {}):
            return _MESSAGES
        if is_message(schema, {}):
            return _MESSAGE
        return {key: _relaxed(value) for key, value in schema.items()}
    return [_relaxed(item) for item in schema] if isinstance(schema, list) else schema


def _sentence(what: str, rule: str, wanted: Any, instance: Any, message: str) -> str:
    shown = clip(dumps(instance))
    if rule == "type":
        kinds = wanted if isinstance(wanted, list) else [wanted]
        return f"{what} must be {' or '.join(NOUNS.get(kind, str(kind)) for kind in kinds)}, not {shown}."
    if rule in ("enum", "const"):
        options = wanted if rule == "enum" else [wanted]
        return f"{what} must be one of {', '.join(clip(_show(option), 20) for option in options[:8])}, not {shown}."
    if rule == "required":
        missing = next((name for name in wanted if name not in instance), "a key")
        return f"{what} lacks “{clip(str(missing))}”."
    if rule in ("anyOf", "oneOf"):
        return f"{what} does not take {shown}."
    return f"{what} is not what the graph takes: {clip(message, 160)}."


def _show(value: Any) -> str:
    return value if isinstance(value, str) else dumps(value)
