"""Watch expressions: typed once, evaluated on the state at whatever checkpoint is looked at.

They read `state`, the state's keys by their own names (`len(messages)` is `len(state.messages)`), `step`, `next` (names
of nodes) and `source`. Evaluation is that of `core.expressions`: it can only look, and is always soon over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from inspector.core.diff import Path
from inspector.core.expressions import Expression, compile
from inspector.core.graphinfo import GraphInfo
from inspector.core.nodes import Checkpoint
from inspector.core.values import Unreadable
from inspector.core.view import State
from inspector.errors import EvaluationError

_NAMES = ("state", "step", "next", "source")


@dataclass(frozen=True, slots=True)
class Watch:
    """A watch expression that was checked."""

    text: str
    expression: Expression

    def value(self, state: State, checkpoint: Checkpoint) -> Any:
        """Its value (inert) at a checkpoint; `Unreadable` with the reason where it has none there."""
        if state.problem:
            return Unreadable("state", state.problem)
        values: Any = state.values[""] if set(state.values) == {""} else state.values
        names = dict(state.values) if values is state.values else {}
        names |= {"state": values, "step": checkpoint.step, "next": list(checkpoint.next), "source": checkpoint.source}
        try:
            return _inert(self.expression.evaluate(names))
        except EvaluationError as error:
            return Unreadable("no value", str(error))


def watch(text: str, graph: GraphInfo | None = None) -> Watch:
    """The watch of a text. Raises `BreakpointError` for what is no expression over what there is."""
    return Watch(text, compile(text, None if graph is None else names_of(graph)))


def names_of(graph: GraphInfo) -> tuple[str, ...]:
    """What an expression may be about: the names, and the state keys of the graph and its subgraphs."""
    keys = (channel.name for info in graph.walk() for channel in info.channels if channel.is_state)
    return (*_NAMES, *dict.fromkeys(key for key in keys if key.isidentifier()))


def of_path(path: Path) -> str:
    """The expression that means a path of the state: `messages[3].content`."""
    text = "state"
    for key in path:
        text += f".{key}" if isinstance(key, str) and key.isidentifier() else f"[{key!r}]"
    return text.removeprefix("state.") if len(path) else text


def lenient(texts: Iterable[str]) -> list[Watch]:
    """The watches of kept texts; those that are no expressions any more are left out."""
    from inspector.errors import BreakpointError

    found: list[Watch] = []
    for text in texts:
        try:
            found.append(watch(text))
        except BreakpointError:
            continue
    return found


def _inert(value: Any) -> Any:
    if isinstance(value, (tuple, set, frozenset)):
        return [_inert(item) for item in value]
    return value
