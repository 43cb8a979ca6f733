"""What a graph puts out besides its state, brought into rows: logs by kind, progress, documents, errors.

Everything is taken in once and in pieces (`Outputs.sync` stops after a few milliseconds and says whether there is
more), and nothing is decoded that nobody looks at, custom events apart, among which progress is looked for.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from itertools import islice
from time import perf_counter
from typing import Literal, TypeAlias

from inspector.core.documents import Document, documents
from inspector.core.events import Failure, Log
from inspector.core.nodes import Node, Span
from inspector.core.progress import Tracker
from inspector.core.run import Run
from inspector.core.values import decode

LogKind: TypeAlias = Literal["print", "stderr", "log", "warning", "error", "inspector"]
LogFilter: TypeAlias = Literal["all", "problems", "prints", "logging"]
LOG_FILTERS: tuple[LogFilter, ...] = ("all", "problems", "prints", "logging")
_PIECE = 256  # items between two looks at the clock


def kind_of(log: Log) -> LogKind:
    """What a line of output is."""
    if log.stream == "stdout":
        return "print"
    if log.stream == "stderr":
        return "stderr"
    if log.stream == "inspector":
        return "inspector"
    level = log.level.upper()
    if level in ("ERROR", "CRITICAL", "FATAL"):
        return "error"
    return "warning" if log.stream == "warnings" or level in ("WARNING", "WARN") else "log"


def passes(log: Log, chosen: LogFilter) -> bool:
    """Whether a line is shown under a filter."""
    if chosen == "all":
        return True
    if chosen == "problems":
        return kind_of(log) in ("stderr", "warning", "error", "inspector")
    return log.stream == "stdout" if chosen == "prints" else log.stream in ("logging", "warnings")


@dataclass(slots=True, eq=False)
class Problem:
    """An error, where it came from first (`node`), and the spans and tasks that it went through from there."""

    at: float
    failure: Failure
    node: Node | None
    through: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Found:
    """A row of retrieved documents: a retriever's call (`index` -1), or one of its documents."""

    span: Span
    index: int


class LogRows:
    """The numbers of the lines that pass a filter. Lines are numbered from 0 in the order they came; the run keeps
    only the newest, so old numbers leave."""

    def __init__(self, run: Run, chosen: LogFilter) -> None:
        self.run = run
        self.chosen = chosen
        self.numbers = array("Q")
        self._dropped = 0  # how many at the beginning of `numbers` are of lines that are gone
        self._seen = 0

    @property
    def first(self) -> int:
        """The number of the oldest line that is kept."""
        return self.run.log_count - len(self.run.logs)

    def __len__(self) -> int:
        if self.chosen == "all":
            return len(self.run.logs)
        return len(self.numbers) - self._dropped

    def number(self, index: int) -> int:
        """The number of the line in row `index`."""
        return self.first + index if self.chosen == "all" else self.numbers[self._dropped + index]

    def line(self, number: int) -> tuple[float, Log]:
        """When a line came, and the line."""
        return self.run.logs[number - self.first]

    def sync(self, deadline: float) -> bool:
        """Take in new lines. Returns whether there are more."""
        run = self.run
        if self.chosen == "all":
            return False
        self._seen = max(self._seen, self.first)
        while self._seen < run.log_count:
            begin = self._seen - self.first
            for _, log in islice(run.logs, begin, begin + _PIECE):
                if passes(log, self.chosen):
                    self.numbers.append(self._seen)
                self._seen += 1
            if perf_counter() > deadline:
                break
        while self._dropped < len(self.numbers) and self.numbers[self._dropped] < self.first:
            self._dropped += 1
        if self._dropped > 10_000:
            del self.numbers[: self._dropped]
            self._dropped = 0
        return self._seen < run.log_count


class Outputs:
    """The rows of one run."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.tracker = Tracker()
        self.found: list[Found] = []
        self.document_count = 0
        self.problems: list[Problem] = []
        self._customs = 0
        self._retrievers = 0
        self._searching: list[Span] = []
        self._failures = 0
        self._known: dict[int, tuple[list[Document], int]] = {}

    def sync(self, deadline: float) -> bool:
        """Take in what is new, until about the deadline (`perf_counter`). Returns whether there is more."""
        run = self.run
        self.take_failures()
        self._take_retrievers()
        more = self._take_customs(deadline)
        if run.phase != "running" and not more:
            self.tracker.close()
        return more

    def documents(self, span: Span) -> tuple[list[Document], int]:
        """The documents that a retriever found, and how many more a preview left out."""
        known = self._known.get(span.number)
        if known is None:
            if len(self._known) > 200:
                self._known.clear()
            known = self._known[span.number] = documents(decode(span.output))
        return known

    def _take_customs(self, deadline: float) -> bool:
        run = self.run
        first = run.custom_count - len(run.customs)
        self._customs = max(self._customs, first)
        while self._customs < run.custom_count:
            begin = self._customs - first
            for at, event in islice(run.customs, begin, begin + _PIECE):
                self.tracker.feed(at, event, run.tasks.get(event.task) if event.task else None)
                self._customs += 1
            if perf_counter() > deadline:
                break
        return self._customs < run.custom_count

    def _take_retrievers(self) -> None:
        run = self.run
        self._searching.extend(run.retrievers[self._retrievers :])
        self._retrievers = len(run.retrievers)
        still: list[Span] = []
        for span in self._searching:
            if span.open:
                still.append(span)
                continue
            count = len(self.documents(span)[0])
            self.document_count += count
            self.found.append(Found(span, -1))
            self.found.extend(Found(span, index) for index in range(count))
        self._searching = still

    def take_failures(self) -> None:
        """Take in new errors alone."""
        for at, node, failure in self.run.failures[self._failures :]:
            last = self.problems[-1] if self.problems else None
            if last is not None and _same(last.failure, failure) and _inside(last.node, node):
                if node is not None:
                    last.through.append(node)
            else:
                self.problems.append(Problem(at, failure, node))
        self._failures = len(self.run.failures)


def _same(a: Failure, b: Failure) -> bool:
    return a.type == b.type and a.message == b.message


def _inside(inner: Node | None, outer: Node | None) -> bool:
    """Whether an error of `inner` may be the one of `outer`: it encloses it, or is the run itself."""
    if outer is None:
        return True
    node = inner
    while node is not None:
        if node is outer:
            return True
        node = node.parent
    return False
