"""Events in bulk, as recordings keep them: a stretch of a run with its tokens folded together.

Tokens are most of the events of a run. One by one they cost microseconds and dozens of bytes each; those of one stream
together are a text, its lengths and its times. `fold` and `unfold` are each other's inverse, up to the rounding of
tokens' times (`TICKS`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from inspector.core.events import CLASSES, Event, RunStarted, Token, TokenKind, from_wire, to_wire

Raw: TypeAlias = list[Any]  # `core.events.to_wire`, as it comes off the link

TICKS = 10_000  # a second; tokens are not told apart more finely
CODES = {cls: code for code, cls in enumerate(CLASSES)}
TOKEN = CLASSES.index(Token)
RUN_STARTED = CLASSES.index(RunStarted)


@dataclass(slots=True)
class TokenGroup:
    """Tokens of one span that differ in time and text alone. `positions` are where in the batch they come (ascending),
    `ticks` their times (`TICKS` a second), `lengths` those of their texts in characters; `text` is all of them."""

    span: str
    type: TokenKind
    index: int
    name: str
    call_id: str
    positions: list[int]
    ticks: list[int]
    lengths: list[int]
    text: str


@dataclass(slots=True)
class Batch:
    """`count` events. `others` are those that are no tokens, each with its position in the batch, ascending. A
    `RunStarted` is the first of its batch, so that all times of a batch are of one invocation."""

    count: int
    others: list[tuple[int, Raw | Event]]
    tokens: list[TokenGroup] = field(default_factory=list)


def fold(events: Sequence[Raw | Event]) -> list[Batch]:
    """The events, raw or not, as batches."""
    batches: list[Batch] = []
    others: list[tuple[int, Raw | Event]] = []
    groups: dict[tuple[Any, ...], TokenGroup] = {}
    texts: dict[tuple[Any, ...], list[str]] = {}
    count = 0

    def close() -> None:
        nonlocal others, groups, texts, count
        if count:
            for key, group in groups.items():
                group.text = "".join(texts[key])
            batches.append(Batch(count, others, list(groups.values())))
        others, groups, texts, count = [], {}, {}, 0

    for event in events:
        code = event[0] if isinstance(event, list) else CODES[type(event)]
        if code == TOKEN:
            _, t, span, type_, text, index, name, call_id = event if isinstance(event, list) else to_wire(event)
            key = (span, type_, index, name, call_id)
            group = groups.get(key)
            if group is None:
                group = groups[key] = TokenGroup(span, type_, index, name, call_id, [], [], [], "")
                texts[key] = []
            group.positions.append(count)
            group.ticks.append(round(t * TICKS))
            group.lengths.append(len(text))
            texts[key].append(text)
        else:
            if code == RUN_STARTED:
                close()
            others.append((count, event))
        count += 1
    close()
    return batches


def unfold(batch: Batch) -> Iterator[Event]:
    """The events of a batch, in order."""
    placed = dict(batch.others)
    for group in batch.tokens:
        placed.update(single(group))
    for position in sorted(placed):
        yield revived(placed[position])


def revived(event: Raw | Event) -> Event:
    """The event itself. Raises `IndexError` or `TypeError` on something that is none."""
    return from_wire(event) if isinstance(event, list) else event


def single(group: TokenGroup) -> Iterator[tuple[int, Token]]:
    """The tokens of a group one by one, each with its position in the batch."""
    start = 0
    for position, tick, length in zip(group.positions, group.ticks, group.lengths, strict=True):
        text = group.text[start : start + length]
        start += length
        yield position, Token(tick / TICKS, group.span, group.type, text, group.index, group.name, group.call_id)
