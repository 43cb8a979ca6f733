"""Structural differences: right for every shape, linear for long lists, bounded for hostile ones."""

from __future__ import annotations

import random
from typing import Any

import pytest

from inspector.core.diff import MISSING, Entry, at, changes, level, mark, same
from inspector.core.values import Opaque

NAN = float("nan")


def message(id_: str, text: str) -> Opaque:
    return Opaque("langchain_core.messages.ai.AIMessage", {"type": "ai", "content": text, "id": id_})


def marks(old: Any, new: Any) -> list[tuple[str | int, str]]:
    return [(entry.key, entry.mark) for entry in level(old, new)]


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, 1, True),
        (1, 1.0, False),
        (1, True, False),
        ({"a": [1, {"b": 1}]}, {"a": [1, {"b": True}]}, False),
        (NAN, float("nan"), True),
        ([NAN, {"x": [NAN]}], [float("nan"), {"x": [float("nan")]}], True),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True),
        ({"a": 1}, {"b": 1}, False),
        ([1, 2], [1, 2, 3], False),
        (Opaque("m.A", {"x": 1}), Opaque("m.A", {"x": 1}), True),
        (Opaque("m.A", {"x": 1}), Opaque("m.B", {"x": 1}), False),
        (None, None, True),
        ("", None, False),
    ],
)
def test_same(a: Any, b: Any, equal: bool) -> None:
    assert same(a, b) is equal
    assert same(b, a) is equal
    assert mark(a, b) == ("" if equal else "changed")


def test_deep_values_are_compared_without_recursion() -> None:
    a: Any = 1
    b: Any = 1
    c: Any = 2
    for _ in range(1000):
        a, b, c = [a], [b], [c]
    assert same(a, b)
    assert not same(a, c)
    (change,) = changes({"v": a}, {"v": c})
    assert len(change.path) == 99
    for value in (a, b, c):  # taken apart here, as freeing it nested would recurse
        while isinstance(value, list):
            value = value.pop()


def test_mappings_keep_removed_keys_in_their_place() -> None:
    old = {"a": 1, "gone": 2, "b": 3, "last": 4}
    new = {"a": 1, "b": 5, "fresh": 6}
    assert marks(old, new) == [
        ("a", ""),
        ("gone", "removed"),
        ("b", "changed"),
        ("last", "removed"),
        ("fresh", "added"),
    ]
    assert marks({"x": 1, "a": 2}, {"a": 2}) == [("x", "removed"), ("a", "")]
    assert marks({1: "a"}, {1: "b", (1, 2): "c"}) == [("1", "changed"), ("(1, 2)", "added")]


def test_messages_are_matched_by_id() -> None:
    a, b, c = message("1", "one"), message("2", "two"), message("3", "three")
    assert marks([a, b], [a, b, c]) == [(0, ""), (1, ""), (2, "added")]
    assert marks([a, b, c], [b, c]) == [(0, "removed"), (0, ""), (1, "")]
    assert marks([a, b], [message("1", "ONE"), b]) == [(0, "changed"), (1, "")]
    assert marks([a, b], [c]) == [(0, "removed"), (1, "removed"), (0, "added")]


def test_lists_without_ids() -> None:
    assert marks([1, 2], [1, 2, 3]) == [(0, ""), (1, ""), (2, "added")]
    assert marks([1, 2, 3], [0, 1, 2, 3]) == [(0, "added"), (1, ""), (2, ""), (3, "")]
    assert marks([1, 2, 3], [2, 3, 4]) == [(0, "removed"), (0, ""), (1, ""), (2, "added")]
    assert marks([1, 9, 3], [1, 2, 3]) == [(0, ""), (1, "changed"), (2, "")]
    assert marks([{"a": 1}, {"a": 2}], [{"a": 1}, {"a": 3}, {"a": 4}]) == [(0, ""), (1, "changed"), (2, "added")]
    assert marks([1, 2], []) == [(0, "removed"), (1, "removed")]
    assert marks([1, 1, 1], [1, 1]) == [(0, ""), (1, ""), (2, "removed")]


def test_one_sided_and_different_types_bear_no_marks_below() -> None:
    assert marks(MISSING, {"a": [1]}) == [("a", "")]
    assert [entry.old for entry in level({"a": 1}, MISSING)] == [1]
    assert marks([1], {"a": 1}) == [("a", "")]
    assert marks(Opaque("m.A", {"x": 1}), Opaque("m.B", {"x": 2})) == [("x", "")]
    assert level(3, 4) == []
    assert level(Opaque("m.Id", "x"), Opaque("m.Id", "y")) == [Entry("value", "x", "y", "changed")]
    assert marks(Opaque("builtins.set", [1, 2]), Opaque("builtins.set", [1, 2, 3])) == [(0, ""), (1, ""), (2, "added")]


def test_changes_go_as_deep_as_they_can_be_told() -> None:
    old = {"budget": 1500, "days": {"one": ["a"]}, "log": [1], "trip": Opaque("m.Trip", {"x": 1, "y": 2})}
    new = {"budget": 1200, "days": {"one": ["a", "b"]}, "log": "none", "trip": Opaque("m.Trip", {"x": 1, "y": 3})}
    assert [(change.path, change.mark) for change in changes(old, new)] == [
        (("budget",), "changed"),
        (("days", "one", 1), "added"),
        (("log",), "changed"),
        (("trip", "y"), "changed"),
    ]
    assert changes(old, old) == []
    assert [change.path for change in changes(1, 2)] == [()]
    assert len(changes({"a": {"x": 0}}, {"a": {str(i): i for i in range(5000)}}, limit=100)) == 100


def test_every_change_can_be_found_again_by_its_path() -> None:
    dice = random.Random(7)

    def value(depth: int) -> Any:
        roll = dice.random()
        if depth == 0 or roll < 0.4:
            return dice.choice([1, 2.5, "x", None, True, NAN, b"z"])
        if roll < 0.6:
            return [value(depth - 1) for _ in range(dice.randrange(5))]
        if roll < 0.8:
            return {dice.choice("abcdef"): value(depth - 1) for _ in range(4)}
        return Opaque("m.T", {dice.choice("abc"): value(depth - 1)})

    for _ in range(500):
        old, new = value(4), value(4)
        found = changes(old, new, limit=10_000)
        assert bool(found) is not same(old, new)
        for change in found:
            if change.new is not MISSING:
                assert same(at(new, change.path), change.new)
            elif change.mark == "removed" and len(change.path) == 1:
                assert same(at(old, change.path), change.old)


def test_levels_of_lists_rebuild_both_lists() -> None:
    dice = random.Random(3)
    for _ in range(500):
        old = [dice.randrange(6) for _ in range(dice.randrange(12))]
        new = [dice.randrange(6) for _ in range(dice.randrange(12))]
        entries = level(old, new)
        assert [entry.old for entry in entries if entry.old is not MISSING] == old
        assert [entry.new for entry in entries if entry.new is not MISSING] == new
        assert all((entry.mark == "") == (entry.old == entry.new) for entry in entries)


def test_long_lists_are_not_quadratic(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def counting(a: Any, b: Any) -> bool:
        nonlocal calls
        calls += 1
        return same(a, b)

    monkeypatch.setattr("inspector.core.diff.same", counting)
    many = [message(str(i), "x") for i in range(10_000)]
    assert [entry.key for entry in level(many, [*many, message("n", "y")]) if entry.mark] == [10_000]
    assert len(level(many, many[5000:] + many[:5000])) == 10_000
    assert len(level(list(range(10_000)), list(range(1, 10_001)))) == 10_000
    assert len(level(list(range(10_000)), [-i for i in range(10_000)])) == 10_000
    assert calls < 60_000


def test_at() -> None:
    value = {"a": [Opaque("m.T", {"x": 1}), Opaque("uuid.UUID", "ff")], 7: "seven"}
    assert at(value, ("a", 0, "x")) == 1
    assert at(value, ("a", 1, "value")) == "ff"
    assert at(value, ("7",)) == "seven"
    assert at(value, ()) is value
    for path in (("b",), ("a", 5), ("a", -1), ("a", "0"), ("a", 0, "x", "y"), ("8",)):
        assert at(value, path) is MISSING
