"""The functions and methods that expressions know, on plain values only, each within the budget."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

from inspector.core.expression_operators import guard
from inspector.core.expression_values import (
    NUMBERS,
    Budget,
    as_list,
    comparable,
    contains,
    describe,
    equal,
    hashable,
    item,
    items,
    length,
    plain,
    truth,
    whole,
)
from inspector.core.values import Opaque
from inspector.errors import EvaluationError

_WIDTH = re.compile(r"\d{4,}")  # of a format: an f-string could ask for a gigabyte of blanks
_TEXT_METHODS = (
    "startswith", "endswith", "lower", "upper", "casefold", "title", "capitalize", "strip", "lstrip", "rstrip", "split",
    "rsplit", "splitlines", "partition", "rpartition", "find", "rfind", "count", "index", "replace", "join", "isdigit",
    "isalpha", "isalnum", "isspace", "islower", "isupper", "isdecimal", "isnumeric", "removeprefix", "removesuffix",
)  # fmt: skip
_MAPPING_METHODS = ("get", "keys", "values", "items")
_LIST_METHODS = ("count", "index")
METHODS = tuple(dict.fromkeys((*_TEXT_METHODS, *_MAPPING_METHODS, *_LIST_METHODS)))


def call_method(value: Any, name: str, args: list[Any], named: dict[str, Any], budget: Budget) -> Any:
    """`value.name(*args)`. Raises `EvaluationError`."""
    value = plain(value)
    args = [plain(arg) for arg in args]
    if type(value) is str and name in _TEXT_METHODS:
        return _text_method(value, name, args, named, budget)
    inner: Any = value.fields if type(value) is Opaque else value
    if issubclass(type(inner), dict) and name in _MAPPING_METHODS:
        if name == "get":
            if not 1 <= len(args) <= 2 or named:
                raise EvaluationError("get() takes a key, and what to give where there is none.")
            return item(inner, args[0]) if contains(inner, args[0], budget) else (args[1] if len(args) > 1 else None)
        if args or named:
            raise EvaluationError(f"{name}() takes nothing.")
        budget.spend(len(inner))
        pairs = [(plain(key), plain(each)) for key, each in dict.items(inner)]
        return pairs if name == "items" else [pair[name == "values"] for pair in pairs]
    if issubclass(type(inner), (list, tuple)) and name in _LIST_METHODS:
        if len(args) != 1 or named:
            raise EvaluationError(f"{name}() takes one value.")
        found = [number for number, each in enumerate(items(inner)) if equal(each, args[0], budget)]
        if name == "count":
            return len(found)
        if not found:
            raise EvaluationError("index(): it is not in the list.")
        return found[0]
    raise EvaluationError(f"{describe(value).capitalize()} has no {name}() that can be called here.")


def _text_method(text: str, name: str, args: list[Any], named: dict[str, Any], budget: Budget) -> Any:
    budget.spend(1 + len(text) // 64)
    if name == "join":
        if len(args) != 1:
            raise EvaluationError("join() takes one list of texts.")
        parts = as_list(items(args[0]), budget)
        if not all(type(part) is str for part in parts):
            raise EvaluationError("join() takes a list of texts.")
        budget.room(sum(map(len, parts)) + len(text) * len(parts))
        return text.join(parts)
    if name in ("startswith", "endswith") and args and type(args[0]) in (list, tuple):
        args[0] = tuple(args[0])
    elif any(type(arg) not in (str, int, type(None)) for arg in (*args, *named.values())):
        raise EvaluationError(f"{name}() of a text takes texts and numbers.")
    if name == "replace" and len(args) >= 2 and type(args[0]) is str and type(args[1]) is str:
        budget.room(len(text) + text.count(args[0]) * len(args[1]))
    result = getattr(text, name)(*args, **named)
    if isinstance(result, (str, list)):
        budget.room(len(result), "text" if isinstance(result, str) else "list")
    return result


# ---------------------------------------------------------------------- functions


def _number(budget: Budget, value: Any) -> Any:
    if not isinstance(value, NUMBERS):
        raise EvaluationError(f"{describe(value).capitalize()} is no number.")
    return value


def _sum(budget: Budget, values: Any, start: Any = 0) -> Any:
    total = start
    for value in items(values):
        budget.spend()
        guard("+", total, value, budget)
        total = total + value
    return total


def _extreme(larger: bool) -> Callable[..., Any]:
    def find(budget: Budget, *values: Any, default: Any = ...) -> Any:
        found = as_list(items(values[0]) if len(values) == 1 else values, budget)
        if not found:
            if default is ...:
                raise EvaluationError("There is nothing to take the smallest or largest of.")
            return default
        best = found[0]
        for value in found[1:]:
            comparable(value, best, budget)
            if value > best if larger else value < best:
                best = value
        return best

    return find


def _sorted(budget: Budget, values: Any, *, reverse: Any = False) -> list[Any]:
    found = as_list(items(values), budget)
    for one, other in pairwise(found):
        comparable(one, other, budget)
    budget.spend(len(found) * 4)
    return sorted(found, reverse=truth(reverse))


def _any(budget: Budget, values: Any) -> bool:
    return any(_spent(value, budget) for value in items(values))


def _all(budget: Budget, values: Any) -> bool:
    return all(_spent(value, budget) for value in items(values))


def _spent(value: Any, budget: Budget) -> bool:
    budget.spend()
    return truth(value)


def _str(budget: Budget, value: Any = "") -> str:
    value = plain(value)
    if isinstance(value, int):
        whole(value)
    if not _is_plain(value, budget):
        raise EvaluationError(f"{describe(value).capitalize()} cannot be made a text here.")
    text = str(value)
    budget.room(len(text))
    return text


def _repr(budget: Budget, value: Any) -> str:
    _str(budget, value)
    return repr(plain(value))


def _is_plain(value: Any, budget: Budget, depth: int = 0) -> bool:
    """Whether nothing but plain values is in it, so that its text is Python's."""
    budget.spend()
    if type(value) in (list, tuple, set, frozenset):
        return depth < 20 and all(_is_plain(each, budget, depth + 1) for each in value)
    if type(value) is dict:
        return depth < 20 and all(
            _is_plain(key, budget, depth + 1) and _is_plain(each, budget, depth + 1) for key, each in value.items()
        )
    if type(value) is str:
        budget.spend(len(value) // 32)
        return True
    try:
        hashable(value)
    except TypeError:
        return False
    return True


def _format(budget: Budget, value: Any, spec: Any = "") -> str:
    if _WIDTH.search(spec):
        raise EvaluationError("The format is too wide.")
    _str(budget, value)
    return format(plain(value), spec)


def _int(budget: Budget, value: Any = 0, base: Any = None) -> int:
    value = _str_or_number(value)
    if type(value) is str and len(value) > 1_000:
        raise EvaluationError("The number is too long.")
    return int(value) if base is None else int(value, base)


def _float(budget: Budget, value: Any = 0) -> float:
    return float(_str_or_number(value))


def _str_or_number(value: Any) -> Any:
    if type(value) is str or isinstance(value, NUMBERS):
        return value
    raise EvaluationError(f"{describe(value).capitalize()} cannot be made a number.")


def _round(budget: Budget, value: Any, digits: Any = None) -> Any:
    if digits is not None and not (isinstance(digits, int) and abs(digits) <= 400):
        raise EvaluationError("round() takes a number of digits up to 400.")
    return round(_number(budget, value), digits)


def _range(budget: Budget, *ends: Any) -> range:
    if not all(isinstance(end, int) for end in ends):
        raise EvaluationError("range() takes whole numbers.")
    return range(*ends)


def _set(budget: Budget, values: Any = ()) -> set[Any]:
    try:
        return {hashable(value) for value in as_list(items(values), budget)}
    except TypeError:
        raise EvaluationError("Only plain values can be in a set.") from None


def _zip(budget: Budget, *values: Any) -> list[Any]:
    return as_list(zip(*map(items, values), strict=False), budget)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "len": lambda budget, value: length(value),
    "any": _any,
    "all": _all,
    "sum": _sum,
    "min": _extreme(False),
    "max": _extreme(True),
    "abs": lambda budget, value: abs(_number(budget, value)),
    "round": _round,
    "sorted": _sorted,
    "reversed": lambda budget, values: as_list(items(values), budget)[::-1],
    "enumerate": lambda budget, values: as_list(enumerate(items(values)), budget),
    "zip": _zip,
    "range": _range,
    "str": _str,
    "repr": _repr,
    "int": _int,
    "float": _float,
    "bool": lambda budget, value=False: truth(value),
    "list": lambda budget, values=(): as_list(items(values), budget),
    "tuple": lambda budget, values=(): tuple(as_list(items(values), budget)),
    "set": _set,
}
FUNCTIONS = tuple(_FUNCTIONS)
_INNER: dict[str, Callable[..., Any]] = {"number": _number, "format": _format}  # what operators and f-strings use


def call_function(name: str, args: list[Any], named: dict[str, Any], budget: Budget) -> Any:
    """A function of `FUNCTIONS`. Raises `EvaluationError`."""
    budget.spend()
    function = _FUNCTIONS.get(name) or _INNER[name]
    try:
        return function(budget, *[plain(arg) for arg in args], **named)
    except EvaluationError:
        raise
    except TypeError as error:
        if "argument" in str(error):
            raise EvaluationError(f"{name}() is called with arguments that it does not take.") from None
        raise
