"""From a JSON schema to the fields of a form, and from what was typed into them back to a JSON value.

A field that is left empty is left out of the value, as LangGraph takes partial inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from inspector.core.json_schema import Schema, alternatives, clip, describe, dumps, is_message, parse_json, resolve
from inspector.errors import InputError

Kind: TypeAlias = Literal["text", "integer", "number", "boolean", "choice", "message", "json"]

_SCALARS: dict[str, Kind] = {"string": "text", "integer": "integer", "number": "number", "boolean": "boolean"}
_EMPTY: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
_MAX_FIELDS = 40
_MAX_CHOICES = 50


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `name` is the key of the input, `""` where the whole input is this one value; `hint` says
    in a few words what it takes; `default` is what the graph uses when it is left out, as JSON text."""

    name: str
    kind: Kind
    hint: str = ""
    description: str = ""
    choices: tuple[Any, ...] = ()
    nullable: bool = False
    default: str = ""

    @property
    def options(self) -> tuple[str, ...]:
        """What can be chosen, as text; empty for a field that is typed."""
        return tuple(value if isinstance(value, str) else dumps(value) for value in self.choices)


def form_fields(schema: Schema | None) -> tuple[Field, ...]:
    """The fields of an input schema, in its order; none where only a JSON editor will do."""
    if not schema:
        return ()
    flat = resolve(schema, schema)
    properties = flat.get("properties")
    if isinstance(properties, Mapping) and properties:
        if len(properties) > _MAX_FIELDS:
            return ()
        return tuple(_field(str(name), sub, schema) for name, sub in properties.items())
    field = _field("", flat, schema)
    return () if field.kind == "json" else (field,)


def read_form(fields: tuple[Field, ...], texts: Mapping[str, str]) -> Any:
    """The input that the fields' texts make.

    Raises:
        InputError: a text is not what its field takes; `.field` is the field's name.
    """
    values: dict[str, Any] = {}
    for field in fields:
        text = texts.get(field.name, "")
        if text.strip():
            values[field.name] = _read(field, text)
    if _is_single(fields):
        if not values:
            raise FieldError("", f"The graph takes {fields[0].hint}: type one.")
        return values[""]
    return values


def fill_form(fields: tuple[Field, ...], value: Any) -> dict[str, str] | None:
    """The texts that make `value` again, or None where this form cannot (an unknown key, an empty text)."""
    values = {"": value} if _is_single(fields) else value
    known = {field.name: field for field in fields}
    if not isinstance(values, dict) or not known or not known.keys() >= values.keys():
        return None
    texts = {name: _write(known[name], item) for name, item in values.items()}
    try:
        return texts if read_form(fields, texts) == value else None
    except InputError:
        return None


def example(schema: Schema | None) -> Any:
    """A skeleton of the input, for a JSON editor to start from."""
    return _example(schema, schema, 0) if schema else {}


def message_input(text: str, key: str = "messages") -> dict[str, Any]:
    """What a chat line sends."""
    return {key: [{"role": "user", "content": text}]}


def message_text(value: Any, key: str = "messages") -> str | None:
    """The chat line that sends `value`, or None where it takes more than a line."""
    if isinstance(value, dict) and value.keys() == {key} and isinstance(value[key], list) and len(value[key]) == 1:
        message = value[key][0]
        if isinstance(message, dict) and message.keys() == {"role", "content"} and message["role"] == "user":
            content = message["content"]
            return content if isinstance(content, str) and content.strip() and "\n" not in content else None
    return None


class FieldError(InputError):
    """What was typed into one field is not what it takes."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


# ------------------------------------------------------------------------------------------------------------------


def _is_single(fields: tuple[Field, ...]) -> bool:
    return len(fields) == 1 and not fields[0].name


def _field(name: str, schema: Any, root: Schema) -> Field:
    flat = resolve(schema, root)
    description = " ".join(str(flat.get("description") or "").split())
    default = "" if flat.get("default") is None else dumps(flat["default"])
    options, nullable = alternatives(flat, root)
    one = options[0] if len(options) == 1 else {}
    kind: Kind = "json"
    choices: tuple[Any, ...] = ()
    if one.get("type") == "array" and is_message(one.get("items"), root):
        kind = "message"
    elif isinstance(one.get("enum"), list) and 0 < len(one["enum"]) <= _MAX_CHOICES:
        choices, kind = tuple(value for value in one["enum"] if value is not None), "choice"
    elif "const" in one:
        choices, kind = (one["const"],), "choice"
    elif isinstance(one.get("type"), str):
        kind = _SCALARS.get(one["type"], "json")
        choices = (True, False) if kind == "boolean" else ()
    hint = "a message" if kind == "message" else describe(flat, root)
    return Field(name, kind, hint, clip(description, 200), choices, nullable, default)


def _read(field: Field, text: str) -> Any:
    stripped = text.strip()
    if field.nullable and stripped == "null" and field.kind != "text":
        return None
    if field.kind == "text":
        return text
    if field.kind == "message" and stripped[0] not in "[{":
        return [{"role": "user", "content": text}]
    if field.choices:
        for value, option in zip(field.choices, field.options, strict=True):
            if option == stripped:
                return value
        raise _wrong(field, stripped)
    try:
        value = parse_json(stripped)
    except InputError as error:
        if field.kind in ("json", "message"):
            raise FieldError(field.name, f"{_label(field)} takes {field.hint} as JSON. {error}") from None
        raise _wrong(field, stripped) from None
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if (field.kind == "integer" and not (number and isinstance(value, int))) or (field.kind == "number" and not number):
        raise _wrong(field, stripped)
    return value


def _label(field: Field) -> str:
    return f"“{clip(field.name)}”" if field.name else "The input"


def _wrong(field: Field, text: str) -> FieldError:
    return FieldError(field.name, f"{_label(field)} must be {field.hint}, not “{clip(text)}”.")


def _write(field: Field, value: Any) -> str:
    if field.kind == "message":
        text = message_text({"messages": value})
        return dumps(value) if text is None else text
    return value if isinstance(value, str) and field.kind in ("text", "choice") else dumps(value)


def _example(schema: Any, root: Schema, depth: int) -> Any:
    flat = resolve(schema, root)
    if "default" in flat:
        return flat["default"]
    options, nullable = alternatives(flat, root)
    if nullable or not options or depth > 4:
        return None
    flat = options[0]
    if flat.get("type") == "array" and is_message(flat.get("items"), root):
        return [{"role": "user", "content": ""}]
    if isinstance(flat.get("enum"), list) and flat["enum"]:
        return flat["enum"][0]
    if "const" in flat:
        return flat["const"]
    properties = flat.get("properties")
    if isinstance(properties, Mapping):
        return {str(name): _example(sub, root, depth + 1) for name, sub in list(properties.items())[:_MAX_FIELDS]}
    return _EMPTY.get(str(flat.get("type")), None if depth else {})
