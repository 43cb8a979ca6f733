"""Frames on the link: four bytes of length (big endian), then msgpack.

A frame is a list of items. An item that is a list is an event (`core.events.from_wire`); an item that is a mapping is a
command, a reply or a notice (`core.commands`). Batching many events into a frame is what makes a token cost
microseconds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import ormsgpack

LENGTH = struct.Struct(">I")
_OPTIONS = ormsgpack.OPT_NON_STR_KEYS


def pack(items: list[Any]) -> bytes:
    """One frame of the items."""
    body = encoded(items)
    return LENGTH.pack(len(body)) + body


def encoded(items: list[Any]) -> bytes:
    """The items as msgpack. Lone surrogates, which msgpack cannot hold, become `?`."""
    try:
        return ormsgpack.packb(items, option=_OPTIONS)
    except (ormsgpack.MsgpackEncodeError, TypeError, ValueError):
        return ormsgpack.packb([_clean(item) for item in items], option=_OPTIONS)


def _clean(item: Any) -> Any:
    if isinstance(item, str):
        return item.encode("utf-8", "replace").decode("utf-8")
    if isinstance(item, (list, tuple)):
        return [_clean(part) for part in item]
    if isinstance(item, dict):
        return {_clean(key): _clean(value) for key, value in item.items()}
    if isinstance(item, int) and not -(2**63) <= item < 2**64:
        return str(item)
    if hasattr(item, "__dataclass_fields__"):
        return {name: _clean(getattr(item, name)) for name in item.__dataclass_fields__}
    if item is None or isinstance(item, (bool, int, float, bytes)):
        return item
    return repr(type(item))


class Reader:
    """Cuts a byte stream into frames: `feed` what arrived, iterate over the items of each whole frame."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[list[Any]]:
        """The frames that `data` completes, each as its list of items."""
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= 4:
            (length,) = LENGTH.unpack_from(buffer, start)
            if len(buffer) - start - 4 < length:
                break
            body = bytes(memoryview(buffer)[start + 4 : start + 4 + length])
            start += 4 + length
            yield ormsgpack.unpackb(body, option=_OPTIONS)
        if start:
            del buffer[:start]
