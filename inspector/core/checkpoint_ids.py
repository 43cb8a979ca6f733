"""What a checkpoint id tells by itself. LangGraph's are UUIDv6: the time they were made is in them, and `clock_seq` is
the superstep (14 bits: it wraps at 16,384, and -1 reads as 16,383). Ids of other makings tell nothing."""

from __future__ import annotations

_EPOCH = 0x01B21DD213814000  # 100 ns intervals from the beginning of the Gregorian calendar to that of Unix time
_WRAP = 1 << 14
_LENGTH = 36  # characters
_BEFORE = 16  # so few steps before 0 are read as negative: an input at the start is -1, an empty thread -2


def made_at(id: str) -> float | None:
    """When the checkpoint was made, in Unix seconds; None where the id does not tell."""
    if len(id) != _LENGTH or id[14] != "6":
        return None
    try:
        return (int(id[:8] + id[9:13] + id[15:18], 16) - _EPOCH) / 1e7
    except ValueError:
        return None


def step_of(id: str) -> int | None:
    """The superstep of the checkpoint, modulo 16,384; None where the id does not tell."""
    if len(id) != _LENGTH or id[14] != "6":
        return None
    try:
        step = int(id[19:23], 16) & (_WRAP - 1)
    except ValueError:
        return None
    return step - _WRAP if step >= _WRAP - _BEFORE else step
