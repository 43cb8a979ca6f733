"""Values too large to be taken in at once: their beginnings, their sizes, any part of them. Packing inert values."""

from __future__ import annotations

import random
from typing import Any

import ormsgpack
import pytest

from inspector.core.packing import WHOLE, Bounds, pack
from inspector.core.skim import InMemory, Reach, Skim, checkpoint, skim
from inspector.core.values import MORE, Clipped, More, Opaque, Unreadable, decode

ALL = Reach(text=1 << 30, items=1 << 30, depth=60, work=1 << 30)
VALUES: list[Any] = [
    None, True, False, 0, 127, 128, 65_536, 2**63, -1, -32, -33, -129, -(2**40), 1.5, "", "é" * 40, "x" * 70_000, b"",
    b"\x00" * 300,
    [], list(range(20)), list(range(70_000)), {}, {"a": {"b": [1, {"c": None}]}}, {str(n): n for n in range(20)},
    {str(n): n for n in range(66_000)},
    Opaque("a.b.C", {"x": 1, "y": [Opaque("d.E", [1, 2]), Opaque("uuid.UUID", "u")]}),
    Clipped("beg", 20), More(3), Unreadable("t", "why"),
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:30])
def test_what_is_packed_is_skimmed_and_decoded_alike(value: Any) -> None:
    blob = pack(value, WHOLE)
    assert decode(blob) == value
    assert skim(blob, ALL) == value


def test_only_the_beginnings_are_followed() -> None:
    value = {"text": "x" * 100, "many": list(range(100)), "deep": {"a": {"b": {"c": 1}}}, "last": 1}
    seen = skim(pack(value, WHOLE), Reach(text=10, items=4, depth=3))
    assert seen == {
        "text": Clipped("x" * 10, 100), "many": [0, 1, 2, 3, More(96)], "deep": {"a": {"b": More(1)}}, "last": 1,
    }  # fmt: skip


def test_work_is_bounded_and_what_was_found_is_kept() -> None:
    many = b"\x82\xa1a\x01\xa1b\xdd\x00\x4c\x4b\x40" + b"\x80" * 5_000_000
    seen = skim(many, Reach(items=10, work=1000))
    assert seen == {"a": 1, "b": [*[{}] * 10, More(4_999_990)]}
    source = Counting(many)
    Skim(source, Reach(items=10, work=1000)).whole()
    assert source.taken < 200_000


class Counting(InMemory):
    taken = 0

    def read(self, at: int, length: int) -> bytes:
        self.taken += length
        return super().read(at, length)


def test_a_checkpoint_tells_the_sizes_of_its_channels() -> None:
    channels = {"small": 1, "text": "x" * 1000, "list": [1, 2, 3]}
    found, sizes = checkpoint(InMemory(pack({"v": 4, "channel_values": channels, "versions_seen": {"n": {}}}, WHOLE)))
    assert found == {"v": 4, "channel_values": channels, "versions_seen": {"n": {}}}
    assert sizes == {"small": 1, "text": 1003, "list": 4}


def test_parts() -> None:
    skimmed = Skim(InMemory(pack({"a": [Opaque("m.C", {"text": "hello", "n": {1: "one"}})] * 5, "b": b"12345"}, WHOLE)))
    assert skimmed.part(["a", 3, "text"], 1, 3) == ("ell", 5)
    assert skimmed.part(["a", 3, "n"]) == ({1: "one"}, 1)
    assert skimmed.part(["a", 3, "n", "1"]) == ("one", 3)
    assert skimmed.part(["b"], 3, 9) == (b"45", 5)
    piece, total = skimmed.part(["a"], 4, 9)
    assert (len(piece), total) == (1, 5)
    for wrong in (["c"], ["a", 5], ["a", -1], ["a", "x"], ["b", 0]):
        with pytest.raises(KeyError):
            skimmed.part(wrong)  # type: ignore[arg-type]


def test_parts_of_what_has_groups_as_keys() -> None:
    pairs = b"".join(b"\x92" + bytes((x, 1)) + ormsgpack.packb({"x": x}) for x in range(3))  # {(x, 1): {"x": x}}
    skim = Skim(InMemory(b"\x81\xa4grid\x84" + pairs + b"\x90\xa5empty"))
    assert skim.part(["grid"], 1, 9) == ({"[1, 1]": {"x": 1}, "[2, 1]": {"x": 2}, "[]": "empty"}, 4)
    assert skim.part(["grid", "[2, 1]", "x"]) == (2, 1)


def test_parts_of_a_snapshot_of_a_delta_channel() -> None:
    blob = ormsgpack.packb({"messages": ormsgpack.Ext(7, ormsgpack.packb(["a", "b", "c"]))})
    assert Skim(InMemory(blob)).part(["messages"], 1, 9) == (["b", "c"], 3)
    assert Skim(InMemory(blob)).part(["messages", 2]) == ("c", 1)


def test_what_lies_behind_a_channel_of_too_many_parts_is_said_to_be_missing() -> None:
    values = {"first": 1, "many": [0] * 1_000_001, "last": 2}
    found, sizes = checkpoint(InMemory(ormsgpack.packb({"v": 4, "channel_values": values, "channel_versions": {}})))
    assert found["channel_values"]["first"] == 1
    assert found["channel_values"]["many"][-1] == More(1_000_001 - Reach().items)
    assert found["channel_values"][MORE] == More(1)
    assert sizes == {"first": 1}
    for odd in ("text", [1, 2], 7):
        found, sizes = checkpoint(InMemory(ormsgpack.packb({"v": 4, "channel_values": odd})))
        assert found["channel_values"] == {}
    assert checkpoint(InMemory(ormsgpack.packb("text" * 100))) == ({}, {})


def test_nothing_is_raised_about_any_bytes() -> None:
    dice = random.Random(3)
    good = pack([*VALUES[-4:], {"a": [1, 2, {"b": "c"}]}], WHOLE)
    for _ in range(2000):
        blob = dice.randbytes(dice.randint(0, 80))
        skim(blob)
        pack(decode(blob))
        at = dice.randrange(len(good))
        skim(good[:at] + bytes([dice.randrange(256)]) + good[at + 1 :])
        skim(good[:at])


def test_packing_marks_what_it_leaves_out_and_takes_anything() -> None:
    bounds = Bounds(text=3, bytes=2, items=2, depth=2, total=50)
    assert decode(pack(["abcdef", b"abc", 3], bounds)) == [Clipped("abc", 6), Clipped(b"ab", 3), More(1)]
    assert decode(pack({"a": {"b": {"c": 1}}, "d": 1, "e": 2}, bounds)) == {"a": {"b": More(1)}, "d": 1, MORE: More(1)}
    assert isinstance(decode(pack(object())), Unreadable)
    assert isinstance(decode(pack(2**70)), Unreadable)
    assert decode(pack("\ud800")) == "?"


def test_depth_and_number_of_objects_are_bounded() -> None:
    deep = decode(b"\x91" * 900 + b"\xc0")
    levels = 0
    while isinstance(deep, list):
        deep, levels = deep[0], levels + 1
    assert (levels, type(deep)) == (64, Unreadable)
    one = bytes(ormsgpack.packb(ormsgpack.Ext(0, ormsgpack.packb(["a", "b", 1]))))
    many = decode(b"\xdd" + (250_000).to_bytes(4, "big") + one * 250_000)
    assert many[0] == Opaque("a.b", 1)
    assert isinstance(many[-1], Unreadable)
