"""Live Python values to packed previews: LangGraph's own encoding, but bounded, and never raising.

A preview costs what it shows, not what the value holds: long texts, long lists and deep nesting are cut with a mark
(`core.values`: `Clipped`, `More`), and what cannot be encoded is sent as its type and a bounded repr.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import pathlib
import sys
import uuid
from collections import deque
from collections.abc import Mapping
from typing import Any

import ormsgpack

from inspector.core.packing import MESSAGE_NOISE, OPTIONS, clean, ext
from inspector.core.values import (
    EXT_CLIPPED,
    EXT_MORE,
    EXT_UNREADABLE,
    KW_ARGS,
    MORE,
    POS_ARGS,
    PYDANTIC_V2,
    SINGLE_ARG,
)

_SCALARS = frozenset({str, int, float, bool, type(None)})


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """How much of a value a preview keeps: characters of a text, children of a group, levels, values in all."""

    text: int = 2_000
    items: int = 40
    depth: int = 10
    total: int = 600
    bytes: int = 64


PREVIEW = Limits()
WHOLE = Limits(text=200_000_000, items=50_000_000, depth=60, total=100_000_000, bytes=200_000_000)


def preview(value: Any, limits: Limits = PREVIEW) -> bytes:
    """The value as packed msgpack within `limits`. Never raises."""
    try:
        return _pack(_Shrink(limits).value(value, 0))
    except Exception as error:
        return _pack(ormsgpack.Ext(EXT_UNREADABLE, ormsgpack.packb([_type_name(value), _describe(error)])))


def _pack(value: Any) -> bytes:
    return ormsgpack.packb(value, option=OPTIONS)


def _describe(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}"[:300].encode("utf-8", "replace").decode()
    except Exception:
        return type(error).__name__


def _type_name(value: Any) -> str:
    cls = type(value)
    try:
        module = cls.__module__
        return str(cls.__qualname__ if module == "builtins" else f"{module}.{cls.__qualname__}")
    except Exception:
        return "object"


def safe_repr(value: Any, limit: int = 300) -> str:
    """`repr(value)`, cut, or why there is none."""
    try:
        text = repr(value)
    except Exception as error:
        return f"<repr raised {_describe(error)}>"
    return text if len(text) <= limit else text[:limit] + "…"


class _Shrink:
    """One pass over a value, spending a budget."""

    __slots__ = ("left", "limits")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.total

    def value(self, value: Any, depth: int) -> Any:
        cls = type(value)
        self.left -= 1
        if cls is str:
            return self.text(value)
        if value is None or cls is bool or cls is float:
            return value
        if cls is int:
            return value if -(2**63) <= value < 2**63 else ext(SINGLE_ARG, ["builtins", "int", str(value)[:500]])
        if depth >= self.limits.depth or self.left <= 0:
            return ext(EXT_MORE, 1)
        if cls is dict:
            return self.mapping(value, depth)
        if cls is list or cls is tuple:
            return self.sequence(value, depth)
        try:
            return self.object(value, cls, depth)
        except Exception as error:
            return ext(EXT_UNREADABLE, [_type_name(value), _describe(error)])

    def text(self, value: str) -> Any:
        if len(value) > self.limits.text:
            return ext(EXT_CLIPPED, [clean(value[: self.limits.text]), len(value)])
        return value if value.isascii() else clean(value)

    def mapping(self, value: Mapping[Any, Any], depth: int) -> dict[Any, Any]:
        out: dict[Any, Any] = {}
        for count, (key, item) in enumerate(value.items()):
            if count >= self.limits.items or self.left <= 0:
                out[MORE] = ext(EXT_MORE, len(value) - count)
                break
            if type(key) is not str:
                key = key if type(key) in _SCALARS else safe_repr(key, 100)
            elif not key.isascii():
                key = clean(key)
            out[key] = self.value(item, depth + 1)
        return out

    def sequence(self, value: Any, depth: int) -> list[Any]:
        length = len(value)
        limit = self.limits.items
        out: list[Any] = []
        for count, item in enumerate(value):
            if count >= limit or self.left <= 0:
                out.append(ext(EXT_MORE, length - count))
                break
            out.append(self.value(item, depth + 1))
        return out

    def object(self, value: Any, cls: type, depth: int) -> Any:
        if isinstance(value, (bytes, bytearray, memoryview)):
            raw = bytes(value[: self.limits.bytes])
            return raw if len(value) <= self.limits.bytes else ext(EXT_CLIPPED, [raw, len(value)])
        fields = getattr(cls, "__pydantic_fields__", None)
        if isinstance(fields, dict):
            return self.pydantic(value, cls, fields, depth)
        if isinstance(value, BaseException):
            return ext(SINGLE_ARG, [cls.__module__, cls.__qualname__, clean(_describe_exception(value))])
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            named = {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value)}
            return ext(KW_ARGS, [cls.__module__, cls.__qualname__, self.mapping(named, depth)])
        if isinstance(value, tuple) and hasattr(value, "_asdict"):
            return ext(KW_ARGS, [cls.__module__, cls.__qualname__, self.mapping(value._asdict(), depth)])
        if isinstance(value, enum.Enum):
            return ext(SINGLE_ARG, [cls.__module__, cls.__qualname__, self.value(value.value, depth + 1)])
        if isinstance(value, (uuid.UUID, decimal.Decimal)):
            return ext(SINGLE_ARG, [cls.__module__, cls.__qualname__, str(value)])
        if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
            return ext(SINGLE_ARG, [cls.__module__, cls.__qualname__, value.isoformat()])
        if isinstance(value, (set, frozenset, deque)):
            return ext(SINGLE_ARG, [cls.__module__, cls.__qualname__, self.sequence(value, depth)])
        if isinstance(value, pathlib.PurePath):
            return ext(POS_ARGS, [cls.__module__, cls.__qualname__, [str(value)]])
        if isinstance(value, str):
            return self.text(str.__str__(value))
        if isinstance(value, (int, float)):
            return self.value(int(value) if isinstance(value, int) else float(value), depth)
        if isinstance(value, Mapping):
            return self.mapping(value, depth)
        if isinstance(value, list):
            return self.sequence(value, depth)
        if hasattr(value, "node") and hasattr(value, "arg") and cls.__name__ == "Send":
            return ext(POS_ARGS, [cls.__module__, cls.__qualname__, [value.node, self.value(value.arg, depth + 1)]])
        numpy = sys.modules.get("numpy")
        if numpy is not None:
            if isinstance(value, numpy.ndarray):
                shape = {"dtype": str(value.dtype), "shape": list(value.shape)}
                return ext(KW_ARGS, ["numpy", "ndarray", shape])
            if isinstance(value, numpy.generic):
                return self.value(value.item(), depth)
        return ext(EXT_UNREADABLE, [_type_name(value), clean(safe_repr(value))])

    def pydantic(self, value: Any, cls: type, fields: dict[str, Any], depth: int) -> Any:
        held = value.__dict__
        named = {name: held[name] for name in fields if name in held}
        extra = getattr(value, "__pydantic_extra__", None)
        if extra:
            named.update(extra)
        if cls.__module__.startswith("langchain_core.messages"):
            # Messages are most of what graphs hold: leave their empty optional fields out.
            named = {k: v for k, v in named.items() if v or k not in MESSAGE_NOISE}
        return ext(PYDANTIC_V2, [cls.__module__, cls.__qualname__, self.mapping(named, depth), "model_validate_json"])


def _describe_exception(error: BaseException) -> str:
    try:
        return str(error)[:2000]
    except Exception:
        return safe_repr(error)
