"""What the inspector asks of the debuggee, and the messages that are not part of a run.

On the link everything that is no event is a mapping with an `op`. Requests carry an `id`; the answer repeats it:
`{"op": "reply", "id": 7, "value": ...}` or `{"op": "reply", "id": 7, "error": {...}}`.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class OpenGraph:
    """Load the graph and get ready. `reference` is `Reference.to_wire()`; `db` the checkpoint file or None for none
    (inline use: the graph keeps its own checkpointer)."""

    reference: dict[str, Any]
    db: str | None
    keep_checkpointer: bool = False
    config: dict[str, Any] | None = None
    context: Any = None


@dataclass(frozen=True, slots=True)
class StartRun:
    """Invoke the graph on a thread.

    `input` is plain JSON data; `resume` maps interrupt ids to answers (or is None); with neither (`goes_on`), the
    thread goes on from where it stopped, or from `checkpoint`. `breakpoints` are those of `core.breakpoints.to_wire`;
    `stop` and `target` as `core.control.Debugger.start` takes them.
    """

    thread: str
    input: Any = None
    resume: dict[str, Any] | None = None
    goes_on: bool = False
    config: dict[str, Any] | None = None
    context: Any = None
    recursion_limit: int | None = None
    checkpoint: str | None = None
    breakpoints: list[dict[str, Any]] = field(default_factory=list)
    stop: str = ""
    target: str = ""


def to_wire(command: Any) -> dict[str, Any]:
    """The fields of a command as a plain mapping."""
    return asdict(command)
