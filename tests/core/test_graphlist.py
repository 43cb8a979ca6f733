"""Graphs as drawings with opened subgraphs, as lists, and what is said of a node."""

from __future__ import annotations

from inspector.core.graphdrawing import draw_graph, in_order
from inspector.core.graphinfo import END, START, EdgeInfo, GraphInfo, NodeInfo
from inspector.core.graphlist import facts, graph_lines
from inspector.core.graphstatus import NodeStatus
from inspector.core.layout import Direction

HOSTILE = "a\x1b[2J\u202eb\x00[bold]c\n"

DAYS = GraphInfo(
    "days",
    "StateGraph",
    path=("trip",),
    nodes=(NodeInfo(START, "start"), NodeInfo("one", "node"), NodeInfo("two", "node"), NodeInfo(END, "end")),
    edges=(EdgeInfo(START, "one"), EdgeInfo(START, "two"), EdgeInfo("one", END), EdgeInfo("two", END)),
)
TRIP = GraphInfo(
    "travel",
    "StateGraph",
    nodes=(
        NodeInfo(END, "end"),
        NodeInfo("trip", "subgraph", subgraph=("trip",)),
        NodeInfo("plan", "node", doc="Decide.", retry=3, tools=("search",), dynamic=True),
        NodeInfo(START, "start"),
        NodeInfo("fix", "node", is_error_handler=True),
        NodeInfo("write", "node", error_handler="fix", timeout=30.0, cache=True, interrupt_before=True),
    ),
    edges=(
        EdgeInfo(START, "plan"),
        EdgeInfo("plan", "trip", conditional=True, label="go"),
        EdgeInfo("plan", "write", guessed=True),
        EdgeInfo("trip", "write"),
        EdgeInfo("write", "write", conditional=True),
        EdgeInfo("write", END),
        EdgeInfo("write", "nowhere"),
    ),
    subgraphs=(DAYS,),
)


def test_in_order_from_start_to_end() -> None:
    assert [node.id for node in in_order(TRIP)] == [START, "plan", "trip", "write", "fix", END]


def test_lines_of_a_list() -> None:
    lines = graph_lines(TRIP, ())
    assert [line.label for line in lines] == ["start", "plan", "trip", "write", "fix", "end"]
    by_name = {line.label: line for line in lines}
    assert by_name["plan"].targets == (("⇢", "trip"), ("⇢", "write"))
    assert by_name["write"].targets == (("→", "end"), ("→", "nowhere"), ("⇢", "write"), ("⇢", "fix"))
    assert by_name["trip"].opens
    assert not by_name["trip"].open
    opened = graph_lines(TRIP, {("trip",)})
    assert [line.path for line in opened[2:7]] == [
        ("trip",), ("trip", START), ("trip", "one"), ("trip", "two"), ("trip", END),
    ]  # fmt: skip
    assert [line.path for line in graph_lines(TRIP, None)] == [line.path for line in opened]


def test_a_drawing_has_every_node_once_and_subgraphs_inside_theirs() -> None:
    closed = draw_graph(TRIP)
    assert [node.path for node in closed.nodes] == [(node.id,) for node in TRIP.nodes]
    assert {node.label for node in closed.nodes if node.loops} == {"write"}
    directions: tuple[Direction, Direction] = ("down", "right")
    for direction in directions:
        drawing = draw_graph(TRIP, {("trip",)}, direction)
        outer = next(node for node in drawing.nodes if node.path == ("trip",))
        inner = [node for node in drawing.nodes if len(node.path) == 2]
        assert outer.open
        assert len(inner) == 4
        for node in inner:
            assert outer.x < node.x
            assert node.x + node.width < outer.x + outer.width
            assert outer.y < node.y
            assert node.y + node.height < outer.y + outer.height
        edges = {edge for line in drawing.lines.values() for edge in line.edges}
        assert (("trip", START), ("trip", "one")) in edges
        assert (("plan",), ("trip",)) in edges
        assert (("write",), ("fix",)) in edges


def test_a_graph_inside_itself_is_drawn_only_so_deep() -> None:
    loop = GraphInfo("loop", "StateGraph", nodes=(NodeInfo("again", "subgraph", subgraph=()),))
    paths = {("again",) * depth for depth in range(1, 50)}
    assert len(draw_graph(loop, paths).nodes) < 20
    assert len(graph_lines(loop, None)) < 20


def test_facts() -> None:
    status = NodeStatus(counts={"ok": 2, "error": 1}, seconds=3.0, running=1)
    assert facts(TRIP, ("plan",), status) == (
        "plan · running, 2 ok, 1 failed, 1.00s each · ⇢ trip (go), ⇢ write (guessed) · decides itself where to go"
        " · up to 3 attempts · tools: search · Decide."
    )
    assert facts(TRIP, ("write",), None) == (
        "write · has not run · → end, → nowhere, ⇢ write, ⇢ fix (error) · interrupts before · cached · timeout 30.0s"
    )
    assert facts(TRIP, ("trip", "one"), NodeStatus(counts={"ok": 1}, seconds=0.5)) == "trip › one · ok, 0.50s · → end"
    assert facts(TRIP, ("trip",), None).endswith("a subgraph")
    assert facts(TRIP, (START,), None) == "start · → plan"
    assert facts(TRIP, ("nothing",), None) == ""
    assert facts(TRIP, ("plan", "nothing"), None) == ""


def test_hostile_names() -> None:
    graph = GraphInfo("g", "StateGraph", nodes=(NodeInfo(HOSTILE, "node"), NodeInfo("x" * 500, "node")))
    drawing = draw_graph(graph)
    assert not {"\x1b", "\u202e", "\x00", "\n"} & set("".join(node.label for node in drawing.nodes))
    assert max(node.width for node in drawing.nodes) < 45
