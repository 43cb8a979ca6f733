"""What is held, in words; and that time in which everything was held is not on the axis of the run."""

from __future__ import annotations

from typing import Any

import ormsgpack
import pytest

from inspector.core.aiming import Aim, aim, at_node, marked
from inspector.core.breakpoints import Breakpoint, parse_spec
from inspector.core.clock import Clock
from inspector.core.events import Failure, Held, HoldKind, Released, SpanStarted, TaskEnded, TaskStarted
from inspector.core.graphinfo import GraphInfo, NodeInfo
from inspector.core.holding import brief, editable, is_of_state, is_whole, note, place, reason, runs_on, title
from inspector.core.run import Run
from inspector.core.values import Clipped, More, Opaque
from tests.core.script import Script


def held(what: HoldKind = "before", **more: Any) -> Held:
    fields = {"ns": (), "task": "t1", "node": "search", "reason": "breakpoint", "value": None, **more}
    value = ormsgpack.packb(fields.pop("value"))
    return Held(1.0, "h1", what, fields.pop("ns"), fields.pop("task"), fields.pop("node"), 1, value=value, **fields)


@pytest.mark.parametrize(
    ("what", "name", "said", "row"),
    [
        ("before", "", "before search", "held"),
        ("after", "", "after search", "held after it ran"),
        ("error", "", "search failed", "held, for it failed"),
        ("tool", "book", "before tool book", "held before tool book"),
        ("model", "", "before model", "held before model"),
    ],
)
def test_what_is_held(what: HoldKind, name: str, said: str, row: str) -> None:
    assert title(held(what, name=name)) == said
    assert note(held(what, name=name)) == row


def test_where_and_why() -> None:
    call = held("tool", ns=("outer:1", "2", "inner:3"), note="seats: [b]no\x1b", breakpoint="b1")
    assert place(call) == "in outer / inner / search"
    assert place(held()) == ""
    assert reason(call, [Breakpoint("b1", "tool", "x", "a\n> 1")]) == "breakpoint if a⏎> 1: seats: [b]no␛"
    assert reason(held(reason="step")) == "step"


def test_what_tells_it_from_others() -> None:
    assert brief(held(value={"call": {"city": "Lisbon"}})) == '"Lisbon"'
    assert "seats=2" in brief(held("tool", value={"seats": 2}))


def test_a_task_of_a_send_has_a_value_of_its_own() -> None:
    run = Script().start().run
    run.append(TaskStarted(0.1, (), "t1", "search", 1, ("branch:to:search",)))
    run.append(TaskStarted(0.1, (), "t2", "search", 1, ("__pregel_push",)))
    assert is_of_state(held(), run)
    assert not is_of_state(held(task="t2"), run)
    assert not is_of_state(held("after"), run)


def test_messages_are_edited_with_their_roles() -> None:
    from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    messages = [
        HumanMessage("hi"), AIMessage("", tool_calls=[{"name": "f", "args": {"a": 1}, "id": "c1"}]),
        ToolMessage("ok", tool_call_id="c1"),
    ]  # fmt: skip
    packed = JsonPlusSerializer().dumps_typed(messages)[1]
    model = Held(0.0, "h", "model", (), "t1", "search", 1, "breakpoint", "gpt", packed)
    assert editable(model) == [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "", "tool_calls": [{"name": "f", "args": {"a": 1}, "id": "c1"}]},
        {"role": "tool", "content": "ok", "tool_call_id": "c1"},
    ]


def test_what_a_preview_cut_is_not_whole() -> None:
    assert is_whole({"a": [1, {"b": Opaque("x.Y", {"c": None})}]})
    assert not is_whole({"a": [1, {"b": Opaque("x.Y", {"c": Clipped("abc", 9)})}]})
    assert not is_whole([More(3)])


def test_time_in_which_all_is_held_is_not_on_the_axis() -> None:
    run = Script().start().run
    run.append(TaskStarted(1.0, (), "t1", "search", 1))
    run.append(held())
    assert run.others() == 0
    assert Clock(lambda: 77.0).now(run) == run.now == 1.0
    run.append(Released(61.0, "h1", "go"))
    run.append(TaskEnded(62.0, (), "t1", "search", "ok"))
    assert run.tasks["t1"].duration == pytest.approx(1.0)
    assert run.now == pytest.approx(2.0)


def test_the_clock_goes_on_where_the_axis_does() -> None:
    wall = 100.0
    run = Script().start().run
    clock = Clock(lambda: wall)
    run.append(TaskStarted(1.0, (), "t1", "search", 1))
    assert clock.now(run) == pytest.approx(1.0)
    run.append(held())
    wall = 160.0
    assert clock.now(run) == pytest.approx(1.0)
    run.append(Released(61.0, "h1", "go"))
    assert clock.now(run) == pytest.approx(1.0)
    wall = 160.5
    assert clock.now(run) == pytest.approx(1.5)


def test_while_others_run_on_it_is() -> None:
    run = Script().start().run
    run.append(TaskStarted(1.0, (), "t1", "search", 1))
    run.append(TaskStarted(1.0, (), "t2", "search", 1))
    run.append(TaskStarted(1.0, ("search:t2",), "t3", "inner", 1, parent="t2"))
    run.append(held())
    assert runs_on(run) == "1 other task runs on"
    run.append(Released(61.0, "h1", "go"))
    assert run.now == pytest.approx(61.0)


def test_what_a_breakpoint_set_on_something_is_about() -> None:
    graph = GraphInfo("g", "StateGraph", nodes=(NodeInfo("a", "node"), NodeInfo("b", "subgraph")), subgraphs=(
        GraphInfo("i", "StateGraph", path=("b",), nodes=(NodeInfo("a", "node"), NodeInfo("c", "node"))),
    ))  # fmt: skip
    assert at_node(("a",), graph) == Aim("before", "/a")
    assert at_node(("b", "a"), graph) == Aim("before", "b/a")
    assert at_node(("b", "c"), graph) == Aim("before", "c")
    assert at_node(("__start__",), graph) is None
    run = Run()
    run.append(TaskStarted(0.0, ("b:1",), "t1", "a", 1))
    run.append(SpanStarted(0.0, "s1", None, "model", "ChatOpenAI", "t1", model="gpt-5"))
    run.append(SpanStarted(0.0, "s2", "s1", "chain", "prompt", "t1"))
    task, model, chain = run.tasks["t1"], run.spans["s1"], run.spans["s2"]
    assert aim(task, graph) == aim(chain, graph) == Aim("before", "b/a")
    assert aim(model, graph) == Aim("model", "gpt-5")
    assert aim(None, graph) is None
    points = [parse_spec("/a"), parse_spec("model:ChatOpenAI")]
    assert marked(task, points) is None
    assert marked(model, points) is True
    assert marked(chain, points) is None
    assert marked(task, [parse_spec("error"), parse_spec("tool:a")]) is True


def test_breakpoints_that_stop_are_counted() -> None:
    run = Script().start().run
    for number in range(2):
        run.append(
            Held(1.0, f"h{number}", "error", (), None, "a", 1, "breakpoint", breakpoint="b1", error=Failure("E", ""))
        )
    assert run.stops == {"b1": 2}
