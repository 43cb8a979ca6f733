"""Which breakpoint stops something: targets, conditions and hit counts. Made once for a set of breakpoints, so that a
task that none of them is about costs one look into a set."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from inspector.core import expressions
from inspector.core.breakpoints import Breakpoint, matches_name, matches_path
from inspector.errors import EvaluationError

Names = Callable[[], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Match:
    """A breakpoint that stops; `note` where there is more to say."""

    breakpoint: Breakpoint
    note: str = ""


class Breakpoints:
    """The enabled breakpoints of a run. Hits are counted here; `count` is kept by id when the set is replaced."""

    def __init__(self, breakpoints: Iterable[Breakpoint] = (), *, hits: dict[str, int] | None = None) -> None:
        """Raises `BreakpointError` for a condition that is no expression."""
        self.all = tuple(breakpoints)
        self.hits = {each.id: (hits or {}).get(each.id, 0) for each in self.all}
        enabled = [each for each in self.all if each.enabled]
        self._conditions = {
            each.id: expressions.compile(each.condition, expressions.CONDITION_NAMES)
            for each in enabled
            if each.condition
        }
        self._of_kind: dict[str, list[Breakpoint]] = {}
        for each in enabled:
            self._of_kind.setdefault(each.kind, []).append(each)
        self._nodes = {
            kind: _last_names(each.target for each in self._of_kind.get(kind, ()))
            for kind in ("before", "after", "error")
        }
        self.keys = frozenset(each.target for each in self._of_kind.get("change", ()))
        self.of_nodes = any(self._of_kind.get(kind) for kind in ("before", "after", "error"))
        self.of_ends = any(self._of_kind.get(kind) for kind in ("after", "error"))
        self.of_tools = "tool" in self._of_kind
        self.of_models = "model" in self._of_kind

    def may_be_about(self, kind: str, node: str) -> bool:
        """Whether a breakpoint of the kind could be about a node of this name. Cheap."""
        names = self._nodes[kind]
        return names is None or node in names

    def node(self, kind: str, path: tuple[str, ...], names: Names) -> Match | None:
        """What stops at a node. `names()` gives the variables of conditions, asked only where there is one."""
        return self._first(
            (each for each in self._of_kind.get(kind, ()) if matches_path(each.target, path) or not each.target), names
        )

    def call(self, kind: str, called: Iterable[str], names: Names) -> Match | None:
        """What stops at a call of a tool or model that is known by these names."""
        known = tuple(called)
        return self._first(
            (each for each in self._of_kind.get(kind, ()) if any(matches_name(each.target, name) for name in known)),
            names,
        )

    def change(self, changed: dict[str, str], names: Names) -> Match | None:
        """What stops because of changed keys: `changed` maps them to a sentence."""
        match = self._first((each for each in self._of_kind.get("change", ()) if each.target in changed), names)
        if match is None:
            return None
        notes = [changed[match.breakpoint.target], match.note]
        return Match(match.breakpoint, "; ".join(note for note in notes if note))

    def _first(self, candidates: Iterable[Breakpoint], names: Names) -> Match | None:
        """The first that stops; every one that matches counts a hit."""
        found: Match | None = None
        for each in candidates:
            note = ""
            condition = self._conditions.get(each.id)
            if condition is not None:
                try:
                    if not condition.holds(names()):
                        continue
                except EvaluationError as error:
                    note = f"the condition {each.condition!r} cannot be evaluated: {error}"
            self.hits[each.id] += 1
            if found is None and (note or self.hits[each.id] >= each.hits):
                found = Match(each, note)
        return found


def _last_names(targets: Iterable[str]) -> frozenset[str] | None:
    """The node names at the end of targets; None where one may be about any node."""
    names = {target.rpartition("/")[2] for target in targets}
    return None if any(not name or "*" in name for name in names) else frozenset(names)
