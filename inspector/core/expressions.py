"""Expressions over a run's values: conditions of breakpoints, and watches.

    expression = compile("len(state.messages) > 3 and state.messages[-1].type == 'ai'")
    expression.evaluate({"state": values})

A subset of Python's expressions: literals, names, attributes and items (`state.budget` is `state["budget"]`),
comparisons, arithmetic, `and`/`or`/`not`, conditionals, comprehensions, f-strings, the functions of `FUNCTIONS` and the
methods of `METHODS`. They work on live objects and on inert values alike, and can only read: no code of the user's is
called, nothing can be assigned, and an evaluation is over after `expression_values.STEPS` steps at the latest.

Nothing here uses `eval`: the syntax tree is turned into closures of our own, so that what is not listed does not exist.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeAlias

from inspector.core.expression_calls import FUNCTIONS, METHODS, call_function, call_method
from inspector.core.expression_operators import BINARY, comparison, guard
from inspector.core.expression_values import (
    Budget,
    as_list,
    field,
    hashable,
    item,
    items,
    plain,
    truth,
)
from inspector.core.expression_values import describe as _describe
from inspector.errors import BreakpointError, EvaluationError

LONGEST = 2_000  # characters of an expression
CONDITION_NAMES = ("state", "node", "step", "args", "usage")

_Code: TypeAlias = Callable[["_Frame"], Any]


class _Frame:
    """The variables of one evaluation, and what it may still cost."""

    __slots__ = ("budget", "names")

    def __init__(self, names: Mapping[str, Any], budget: Budget) -> None:
        self.names = dict(names)
        self.budget = budget


@dataclass(frozen=True)
class Expression:
    """A checked expression. `names` are the variables that it reads."""

    text: str
    names: frozenset[str]
    _code: _Code

    def evaluate(self, names: Mapping[str, Any]) -> Any:
        """Its value. Raises `EvaluationError`, and nothing else, for whatever goes wrong."""
        budget = Budget()
        try:
            value = self._code(_Frame(names, budget))
            return as_list(value, budget) if type(value).__name__ == "generator" else value
        except EvaluationError:
            raise
        except RecursionError:
            raise EvaluationError("It is nested too deeply.") from None
        except Exception as error:
            raise EvaluationError(f"{type(error).__name__}: {error}") from None

    def holds(self, names: Mapping[str, Any]) -> bool:
        """Whether its value is true. Raises `EvaluationError`."""
        return truth(self.evaluate(names))


def compile(text: str, names: Iterable[str] | None = None) -> Expression:
    """The expression of a text. Raises `BreakpointError`: where the text is wrong, or a variable is not among `names`
    (None: any name is one)."""
    if len(text) > LONGEST:
        raise BreakpointError(f"The expression is longer than {LONGEST:,} characters.")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        place = f" at column {error.offset}" if error.offset else ""
        raise BreakpointError(f"{text!r:.80} is no expression: {error.msg}{place}.") from None
    except (ValueError, MemoryError, RecursionError) as error:
        raise BreakpointError(f"{text!r:.80} is no expression: {error or 'it is nested too deeply'}.") from None
    compiler = _Compiler(None if names is None else tuple(names))
    try:
        code = compiler.code(tree.body)
    except RecursionError:
        raise BreakpointError("The expression is nested too deeply.") from None
    return Expression(text, frozenset(compiler.read), code)


def check(text: str, names: Iterable[str] | None = CONDITION_NAMES) -> None:
    """Raises `BreakpointError` for a text that is no expression over these variables."""
    compile(text, names)


_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Invert: operator.invert,
}  # fmt: skip
_NOT_HERE = {
    ast.Lambda: "a lambda", ast.NamedExpr: "an assignment (:=)", ast.Await: "await", ast.Yield: "yield",
    ast.YieldFrom: "yield", ast.Starred: "a starred expression",
}  # fmt: skip


class _Compiler:
    """From a syntax tree to closures. `read` collects the free variables."""

    def __init__(self, known: tuple[str, ...] | None) -> None:
        self.known = known
        self.read: set[str] = set()
        self._bound: list[str] = []

    def code(self, node: ast.expr) -> _Code:
        make = getattr(self, f"_{type(node).__name__.lower()}", None)
        if make is None:
            what = _NOT_HERE.get(type(node), type(node).__name__)
            raise BreakpointError(f"An expression here cannot contain {what}: it can only look at values.")
        made: _Code = make(node)
        return made

    def _codes(self, nodes: Iterable[ast.expr]) -> list[_Code]:
        return [self.code(node) for node in nodes]

    # ------------------------------------------------------------------ leaves

    def _constant(self, node: ast.Constant) -> _Code:
        value = node.value
        if type(value) is complex or value is Ellipsis:
            raise BreakpointError(f"{value!r} is no value that an expression here can use.")
        return lambda frame: value

    def _name(self, node: ast.Name) -> _Code:
        name = node.id
        if name in self._bound:
            return lambda frame: frame.names[name]
        if self.known is not None and name not in self.known:
            raise BreakpointError(f"There is no variable {name!r} here; {_nearest(name, self.known)}")
        self.read.add(name)

        def read(frame: _Frame) -> Any:
            if name not in frame.names:
                raise EvaluationError(f"There is no {name!r} here.")
            return plain(frame.names[name])

        return read

    def _joinedstr(self, node: ast.JoinedStr) -> _Code:
        parts = self._codes(node.values)

        def join(frame: _Frame) -> str:
            text = "".join([part(frame) for part in parts])
            frame.budget.room(len(text))
            return text

        return join

    def _formattedvalue(self, node: ast.FormattedValue) -> _Code:
        value = self.code(node.value)
        spec = self.code(node.format_spec) if node.format_spec is not None else None
        how = {114: "repr", 97: "repr"}.get(node.conversion, "str")
        return lambda frame: call_function(
            "format" if spec else how, [value(frame), spec(frame)] if spec else [value(frame)], {}, frame.budget
        )

    # ------------------------------------------------------------------ displays

    def _tuple(self, node: ast.Tuple) -> _Code:
        parts = self._codes(node.elts)
        return lambda frame: tuple(part(frame) for part in parts)

    def _list(self, node: ast.List) -> _Code:
        parts = self._codes(node.elts)
        return lambda frame: [part(frame) for part in parts]

    def _set(self, node: ast.Set) -> _Code:
        parts = self._codes(node.elts)
        return lambda frame: {_key(part(frame)) for part in parts}

    def _dict(self, node: ast.Dict) -> _Code:
        if None in node.keys:
            raise BreakpointError("An expression here cannot contain **: write the keys.")
        keys, values = self._codes(key for key in node.keys if key is not None), self._codes(node.values)
        return lambda frame: {_key(k(frame)): v(frame) for k, v in zip(keys, values, strict=True)}

    # ------------------------------------------------------------------ operators

    def _boolop(self, node: ast.BoolOp) -> _Code:
        parts = self._codes(node.values)
        until = isinstance(node.op, ast.Or)

        def either(frame: _Frame) -> Any:
            value: Any = None
            for part in parts:
                value = part(frame)
                if truth(value) is until:
                    break
            return value

        return either

    def _unaryop(self, node: ast.UnaryOp) -> _Code:
        value = self.code(node.operand)
        if isinstance(node.op, ast.Not):
            return lambda frame: not truth(value(frame))
        apply = _UNARY[type(node.op)]
        return lambda frame: apply(call_function("number", [value(frame)], {}, frame.budget))

    def _binop(self, node: ast.BinOp) -> _Code:
        left, right = self.code(node.left), self.code(node.right)
        if type(node.op) not in BINARY:
            raise BreakpointError("An expression here cannot contain @.")
        sign, apply = BINARY[type(node.op)]

        def both(frame: _Frame) -> Any:
            a, b = left(frame), right(frame)
            guard(sign, a, b, frame.budget)
            return apply(a, b)

        return both

    def _compare(self, node: ast.Compare) -> _Code:
        first = self.code(node.left)
        rest = [(comparison(op), self.code(each)) for op, each in zip(node.ops, node.comparators, strict=True)]

        def chain(frame: _Frame) -> bool:
            a = first(frame)
            for compare, code in rest:
                b = code(frame)
                if not compare(a, b, frame.budget):
                    return False
                a = b
            return True

        return chain

    def _ifexp(self, node: ast.IfExp) -> _Code:
        test, then, other = self.code(node.test), self.code(node.body), self.code(node.orelse)
        return lambda frame: then(frame) if truth(test(frame)) else other(frame)

    # ------------------------------------------------------------------ reading and calling

    def _attribute(self, node: ast.Attribute) -> _Code:
        value, name = self.code(node.value), node.attr
        if name.startswith("__"):
            raise BreakpointError(f"{name} cannot be read: names that begin with two underscores are Python's own.")
        return lambda frame: field(value(frame), name)

    def _subscript(self, node: ast.Subscript) -> _Code:
        value = self.code(node.value)
        if not isinstance(node.slice, ast.Slice):
            key = self.code(node.slice)
            return lambda frame: item(value(frame), key(frame))
        ends = [
            None if end is None else self.code(end) for end in (node.slice.lower, node.slice.upper, node.slice.step)
        ]

        def cut(frame: _Frame) -> Any:
            found = item(value(frame), slice(*(None if end is None else end(frame) for end in ends)))
            frame.budget.room(len(found), "copy")
            return found

        return cut

    def _call(self, node: ast.Call) -> _Code:
        args = self._codes(node.args)
        named = {}
        for keyword in node.keywords:
            if keyword.arg is None:
                raise BreakpointError("An expression here cannot contain **: name the arguments.")
            named[keyword.arg] = self.code(keyword.value)
        if isinstance(node.func, ast.Attribute):
            value, name = self.code(node.func.value), node.func.attr
            if name not in METHODS:
                raise BreakpointError(f"{name}() cannot be called here; {_nearest(name, tuple(METHODS))}")
            return lambda frame: call_method(
                value(frame), name, [a(frame) for a in args], {k: v(frame) for k, v in named.items()}, frame.budget
            )
        if not isinstance(node.func, ast.Name):
            raise BreakpointError("Only functions and methods that have a name can be called here.")
        name = node.func.id
        if name not in FUNCTIONS:
            raise BreakpointError(f"{name}() cannot be called here; {_nearest(name, FUNCTIONS)}")
        return lambda frame: call_function(
            name, [a(frame) for a in args], {k: v(frame) for k, v in named.items()}, frame.budget
        )

    # ------------------------------------------------------------------ comprehensions

    def _listcomp(self, node: ast.ListComp) -> _Code:
        each = self._loop(node.generators, lambda: self.code(node.elt))
        return lambda frame: as_list(each(frame), frame.budget)

    def _setcomp(self, node: ast.SetComp) -> _Code:
        each = self._loop(node.generators, lambda: self.code(node.elt))
        return lambda frame: {_key(value) for value in each(frame)}

    def _dictcomp(self, node: ast.DictComp) -> _Code:
        def pair() -> _Code:
            key, value = self.code(node.key), self.code(node.value)
            return lambda frame: (_key(key(frame)), value(frame))

        each = self._loop(node.generators, pair)
        return lambda frame: dict(each(frame))

    def _generatorexp(self, node: ast.GeneratorExp) -> _Code:
        return self._loop(node.generators, lambda: self.code(node.elt))

    def _loop(self, loops: list[ast.comprehension], body: Callable[[], _Code]) -> _Code:
        """A generator over the loops. Variables of a comprehension are its own: it gets a frame for them."""
        bound = len(self._bound)
        made = []
        for loop in loops:
            if loop.is_async:
                raise BreakpointError("An expression here cannot contain async.")
            values = self.code(loop.iter)
            names = _targets(loop.target)
            self._bound += names
            made.append((values, _binder(loop.target), self._codes(loop.ifs)))
        give = body()
        del self._bound[bound:]

        def run(frame: _Frame, depth: int) -> Iterable[Any]:
            if depth == len(made):
                yield give(frame)
                return
            values, bind, tests = made[depth]
            for value in items(values(frame)):
                frame.budget.spend()
                bind(frame.names, value)
                if all(truth(test(frame)) for test in tests):
                    yield from run(frame, depth + 1)

        return lambda frame: run(_Frame(frame.names, frame.budget), 0)


def _targets(target: ast.expr) -> list[str]:
    if isinstance(target, ast.Name):
        return [target.id]
    if isinstance(target, (ast.Tuple, ast.List)):
        return [name for each in target.elts for name in _targets(each)]
    raise BreakpointError("A comprehension here can only bind names.")


def _binder(target: ast.expr) -> Callable[[dict[str, Any], Any], None]:
    if isinstance(target, ast.Name):
        name = target.id

        def one(names: dict[str, Any], value: Any) -> None:
            names[name] = value

        return one
    assert isinstance(target, (ast.Tuple, ast.List))
    parts = [_binder(each) for each in target.elts]

    def several(names: dict[str, Any], value: Any) -> None:
        values = list(items(value))
        if len(values) != len(parts):
            raise EvaluationError(f"{len(values)} values cannot be bound to {len(parts)} names.")
        for bind, each in zip(parts, values, strict=True):
            bind(names, each)

    return several


def _key(value: Any) -> Any:
    try:
        return hashable(value)
    except TypeError:
        raise EvaluationError(f"{_describe(value).capitalize()} cannot be a key or in a set.") from None


def _nearest(name: str, known: Iterable[str]) -> str:
    names = tuple(known)
    near = get_close_matches(name, names, 1)
    return f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(sorted(names))}."
