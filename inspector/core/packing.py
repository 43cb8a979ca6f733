"""Inert values (`core.values`) back into bounded, packed previews, such as events carry.

`pack(value)` is to inert values what `debuggee.encode.preview` is to live ones: what is cut is marked in place, and
what was an object comes out as the same extension type that it would have had.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import ormsgpack

from inspector.core.messages import as_message
from inspector.core.values import (
    EXT_CLIPPED,
    EXT_MORE,
    EXT_UNREADABLE,
    KW_ARGS,
    MORE,
    POS_ARGS,
    PYDANTIC_V2,
    SINGLE_ARG,
    Clipped,
    More,
    Opaque,
    Unreadable,
)

OPTIONS = ormsgpack.OPT_NON_STR_KEYS
_KEYS = (str, int, float, bool, type(None))

_COLLECTIONS = frozenset({"set", "frozenset", "deque"})
MESSAGE_NOISE = frozenset({"additional_kwargs", "response_metadata", "invalid_tool_calls", "example", "name", "id"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much of a value a preview keeps: characters of a text, bytes, children of a group, levels, values in all."""

    text: int = 2_000
    bytes: int = 64
    items: int = 40
    depth: int = 10
    total: int = 600


PREVIEW = Bounds()
WHOLE = Bounds(1 << 30, 1 << 30, 1 << 30, 60, 1 << 30)


def pack(value: Any, bounds: Bounds = PREVIEW) -> bytes:
    """The value as packed msgpack within the bounds. Never raises."""
    try:
        return ormsgpack.packb(_Packer(bounds).value(value, 0), option=OPTIONS)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"[:300].encode("utf-8", "replace").decode()
        return ormsgpack.packb(ormsgpack.Ext(EXT_UNREADABLE, ormsgpack.packb([type(value).__name__, reason])))


class _Packer:
    """One pass over a value, spending a budget."""

    __slots__ = ("bounds", "left")

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self.left = bounds.total

    def value(self, value: Any, depth: int) -> Any:
        self.left -= 1
        if value is None or isinstance(value, (bool, int, float)):
            return value
        if isinstance(value, str):
            if len(value) > self.bounds.text:
                return ext(EXT_CLIPPED, [clean(value[: self.bounds.text]), len(value)])
            return clean(value)
        if isinstance(value, (bytes, bytearray)):
            raw = bytes(value[: self.bounds.bytes])
            return raw if len(value) <= self.bounds.bytes else ext(EXT_CLIPPED, [raw, len(value)])
        if isinstance(value, Clipped):
            return ext(EXT_CLIPPED, [value.text[: self.bounds.text], value.total])
        if isinstance(value, More):
            return ext(EXT_MORE, value.count)
        if isinstance(value, Unreadable):
            return ext(EXT_UNREADABLE, [clean(value.type[:200]), clean(value.reason[:300])])
        if depth >= self.bounds.depth or self.left <= 0:
            return ext(EXT_MORE, 1)
        if isinstance(value, dict):
            return self.mapping(value, depth)
        if isinstance(value, (list, tuple)):
            return self.sequence(value, depth)
        if isinstance(value, Opaque):
            return self.object(value, depth)
        return ext(EXT_UNREADABLE, [type(value).__name__, clean(repr(value)[:300])])

    def mapping(self, value: dict[Any, Any], depth: int) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for count, (key, item) in enumerate(value.items()):
            if count >= self.bounds.items or self.left <= 0:
                out[MORE] = ext(EXT_MORE, len(value) - count)
                break
            name = key if isinstance(key, _KEYS) else repr(key)[:100]
            out[clean(name) if isinstance(name, str) else name] = self.value(item, depth + 1)
        return out

    def sequence(self, value: Any, depth: int) -> list[Any]:
        out: list[Any] = []
        for count, item in enumerate(value):
            if count >= self.bounds.items or self.left <= 0:
                out.append(ext(EXT_MORE, len(value) - count))
                break
            out.append(self.value(item, depth + 1))
        return out

    def object(self, value: Opaque, depth: int) -> Any:
        module, _, name = value.type.rpartition(".")
        if isinstance(value.fields, dict):
            if as_message(value) is None:
                return ext(KW_ARGS, [module, name, self.mapping(value.fields, depth)])
            # Messages are most of what graphs hold: leave their empty optional fields out.
            fields = {key: item for key, item in value.fields.items() if item or key not in MESSAGE_NOISE}
            return ext(PYDANTIC_V2, [module, name, self.mapping(fields, depth), "model_validate_json"])
        if isinstance(value.fields, (list, tuple)) and name not in _COLLECTIONS:
            return ext(POS_ARGS, [module, name, self.sequence(value.fields, depth)])
        return ext(SINGLE_ARG, [module, name, self.value(value.fields, depth + 1)])


def ext(code: int, value: Any) -> ormsgpack.Ext:
    """A value as an extension type of LangGraph's encoding or of ours."""
    return ormsgpack.Ext(code, ormsgpack.packb(value, option=OPTIONS))


def clean(text: str) -> str:
    """The text without lone surrogates, which msgpack cannot hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text
