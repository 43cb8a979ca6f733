from __future__ import annotations

from itertools import islice
from typing import Any

import pytest
from rich.cells import cell_len

from inspector.core.values import Clipped, More, Opaque, Unreadable
from inspector.tui.widgets.pretty import compact, pretty, wrapped


def text(value: Any, width: int = 40) -> list[str]:
    return ["".join(piece for piece, _ in line) for line in pretty(value, width)]


def test_what_fits_is_on_one_line() -> None:
    assert text({"city": "Lisbon", "n": 3}) == ['{city: "Lisbon", n: 3}']
    assert text([1, [2, {"a": None}]]) == ["[1, [2, {a: None}]]"]
    assert text("plain") == ['"plain"']
    assert text(True) == ["True"]
    assert text(Opaque("m.Point", {"x": 1})) == ["Point(x: 1)"]


def test_what_does_not_is_indented() -> None:
    value = {"city": "Lisbon", "days": [{"name": "Friday", "stops": ["Alfama", "castle", "river"]}, "rest"], "n": 1234}
    assert text(value, 30) == [
        'city: "Lisbon"',
        "days:",
        '  - name: "Friday"',
        "    stops:",
        '      - "Alfama"',
        '      - "castle"',
        '      - "river"',
        '  - "rest"',
        "n: 1,234",
    ]  # fmt: skip


def test_objects_have_names_and_texts_are_wrapped() -> None:
    value = Opaque("app.Trip", {"note": "one two three four five six seven eight nine ten", "n": 1})
    assert text(value, 24) == [
        "Trip",
        "  note:",
        "    one two three four",
        "    five six seven eight",
        "    nine ten",
        "  n: 1",
    ]


def test_messages_are_messages() -> None:
    messages = [
        {"type": "human", "content": "hi"},
        {
            "type": "ai",
            "content": [{"type": "reasoning", "reasoning": "hm"}, {"type": "text", "text": "a b\nc"}],
            "tool_calls": [{"name": "find", "args": {"q": 1}, "id": "x"}],
        },
        {"type": "tool", "content": "no", "name": "find", "status": "error", "tool_call_id": "x"},
        {"type": "system", "content": ""},
    ]
    assert text({"messages": messages}) == [
        "messages:",
        "  human   hi",
        "  ai      hm",
        "          a b",
        "          c",
        "          calls find(q=1)",
        "  tool    find  error",
        "          no",
        "  system  (empty)",
    ]


def test_previews_say_what_is_missing() -> None:
    assert text([1, More(95)]) == ["- 1", "… 95 more"]
    assert text({"a": 1, "…": More(3)}) == ["a: 1", "… 3 more"]
    assert text(Clipped("abc", 1_000_000)) == ["abc", "… 1,000,000 characters in all"]
    assert text(Clipped(b"abc", 5000)) == ["5.0 kB of bytes"]
    assert text(Unreadable("Lock", "cannot pickle")) == ["unreadable Lock: cannot pickle"]


class Counting(dict[Any, Any]):
    """Counts how many children were looked at."""

    looked = 0

    def items(self) -> Any:
        for pair in super().items():
            Counting.looked += 1
            yield pair


def test_it_costs_what_is_taken() -> None:
    huge = Counting((f"key {i}", "x" * 100) for i in range(100_000))
    assert len(list(islice(pretty(huge, 80), 20))) == 20
    assert Counting.looked < 200
    assert len(wrapped("word " * 1_000_000, 40, 12)) == 12
    assert compact("x" * 10_000_000, 80) is None


@pytest.mark.parametrize("width", [1, 8, 16, 23, 40, 100])
def test_nothing_unsafe_and_about_as_wide_as_asked(width: int) -> None:
    hostile = "\x1b[31mred\x07 [bold]x[/bold] \u202egnp\u202c \u200b\x00漢字🙂\n\ttab" * 3
    nested: Any = hostile
    for _ in range(100):
        nested = {hostile: [nested, hostile], "n": 1}
    value = {"a": hostile, hostile: [hostile, nested], "m": [{"type": "ai", "content": hostile, "name": hostile}]}
    for line in islice(text(value, width), 500):
        assert not set(line) & set("\x1b\x07\x00\u202e\u202c\u200b\n\t")
        assert cell_len(line) <= max(width, 16) + 120  # keys and the deepest levels may hang over
