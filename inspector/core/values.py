"""Inert values: LangGraph's msgpack decoded without importing, calling or constructing anything it names.

A decoded value is made of `None, bool, int, float, str, bytes, list, dict` and of

- `Opaque(type, fields)`: an object of a class that we only know by name. `fields` is a mapping (pydantic models,
  dataclasses, named tuples), a list (positional arguments) or a single value (`UUID`, `Enum`, `set`, ...).
- `Clipped(text, total)`: the beginning of a longer text (or of bytes, then `text` is bytes).
- `More(count)`: in place of the children that a preview leaves out; last in a list, or under the key `MORE` of a dict.
- `Unreadable(type, reason)`: a value that could not be encoded by the debuggee, or not be decoded here.

Extension codes 0-7 are LangGraph's (`langgraph/checkpoint/serde/jsonplus.py`, 4.x); 100 and up are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import ormsgpack

SINGLE_ARG, POS_ARGS, KW_ARGS, METHOD_SINGLE_ARG, PYDANTIC_V1, PYDANTIC_V2, NUMPY_ARRAY, DELTA_SNAPSHOT = range(8)
EXT_CLIPPED = 100  # [text or bytes, total length]
EXT_MORE = 101  # count
EXT_UNREADABLE = 102  # [type, reason]

MORE = "…"
_MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Opaque:
    """An object, by the dotted name of its class and what it was made of."""

    type: str
    fields: Any

    @property
    def name(self) -> str:
        """The class name alone."""
        return self.type.rpartition(".")[2]

    def get(self, key: str, default: Any = None) -> Any:
        return self.fields.get(key, default) if isinstance(self.fields, dict) else default


@dataclass(frozen=True, slots=True)
class Clipped:
    """The beginning of a text or of bytes that has `total` characters or bytes."""

    text: str | bytes
    total: int


@dataclass(frozen=True, slots=True)
class More:
    """`count` further children that a preview left out."""

    count: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that could not be encoded or decoded: its type, and why (or a bounded repr)."""

    type: str
    reason: str


def is_partial(value: Any) -> bool:
    """Whether a value is the beginning of one, or stands for what was left out of one."""
    fields = value.fields if isinstance(value, Opaque) else value
    if isinstance(fields, list):
        return bool(fields) and isinstance(fields[-1], More)
    return isinstance(fields, (Clipped, More)) or (isinstance(fields, dict) and MORE in fields)


AT_ONCE = 16_000_000  # bytes; of what is longer the beginnings are read (`core.skim`)
_MAX_OBJECTS = 200_000
_MAX_NODES = 400_000  # groups, which take some sixty times the byte that they come from
# Bytes that no group begins with. Texts have the others too: then there is more caution than needed.
_LEAVES = bytes(byte for byte in range(256) if not (0x80 <= byte <= 0x9F or byte in (0xDC, 0xDD, 0xDE, 0xDF)))
_NODES = frozenset({dict, list, Opaque})
_TOO_DEEP = Unreadable("msgpack", "nested too deeply")
_TOO_MANY = Unreadable("msgpack", "too many objects to be read at once")


def decode(blob: bytes) -> Any:
    """The inert value of a msgpack blob. Never raises: what cannot be read comes back as `Unreadable`."""
    if not blob:
        return None
    if len(blob) > AT_ONCE or (len(blob) > _MAX_NODES and len(blob.translate(None, _LEAVES)) > _MAX_NODES):
        from inspector.core.skim import skim

        return skim(blob)
    try:
        return _shallow(_Unpack().unpack(blob, 0))
    except Exception as error:
        return Unreadable("msgpack", f"{type(error).__name__}: {error}; {len(blob):,} bytes")


def decode_typed(type_: str, blob: bytes) -> Any:
    """The value of a `(type, blob)` pair as LangGraph's savers store it. Never raises, never loads pickle."""
    if type_ == "msgpack":
        return decode(blob)
    if type_ in ("null", "empty"):
        return None
    if type_ in ("bytes", "bytearray"):
        return bytes(blob)
    if type_ == "json":
        import json

        try:
            return _shallow(json.loads(blob))
        except (ValueError, RecursionError) as error:
            return Unreadable("json", str(error))
    return Unreadable(type_, f"{len(blob):,} bytes of {type_}, which are never loaded")


def _shallow(value: Any) -> Any:
    """The value, cut where it is nested deeper than anybody who goes through it could follow."""
    level = [value]
    for depth in range(_MAX_DEPTH):
        below: list[Any] = []
        for node in level:
            fields = node.fields if type(node) is Opaque else node
            if not fields:
                continue
            if type(fields) is dict:
                below += [child for child in fields.values() if type(child) in _NODES]
            elif type(fields) is list:
                below += [child for child in fields if type(child) in _NODES]
            elif type(fields) is Opaque:
                below.append(fields)
            if depth == _MAX_DEPTH - 1 and isinstance(fields, (dict, list)):
                for key, child in fields.items() if isinstance(fields, dict) else enumerate(fields):
                    if type(child) in _NODES:
                        fields[key] = _TOO_DEEP
        if not below:
            break
        level = below
    return value


class _Unpack:
    """One blob, with a budget of objects: what a kilobyte may name is not let to become a gigabyte."""

    __slots__ = ("objects",)

    def __init__(self) -> None:
        self.objects = _MAX_OBJECTS

    def unpack(self, blob: bytes, depth: int) -> Any:
        if depth > _MAX_DEPTH:
            return _TOO_DEEP

        def hook(code: int, data: bytes) -> Any:
            self.objects -= 1
            if self.objects < 0:
                return _TOO_MANY
            try:
                return as_extension(code, self.unpack(data, depth + 1), len(data))
            except Exception as error:
                return Unreadable(f"extension {code}", f"{type(error).__name__}: {error}")

        return ormsgpack.unpackb(blob, ext_hook=hook, option=ormsgpack.OPT_NON_STR_KEYS)


def as_extension(code: int, raw: Any, length: int) -> Any:
    """What an extension of `length` bytes stands for, `raw` being what is in it. Never raises."""
    if isinstance(raw, Unreadable):
        return raw  # why, and not what follows from it
    try:
        if code in (SINGLE_ARG, POS_ARGS, KW_ARGS, METHOD_SINGLE_ARG, PYDANTIC_V1, PYDANTIC_V2):
            return Opaque(f"{raw[0]}.{raw[1]}", raw[2])
        if code == NUMPY_ARRAY:
            dtype, shape, order, buffer = raw
            size = buffer.total if isinstance(buffer, Clipped) else len(buffer)
            return Opaque("numpy.ndarray", {"dtype": dtype, "shape": shape, "order": order, "bytes": size})
        if code == DELTA_SNAPSHOT:
            return Opaque("langgraph.DeltaSnapshot", raw)
        if code == EXT_CLIPPED:
            return Clipped(raw[0], raw[1])
        if code == EXT_MORE:
            return More(raw)
        if code == EXT_UNREADABLE:
            return Unreadable(raw[0], raw[1])
    except Exception as error:
        return Unreadable(f"extension {code}", f"{type(error).__name__}: {error}")
    return Unreadable(f"extension {code}", f"unknown extension type, {length:,} bytes")


def children(value: Any) -> Iterator[tuple[str | int, Any]]:
    """The `(key, child)` pairs of a container, in order; nothing for a leaf. Keys of mappings are shown as text."""
    if isinstance(value, Opaque):
        value = value.fields
        if not isinstance(value, (dict, list)):
            yield "value", value
            return
    if isinstance(value, dict):
        for key, child in value.items():
            yield (key if isinstance(key, str) else repr(key)), child
    elif isinstance(value, list):
        yield from enumerate(value)


def is_container(value: Any) -> bool:
    """Whether the value has children to expand."""
    if isinstance(value, Opaque):
        return bool(value.fields) if isinstance(value.fields, (dict, list)) else True
    return isinstance(value, (dict, list)) and bool(value)


def to_json(value: Any) -> Any:
    """The value as plain JSON data: objects as their fields with a `"type"`, previews marked in place.

    Messages lose nothing: `{"type": "ai", "content": ...}` as LangChain dumps them.
    """
    if isinstance(value, (str, int, bool)) or value is None:
        return value
    if isinstance(value, float):
        return value if value == value and abs(value) != float("inf") else repr(value)
    if isinstance(value, bytes):
        return {"type": "bytes", "size": len(value)}
    if isinstance(value, list):
        return [to_json(item) for item in value]
    if isinstance(value, dict):
        return {key if isinstance(key, str) else repr(key): to_json(item) for key, item in value.items()}
    if isinstance(value, Opaque):
        if isinstance(value.fields, dict):
            fields = {str(key): to_json(item) for key, item in value.fields.items()}
            return fields if "type" in fields else {"type": value.type, **fields}
        if value.type in _PLAIN:
            return to_json(value.fields)
        return {"type": value.type, "value": to_json(value.fields)}
    if isinstance(value, Clipped):
        text = value.text if isinstance(value.text, str) else f"{len(value.text)} bytes"
        return {"type": "clipped", "text": text, "total": value.total}
    if isinstance(value, More):
        return {"type": "more", "count": value.count}
    if isinstance(value, Unreadable):
        return {"type": "unreadable", "of": value.type, "reason": value.reason}
    return repr(value)


# Types whose single argument says all there is to say in JSON.
_PLAIN = frozenset({
    "uuid.UUID", "decimal.Decimal", "datetime.datetime", "builtins.set", "builtins.frozenset", "collections.deque",
    "ipaddress.IPv4Address", "ipaddress.IPv6Address", "zoneinfo.ZoneInfo",
})  # fmt: skip
