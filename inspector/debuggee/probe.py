"""The callback handler that runs inside the graph, before each node, model, tool and retriever.

The subscription's events pass through a queue that the consumer reads when the loop is free; a node that blocks the
loop at once would show as running only after it is done. This handler is called inline, so the start of everything
is known, with its true time, before it executes. It also sees what v2 has no event for: errors of chains, models and
retrievers. What it reports is the same as what the subscription reports; whichever comes first counts.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler

from inspector.debuggee.normalise import Normaliser


class Probe(BaseCallbackHandler):
    """Reports starts, ends and errors to the normaliser, on the loop's own thread.

    Its methods are plain functions: in async nodes they are called in place (`run_inline`), in sync nodes on the
    worker thread, from where they hop to the loop.
    """

    run_inline = True
    raise_error = False

    def __init__(self, normaliser: Normaliser, loop: asyncio.AbstractEventLoop) -> None:
        self._normaliser = normaliser
        self._loop = loop
        self._thread = threading.get_ident()

    def _do(self, function: Callable[..., None], *args: Any) -> None:
        if threading.get_ident() == self._thread:
            function(*args)
        else:
            try:
                self._loop.call_soon_threadsafe(function, *args)
            except RuntimeError:
                pass  # the loop is closed: a thread that outlived its run

    def on_chain_start(
        self, serialized: Any, inputs: Any, *, run_id: Any, parent_run_id: Any = None, tags: Any = None,
        metadata: Any = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        if parent_run_id is not None and metadata and "langgraph_checkpoint_ns" in metadata:
            name = kwargs.get("name") or ""
            self._do(self._normaliser.chain_started, str(run_id), str(parent_run_id), name, tags, metadata, inputs)

    def on_chain_end(self, outputs: Any, *, run_id: Any, **kwargs: Any) -> None:
        self._do(self._normaliser.returned, str(run_id))

    def on_chain_error(self, error: BaseException, *, run_id: Any, **kwargs: Any) -> None:
        self._do(self._normaliser.span_failed, str(run_id), error)

    def on_tool_start(
        self, serialized: Any, input_str: str, *, run_id: Any, parent_run_id: Any = None, metadata: Any = None,
        inputs: Any = None, tool_call_id: str | None = None, **kwargs: Any,
    ) -> None:  # fmt: skip
        name = kwargs.get("name") or (serialized or {}).get("name") or "tool"
        parent = str(parent_run_id) if parent_run_id else None
        args = inputs if inputs is not None else input_str
        self._do(self._start_tool, str(run_id), parent, name, metadata or {}, args, tool_call_id or "")

    def _start_tool(
        self, run: str, parent: str | None, name: str, metadata: dict[str, Any], args: Any, call_id: str
    ) -> None:
        self._normaliser.span_started(run, parent, "tool", name, metadata, args, call_id=call_id)

    def on_tool_end(self, output: Any, *, run_id: Any, **kwargs: Any) -> None:
        self._do(self._normaliser.returned, str(run_id))

    def on_tool_error(self, error: BaseException, *, run_id: Any, **kwargs: Any) -> None:
        self._do(self._tool_failed, str(run_id), error, kwargs.get("tool_call_id") or "")

    def _tool_failed(self, run: str, error: BaseException, call_id: str) -> None:
        self._normaliser.span_failed(run, error, call_id=call_id)

    def on_chat_model_start(
        self, serialized: Any, messages: Any, *, run_id: Any, parent_run_id: Any = None, metadata: Any = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        name = kwargs.get("name") or _class_name(serialized)
        parent = str(parent_run_id) if parent_run_id else None
        input_ = {"messages": messages}
        self._do(self._normaliser.span_started, str(run_id), parent, "model", name, metadata or {}, input_)

    def on_llm_end(self, response: Any, *, run_id: Any, **kwargs: Any) -> None:
        self._do(self._normaliser.returned, str(run_id))

    def on_llm_error(self, error: BaseException, *, run_id: Any, **kwargs: Any) -> None:
        self._do(self._normaliser.span_failed, str(run_id), error)

    def on_retriever_error(self, error: BaseException, *, run_id: Any, **kwargs: Any) -> None:
        self._do(self._normaliser.span_failed, str(run_id), error)


def _class_name(serialized: Any) -> str:
    """The class name at the end of a serialized runnable's id (`["langchain", ..., "ChatOpenAI"]`)."""
    path = (serialized or {}).get("id")
    return str(path[-1]) if path else "model"
