"""What changed between two inert values: lazily, one level at a time, in time linear in what is compared.

- `level(old, new)` lists the children of one level with their marks; call it again on a child to go deeper.
- `mark(old, new)` is the mark of one value; `same(old, new)` whether two values are the same.
- `changes(old, new)` walks down to the places where the values really differ, a bounded number of them.
- `at(value, path)` follows a path.

Lists are matched by the `id` of their items where all have one (messages, documents); else the common beginning and
end are taken away and what is left is aligned if it is short, or compared index by index. A removed child keeps its
old place among the others. Children of something that is new (or gone, or of another type than before) bear no marks
of their own: the mark above them says it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any, Final, Literal, TypeAlias

import ormsgpack

from inspector.core.values import Opaque, children

Key: TypeAlias = str | int
Path: TypeAlias = tuple[Key, ...]
Mark: TypeAlias = Literal["", "added", "changed", "removed"]

_ALIGN = 64  # middles of lists up to this long are aligned, longer ones compared by index
_CONTAINERS = frozenset({list, dict, Opaque})
_TRIES = 3  # how often on the way down encodings are compared: more would be quadratic in the depth
_DEPTH = 100  # `changes` goes no deeper: each level compares all that is below it


class Missing(Enum):
    """The type of `MISSING`, which stands for a value that is not there."""

    MISSING = "missing"

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = Missing.MISSING


@dataclass(frozen=True, slots=True)
class Entry:
    """A child of a level. `key` is its key or index in the new value, or in the old one if it was removed; `old` is
    `MISSING` for what was added, `new` for what was removed."""

    key: Key
    old: Any
    new: Any
    mark: Mark

    @property
    def value(self) -> Any:
        """The new value, or the old one of what was removed."""
        return self.old if self.new is MISSING else self.new


@dataclass(frozen=True, slots=True)
class Change:
    """One place where two values differ. `path` is the path in the new value (in the old one if removed)."""

    path: Path
    mark: Mark
    old: Any
    new: Any


# ---------------------------------------------------------------------- comparing


def same(a: Any, b: Any) -> bool:
    """Whether two inert values are the same. Types count (`1`, `1.0` and `True` differ), the order of keys does not,
    and a NaN is the same as a NaN. Never recurses."""
    stack: list[tuple[Any, Any, int]] = [(a, b, _TRIES)]
    while stack:
        a, b, tries = stack.pop()
        if a is b:
            continue
        kind = a.__class__
        if kind is not b.__class__:
            return False
        if kind in _CONTAINERS and tries:
            if _packed_alike(a, b):
                continue
            tries -= 1
        if kind is list:
            if len(a) != len(b) or not _leaves_same(zip(a, b, strict=True), stack, tries):
                return False
        elif kind is dict:
            if len(a) != len(b) or any(key not in b for key in a):
                return False
            if not _leaves_same(((value, b[key]) for key, value in a.items()), stack, tries):
                return False
        elif kind is Opaque:
            if a.type != b.type:
                return False
            stack.append((a.fields, b.fields, tries))
        elif not (a == b or (kind is float and a != a and b != b)):
            return False
    return True


def _packed_alike(a: Any, b: Any) -> bool:
    """Whether two containers have the same encoding: a sufficient reason to be the same, and seven times as quick to
    see as walking through them. Long lists are walked, so that what is encoded at a time stays small."""
    if isinstance(a, list) and (len(a) > _ALIGN or len(a) != len(b)):
        return False
    try:
        packed = ormsgpack.packb(a, option=ormsgpack.OPT_NON_STR_KEYS)
        return packed == ormsgpack.packb(b, option=ormsgpack.OPT_NON_STR_KEYS)
    except (TypeError, ValueError, RecursionError):  # MsgpackEncodeError is a TypeError
        return False


def _leaves_same(pairs: Iterable[tuple[Any, Any]], stack: list[tuple[Any, Any, int]], tries: int) -> bool:
    """Compare the leaves among pairs at once, so that most differences are seen before anything is descended into."""
    for x, y in pairs:
        if x is y:
            continue
        kind = x.__class__
        if kind is not y.__class__:
            return False
        if kind in _CONTAINERS:
            stack.append((x, y, tries))
        elif not (x == y or (kind is float and x != x and y != y)):
            return False
    return True


def mark(old: Any, new: Any) -> Mark:
    """The mark of one value against the one before."""
    if old is MISSING:
        return "" if new is MISSING else "added"
    if new is MISSING:
        return "removed"
    return "" if same(old, new) else "changed"


def comparable(old: Any, new: Any) -> bool:
    """Whether it makes sense to compare two values child by child."""
    if isinstance(old, Opaque):
        return isinstance(new, Opaque) and old.type == new.type and type(old.fields) is type(new.fields)
    return isinstance(old, (list, dict)) and type(old) is type(new)


# ---------------------------------------------------------------------- one level


def level(old: Any, new: Any) -> Sequence[Entry]:
    """The children of a value with their marks: those of `new` in their order, the removed ones where they were.

    Either side may be `MISSING`. Leaves have no children.
    """
    if new is MISSING:
        return [Entry(key, child, MISSING, "") for key, child in children(old)]
    if old is MISSING or not comparable(old, new):
        return [Entry(key, MISSING, child, "") for key, child in children(new)]
    if isinstance(new, Opaque):
        if not isinstance(new.fields, (dict, list)):
            return [_entry("value", old.fields, new.fields)]
        old, new = old.fields, new.fields
    if isinstance(new, dict):
        return _mapping(old, new)
    return _list(old, new)


def _entry(key: Key, old: Any, new: Any) -> Entry:
    return Entry(key, old, new, mark(old, new))


def _text(key: Any) -> str:
    return key if isinstance(key, str) else repr(key)


def _mapping(old: dict[Any, Any], new: dict[Any, Any]) -> list[Entry]:
    return [
        _entry(_text(key), old.get(key, MISSING), new.get(key, MISSING)) for key in _merged(list(old), list(new), new)
    ]


def _merged(old: list[Any], new: list[Any], kept: Any) -> Iterator[Any]:
    """The new keys in order, each followed by the removed ones that came right after it before."""
    gone: dict[Any, list[Any]] = {}
    first: list[Any] = []
    follow = first
    for key in old:
        if key in kept:
            follow = gone.setdefault(key, [])
        else:
            follow.append(key)
    yield from first
    for key in new:
        yield key
        yield from gone.get(key, ())


def _list(old: list[Any], new: list[Any]) -> list[Entry]:
    by_id = _by_id(old, new)
    if by_id is not None:
        return by_id
    start, shortest = 0, min(len(old), len(new))
    while start < shortest and same(old[start], new[start]):
        start += 1
    end = 0
    while end < shortest - start and same(old[-1 - end], new[-1 - end]):
        end += 1
    entries = [Entry(index, old[index], new[index], "") for index in range(start)]
    entries.extend(_middle(old, new, start, len(old) - end, len(new) - end))
    entries.extend(Entry(index, old[index - len(new)], new[index], "") for index in range(len(new) - end, len(new)))
    return entries


def _by_id(old: list[Any], new: list[Any]) -> list[Entry] | None:
    """The entries of two lists whose items all bear an id of their own, or None."""
    before, after = _ids(old), _ids(new)
    if before is None or after is None or not (before or after):
        return None
    return [
        _entry(after[id_], old[before[id_]], new[after[id_]])
        if id_ in before and id_ in after
        else Entry(after[id_], MISSING, new[after[id_]], "added")
        if id_ in after
        else Entry(before[id_], old[before[id_]], MISSING, "removed")
        for id_ in _merged(list(before), list(after), after)
    ]


def _ids(items: list[Any]) -> dict[Hashable, int] | None:
    """The index of each id, or None if an item has none or two have the same."""
    ids: dict[Hashable, int] = {}
    for index, item in enumerate(items):
        fields = item.fields if isinstance(item, Opaque) else item
        id_ = fields.get("id") if isinstance(fields, dict) else None
        if not isinstance(id_, (str, int)) or id_ == "" or id_ in ids:
            return None
        ids[id_] = index
    return ids


def _middle(old: list[Any], new: list[Any], start: int, old_end: int, new_end: int) -> Iterator[Entry]:
    """The entries of what is left between the common beginning and the common end."""
    i = j = start
    short = max(old_end, new_end) - start <= _ALIGN
    for match_old, match_new in [*(_aligned(old, new, start, old_end, new_end) if short else ()), (old_end, new_end)]:
        for _ in range(min(match_old - i, match_new - j)):
            # What lies between the pairs of an alignment differs, or it would be part of it.
            yield Entry(j, old[i], new[j], "changed") if short else _entry(j, old[i], new[j])
            i, j = i + 1, j + 1
        for index in range(i, match_old):
            yield Entry(index, old[index], MISSING, "removed")
        for index in range(j, match_new):
            yield Entry(index, MISSING, new[index], "added")
        if match_new < new_end or match_old < old_end:
            yield Entry(match_new, old[match_old], new[match_new], "")
        i, j = match_old + 1, match_new + 1


def _aligned(old: list[Any], new: list[Any], start: int, old_end: int, new_end: int) -> list[tuple[int, int]]:
    """The longest common subsequence of two short stretches, as pairs of indices."""
    m, n = old_end - start, new_end - start
    if not m or not n or m == n == 1:  # the first two are known to differ
        return []
    equal = [[same(old[start + i], new[start + j]) for j in range(n)] for i in range(m)]
    longest = [[0] * (n + 1) for _ in range(m + 1)]
    for i in range(m - 1, -1, -1):
        for j in range(n - 1, -1, -1):
            longest[i][j] = longest[i + 1][j + 1] + 1 if equal[i][j] else max(longest[i + 1][j], longest[i][j + 1])
    pairs: list[tuple[int, int]] = []
    i = j = 0
    while i < m and j < n:
        if equal[i][j]:
            pairs.append((start + i, start + j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs


# ---------------------------------------------------------------------- all of it


def changes(old: Any, new: Any, limit: int = 1000) -> list[Change]:
    """The places where two values differ, as deep as they can be told, in the order of the tree; at most `limit`."""
    return list(islice(_walk((), old, new), limit))


def _walk(path: Path, old: Any, new: Any) -> Iterator[Change]:
    stack: list[Iterator[tuple[Path, Entry]]] = [iter([(path, Entry("", old, new, mark(old, new)))])]
    while stack:
        for place, entry in stack[-1]:
            if not entry.mark:
                continue
            if entry.mark == "changed" and len(stack) < _DEPTH and comparable(entry.old, entry.new):
                stack.append(_below(place, entry))
                break
            yield Change(place, entry.mark, entry.old, entry.new)
        else:
            stack.pop()


def _below(path: Path, entry: Entry) -> Iterator[tuple[Path, Entry]]:
    return (((*path, child.key), child) for child in level(entry.old, entry.new))


def at(value: Any, path: Path) -> Any:
    """The value at a path (keys as `level` gives them), or `MISSING`."""
    for key in path:
        inner = value.fields if isinstance(value, Opaque) else value
        if isinstance(inner, dict):
            if key in inner:
                value = inner[key]
            else:  # keys that are no text are shown as text
                value = next((child for name, child in inner.items() if _text(name) == key), MISSING)
        elif isinstance(inner, list):
            if not isinstance(key, int) or not 0 <= key < len(inner):
                return MISSING
            value = inner[key]
        elif isinstance(value, Opaque) and key == "value":
            value = inner
        else:
            return MISSING
        if value is MISSING:
            return MISSING
    return value
