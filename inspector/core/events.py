"""What happens in a run, one frozen dataclass per thing that happens, and their wire form.

Everything the inspector shows comes from a sequence of these events, live or recorded. `t` is always in seconds
since the run (the invocation) began, on the debuggee's monotonic clock. `ns` is a checkpoint namespace as a tuple of
`node:task_id` segments, `()` at the root graph. Fields named `input`, `output`, `writes`, `value` hold *packed values*:
bounded msgpack previews made by the debuggee, decoded only when somebody looks (`inspector.core.values.decode`).

On the link an event is a list `[code, field, field, ...]`, fields in the order of the class (`to_wire`, `from_wire`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, ClassVar, Literal, TypeAlias

Packed: TypeAlias = bytes
Namespace: TypeAlias = tuple[str, ...]
TaskStatus: TypeAlias = Literal["ok", "error", "interrupted", "cancelled"]
SpanType: TypeAlias = Literal["model", "tool", "retriever", "chain", "graph"]
SpanStatus: TypeAlias = Literal["ok", "error", "interrupted", "cancelled"]
RunStatus: TypeAlias = Literal["done", "interrupted", "paused", "error", "cancelled"]
TokenKind: TypeAlias = Literal["text", "reasoning", "tool_call"]
HoldKind: TypeAlias = Literal["before", "after", "error", "tool", "model"]

NOTHING: Packed = b"\xc0"  # msgpack nil


@dataclass(frozen=True, slots=True)
class Failure:
    """An exception of the user's code: class name, `str()`, and a traceback trimmed to the user's frames."""

    type: str
    message: str
    traceback: str = ""

    def __str__(self) -> str:
        return f"{self.type}: {self.message}" if self.message else self.type


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call, as the provider reported them (`AIMessage.usage_metadata`)."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The graph was invoked. `at` is the wall clock (Unix seconds); `resumed`: a resume, not a new input."""

    kind: ClassVar[str] = "run_started"
    t: float
    run: str
    thread: str
    graph: str
    at: float
    input: Packed = NOTHING
    resumed: bool = False


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A superstep was committed (or, first after a resume, the checkpoint that it goes on from).

    `tasks` are the `(task id, node)` pairs that come next, `next` their nodes alone.
    """

    kind: ClassVar[str] = "checkpoint"
    t: float
    ns: Namespace
    id: str
    parent: str | None
    step: int
    source: str
    next: tuple[str, ...]
    tasks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class TaskStarted:
    """A task began. `parent` is the task of the enclosing node (subgraph or `@task` call), None at the top; `span` the
    inner graph call (a span of that task) whose node it is, where that is known."""

    kind: ClassVar[str] = "task_started"
    t: float
    ns: Namespace
    task: str
    node: str
    step: int
    triggers: tuple[str, ...] = ()
    parent: str | None = None
    input: Packed = NOTHING
    metadata: Packed = NOTHING
    span: str | None = None


@dataclass(frozen=True, slots=True)
class TaskRetried:
    """A retry policy runs the task again. `attempt` counts from 1 (so the first retry says 2)."""

    kind: ClassVar[str] = "task_retried"
    t: float
    task: str
    attempt: int
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class TaskEnded:
    """A task ended. `writes` maps channels to what the task wrote; `cached`: its writes came from a cache or an
    earlier run of the same superstep, the node did not execute."""

    kind: ClassVar[str] = "task_ended"
    t: float
    ns: Namespace
    task: str
    node: str
    status: TaskStatus
    error: Failure | None = None
    writes: Packed = NOTHING
    cached: bool = False
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class SpanStarted:
    """A model, tool, retriever, chain or inner graph began inside a task.

    `detail` says what the type alone does not (`prompt`, `parser`, `llm`); `model` is the model's name where the
    callback metadata knows it (`ls_model_name`), `provider` likewise; `call_id` is the tool call id.
    """

    kind: ClassVar[str] = "span_started"
    t: float
    span: str
    parent: str | None
    type: SpanType
    name: str
    task: str | None
    input: Packed = NOTHING
    detail: str = ""
    model: str = ""
    provider: str = ""
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class SpanEnded:
    """A span ended. For a model, `model` is what the response says it was; `calls` the tool call ids it asked for.
    `interrupted`: an interrupt inside it waits for an answer. A span that hands over to another agent (a `Command` to
    the parent graph) is `ok`, with the command as its output."""

    kind: ClassVar[str] = "span_ended"
    t: float
    span: str
    status: SpanStatus
    output: Packed = NOTHING
    error: Failure | None = None
    usage: Usage | None = None
    model: str = ""
    call_id: str = ""
    calls: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A chunk of a model's stream. For `tool_call`, `text` is a piece of the JSON arguments; the first piece of a
    call carries `name` and `call_id`, the rest are joined to it by `index`."""

    kind: ClassVar[str] = "token"
    t: float
    span: str
    type: TokenKind
    text: str
    index: int = 0
    name: str = ""
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Custom:
    """A custom event: from the stream writer (`name` empty), `dispatch_custom_event(name, ...)`, or a part of a tool's
    result that it sent ahead (`tool-output-delta`, with `tool_call_id` and `delta`)."""

    kind: ClassVar[str] = "custom"
    t: float
    ns: Namespace
    task: str | None
    node: str
    name: str
    value: Packed


@dataclass(frozen=True, slots=True)
class Log:
    """A line of output. `stream`: `stdout`, `stderr`, `logging`, `warnings`, or `inspector` for our own remarks."""

    kind: ClassVar[str] = "log"
    t: float
    stream: str
    text: str
    level: str = ""
    logger: str = ""
    task: str | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The graph asks a question and waits: a dynamic `interrupt(value)`."""

    kind: ClassVar[str] = "interrupt"
    t: float
    id: str
    ns: Namespace
    task: str
    node: str
    value: Packed
    schema: Packed = NOTHING


@dataclass(frozen=True, slots=True)
class Blocked:
    """The watchdog: something has held the event loop for `seconds`, at `where` (`file:line in function`).
    `seconds` 0 says the loop answers again."""

    kind: ClassVar[str] = "blocked"
    t: float
    seconds: float
    where: str = ""
    task: str | None = None
    node: str = ""


@dataclass(frozen=True, slots=True)
class StreamCount:
    """What a `stream_mode` would have sent so far in this run. Cumulative; `exact` is False where `bytes` is an
    estimate from sampled chunks."""

    kind: ClassVar[str] = "stream"
    t: float
    mode: str
    chunks: int
    bytes: int
    exact: bool = True


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The invocation ended. `next`: nodes that would run if it were continued."""

    kind: ClassVar[str] = "run_ended"
    t: float
    status: RunStatus
    next: tuple[str, ...] = ()
    error: Failure | None = None
    output: Packed = NOTHING


@dataclass(frozen=True, slots=True)
class Held:
    """Something waits to be released, and has not executed: a task `before` it runs, `after` it ran and before its
    writes are committed, or when it raised (`error`); a `tool` or `model` call before it is made. The rest runs on.

    `value` is the task's input, its writes, the call's arguments or its prompt. `reason` says what stopped it (`step`,
    `pause`, `breakpoint`), `breakpoint` is the id of that breakpoint, `note` a sentence where there is more to say (a
    condition that raised, the key that changed). `name` is the tool's or model's.
    """

    kind: ClassVar[str] = "held"
    t: float
    id: str
    what: HoldKind
    ns: Namespace
    task: str | None
    node: str
    step: int
    reason: str
    name: str = ""
    value: Packed = NOTHING
    breakpoint: str = ""
    note: str = ""
    call_id: str = ""
    error: Failure | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """What was held goes on. `how`: `go`, `edit` (with other arguments), `answer` (with a result of the developer's,
    the call is not made), `fail` (with an error of the developer's), `cancel` (the run ends)."""

    kind: ClassVar[str] = "released"
    t: float
    id: str
    how: str


Event: TypeAlias = (
    RunStarted
    | CheckpointSaved
    | TaskStarted
    | TaskRetried
    | TaskEnded
    | SpanStarted
    | SpanEnded
    | Token
    | Custom
    | Log
    | Interrupted
    | Blocked
    | StreamCount
    | RunEnded
    | Held
    | Released
)

# Codes are part of the recording format: append, never renumber.
CLASSES: tuple[type[Event], ...] = (
    RunStarted, CheckpointSaved, TaskStarted, TaskRetried, TaskEnded, SpanStarted, SpanEnded, Token, Custom, Log,
    Interrupted, Blocked, StreamCount, RunEnded, Held, Released,
)  # fmt: skip


def _failure(raw: Any) -> Failure | None:
    return None if raw is None else Failure(**raw)


def _usage(raw: Any) -> Usage | None:
    return None if raw is None else Usage(**raw)


def _pairs(raw: Any) -> tuple[tuple[str, str], ...]:
    return tuple((a, b) for a, b in raw)


_REVIVE: dict[str, Callable[[Any], Any]] = {
    "ns": tuple, "next": tuple, "triggers": tuple, "calls": tuple, "tasks": _pairs, "error": _failure, "usage": _usage,
}  # fmt: skip

_GETTERS: dict[type, Callable[[Any], tuple[Any, ...]]] = {
    cls: attrgetter(*(f.name for f in fields(cls))) for cls in CLASSES
}
_CODES: dict[type, int] = {cls: code for code, cls in enumerate(CLASSES)}
_REVIVERS: tuple[tuple[tuple[int, Callable[[Any], Any]], ...], ...] = tuple(
    tuple((i, _REVIVE[f.name]) for i, f in enumerate(fields(cls)) if f.name in _REVIVE) for cls in CLASSES
)


def to_wire(event: Event) -> tuple[Any, ...]:
    """`(code, *fields)`: what a msgpack encoder that knows dataclasses (ormsgpack) takes as it is."""
    cls = type(event)
    return (_CODES[cls], *_GETTERS[cls](event))


def from_wire(raw: Sequence[Any]) -> Event:
    """The event of `[code, *fields]`. Fields that a newer debuggee added at the end are ignored, fields that an
    older one did not know take their defaults. Raises `IndexError` or `TypeError` on something else."""
    code = raw[0]
    cls = CLASSES[code]
    args = list(raw[1 : 1 + _ARITY[code]])
    for i, revive in _REVIVERS[code]:
        if i < len(args):
            args[i] = revive(args[i])
    event: Event = cls(*args)
    return event


_ARITY: tuple[int, ...] = tuple(len(fields(cls)) for cls in CLASSES)
