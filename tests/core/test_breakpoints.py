"""Breakpoints: their text form there and back, what they match, and what a graph cannot have."""

from __future__ import annotations

import pytest

from inspector.core.breakpoints import Breakpoint, format_spec, from_wire, matches_path, parse_spec, to_wire, validate
from inspector.core.graphinfo import ChannelInfo, GraphInfo, NodeInfo
from inspector.errors import BreakpointError

GRAPH = GraphInfo(
    "travel",
    "StateGraph",
    nodes=(NodeInfo("search", "node"), NodeInfo("itinerary", "subgraph", subgraph=("itinerary",))),
    channels=(ChannelInfo("budget", "LastValue"), ChannelInfo("branch:to:x", "EphemeralValue", is_state=False)),
    subgraphs=(GraphInfo("itinerary", "StateGraph", path=("itinerary",), nodes=(NodeInfo("plan", "node"),)),),
)


@pytest.mark.parametrize(
    ("text", "kind", "target", "condition", "hits"),
    [
        ("search", "before", "search", "", 1),
        ("before:search if state.budget > 10 hits 3", "before", "search", "state.budget > 10", 3),
        (" after: itinerary/plan ", "after", "itinerary/plan", "", 1),
        ("tool:book_flight if args.price > 5", "tool", "book_flight", "args.price > 5", 1),
        ("model", "model", "", "", 1),
        ("model:gpt-5 hits 2", "model", "gpt-5", "", 2),
        ("error", "error", "", "", 1),
        ("error:search", "error", "search", "", 1),
        ("change:budget", "change", "budget", "", 1),
        ("before:model", "before", "model", "", 1),
        ("before:*", "before", "*", "", 1),
    ],
)
def test_the_text_form_there_and_back(text: str, kind: str, target: str, condition: str, hits: int) -> None:
    one = parse_spec(text, id="1")
    assert (one.kind, one.target, one.condition, one.hits) == (kind, target, condition, hits)
    assert parse_spec(format_spec(one), id="1") == one
    assert from_wire(to_wire([one])) == (one,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "name what to stop at"),
        ("befor:search", "no kind of breakpoint; did you mean before:search"),
        ("nonsense:x", "there are: before, after, tool, model, error, change"),
        ("change:", "change:NAME"),
        ("search hits 0", "a number from 1"),
        ("search hits many", "a number from 1"),
        ("search if", "after `if` there has to be a condition"),
        ("search if sate.x", "did you mean 'state'"),
    ],
)
def test_what_is_no_breakpoint(text: str, said: str) -> None:
    with pytest.raises(BreakpointError, match=said):
        parse_spec(text)


@pytest.mark.parametrize(
    ("target", "path", "matches"),
    [
        ("plan", ("itinerary", "plan"), True),
        ("itinerary/plan", ("itinerary", "plan"), True),
        ("itinerary/plan", ("trip", "itinerary", "plan"), True),
        ("/itinerary/plan", ("trip", "itinerary", "plan"), False),
        ("/plan", ("plan",), True),
        ("/plan", ("itinerary", "plan"), False),
        ("trip/plan", ("itinerary", "plan"), False),
        ("*", ("itinerary", "plan"), True),
        ("it*/plan", ("itinerary", "plan"), True),
        ("pla", ("plan",), False),
        ("a[b]", ("a[b]",), True),
    ],
)
def test_paths(target: str, path: tuple[str, ...], matches: bool) -> None:
    assert matches_path(target, path) is matches


@pytest.mark.parametrize(
    "text",
    ["search", "itinerary/plan", "plan", "search/anything", "tool:unknown", "model", "error", "change:budget", "*"],
)
def test_what_the_graph_can_have(text: str) -> None:
    validate(parse_spec(text), GRAPH)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("serch", "no node 'serch'; did you mean 'search'"),
        ("after:itinerary/pln", "did you mean 'plan' or 'itinerary/plan'|did you mean 'itinerary/plan'"),
        ("search2/plan", "did you mean 'itinerary/plan'"),
        ("/plan", "did you mean 'itinerary/plan'"),
        ("error:zzzz", "there are: search, itinerary"),
        ("change:bugdet", "no key 'bugdet'; did you mean 'budget'"),
        ("change:branch", "no key"),
        ("change:*", "Name the state key"),
    ],
)
def test_what_the_graph_has_not(text: str, said: str) -> None:
    with pytest.raises(BreakpointError, match=said):
        validate(parse_spec(text), GRAPH)


def test_what_is_no_breakpoint_on_the_wire_is_left_out() -> None:
    good = Breakpoint("1", "before", "a")
    assert from_wire([*to_wire([good]), {"kind": "nothing"}, 3, {"id": 1, "kind": "before"}]) == (good,)
    assert from_wire(None) == ()
