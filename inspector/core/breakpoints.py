"""Where a run is to stop: breakpoints, their text form, and what they match.

The text form, as the command line and the app take it:

    search                       before the node `search`, at any depth
    before:itinerary/plan        before `plan` inside the subgraph `itinerary`; a leading / anchors at the root
    after:search                 after it ran, before its writes are committed
    tool:book_flight   model     before a call of the tool; before any model call (`model:gpt-5` of one)
    error   error:search         when a node (when this one) raises
    change:budget                before the tasks that follow a change of the state key

each with ` if EXPRESSION` (see `core.expressions`) and ` hits N` (stop at the Nth match and each after it) behind it.
`*` in a name stands for anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Any, Literal, TypeAlias, get_args
from uuid import uuid4

from inspector.core import expressions
from inspector.core.graphinfo import END, START, GraphInfo
from inspector.errors import BreakpointError

BreakKind: TypeAlias = Literal["before", "after", "tool", "model", "error", "change"]
KINDS: tuple[BreakKind, ...] = get_args(BreakKind)
_OF_NODES = frozenset({"before", "after", "error"})
_BARE = frozenset({"tool", "model", "error"})  # kinds that need no target: any
_HITS = re.compile(r"\s+hits\s+(\S+)\s*$")
_IF = re.compile(r"\s+if\s+|\s+if$")


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


def parse_spec(text: str, *, id: str = "") -> Breakpoint:
    """The breakpoint of a text, under a fresh id unless one is given. Raises `BreakpointError` for what is no
    breakpoint, and for a condition that is wrong; that there is such a node is for `validate` to say."""
    rest = text.strip()
    hits = 1
    if found := _HITS.search(rest):
        rest = rest[: found.start()]
        if not found[1].isascii() or not found[1].isdigit() or int(found[1]) < 1:
            raise BreakpointError(f"{text!r:.80}: hits takes a number from 1, not {found[1]!r:.20}.")
        hits = int(found[1])
    condition = ""
    if found := _IF.search(rest):
        rest, condition = rest[: found.start()], rest[found.end() :].strip()
        if not condition:
            raise BreakpointError(f"{text!r:.80}: after `if` there has to be a condition.")
    kind, colon, target = rest.partition(":")
    if not colon:
        kind, target = (kind, "") if kind in _BARE else ("before", rest)
    kind, target = kind.strip(), target.strip()
    if kind not in KINDS:
        near = get_close_matches(kind, KINDS, 1)
        hint = f"did you mean {near[0]}:{target}?" if near else f"there are: {', '.join(KINDS)}."
        raise BreakpointError(f"{kind!r:.40} is no kind of breakpoint; {hint}")
    if not target and kind not in _BARE:
        raise BreakpointError(f"{text!r:.80}: name what to stop at, such as {kind}:NAME.")
    if condition:
        expressions.check(condition)
    return Breakpoint(id or uuid4().hex[:8], kind, target, condition, hits)


def format_spec(breakpoint: Breakpoint) -> str:
    """The text that `parse_spec` reads; the shortest form."""
    target = breakpoint.target
    if breakpoint.kind == "before" and target not in _BARE and target:
        text = target
    elif breakpoint.kind in _BARE and target in ("", "*"):
        text = breakpoint.kind
    else:
        text = f"{breakpoint.kind}:{target or '*'}"
    if breakpoint.condition:
        text += f" if {breakpoint.condition}"
    return text + (f" hits {breakpoint.hits}" if breakpoint.hits > 1 else "")


def validate(breakpoint: Breakpoint, graph: GraphInfo) -> None:
    """Raises `BreakpointError` for a node or state key that the graph has not, with the nearest names, and for a
    condition that cannot be evaluated. Tools and models may come from anywhere: any name will do."""
    if breakpoint.hits < 1:
        raise BreakpointError("A breakpoint stops at its first match at the earliest: hits has to be 1 or more.")
    if breakpoint.condition:
        expressions.check(breakpoint.condition)
    target = breakpoint.target
    if target in ("", "*"):
        if breakpoint.kind == "change":
            raise BreakpointError("Name the state key whose change is to stop, such as change:KEY.")
        return
    if breakpoint.kind in _OF_NODES:
        _check_node(target, graph)
    elif breakpoint.kind == "change":
        keys = list(
            dict.fromkeys(channel.name for info in graph.walk() for channel in info.channels if channel.is_state)
        )
        if keys and target not in keys:
            raise BreakpointError(f"The state has no key {target!r}; {_nearest(target, keys)}")


def _check_node(target: str, graph: GraphInfo) -> None:
    paths = list(node_paths(graph))
    if not paths or any(matches_path(target, path) for path, _ in paths):
        return
    # A node's code may call a graph that nobody sees before it runs.
    outer = target.rpartition("/")[0]
    if outer and any(opaque and matches_path(outer, path) for path, opaque in paths):
        return
    names = list(
        dict.fromkeys([path[-1] for path, _ in paths] + ["/".join(path) for path, _ in paths if len(path) > 1])
    )
    same = ["/".join(path) for path, _ in paths if path[-1] == target.rpartition("/")[2]]
    hint = f"did you mean {' or '.join(map(repr, same[:3]))}?" if same else _nearest(target, names)
    raise BreakpointError(f"The graph has no node {target!r}; {hint}")


def node_paths(graph: GraphInfo) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Every node of the graph and its subgraphs: names from the root, and whether its code may call a graph that is not
    known."""
    for info in graph.walk():
        for node in info.nodes:
            if node.id not in (START, END):
                yield (*info.path, node.id), node.kind != "subgraph" and node.subgraph is None


def matches_path(target: str, path: Sequence[str]) -> bool:
    """Whether a node at this path (names from the root graph) is meant by a target."""
    wanted = target.split("/")
    if wanted[0] == "":
        wanted = wanted[1:]
        if len(wanted) != len(path):
            return False
    return len(wanted) <= len(path) and all(
        matches_name(want, name) for want, name in zip(reversed(wanted), reversed(path), strict=False)
    )


def matches_name(target: str, name: str) -> bool:
    """Whether a name is meant by a target: empty or `*` mean any."""
    return target in ("", name) or ("*" in target and fnmatchcase(name, target))


def _nearest(name: str, known: Sequence[str]) -> str:
    near = get_close_matches(name, known, 3, 0.5)
    if near:
        return f"did you mean {' or '.join(map(repr, near))}?"
    more = ", ..." if len(known) > 12 else ""
    return f"there are: {', '.join(known[:12])}{more}." if known else "it has none."


def to_wire(breakpoints: Sequence[Breakpoint]) -> list[dict[str, Any]]:
    """Plain mappings, for the link and for files."""
    return [asdict(each) for each in breakpoints]


def from_wire(raw: Any) -> tuple[Breakpoint, ...]:
    """The inverse; what is no breakpoint is left out. Never raises."""
    found = []
    for each in raw if isinstance(raw, list) else ():
        if isinstance(each, dict) and each.get("kind") in KINDS and isinstance(each.get("id"), str):
            hits = each.get("hits")
            found.append(
                Breakpoint(
                    each["id"],
                    each["kind"],
                    str(each.get("target") or ""),
                    str(each.get("condition") or ""),
                    hits if isinstance(hits, int) and hits > 0 else 1,
                    each.get("enabled") is not False,
                )
            )
    return tuple(found)
