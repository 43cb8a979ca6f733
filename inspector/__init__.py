"""The inspector: a terminal debugger for LangGraph graphs.

Python API (both run the graph inline, in the caller's own process and event loop):

- `observe(graph, input, ...)`: an async iterator of the events of one run (`inspector.core.events`).
- `inspect(graph)`: opens the terminal app on a graph object.

Nothing heavy is imported here: `import inspector` costs a millisecond, whatever it is asked to do later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["__version__", "inspect", "observe"]

if TYPE_CHECKING:
    from inspector.api import inspect, observe


def __getattr__(name: str) -> Any:
    if name in ("inspect", "observe"):
        from inspector import api

        return getattr(api, name)
    raise AttributeError(f"module 'inspector' has no attribute {name!r}")
