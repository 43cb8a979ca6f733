"""One model call's stream: a line about it, and below what it streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.containers import Vertical
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.clock import live_now
from inspector.core.messages import as_message
from inspector.core.nodes import Span
from inspector.core.outline import call_summary, whole
from inspector.core.run import DROPPED, Run
from inspector.core.text import duration, number, one_line
from inspector.core.tokens import Segment
from inspector.core.toolcalls import short
from inspector.core.values import decode
from inspector.tui.widgets.cells import cut, strip_of
from inspector.tui.widgets.drawn import Drawn
from inspector.tui.widgets.fitting import Part, fitted
from inspector.tui.widgets.textlayout import Block, Fixed
from inspector.tui.widgets.wrapped import WrappedView

SYMBOLS = {
    "running": ("●", "now"), "ok": ("✔", "quiet"), "error": ("✖", "failed"), "interrupted": ("‖", "waiting"),
    "cancelled": ("⊘", "quiet"),
}  # fmt: skip


class StreamHead(Drawn):
    """The line about a call: `● write_up · model-name · first token 0.31s · 61 tok/s · 412→96 tok`."""

    can_focus = False
    ALLOW_SELECT = False
    PENS = "head"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "head--name", "head--now", "head--quiet", "head--plain", "head--failed", "head--waiting",
    }  # fmt: skip
    DEFAULT_CSS = """
    StreamHead {
        height: 1;
        &.-chosen { background: $panel; }
        & > .head--name { color: $foreground; text-style: bold; }
        & > .head--now { color: $accent; text-style: bold; }
        & > .head--quiet { color: $text-muted; }
        & > .head--plain { color: $foreground; }
        & > .head--failed { color: $error; text-style: bold; }
        & > .head--waiting { color: $warning; text-style: bold; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.parts: tuple[Part, ...] = ()
        self.place = ""

    def say(self, parts: tuple[Part, ...], place: str) -> None:
        """Show these, and at the right end which call of how many it is."""
        if (parts, place) != (self.parts, self.place):
            self.parts, self.place = parts, place
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        base = self.base
        symbol, *rest = self.parts or (Part(""),)
        place = Part(self.place, "quiet", ((58, ""),))
        parts = fitted((symbol, *rest, place), width, 3)
        drawn: list[tuple[str, Style | None]] = [(" ", None)]
        for part in parts[:-1]:
            if part.text:
                if len(drawn) > 1:
                    drawn.append((" " if len(drawn) == 2 else " · ", self.pen("quiet")))
                drawn.append((part.text, self.pen(part.tone)))
        used = sum(cell_len(text) for text, _ in drawn)
        if parts[-1].text:
            gap = max(1, width - used - cell_len(parts[-1].text) - 1)
            drawn += [(" " * gap, None), (parts[-1].text, self.pen("quiet"))]
        return strip_of(drawn, width).apply_style(base)


class StreamColumn(Vertical):
    """Shows one call at a time; `show` says which, and is called again when something of it changed."""

    DEFAULT_CSS = """
    StreamColumn {
        width: 1fr;
        height: 1fr;
        & > WrappedView { height: 1fr; margin: 0 0 0 1; }
        &.-beside { border-left: solid $border-blurred; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.head = StreamHead()
        self.body = WrappedView()
        self.body.can_focus = False  # the pane has the keys
        self.span: Span | None = None
        self._segments = 0  # how many segments of the stream have a block
        self._names: list[tuple[Segment, str]] = []  # tool calls whose name may still come
        self._finished = False

    def compose(self) -> Iterator[Widget]:
        yield self.head
        yield self.body

    def show(self, run: Run, span: Span, place: str, *, chosen: bool, follow: bool) -> None:
        """Show this call as it is now. `place` is `3/7` where there are several calls; a call that is new here is
        shown from its end if `follow`, else from its beginning."""
        if span is not self.span:
            self.span = span
            self._begin(span, follow=follow)
        self.head.set_class(chosen, "-chosen")
        self.head.say(about(run, span), place)
        if not self._finished:
            self._more(span)

    def forget(self) -> None:
        """Show nothing, and let go of what was shown."""
        self.span = None
        self.body.show(())

    def _begin(self, span: Span, *, follow: bool) -> None:
        self._segments, self._names, self._finished = 0, [], False
        self.body.empty = "waiting for the first token" if span.open else "no output"
        self.body.show(self._new_blocks(span), live=span.open, follow=follow)

    def _new_blocks(self, span: Span) -> list[Block]:
        stream = span.tokens
        blocks: list[Block] = []
        if stream is not None and self._segments < len(stream.segments):
            for segment in stream.segments[self._segments :]:
                if segment.type == "tool_call" and not segment.name:
                    self._names.append((segment, segment.name))
                blocks.append(block_of(segment))
            self._segments = len(stream.segments)
        return blocks

    def _more(self, span: Span) -> None:
        if any(segment.name != name for segment, name in self._names):
            self._begin(span, follow=self.body.following)  # rare: a provider that names a tool after its first chunk
        for block in self._new_blocks(span):
            self.body.extend(block)
        if not span.open:
            self._finished = True
            for block in ending(span):
                self.body.extend(block)
        self.body.grown(live=span.open)


def block_of(segment: Segment) -> Block:
    """A stretch of a stream as it is drawn: what kind it is can be seen without colours."""
    if segment.type == "reasoning":
        return Block(segment, "reasoning", gutter="┊ ", prefix="reasoning  ", prefix_style="quiet")
    if segment.type == "tool_call":
        name = one_line(segment.name, 80) or "tool call"
        return Block(segment, "call", gutter="│ ", gutter_style="label", prefix=f"→ {name}  ")
    return Block(segment, "text", markdown=True)


def ending(span: Span) -> Iterator[Block]:
    """What follows the stream of a call that has ended: its output if it did not stream, and its error."""
    stream = span.tokens
    if span.error is None and (stream is None or not stream.count):
        if span.output == DROPPED:
            text = "Its output was let go to save memory."
            yield Block(Fixed(text), "quiet")
        else:
            yield from _whole_output(decode(span.output))
    if span.error is not None:
        yield Block(Fixed(short(span.error)), "error", prefix="✖ ", prefix_style="error")


def _whole_output(value: object) -> Iterator[Block]:
    message = as_message(value)
    if message is None:
        if value is not None:
            yield Block(Fixed(value if isinstance(value, str) else whole(value)), "text", markdown=True)
        return
    if message.reasoning:
        yield Block(Fixed(message.reasoning), "reasoning", gutter="┊ ", prefix="reasoning  ", prefix_style="quiet")
    if message.text:
        yield Block(Fixed(message.text), "text", markdown=True)
    for call in message.tool_calls:
        summary = call_summary(call.name, call.args, 2000)
        yield Block(Fixed(summary), "call", gutter="│ ", gutter_style="label", prefix="→ ")


def about(run: Run, span: Span) -> tuple[Part, ...]:
    """The parts of a call's head line, the symbol and the node first."""
    stream = span.tokens
    symbol, tone = SYMBOLS.get(span.status, ("○", "quiet"))
    node = one_line(span.task.node, 60) if span.task is not None else ""
    model = one_line(span.model or span.name, 60)
    parts = [Part(symbol, tone)]
    if node:
        parts.append(Part(node, "name", ((90, cut(node, 16)),)))
    parts.append(Part(model, "quiet" if node else "name", ((42, cut(model, 20)), (62, "")) if node else ()))
    if span.status == "error" and span.error is not None:
        failed = one_line(span.error.type.rpartition(".")[2], 40)
        parts.append(Part(f"error {failed}", "failed", ((70, "error"),)))
    elif span.status in ("cancelled", "interrupted"):
        parts.append(Part(span.status, "quiet"))
    if stream is None or not stream.count:
        parts.append(_without_stream(run, span))
    else:
        first = duration(stream.first_token)
        parts.append(Part(f"first token {first}", "quiet", ((40, f"first {first}"), (50, ""))))
        rate = stream.rate()
        if rate is not None:
            parts.append(Part(f"{rate:.0f} tok/s" if rate >= 9.5 else f"{rate:.1f} tok/s", "plain", ((80, ""),)))
    parts.append(_usage(span))
    if span.duration is not None:
        parts.append(Part(duration(span.duration), "quiet", ((35, ""),)))
    return tuple(parts)


def _without_stream(run: Run, span: Span) -> Part:
    if span.open:
        waited = duration(max(0.0, live_now(run) - span.started))
        return Part(f"waiting for the first token {waited}", "quiet", ((60, f"waiting {waited}"), (85, waited)))
    return Part("did not stream" if span.status == "ok" else "", "quiet", ((55, ""),))


def _usage(span: Span) -> Part:
    usage = span.usage
    stream = span.tokens
    if usage is None:
        count = stream.count if stream is not None else 0
        return Part(f"{count:,} chunk{'s' if count != 1 else ''}" if count else "", "quiet", ((38, ""),))
    short = f"{usage.input:,}→{usage.output:,} tok"
    extra = [
        f"{number(count)} {name}"
        for count, name in (
            (usage.cache_read, "cached"),
            (usage.cache_write, "to cache"),
            (usage.reasoning, "reasoning"),
        )
        if count
    ]
    steps: tuple[tuple[int, str], ...] = ((65, f"{usage.output:,} tok"), (82, ""))
    if extra:
        steps = ((37, short), *steps)
    return Part(f"{short} ({', '.join(extra)})" if extra else short, "plain", steps)
