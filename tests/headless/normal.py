"""Headless lines of a run in a form that is the same from run to run: the golden files are written in it.

Lines are laid out as what they tell is nested: a graph's checkpoints in order, before each the tasks of its superstep;
in a task its spans, the graph that it calls, its `@task` calls. What runs side by side may be told in any order, and
stands in the order in which LangGraph planned it; in each task, span and graph the order is the one in which the lines
came. `in_order` asserts what of the order between them holds. Set apart: logs, which are told at once while all else
waits in a subscription, stand behind the start of their task; what graphs send from several tasks at once is grouped
by what it says, numbers aside.

Ids become `task-1`, `span-1`, ... as they appear; `seq`, times, sizes and the directories of files are left out; the
tokens of a span that follow each other are one line, which says how many they were.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

Line = dict[str, Any]
Lane = tuple[str, Any]  # ("task", id), ("span", id) or ("graph", namespace)

_IDS = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|\b(?:call_[0-9a-f]{12}|msg_[0-9a-f]{16})\b"
)
_FILES = re.compile(r'File "[^"]*/([^"/]+)", line \d+')
_MARKERS = re.compile(r"\n[ ~^]*(?=\n|$)")  # under the source lines of a traceback; not the same in every Python
_NUMBERS = re.compile(r"\d+")
_ROOT: Lane = ("graph", ())


def normal(lines: Sequence[Line]) -> list[str]:
    """The lines of one run as JSON texts, normalised."""
    laid_out = list(_Layout(lines).all())
    assert sorted(line["seq"] for line in laid_out) == [line["seq"] for line in lines], "each line has its place"
    names = _Names(lines)
    return [names.named(json.dumps(_kept(line), ensure_ascii=False)) for line in _joined(laid_out)]


def in_order(lines: Sequence[Line]) -> None:
    """What happens in a task or span is told between its start and its end; and the tasks of a superstep end before
    those of the next begin, by their times."""
    begun: dict[Lane, Line] = {}
    ended: dict[Lane, Line] = {}
    for line in lines:
        if line["kind"].endswith("_started"):
            begun[_lane(line)] = line
        elif line["kind"] in ("task_ended", "span_ended"):
            ended[_lane(line)] = line
    for line in lines:
        for lane in _around(line):
            if line["kind"] != "log":
                assert begun[lane]["seq"] <= line["seq"] <= ended[lane]["seq"], line
    tasks = [line for line in lines if line["kind"] == "task_started"]
    for before in tasks:
        for after in tasks:
            if before["ns"] == after["ns"] and before["step"] < after["step"]:
                assert ended["task", before["task"]]["t"] <= after["t"], (before["node"], after["node"])


def _lane(line: Line) -> Lane:
    """What a line belongs to."""
    if line["kind"] in ("span_started", "span_ended", "token"):
        return "span", line["span"]
    if line.get("task"):
        return "task", line["task"]
    return "graph", tuple(line.get("ns", ()))


def _around(line: Line) -> Iterator[Lane]:
    """The tasks and the span that a line happens in, as far as it names them."""
    for segment in line.get("ns", ()):
        yield "task", segment.rpartition(":")[2]
    for kind in ("task", "span"):
        if line.get(kind):
            yield kind, line[kind]
    if line.get("parent") and line["kind"] in ("task_started", "span_started"):
        yield line["kind"].removesuffix("_started"), line["parent"]


class _Layout:
    """The lines of a run, by what they belong to, and the order in which they are laid out."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._own: defaultdict[Lane, list[Line]] = defaultdict(list)
        self._inside: defaultdict[Lane, list[Lane]] = defaultdict(list)  # the lanes in a lane, as they began
        self._begun: dict[Lane, Line] = {}
        for line in lines:
            self._own[_lane(line)].append(line)
        for lane, own in self._own.items():
            starts = [line for line in own if line["kind"].endswith("_started")]  # a log may be before it
            self._begun[lane] = starts[0] if starts and lane != _ROOT else own[0]
        for lane in sorted(self._own, key=lambda lane: int(self._begun[lane]["seq"])):
            if lane != _ROOT:
                self._inside[self._outer(lane, self._begun[lane])].append(lane)
        for lane in [lane for lane in self._inside if lane[0] == "task"]:
            graphs = [span for span in self._inside[lane] if self._begun[span].get("type") == "graph"]
            if graphs:  # what runs in a graph that a task called stands in the span of that call
                [span] = graphs
                inner = [each for each in self._inside[lane] if each[0] == "graph"]
                self._inside[lane] = [each for each in self._inside[lane] if each not in inner]
                self._inside[span] += inner

    def _outer(self, lane: Lane, line: Line) -> Lane:
        kind, id = lane
        if kind == "graph":
            return "task", id[-1].rpartition(":")[2]
        if kind == "span":
            return ("span", line["parent"]) if line["parent"] else ("task", line["task"]) if line["task"] else _ROOT
        path = [segment.rpartition(":")[2] for segment in line.get("ns", ())]
        is_call = line.get("parent") and (not path or line["parent"] != path[-1])
        return ("task", line["parent"]) if is_call else ("graph", tuple(line.get("ns", ())))

    def all(self) -> Iterator[Line]:
        first, *rest, last = self._own[_ROOT]
        self._own[_ROOT] = rest
        yield first
        yield from self._graph(_ROOT)
        yield last

    def _lane(self, lane: Lane) -> Iterator[Line]:
        return self._graph(lane) if lane[0] == "graph" else self._span(lane) if lane[0] == "span" else self._task(lane)

    def _graph(self, lane: Lane) -> Iterator[Line]:
        """Checkpoints, and before each one what ran in the superstep that it commits."""
        planned: list[str] = []
        tasks = list(self._inside[lane])
        told: list[Line] = []
        for line in [*self._own[lane], None]:
            if line is not None and line["kind"] != "checkpoint":
                told.append(line)
                continue
            now = [task for task in tasks if line is None or self._begun[task]["step"] <= line["step"]]
            tasks = [task for task in tasks if task not in now]
            for task in sorted(now, key=lambda task: planned.index(task[1]) if task[1] in planned else -1):
                yield from self._lane(task)
            yield from sorted(told, key=_said)
            told = []
            if line is not None:
                planned = [id for id, _ in line["tasks"]]
                yield line

    def _task(self, lane: Lane) -> Iterator[Line]:
        """Its start, what it logged, what it did, its end."""
        start = self._begun[lane]
        own = [line for line in self._own[lane] if line is not start]
        logs = [line for line in own if line["kind"] == "log" and line["stream"] != "inspector"]
        end = [line for line in own if line["kind"] == "task_ended"]
        inner = [(self._begun[each]["seq"], list(self._lane(each))) for each in self._inside[lane] if each[0] != "task"]
        inner += [(line["seq"], [line]) for line in own if line not in logs and line not in end]
        yield start
        yield from logs
        for _, lines in sorted(inner, key=lambda each: each[0]):
            yield from lines
        calls = [each for each in self._inside[lane] if each[0] == "task"]
        nodes = list(dict.fromkeys(self._begun[call]["node"] for call in calls))
        for call in sorted(calls, key=lambda call: (nodes.index(self._begun[call]["node"]), self._input(call))):
            yield from self._task(call)
        yield from end

    def _span(self, lane: Lane) -> Iterator[Line]:
        start, *own = self._own[lane]
        yield start
        yield from own[:-1]
        for each in self._inside[lane]:
            yield from self._lane(each)
        yield from own[-1:]

    def _input(self, lane: Lane) -> str:
        return _IDS.sub("", json.dumps(self._begun[lane]["input"]))


def _said(line: Line) -> str:
    """What a line says but for numbers: of the same words, the order in which they came is kept."""
    return _NUMBERS.sub("", json.dumps(line["value"])) if line["kind"] == "custom" else ""


def _joined(lines: Sequence[Line]) -> Iterator[Line]:
    """The tokens of one span and kind that follow each other as one line, with their number."""
    held: Line | None = None
    for line in lines:
        if held is not None and line["kind"] == "token" and _stream(line) == _stream(held):
            held["chunks"] += 1
            if "tool_call" in held:
                call, more = held["tool_call"], line["tool_call"]
                held["tool_call"] = {**call, "args": call["args"] + more["args"]}
                assert (more["name"] or call["name"], more["id"] or call["id"]) == (call["name"], call["id"])
            else:
                [key] = {"text", "reasoning"} & set(line)
                held[key] += line[key]
            continue
        if held is not None:
            yield held
            held = None
        if line["kind"] == "token":
            held = {**line, "chunks": 1}
        else:
            yield line
    if held is not None:
        yield held


def _stream(line: Line) -> tuple[Any, ...]:
    call = line.get("tool_call")
    return line["span"], "text" in line, "reasoning" in line, call and call["index"]


def _kept(line: Line) -> Line:
    line = {key: value for key, value in line.items() if key not in ("seq", "t", "at", "duration")}
    if line.get("error"):
        traceback = _MARKERS.sub("", _FILES.sub(r'File "\1"', line["error"]["traceback"]))
        line["error"] = {**line["error"], "traceback": traceback}
    if "streams" in line:
        line["streams"] = {mode: counts["chunks"] for mode, counts in line["streams"].items()}
    return line


class _Names:
    """Stable names for ids, numbered as they appear."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._kinds: dict[str, str] = {}
        self._names: dict[str, str] = {}
        self._counts: defaultdict[str, int] = defaultdict(int)
        for line in lines:
            for kind in ("run", "task", "span"):
                if line.get(kind):
                    self._kinds[line[kind]] = kind
            if line["kind"] in ("checkpoint", "interrupt"):
                self._kinds[line["id"]] = line["kind"]
            for id, _ in line.get("tasks", ()):
                self._kinds[id] = "task"

    def named(self, text: str) -> str:
        return _IDS.sub(lambda match: self._name(match[0]), text)

    def _name(self, id: str) -> str:
        if id not in self._names:
            kind = self._kinds.get(id) or ("call" if id.startswith("call_") else "message")
            self._counts[kind] += 1
            self._names[id] = f"{kind}-{self._counts[kind]}"
        return self._names[id]
