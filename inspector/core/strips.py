"""A token stream that can be shown as it was at any moment: its tokens, and where in its segments each one went."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass

from inspector.core.batches import TICKS, TokenGroup, single
from inspector.core.events import Token
from inspector.core.tokens import KINDS, Segment, TokenStream


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Tokens from number `first` on that go to one segment, which has `length` characters before them; and what that
    segment is called from then on."""

    first: int
    segment: int
    length: int
    name: str
    call_id: str


class Strip:
    """The whole of one stream. `moments` holds for each token the moment at which it came."""

    __slots__ = ("_numbers", "_stretches", "moments", "whole")

    def __init__(self, whole: TokenStream) -> None:
        self.whole = whole
        self.moments = array("I")
        self._stretches: list[_Stretch] = []
        self._numbers: dict[int, int] = {}  # segment by its identity -> its number

    def take(self, base: int, groups: list[TokenGroup]) -> None:
        """Add all tokens of a batch that are this stream's. `base` is the moment before the batch."""
        if len(groups) == 1 and not groups[0].call_id and not groups[0].name:
            self._bulk(base, groups[0])
            return
        for position, token in sorted((each for group in groups for each in single(group)), key=lambda each: each[0]):
            self._one(base + position + 1, token)

    def _one(self, moment: int, token: Token) -> None:
        stream = self.whole
        segment = stream.segment(token)
        before = segment.length
        stream.append(token)
        self.moments.append(moment)
        self._stretch(segment, stream.count - 1, before)

    def _bulk(self, base: int, group: TokenGroup) -> None:
        """Tokens that all go to one segment."""
        stream = self.whole
        first = stream.count
        start = len(group.text[: group.lengths[0]])
        token = Token(group.ticks[0] / TICKS, group.span, group.type, group.text[:start], group.index)
        segment = stream.segment(token)
        before = segment.length
        stream.append(token)
        rest = len(group.lengths) - 1
        if rest:
            segment.append(group.text[start:])
            started = stream.started
            stream.times.extend([tick / TICKS - started for tick in group.ticks[1:]])
            stream.lengths.extend(group.lengths[1:])
            stream.kinds.frombytes(bytes((KINDS.index(group.type),)) * rest)
            stream.count += rest
            stream.last_at = group.ticks[-1] / TICKS
        self.moments.extend([base + position + 1 for position in group.positions])
        self._stretch(segment, first, before)

    def _stretch(self, segment: Segment, first: int, length: int) -> None:
        number = self._numbers.setdefault(id(segment), len(self._numbers))
        last = self._stretches[-1] if self._stretches else None
        if last is None or (last.segment, last.name, last.call_id) != (number, segment.name, segment.call_id):
            self._stretches.append(_Stretch(first, number, length, segment.name, segment.call_id))

    def cut(self, moment: int, shown: TokenStream | None = None) -> TokenStream:
        """The stream as it was: a fresh one, or `shown`, an earlier cut, grown until then."""
        whole = self.whole
        until = bisect_right(self.moments, moment)
        shown = shown or TokenStream(whole.started)
        since = shown.count
        if until <= since:
            return shown
        if shown.first_at is None:
            shown.first_at = whole.first_at
        shown.count = until
        shown.times.extend(whole.times[since:until])
        shown.lengths.extend(whole.lengths[since:until])
        shown.kinds.extend(whole.kinds[since:until])
        shown.last_at = whole.last_at if until == whole.count else whole.started + whole.times[until - 1]
        index = bisect_right(self._stretches, since, key=lambda stretch: stretch.first) - 1
        while index < len(self._stretches) and self._stretches[index].first < until:
            self._grow(shown, index, since, until)
            index += 1
        return shown

    def _grow(self, shown: TokenStream, index: int, since: int, until: int) -> None:
        """Add what tokens `since` to `until` put into the segment of one stretch."""
        stretch = self._stretches[index]
        last = self._stretches[index + 1].first if index + 1 < len(self._stretches) else self.whole.count
        source = self.whole.segments[stretch.segment]
        if stretch.segment == len(shown.segments):
            shown.add(Segment(source.type, source.index))
        segment = shown.segments[stretch.segment]
        start = stretch.length if stretch.first >= since else segment.length
        stop = start + sum(self.whole.lengths[max(since, stretch.first) : min(until, last)])
        segment.name, segment.call_id = stretch.name, stretch.call_id
        segment.append(source.text[start:stop])
