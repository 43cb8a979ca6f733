"""What a graph asks: the list of questions, decisions, several answers at once, and what is sent."""

from __future__ import annotations

from typing import Any

import pytest

from inspector.debuggee.asking import approvals
from inspector.tui.widgets.decisions import DecisionsEditor
from tests.tui.drive import SMALL, main, running, screen_text, shows, type_text, until
from tests.tui.fake import CHAT, FakeSession

CALLS = {
    "action_requests": [
        {"name": "send_mail", "args": {"to": "eva"}, "description": "Write to Eva"},
        {"name": "book", "args": {"seats": 2}},
    ],
    "review_configs": [
        {"action_name": "send_mail", "allowed_decisions": ["approve", "edit", "reject"]},
        {"action_name": "book", "allowed_decisions": ["approve", "respond"]},
    ],
}
INBOX = [
    {
        "action_request": {"action": "send_mail", "args": {"to": "eva"}},
        "config": {"allow_accept": True, "allow_edit": True, "allow_respond": True, "allow_ignore": True},
        "description": "Send this mail?",
    }
]


async def test_calls_are_decided_with_the_keyboard_one_by_one() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        session.begin()
        session.ask("995a77", CALLS, schema=approvals(CALLS))
        session.end("interrupted", next=("approve",))
        await shows(pilot, "May it call send_mail, book?", "● approve", "○ edit", "○ reject", "○ respond")
        await shows(
            pilot, "sends Command(resume={'995a77': {'decisions': [{'type': 'approve'}, {'type': 'approve'}]}})"
        )
        await pilot.press("e")
        await shows(pilot, "● edit", '{"to": "eva"}')
        await pilot.press("tab", "end", "backspace", "backspace", "backspace", "backspace", "backspace")
        await type_text(pilot, "bob")
        await pilot.press("enter")
        await shows(pilot, "✖ This is not JSON")
        assert session.asked("resume") == []
        await type_text(pilot, '"}')
        await pilot.press("tab", "right", "enter")
        await shows(pilot, "✖ Type the result to respond it.")
        await type_text(pilot, "sold out")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
        edited = {"type": "edit", "edited_action": {"name": "send_mail", "args": {"to": "bob"}}}
        respond = {"type": "respond", "message": "sold out"}
        assert session.asked("resume") == [{"995a77": {"decisions": [edited, respond]}}]


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("accept", {"type": "accept", "args": None}), ("i", {"type": "ignore", "args": None})],
)
async def test_the_older_shape_is_answered_with_a_list(typed: str, answer: dict[str, Any]) -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        session.begin()
        session.ask("id", INBOX)
        session.end("interrupted")
        await shows(pilot, "Send this mail?", "calls send_mail", "● accept", "○ response", "○ ignore")
        await type_text(pilot, typed)
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"id": [answer]}]


async def test_anything_else_may_be_sent_as_a_line_or_as_json() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        session.begin()
        session.ask("id", INBOX)
        session.end("interrupted")
        await shows(pilot, "● accept", "as line")
        await pilot.press("i", "ctrl+o")
        await shows(pilot, "answer ▸", "'ignore'")
        await pilot.press("ctrl+u")
        await type_text(pilot, "no thanks")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"id": "no thanks"}]


async def test_a_yes_or_no_is_chosen() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        session.begin()
        session.ask("id", "Go on?", schema={"type": "boolean"})
        session.end("interrupted")
        await shows(pilot, "Go on?", "○ true", "○ false")
        await pilot.press("f", "enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"id": False}]


async def test_several_are_answered_in_any_order_some_now_and_some_later() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        session.begin()
        for name in ("one", "two", "three"):
            session.ask(name, f"{name}?", node=f"ask_{name}")
        session.end("interrupted", next=("ask_one", "ask_two", "ask_three"))
        await shows(pilot, "‖ one?", "‖ two?", "‖ three?", "ask_two  two", "1 of 3 waiting", "^n keep it")
        await pilot.press("pagedown", "pagedown")
        await shows(pilot, "‖ ask_three asks", "3 of 3 waiting")
        await type_text(pilot, "3")
        await pilot.press("ctrl+n")
        await shows(pilot, "✎ three?", "answered", "‖ ask_one asks", "Command(resume={'three': 3})")
        await type_text(pilot, "not yet")
        await pilot.press("pagedown")
        await shows(pilot, "‖ ask_two asks")
        await type_text(pilot, "2")
        await shows(pilot, "sends Command(resume={'three': 3, 'two': 2})")
        await pilot.press("pageup")
        await shows(pilot, "‖ ask_one asks", "not yet")
        await pilot.press("pagedown", "enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"three": 3, "two": 2}]
        session.begin(resumed=True)
        session.ask("one", "one?", node="ask_one")
        session.end("interrupted", next=("ask_one",))
        await shows(pilot, "‖ ask_one asks")
        await until(pilot, lambda: "waiting" not in screen_text(pilot))
        await pilot.press("ctrl+u")
        await type_text(pilot, "1")
        await shows(pilot, "sends Command(resume={'one': 1})")


async def test_a_question_is_never_an_error() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={}) as pilot:
        session.begin()
        session.ask("id", "Really?", node="approve")
        session.end("interrupted", next=("approve",))
        await shows(pilot, "‖ interrupted", "1 question", "Really?")
        assert "✖" not in screen_text(pilot)


@pytest.mark.parametrize("size", [SMALL, (20, 5), (250, 80)])
async def test_many_hostile_ones_at_any_size(size: tuple[int, int]) -> None:
    session = FakeSession(CHAT)
    evil = "[bold]x[/] \x1b[31m\u202e" * 20
    calls = {
        "action_requests": [{"name": evil, "args": {evil: evil}} for _ in range(9)],
        "review_configs": [{"action_name": evil, "allowed_decisions": ["approve", "edit", "reject"]}],
    }
    async with running(session, input={}, size=size) as pilot:
        session.begin()
        for number in range(30):
            session.ask(f"{number}{evil}", calls, node=evil, schema=approvals(calls))
        session.end("interrupted")
        await until(pilot, lambda: isinstance(main(pilot).bar.composer.editor, DecisionsEditor))
        await until(pilot, lambda: main(pilot).bar.composer.has_keyboard)
        await pilot.press("e", "tab", "tab", "r", "pagedown", "ctrl+n", "pageup")
        assert not set("\x1b\u202e") & set(screen_text(pilot))
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
