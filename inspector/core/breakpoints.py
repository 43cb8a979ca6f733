"""Where a run is to stop: breakpoints, their text form, and what they match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

BreakKind: TypeAlias = Literal["before", "after", "tool", "model", "error", "change"]


@dataclass(frozen=True, slots=True)
class Breakpoint:
    """One breakpoint. `target` is what `kind` is about: a node (`write_up`, or with its subgraphs `itinerary/plan`; a
    name alone means the node at any depth), a tool's name, a model's, a state key; empty or `*` means any.

    `condition` is an expression (`core.expressions`), `hits` the number of times it has to match before it stops.
    """

    id: str
    kind: BreakKind
    target: str = ""
    condition: str = ""
    hits: int = 1
    enabled: bool = True
