"""Calls of tools and models, held before they are made: let through, edited, answered, failed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inspector.core.events import Blocked, Released, SpanEnded, SpanStarted, Token
from inspector.errors import CommandError
from tests.control.debugging import Debugging, debugging, shown

HELLO = {"messages": [{"type": "human", "content": "hello there"}]}


async def test_a_tool_is_held_before_its_side_effect_each_call_by_itself(tmp_path: Path) -> None:
    async with debugging("paying", tmp_path, ["tool:pay"]) as it:
        await it.session.start({"messages": []})
        one, two = sorted(await it.stopped(2), key=lambda held: held.call_id)
        assert (one.what, one.name, one.node, one.call_id) == ("tool", "pay", "tools", "call-1")
        assert (shown(one), shown(two)) == ({"amount": 5, "to": "Ann"}, {"amount": 7, "to": "Bob"})
        assert it.order == ["ask"]
        assert not [span for span in it.of(SpanStarted) if span.type == "tool"]  # it has not begun
        await it.steer.release(two.id)
        await it.until(lambda: it.ran["pay 7 Bob"] and it.of(Released))
        assert it.held == [one]
        await it.steer.release(one.id, "edit", {"amount": 6, "to": "Ann"})
        assert (await it.ended()).status == "done"
        assert it.order == ["ask", "pay 7 Bob", "pay 6 Ann"]
        assert await _messages(it) == ["paid 6 to Ann", "paid 7 to Bob"]


async def test_a_tool_is_answered_or_failed_by_the_developer(tmp_path: Path) -> None:
    async with debugging("paying", tmp_path, ["tool:pay if args.amount > 1"]) as it:
        await it.session.start({"messages": []})
        one, two = sorted(await it.stopped(2), key=lambda held: held.call_id)
        await it.steer.release(one.id, "answer", {"receipt": 12})
        await it.steer.release(two.id, "fail", "the bank is closed")
        assert (await it.ended()).status == "done"
        assert it.order == ["ask"]
        first, second = await _messages(it, whole=True)
        assert (first["content"], first["name"], first["tool_call_id"]) == ('{"receipt": 12}', "pay", "call-1")
        assert second["status"] == "error"
        assert "the bank is closed" in second["content"]
        ends = [span for span in it.of(SpanEnded) if span.call_id]
        assert {(span.call_id, span.status) for span in ends} == {("call-1", "ok"), ("call-2", "error")}


async def test_arguments_that_a_tool_does_not_take_are_refused_and_it_stays_held(tmp_path: Path) -> None:
    async with debugging("paying", tmp_path, ["tool:pay if args.to == 'Ann'"]) as it:
        await it.session.start({"messages": []})
        [held] = await it.stopped()
        for value, said in [
            ({"amount": "much", "to": "Ann"}, "amount: Input should be a valid integer"),
            ({"amount": 1}, "to: Field required"),
            ([1], "JSON object"),
        ]:
            with pytest.raises(CommandError, match=said):
                await it.steer.release(held.id, "edit", value)
        with pytest.raises(CommandError, match="not held any more"):
            await it.steer.release("no-such-hold")
        assert it.held == [held]
        await it.steer.release(held.id)
        assert (await it.ended()).status == "done"


async def test_injected_arguments_are_not_shown_and_kept_by_an_edit(tmp_path: Path) -> None:
    async with debugging("paying_now", tmp_path, ["tool"]) as it:
        await it.session.start({"messages": []})
        [held] = await it.stopped()
        assert shown(held) == {"amount": 5}
        await it.steer.release(held.id, "edit", {"amount": 8})
        assert (await it.ended()).status == "done"
        assert it.order == ["ask", "pay_now 8 1"]  # it still got the state, with its one message


@pytest.mark.parametrize("how", ["go", "cancel"])
async def test_a_synchronous_call_on_the_loops_own_thread_is_held_and_released(how: str, tmp_path: Path) -> None:
    async with debugging("on_loop", tmp_path, ["tool:pay_loop"], process=True) as it:
        await it.session.start({"said": []})
        [held] = await it.stopped()
        assert (held.node, shown(held)) == ("work", {"amount": 3})
        assert held.task in it.run.tasks
        if how == "go":
            await it.steer.release(held.id, "edit", {"amount": 4})
            assert (await it.ended()).status == "done"
            assert it.order == ["pay_loop 4"]
        else:
            await it.session.cancel()
            assert (await it.ended()).status == "cancelled"
            assert it.order == []
            await it.steer.set_breakpoints([])
            await it.session.start(goes_on=True)  # the loop answers again
            await it.ended()
            assert it.order == ["pay_loop 3"]
        assert not it.of(Blocked)


@pytest.mark.parametrize("graph", ["talking", "talking_stream", "talking_plain", "talking_thread"])
async def test_a_model_call_is_held_once_and_let_through(graph: str, tmp_path: Path) -> None:
    async with debugging(graph, tmp_path, ["model:parrot-1" if graph != "talking_plain" else "model:Plain"]) as it:
        await it.session.start(HELLO)
        [held] = await it.stopped()
        assert held.what == "model"
        assert held.name in ("parrot-1", "Parrot", "Plain")
        assert [message["content"] for message in shown(held)] == ["hello there"]
        assert it.order == []
        await it.steer.release(held.id)
        assert (await it.ended()).status == "done"
        assert it.order == ["model hello there"]


@pytest.mark.parametrize("graph", ["talking", "talking_stream", "talking_plain", "talking_thread"])
async def test_a_model_call_is_answered_by_the_developer(graph: str, tmp_path: Path) -> None:
    async with debugging(graph, tmp_path, ["model"]) as it:
        await it.session.start(HELLO)
        [held] = await it.stopped()
        answer = {"content": "I say", "tool_calls": [{"name": "pay", "args": {"amount": 1}}]}
        await it.steer.release(held.id, "answer", answer)
        assert (await it.ended()).status == "done"
        assert it.order == []
        [message] = (await it.state())["messages"][1:]
        assert message["content"] == "I say"
        [span] = [span for span in it.of(SpanStarted) if span.type == "model"]
        assert span.name in ("Parrot", "Plain")
        assert "I say" in "".join(token.text for token in it.of(Token) if token.type == "text")
        if graph in ("talking", "talking_thread"):  # the other nodes keep the text alone
            [call] = message["tool_calls"]
            assert (call["name"], call["args"]) == ("pay", {"amount": 1})
            [ended] = [end for end in it.of(SpanEnded) if end.span == span.span]
            assert ended.calls == (call["id"],)


async def test_a_model_is_asked_something_else_or_fails(tmp_path: Path) -> None:
    async with debugging("talking", tmp_path, ["model"]) as it:
        await it.session.start(HELLO)
        [held] = await it.stopped()
        with pytest.raises(CommandError, match="list of messages"):
            await it.steer.release(held.id, "edit", 3)
        with pytest.raises(CommandError, match="content"):
            await it.steer.release(held.id, "answer", {"text": "no message"})
        await it.steer.release(held.id, "edit", [{"role": "user", "content": "good bye"}])
        assert (await it.ended()).status == "done"
        assert it.order == ["model good bye"]

        await it.session.start(HELLO)
        [held] = await it.stopped()
        await it.steer.release(held.id, "fail", "out of words")
        ended = await it.ended()
        assert (ended.status, str(ended.error)) == ("error", "RuntimeError: out of words")
        assert it.order == ["model good bye"]


@pytest.mark.parametrize(
    ("action", "value", "said", "order"),
    [
        ("answer", "the end", "the end", []),
        ("edit", "long ago", "long ago", ["model long ago"]),
        ("go", None, "once upon a time", ["model once upon a time"]),
    ],
)
async def test_completion_models_are_held_too(
    action: Any, value: Any, said: str, order: list[str], tmp_path: Path
) -> None:
    async with debugging("completing", tmp_path, ["model:Completes"]) as it:
        await it.session.start({"said": []})
        [held] = await it.stopped()
        assert shown(held) == "once upon a time"
        with pytest.raises(CommandError, match="a text"):
            await it.steer.release(held.id, "answer", {"content": "x"})
        await it.steer.release(held.id, action, value)
        assert (await it.ended()).status == "done"
        assert (await it.state())["said"] == [said]
        assert it.order == order


async def test_leaving_while_a_call_holds_the_loop_does_not_have_to_kill(tmp_path: Path) -> None:
    async with debugging("on_loop", tmp_path, ["tool:pay_loop"], process=True) as it:
        await it.session.start({"said": []})
        await it.stopped()
        await it.session.close()
        assert (await it.ended()).status == "cancelled"
        assert it.order == []


async def test_usage_and_messages_can_be_asked_about_in_conditions(tmp_path: Path) -> None:
    spec = "model if usage.input == 10 and usage.output == 5 and args.messages[-1].content.startswith('again')"
    async with debugging("talking_twice", tmp_path, [spec]) as it:
        await it.session.start(HELLO)
        [held] = await it.stopped()
        assert not held.note
        assert it.order == ["model hello there"]
        await it.steer.release(None)
        assert (await it.ended()).status == "done"
        assert it.order == ["model hello there", "model again"]


async def test_only_calls_can_be_answered(tmp_path: Path) -> None:
    async with debugging("line", tmp_path, ["b"]) as it:
        await it.session.start({"said": []})
        [held] = await it.stopped()
        with pytest.raises(CommandError, match="Only a held call"):
            await it.steer.release(held.id, "answer", {"said": ["x"]})
        assert it.held == [held]


async def _messages(it: Debugging, *, whole: bool = False) -> list[Any]:
    messages: list[Any] = (await it.state())["messages"][1:]
    return messages if whole else [message["content"] for message in messages]
