"""The operators of expressions, on plain values only, each within the budget."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

from inspector.core.expression_values import NUMBERS, SIZE, Budget, bits, comparable, contains, describe, equal
from inspector.errors import EvaluationError

BINARY: dict[type[ast.operator], tuple[str, Callable[[Any, Any], Any]]] = {
    ast.Add: ("+", operator.add), ast.Sub: ("-", operator.sub), ast.Mult: ("*", operator.mul),
    ast.Div: ("/", operator.truediv), ast.FloorDiv: ("//", operator.floordiv), ast.Mod: ("%", operator.mod),
    ast.Pow: ("**", operator.pow), ast.LShift: ("<<", operator.lshift), ast.RShift: (">>", operator.rshift),
    ast.BitAnd: ("&", operator.and_), ast.BitOr: ("|", operator.or_), ast.BitXor: ("^", operator.xor),
}  # fmt: skip
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def guard(sign: str, a: Any, b: Any, budget: Budget) -> None:
    """Refuse an operation between values that are not plain, and one whose result would be too large."""
    budget.spend()
    if isinstance(a, NUMBERS) and isinstance(b, NUMBERS):
        if isinstance(a, int) and isinstance(b, int):
            _guard_integers(sign, a, b)
        elif sign == "**" and abs(float(b)) > 10_000:
            raise EvaluationError("The number becomes too large.")
        return
    kinds = type(a), type(b)
    texts = (str, bytes, list, tuple)
    if sign == "+" and kinds[0] is kinds[1] and kinds[0] in texts:
        budget.room(len(a) + len(b), "text" if kinds[0] is str else "list")
    elif sign == "*" and ((kinds[0] in texts and kinds[1] is int) or (kinds[1] in texts and kinds[0] is int)):
        many, thing = (b, a) if kinds[0] in texts else (a, b)
        budget.room(max(0, many) * len(thing), "text" if type(thing) is str else "list")
    elif sign in "&|^-" and all(kind in (set, frozenset) for kind in kinds):
        budget.room(len(a) + len(b), "set")
    elif not (sign in "+-" and all(kind.__module__ == "datetime" for kind in kinds)):
        raise EvaluationError(f"{sign} cannot be used between {describe(a)} and {describe(b)}.")


def _guard_integers(sign: str, a: int, b: int) -> None:
    if sign == "**" and b > 0:
        bits(min(SIZE, b) * max(1, a.bit_length()) if abs(a) > 1 else 0)
    elif sign == "<<":
        bits(a.bit_length(), min(SIZE, max(0, b)))
    elif sign == "*":
        bits(a.bit_length(), b.bit_length())


def comparison(op: ast.cmpop) -> Callable[[Any, Any, Budget], bool]:
    """What a comparison of the syntax tree does."""
    kind = type(op)
    if kind is ast.Eq:
        return equal
    if kind is ast.NotEq:
        return lambda a, b, budget: not equal(a, b, budget)
    if kind is ast.In:
        return lambda a, b, budget: contains(b, a, budget)
    if kind is ast.NotIn:
        return lambda a, b, budget: not contains(b, a, budget)
    if kind is ast.Is:
        return lambda a, b, budget: a is b
    if kind is ast.IsNot:
        return lambda a, b, budget: a is not b
    apply = _ORDER[kind]

    def ordered(a: Any, b: Any, budget: Budget) -> bool:
        comparable(a, b, budget)
        return bool(apply(a, b))

    return ordered
