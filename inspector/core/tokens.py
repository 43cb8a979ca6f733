"""The stream of one model call, kept compactly: text in a few large pieces, times and lengths in arrays.

A token costs its own characters and 9 bytes, whatever the length of the stream.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from inspector.core.events import Token, TokenKind, Usage

_JOIN_AT = 512
KINDS: tuple[TokenKind, ...] = ("text", "reasoning", "tool_call")


@dataclass(slots=True)
class Segment:
    """A stretch of one kind: text, reasoning, or the arguments of one tool call."""

    type: TokenKind
    index: int = 0
    name: str = ""
    call_id: str = ""
    length: int = 0
    _parts: list[str] = field(default_factory=list)

    def append(self, text: str) -> None:
        self._parts.append(text)
        self.length += len(text)
        if len(self._parts) >= _JOIN_AT:
            # Join the small pieces behind the large one, so that each character is copied O(log n) times.
            parts = self._parts
            keep = 0
            small = sum(map(len, parts[1:]))
            if len(parts[0]) > small * 2:
                keep = 1
            self._parts = [*parts[:keep], "".join(parts[keep:])]

    @property
    def text(self) -> str:
        if len(self._parts) > 1:
            self._parts = ["".join(self._parts)]
        return self._parts[0] if self._parts else ""

    def since(self, offset: int) -> str:
        """The text from character `offset` on, without joining what is before it."""
        missing = self.length - offset
        if missing <= 0:
            return ""
        tail: list[str] = []
        for part in reversed(self._parts):
            if missing <= len(part):
                tail.append(part[len(part) - missing :])
                break
            tail.append(part)
            missing -= len(part)
        return "".join(reversed(tail))


class TokenStream:
    """Everything one model call streamed, in order, as segments; and when."""

    __slots__ = ("_calls", "count", "first_at", "kinds", "last_at", "lengths", "segments", "started", "times", "usage")

    def __init__(self, started: float) -> None:
        self.started = started
        self.segments: list[Segment] = []
        self.count = 0
        self.first_at: float | None = None
        self.last_at = started
        self.times = array("f")
        self.lengths = array("I")
        self.kinds = array("B")
        self.usage: Usage | None = None
        self._calls: dict[int, Segment] = {}

    def append(self, token: Token) -> None:
        """Add one chunk."""
        if self.first_at is None:
            self.first_at = token.t
        self.last_at = token.t
        self.count += 1
        self.times.append(token.t - self.started)
        self.lengths.append(len(token.text))
        self.kinds.append(KINDS.index(token.type))
        self.segment(token).append(token.text)

    def segment(self, token: Token) -> Segment:
        """The segment that a token goes to, begun if it is the first of it."""
        if token.type == "tool_call":
            segment = self._calls.get(token.index)
            if segment is None or (token.call_id and segment.call_id and token.call_id != segment.call_id):
                segment = Segment("tool_call", token.index, token.name, token.call_id)
                self.add(segment)
            segment.name = segment.name or token.name
            segment.call_id = segment.call_id or token.call_id
            return segment
        last = self.segments[-1] if self.segments else None
        if last is None or last.type != token.type:
            last = Segment(token.type)
            self.add(last)
        return last

    def add(self, segment: Segment) -> None:
        """Begin a segment."""
        self.segments.append(segment)
        if segment.type == "tool_call":
            self._calls[segment.index] = segment

    def of(self, kind: TokenKind) -> str:
        """All text of one kind, joined."""
        return "".join(segment.text for segment in self.segments if segment.type == kind)

    @property
    def text(self) -> str:
        return self.of("text")

    @property
    def reasoning(self) -> str:
        return self.of("reasoning")

    def calls(self) -> Iterator[Segment]:
        """The tool calls in it, in the order they began."""
        return (segment for segment in self.segments if segment.type == "tool_call")

    @property
    def first_token(self) -> float | None:
        """Seconds from the call to its first chunk."""
        return None if self.first_at is None else self.first_at - self.started

    def rate(self) -> float | None:
        """Chunks (or, once the provider has said, output tokens) per second after the first; None before two."""
        if self.first_at is None or self.count < 2 or self.last_at <= self.first_at:
            return None
        tokens = self.usage.output if self.usage and self.usage.output else self.count
        return (tokens - 1) / (self.last_at - self.first_at) if tokens > 1 else None
