"""The callback handler that holds tasks: before they run, after they ran, when they raised.

It is a handler of its own beside the probe, which only takes notes: this one awaits. LangGraph awaits it in place at
the start, the end and the error of every task's own chain, in subgraphs and parallel branches alike; where a graph is
called synchronously, on whatever thread, it blocks instead. While nothing could be held, `ignore_chain` keeps it out of
everything, so that a run without breakpoints costs what it did.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from langchain_core.callbacks import AsyncCallbackHandler

from inspector.debuggee.holds import Hold, Holds
from inspector.debuggee.leaving import left_with
from inspector.debuggee.normalise import Normaliser
from inspector.debuggee.places import HIDDEN, is_call
from inspector.debuggee.positions import Position, position_of

KEEP = 8192  # calls of `@task` functions that are remembered


class HoldPoints(AsyncCallbackHandler):
    """Holds tasks for one run. Has to come after the probe, which knows by then which chains are graphs."""

    run_inline = True
    raise_error = True
    ignore_llm = True
    ignore_chat_model = True
    ignore_agent = True
    ignore_retriever = True
    ignore_custom_event = True

    def __init__(self, holds: Holds, normaliser: Normaliser) -> None:
        self.holds = holds
        self._normaliser = normaliser
        self._running: dict[Any, Position] = {}  # by run, of tasks whose end may be held
        self._callers: dict[str, Any] = {}  # `@task` -> the run that called it

    @property
    def ignore_chain(self) -> bool:
        return not self.holds.watching

    # LangChain awaits what is a coroutine function; called synchronously it would run a coroutine in an event loop of
    # its own, and swallow what it raises. So who asks decides what it gets.

    @property
    def on_chain_start(self) -> Callable[..., Any]:
        return self._start_now if _asked_synchronously() else self._start

    @property
    def on_chain_end(self) -> Callable[..., Any]:
        return self._end_now if _asked_synchronously() else self._end

    @property
    def on_chain_error(self) -> Callable[..., Any]:
        return self._error_now if _asked_synchronously() else self._error

    async def _start(self, serialized: Any, inputs: Any, **about: Any) -> None:
        hold = self._starting(inputs, **about)
        if hold is not None:
            await self.holds.wait(hold)

    def _start_now(self, serialized: Any, inputs: Any, **about: Any) -> None:
        hold = self._starting(inputs, **about)
        if hold is not None:
            self.holds.block(hold)

    async def _end(self, outputs: Any, *, run_id: Any, **about: Any) -> None:
        hold = self._ending(run_id, outputs)
        if hold is not None:
            await self.holds.wait(hold)

    def _end_now(self, outputs: Any, *, run_id: Any, **about: Any) -> None:
        hold = self._ending(run_id, outputs)
        if hold is not None:
            self.holds.block(hold)

    async def _error(self, error: BaseException, *, run_id: Any, **about: Any) -> None:
        hold = self._raising(run_id, error)
        if hold is not None:
            await self.holds.wait(hold)

    def _error_now(self, error: BaseException, *, run_id: Any, **about: Any) -> None:
        hold = self._raising(run_id, error)
        if hold is not None:
            self.holds.block(hold)

    # ------------------------------------------------------------------ what is to be held

    def _starting(
        self, inputs: Any, *, run_id: Any, parent_run_id: Any = None, tags: Any = None, metadata: Any = None,
        **about: Any,
    ) -> Hold | None:  # fmt: skip
        node = metadata.get("langgraph_node") if metadata else None
        if node is None or (tags and HIDDEN in tags):
            return None
        holds = self.holds
        starts = holds.may_hold("before", node)
        ends = holds.of_ends and (holds.may_hold("after", node) or holds.may_hold("error", node))
        if not (starts or ends) or not self._is_own(parent_run_id, metadata, about.get("name")):
            return None
        position = position_of(metadata)
        if position is None:
            return None
        if ends:
            self._running[run_id] = position
        return holds.before(position, inputs) if starts else None

    def _is_own(self, parent: Any, metadata: dict[str, Any], name: Any) -> bool:
        """Whether a chain is the task's own, not something that runs inside it: a graph called it, or, where it is a
        `@task`, what called the first of its name."""
        if not is_call(metadata):
            return self._normaliser.is_graph(str(parent))
        if name != metadata["langgraph_node"]:
            return False
        if len(self._callers) > KEEP:
            del self._callers[next(iter(self._callers))]
        caller: Any = self._callers.setdefault(str(metadata.get("langgraph_checkpoint_ns")), parent)
        return bool(caller == parent)

    def _ending(self, run_id: Any, outputs: Any) -> Hold | None:
        position = self._running.pop(run_id, None) or self._begun_before(run_id)
        if position is None or not self.holds.may_hold("after", position.node):
            return None
        return self.holds.after(position, outputs)

    def _raising(self, run_id: Any, error: BaseException) -> Hold | None:
        position = self._running.pop(run_id, None) or self._begun_before(run_id)
        if position is None or left_with(error) is not None or not self.holds.may_hold("error", position.node):
            return None
        return self.holds.failed(position, error)

    def _begun_before(self, run_id: Any) -> Position | None:
        """A task that began while nothing was to be held."""
        return self._normaliser.position(str(run_id)) if self.holds.of_ends else None


def _asked_synchronously() -> bool:
    """Whether the event is handed out by LangChain's synchronous callback manager."""
    return sys._getframe(2).f_code.co_name == "handle_event"
