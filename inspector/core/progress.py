"""Progress among custom events: what looks like progress becomes bars, one for each thing that progresses.

`readings` recognises the shapes people send (`{"progress": 0.4}`, `{"percent": 40}`, `{"current": 3, "total": 10}`,
`"3/10"`, `"40%"`, nested at any depth, or a bare number in an event whose name says progress). `Tracker` joins them
to bars: by node and label, and by task where several tasks of a node run at the same time.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from inspector.core.events import Custom
from inspector.core.nodes import Task
from inspector.core.text import one_line
from inspector.core.values import Opaque, decode

BarState: TypeAlias = Literal["running", "done", "stopped"]
_Key: TypeAlias = tuple[str, str, str]  # node, path, label

_RATIO_KEYS = ("progress", "percent", "percentage", "pct", "fraction", "ratio", "percent_complete", "completion")
_DONE_KEYS = (
    "current", "done", "completed", "complete", "processed", "finished", "loaded", "progress", "n", "i", "index",
    "step", "position", "value", "count",
)  # fmt: skip
_TOTAL_KEYS = (
    "total", "max", "maximum", "of", "out_of", "total_steps", "n_total", "total_count", "target", "steps", "count",
)  # fmt: skip
_LABEL_KEYS = ("task", "label", "name", "title", "file", "filename", "item", "job", "key", "id", "worker")
_NOTE_KEYS = ("message", "msg", "note", "status", "description", "desc", "detail", "text", "stage", "phase", "step")
_ENVELOPES = frozenset({
    "progress", "data", "payload", "value", "event", "update", "detail", "details", "info", "content", "body",
    "params", "extra", "meta", "metadata", "state", "custom", "items", "tasks", "bars", "fields",
})  # fmt: skip
_PERCENT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*%\s*")
_PAIR = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:/|of|out of)\s*(\d+(?:\.\d+)?)\s*", re.IGNORECASE)
_MAX_DEPTH = 8
_MAX_LOOKED_AT = 200
_MAX_BARS = 500


@dataclass(frozen=True, slots=True)
class Reading:
    """One report of progress. `total` None: `done` is a fraction (0..1) or a percentage (0..100), which of them the
    values of one bar together tell (`decimal`: it was written `1.0`, not `1`). `label` says what progresses, where
    the event does, `path` under which keys it does; `note` what is being done."""

    done: float
    total: float | None = None
    label: str = ""
    path: str = ""
    note: str = ""
    decimal: bool = False


def readings(value: Any, name: str = "") -> list[Reading]:
    """The reports of progress in an inert value (of an event called `name`), outermost first; mostly none."""
    says_so = any(word in name.lower() for word in _RATIO_KEYS)
    if says_so and (found := _scalar(value)) is not None:
        return [replace(found, path=_named(name))]
    return list(_walk(value, _named(name), "", 0, [_MAX_LOOKED_AT]))


def _named(name: str) -> str:
    """The name of an event, if it tells more than that this is progress."""
    plain = name.lower().removeprefix("on_").removesuffix("_event")
    return "" if plain in _ENVELOPES or plain in _RATIO_KEYS else one_line(name, 60)


def _walk(value: Any, path: str, label: str, depth: int, left: list[int]) -> Iterator[Reading]:
    if depth > _MAX_DEPTH or left[0] <= 0:
        return
    left[0] -= 1
    if isinstance(value, Opaque):
        value = value.fields
    if isinstance(value, list):
        for item in value:
            if isinstance(item, (dict, list, Opaque)):
                yield from _walk(item, path, label, depth + 1, left)
        return
    if not isinstance(value, dict):
        return
    fields = {key.lower(): item for key, item in value.items() if isinstance(key, str)}
    label = _text(fields, _LABEL_KEYS) or label
    found = _own(fields)
    if found is not None:
        note = one_line(_text(fields, _NOTE_KEYS), 200)
        yield replace(found, label=one_line(label, 80), path=one_line(path, 80), note=note)
    for key, item in value.items():
        if isinstance(item, (dict, list, Opaque)):
            inner = path if not isinstance(key, str) or key.lower() in _ENVELOPES else f"{path} {key}".strip()
            yield from _walk(item, inner, label, depth + 1, left)


def _own(fields: dict[str, Any]) -> Reading | None:
    """The progress that a mapping's own fields tell, without label and note."""
    for total_key in _TOTAL_KEYS:
        total = _number(fields.get(total_key))
        if total is None or total <= 0:
            continue
        for key in _DONE_KEYS:
            done = _number(fields.get(key))
            if done is not None and key != total_key:
                return Reading(done, total)
    for key in _RATIO_KEYS:
        if key in fields and (found := _scalar(fields[key])) is not None:
            return found
    return None


def _scalar(value: Any) -> Reading | None:
    number = _number(value)
    if number is not None:
        return Reading(number, decimal=isinstance(value, float))
    if isinstance(value, str) and len(value) <= 40:
        if match := _PERCENT.fullmatch(value):
            return Reading(float(match[1]), 100.0)
        if (match := _PAIR.fullmatch(value)) and float(match[2]) > 0:
            return Reading(float(match[1]), float(match[2]))
    if isinstance(value, list) and len(value) == 2:
        done, total = _number(value[0]), _number(value[1])
        if done is not None and total is not None and 0 <= done <= total and total > 0:
            return Reading(done, total)
    return None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    number = float(value)
    return number if math.isfinite(number) and number >= 0 else None


def _text(fields: dict[str, Any], keys: tuple[str, ...]) -> str:
    for key in keys:
        value = fields.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return ""


@dataclass(slots=True, eq=False)
class Bar:
    """The progress of one thing. Times are on the run axis, in seconds."""

    node: str
    path: str
    label: str
    task: Task | None
    started: float
    updated: float
    done: float = 0.0
    total: float | None = None
    note: str = ""
    count: int = 0
    closed: bool = False  # the run ended, and no task tells of it
    _top: float = 0.0
    _decimal: bool = False
    _samples: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=24))

    def report(self, at: float, reading: Reading) -> None:
        """Take in a report. Going back (a retry) starts the rate anew."""
        if reading.done < self.done or reading.total != self.total:
            self._samples.clear()
        if not self._samples:
            self.started = at
        self.updated, self.done, self.total = at, reading.done, reading.total
        self.note = reading.note
        self.count += 1
        self.closed = False
        self._top = max(self._top, reading.done)
        self._decimal = self._decimal or (reading.decimal and reading.done <= 1)
        self._samples.append((at, reading.done))

    @property
    def title(self) -> str:
        """What progresses, in a few words."""
        return self.label or self.path or self.node

    @property
    def fraction(self) -> float:
        """0..1."""
        return min(1.0, self.done / self.scale)

    @property
    def scale(self) -> float:
        """What `done` reaches at the end. Values without a total are percentages, unless they have been written as
        decimal numbers and all lie within 0..1."""
        if self.total is not None:
            return self.total
        return 1.0 if self._decimal and self._top <= 1 else 100.0

    @property
    def state(self) -> BarState:
        """`done` when it is full, `stopped` when its task ended before that."""
        if self.fraction >= 1:
            return "done"
        going = not self.closed if self.task is None else self.task.open
        return "running" if going else "stopped"

    def rate(self) -> float | None:
        """`done` per second over the newest reports; None before two."""
        if len(self._samples) < 2:
            return None
        (t0, first), (t1, last) = self._samples[0], self._samples[-1]
        return (last - first) / (t1 - t0) if t1 > t0 and last > first else None

    def eta(self, now: float) -> float | None:
        """Seconds until it is full at that rate, counting down from the newest report; None if that is not known."""
        rate = self.rate()
        if rate is None or self.state != "running":
            return None
        return max(0.0, (self.scale - self.done) / rate - max(0.0, now - self.updated))


class Tracker:
    """The bars of a run, oldest first. Keeps the newest 500 that are not running, and all that are."""

    def __init__(self) -> None:
        self.bars: list[Bar] = []
        self._by_key: dict[_Key, list[Bar]] = {}
        self._by_task: dict[tuple[_Key, int], Bar] = {}

    def feed(self, at: float, event: Custom, task: Task | None) -> bool:
        """Take in a custom event (`task`: the one it came from). Returns whether it told of progress."""
        found = readings(decode(event.value), event.name)
        for reading in found:
            self._bar(at, event.node, reading, task).report(at, reading)
        return bool(found)

    def running(self) -> list[Bar]:
        """The bars that are neither full nor stopped."""
        return [bar for bar in self.bars if bar.state == "running"]

    def close(self) -> None:
        """The run ended: what came from no task in particular does not go on."""
        for bar in self.bars:
            if bar.task is None:
                bar.closed = True

    def _bar(self, at: float, node: str, reading: Reading, task: Task | None) -> Bar:
        key = (node, reading.path, reading.label)
        mine = (key, task.number if task is not None else -1)
        bar = self._by_task.get(mine)
        if bar is not None:
            return bar
        known = self._by_key.setdefault(key, [])
        bar = next((bar for bar in reversed(known) if _passed_on(bar, reading, task, at)), None)
        if bar is None:
            bar = Bar(*key, task, at, at)
            known.append(bar)
            self.bars.append(bar)
        else:
            self._by_task.pop((key, bar.task.number if bar.task is not None else -1), None)
            bar.task = task
        self._by_task[mine] = bar
        if len(self.bars) > _MAX_BARS:
            self._drop()
        return bar

    def _drop(self) -> None:
        for bar in self.bars:
            if bar.state != "running":
                key = (bar.node, bar.path, bar.label)
                self.bars.remove(bar)
                self._by_key[key].remove(bar)
                if not self._by_key[key]:
                    del self._by_key[key]
                self._by_task.pop((key, bar.task.number if bar.task is not None else -1), None)
                return


def _passed_on(bar: Bar, reading: Reading, task: Task | None, at: float) -> bool:
    """Whether another task goes on with a bar: its own task had ended, and either the count goes on (a loop that
    reports how far it is) or a later superstep begins it again. Tasks of one superstep have a bar each."""
    before = bar.task
    if before is None or task is None or before.ended is None or before.ended > at:
        return False
    if before.step == task.step and before.invocation == task.invocation and before.ns == task.ns:
        return reading.done >= bar.done and reading.total == bar.total and bar.fraction < 1
    return True
