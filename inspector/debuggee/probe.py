"""The callback handler that runs inside the graph, before each node, model, tool and retriever.

The subscription's events pass through a queue that the consumer reads when the loop is free; a node that blocks the
loop at once would show as running only after it is done. This handler is called in place, so the start of everything
is noted, with its true time, before it executes. It also sees what v2 has no event for: errors of chains, models and
retrievers. Its methods are plain functions that only take notes, safe on any thread: sync nodes call them on workers.
"""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Self

from langchain_core.callbacks import AsyncCallbackManager, BaseCallbackHandler
from langgraph.pregel import Pregel

from inspector.debuggee.normalise import Normaliser
from inspector.debuggee.streams import MessagesMode

CATCH_UP = 0.02  # seconds that tokens of a failed call get to arrive before its error is told
_GRAPH_CALLS = frozenset(inspect.unwrap(method).__code__ for method in (Pregel.stream, Pregel.astream))


class Probe(BaseCallbackHandler):
    """Notes starts, ends and errors for the normaliser.

    A second handler costs a model's every token some ten microseconds, so this one takes no part in them: what it
    wants to know of tokens, ends and errors of models it hears from the subscription's own handler (`tap`).
    """

    raise_error = False
    run_inline = True
    ignore_llm = True

    def __init__(self, normaliser: Normaliser, loop: asyncio.AbstractEventLoop) -> None:
        self._normaliser = normaliser
        self._loop = loop
        self._messages = MessagesMode(normaliser.streams.message, normaliser.foreign)

    def _failed(self, run: Any, error: BaseException, parent: Any) -> None:
        self._messages.failed(run)
        self._normaliser.failed(str(run), error, str(parent) if parent is not None else None)
        try:
            self._loop.call_soon_threadsafe(self._loop.call_later, CATCH_UP, self._normaliser.settle_failures)
        except RuntimeError:
            pass  # the loop is closed: a thread that outlived its run

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: Any, parent_run_id: Any = None, tags: Any = None,
        metadata: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if parent_run_id is not None and metadata and "langgraph_checkpoint_ns" in metadata:
            name = kwargs.get("name") or ""
            run, parent, is_graph = str(run_id), str(parent_run_id), _called_by_graph()
            self._normaliser.note_chain(run, parent, name, tags, metadata, inputs, is_graph=is_graph)
            self._messages.chain_started(run_id, name, tags, metadata, inputs)

    def on_chain_end(self, outputs: Any, *, run_id: Any, **kwargs: Any) -> None:
        self._messages.chain_ended(run_id, outputs)
        self._normaliser.returned(str(run_id))

    def on_chain_error(self, error: BaseException, *, run_id: Any, parent_run_id: Any = None, **kwargs: Any) -> None:
        self._failed(run_id, error, parent_run_id)

    def on_tool_start(
        self, serialized: Any, input_str: str, *, run_id: Any, parent_run_id: Any = None, metadata: Any = None,
        inputs: Any = None, tool_call_id: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        name = kwargs.get("name") or (serialized or {}).get("name") or "tool"
        args = inputs if inputs is not None else input_str
        self._normaliser.call_ids[str(run_id)] = tool_call_id or ""
        self._span(run_id, parent_run_id, "tool", name, metadata, args)

    def on_tool_end(self, output: Any, *, run_id: Any, **kwargs: Any) -> None:
        self._normaliser.returned(str(run_id))

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: Any, parent_run_id: Any = None, tags: Any = None,
        metadata: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        self._messages.model_started(run_id, tags, metadata or {})
        name = kwargs.get("name") or _class_name(serialized)
        self._span(run_id, parent_run_id, "model", name, metadata, {"messages": messages})

    def _span(self, run: Any, parent: Any, type_: str, name: str, metadata: Any, given: Any) -> None:
        note = self._normaliser
        note.note(str(run), note.span_started, str(parent) if parent else None, type_, name, metadata or {}, given)

    def tap(self, handler: Any) -> None:
        """Listen to what the subscription's handler is told of models, before it is; and make a token cost less.

        Inline, a handler is awaited in place: otherwise each call of it is a task of its own. (A handler that is not
        inline also misses the start of every completion model, where any other is: langchain-core 1.7.2, its issue
        39633. LangGraph's own handler for `tools` is.) The loop still gets its turn after every token.
        """
        handler.run_inline = True
        if hasattr(handler.send_stream, "_queue"):
            handler.send_stream = _Direct(handler.send_stream)
        handler.on_llm_new_token = self._tokens(handler.on_llm_new_token)
        handler.on_llm_end = _first(self._model_ended, handler.on_llm_end)
        handler.on_llm_error = _first(self._model_failed, handler.on_llm_error)

    def _tokens(self, then: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        note = self._messages.token

        async def token(token: Any, *, chunk: Any = None, run_id: Any, **kwargs: Any) -> None:
            note(run_id, chunk)
            await then(token, chunk=chunk, run_id=run_id)
            await asyncio.sleep(0)

        return token

    def _model_ended(self, response: Any, *, run_id: Any, **kwargs: Any) -> None:
        self._messages.model_ended(run_id, response)
        self._normaliser.models.count(response)
        self._normaliser.returned(str(run_id))

    def _model_failed(self, error: BaseException, *, run_id: Any, parent_run_id: Any = None, **kwargs: Any) -> None:
        self._failed(run_id, error, parent_run_id)

    def on_retriever_error(
        self, error: BaseException, *, run_id: Any, parent_run_id: Any = None, **kwargs: Any
    ) -> None:
        self._failed(run_id, error, parent_run_id)


class _Direct:
    """The subscription's way into its queue: in place on the loop's own thread, where LangChain's goes through the loop
    and wakes it with a byte on a socket for every event."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._put = stream._queue.put_nowait
        self._thread = threading.get_ident()

    def send_nowait(self, item: Any) -> None:
        if threading.get_ident() == self._thread:
            self._put(item)
        else:
            self._stream.send_nowait(item)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class Callbacks(AsyncCallbackManager):
    """The user's callbacks and the probe. `astream_events` copies the manager that it is given and adds its handler to
    the copy: this one is its own copy, and shows the handler to the probe."""

    def copy(self) -> Self:
        return self

    def add_handler(self, handler: BaseCallbackHandler, inherit: bool = True) -> None:
        if hasattr(handler, "tap_output_aiter"):
            for probe in self.handlers:
                if isinstance(probe, Probe):
                    probe.tap(handler)
        super().add_handler(handler, inherit)


def _first(note: Callable[..., None], then: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """A callback that takes a note before it does its work."""

    async def both(*args: Any, **kwargs: Any) -> None:
        note(*args, **kwargs)
        await then(*args, **kwargs)

    return both


def _called_by_graph() -> bool:
    """Whether the chain whose start is told is a whole graph. Nothing in what LangGraph tells says so (a graph that a
    tool calls looks like any other runnable), but who tells it does: `Pregel.stream` two frames above the handler,
    `Pregel.astream` three. A node of a graph is four frames and more below them."""
    frame = sys._getframe(3)
    for _ in range(3):
        if frame.f_code in _GRAPH_CALLS:
            return True
        if frame.f_back is None:
            return False
        frame = frame.f_back
    return False


def _class_name(serialized: Any) -> str:
    """The class name at the end of a serialized runnable's id (`["langchain", ..., "ChatOpenAI"]`)."""
    path = (serialized or {}).get("id")
    return str(path[-1]) if path else "model"
