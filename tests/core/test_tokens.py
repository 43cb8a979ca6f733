"""The stream of a model call: nothing of it is lost, kinds and calls are told apart, long ones stay cheap."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator

from inspector.core.events import Token, Usage
from inspector.core.tokens import Segment, TokenStream


def test_kinds_that_alternate_are_segments_in_order() -> None:
    stream = TokenStream(1.0)
    for kind, text in (("reasoning", "hm"), ("reasoning", "m"), ("text", "a"), ("text", ""), ("reasoning", "but"),
                       ("text", "b")):  # fmt: skip
        stream.append(Token(2.0, "s", kind, text))  # type: ignore[arg-type]
    assert [(segment.type, segment.text) for segment in stream.segments] == [
        ("reasoning", "hmm"), ("text", "a"), ("reasoning", "but"), ("text", "b")
    ]  # fmt: skip
    assert (stream.text, stream.reasoning, stream.count) == ("ab", "hmmbut", 6)


def _call(index: int, text: str, name: str = "", call_id: str = "") -> Token:
    return Token(2.0, "s", "tool_call", text, index, name, call_id)


def test_pieces_of_calls_that_interleave_find_their_call() -> None:
    stream = TokenStream(1.0)
    for token in (
        _call(0, '{"a"', "f", "c0"), _call(1, "{", "g", "c1"), Token(2.0, "s", "text", "meanwhile"), _call(0, ":1}"),
        _call(1, "}"), _call(0, "{}", "h", "c2"), _call(2, "x"), _call(2, "y", "late", "c3"),
    ):  # fmt: skip
        stream.append(token)
    assert [(call.name, call.call_id, call.text) for call in stream.calls()] == [
        ("f", "c0", '{"a":1}'), ("g", "c1", "{}"), ("h", "c2", "{}"), ("late", "c3", "xy")
    ], "the same index with another id is another call; a name may come late"  # fmt: skip
    assert stream.text == "meanwhile"


def _pieces(seed: int, count: int) -> Iterator[str]:
    chance = random.Random(seed)
    for n in range(count):
        yield "é" * chance.choice((0, 1, 1, 2, 3000 if n % 400 == 7 else 5)) + str(n)


def test_a_segment_is_its_pieces_however_it_is_read() -> None:
    segment, whole = Segment("text"), ""
    chance = random.Random(7)
    for n, piece in enumerate(_pieces(3, 5_000)):
        segment.append(piece)
        whole += piece
        if n % 50 == 0:
            offset = chance.randrange(len(whole) + 2)
            assert segment.since(offset) == whole[offset:]
        if n % 977 == 0:
            assert segment.text == whole
    assert segment.length == len(whole)
    assert segment.text == whole
    assert segment.since(0) == whole


def test_a_token_costs_its_characters_and_nine_bytes() -> None:
    stream = TokenStream(0.0)
    for n in range(20_000):
        stream.append(Token(n / 1000, "s", "text", "abcd"))
    own = sum(map(sys.getsizeof, (stream.times, stream.lengths, stream.kinds)))
    text = sum(sys.getsizeof(part) for part in stream.segments[0]._parts)
    assert own < 20_000 * 9 * 1.2
    assert text < 80_000 * 1.1, "pieces are joined, not kept one by one"
    assert len(stream.segments) == 1


def test_when_the_first_one_came_and_how_fast_the_rest() -> None:
    stream = TokenStream(10.0)
    assert (stream.first_token, stream.rate()) == (None, None)
    stream.append(Token(10.5, "s", "text", "a"))
    assert (stream.first_token, stream.rate()) == (0.5, None)
    for n in range(1, 5):
        stream.append(Token(10.5 + n / 2, "s", "text", "a"))
    assert stream.rate() == 2.0
    stream.usage = Usage(output=41)
    assert stream.rate() == 20.0, "of what the provider counted"
    stream.usage = Usage(output=1)
    assert stream.rate() is None
    assert list(stream.times) == [0.5, 1.0, 1.5, 2.0, 2.5]
