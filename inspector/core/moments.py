"""Any moment of a recorded run, as a `Run` like every other: what panes show of a live run they show of it too.

The records of the run (tasks, spans, invocations) are those of the whole run: most of what there was at a moment has
not changed since. What was still open then is put back to what it was, and set right again when another moment is
shown. So a moment costs what was open at it and the copying of a few lists, whatever the length of the run; and a task
is the same object at every moment, so that a selection lasts.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from inspector.core.chronicle import Chronicle
from inspector.core.events import NOTHING, Namespace
from inspector.core.intervals import Grown, Track
from inspector.core.nodes import Checkpoint, Node, Span, Task
from inspector.core.reel import SCALARS, Reel
from inspector.core.run import Run
from inspector.core.tokens import TokenStream

T = TypeVar("T")
V = TypeVar("V")

KEEP_LINES = 50_000

_OPEN_TASK: dict[str, Any] = {
    "ended": None, "status": "running", "error": None, "writes": NOTHING, "cached": False, "attempts": 1,
}  # fmt: skip
_OPEN_SPAN: dict[str, Any] = {
    "ended": None, "status": "running", "error": None, "output": NOTHING, "usage": None, "calls": (),
}  # fmt: skip
_OPEN_CALL: dict[str, Any] = {"ended": None, "status": "running", "error": None, "next": (), "output": NOTHING}


class Moments:
    """Shows moments of a reel. `run` is the one that is shown; going forward it grows as a live run does, going back it
    is another `Run`. While the reel is being fed nothing may be shown: `leave` first, `show` again afterwards."""

    def __init__(self, reel: Reel) -> None:
        self.reel = reel
        self.moment = 0
        self.run = self._fresh()
        self._undone: list[tuple[Any, dict[str, Any]]] = []
        self._restated = 0  # how many of `reel.restated` apply
        self._streams: dict[int, TokenStream] = {}  # streams that are shown in part, by the number of their span

    def _fresh(self) -> Run:
        reel = self.reel
        run = Run(keep_lines=KEEP_LINES)
        run.tasks = _grown(reel.tasks)
        run.spans = _grown(reel.spans)
        run.by_checkpoint = _grown(reel.by_checkpoint)
        run.asked_by = _grown(reel.asked_by)
        run.inner_checkpoints = _Inner(reel)
        return run

    def show(self, moment: int) -> Run:
        """Show the run as it was after `moment` events (at most as many as the reel has)."""
        moment = min(max(moment, 0), self.reel.count)
        self.leave()
        before = self.moment
        if moment < before:
            before, self.run, self._streams = 0, self._fresh(), {}
        self.moment = moment
        self._restate(moment)
        self._lists(moment)
        self._reopen(moment)
        self._values(moment)
        run = self.run
        touched = set().union(*(self.reel.touched[code] for code in set(self.reel.codes[before + 1 : moment + 1])))
        for kind in touched:
            run.revisions[kind] += 1
        return run

    def leave(self) -> None:
        """Put the records of the reel to what they are at its end."""
        for thing, fields in reversed(self._undone):
            for name, value in fields.items():
                setattr(thing, name, value)
        self._undone.clear()
        self._restate(self.reel.count)

    # ------------------------------------------------------------------ records

    def _set(self, thing: Any, fields: Mapping[str, Any]) -> None:
        self._undone.append((thing, {name: getattr(thing, name) for name in fields}))
        for name, value in fields.items():
            setattr(thing, name, value)

    def _restate(self, moment: int) -> None:
        """What later announcements of the same checkpoint said of it."""
        known = self.reel.restated
        while self._restated < len(known) and known[self._restated][0] <= moment:
            _, checkpoint, _, after = known[self._restated]
            checkpoint.next, checkpoint.tasks = after
            self._restated += 1
        while self._restated and known[self._restated - 1][0] > moment:
            self._restated -= 1
            _, checkpoint, before, _ = known[self._restated]
            checkpoint.next, checkpoint.tasks = before

    def _reopen(self, moment: int) -> None:
        reel, run = self.reel, self.run
        running: dict[int, Task] = {}
        streams: dict[int, TokenStream] = {}
        for index in reel.life.at(moment):
            node = reel.nodes[index]
            closed = 0 < reel.closed[index] <= moment
            fields: dict[str, Any] = {"children": self._children(node, reel.life.count(moment))}
            if isinstance(node, Task):
                fields |= self._task(node, moment, closed)
                if not closed:
                    running[node.number] = node
            else:
                fields |= {} if closed else self._span(node)
                if node.number in reel.strips:
                    shown = reel.strips[node.number].cut(moment, self._streams.get(node.number))
                    shown.usage = node.usage if closed else None
                    fields["tokens"] = streams[node.number] = shown
                elif node.tokens is not None and not closed:
                    fields["tokens"] = TokenStream(node.tokens.started)
            self._set(node, fields)
        run.running = running
        for number, stream in self._streams.items():
            if number not in streams:  # it is whole now; who has the part that was shown has the rest of it too
                reel.strips[number].cut(moment, stream).usage = reel.strips[number].whole.usage
        self._streams = streams
        if run.invocations:
            last = run.invocations[-1]
            if not 0 < reel.returned[last.index] <= moment:
                self._set(last, _OPEN_CALL)

    def _task(self, task: Task, moment: int, closed: bool) -> dict[str, Any]:
        tries = bisect_right(self.reel.tries.get(task.number, ()), moment)
        notes = bisect_right(self.reel.notes.get(task.number, ()), moment)
        fields: dict[str, Any] = {} if closed else dict(_OPEN_TASK)
        if not closed and tries:
            assert task.retries is not None
            fields["attempts"] = task.retries[tries - 1][1].attempt
        fields["retries"] = task.retries[:tries] if task.retries and tries else None
        fields["interrupts"] = task.interrupts[:notes] if task.interrupts and notes else None
        return fields

    def _span(self, span: Span) -> dict[str, Any]:
        fields = dict(_OPEN_SPAN)
        if span.number in self.reel.before:
            fields["model"], fields["call_id"] = self.reel.before[span.number]
        return fields

    def _children(self, node: Node, numbers: int) -> list[Node] | None:
        """The children that had begun: those with a number up to `numbers`."""
        count = _begun(node.children or [], numbers)
        return node.children[:count] if node.children and count else None

    # ------------------------------------------------------------------ the run

    def _lists(self, moment: int) -> None:
        reel, run = self.reel, self.run
        for mapping in (run.tasks, run.spans, run.by_checkpoint, run.asked_by, run.inner_checkpoints):
            assert isinstance(mapping, (Grown, _Inner))
            mapping.moment = moment
        numbers = reel.life.count(moment)
        _extend(run.roots, reel.roots, _begun(reel.roots, numbers))
        for kind in ("models", "tools", "retrievers"):
            whole: list[Span] = getattr(reel, kind)
            _extend(getattr(run, kind), whole, _begun(whole, numbers))
        _extend(run.invocations, reel.invocations, bisect_right(reel.invoked, moment))
        _extend(run.checkpoints, reel.checkpoints, bisect_right(reel.saved, moment))
        _extend(run.failures, reel.failures, reel.failed.until(moment))
        run.log_count = _extend_lines(run.logs, run.log_count, reel.logged, moment)
        run.custom_count = _extend_lines(run.customs, run.custom_count, reel.told, moment)

    def _values(self, moment: int) -> None:
        reel, run = self.reel, self.run
        for name in SCALARS:
            setattr(run, name, reel.scalars[name].at(moment))
        run.count = run.revision = moment
        run.now = reel.times[moment]
        run.pending, run.held = reel.pending.at(moment), reel.held.at(moment)
        run.stops = {point: track.at(moment) for point, track in reel.stopped.items() if track.until(moment)}
        run.usage_by_model = {key: track.at(moment) for key, track in reel.usages.items() if track.until(moment)}
        run.streams = {}
        for mode, counts in reel.counts.items():
            count = counts.at(moment)
            if count is not None:
                run.streams[mode] = count


class _Inner(Mapping[Namespace, list[Checkpoint]]):
    """The checkpoints of inner graphs at a moment, which may be moved. A list grows as long as one asks for it."""

    def __init__(self, reel: Reel) -> None:
        self._reel = reel
        self._known: dict[Namespace, list[Checkpoint]] = {}
        self.moment = 0

    def __getitem__(self, ns: Namespace) -> list[Checkpoint]:
        whole = self._reel.inner_checkpoints[ns]
        count = bisect_right(self._reel.saved_inner[ns], self.moment)
        if not count:
            raise KeyError(ns)
        return _extend(self._known.setdefault(ns, []), whole, count)

    def __iter__(self) -> Iterator[Namespace]:
        for ns, moments in self._reel.saved_inner.items():
            if moments[0] > self.moment:
                return
            yield ns

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _grown(whole: Mapping[str, V]) -> Grown[str, V]:
    assert isinstance(whole, Chronicle)
    return Grown(whole, whole.added, whole.born, whole.earlier)


def _begun(nodes: list[Any], numbers: int) -> int:
    """How many of the nodes have a number up to `numbers`."""
    if nodes and nodes[-1].number <= numbers:
        return len(nodes)
    return bisect_right(nodes, numbers, key=lambda node: node.number)


def _extend(shown: list[T], whole: list[T], count: int) -> list[T]:
    if count > len(shown):
        shown.extend(whole[len(shown) : count])
    return shown


def _extend_lines(shown: deque[Any], known: int, whole: Track[Any], moment: int) -> int:
    """Add the lines that have come since there were `known`, as many as are kept. Returns how many there are now."""
    count = whole.until(moment)
    shown.extend(whole.values[max(known, count - KEEP_LINES) : count])
    return count
