"""Every error the inspector raises on purpose.

```
InspectorError            base; str() is one sentence for a person, saying what to do next
├── UsageError            the command line or an argument is wrong             exit 2
├── LoadError             the graph could not be loaded                        exit 2
│   └── SeveralGraphs     the reference names more than one graph; `.names`    exit 2
├── InputError            the input is no JSON, or not what the schema takes   exit 2
├── StoreError            a database is missing, locked, corrupt, unwritable   exit 2
│   └── UnknownThread     no such thread (or checkpoint) in the file           exit 2
├── BreakpointError       a breakpoint names no node, or its condition is wrong  exit 2
├── EvaluationError       an expression went wrong on these values             exit 2
├── CommandError          the debuggee refused a command                       exit 2
└── LinkClosed            the debuggee is gone; `.returncode`, `.signal`       exit 1
```

An error may carry `traceback`: the user's own traceback as text (never ours), shown below the sentence.
"""

from __future__ import annotations


class InspectorError(Exception):
    """Base of every deliberate error. `str(error)` is one clear sentence."""

    exit_status = 2

    def __init__(self, message: str, *, traceback: str | None = None) -> None:
        super().__init__(message)
        self.traceback = traceback


class UsageError(InspectorError):
    """The command line, or an argument of the Python API, is wrong."""


class LoadError(InspectorError):
    """The graph could not be loaded: no such file, an import error, not a graph."""


class SeveralGraphs(LoadError):
    """The reference names several graphs; the caller has to choose one of `names`."""

    def __init__(self, message: str, names: list[str]) -> None:
        super().__init__(message)
        self.names = names


class InputError(InspectorError):
    """The input is not JSON, or not what the graph's input schema takes."""


class StoreError(InspectorError):
    """A database file is missing, locked, corrupt, not SQLite, or in an unwritable directory."""


class UnknownThread(StoreError):
    """The file has no such thread, or the thread no such checkpoint."""


class BreakpointError(InspectorError):
    """A breakpoint cannot be set: it names nothing in the graph, or its condition is no expression."""


class EvaluationError(InspectorError):
    """A condition or a watched expression could not be evaluated on the values it was given."""


class CommandError(InspectorError):
    """The debuggee refused a command (unknown checkpoint, nothing to resume, ...)."""


class LinkClosed(InspectorError):
    """The debuggee went away. `returncode` is its exit status, negative for a signal (as `subprocess`)."""

    exit_status = 1

    def __init__(self, message: str, *, returncode: int | None = None, traceback: str | None = None) -> None:
        super().__init__(message, traceback=traceback)
        self.returncode = returncode
