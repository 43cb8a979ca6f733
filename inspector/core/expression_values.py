"""What expressions may do with values: look at them, and no more.

A value is read as data and never asked: fields come from an object's `__dict__` or slots, never from a property, and
comparison, truth, length and iteration are our own for everything that is no plain Python value. No code of the
user's runs, so nothing can be changed by looking. Inert values (`core.values`) read as the live ones they stand for.

Whatever may grow is charged to a `Budget`, so that no expression can take long or fill the memory.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import types
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any

from inspector.core.values import MORE, Clipped, More, Opaque
from inspector.errors import EvaluationError

STEPS = 60_000  # what an evaluation may cost: about one a value that is looked at
SIZE = 1_000_000  # characters of a text, or items of a list, that it may make
_BITS = 20_000  # of an integer that it may make
_MISSING = object()

NUMBERS = (int, float, decimal.Decimal)
_TIMES = (datetime.datetime, datetime.date, datetime.time, datetime.timedelta)
_SCALARS = frozenset({type(None), bool, int, float, str, bytes, decimal.Decimal, uuid.UUID, *_TIMES})
_SEQUENCES = (list, tuple, deque)
_SETS = (set, frozenset)
_MEMBER = types.MemberDescriptorType


class Budget:
    """What is left of an evaluation's steps."""

    __slots__ = ("left",)

    def __init__(self, steps: int = STEPS) -> None:
        self.left = steps

    def spend(self, steps: int = 1) -> None:
        """Raises `EvaluationError` when nothing is left."""
        self.left -= steps
        if self.left < 0:
            raise EvaluationError("It takes too long: it looks at too many values.")

    def room(self, size: int, what: str = "text") -> None:
        """Raises `EvaluationError` for a value that would be too large; charges for one that is not."""
        if size > SIZE:
            raise EvaluationError(f"It would make a {what} of {size:,}.")
        self.spend(1 + size // 32)


def plain(value: Any) -> Any:
    """The value without a subclass that could have methods of its own: exact `str`, `int`, `float`; an enum's value
    stays an object. Texts that a preview has cut are their beginning."""
    cls = type(value)
    if cls in _SCALARS:
        return value
    if cls is Clipped:
        return value.text
    if issubclass(cls, str):
        return str.__str__(value)
    if issubclass(cls, int):
        return int.__int__(value)
    if issubclass(cls, float):
        return float.__float__(value)
    return value


def describe(value: Any) -> str:
    """What a value is, for a sentence."""
    if value is None:
        return "None"
    if isinstance(value, Opaque):
        return f"a {value.name}"
    name = type(value).__name__
    named = {"str": "a text", "dict": "a mapping", "int": "a number", "float": "a number", "generator": "a list"}
    return named.get(name, f"an {name}" if name[:1].lower() in "aeiou" else f"a {name}")


def fields_of(value: Any) -> dict[str, Any] | None:
    """The fields of an object by name; None for what has none (a number, a list). Of pydantic models and dataclasses,
    named tuples, messages, anything with a `__dict__` or slots."""
    cls = type(value)
    if cls is Opaque:
        if isinstance(value.fields, dict):
            return {str(key): item for key, item in value.fields.items()}
        return {"value": value.fields}
    if cls in _SCALARS:
        return None
    if issubclass(cls, dict):
        return {key: item for key, item in dict.items(value) if type(key) is str}
    if issubclass(cls, enum.Enum):
        inner = object.__getattribute__(value, "__dict__")
        return {"name": inner.get("_name_"), "value": inner.get("_value_")}
    names = cls.__dict__.get("_fields")
    if issubclass(cls, tuple) and isinstance(names, tuple):
        return dict(zip(names, tuple.__iter__(value), strict=False))
    found: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        for name, member in base.__dict__.items():
            if type(member) is _MEMBER and not name.startswith("__"):
                try:
                    found[name] = member.__get__(value)
                except AttributeError:
                    continue
    extra = found.pop("__pydantic_extra__", None)
    try:
        inner = object.__getattribute__(value, "__dict__")
    except AttributeError:
        inner = None
    if type(inner) is dict:
        found.update(inner)
    if extra is None:
        try:
            extra = object.__getattribute__(value, "__pydantic_extra__")
        except AttributeError:
            extra = None
    if type(extra) is dict:
        found.update(extra)
    return found or None


def field(value: Any, name: str) -> Any:
    """`value.name`: a field of an object, or a key of a mapping. Raises `EvaluationError`."""
    if name.startswith("__"):
        raise EvaluationError(f"{name} cannot be read: names that begin with two underscores are Python's own.")
    if issubclass(type(value), dict):
        found = dict.get(value, name, _MISSING)
        if found is not _MISSING:
            return plain(found)
        raise EvaluationError(_no_such("key", name, value))
    inner = fields_of(value)
    if inner is not None and name in inner:
        return plain(inner[name])
    raise EvaluationError(_no_such("field", name, value))


def item(value: Any, key: Any) -> Any:
    """`value[key]`. Raises `EvaluationError`."""
    cls = type(value)
    if cls is Opaque and isinstance(value.fields, (dict, list)):
        value, cls = value.fields, type(value.fields)
    if issubclass(cls, dict):
        try:
            found = dict.get(value, hashable(key), _MISSING)
        except TypeError:
            raise EvaluationError(f"{describe(key)} cannot be a key.") from None
        if found is _MISSING:
            raise EvaluationError(_no_such("key", key, value))
        return plain(found)
    if issubclass(cls, (*_SEQUENCES, str, bytes)):
        if not isinstance(key, (int, slice)):
            raise EvaluationError(f"The items of {describe(value)} are numbered; {key!r:.40} is no number.")
        try:
            if isinstance(key, slice):
                if issubclass(cls, deque):
                    return list(deque.__iter__(value))[key]
                return cls.__getitem__(value, key) if cls in (list, tuple, str, bytes) else list(items(value))[key]
            base = next(base for base in (list, tuple, deque, str, bytes) if issubclass(cls, base))
            return plain(base.__getitem__(value, key))
        except IndexError:
            raise EvaluationError(f"There is no item {key}: it has {length(value)}.") from None
        except (TypeError, ValueError) as error:
            raise EvaluationError(f"{error}.") from None
    inner = fields_of(value)
    if inner is not None and isinstance(key, str) and key in inner:
        return plain(inner[key])
    raise EvaluationError(f"{describe(value).capitalize()} has no items.")


def hashable(key: Any) -> Any:
    """A key that is plain through and through. Raises `TypeError`."""
    key = plain(key)
    if type(key) is tuple:
        return tuple(hashable(part) for part in key)
    if type(key) not in _SCALARS:
        raise TypeError
    return key


def _no_such(what: str, name: Any, value: Any) -> str:
    from difflib import get_close_matches

    names = [key for key in (fields_of(value) or {}) if not key.startswith("_")]
    near = get_close_matches(str(name), names, 1)
    known = (
        f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(names[:12])}." if names else "it is empty."
    )
    if not names and fields_of(value) is None and not issubclass(type(value), dict):
        return f"{describe(value).capitalize()} has no {what} {name!r:.60}."
    return f"There is no {what} {name!r:.60}; {known}"


def length(value: Any) -> int:
    """`len(value)`. Raises `EvaluationError`."""
    cls = type(value)
    if cls is Opaque and isinstance(value.fields, (list, dict)):
        value, cls = value.fields, type(value.fields)
    for base in (str, bytes, dict, *_SEQUENCES, *_SETS, range):
        if issubclass(cls, base):
            count: int = base.__len__(value)
            if base is list and count and type(value[-1]) is More:
                return count - 1 + int(value[-1].count)
            return count
    if cls in (type({}.keys()), type({}.values()), type({}.items())):
        return len(value)
    raise EvaluationError(f"{describe(value).capitalize()} has no length.")


def items(value: Any) -> Iterator[Any]:
    """`iter(value)`, of plain items. Raises `EvaluationError`."""
    cls = type(value)
    if cls is Opaque and isinstance(value.fields, (list, dict)):
        value, cls = value.fields, type(value.fields)
    if cls is types.GeneratorType or cls in _VIEWS:
        return iter(value)
    for base in (dict, *_SEQUENCES, *_SETS, str, bytes, range):
        if issubclass(cls, base):
            return (plain(each) for each in base.__iter__(value) if type(each) is not More and each != MORE)
    raise EvaluationError(f"{describe(value).capitalize()} has no items to go through.")


_VIEWS: tuple[type, ...] = (enumerate, zip, reversed, map, type({}.keys()), type({}.values()), type({}.items()))


def truth(value: Any) -> bool:
    """`bool(value)`: of an object, whether there is one."""
    cls = type(value)
    if cls in _SCALARS:
        return bool(value)
    if cls is types.GeneratorType:
        return True
    try:
        return length(value) > 0
    except EvaluationError:
        return True


def equal(a: Any, b: Any, budget: Budget) -> bool:
    """`a == b`: plain values as Python does, objects field by field."""
    budget.spend()
    a, b = plain(a), plain(b)
    if a is b:
        return True
    kinds = type(a), type(b)
    if kinds[0] in _SCALARS and kinds[1] in _SCALARS:
        return bool(a == b)
    if any(issubclass(kinds[0], base) and issubclass(kinds[1], base) for base in (list, tuple, deque)):
        return length(a) == length(b) and all(equal(x, y, budget) for x, y in zip(items(a), items(b), strict=False))
    if issubclass(kinds[0], _SETS) and issubclass(kinds[1], _SETS):
        return length(a) == length(b) and all(contains(b, each, budget) for each in items(a))
    if kinds[0] is not kinds[1] and not (issubclass(kinds[0], dict) and issubclass(kinds[1], dict)):
        return False
    if kinds[0] is Opaque and a.type != b.type:
        return False
    if issubclass(kinds[0], dict):
        return length(a) == length(b) and all(
            (other := dict.get(b, key, _MISSING)) is not _MISSING and equal(each, other, budget)
            for key, each in dict.items(a)
        )
    mine, theirs = fields_of(a), fields_of(b)
    return mine is not None and theirs is not None and equal(mine, theirs, budget)


def contains(value: Any, wanted: Any, budget: Budget) -> bool:
    """`wanted in value`. Raises `EvaluationError`."""
    value, wanted = plain(value), plain(wanted)
    if type(value) in (str, bytes):
        if type(wanted) is not type(value):
            raise EvaluationError(f"{describe(wanted).capitalize()} cannot be in {describe(value)}.")
        budget.spend(1 + len(value) // 256)
        return wanted in value
    if issubclass(type(value), dict):
        try:
            return dict.get(value, hashable(wanted), _MISSING) is not _MISSING
        except TypeError:
            return False
    if type(value) is range and type(wanted) is int:
        return wanted in value
    return any(equal(each, wanted, budget) for each in items(value))


def comparable(a: Any, b: Any, budget: Budget) -> None:
    """Raises `EvaluationError` where Python's `<` of two values would run somebody's code, or makes no sense."""
    kinds = type(a), type(b)
    numbers = all(issubclass(kind, NUMBERS) for kind in kinds)
    if numbers or (kinds[0] is kinds[1] and kinds[0] in (str, bytes, *_TIMES)):
        return
    if kinds in ((list, list), (tuple, tuple)):
        for x, y in zip(a, b, strict=False):
            budget.spend()
            comparable(plain(x), plain(y), budget)
        return
    if all(issubclass(kind, _SETS) for kind in kinds):
        return
    raise EvaluationError(f"{describe(a).capitalize()} and {describe(b)} cannot be ordered.")


def as_list(values: Iterable[Any], budget: Budget) -> list[Any]:
    """The items, each charged for."""
    found: list[Any] = []
    for value in values:
        budget.spend()
        found.append(value)
        if len(found) > SIZE:
            raise EvaluationError(f"It would make a list of more than {SIZE:,}.")
    return found


def whole(value: int) -> int:
    """An integer that is not absurdly large. Raises `EvaluationError`."""
    if value.bit_length() > _BITS:
        raise EvaluationError("The number becomes too large.")
    return value


def bits(*numbers: int) -> None:
    """Refuse an operation whose result would have more bits than the numbers given together say."""
    if sum(numbers) > _BITS:
        raise EvaluationError("The number becomes too large.")
