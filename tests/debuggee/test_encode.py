"""Previews: of any value, however large or odd, a small packed beginning, and never an exception."""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import pathlib
import uuid
from collections import OrderedDict, UserDict, deque, namedtuple
from dataclasses import dataclass, field
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.types import Send
from pydantic import BaseModel, ConfigDict

from inspector.core.values import MORE, Clipped, More, Opaque, Unreadable, children, decode, decode_typed, to_json
from inspector.debuggee.encode import PREVIEW, WHOLE, Limits, preview, safe_repr


class Colour(enum.Enum):
    RED = "red"


class Text(str):
    __slots__ = ()


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


@dataclass
class Leg:
    to: str
    inner: Any = None
    unset: Any = field(init=False)


Pair = namedtuple("Pair", "a b")


class Hostile:
    """Everything about it raises."""

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("do not look")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("no comparison")

    __hash__ = None  # type: ignore[assignment]


class Loop(UserDict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("cannot be listed")


def seen(value: Any, limits: Limits = PREVIEW) -> Any:
    return decode(preview(value, limits))


def _nodes(value: Any) -> int:
    return 1 + sum(_nodes(child) for _, child in children(value))


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\u00e9", "aé"), (1.5, 1.5), (True, True), (None, None), ((1, 2), [1, 2]), (Text("x"), "x"),
        (2**64, Opaque("builtins.int", str(2**64))), (Colour.RED, Opaque(f"{__name__}.Colour", "red")),
        (Leg("LIS"), Opaque(f"{__name__}.Leg", {"to": "LIS", "inner": None, "unset": None})),
        (Loose.model_validate({"a": 1, "b": 2}), Opaque(f"{__name__}.Loose", {"a": 1, "b": 2})),
        (Pair(1, 2), Opaque(f"{__name__}.Pair", {"a": 1, "b": 2})),
        (uuid.UUID(int=1), Opaque("uuid.UUID", str(uuid.UUID(int=1)))),
        (decimal.Decimal("1.10"), Opaque("decimal.Decimal", "1.10")),
        (datetime.date(2026, 5, 1), Opaque("datetime.date", "2026-05-01")),
        (pathlib.PurePosixPath("/a"), Opaque("pathlib.PurePosixPath", ["/a"])),
        (frozenset({1}), Opaque("builtins.frozenset", [1])), (deque([1]), Opaque("collections.deque", [1])),
        (OrderedDict(a=1), {"a": 1}), (UserDict({"a": 1}), {"a": 1}), ({1: 2, (3, 4): 5}, {1: 2, "(3, 4)": 5}),
        (Send("n", {"a": 1}), Opaque("langgraph.types.Send", ["n", {"a": 1}])),
        (ValueError("no"), Opaque("builtins.ValueError", "no")), (bytearray(b"ab"), b"ab"),
        ("lone \ud800", "lone ?"), ({"\ud800": 1}, {"?": 1}),
    ],
    ids=range(25),
)  # fmt: skip
def test_what_a_value_is_shown_as(value: Any, shown: Any) -> None:
    assert seen(value) == shown


def test_a_message_is_what_a_checkpoint_has_of_it_without_its_empty_fields() -> None:
    message = AIMessage("hi", id="m", tool_calls=[{"name": "f", "args": {"a": [1]}, "id": "c"}])
    stored = decode_typed(*JsonPlusSerializer().dumps_typed(message))
    shown = seen(message)
    assert shown.type == stored.type
    assert shown.fields == {key: stored.fields[key] for key in shown.fields}
    assert {key for key in stored.fields if key not in shown.fields} == {
        key for key, value in stored.fields.items() if not value and key not in ("tool_calls", "usage_metadata")
    }


def test_texts_bytes_groups_and_levels_are_cut_and_say_so() -> None:
    assert seen("x" * 2_000) == "x" * 2_000
    assert seen("é" * 2_001) == Clipped("é" * 2_000, 2_001)
    assert seen(b"x" * 65) == Clipped(b"x" * 64, 65)
    assert seen(list(range(41))) == [*range(40), More(1)]
    shown = seen({n: n for n in range(50)})
    assert (len(shown), shown[39], shown[MORE]) == (41, 39, More(10))
    nested: Any = "bottom"
    for _ in range(11):
        nested = [nested]
    assert "bottom" not in json.dumps(to_json(seen(nested)))
    assert "bottom" in json.dumps(to_json(seen(nested[0][0])))
    assert seen({"a": [1, 2, 3]}, Limits(items=2)) == {"a": [1, 2, More(1)]}


@pytest.mark.parametrize(
    "value",
    [
        [[["x" * 9_000] * 99] * 99] * 99,
        {f"k{n}": {f"k{m}": list(range(99)) for m in range(99)} for n in range(99)},
        [Leg("a", [Leg("b")] * 99)] * 99,
        [AIMessage("x" * 9_000, additional_kwargs={"a": ["y" * 9_000] * 99})] * 99,
    ],
    ids=["lists", "maps", "dataclasses", "messages"],
)
def test_a_preview_is_bounded_as_a_whole(value: Any) -> None:
    packed = preview(value)
    assert _nodes(decode(packed)) <= PREVIEW.total + 2 * PREVIEW.items
    assert len(packed) < PREVIEW.total * (PREVIEW.text + 100)


def test_a_value_that_holds_itself() -> None:
    loop: list[Any] = [1]
    loop.append(loop)
    loop.append({"again": loop})
    assert seen(loop)[:1] == [1]
    assert len(preview(loop)) < 100_000


def test_what_raises_is_told_by_its_type_and_the_rest_is_there() -> None:
    value = {"bad": Hostile(), "loop": Loop(a=1), "good": [1], "error": ValueError(Hostile())}
    shown = seen(value)
    assert shown["good"] == [1]
    assert shown["bad"].type == f"{__name__}.Hostile"
    assert shown["loop"] == Unreadable(f"{__name__}.Loop", "RuntimeError: cannot be listed")
    assert shown["error"].type == "builtins.ValueError"
    assert isinstance(seen(Hostile()), Unreadable)


def test_what_has_no_encoding_is_told_by_a_bounded_repr() -> None:
    assert seen(object).reason == "<class 'object'>"
    assert seen({"f": len})["f"] == Unreadable("builtin_function_or_method", "<built-in function len>")

    class Wordy:
        def __repr__(self) -> str:
            return "w" * 100_000

    assert len(seen(Wordy()).reason) == 301
    assert safe_repr(Hostile()) == "<repr raised RuntimeError: no repr>"


def test_a_generator_is_not_begun() -> None:
    begun = []

    def generate() -> Any:
        begun.append(1)
        yield 1

    assert isinstance(seen(generate()), Unreadable)
    assert begun == []


def test_a_whole_value_is_whole() -> None:
    value = {"text": "x" * 100_000, "list": list(range(5_000)), "raw": b"y" * 5_000}
    assert seen(value, WHOLE) == value
