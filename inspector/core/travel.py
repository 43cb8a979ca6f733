"""Going back in time: what is asked of the debuggee, and what it says before anything is done.

Looking at a checkpoint changes nothing and is no business of this module (`core.view`). *Re-run*, *fork* and *jump* are
explicit verbs: each has a plan or a preview first. All of it travels as plain mappings (`dataclasses.asdict`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from inspector.core.events import NOTHING, Namespace, Packed


@dataclass(frozen=True, slots=True)
class Planned:
    """A node that will run, `times` over in one superstep (a fan-out); `ns` is the namespace of its graph."""

    node: str
    times: int = 1
    ns: Namespace = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What running on from a checkpoint will do.

    `first` are the tasks of the next superstep, exactly; `later` what ran after them the last time (`times` over all
    supersteps), for what comes then is the graph's own decision; `models` and `tools` count the calls made there the
    last time (0 where not recorded). `answered` are the ids of interrupts whose saved answers are used again. `refused`
    says why it cannot be done right: then nothing may be run.
    """

    checkpoint: str
    ns: Namespace = ()
    first: tuple[Planned, ...] = ()
    later: tuple[Planned, ...] = ()
    models: int = 0
    tools: int = 0
    answered: tuple[str, ...] = ()
    refused: str = ""

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> Plan:
        """The plan of `asdict(plan)`, lists for tuples."""
        return cls(
            wire["checkpoint"], tuple(wire["ns"]), _planned(wire["first"]), _planned(wire["later"]),
            wire["models"], wire["tools"], tuple(wire["answered"]), wire["refused"],
        )  # fmt: skip


def _planned(raw: Any) -> tuple[Planned, ...]:
    return tuple(Planned(item["node"], item["times"], tuple(item["ns"])) for item in raw)


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of the state at a checkpoint: `values` are written as the node `as_node` would (through the reducers).
    `values` is plain JSON data by channel; `as_node` empty lets LangGraph decide where it is unambiguous."""

    checkpoint: str
    values: dict[str, Any]
    as_node: str = ""
    ns: Namespace = ()


@dataclass(frozen=True, slots=True)
class Writers:
    """Who an edit at a checkpoint may be written as: `names` all nodes, `preset` the one LangGraph would take, empty
    where that is ambiguous (then somebody has to choose), `why` says why it is."""

    names: tuple[str, ...] = ()
    preset: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would come to: the whole state after the reducers (packed; `core.values.decode`), the nodes that
    would come next, and the node it was written as."""

    values: Packed = NOTHING
    next: tuple[str, ...] = ()
    as_node: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A checkpoint in a history. `at` is Unix time (None where the id does not tell), `next` the nodes that follow."""

    id: str
    parent: str | None
    ns: Namespace
    step: int
    source: str
    next: tuple[str, ...] = ()
    at: float | None = None
    metadata: dict[str, Any] = field(default_factory=dict)
