"""The lists of what comes line by line: logs and prints, and custom events."""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from inspector.core.events import Custom, Log
from inspector.core.json_schema import dumps
from inspector.core.nodes import Node
from inspector.core.outline import whole
from inspector.core.outputs import LOG_FILTERS, LogRows, Outputs, kind_of
from inspector.core.text import duration, one_line
from inspector.core.values import decode, to_json
from inspector.tui.panes.base import ShowText
from inspector.tui.panes.output_list import TIME, OutputList, Pieces
from inspector.tui.widgets.cells import fit, strip_of


class LogList(OutputList):
    """Prints, logging, warnings and our own remarks."""

    tab = "Logs"
    empty = "Nothing has been printed or logged yet. Prints, stderr, logging and warnings of the graph appear here."
    BINDINGS: ClassVar[list[BindingType]] = [Binding("F", "filter", "Filter")]

    def __init__(self, outputs: Outputs) -> None:
        super().__init__(outputs)
        self.lines = LogRows(outputs.run, "all")

    @property
    def count(self) -> int:
        return self.outputs.run.log_count

    def restart(self, outputs: Outputs) -> None:
        self.lines = LogRows(outputs.run, self.lines.chosen)
        super().restart(outputs)

    def row_count(self) -> int:
        return len(self.lines)

    def row_key(self, index: int) -> Any:
        return self.lines.number(index)

    def index_of(self, key: Any) -> int | None:
        if self.lines.chosen == "all":
            return max(0, key - self.lines.first) if key < self.outputs.run.log_count else None
        numbers = self.lines.numbers
        at = bisect_left(numbers, key) - (len(numbers) - len(self.lines))
        return max(0, at) if 0 <= at < len(self.lines) else None

    def action_filter(self) -> None:
        """All, then only problems, only prints, only logging."""
        chosen = LOG_FILTERS[(LOG_FILTERS.index(self.lines.chosen) + 1) % len(LOG_FILTERS)]
        self.lines = LogRows(self.outputs.run, chosen)
        self.lines.sync(float("inf"))
        self.empty = type(self).empty if chosen == "all" else f"No line passes the filter: {_FILTERS[chosen]}."
        self.model_changed()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "filter":
            return self.count > 0
        return super().check_action(action, parameters)

    def header(self, width: int) -> Strip | None:
        title = "text" if self.lines.chosen == "all" else f"text   only {_FILTERS[self.lines.chosen]}"
        parts: Pieces = [(fit("time", TIME, "right") + "  " + fit("from", 8), None)]
        parts += [(text, None) for text, _ in self._where("node", width)]
        return strip_of([*parts, (title, None)], width)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        at, log = self.lines.line(self.lines.number(index))
        kind = kind_of(log)
        label, tone = _LABELS[kind]
        if log.level and kind == "log":
            label = one_line(log.level.lower(), 7)
        elif log.level.upper() == "CRITICAL":
            label = "✖ crit"
        parts: Pieces = [self._time(at), (fit(label, 8), self.pen(tone))]
        parts += self._where(log.node, width)
        if log.logger and width >= 100:
            parts.append((f"{one_line(log.logger, 40)}  ", self.pen("muted")))
        parts.append((one_line(log.text, 1000), self.pen(tone) if kind == "error" else None))
        return strip_of(parts, width)

    def words(self, index: int) -> str:
        log = self.lines.line(self.lines.number(index))[1]
        return f"{log.node} {log.logger} {log.level} {log.text[:10_000]}"

    def opened(self, index: int) -> Message | None:
        at, log = self.lines.line(self.lines.number(index))
        return ShowText(_log_title(at, log), log.text)

    def node_at(self, index: int) -> Node | None:
        log = self.lines.line(self.lines.number(index))[1]
        return self.outputs.run.tasks.get(log.task) if log.task else None


_FILTERS = {"problems": "warnings, errors and stderr", "prints": "prints", "logging": "logging and warnings"}
_LABELS = {
    "print": ("print", "muted"), "stderr": ("stderr", "warning"), "log": ("log", "muted"),
    "warning": ("⚠ warn", "warning"), "error": ("✖ error", "error"), "inspector": ("note", "accent"),
}  # fmt: skip


def _log_title(at: float, log: Log) -> str:
    return "  ".join(filter(None, (log.level or log.stream, log.logger, log.node, duration(at))))


class CustomList(OutputList):
    """What the graph writes to its stream, and dispatches as custom events."""

    tab = "Custom"
    empty = "No custom event yet. What nodes write with get_stream_writer or dispatch_custom_event appears here."

    def __init__(self, outputs: Outputs) -> None:
        super().__init__(outputs)
        self._lines: dict[int, str] = {}

    @property
    def count(self) -> int:
        return self.outputs.run.custom_count

    def restart(self, outputs: Outputs) -> None:
        self._lines.clear()
        super().restart(outputs)

    def row_count(self) -> int:
        return len(self.outputs.run.customs)

    def row_key(self, index: int) -> Any:
        return self.outputs.run.custom_count - len(self.outputs.run.customs) + index

    def index_of(self, key: Any) -> int | None:
        run = self.outputs.run
        return max(0, key - run.custom_count + len(run.customs)) if key < run.custom_count else None

    def header(self, width: int) -> Strip | None:
        parts: Pieces = [(fit("time", TIME, "right") + "  ", None)]
        parts += [(text, None) for text, _ in self._where("node", width)]
        return strip_of([*parts, (fit("event", _name_width(width)) + "  value", None)], width)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        at, event = self.outputs.run.customs[index]
        parts: Pieces = [self._time(at), *self._where(event.node, width)]
        name = one_line(event.name, 80)
        parts.append((fit(name or "(writer)", _name_width(width)) + "  ", self.pen("strong" if name else "muted")))
        parts.append((self._line(index, event), None))
        return strip_of(parts, width)

    def _line(self, index: int, event: Custom) -> str:
        number = self.row_key(index)
        line = self._lines.get(number)
        if line is None:
            if len(self._lines) > 2_000:
                self._lines.clear()
            value = decode(event.value)
            text = value if isinstance(value, str) else dumps(to_json(value))
            line = self._lines[number] = one_line(text, 500)
        return line

    def opened(self, index: int) -> Message | None:
        at, event = self.outputs.run.customs[index]
        title = "  ".join(filter(None, (event.name or "stream writer", event.node, duration(at))))
        return ShowText(title, whole(decode(event.value)))

    def node_at(self, index: int) -> Node | None:
        task = self.outputs.run.customs[index][1].task
        return self.outputs.run.tasks.get(task) if task else None


def _name_width(width: int) -> int:
    return 18 if width >= 80 else 10
