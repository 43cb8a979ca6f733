"""The Python API: watch a graph object in the caller's own process.

    async for event in inspector.observe(graph, {"messages": [("user", "hello")]}):
        print(event.kind, event)

Nothing is written anywhere: the graph keeps its own checkpointer, or has none.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

from inspector.core.events import Event, RunEnded


async def observe(
    graph: Any, input: Any, config: dict[str, Any] | None = None, *, context: Any = None
) -> AsyncIterator[Event]:
    """Run a compiled graph and yield what happens, as `inspector.core.events`.

    Args:
        graph: a compiled graph, an `@entrypoint`, or an agent.
        input: what it would be invoked with, a `Command` included.
        config: a `RunnableConfig`; its `thread_id` is used when it has one.
        context: the run's context.

    The last event is a `RunEnded`, which carries the error of a graph that failed: nothing that the graph raises is
    raised here. Leaving the loop early cancels the run.
    """
    from inspector.link.inline import InlineDebuggee

    config = dict(config or {})
    configurable = dict(config.get("configurable") or {})
    thread = str(configurable.get("thread_id") or uuid4())
    config["configurable"] = configurable
    name = graph.get_name() if hasattr(graph, "get_name") else type(graph).__name__
    debuggee = InlineDebuggee()
    debuggee.host.adopt(graph, name)
    await debuggee.request("start", thread=thread, input=input, config=config, context=context)
    try:
        while True:
            while debuggee.events:
                event = debuggee.events.popleft()
                yield event
                if isinstance(event, RunEnded):
                    return
            debuggee.arrived.clear()
            await debuggee.arrived.wait()
    finally:
        await debuggee.close()


def inspect(graph: Any, input: Any = None, *, config: dict[str, Any] | None = None, context: Any = None) -> int:
    """Open the app on a graph object that no import path names. Returns the app's exit status.

    The graph runs in this process, beside the app: a node that blocks the event loop holds up the screen as well. Where
    the graph can be named, `inspector run` is the better way.
    """
    from inspector.session import InlineSession
    from inspector.tui.app import MISSING, run_app

    session = InlineSession(graph, config=config, context=context)
    return run_app(session, input=MISSING if input is None else input)
