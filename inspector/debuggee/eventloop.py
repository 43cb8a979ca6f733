"""Lets blocking user code that wants an event loop of its own run on the debuggee's main thread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_running_loop() -> Iterator[None]:
    """Inside, the thread looks as it does when a script starts: no loop is running, and there is a current one.

    Modules are written to be imported by a script, so `graph = asyncio.run(make_graph())` at the top level has to
    work, and so have libraries that touch `signal`, which a worker thread could not offer. The loop that is really
    running stands still meanwhile, as it does for any blocking code. Only for synchronous code.
    """
    running = asyncio.get_running_loop()
    task = asyncio.current_task()
    fresh = asyncio.new_event_loop()
    # Python 3.14 keeps the current task beside the running loop, so it has to step aside as well.
    if task is not None:
        asyncio.tasks._leave_task(running, task)
    asyncio._set_running_loop(None)
    asyncio.set_event_loop(fresh)
    try:
        yield
    finally:
        if not fresh.is_running():  # a module may have put it to work in a thread
            fresh.close()
        asyncio.set_event_loop(running)
        asyncio._set_running_loop(running)
        if task is not None:
            asyncio.tasks._enter_task(running, task)
