"""Where the graph runs: the side of the inspector that lives in the project's own Python.

Imports only the standard library, the pure parts of the inspector (`core.events`, `core.values`, `link.frames`, ...)
and what LangGraph itself brings, so that it works in an environment where the inspector is not installed.
"""
