"""Msgpack of any size, read for its beginnings: what a value of 200 MB starts with, how large its parts are, and any
part of it, without taking it in as a whole.

`core.values.decode` unpacks a blob at once, in C. This walks it header by header and skips what it does not show, so
that time and memory follow what is shown; what is left out is marked in place (`Clipped`, `More`, `Unreadable`). It
reads from a `Source`, which need not be in memory, and may be cut off. Like `decode`, it imports and calls nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from inspector.core.values import DELTA_SNAPSHOT, MORE, Clipped, More, Unreadable, as_extension

_PAGE = 1 << 16
_KEY_DEPTH = 2  # levels that are looked into a key that is a group
_CHARACTER = 3  # bytes that a character may have after its first
_NUMBERS = {
    0xCA: ">f", 0xCB: ">d", 0xCC: ">B", 0xCD: ">H", 0xCE: ">I", 0xCF: ">Q", 0xD0: ">b", 0xD1: ">h", 0xD2: ">i",
    0xD3: ">q",
}  # fmt: skip
_LENGTHS = {
    0xC4: ("bin", 1), 0xC5: ("bin", 2), 0xC6: ("bin", 4), 0xC7: ("ext", 1), 0xC8: ("ext", 2), 0xC9: ("ext", 4),
    0xD9: ("str", 1), 0xDA: ("str", 2), 0xDB: ("str", 4), 0xDC: ("list", 2), 0xDD: ("list", 4), 0xDE: ("dict", 2),
    0xDF: ("dict", 4),
}  # fmt: skip
_LOST = -1
_OBJECTS = frozenset(range(6))  # extensions that are `[module, name, fields, ...]`
_FIXED = {0xD4: 1, 0xD5: 2, 0xD6: 4, 0xD7: 8, 0xD8: 16}


def _border(raw: bytes, at: int) -> int:
    """Where the first character begins at `at` or behind."""
    while at < len(raw) and raw[at] & 0xC0 == 0x80:
        at += 1
    return at


class Source(Protocol):
    """Bytes that can be read from anywhere."""

    def __len__(self) -> int: ...

    def read(self, at: int, length: int) -> bytes:
        """Up to `length` bytes from `at`."""
        ...


class InMemory:
    """A blob, or the beginning of one that has `total` bytes."""

    def __init__(self, blob: bytes, total: int | None = None) -> None:
        self._blob = blob
        self._total = len(blob) if total is None else total

    def __len__(self) -> int:
        return self._total

    def read(self, at: int, length: int) -> bytes:
        return self._blob[at : at + length]


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a value is followed: characters of a text (bytes alike), children of a group, levels; `work` bounds the
    headers that are looked at in all, skipped ones too."""

    text: int = 20_000
    items: int = 200
    depth: int = 12
    work: int = 300_000


class Spent(Exception):
    """There is more to go through than was allowed, or the source ends early."""


class Skim:
    """One source, gone through with one budget."""

    def __init__(self, source: Source, reach: Reach | None = None) -> None:
        self._source = source
        self._reach = reach or Reach()
        self._left = self._reach.work
        self._page = b""
        self._from = 0

    # ------------------------------------------------------------------ asking

    def whole(self) -> Any:
        """The value, as far as it is followed. Never raises."""
        try:
            return self._value(0, 0)[0]
        except (Spent, RecursionError) as error:
            return Unreadable("msgpack", f"{error or 'nested too deeply'}; {len(self._source):,} bytes")

    def _places(self, at: int) -> Iterator[tuple[Any, int]]:
        """Keys and offsets of a mapping, each before it is known where its value ends."""
        kind, count, start, _ = self._head(at)
        for _ in range(count if kind == "dict" else 0):
            key, start = self._key(start)
            yield key, start
            start = self._skip(start)

    def at(self, offset: int) -> Any:
        """The value at an offset, as far as it is followed. Never raises."""
        try:
            return self._value(offset, 0)[0]
        except (Spent, RecursionError) as error:
            return Unreadable("msgpack", str(error) or "nested too deeply")

    def part(self, path: Sequence[str | int], start: int = 0, count: int = 200) -> tuple[Any, int]:
        """A piece of what is at a path (keys of mappings and fields, indices of lists), and how many there are in all.

        Of a list or mapping `count` children from `start` on; of bytes as many, of a text the characters that begin in
        as many bytes; another value as it is. Raises `Spent` where it cannot be reached, `KeyError` where there
        is none.
        """
        at = 0
        for key in path:
            at = self._child(self._content(at), key)
        at = self._content(at)
        kind, length, begin, _ = self._head(at)
        if kind in ("str", "bin"):
            left = max(0, length - start)
            if kind == "bin":
                return self._read(begin + min(start, length), min(count, left)), length
            raw = self._read(begin + min(start, length), min(count + _CHARACTER, left))
            return raw[_border(raw, 0) if start else 0 : _border(raw, count)].decode("utf-8", "replace"), length
        if kind not in ("list", "dict"):
            return self._value(at, 0)[0], 1
        each = 1 if kind == "list" else 2
        at = self._skip(begin, each * min(start, length))
        items: list[tuple[Any, Any]] = []
        for index in range(start, min(start + count, length)):
            key_: Any = index
            if kind == "dict":
                key_, at = self._key(at)
            items.append((key_, self.at(at)))
            at = self._skip(at)
        return ([item for _, item in items] if kind == "list" else dict(items)), length

    def _content(self, at: int) -> int:
        """Where the fields of an object are; another value is itself."""
        kind, _, start, code = self._head(at)
        while kind == "ext" and (code in _OBJECTS or code == DELTA_SNAPSHOT):
            if code == DELTA_SNAPSHOT:
                at = start
            else:
                _, count, first, _ = self._head(start)
                if count < 3:
                    break
                at = self._skip(first, 2)
            kind, _, start, code = self._head(at)
        return at

    def _child(self, at: int, wanted: str | int) -> int:
        kind, length, start, _ = self._head(at)
        if kind == "list" and isinstance(wanted, int) and 0 <= wanted < length:
            return self._skip(start, wanted)
        if kind == "dict":
            for key, begin in self._places(at):
                if key == wanted or (not isinstance(key, str) and repr(key) == wanted):
                    return begin
        raise KeyError(wanted)

    # ------------------------------------------------------------------ walking

    def _value(self, at: int, depth: int) -> tuple[Any, int]:
        """The value at an offset, and where it ends (`_LOST` where finding out would be too much)."""
        self._spend()
        kind, length, start, code = self._head(at)
        if kind == "scalar":
            return code, start
        if kind in ("str", "bin"):
            return self._text(kind, start, length), start + length
        if kind == "ext":
            return self._extension(code, start, length, depth), start + length
        if depth >= self._reach.depth:
            return (More(length) if length else {} if kind == "dict" else []), self._end(at, 1)
        return self._list(start, length, depth) if kind == "list" else self._dict(start, length, depth)

    def _list(self, at: int, count: int, depth: int) -> tuple[Any, int]:
        out: list[Any] = []
        for index in range(count):
            if index >= self._reach.items or at == _LOST:
                out.append(More(count - index))
                return out, self._end(at, count - index)
            try:
                item, at = self._value(at, depth + 1)
            except Spent:
                if not out:
                    raise
                at = _LOST
                out.append(More(count - index))
                return out, at
            out.append(item)
        return out, at

    def _dict(self, at: int, count: int, depth: int) -> tuple[Any, int]:
        out: dict[Any, Any] = {}
        for index in range(count):
            if index >= self._reach.items or at == _LOST:
                out[MORE] = More(count - index)
                return out, self._end(at, 2 * (count - index))
            try:
                key, at = self._key(at)
                item, at = self._value(at, depth + 1)
            except Spent:
                if not out:
                    raise
                out[MORE] = More(count - index)
                return out, _LOST
            out[key] = item
        return out, at

    def _key(self, at: int) -> tuple[Any, int]:
        """A key, and where it ends. Of a group (a tuple) it is the text."""
        key, end = self._value(at, max(0, self._reach.depth - _KEY_DEPTH))
        if end == _LOST:
            raise Spent("it has too many parts to be read at once")
        return (key if key is None or isinstance(key, (str, int, float, bytes)) else repr(key)), end

    def _end(self, at: int, count: int) -> int:
        """Where `count` more values end, if they can be gone through."""
        try:
            return self._skip(at, count) if at != _LOST else _LOST
        except Spent:
            return _LOST

    def _text(self, kind: str, start: int, length: int) -> Any:
        shown = min(length, self._reach.text)
        raw = self._read(start, shown)
        if len(raw) < shown:
            raise Spent("it is cut off")
        if kind == "bin":
            return raw if shown == length else Clipped(raw, length)
        text = raw.decode("utf-8", "ignore" if shown < length else "replace")
        return text if shown == length else Clipped(text, length)

    def _extension(self, code: int, start: int, length: int, depth: int) -> Any:
        if depth >= self._reach.depth:
            return More(1)
        inner, _ = self._value(start, depth)
        return as_extension(code, inner, length)

    def _skip(self, at: int, count: int = 1) -> int:
        """Where the `count` values from an offset on end."""
        while count:
            self._spend()
            kind, length, start, _ = self._head(at)
            count -= 1
            at = start
            if kind == "list":
                count += length
            elif kind == "dict":
                count += 2 * length
            elif kind != "scalar":
                at += length
        return at

    def _spend(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Spent("it has too many parts to be read at once")

    # ------------------------------------------------------------------ bytes

    def _head(self, at: int) -> tuple[str, int, int, Any]:
        """`(kind, length, where its content begins, value or extension code)` of the value at an offset."""
        head = self._read(at, 9)
        if not head:
            raise Spent("it is cut off")
        byte = head[0]
        if byte <= 0x7F:
            return "scalar", 0, at + 1, byte
        if byte <= 0x8F:
            return "dict", byte & 15, at + 1, 0
        if byte <= 0x9F:
            return "list", byte & 15, at + 1, 0
        if byte <= 0xBF:
            return "str", byte & 31, at + 1, 0
        if byte >= 0xE0:
            return "scalar", 0, at + 1, byte - 256
        if byte in (0xC0, 0xC2, 0xC3):
            return "scalar", 0, at + 1, None if byte == 0xC0 else byte == 0xC3
        try:
            if byte in _NUMBERS:
                size = struct.calcsize(_NUMBERS[byte])
                return "scalar", 0, at + 1 + size, struct.unpack_from(_NUMBERS[byte], head, 1)[0]
            if byte in _FIXED:
                return "ext", _FIXED[byte], at + 2, _signed(head[1])
            kind, size = _LENGTHS[byte]
            length = int.from_bytes(head[1 : 1 + size], "big")
            if kind == "ext":
                return kind, length, at + 2 + size, _signed(head[1 + size])
            return kind, length, at + 1 + size, 0
        except (KeyError, struct.error, IndexError):
            raise Spent(f"it is no msgpack at byte {at:,}") from None

    def _read(self, at: int, length: int) -> bytes:
        begin = at - self._from
        if begin >= 0 and begin + length <= len(self._page):
            return self._page[begin : begin + length]
        if length >= _PAGE:
            return self._source.read(at, length)
        self._page, self._from = self._source.read(at, _PAGE), at
        return self._page[:length]


def _signed(byte: int) -> int:
    return byte - 256 if byte > 127 else byte


def skim(source: Source | bytes, reach: Reach | None = None) -> Any:
    """The value in a source, as far as it is followed. Never raises."""
    return Skim(InMemory(source) if isinstance(source, bytes) else source, reach).whole()


def checkpoint(source: Source) -> tuple[dict[str, Any], dict[str, int]]:
    """A checkpoint that is too large to be decoded at once: its fields with the channels' values as far as they are
    followed, and the size of each channel in bytes. Each channel has a budget of its own. Never raises; what comes
    after the point where the source cannot be followed is missing."""
    found: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    outer = Skim(source, Reach(work=1_000_000))
    try:
        for key, at in outer._places(0):
            if key != "channel_values":
                found[str(key)] = Skim(source, Reach(items=100_000, text=1_000_000)).at(at)
                continue
            found["channel_values"], sizes, whole = _channels(source, at)
            if not whole:
                break
    except (Spent, RecursionError):
        pass
    return found, sizes


def _channels(source: Source, at: int) -> tuple[dict[str, Any], dict[str, int], bool]:
    """The channels' values and sizes, and whether all could be gone through. Of one that has too many parts for that
    the size is not known, and `More` stands for those behind it."""
    walk = Skim(source, Reach(work=1_000_000))
    values: dict[str, Any] = {}
    sizes: dict[str, int] = {}
    count = 0
    try:
        kind, length, start, _ = walk._head(at)
        count = length if kind == "dict" else 0
        for _ in range(count):
            key, start = walk._key(start)
            values[str(key)] = Skim(source).at(start)
            end = walk._skip(start)
            sizes[str(key)] = end - start
            start = end
    except (Spent, RecursionError):
        if len(values) < count:
            values[MORE] = More(count - len(values))
        return values, sizes, False
    return values, sizes, True
