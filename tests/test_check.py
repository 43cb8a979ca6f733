"""`inspector check`: the text and the JSON made of a description."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from inspector.check import render, to_json
from inspector.core.graphinfo import END, START, ChannelInfo, EdgeInfo, GraphInfo, NodeInfo

INNER = GraphInfo(
    name="search",
    kind="agent",
    path=("plan",),
    nodes=(NodeInfo(START, "start"), NodeInfo("tools", "node", runs="ToolNode", tools=("find", "open"))),
    edges=(EdgeInfo(START, "tools"),),
)
INFO = GraphInfo(
    name="trip",
    kind="StateGraph",
    description="Plans trips.",
    nodes=(
        NodeInfo(START, "start"),
        NodeInfo("plan", "subgraph", subgraph=("plan",)),
        NodeInfo(
            "book",
            "node",
            doc="Books it.",
            file="/home/ada/trip/nodes.py",
            line=12,
            is_async=True,
            retry=3,
            cache=True,
            defer=True,
            timeout=2.5,
            interrupt_before=True,
            interrupt_after=True,
        ),
        NodeInfo("wander", "node", dynamic=True),
        NodeInfo(END, "end"),
    ),
    edges=(
        EdgeInfo(START, "plan"),
        EdgeInfo("plan", "book", True, "yes"),
        EdgeInfo("plan", END, True, "no"),
        EdgeInfo("book", "wander", True, guessed=True),
    ),
    channels=(
        ChannelInfo("messages", "BinaryOperatorAggregate", "list[AnyMessage]", "add_messages", True, True, True),
        ChannelInfo("left", "managed", "RemainingSteps", is_state=False),
    ),
    subgraphs=(INNER,),
    input_schema={
        "properties": {
            "messages": {
                "type": "array",
                "items": {"anyOf": [{"$ref": "#/$defs/AIMessage"}, {"$ref": "#/HumanMessage"}]},
            },
            "city": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": "Rome"},
            "mode": {"enum": ["fast", "slow"]},
            "free": {},
        },
        "required": ["messages"],
    },
    output_schema={"type": "integer"},
    checkpointer="InMemorySaver",
    langgraph_version="1.2.22",
    warnings=("Something is odd.",),
)

TEXT = """\
trip · StateGraph · 3 nodes · 4 edges · 1 subgraph · langgraph 1.2.22
Plans trips.

Nodes
  plan    subgraph
  book    async · up to 3 attempts · timeout 2.5s · cached · deferred ·
          interrupts before · interrupts after · nodes.py:12 · Books it.
  wander

Edges
  start → plan
  plan ⇢ book [yes], end [no]
  book ⇢ wander?
  wander ⇢ decided at run time
  (? declared nowhere; the code that decides mentions it)

State
  messages  list[AnyMessage] · merged by add_messages · input and output
  left      RemainingSteps · managed · internal

Subgraph plan: search · agent · 1 node · 1 edge

  Nodes
    tools  ToolNode · tools find, open

  Edges
    start → tools

Input
  messages  array of message · required
  city      string | null · default "Rome"
  mode      "fast" | "slow"
  free      anything

Output
  (value)  integer

Persistence
  checkpointer  compiled with InMemorySaver
  store         compiled with none

Warnings
  ! Something is odd.
"""


def test_the_text() -> None:
    assert render(INFO) == TEXT


def test_input_and_output_of_one_schema_are_shown_once() -> None:
    text = render(replace(INFO, output_schema=INFO.input_schema))
    assert "Output" not in text


@pytest.mark.parametrize("width", [40, 60, 120])
def test_lines_fit(width: int) -> None:
    lines = render(replace(INFO, warnings=("word " * 100,)), width=width).splitlines()
    assert max(map(len, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_wide_characters_are_counted_as_two_cells() -> None:
    rows = (NodeInfo("計画", "node", doc="計" * 5 + " " + "画" * 40), NodeInfo("plan", "node", doc="x"))
    text = render(replace(INFO, nodes=rows, subgraphs=(), channels=()))
    assert "  計画  計計計計計\n        画画" in text
    assert "  plan  x\n" in text


def test_nothing_in_a_graph_can_act_on_the_terminal() -> None:
    evil = "\x1b[2Jx\u202ey\nz\x00"
    info = GraphInfo(
        evil,
        evil,
        description=evil,
        nodes=(NodeInfo(evil, "node", doc=evil, runs=evil, file=evil, tools=(evil,)),),
        edges=(EdgeInfo(evil, evil, True, evil),),
        channels=(ChannelInfo(evil, evil, evil, evil),),
        subgraphs=(GraphInfo(evil, evil, path=(evil,)),),
        input_schema={"properties": {evil: {"type": evil, "default": evil, "enum": [evil]}}},
        context_schema={"properties": {evil: {"$ref": evil}}},
        checkpointer=evil,
        store=evil,
        warnings=(evil,),
    )
    for text in (render(info), to_json(info)):
        assert not {"\x1b", "\u202e", "\x00"} & set(text)
    assert "\nz" not in render(info)


def test_the_json_is_the_whole_description() -> None:
    assert GraphInfo.from_wire(json.loads(to_json(INFO))) == INFO
