"""What each `stream_mode` of LangGraph would have sent for this run: chunks and bytes.

Counted is what `graph.astream(input, stream_mode=X)` sends, with `subgraphs=False` as is the default: the chunks of the
root graph. Chunks are exact, for graphs that end, fail, are interrupted or resumed alike. Where they come from:

- `tasks`, `checkpoints`, `custom`: the subscription. `debug` wraps the first two, chunk for chunk.
- `values`, `updates`: LangGraph hands them to the stream of an enclosing graph (`CONFIG_KEY_STREAM`). `enclosing` is
  such a stream: the chunks are counted where they are made and go nowhere.
- `messages`: LangGraph's handler for it would cost as much as a subscription. `MessagesMode` follows its rules from
  the callbacks that the probe gets anyway.

Bytes are those of LangGraph's own encoding of each chunk, measured as long as that has cost less than a fiftieth of the
run so far; the rest is extrapolated, and said to be. Of messages one in 32 is measured.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Any

from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk

from inspector.core.events import Event, Namespace, StreamCount
from inspector.debuggee.places import HIDDEN, graph_of, segments, task_of

SHARE = 0.02  # of the run's time that measuring may take
EVERY = 0.5  # seconds between reports
SAMPLE = 32  # messages of which one is measured
_NOSTREAM = "nostream"  # the tag of models that are kept out of `messages`


class _Mode:
    __slots__ = ("bytes", "chunks", "measured", "sent")

    def __init__(self) -> None:
        self.chunks = 0
        self.measured = 0  # chunks whose bytes were measured
        self.bytes = 0  # of those
        self.sent = -1

    @property
    def estimate(self) -> int:
        return self.bytes if self.measured in (0, self.chunks) else self.bytes * self.chunks // self.measured


class StreamCounter:
    """Counts for one invocation. Reports each mode as a cumulative `StreamCount`, twice a second and at the end."""

    MODES = ("values", "updates", "messages", "custom", "tasks", "checkpoints", "debug")

    def __init__(self, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._emit = emit
        self._now = now
        self._modes = {mode: _Mode() for mode in self.MODES}
        self._messages = self._modes["messages"]
        self._spent = 0.0
        self._reported = 0.0
        self._size = _sizer()
        self._wrapper = {kind: (self._size(_debug(kind)) or 1) - 1 for kind in ("task", "task_result", "checkpoint")}
        self._lock = threading.Lock()  # models in synchronous nodes stream on threads of their own

    def enclosing(self, checkpoint: Callable[[Namespace, dict[str, Any]], None]) -> dict[str, Any]:
        """What goes into `config["configurable"]`, so that the graph tells its `values` and `updates`; and, of whatever
        graph, each checkpoint as it is made, ahead of the tasks that follow."""
        try:
            from langgraph._internal._constants import CONFIG_KEY_STREAM
            from langgraph.pregel.protocol import StreamProtocol
        except ImportError:  # another LangGraph: these two modes are not reported
            del self._modes["values"], self._modes["updates"]
            return {}

        def made(chunk: Any) -> None:
            ns, mode, payload = chunk
            if mode == "checkpoints":
                checkpoint(ns, payload)
            elif not ns:
                self._count(payload, mode)

        return {CONFIG_KEY_STREAM: StreamProtocol(made, {"values", "updates", "checkpoints"})}

    def chunk(self, mode: str, payload: Any) -> None:
        """A chunk of the root graph, from the subscription."""
        if mode == "tasks":
            self._count(payload, mode, "task_result" if "result" in payload else "task")
        elif mode == "checkpoints":
            self._count(payload, mode, "checkpoint")
        elif mode == "custom":
            self._count(payload, mode)

    def _count(self, payload: Any, mode: str, wrapped: str = "") -> None:
        size: int | None = None
        began = perf_counter()
        if self._spent <= self._now() * SHARE + 0.005:
            size = self._size(payload)
            self._spent += perf_counter() - began
        self._add(self._modes[mode], size)
        if wrapped:
            self._add(self._modes["debug"], None if size is None else size + self._wrapper[wrapped])
        if self._now() - self._reported >= EVERY:
            self.report()

    def _add(self, mode: _Mode, size: int | None) -> None:
        mode.chunks += 1
        if size is not None:
            mode.measured += 1
            mode.bytes += size

    def message(self, message: Any, metadata: dict[str, Any]) -> None:
        """A chunk of `messages`. The hot path, on any thread: every chunk is counted, one in `SAMPLE` is measured."""
        mode = self._messages
        with self._lock:
            mode.chunks += 1
            sampled = mode.chunks % SAMPLE == 1
        if sampled:
            size = self._size((message, metadata))
            if size is not None:
                with self._lock:
                    mode.measured += 1
                    mode.bytes += size
            if self._now() - self._reported >= EVERY:
                self.report()

    def report(self) -> None:
        """Send what changed since the last report."""
        self._reported = self._now()
        for name, mode in self._modes.items():
            if mode.chunks != mode.sent:
                mode.sent = mode.chunks
                exact = mode.measured == mode.chunks
                self._emit(StreamCount(self._reported, name, mode.chunks, mode.estimate, exact))

    def close(self) -> None:
        """The run is over: every mode is reported, those that sent nothing too."""
        for mode in self._modes.values():
            mode.sent = -1
        self.report()


class MessagesMode:
    """What `stream_mode="messages"` sends: the chunks of chat models, and the messages in what nodes return that are
    not yet known from their input or from a model. The rules are those of LangGraph 1.2's `StreamMessagesHandler`,
    except that nothing is written into the user's messages and metadata.

    Its methods are called by the probe, in place, on whatever thread a callback comes.
    """

    def __init__(self, send: Callable[[Any, dict[str, Any]], None], foreign: set[str]) -> None:
        self._send = send
        self._foreign = foreign  # tasks of graphs on threads of their own, which are not streamed
        self._open: dict[Any, dict[str, Any]] = {}  # run -> the metadata its messages are sent with
        self._seen: set[str] = set()
        self._nameless: dict[int, BaseMessage] = {}  # sent messages that have no id, by identity

    def _is_of_root(self, metadata: dict[str, Any]) -> bool:
        path = segments(metadata)
        return bool(path) and not graph_of(path, metadata) and task_of(path) not in self._foreign

    def model_started(self, run: Any, tags: Sequence[str] | None, metadata: dict[str, Any]) -> None:
        """A chat model began."""
        if _NOSTREAM not in (tags or ()) and self._is_of_root(metadata):
            self._open[run] = metadata

    def token(self, run: Any, chunk: Any) -> None:
        """A model sent a chunk."""
        metadata = self._open.get(run)
        if metadata is not None and isinstance(chunk, ChatGenerationChunk):
            if chunk.message.id is not None:
                self._seen.add(chunk.message.id)
            self._send(chunk.message, metadata)

    def model_ended(self, run: Any, response: Any) -> None:
        """A model ended: one that did not stream sends its message now."""
        metadata = self._open.pop(run, None)
        if metadata is not None and response.generations and response.generations[0]:
            generation = response.generations[0][0]
            if isinstance(generation, ChatGeneration):
                self._send_new(generation.message, metadata)

    def chain_started(
        self, run: Any, name: str, tags: Sequence[str] | None, metadata: dict[str, Any], input: Any
    ) -> None:
        """A chain began; if it is a node, the messages that it is given are known."""
        if name == metadata.get("langgraph_node") and HIDDEN not in (tags or ()) and self._is_of_root(metadata):
            self._open[run] = metadata
            for message in _messages_in(_fields(input)):
                if message.id is not None:
                    self._seen.add(message.id)

    def chain_ended(self, run: Any, output: Any) -> None:
        """A chain ended; if it is a node, the new messages in what it returned are sent."""
        metadata = self._open.pop(run, None)
        if metadata is None:
            return
        several = isinstance(output, Sequence) and any(_is_command(value) for value in output)
        for value in output if several else (output,):
            for message in _returned(value.update if _is_command(value) else value):
                self._send_new(message, metadata)

    def failed(self, run: Any) -> None:
        """A model or a chain raised."""
        self._open.pop(run, None)

    def _send_new(self, message: BaseMessage, metadata: dict[str, Any]) -> None:
        if message.id is None:
            if id(message) in self._nameless:
                return
            self._nameless[id(message)] = message
        elif message.id in self._seen:
            return
        else:
            self._seen.add(message.id)
        self._send(message, metadata)


def _returned(value: Any) -> Iterator[BaseMessage]:
    """The messages in what a node returned, or in the update of a command."""
    if isinstance(value, BaseMessage):
        yield value
    elif isinstance(value, Sequence):
        yield from (item for item in value if isinstance(item, BaseMessage))
    else:
        yield from _messages_in(_fields(value))


def _messages_in(values: Sequence[Any]) -> Iterator[BaseMessage]:
    for value in values:
        if isinstance(value, BaseMessage):
            yield value
        elif isinstance(value, Sequence) and not isinstance(value, str):
            yield from (item for item in value if isinstance(item, BaseMessage))


def _fields(value: Any) -> Sequence[Any]:
    """The top-level values of a state: a mapping, a pydantic model or a dataclass."""
    if isinstance(value, dict):
        return list(value.values())
    fields = getattr(type(value), "__pydantic_fields__", None)
    if isinstance(fields, dict):
        return [getattr(value, name, None) for name in fields]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name, None) for field in dataclasses.fields(value)]
    return ()


def _is_command(value: Any) -> bool:
    return type(value).__name__ == "Command" and hasattr(value, "update")


def _debug(kind: str) -> dict[str, Any]:
    """How `debug` wraps a chunk of `tasks` or `checkpoints`, around nothing."""
    return {"step": 1, "timestamp": "2026-01-01T00:00:00.000000+00:00", "type": kind, "payload": None}


def _sizer() -> Callable[[Any], int | None]:
    """The length of a value in LangGraph's own encoding; None for one that has none."""
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    dumps = JsonPlusSerializer().dumps_typed

    def size(value: Any) -> int | None:
        try:
            return len(dumps(value)[1])
        except Exception:
            return None

    return size
