"""The lists of what was recognised: progress, retrieved documents, errors."""

from __future__ import annotations

from typing import Any

from textual.message import Message
from textual.strip import Strip

from inspector.core.clock import live_now
from inspector.core.nodes import Node, Span
from inspector.core.outline import as_json, summary
from inspector.core.outputs import Found
from inspector.core.text import duration, one_line, plural
from inspector.core.toolcalls import short
from inspector.core.values import decode
from inspector.tui.panes.base import ShowNode, ShowText
from inspector.tui.panes.output_list import OutputList, Pieces
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.progressbar import bar_parts


class ProgressList(OutputList):
    """A bar for each thing that progresses."""

    tab = "Progress"
    empty = "No progress yet. Custom events such as {current: 3, total: 10} or {progress: 0.4} become bars here."

    def row_count(self) -> int:
        return len(self.outputs.tracker.bars)

    def row_key(self, index: int) -> Any:
        return self.outputs.tracker.bars[index]

    def index_of(self, key: Any) -> int | None:
        bars = self.outputs.tracker.bars
        return next((index for index, bar in enumerate(bars) if bar is key), None)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        bar = self.outputs.tracker.bars[index]
        return strip_of(bar_parts(bar, width, live_now(self.outputs.run), self.pen), width)

    def node_at(self, index: int) -> Node | None:
        return self.outputs.tracker.bars[index].task

    def opened(self, index: int) -> Message | None:
        task = self.outputs.tracker.bars[index].task
        return ShowNode(task) if task is not None else None


class DocumentList(OutputList):
    """Retrievers' calls, and under each what it found."""

    tab = "Documents"
    empty = "No document yet. What retrievers find appears here, with score, source and metadata."

    @property
    def count(self) -> int:
        return self.outputs.document_count

    def row_count(self) -> int:
        return len(self.outputs.found)

    def row_key(self, index: int) -> Any:
        return self.outputs.found[index]

    def index_of(self, key: Any) -> int | None:
        found = self.outputs.found
        return next((index for index in range(len(found) - 1, -1, -1) if found[index] == key), None)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        row = self.outputs.found[index]
        return strip_of(self._query(row.span) if row.index < 0 else self._document(row, width), width)

    def _query(self, span: Span) -> Pieces:
        shown, missing = self.outputs.documents(span)
        asked = decode(span.input)
        asked = asked.get("query", asked) if isinstance(asked, dict) else asked
        symbol, tone = ("✖", "error") if span.status == "error" else ("✔", "muted")
        what = plural(len(shown) + missing, "document") if span.status == "ok" else span.status
        text = one_line(asked, 200) if isinstance(asked, str) else summary(asked, 200)
        name = one_line(span.name, 40)
        return [
            (f" {symbol} ", self.pen(tone)),
            (f"{what}  ", self.pen("strong")),
            (f"{duration(span.duration)}  {name}  ", self.pen("muted")),
            (text, None),
        ]

    def _document(self, row: Found, width: int) -> Pieces:
        document = self.outputs.documents(row.span)[0][row.index]
        score = "" if document.score is None else f"{document.score:.3f}"
        source = 24 if width >= 90 else 14 if width >= 60 else 8
        about = "  ".join(f"{one_line(k, 30)}={one_line(str(v), 60)}" for k, v in document.metadata)
        pieces: Pieces = [
            ("   " + fit(score, 7, "right") + "  ", None),
            (fit(one_line(document.source, 200) or document.id or "(no source)", source) + "  ", self.pen("strong")),
        ]
        if about and width >= 90:
            pieces.append((fit(about, width // 5) + "  ", self.pen("muted")))
        return [*pieces, (one_line(document.text.strip(), 600), None)]

    def node_at(self, index: int) -> Node | None:
        return self.outputs.found[index].span

    def opened(self, index: int) -> Message | None:
        row = self.outputs.found[index]
        if row.index < 0:
            return ShowNode(row.span)
        document = self.outputs.documents(row.span)[0][row.index]
        lines = [f"{document.score_name or 'score'}  {document.score}"] if document.score is not None else []
        lines += [f"source  {document.source}"] if document.source else []
        lines += [f"id  {document.id}"] if document.id else []
        lines += [f"{key}  {value if isinstance(value, str) else as_json(value)}" for key, value in document.metadata]
        clipped = f"\n\n(and {document.clipped:,} characters more)" if document.clipped else ""
        return ShowText(document.source or "document", "\n".join([*lines, "", document.text + clipped]).strip())


class ErrorList(OutputList):
    """What was raised, each error once, where it came from."""

    tab = "Errors"
    empty = "Nothing has failed."

    def row_count(self) -> int:
        return len(self.outputs.problems)

    def row_key(self, index: int) -> Any:
        return self.outputs.problems[index]

    def index_of(self, key: Any) -> int | None:
        problems = self.outputs.problems
        return next((index for index in range(len(problems) - 1, -1, -1) if problems[index] is key), None)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        problem = self.outputs.problems[index]
        parts: Pieces = [(" ✖ ", self.pen("error")), self._time(problem.at)]
        parts += self._where(_name_of(problem.node) or "run", width)
        parts.append((one_line(short(problem.failure), 600), self.pen("error")))
        through = [name for node in problem.through if (name := _name_of(node))]
        if through:
            parts.append((f"   ended {', '.join(one_line(name, 30) for name in through[-3:])}", self.pen("muted")))
        return strip_of(parts, width)

    def node_at(self, index: int) -> Node | None:
        return self.outputs.problems[index].node

    def opened(self, index: int) -> Message | None:
        problem = self.outputs.problems[index]
        if problem.node is not None:
            return ShowNode(problem.node)
        return ShowText("the run failed", problem.failure.traceback or str(problem.failure))


def _name_of(node: Node | None) -> str:
    return "" if node is None else node.name if isinstance(node, Span) else node.node
