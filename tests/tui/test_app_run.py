"""The life of a run on screen: inputs, answers, commands, the end; against a session that plays events."""

from __future__ import annotations

import pytest

from inspector.core.events import Blocked, Failure
from inspector.errors import CommandError
from inspector.tui.widgets.editors import Line
from tests.tui.drive import SMALL, WIDE, running, screen_text, shows, type_text, until
from tests.tui.fake import ANY, CHAT, FORM, FakeSession


async def test_the_frame_is_painted_while_the_graph_is_loading() -> None:
    session = FakeSession(held=True)
    async with running(session) as pilot:
        await shows(pilot, "Timeline", "State", "History", "Tokens", "loading")
        session.loaded.set()
        await shows(pilot, "message ▸")


async def test_a_chat_line_sends_a_message() -> None:
    session = FakeSession(CHAT)
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await type_text(pilot, "plan a trip")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"messages": [{"role": "user", "content": "plan a trip"}]}]
        session.begin(input=session.asked("start")[0])
        await shows(pilot, "● running", "plan a trip")


async def test_an_empty_message_is_not_sent() -> None:
    session = FakeSession(CHAT)
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await pilot.press("enter")
        await shows(pilot, "✖ Type a message first.")
        assert session.asked("start") == []


async def test_a_given_input_starts_the_run_without_asking() -> None:
    session = FakeSession(FORM)
    async with running(session, input={"topic": "x"}) as pilot:
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"topic": "x"}]
        assert "topic ▸" not in screen_text(pilot)


async def test_an_input_that_the_schema_refuses_is_said_and_can_be_mended() -> None:
    session = FakeSession(FORM)
    async with running(session, input={"words": "many"}) as pilot:
        await shows(pilot, "✖ “words” must be a whole number", '"words": "many"')
        await pilot.press("up", "end", *["backspace"] * 6)
        await type_text(pilot, "12")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"words": 12}]


async def test_the_form_sends_its_fields_and_names_what_is_wrong() -> None:
    session = FakeSession(FORM)
    async with running(session) as pilot:
        await shows(pilot, "topic", "words", "draft", "style")
        await type_text(pilot, "Lisbon")
        await pilot.press("tab")
        await type_text(pilot, "many")
        await pilot.press("enter")
        await shows(pilot, "✖ “words” must be a whole number, not “many”.")
        assert session.asked("start") == []
        await pilot.press("ctrl+u")
        await type_text(pilot, "12")
        await pilot.press("tab", "space", "space", "tab", "right", "enter")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"topic": "Lisbon", "words": 12, "draft": False, "style": "terse"}]


async def test_the_json_editor_checks_while_typing_and_sends() -> None:
    session = FakeSession(ANY)
    async with running(session) as pilot:
        await shows(pilot, "✔ can be sent")
        await pilot.press("home", "delete", "delete")
        await type_text(pilot, '{"a":')
        await shows(pilot, "✖ This is not JSON: line 1, column 6: expecting value.")
        await pilot.press("ctrl+s")
        assert session.asked("start") == []
        await type_text(pilot, "1}")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"a": 1}]


async def test_editors_take_over_what_was_typed() -> None:
    session = FakeSession(FORM)
    async with running(session) as pilot:
        await shows(pilot, "topic", "as JSON")
        await type_text(pilot, "Lisbon")
        await pilot.press("ctrl+o")
        await shows(pilot, '"topic": "Lisbon"', "as form")
        await pilot.press("ctrl+o")
        await shows(pilot, "Lisbon", "style")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"topic": "Lisbon"}]


async def test_earlier_inputs_come_back_with_the_arrows() -> None:
    session = FakeSession(CHAT)
    session.remembered = [
        '{"messages": [{"role": "user", "content": "newest"}]}',
        '{"messages": [{"role": "user", "content": "older"}]}',
    ]
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await type_text(pilot, "draft")
        await pilot.press("up")
        await shows(pilot, "newest", "earlier input 1 of 2")
        await pilot.press("up", "up")
        await shows(pilot, "older", "earlier input 2 of 2")
        await pilot.press("down", "down")
        await shows(pilot, "message ▸ draft")
        await pilot.press("up", "enter")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"messages": [{"role": "user", "content": "newest"}]}]


async def test_an_earlier_input_that_the_line_cannot_say_opens_the_json_editor() -> None:
    session = FakeSession(CHAT)
    session.remembered = ['{"messages": [{"role": "user", "content": "a\\u001bb"}], "user": "eva"}']
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await pilot.press("up")
        await shows(pilot, '"user": "eva"', "a\\u001bb")


async def test_pasting_lines_into_the_chat_line_keeps_them_all() -> None:
    from textual.events import Paste

    session = FakeSession(CHAT)
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await type_text(pilot, "see ")
        pilot.app.post_message(Paste("one\ntwo\n"))
        await shows(pilot, "see one", "two")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"messages": [{"role": "user", "content": "see one\ntwo\n"}]}]


async def test_keys_steer_the_run_only_while_it_runs() -> None:
    session = FakeSession(CHAT)
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await pilot.press("escape")
        await shows(pilot, "q quit")
        await pilot.press("p", "x")
        assert session.asked("pause") == []
        assert session.asked("cancel") == []
        session.begin()
        await shows(pilot, "p pause", "x cancel")
        await pilot.press("p")
        await until(pilot, lambda: session.asked("pause"))
        session.end("paused", next=("write_up",))
        await shows(pilot, "‖ paused before write_up", "c continue")
        await pilot.press("c")
        await until(pilot, lambda: session.asked("go_on"))


async def test_a_run_that_does_not_answer_can_be_killed_and_restarted() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        session.play(Blocked(1.0, 3.0, "agent.py:12 in work"))
        await shows(pilot, "blocked for 3s at agent.py:12 in work")
        await pilot.press("x")
        await shows(pilot, "cancelling", "x kill")
        await pilot.press("x")
        await shows(pilot, "✖ The graph's process was killed.", "r restart")
        assert session.calls[-2:] == [("cancel", None), ("kill", None)]
        await pilot.press("r")
        await until(pilot, lambda: session.asked("restart") and session.stage == "ready")
        await shows(pilot, "message ▸")


async def test_a_question_is_answered_by_text_or_json() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        session.step(1, 0.1)
        session.ask("995a77", {"question": "Book these flights?", "price": 1140})
        session.end("interrupted", next=("approve",))
        await shows(pilot, "‖ approve asks", "Book these flights?", "price  1140", "answer ▸")
        await type_text(pilot, "true")
        await shows(pilot, "sends Command(resume={'995a77': True})", "approve  995a77")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"995a77": True}]
        session.begin(resumed=True)
        session.end()
        await until(pilot, lambda: "asks" not in screen_text(pilot))


async def test_of_several_questions_one_is_chosen() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        session.ask("first", "One?", node="a")
        session.ask("second", "Two?", node="b")
        session.end("interrupted", next=("a", "b"))
        await shows(pilot, "‖ a asks", "One?", "1 of 2 waiting")
        await pilot.press("pagedown")
        await shows(pilot, "‖ b asks", "Two?", "2 of 2 waiting")
        await type_text(pilot, "yes")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"second": "yes"}]


async def test_questions_with_forms_are_gone_through_too() -> None:
    session = FakeSession(CHAT)
    schema = {"type": "object", "properties": {"limit": {"type": "integer"}}, "required": ["limit"]}
    async with running(session, input={"messages": []}) as pilot:
        await until(pilot, lambda: session.asked("start"))
        session.begin()
        session.ask("first", "How much?", node="finance", schema=schema)
        session.ask("second", "Really?", node="legal")
        session.end("interrupted", next=("finance", "legal"))
        await shows(pilot, "‖ finance asks", "limit", "PgDn next question")
        await pilot.press("enter")
        await shows(pilot, "✖ The answer lacks “limit”.")
        await pilot.press("pagedown")
        await shows(pilot, "‖ legal asks", "answer ▸")
        await pilot.press("pageup")
        await shows(pilot, "‖ finance asks")
        await type_text(pilot, "12")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"first": {"limit": 12}}]


async def test_earlier_inputs_fill_the_form() -> None:
    session = FakeSession(FORM)
    session.remembered = ['{"topic": "Lisbon", "words": 5, "draft": true}']
    async with running(session) as pilot:
        await shows(pilot, "topic", "style")
        await pilot.press("up")
        await shows(pilot, "Lisbon", "● true", "earlier input 1 of 1")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("start"))
        assert session.asked("start") == [{"topic": "Lisbon", "words": 5, "draft": True}]


async def test_an_answer_is_checked_against_the_schema_of_the_question() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        session.ask("id", "How many?", schema={"type": "integer"})
        session.end("interrupted", next=("approve",))
        await shows(pilot, "How many?", "answer ▸")
        await type_text(pilot, "many")
        await pilot.press("enter")
        await shows(pilot, "✖ The answer must be a whole number")
        await pilot.press("ctrl+u")
        await type_text(pilot, "3")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("resume"))
        assert session.asked("resume") == [{"id": 3}]


async def test_markup_and_escapes_in_a_question_are_only_text() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        session.ask("id", "[bold red]sure?[/] \x1b[31m\u202e", node="[b]node")
        session.end("interrupted")
        await shows(pilot, "[bold red]sure?[/] ␛[31m", "[b]node asks")


async def test_the_next_input_goes_to_the_same_line() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        session.end("done")
        await shows(pilot, "message ▸")
        await type_text(pilot, "again")
        await pilot.press("enter")
        await until(pilot, lambda: len(session.asked("start")) == 2)


async def test_a_failed_run_says_so_and_can_be_tried_again() -> None:
    session = FakeSession(FORM)
    async with running(session, input={"topic": "x"}) as pilot:
        session.begin()
        session.step(1, 0.1)
        session.end("error", next=("work",), error=Failure("TimeoutError", "no [answer]"))
        await shows(pilot, "✖ failed TimeoutError: no [answer]", "c tries again")
        await pilot.press("c")
        await until(pilot, lambda: session.asked("go_on"))


async def test_what_the_debuggee_refuses_is_said() -> None:
    session = FakeSession(CHAT)
    session.refusal = CommandError("There is [nothing] to do.")
    async with running(session) as pilot:
        await shows(pilot, "message ▸")
        await type_text(pilot, "x")
        await pilot.press("enter")
        await shows(pilot, "✖ There is [nothing] to do.", "message ▸ x")


async def test_looking_back_and_returning() -> None:
    session = FakeSession(CHAT)
    async with running(session, input={"messages": []}) as pilot:
        session.begin()
        for step in range(1, 5):
            session.step(step, step * 0.2)
        session.end()
        await until(pilot, lambda: isinstance(pilot.app.focused, Line))
        await pilot.press("escape")
        await shows(pilot, "[ ] back/forward")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await until(pilot, lambda: session.view.cursor == "cp-2")
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: session.view.cursor == "cp-3")
        await shows(pilot, "esc live")
        await pilot.press("escape")
        await until(pilot, lambda: session.view.live)
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: not session.view.live)
        await pilot.press("L")
        await until(pilot, lambda: session.view.live)


@pytest.mark.parametrize("size", [WIDE, SMALL, (20, 5), (250, 80)])
async def test_a_whole_conversation_at_any_size(size: tuple[int, int]) -> None:
    session = FakeSession(CHAT)
    async with running(session, size=size) as pilot:
        await until(pilot, lambda: isinstance(pilot.app.focused, Line))
        await type_text(pilot, "hi")
        await pilot.press("enter")
        await until(pilot, lambda: session.asked("start"))
        session.begin(input={"messages": "hi"})
        session.step(1, 0.1)
        session.ask("id", {"question": "Really?", "rows": ["x" * 300] * 30})
        session.end("interrupted", next=("approve",))
        await until(pilot, lambda: session.view.run.phase == "interrupted" and isinstance(pilot.app.focused, Line))
        await pilot.press("y", "enter")
        await until(pilot, lambda: session.asked("resume"))
        session.begin(resumed=True)
        session.end()
        await until(pilot, lambda: session.view.run.phase == "done")
