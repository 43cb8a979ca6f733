"""The rows of the tools pane, and the line about the current one."""

from __future__ import annotations

from typing import Any, ClassVar

from rich.style import Style
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.clock import live_now
from inspector.core.events import Packed
from inspector.core.messages import as_message
from inspector.core.nodes import Span
from inspector.core.outline import call_summary, summary
from inspector.core.run import DROPPED, Run
from inspector.core.text import duration, one_line, size
from inspector.core.toolcalls import Call, CallStatus, ToolCalls, arguments
from inspector.core.values import Opaque, decode
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.rows import RowList

SYMBOLS: dict[CallStatus, tuple[str, str]] = {
    "running": ("●", "accent"), "asking": ("◌", "accent"), "asked": ("○", "warning"), "never": ("○", "muted"),
    "ok": ("✔", "muted"), "error": ("✖", "error"), "interrupted": ("‖", "warning"), "cancelled": ("⊘", "muted"),
}  # fmt: skip
_FIND_AT_MOST = 20_000
_KEEP = 2_000


class ToolRows(RowList):
    """The list. `calls` is its model."""

    empty = "No tool has been called yet. Calls appear here as models ask for them, with arguments and results."

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Detail", key_display="⏎")]

    def __init__(self, calls: ToolCalls) -> None:
        super().__init__()
        self.calls = calls
        self.failed_only = False
        self._texts: dict[tuple[int, int], tuple[str, str]] = {}

    def restart(self, calls: ToolCalls) -> None:
        """Show another run, from its beginning."""
        self.calls = calls
        self.failed_only = False
        self._texts.clear()
        self.forget()

    # ------------------------------------------------------------------ the list

    def row_count(self) -> int:
        return len(self.calls.failed if self.failed_only else self.calls.rows)

    def call_at(self, index: int) -> Call:
        return self.calls.rows[self.calls.failed[index] if self.failed_only else index]

    def row_key(self, index: int) -> Any:
        return self.call_at(index)

    def index_of(self, key: Any) -> int | None:
        if not self.failed_only:
            return key.number if key.number < len(self.calls.rows) else None
        return self.calls.failed.index(key.number) if key.number in self.calls.failed else None

    def current(self) -> Call | None:
        """The call that the cursor is on."""
        return self.call_at(self.cursor) if 0 <= self.cursor < self.row_count() else None

    def toggle_failed(self) -> None:
        """Show only what failed, or everything."""
        self.failed_only = not self.failed_only
        self.empty = "No tool call has failed." if self.failed_only else type(self).empty
        self.model_changed()

    def go_to(self, span: Span) -> None:
        """Put the cursor on a tool's row."""
        for index in range(self.row_count() - 1, -1, -1):
            if self.call_at(index).span is span:
                self.move_to(index, by_user=False)
                return

    def find(self, text: str) -> bool:
        needle = text.casefold()
        count = self.row_count()
        for step in range(1, min(count, _FIND_AT_MOST) + 1):
            index = (self.cursor + step) % count
            call = self.call_at(index)
            if needle in f"{call.name} {' '.join(self._said(call))} {call.error}".casefold():
                self.move_to(index)
                return True
        return False

    # ------------------------------------------------------------------ drawing

    def header(self, width: int) -> Strip | None:
        name, args, result, node = _columns(width)
        title = "failed calls" if self.failed_only else "tool"
        parts: list[tuple[str, Style | None]] = [("   " + fit(title, name), None)]
        if args:
            parts.append(("  " + fit("arguments", args), None))
        if result:
            parts.append(("  " + fit("result", result), None))
        if node:
            parts.append(("  " + fit("node", node), None))
        parts.append(("   time", None))
        return strip_of(parts, width)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        call = self.call_at(index)
        status = self.calls.status(call)
        symbol, pen = SYMBOLS[status]
        name, args, result, node = _columns(width)
        given, came = self._said(call)
        shown = one_line(call.name, 80) or "(tool)"
        if call.attempt > 1:
            shown = f"↻ {shown}"
        parts: list[tuple[str, Style | None]] = [
            (f" {symbol} ", self.pen(pen)),
            (fit(shown, name), self.pen("strong")),
        ]
        if args:
            parts.append(("  " + fit(given, args), None))
        tone = "error" if status == "error" else "muted" if call.span is None or call.span.open else None
        text = came or _word(call, status)
        if result:
            parts.append(("  " + fit(text, result), self.pen(tone) if tone else None))
        owner = call.node
        if node:
            where = one_line(owner.task.node, 60) if owner is not None and owner.task is not None else ""
            parts.append(("  " + fit(where, node), self.pen("muted")))
        parts.append((" " + fit(self._time(call), 6, "right"), self.pen("accent" if status == "running" else "muted")))
        return strip_of(parts, width)

    def _time(self, call: Call) -> str:
        span = call.span
        if span is None:
            return ""
        return duration(
            span.duration if span.duration is not None else max(0.0, live_now(self.calls.run) - span.started)
        )

    def _said(self, call: Call) -> tuple[str, str]:
        """Arguments and result in a line each, remembered for as long as they do not change."""
        version = -1 if call.span is not None and not call.span.open else 0
        if call.span is None and call.segment is not None:
            version = 1 + call.segment.length
            if version > 600:  # the beginning is shown, and it stays as it is
                given = self._texts.get((call.number, 600))
                if given is not None:
                    return f"{given[0]} {size(call.segment.length)}", ""
                self._texts[call.number, 600] = (one_line(call.segment.text[:400]), "")
                return self._said(call)
        known = self._texts.get((call.number, version))
        if known is None:
            if len(self._texts) > _KEEP:
                self._texts.clear()
            known = self._texts[call.number, version] = (_given(call), _came(call))
        return known


def _columns(width: int) -> tuple[int, int, int, int]:
    """The widths of name, arguments, result and node; 0: not shown. With gaps, symbol and time they fill `width`."""
    node = 16 if width >= 110 else 12 if width >= 90 else 0
    if width < 30:
        return max(1, width - 10), 0, 0, 0
    name = min(24, max(10, width // 6)) if width >= 60 else (width - 10) * 3 // 5
    left = width - 3 - name - 7 - (node + 2 if node else 0)
    if left < 36:
        return name, 0, max(0, left - 2), node
    args = (left - 4) * 9 // 20
    return name, args, left - 4 - args, node


def _given(call: Call) -> str:
    if call.span is None and call.segment is not None:
        text = one_line(call.segment.text, 400)
        return text + "▏" if call.model is not None and call.model.open else text
    value = arguments(call)
    return "" if value is None else call_summary("", value, 400).removeprefix("(").removesuffix(")")


def _came(call: Call) -> str:
    if call.error:
        return one_line(call.error, 400)
    if call.span is None or call.span.open:
        return ""
    return _result(call.span.output)


def _result(output: Packed) -> str:
    if output == DROPPED:
        return "(let go to save memory)"
    value = decode(output)
    if isinstance(value, Opaque) and value.name == "Command":
        return summary(value, 300)
    message = as_message(value)
    if message is not None:
        return one_line(message.text, 400)
    return one_line(value, 400) if isinstance(value, str) else summary(value, 300)


def _word(call: Call, status: CallStatus) -> str:
    """What is said in place of a result."""
    if status == "asked":
        return "asked for, not begun"
    return {"asking": "being asked for", "running": "running", "never": "never called"}.get(
        status, "" if status == "ok" else status
    )


class AskedBy(Widget):
    """One line about the current call: its id, and which model call asked for it."""

    can_focus = False
    ALLOW_SELECT = False
    DEFAULT_CSS = "AskedBy { color: $text-muted; height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def say(self, run: Run, call: Call | None) -> None:
        text = "" if call is None else _asked(run, call)
        if text != self.text:
            self.text = text
            self.refresh()

    def render_line(self, y: int) -> Strip:
        return strip_of([(f" {self.text}", None)], self.size.width).apply_style(self.rich_style)


def _asked(run: Run, call: Call) -> str:
    parts: list[str] = []
    model = call.model or (run.asked_by.get(call.id) if call.id else None)
    if model is not None:
        node = one_line(model.task.node, 40) if model.task is not None else ""
        parts.append(f"asked by {' · '.join(filter(None, (node, one_line(model.model or model.name, 40))))}")
        if call.span is not None:
            parts.append(f"{duration(max(0.0, call.span.started - model.started))} after that call began")
    else:
        parts.append("called by the graph's own code")
    if call.attempt > 1:
        parts.append(f"try {call.attempt}")
    if call.id:
        parts.append(f"id {one_line(call.id, 60)}")
    return "   ".join(parts)
