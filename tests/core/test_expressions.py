"""Expressions: what they say of live and of inert values, what they refuse, and that they run nobody's code."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from enum import Enum
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from pydantic import BaseModel, ConfigDict

from inspector.core.expressions import CONDITION_NAMES, check, compile
from inspector.core.values import Clipped, More, Opaque
from inspector.errors import BreakpointError, EvaluationError


class Colour(Enum):
    RED = "red"


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str = "x"

    @property
    def text(self) -> str:
        raise AssertionError("a property was asked")


@dataclasses.dataclass(slots=True)
class Point:
    x: int = 3


class Trap:
    """Runs code of the user's at any touch."""

    def __init__(self) -> None:
        self.inside = 7

    def _sprung(self, *args: Any) -> Any:
        raise AssertionError("the user's code ran")

    __eq__ = __bool__ = __len__ = __iter__ = __getitem__ = __lt__ = __contains__ = __str__ = __repr__ = _sprung
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Any:
        raise AssertionError("the user's code ran")


STATE: dict[str, Any] = {
    "budget": 12,
    "name": "Ann",
    "tags": ["a", "b"],
    "nested": {"deep": [{"n": 1}, {"n": 2}]},
    "messages": [AIMessage("hi", tool_calls=[{"name": "pay", "args": {"to": "Bob"}, "id": "1"}])],
    "colour": Colour.RED,
    "point": Point(),
    "extra": Extra(more=5),  # type: ignore[call-arg]
    "trap": Trap(),
}
INERT: dict[str, Any] = {
    **STATE,
    "messages": [Opaque("langchain_core.messages.ai.AIMessage", {"content": "hi", "type": "ai", "tool_calls": [
        {"name": "pay", "args": {"to": "Bob"}, "id": "1"}]})],
    "colour": Opaque("tests.Colour", "red"),
    "point": Opaque("tests.Point", {"x": 3}),
    "extra": Opaque("tests.Extra", {"name": "x", "more": 5}),
}  # fmt: skip


@pytest.mark.parametrize("state", [STATE, INERT], ids=["live", "inert"])
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("state.budget > 10 and not state['budget'] > 20", True),
        ("state.messages[-1].tool_calls[0].args.to", "Bob"),
        ("len(state.messages) == 1 and state.messages[0].type == 'ai'", True),
        ("[d.n * 10 for d in state.nested.deep if d.n > 1]", [20]),
        ("{k: v for k, v in state.nested.items()}['deep'][0]", {"n": 1}),
        ("sum(d.n for d in state.nested.deep)", 3),
        ("any('b' in tag for tag in state.tags)", True),
        ("state.colour.value", "red"),
        ("state.point.x ** 2 // 2 % 3", 1),
        ("state.extra.more if state.extra.name else 0", 5),
        ("state.name.lower().startswith(('a', 'x'))", True),
        ("state.get('nothing', 'none')", "none"),
        ("f'{state.budget:>4}|{state.name!r}'", "  12|'Ann'"),
        ("1 < state.budget <= 12 != 13", True),
        ("state.tags[::-1] + sorted(['d', 'c'])", ["b", "a", "c", "d"]),
        ("max(state.tags), min([3, 1]), round(2.567, 1)", ("b", 1, 2.6)),
        ("{1, 2} & {2, 3} == {2}", True),
        ("[x for row in [[1, 2], [3]] for x in row if x != 2]", [1, 3]),
        ("state.trap.inside", 7),
        ("bool(state.trap) and state.trap != 7 and state.trap == state.trap", True),
        ("state.messages == state.messages", True),
    ],
)
def test_values(state: dict[str, Any], text: str, value: Any) -> None:
    assert compile(text, CONDITION_NAMES).evaluate({"state": state}) == value


def test_previews_read_as_what_they_stand_for() -> None:
    state = {"text": Clipped("beginning", 10_000), "list": [1, 2, More(500)]}
    assert compile("state.text.startswith('begin')").evaluate({"state": state})
    assert compile("len(state.list), sum(state.list)").evaluate({"state": state}) == (502, 3)


def test_looking_changes_nothing() -> None:
    state = {"counts": defaultdict(int, {"a": 1}), "list": [3, 1, 2]}
    with pytest.raises(EvaluationError, match="no key 'b'"):
        compile("state.counts.b").evaluate({"state": state})
    compile("sorted(state.list) + state.list[:1]").evaluate({"state": state})
    assert state == {"counts": {"a": 1}, "list": [3, 1, 2]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("state.bugdet", "no key 'bugdet'; did you mean 'budget'"),
        ("state.messages[0].text", "no field 'text'; there are: content"),
        ("state.messages[3]", "no item 3: it has 1"),
        ("state.extra.text", "no field 'text'"),
        ("state.budget.x", "has no field 'x'"),
        ("state.budget + state.name", r"\+ cannot be used between a number and a text"),
        ("state.trap < 3", "cannot be ordered"),
        ("state.trap + 1", "cannot be used"),
        ("str(state.trap)", "cannot be made a text"),
        ("[x for x in state.trap]", "has no items"),
        ("{state.trap}", "cannot be a key or in a set"),
        ("step", "no 'step' here"),
        ("1 / 0", "ZeroDivisionError"),
        ("int('x')", "ValueError"),
    ],
)
def test_what_goes_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(EvaluationError, match=said):
        compile(text, CONDITION_NAMES).evaluate({"state": STATE})


@pytest.mark.parametrize(
    "text",
    [
        "9 ** 9 ** 9", "'a' * 10 ** 10", "[0] * 10 ** 9", "1 << 10 ** 12", "10 ** 10 ** 4",
        "sum(1 for a in range(10 ** 6) for b in range(10 ** 6))", "[x for x in range(10 ** 9)]",
        "list(range(10 ** 9))", "('x' * 900000).replace('x', 'y' * 1000)", "'y' * 900000 + 'y' * 900000",
        "f'{1:{999999999}}'", "f'{1:999999999}'", "max(range(10 ** 9))", "any(x < 0 for x in range(10 ** 9))",
        "'x'.join(['y' * 1000 for i in range(10000)])", "2.0 ** 10 ** 9", "10 ** 9 in [x for x in range(10 ** 8)]",
        "sorted(range(10 ** 9))", "len([x for x in range(30000)] * 1000)",
    ],
)  # fmt: skip
def test_what_would_take_long_or_fill_the_memory_is_refused(text: str) -> None:
    with pytest.raises(EvaluationError):  # without bounds, each of them takes minutes or all of the memory
        compile(text).evaluate({})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sate.budget", "no variable 'sate' here; did you mean 'state'"),
        ("foo > 1", "no variable 'foo' here; there are: args, node, state, step, usage"),
        ("[x for y in state]", "no variable 'x'"),
        ("[x for x in state] and x", "no variable 'x'"),
        ("state.budget >", "no expression: invalid syntax"),
        ("a b", "at column"),
        ("", "no expression"),
        ("x = 1", "no expression"),
        ("(x := 1)", "cannot contain an assignment"),
        ("lambda: 1", "cannot contain a lambda"),
        ("__import__('os')", "cannot be called here"),
        ("state.__class__", "two underscores"),
        ("state.budget.bit_length()", "cannot be called here"),
        ("open('x')", "cannot be called here"),
        ("print(1)", "cannot be called here; did you mean 'int'"),
        ("(lambda: 1)()", "name can be called"),
        ("len(*state)", "starred"),
        ("'\0'", "no expression|null"),
        ("(" * 300 + ")" * 300, "no expression"),
        ("-" * 1990 + "1", "nested too deeply|no expression"),
        ("1" * 3000, "longer than"),
    ],
)
def test_what_is_no_expression_is_refused_when_it_is_typed(text: str, said: str) -> None:
    with pytest.raises(BreakpointError, match=said):
        check(text)


def test_names_that_it_reads() -> None:
    assert compile("state.a + step + sum(x for x in args)").names == {"state", "step", "args"}
