"""Agents with middleware: people in the loop, models and tools that are tried again, calls behind the scenes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver

from inspector.core.question import answer as typed
from inspector.core.question import question
from inspector.core.schema_form import example
from inspector.core.values import decode, to_json
from inspector.errors import InputError
from sample_graphs._model import ScriptedChatModel
from tests.real.checking import Call, Reply, answer, chat, check, check_resumed, model, outline, resumed, saved, watch
from tests.real.later import Later

agents = Later("langchain.agents")
middleware = Later("langchain.agents.middleware")


@tool
def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


@tool
def mail(to: str) -> str:
    """Send a mail."""
    return f"sent to {to}"


class Overloaded(ScriptedChatModel):
    """Fails after so many chunks."""

    after: int = 0

    async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[Any]:
        n = 0
        async for chunk in super()._astream(*args, **kwargs):
            if n == self.after:
                raise RuntimeError("529 overloaded")
            yield chunk
            n += 1


def failing(name: str, after: int = 0) -> Overloaded:
    replies = [Reply("a long answer, cut short")]
    return Overloaded(script=replies, model_name=name, after=after, first_token=0, tokens_per_second=None)


async def test_people_decide_for_all_calls_of_an_answer_at_once() -> None:
    calls = [Call("mail", {"to": "a@x"}), Call("add", {"a": 1, "b": 2}), Call("mail", {"to": "b@x"})]
    loop = middleware.HumanInTheLoopMiddleware(interrupt_on={"mail": {"allowed_decisions": ["approve", "reject"]}})
    asking = model(Reply(calls=calls), Reply("Done."))
    agent = agents.create_agent(asking, [mail, add], middleware=[loop], checkpointer=InMemorySaver())

    first = await watch(agent, chat())
    await check(first)
    assert outline(first.run) == [
        "model", "  @scripted-1", "HumanInTheLoopMiddleware.after_model (interrupted)",
    ]  # fmt: skip
    [waiting] = first.run.pending.values()
    value, schema = decode(waiting.value), to_json(decode(waiting.schema))
    assert question(value).headline == "May it call mail, mail?"
    assert example(schema) == {"decisions": [{"type": "approve"}, {"type": "approve"}]}
    for wrong in ("yes", '{"decisions": [{"type": "approve"}]}', '{"decisions": [{"type": "edit"}, {"type": "edit"}]}'):
        with pytest.raises(InputError):
            typed(wrong, schema)
    decisions = typed('{"decisions": [{"type": "approve"}, {"type": "reject", "message": "no"}]}', schema)

    second = await watch(agent, answer(first.run, decisions))
    check_resumed(second)
    assert outline(resumed(first, second))[3:] == [
        "HumanInTheLoopMiddleware.after_model", "tools", "  mail()", "tools", "  add()",
        "model", "  @scripted-1", "HumanInTheLoopMiddleware.after_model",
    ]  # fmt: skip
    assert second.ended.status == "done"


async def test_people_decide_for_each_call_by_itself() -> None:
    calls = [Call("mail", {"to": "a@x"}), Call("mail", {"to": "b@x"})]
    try:
        loop = middleware.HumanInTheLoopMiddleware(interrupt_on={"mail": True}, interrupt_mode="per_call")
    except TypeError:
        pytest.skip("this langchain asks once an answer only")
    asking = model(Reply(calls=calls), Reply("Done."))
    agent = agents.create_agent(asking, [mail], middleware=[loop], checkpointer=InMemorySaver())

    first = await watch(agent, chat())
    await check(first)
    assert len(first.run.pending) == 2
    for waiting in first.run.pending.values():
        schema = to_json(decode(waiting.schema))
        assert set(schema["discriminator"]["mapping"]) == {"approve", "edit", "reject", "respond"}
        edited = '{"type": "edit", "edited_action": {"name": "mail", "args": {"to": "c@x"}}}'
        assert typed(edited, schema)["edited_action"]["args"] == {"to": "c@x"}
        with pytest.raises(InputError):
            typed('{"type": "edit", "edited_action": {"name": "mail", "args": {}}}', schema)

    second = await watch(agent, answer(first.run, {"type": "approve"}))
    check_resumed(second)
    assert sorted(to_json(decode(tool.input))["to"] for tool in second.run.tools) == ["a@x", "b@x"]
    assert second.ended.status == "done"


async def test_models_that_fall_back_end_as_failed_each_by_itself(tmp_path: Path) -> None:
    third = model(Reply(calls=[Call("add", {"a": 1, "b": 2})]), Reply("3."), model_name="third")
    fallback = middleware.ModelFallbackMiddleware(failing("second", after=3), third)
    agent = agents.create_agent(failing("first"), [add], middleware=[fallback])
    async with saved(agent, tmp_path) as graph:
        watched = await watch(graph, chat())
        await check(watched, graph, tmp_path)
    models = ["  @first (error)", "  @second (error)", "  @third"]
    assert outline(watched.run) == ["model", *models, "tools", "  add()", "model", *models]
    first, second, last = watched.run.models[:3]
    assert str(first.error) == str(second.error) == "RuntimeError: 529 overloaded"
    assert second.tokens is not None
    assert second.tokens.count == 3
    assert first.ended is not None
    assert second.ended is not None
    assert first.ended <= second.started <= second.ended <= last.started, "one after the other, not side by side"
    assert {name for _, name in watched.run.usage_by_model} == {"third"}


async def test_a_model_that_is_tried_again_until_the_agent_gives_up() -> None:
    again = middleware.ModelRetryMiddleware(max_retries=2, initial_delay=0.001, jitter=False)
    watched = await watch(agents.create_agent(failing("weak"), [add], middleware=[again]), chat())
    await check(watched)
    assert outline(watched.run) == ["model", *["  @weak (error)"] * 3]
    assert watched.ended.status == "done", "the middleware answers in place of the model"


async def test_a_tool_that_is_tried_again_is_one_call() -> None:
    tries = 0

    @tool
    def flaky(text: str) -> str:
        """Works at the third try."""
        nonlocal tries
        tries += 1
        if tries < 3:
            raise ConnectionError(f"try {tries}")
        return text

    again = middleware.ToolRetryMiddleware(max_retries=3, initial_delay=0.001, jitter=False)
    asking = model(Reply(calls=[Call("flaky", {"text": "x"})]), Reply("Done."))
    watched = await watch(agents.create_agent(asking, [flaky], middleware=[again]), chat())
    await check(watched)
    tried = ["  flaky() (error)", "  flaky() (error)", "  flaky()"]
    assert outline(watched.run) == ["model", "  @scripted-1", "tools", *tried, "model", "  @scripted-1"]
    assert len({tool.call_id for tool in watched.run.tools}) == 1
    assert [str(tool.error) for tool in watched.run.tools[:2]] == ["ConnectionError: try 1", "ConnectionError: try 2"]


async def test_everything_that_middleware_does_is_a_task_of_its_own(tmp_path: Path) -> None:
    @middleware.dynamic_prompt  # type: ignore[untyped-decorator]
    def prompt(request: Any) -> str:
        return f"You see {len(request.messages)} messages."

    @middleware.before_model  # type: ignore[untyped-decorator]
    def look(state: Any, runtime: Any) -> None:
        return None

    @middleware.wrap_tool_call  # type: ignore[untyped-decorator]
    async def around(request: Any, handler: Any) -> Any:
        return await handler(request)

    def script(messages: Any) -> Reply:
        spoken = sum(isinstance(message, AIMessage) for message in messages)
        todo = Call("write_todos", {"todos": [{"content": "add", "status": "pending"}]})
        return [Reply(calls=[todo]), Reply(calls=[Call("add", {"a": 1, "b": 2})]), Reply("3.")][min(spoken, 2)]

    summary = model(Reply("So far: nothing."), model_name="small")
    layers = [
        prompt, look, around, middleware.TodoListMiddleware(), middleware.PIIMiddleware("email"),
        middleware.SummarizationMiddleware(model=summary, trigger=("messages", 5), keep=("messages", 4)),
        middleware.ModelCallLimitMiddleware(run_limit=9),
    ]  # fmt: skip
    agent = agents.create_agent(model(script=script), [add], middleware=layers)
    async with saved(agent, tmp_path) as graph:
        watched = await watch(graph, chat("my mail is a@b.com"))
        await check(watched, graph, tmp_path)
    assert watched.ended.status == "done"
    nodes = [task.node for task in watched.tasks]
    assert nodes[:5] == [
        "look.before_model", "PIIMiddleware[email].before_model", "SummarizationMiddleware.before_model",
        "ModelCallLimitMiddleware.before_model", "model",
    ]  # fmt: skip
    summing = {span.task.node for span in watched.run.models if span.model == "small" and span.task is not None}
    assert summing == {"SummarizationMiddleware.before_model"}
    assert {tool.name for tool in watched.run.tools} == {"write_todos", "add"}
    assert to_json(decode(watched.run.models[0].input))[0]["type"] == "system", "the prompt that was made for this call"
    assert "a@b.com" not in str(to_json(decode(watched.run.models[0].input)))
