"""Values as rows that fold: what is open stays open by path, long groups and texts give way a piece at a time."""

from __future__ import annotations

from typing import Any

from inspector.core.diff import MISSING, level
from inspector.core.values import Clipped, Opaque
from inspector.core.valuetree import GROUP, TAIL, ValueTree


def message(id_: str, text: str, **fields: Any) -> Opaque:
    return Opaque("langchain_core.messages.ai.AIMessage", {"type": "ai", "content": text, "id": id_, **fields})


def shown(tree: ValueTree) -> list[str]:
    return [
        "  " * row.depth + (row.text if row.kind != "value" else row.label + {"": "", "added": " +", "changed": " ~",
                                                                           "removed": " -"}[row.mark])
        for row in tree.rows
    ]  # fmt: skip


def test_opens_closes_and_remembers_what_was_open_inside() -> None:
    tree = ValueTree()
    tree.show_value({"a": {"b": {"c": 1}}, "d": 2})
    assert shown(tree) == ["a", "d"]
    tree.toggle(0)
    tree.toggle(1)
    assert shown(tree) == ["a", "  b", "    c", "d"]
    tree.toggle(0)
    assert shown(tree) == ["a", "d"]
    tree.toggle(0)
    assert shown(tree) == ["a", "  b", "    c", "d"]
    assert tree.parent(2) == 1
    assert tree.parent(3) is None
    tree.toggle(3)  # a leaf
    assert len(tree.rows) == 4


def test_keeps_what_is_open_by_path_and_messages_by_id() -> None:
    tree = ValueTree()
    first, second = message("1", "one"), message("2", "two")
    tree.show(level(MISSING, {"messages": [first, second]}))
    tree.toggle(0)
    tree.toggle(2)
    place = tree.rows[2].place
    assert shown(tree) == ["messages", "  0", "  1", "    content", "    id"]
    tree.show(level({"messages": [first, second]}, {"messages": [second, message("3", "three")], "x": 1}))
    assert shown(tree) == ["messages ~", "  0 -", "  0", "    content", "    id", "  1 +", "x +"]
    assert tree.index_of(place) == 2
    tree.show(level(MISSING, {"x": 1}))
    assert tree.index_of(place) is None
    tree.show(level(MISSING, {"messages": []}))
    assert tree.index_of(place) == 0  # the nearest row above it that is still there


def test_long_groups_show_their_ends_and_give_way() -> None:
    tree = ValueTree()
    tree.show_value({"many": list(range(10_000))})
    tree.toggle(0)
    assert len(tree.rows) == 1 + GROUP + 1
    more = 1 + GROUP - TAIL
    assert tree.rows[more].text == "⋯ 9,500 more"
    assert tree.rows[-1].entry.new == 9999
    tree.toggle(more)
    assert len(tree.rows) == 1 + 2 * GROUP + 1
    assert tree.rows[more].entry.new == GROUP - TAIL


def test_a_change_hidden_in_a_long_group_is_told_and_can_be_revealed() -> None:
    old = list(range(5000))
    new = [*old[:3000], -1, *old[3001:]]
    tree = ValueTree()
    tree.show(level({"many": old}, {"many": new}))
    tree.toggle(0)
    assert tree.rows[1 + GROUP - TAIL].text == "⋯ 4,500 more, 1 changed"
    index = tree.reveal(("many", 3000))
    assert index is not None
    assert tree.rows[index].entry.new == -1
    assert len(tree.rows) < 3500


def test_long_texts_open_into_lines() -> None:
    tree = ValueTree(width=22)
    text = "\n".join(["a" * 45, "", "b"])
    tree.show_value({"text": text, "short": "x", "clipped": Clipped("c" * 80, 9000)})
    tree.toggle(0)
    assert shown(tree)[:6] == ["text", "  " + "a" * 18, "  " + "a" * 18, "  " + "a" * 9, "  ", "  b"]
    tree.resize(50)
    assert shown(tree)[:4] == ["text", "  " + "a" * 45, "  ", "  b"]
    tree.toggle(4)
    assert not tree.rows[4].open
    tree.toggle(5)
    assert tree.rows[6].text == "c" * 46


def test_a_text_of_a_megabyte_opens_a_piece_at_a_time() -> None:
    wrapped = 0

    def wrap(text: str, width: int) -> Any:
        nonlocal wrapped
        for start in range(0, len(text), width):
            wrapped += 1
            yield text[start : start + width]

    tree = ValueTree(wrap=wrap, width=100)
    tree.show_value({"text": "x" * 1_000_000})
    tree.toggle(0)
    assert wrapped < 500
    assert tree.rows[-1].kind == "more"
    before = len(tree.rows)
    tree.toggle(len(tree.rows) - 1)
    assert len(tree.rows) == before + GROUP


def test_messages_show_what_they_say_first_and_nothing_empty() -> None:
    tree = ValueTree()
    fields: dict[str, Any] = {
        "additional_kwargs": {},
        "name": None,
        "response_metadata": {"m": 1},
        "tool_calls": [],
        "example": False,
    }
    tree.show_value([message("1", "hello", **fields)])
    tree.toggle(0)
    assert shown(tree) == ["0", "  content", "  id", "  response_metadata"]
    tree.show(level([message("1", "hello", tool_calls=[{"name": "x"}])], [message("1", "hello", tool_calls=[])]))
    assert shown(tree) == ["0 ~", "  content", "  tool_calls ~", "  id"]


def test_reveal_opens_what_is_above() -> None:
    tree = ValueTree()
    old = {"a": {"b": [1, {"c": "x"}]}, "gone": {"y": 1}}
    tree.show(level(old, {"a": {"b": [1, {"c": "z"}]}}))
    index = tree.reveal(("a", "b", 1, "c"))
    assert index is not None
    assert shown(tree)[index] == "        c ~".replace("        ", "      ")
    assert tree.reveal(("a", "nothing")) is None
    assert tree.reveal(("gone",)) is None
    removed = tree.reveal(("gone",), removed=True)
    assert removed is not None
    assert tree.rows[removed].mark == "removed"


def test_find_goes_round_through_keys_and_texts() -> None:
    tree = ValueTree()
    tree.show_value({"budget": 1500, "days": [{"Title": "Alfama"}, {"title": "Belém"}], "no": None})
    assert tree.find("title") == ("days", 0, "Title")
    assert tree.find("TITLE", ("days", 0, "Title")) == ("days", 1, "title")
    assert tree.find("title", ("days", 1, "title")) == ("days", 0, "Title")
    assert tree.find("belém") == ("days", 1, "title")
    assert tree.find("1,500") == ("budget",)
    assert tree.find("1500", ("budget",)) is None
    assert tree.find("absent") is None
    tree.show_value(list(range(20_000)))
    assert tree.find("19999", most=1000) is None


def test_one_value_without_children_is_one_row() -> None:
    tree = ValueTree()
    tree.show_value(7)
    assert [row.entry.new for row in tree.rows] == [7]
    tree.show_value({})
    assert [row.entry.new for row in tree.rows] == [{}]
