"""How a batch of events is kept: msgpack of `[count, positions, events, groups]`, deflated.

`events` are those that are no tokens, in their wire form (`core.events.to_wire`), `positions` how far each is from the
one before. A group of tokens is `[span, kind, index, name, call id, positions, ticks, lengths, text]`, positions and
ticks likewise as differences: small numbers, most of them the same, of which deflating leaves next to nothing.
"""

from __future__ import annotations

import zlib
from dataclasses import fields
from itertools import accumulate, pairwise
from typing import Any

import ormsgpack

from inspector.core.batches import CODES, Batch, Raw, TokenGroup, revived
from inspector.core.events import Interrupted, RunEnded, SpanEnded, SpanStarted, TaskEnded, TaskRetried, to_wire
from inspector.core.tokens import KINDS
from inspector.link.frames import encoded

FORMAT = 1
LARGEST = 256_000_000  # bytes of a batch, inflated; more is no recording of ours
_MOST = 1_000_000  # events in a batch


_FAIL = {
    CODES[kind]: [field.name for field in fields(kind)].index("error") + 1
    for kind in (SpanEnded, TaskEnded, TaskRetried, RunEnded)
}
_INTERRUPTED, _SPAN_STARTED = CODES[Interrupted], CODES[SpanStarted]


class Damaged(ValueError):
    """These bytes are no batch of events."""


def encode(batch: Batch) -> bytes:
    """The batch as bytes."""
    positions = [position for position, _ in batch.others]
    others = [event if isinstance(event, list) else to_wire(event) for _, event in batch.others]
    groups = [
        (
            group.span, KINDS.index(group.type), group.index, group.name, group.call_id, _steps(group.positions),
            _steps(group.ticks), group.lengths, group.text,
        )
        for group in batch.tokens
    ]  # fmt: skip
    return zlib.compress(encoded([batch.count, _steps(positions), others, groups]), 6)


def decode(blob: bytes, format: int = FORMAT) -> Batch:
    """The batch of those bytes. Raises `Damaged`."""
    if format != FORMAT:
        raise Damaged(f"format {format}")
    try:
        inflate = zlib.decompressobj()
        body = inflate.decompress(blob, LARGEST)
        if inflate.unconsumed_tail or not inflate.eof:
            raise Damaged("not whole")
        count, steps, others, groups = ormsgpack.unpackb(body, option=ormsgpack.OPT_NON_STR_KEYS)
        positions = list(accumulate(steps))
        if not 0 <= count <= _MOST or len(positions) != len(others) or not _ascending(positions, count):
            raise Damaged("counts do not agree")
        return Batch(count, list(zip(positions, others, strict=True)), [_group(group, count) for group in groups])
    except Damaged:
        raise
    except Exception as error:
        raise Damaged(f"{type(error).__name__}: {error}") from None


def _steps(values: list[int]) -> list[int]:
    return [values[0], *(b - a for a, b in pairwise(values))] if values else []


def _group(raw: list[Any], count: int) -> TokenGroup:
    span, kind, index, name, call_id, steps, ticks, lengths, text = raw
    group = TokenGroup(
        span, KINDS[kind], int(index), name, call_id, list(accumulate(steps)), list(accumulate(ticks)), lengths, text
    )
    told = all(isinstance(said, str) for said in (span, name, call_id, text))
    if not told or not 0 < len(lengths) == len(ticks) == len(steps) or not _ascending(group.positions, count):
        raise Damaged("tokens do not agree")
    if min(lengths) < 0 or sum(lengths) != len(text):
        raise Damaged("a text is not whole")
    return group


def _ascending(positions: list[int], count: int) -> bool:
    return not positions or (positions[0] >= 0 and positions[-1] < count and all(a < b for a, b in pairwise(positions)))


def _may_be_marked(raw: Raw) -> bool:
    """Told without making the event: most are not."""
    place = _FAIL.get(raw[0])
    return raw[0] in (_INTERRUPTED, _SPAN_STARTED) if place is None else len(raw) > place and raw[place] is not None


def marks(batch: Batch) -> list[tuple[int, str]]:
    """What one may want to jump to in a batch: the place of each `error`, `interrupt` and `tool` call."""
    found: list[tuple[int, str]] = []
    for position, event in batch.others:
        try:
            if isinstance(event, list) and not _may_be_marked(event):
                continue
            event = revived(event)
        except Exception:  # what cannot be read is no place to go to
            continue
        match event:
            case Interrupted():
                found.append((position, "interrupt"))
            case SpanStarted(type="tool"):
                found.append((position, "tool"))
            case TaskEnded(status="error") | TaskRetried() | SpanEnded() | RunEnded() if event.error is not None:
                found.append((position, "error"))
    return found
