"""Inert values: whatever is in a blob, it is shown, and nothing in it is imported, called or let grow."""

from __future__ import annotations

import json
import sys
import uuid
from dataclasses import dataclass
from typing import Any

import ormsgpack
import pytest
from langchain_core.messages import AIMessage
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from pydantic import BaseModel

from inspector.core import values
from inspector.core.values import (
    KW_ARGS,
    METHOD_SINGLE_ARG,
    NUMPY_ARRAY,
    POS_ARGS,
    SINGLE_ARG,
    Clipped,
    More,
    Opaque,
    Unreadable,
    children,
    decode,
    decode_typed,
    is_container,
    to_json,
)

_KEYS = ormsgpack.OPT_NON_STR_KEYS


def ext(code: int, value: Any) -> ormsgpack.Ext:
    return ormsgpack.Ext(code, ormsgpack.packb(value, option=_KEYS))


def packed(value: Any) -> bytes:
    return ormsgpack.packb(value, option=_KEYS)


def depth(value: Any) -> int:
    level, n = [value], 0
    while level := [child for each in level for _, child in children(each)]:
        n += 1
    return n


class Point(BaseModel):
    x: int
    y: int = 2


@dataclass
class Leg:
    to: str


def test_what_langgraph_stores_comes_back_as_names_and_fields() -> None:
    id = uuid.uuid4()
    live = {"p": Point(x=1), "leg": Leg("LIS"), "id": id, "m": AIMessage("hi"), "s": {1}, "t": (1, 2), 3: b"\x00"}
    value = decode_typed(*JsonPlusSerializer().dumps_typed(live))
    assert value["p"] == Opaque(f"{__name__}.Point", {"x": 1, "y": 2})
    assert value["leg"] == Opaque(f"{__name__}.Leg", {"to": "LIS"})
    assert value["id"] == Opaque("uuid.UUID", id.hex)
    assert (value["m"].name, value["m"].get("content")) == ("AIMessage", "hi")
    assert value["s"].type == "builtins.set"
    assert (value["t"], value[3]) == ([1, 2], b"\x00")


def test_nothing_that_a_blob_names_is_imported_or_called(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "never_imported.py").write_text("raise SystemExit('it was imported')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    for code in (SINGLE_ARG, POS_ARGS, KW_ARGS, METHOD_SINGLE_ARG):
        for module, name, arg in (("os", "system", "touch harmed"), ("never_imported", "f", ["a"])):
            value = decode(packed([ext(code, [module, name, arg, "__call__"])]))
            assert value == [Opaque(f"{module}.{name}", arg)]
    assert decode_typed("pickle", b"cos\nsystem\n(S'touch harmed'\ntR.") == Unreadable(
        "pickle", "31 bytes of pickle, which are never loaded"
    )
    assert set(sys.modules) - before <= {"inspector.core.skim"}
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize(
    "blob",
    [
        b"\xc1",  # never used
        b"\xdd\xff\xff\xff\xff",  # a list of four billion, and then nothing
        b"\xdb\x7f\xff\xff\xff a",  # a text of two gigabytes
        b"\xc9\x00\x00\x00\x05\x00abc",  # an extension that is cut off
        packed(ext(SINGLE_ARG, [])),
        packed(ext(SINGLE_ARG, 7)),
        packed(ext(NUMPY_ARRAY, ["f8"])),
        packed(ext(77, {"of": "somebody else"})),
        packed(ormsgpack.Ext(SINGLE_ARG, b"\xc1")),
        b"\x91" * 5_000 + b"\xc0",
        b"\x81\xa1a" * 900 + b"\xc0",
    ],
    ids=range(11),
)
def test_what_cannot_be_read_says_so_and_nothing_is_raised(blob: bytes) -> None:
    value = decode(blob)
    assert depth(value) <= 70
    assert "unreadable" in json.dumps(to_json(value))


def test_extensions_in_extensions_end_somewhere() -> None:
    blob = packed("end")
    for _ in range(500):
        blob = packed(ormsgpack.Ext(SINGLE_ARG, b"\x93\xa1m\xa1C" + blob))
    value = decode(blob)
    assert depth(value) <= 70
    assert "nested too deeply" in json.dumps(to_json(value))


def _group(count: int, item: bytes) -> bytes:
    return b"\xdd" + count.to_bytes(4, "big") + item * count


@pytest.mark.parametrize("item", [b"\x80", b"\xd4\x65\x05"], ids=["maps", "extensions"])
def test_a_small_blob_does_not_become_a_large_value(item: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A few bytes each, they would take a hundred times as many."""
    monkeypatch.setattr(values, "_MAX_OBJECTS", 2_000)
    monkeypatch.setattr(values, "_MAX_NODES", 10_000)
    each = decode(item)
    assert decode(_group(1_999, item)) == [each] * 1_999
    assert decode(_group(20_000, item)).count(each) <= 2_000


def test_json_and_the_empty_types_of_savers() -> None:
    assert decode_typed("json", b'{"a": [1]}') == {"a": [1]}
    assert isinstance(decode_typed("json", b"{"), Unreadable)
    assert isinstance(decode_typed("json", b"[" * 100_000), Unreadable)
    assert decode_typed("null", b"") is None
    assert decode_typed("empty", b"x") is None
    assert decode_typed("bytes", b"x") == b"x"
    assert decode(b"") is None


def test_children_are_those_of_the_fields_and_keys_are_texts() -> None:
    assert list(children(Opaque("a.B", {"x": 1, 2: 3}))) == [("x", 1), ("2", 3)]
    assert list(children(Opaque("uuid.UUID", "ab"))) == [("value", "ab")]
    assert list(children([5, 6])) == [(0, 5), (1, 6)]
    assert list(children("leaf")) == []
    given: list[Any] = [Opaque("a.B", {}), Opaque("a.B", 1), [], {"a": 1}, "x", Clipped("a", 9)]
    shown = [is_container(value) for value in given]
    assert shown == [False, True, False, True, False, False]


def test_json_says_what_is_cut_and_what_was_an_object() -> None:
    value: dict[Any, Any] = {
        "p": Opaque("m.Point", {"x": 1}), "ai": Opaque("m.AIMessage", {"type": "ai", "content": "a"}),
        "id": Opaque("uuid.UUID", "ab"), "e": Opaque("m.Colour", "red"), "long": Clipped("beg", 9), "raw": b"abc",
        "cut": Clipped(b"ab", 7), "list": [1, More(5)], "bad": Unreadable("m.T", "why"), 4: float("nan"), None: True,
    }  # fmt: skip
    assert json.loads(json.dumps(to_json(value), allow_nan=False)) == {
        "p": {"type": "m.Point", "x": 1},
        "ai": {"type": "ai", "content": "a"},
        "id": "ab",
        "e": {"type": "m.Colour", "value": "red"},
        "long": {"type": "clipped", "text": "beg", "total": 9},
        "raw": {"type": "bytes", "size": 3},
        "cut": {"type": "clipped", "text": "2 bytes", "total": 7},
        "list": [1, {"type": "more", "count": 5}],
        "bad": {"type": "unreadable", "of": "m.T", "reason": "why"},
        "4": "nan",
        "None": True,
    }
