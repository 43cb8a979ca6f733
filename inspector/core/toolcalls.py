"""Tool calls as rows: those that run or ran, and those that a model has only asked for so far.

A call that a model streams appears while its arguments come in, and turns into the call itself when the tool begins:
the row stays where it is. The two are joined by the tool call id, or by name where a provider gives none.
"""

from __future__ import annotations

from bisect import insort
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from inspector.core.events import Failure
from inspector.core.messages import ToolCall, as_message
from inspector.core.nodes import Span, Status
from inspector.core.run import Run
from inspector.core.tokens import Segment
from inspector.core.values import decode

CallStatus: TypeAlias = Status | Literal["asked", "asking", "never"]

_NAMELESS = 200  # asked calls without an id that are remembered, to be told by their names


class Call:
    """One row. `span` is the tool's execution, None while it has not begun; `model` the call that asked for it."""

    __slots__ = ("attempt", "error", "model", "number", "said", "segment", "span")

    def __init__(self, number: int, *, span: Span | None = None, model: Span | None = None) -> None:
        self.number = number
        self.span = span
        self.model = model
        self.segment: Segment | None = None  # what the model streams of it
        self.said: ToolCall | None = None  # what the model's message says of it, if it did not stream
        self.attempt = 1
        self.error = ""  # why it failed: what the tool raised, or a result that says it is an error

    @property
    def name(self) -> str:
        if self.span is not None:
            return self.span.name
        return self.said.name if self.said is not None else self.segment.name if self.segment is not None else ""

    @property
    def id(self) -> str:
        if self.span is not None and self.span.call_id:
            return self.span.call_id
        return self.said.id if self.said is not None else self.segment.call_id if self.segment is not None else ""

    @property
    def node(self) -> Span | None:
        """What stands for the row elsewhere: the tool's span, else the model's."""
        return self.span or self.model


class ToolCalls:
    """The tool calls of a run, in the order in which they were asked for or began. `sync` brings it up to date and
    costs what is new, plus what is still going on."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.rows: list[Call] = []
        self.failed: list[int] = []  # indices of the rows whose tool failed
        self._tools = 0
        self._models = 0
        self._streaming: dict[Span, int] = {}  # open model calls, and how many of their segments are known
        self._open: list[int] = []
        self._asked: dict[str, Call] = {}  # by call id: asked for, and not begun
        self._nameless: list[Call] = []  # asked for, not begun, and without an id so far
        self._begun: dict[str, int] = {}  # call id -> how often it has begun

    def sync(self) -> bool:
        """Take in what is new. Returns whether anything is still going on."""
        run = self.run
        for model in list(self._streaming):
            self._stream(model)
        # In the order in which they began, also when a whole run is taken in at once.
        for span in sorted((*run.models[self._models :], *run.tools[self._tools :]), key=lambda span: span.number):
            if span.type == "model":
                self._streaming[span] = 0
                self._stream(span)
            else:
                self._begin(span)
        self._models, self._tools = len(run.models), len(run.tools)
        self._close()
        return bool(self._open or self._streaming)

    def status(self, call: Call) -> CallStatus:
        """Where the call stands: the tool's status; before it has begun `asking` (the model is still at it), `asked`,
        or `never` (the run is over)."""
        if call.span is not None:
            return "error" if call.error else call.span.status
        if call.model is not None and call.model.open:
            return "asking"
        return "asked" if self.run.phase in ("running", "interrupted", "paused") else "never"

    def _stream(self, model: Span) -> None:
        stream = model.tokens
        segments = stream.segments if stream is not None else []
        known = self._streaming[model]
        for segment in segments[known:]:
            if segment.type == "tool_call":
                call = self._add(Call(len(self.rows), model=model))
                call.segment = segment
                if segment.call_id:
                    self._asked[segment.call_id] = call
                else:
                    self._nameless.append(call)
        self._streaming[model] = len(segments)
        del self._nameless[:-_NAMELESS]
        for call in [call for call in self._nameless if call.id]:
            self._nameless.remove(call)
            self._asked[call.id] = call
        if not model.open:
            del self._streaming[model]
            self._unstreamed(model)

    def _unstreamed(self, model: Span) -> None:
        """The calls that only a finished message tells of."""
        missing = [id for id in model.calls if id and id not in self._asked and id not in self._begun]
        if not missing:
            return
        message = as_message(decode(model.output))
        for said in message.tool_calls if message is not None else ():
            if said.id in missing:
                call = self._add(Call(len(self.rows), model=model))
                call.said = said
                self._asked[said.id] = call

    def _begin(self, span: Span) -> None:
        call = self._asked.pop(span.call_id, None) if span.call_id else self._by_name(span)
        if call is None:
            call = self._add(Call(len(self.rows), span=span, model=self.run.asked_by.get(span.call_id)))
        call.span = span
        if span.call_id:
            call.attempt = self._begun[span.call_id] = self._begun.get(span.call_id, 0) + 1
        self._open.append(call.number)

    def _by_name(self, span: Span) -> Call | None:
        for call in reversed(self._nameless):
            if call.name == span.name:
                self._nameless.remove(call)
                return call
        return None

    def _add(self, call: Call) -> Call:
        self.rows.append(call)
        return call

    def _close(self) -> None:
        still: list[int] = []
        for number in self._open:
            call = self.rows[number]
            span = call.span
            if span is None or span.open:
                still.append(number)
            elif error := _error(span):
                call.error = error
                insort(self.failed, number)
        self._open = still


def _error(span: Span) -> str:
    if span.status == "error":
        return short(span.error) if span.error is not None else "failed"
    message = as_message(decode(span.output)) if span.status == "ok" else None
    return message.text or "error" if message is not None and message.status == "error" else ""


def short(failure: Failure) -> str:
    """`TimeoutError: no answer`: the class without its module."""
    return str(replace(failure, type=failure.type.rpartition(".")[2]))


def arguments(call: Call) -> Any:
    """What the tool was given, as an inert value; the beginning of the JSON text while a model still writes it."""
    if call.span is not None:
        value = decode(call.span.input)
        if isinstance(value, dict) and set(value) == {"input"}:
            value = value["input"]
        return value
    if call.said is not None:
        return call.said.args
    return call.segment.text if call.segment is not None else None
