"""What is held on screen: where and why, its arguments, and every way to let it go on; against a session that plays
events."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from inspector.core.events import Blocked, Failure, Held, Released, TaskStarted
from inspector.errors import CommandError
from inspector.tui import commands
from inspector.tui.commands import Situation
from tests.tui.drive import SMALL, main, running, screen_text, shows, type_text, until
from tests.tui.fake import CHAT, FakeSession, pack

FLIGHT = {"from": "LIS", "to": "CDG", "seats": 2}


def begun(session: FakeSession, *nodes: str) -> None:
    """A run whose tasks run, one a node."""
    session.begin(input={"messages": "plan a trip"})
    for node in nodes:
        session.play(TaskStarted(0.1, (), f"task-{node}", node, 1, ("x",), input=pack({"topic": node})))


async def test_a_held_tool_call_says_where_why_and_with_what() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "a", "b", "search")
        session.hold("search", "search", what="tool", name="book_flight", value=pack(FLIGHT))
        await shows(pilot, "‖ held before tool book_flight", "in search", "breakpoint", "2 other tasks run on")
        await shows(pilot, '"LIS"', "seats", "c let it call", "e edit arguments", "a answer for it", "f fail it")
        header = screen_text(pilot).splitlines()[0]
        assert "‖ held" in header
        assert "before tool book_flight" in header
        assert session.view.selected is not None
        await pilot.press("c")
        await until(pilot, lambda: session.asked("release"))
        assert session.asked("release") == [("search", "go", None)]
        await until(pilot, lambda: "book_flight" not in screen_text(pilot))
        assert main(pilot).now.holds == 0


async def test_arguments_are_edited_as_checked_json() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "search")
        session.hold("search", "search", what="tool", name="book_flight", value=pack({"seats": 2}))
        await shows(pilot, "e edit arguments")
        await pilot.press("e")
        await shows(pilot, '"seats": 2', "✔ can be sent")
        await pilot.press("up", "end", "backspace")
        await type_text(pilot, "[")
        await shows(pilot, "✖ This is not JSON")
        await pilot.press("ctrl+s")
        assert session.asked("release") == []
        await pilot.press("backspace", "3", "ctrl+s")
        await until(pilot, lambda: session.asked("release"))
        assert session.asked("release") == [("search", "edit", {"seats": 3})]


@pytest.mark.parametrize(
    ("key", "typed", "how", "value"),
    [
        ("a", "no seats left", "answer", "no seats left"),
        ("a", '{"seats":[1]}', "answer", {"seats": [1]}),
        ("f", "404", "fail", "404"),
    ],
)
async def test_a_held_call_is_answered_or_failed(key: str, typed: str, how: str, value: object) -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "search")
        session.hold("search", "search", what="tool", name="book_flight", value=pack(FLIGHT))
        await shows(pilot, "f fail it")
        await pilot.press(key)
        await pilot.press("enter")
        await shows(pilot, "✖ Type a")
        await type_text(pilot, typed)
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("release"))
        assert session.asked("release") == [("search", how, value)]


async def test_escape_leaves_it_held() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "search")
        prompt = pack([{"role": "user", "content": "hi there"}])
        session.hold("search", "search", what="model", name="gpt", value=prompt)
        await shows(pilot, "‖ held before model gpt", "hi there", "a answer for it")
        assert "edit arguments" not in screen_text(pilot)
        await pilot.press("a")
        await shows(pilot, "reply ▸")
        await pilot.press("escape")
        await until(pilot, lambda: "reply ▸" not in screen_text(pilot))
        await pilot.press("e")
        await shows(pilot, '"role": "user"')
        await pilot.press("escape")
        await until(pilot, lambda: "edit prompt" in screen_text(pilot))
        await pilot.press("c")
        await until(pilot, lambda: session.asked("release"))


async def test_what_the_tool_does_not_take_can_be_mended() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "search")
        session.hold("search", "search", what="tool", name="book_flight", value=pack({"seats": 2}))
        await shows(pilot, "e edit arguments")
        await pilot.press("e")
        await shows(pilot, '"seats": 2')
        await pilot.press("up", "end", "backspace", "0")
        session.steer.refusal = CommandError("book_flight does not take these arguments: seats must be above 0.")
        await pilot.press("ctrl+s")
        await shows(pilot, "✖ book_flight does not take these arguments", '"seats": 0')
        await pilot.press("up", "end", "backspace", "1", "ctrl+s")
        await until(pilot, lambda: session.asked("release"))
        assert session.asked("release") == [("search", "edit", {"seats": 1})]


async def test_of_several_one_is_released_or_all() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "a", "b", "c")
        for node in ("a", "b", "c"):
            session.hold(node, node, what="tool", name=f"tool_{node}", value=pack({"city": node}))
        await shows(pilot, "1 of 3 held", "tool_a", "tool_b", "tool_c", "C release all", "J next held")
        await pilot.press("J")
        await shows(pilot, "2 of 3 held", "‖ held before tool tool_b")
        assert session.view.held is session.view.run.held["b"]
        assert session.view.selected is session.view.run.tasks["task-b"]
        await pilot.press("c")
        await shows(pilot, "1 of 2 held")
        assert session.asked("release") == [("b", "go", None)]
        await until(pilot, lambda: session.view.selected is session.view.run.tasks["task-a"])
        await pilot.press("K")
        await shows(pilot, "2 of 2 held", "‖ held before tool tool_c")
        await pilot.press("C")
        await until(pilot, lambda: session.asked("step"))
        assert session.asked("step") == [("continue", "")]
        await until(pilot, lambda: not main(pilot).held_box.display)


async def test_the_list_takes_the_keyboard_and_gives_it_back() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "a", "b")
        session.hold("a", "a")
        session.hold("b", "b")
        await shows(pilot, "1 of 2 held", "‖ held before a")
        main(pilot).held_box.rows.focus()
        await pilot.press("down")
        await shows(pilot, "2 of 2 held", "‖ held before b")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("release"))
        assert session.asked("release") == [("b", "go", None)]
        await shows(pilot, "‖ held before a")
        session.play(Released(1.2, "a", "go"))
        await until(pilot, lambda: not main(pilot).held_box.display)
        await until(pilot, lambda: main(pilot).board.focused_pane() is not None)


def _more_steps(session: FakeSession, before: int) -> bool:
    return len(session.asked("step")) > before


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        (("s", "f10"), ("over", "")),
        (("i", "f11"), ("into", "")),
        (("O", "shift+f11"), ("out", "")),
        (("c", "f5"), ("continue", "")),
    ],
)
async def test_each_step_has_a_letter_and_a_debuggers_key(keys: tuple[str, str], step: tuple[str, str]) -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "work")
        for key in keys:
            session.play(Held(1.0, "work", "before", ("outer:1",), "task-work", "work", 1, "step"))
            await until(pilot, lambda: main(pilot).now.holds == 1)
            await shows(pilot, "‖ held before work", "in outer", "(step)")
            before = len(session.asked("step"))
            await pilot.press(key)
            await until(pilot, partial(_more_steps, session, before))
            assert session.asked("step")[-1] == step
            await until(pilot, lambda: main(pilot).now.holds == 0)


async def test_a_paused_run_is_stepped_too() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        session.begin()
        session.step(1, 0.1)
        session.end("paused", next=("write_up",))
        await shows(pilot, "‖ paused before write_up", "c continue", "s step", "i into")
        assert "O out" not in screen_text(pilot)
        await pilot.press("i")
        await until(pilot, lambda: session.asked("step"))
        assert session.asked("step") == [("into", "")]


async def test_what_is_refused_is_said_and_it_stays_held() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "work")
        session.hold("work")
        await shows(pilot, "‖ held before work")
        session.steer.refusal = CommandError("It was [released] meanwhile.")
        await pilot.press("s")
        await until(pilot, lambda: [note.message for note in pilot.app._notifications])
        assert [note.message for note in pilot.app._notifications] == ["It was [released] meanwhile."]
        assert "‖ held before work" in screen_text(pilot)


async def test_the_run_is_cancelled_while_held() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "work")
        session.hold("work", what="error", error=Failure("ValueError", "[no] flight"))
        await shows(pilot, "‖ held work failed", "ValueError: [no] flight", "x cancel")
        await pilot.press("x")
        await until(pilot, lambda: session.asked("cancel"))
        session.end("cancelled", next=("work",))
        await shows(pilot, "⊘ cancelled")
        await until(pilot, lambda: not main(pilot).held_box.display)


@pytest.mark.parametrize("size", [SMALL, (20, 5), (250, 80)])
async def test_twenty_hostile_ones_at_any_size(size: tuple[int, int]) -> None:
    session = FakeSession(CHAT)
    evil = "[bold red]x[/] \x1b[31m\u202e" * 30
    async with running(session, input={}, size=size) as pilot:
        begun(session, "work")
        for index in range(20):
            session.hold(f"{index}", evil, what="tool", name=evil, value=pack({evil: [evil] * 30}), note=evil)
        await until(pilot, lambda: main(pilot).held_box.display and main(pilot).now.holds == 20)
        shown = screen_text(pilot)
        assert not set("\x1b\u202e") & set(shown)
        for key in ("J", "a", "escape", "e", "escape", "f", "escape", "K", "C"):
            await pilot.press(key)
        await until(pilot, lambda: session.asked("step"))


STEPS = {"step('over')", "step('into')", "go_on"}
CALL = {"release('call')", "held_answer", "held_fail"}
OTHERS = {"other_held(1)", "other_held(-1)"}


@pytest.mark.parametrize(
    ("now", "actions"),
    [
        (Situation(held="before", holds=1), STEPS),
        (Situation(held="after", holds=1, inner=True, to_node=True), {*STEPS, "step('out')", "run_to"}),
        (Situation(held="before", holds=2), {*STEPS, "release('one')", "release_all", *OTHERS}),
        (Situation(held="tool", holds=1), {*STEPS, *CALL, "held_edit('arguments')"}),
        (Situation(held="model", holds=2), {*STEPS, *CALL, "held_edit('prompt')", "release_all", *OTHERS}),
        (Situation(held="tool", holds=2, writing=True), set()),
    ],
)
def test_what_can_be_done_with_what_is_held(now: Situation, actions: set[str]) -> None:
    now = replace(now, stage="ready", phase="running", running=True)
    applying = {command.action for command in commands.applying(now) if command.group in ("Run", "Step", "Held")}
    assert applying == actions | {"cancel", "breakpoints"}


async def test_a_debuggee_that_hangs_is_ended_and_started_again() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        begun(session, "work")
        session.play(Blocked(1.0, 3.0, "agent.py:12 in work"))
        await shows(pilot, "blocked for 3s", "R restart")
        await pilot.press("R")
        await until(pilot, lambda: session.asked("restart") and session.stage == "ready")
        assert [name for name, _ in session.calls if name in ("kill", "restart")] == ["kill", "restart"]
        await shows(pilot, "message ▸")
