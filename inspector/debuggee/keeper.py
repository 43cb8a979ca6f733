"""Calls a graph factory and keeps what it opened open for as long as the graph is in use."""

from __future__ import annotations

import asyncio
import traceback
import warnings
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

from inspector.debuggee.eventloop import without_running_loop
from inspector.debuggee.factories import Supplies, arguments, is_unsettled, settle
from inspector.debuggee.tracebacks import in_short, sentence, user_traceback
from inspector.errors import LoadError


class Keeper:
    """A task that calls the factory, stays inside the context managers it gives, and leaves them when told to: cancel
    scopes (anyio's, so every MCP client's) have to be left by the task that entered them."""

    def __init__(self, value: Any, label: str, supplies: Supplies, is_done: Callable[[Any], bool]) -> None:
        self._value = value
        self._label = label
        self._supplies = supplies
        self._is_done = is_done
        self._stop = asyncio.Event()
        self._ready: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> Any:
        self._task = asyncio.create_task(self._keep(), name="inspector: graph factory")
        try:
            return await self._ready
        except BaseException as error:
            self._task.cancel()
            await asyncio.wait([self._task])
            if isinstance(error, asyncio.CancelledError) and not _is_being_cancelled():
                raise LoadError(f"The factory {self._label} was cancelled from within.") from None
            raise

    async def close(self) -> None:
        assert self._task is not None
        self._stop.set()
        try:
            await self._task
        except asyncio.CancelledError:
            self._task.cancel()
            if _is_being_cancelled():
                raise

    async def _keep(self) -> None:
        try:
            async with AsyncExitStack() as stack:
                made = await settle(self._call(), stack, self._is_done)
                if not self._ready.done():
                    self._ready.set_result(made)
                await self._stop.wait()
        except asyncio.CancelledError:
            self._ready.cancel()
            raise
        except LoadError as error:
            self._fail(error)
        except BaseException as error:  # sys.exit() must end neither the task nor the loop
            did = "left its context badly" if self._ready.done() else "failed"
            said = sentence(f"The factory {self._label} {did}: {in_short(error)}")
            self._fail(LoadError(said, traceback=user_traceback(error)))

    def _fail(self, error: LoadError) -> None:
        if self._ready.done():
            raise error
        self._ready.set_exception(error)

    def _call(self) -> Any:
        factory = self._value
        if is_unsettled(factory):
            return factory
        args, kwargs = arguments(factory, self._label, self._supplies)
        try:
            return factory(*args, **kwargs)
        except RuntimeError as error:
            if "running event loop" not in str(error) and "loop is already running" not in str(error):
                raise
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
                traceback.clear_frames(error.__traceback__)  # drops the coroutine it could not run
        # It wants a loop of its own, as `asyncio.run(...)` does. On the first try it had the running one, as in
        # LangGraph's server: the constructors of async clients and checkpointers ask for that.
        with without_running_loop():
            return factory(*args, **kwargs)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
