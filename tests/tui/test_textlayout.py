"""Texts that grow are wrapped right, whatever they are made of, and growing costs only what is new."""

from __future__ import annotations

import random
from array import array

import pytest
from rich.cells import cell_len

from inspector.core.tokens import Segment
from inspector.tui.widgets import textlayout, wrapping
from inspector.tui.widgets.textlayout import PAGE, Block, Fixed, Layout
from inspector.tui.widgets.wrapping import clean


def drawn(layout: Layout) -> list[str]:
    return [line.text if (line := layout.line(y)) is not None else "?" for y in range(layout.height)]


def laid(text: str, width: int) -> Layout:
    layout = Layout(width)
    layout.add(Block(Fixed(text)))
    layout.grow()
    return layout


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, [""]),
        ("one two three", 7, ["one two", "three"]),
        ("one two three", 8, ["one two ", "three"]),
        ("one two   three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("ab abcdefghij", 4, ["ab ", "abcd", "efgh", "ij"]),
        ("a\n\nb\n", 4, ["a", "", "b", ""]),
        ("    indented", 8, ["    inde", "nted"]),
        ("日本語です", 4, ["日本", "語で", "す"]),
        ("日本語です", 5, ["日本", "語で", "す"]),
        ("日本。語", 4, ["日", "本。", "語"]),
        ("word 日本語", 7, ["word 日", "本語"]),
        ("e\u0301e\u0301e\u0301", 2, ["e\u0301e\u0301", "e\u0301"]),
        ("👩\u200d👩\u200d👧x👩\u200d👩\u200d👧", 3, ["👩\u200d👩\u200d👧x", "👩\u200d👩\u200d👧"]),
        ("日本", 1, ["日", "本"]),
        ("\ta", 4, ["    ", "a"]),
        ("a\tb", 6, ["a    b"]),
        ("ends with spaces    ", 9, ["ends with", "spaces    "]),
    ],
)  # fmt: skip
def test_where_lines_break(text: str, width: int, lines: list[str]) -> None:
    assert [line.rstrip(" ") for line in drawn(laid(text, width))] == [line.rstrip(" ") for line in lines]


def test_cleaning_keeps_the_length_and_nothing_that_moves_a_cursor() -> None:
    raw = "a\x1b[31m\x00\r\n\tb\u202e\x7f\x9b\u2028\ud800"
    text = clean(raw)
    assert len(text) == len(raw)
    assert not set(text) & set("\x1b\x00\r\u202e\x7f\x9b\u2028\ud800")
    assert "\n\tb" in text


PIECES = ["a", "b", " ", "  ", "\n", "\t", "word ", "日本", "語", "。", "é", "👩\u200d👩\u200d👧", "❤\ufe0f", "\r\n",
          "\r", "\x1b[31m", "longlonglonglonglong", "\u202e"]  # fmt: skip


@pytest.mark.parametrize("seed", range(24))
def test_nothing_is_lost_or_too_wide_however_text_comes_and_the_window_changes(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(textlayout, "PAGE", 64)
    rng = random.Random(seed)
    layout = Layout(rng.choice([1, 2, 5, 10, 40]))
    sources = [Segment("text") for _ in range(rng.randint(1, 4))]
    for source in sources:
        for _ in range(rng.randint(0, 300)):
            source.append(rng.choice(PIECES))
        layout.add(Block(source, gutter=rng.choice(["", "┊ "]), prefix=rng.choice(["", "→ f "])))
    for _ in range(25):
        source = rng.choice(sources)
        for _ in range(rng.randint(1, 30)):
            source.append("".join(rng.choice(PIECES) for _ in range(rng.randint(1, 30))))
        layout.grow()
        what = rng.random()
        if what < 0.3:
            layout.resize(rng.choice([1, 3, 7, 20, 60]))
        elif what < 0.6:
            layout.reveal(rng.randint(0, layout.height), 10)
        elif what < 0.7:
            layout.reveal_end(10)
        elif what < 0.8:
            layout.refine(rng.randint(0, layout.height - 1), 0.0001)
        check(layout)
    layout.refine(0, 60)
    assert layout.settled
    check(layout)


def check(layout: Layout) -> None:
    """Every character is on some line, in order, and no line is wider than it may be."""
    lines = {y: layout.line(y) for y in range(layout.height)}
    for line in lines.values():
        if line is not None:
            room = layout.width_of(line.block)
            assert cell_len(line.text.rstrip(" ")) <= max(room, 2)
    for block in layout.blocks:
        if layout.settled:
            said = "".join(
                line.text + ("\n" if line.ended else "")
                for line in lines.values()
                if line is not None and line.block is block
            )
            raw = block.source.text
            raw = raw[:-1] if raw.endswith("\r") else raw
            expected = clean(block.prefix) + clean(raw) + "\n"
            assert said.replace(" ", "") == expected.replace("\t", "").replace(" ", "")


def test_growing_does_not_look_at_what_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Segment("text")
    layout = Layout(80)
    layout.add(Block(source))
    looked: list[int] = []
    real = wrapping.wrap

    def counting(text: str, start: int, width: int, out: array[int]) -> None:
        looked.append(len(text) - start)
        real(text, start, width, out)

    monkeypatch.setattr(textlayout, "wrap", counting)
    for _ in range(50_000):
        source.append("token ")
        if source.length % 1200 == 0:
            looked.clear()
            layout.grow()
            assert sum(looked) <= 1200 + 2 * 80 + PAGE * (len(looked) > 1)
    assert layout.height == pytest.approx(50_000 * 6 / 78, rel=0.02)


def test_a_long_text_opens_at_its_end_without_being_wrapped() -> None:
    text = "\n".join(f"line {n}" for n in range(500_000))
    layout = laid(text, 80)
    layout.reveal_end(20)
    assert sum(page.lines is not None for page in layout.pages) <= 3
    assert drawn(layout)[-3:] == ["line 499997", "line 499998", "line 499999"]
    assert sum(page.text is not None for page in layout.pages) < 40


def test_what_is_on_screen_stays_when_pages_above_get_their_real_height() -> None:
    layout = laid("\n".join(f"line {n} " + "x" * (n % 300) for n in range(20_000)), 60)
    top = layout.reveal(layout.height // 2, 30)
    before = [layout.line(y) for y in range(top, top + 30)]
    while not layout.settled:
        top = layout.refine(top, 0.001)
        assert [layout.line(y) for y in range(top, top + 30)] == before


def test_a_place_is_found_again_at_another_width() -> None:
    layout = laid("\n".join(f"line {n} " + "x " * (n % 300) for n in range(20_000)), 60)
    top = layout.reveal(layout.height // 3, 30)
    place = layout.locate(top)
    line = layout.line(top)
    assert place is not None
    assert line is not None
    layout.resize(23)
    again = layout.line(layout.find(*place))
    assert again is not None
    assert line.text.startswith(again.text.rstrip())


def test_a_line_of_a_megabyte() -> None:
    layout = laid("x" * 1_000_000, 80)
    layout.refine(0, 60)
    assert layout.height == pytest.approx(12_500, abs=len(layout.pages))
    assert all(len(line) <= 80 for line in drawn(layout))


def test_a_block_in_the_middle_grows() -> None:
    layout, first, second = Layout(20), Segment("tool_call"), Segment("tool_call")
    layout.add(Block(first, prefix="→ a "))
    layout.add(Block(second, prefix="→ b "))
    second.append("{}")
    layout.grow()
    assert drawn(layout) == ["→ a ", "→ b {}"]
    first.append('{"q": "a long argument"}')
    layout.grow()
    assert drawn(layout) == ['→ a {"q": "a long ', 'argument"}', "→ b {}"]
    assert [line.prefix for y in range(3) if (line := layout.line(y)) is not None] == [4, 0, 4]
