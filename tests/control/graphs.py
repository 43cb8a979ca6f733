"""Graphs that keep count: every execution of a node, a tool or a model is a line in the file that RAN names."""

from __future__ import annotations

import asyncio
import operator
import os
from collections.abc import Callable, Iterator
from typing import Annotated, Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import LLM, BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, AnyMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.tools import tool
from langgraph.func import entrypoint, task
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.prebuilt import InjectedState, ToolNode
from langgraph.types import RetryPolicy, Send
from typing_extensions import TypedDict


def ran(what: str) -> None:
    with open(os.environ["RAN"], "a", encoding="utf-8") as file:
        file.write(f"{what}\n")


class State(TypedDict, total=False):
    said: Annotated[list[str], operator.add]
    count: int
    budget: int


def node(name: str, *, sync: bool = False) -> Callable[..., Any]:
    def work(state: State) -> dict[str, Any]:
        ran(name)
        return {"said": [name], "count": state.get("count", 0) + 1}

    async def awork(state: State) -> dict[str, Any]:
        return work(state)

    return work if sync else awork


def chain(*names: str, sync: bool = False, checkpointer: Any = None, **nested: Any) -> Any:
    """Nodes one after the other; `nested` are graphs used as nodes."""
    builder = StateGraph(State)
    before = START
    for name in names:
        builder.add_node(name, nested[name] if name in nested else node(name, sync=sync))
        builder.add_edge(before, name)
        before = name
    return builder.compile(checkpointer=checkpointer)


line = chain("a", "b", "c")
sync_line = chain("a", "b", "c", sync=True)
two_deep = chain("a", "outer", "z", outer=chain("o1", "inner", "o2", inner=chain("i1", "i2")))


class Wide(TypedDict, total=False):
    said: Annotated[list[str], operator.add]


def _wide() -> Any:
    """A fan-out of 20 whose branches do not collide on a key."""

    async def work(state: Wide) -> dict[str, Any]:
        ran("work")
        return {"said": ["work"]}

    async def plain(state: Wide) -> dict[str, Any]:
        ran("join")
        return {"said": ["join"]}

    builder = StateGraph(Wide)
    builder.add_node("work", work)
    builder.add_node("join", plain)
    builder.add_conditional_edges(START, lambda state: [Send("work", {}) for _ in range(20)], ["work"])
    builder.add_edge("work", "join")
    return builder.compile()


fan_out = _wide()


def _loop() -> Any:
    async def work(state: State) -> dict[str, Any]:
        ran("work")
        count = state.get("count", 0) + 1
        return {"count": count, "budget": 100 - count // 3}

    builder = StateGraph(State)
    builder.add_node("work", work)
    builder.add_edge(START, "work")
    builder.add_conditional_edges("work", lambda state: "work" if state["count"] < 9 else "__end__")
    return builder.compile()


loop = _loop()


def _flaky() -> Any:
    """A node that raises once and is retried; one that raises for good comes after it."""

    async def flaky(state: State) -> dict[str, Any]:
        ran("flaky")
        _tries.append(1)
        if len(_tries) < 2:
            raise ConnectionError("try again")
        return {"said": ["flaky"]}

    async def broken(state: State) -> dict[str, Any]:
        ran("broken")
        raise ValueError("it is broken")

    builder = StateGraph(State)
    builder.add_node("flaky", flaky, retry_policy=RetryPolicy(initial_interval=0.01, retry_on=ConnectionError))
    builder.add_node("broken", broken)
    builder.add_edge(START, "flaky")
    builder.add_edge("flaky", "broken")
    return builder.compile()


_tries: list[int] = []
flaky = _flaky()


@task
async def double(number: int) -> int:
    ran(f"double {number}")
    return number * 2


@entrypoint()
async def functional(numbers: list[int]) -> int:
    total = 0
    for number in numbers:
        total += await double(number)
    return total


def _beside() -> Any:
    """`slow` runs beside `stop`, and takes a while."""

    async def slow(state: Wide) -> dict[str, Any]:
        await asyncio.sleep(0.3)
        ran("slow")
        return {"said": ["slow"]}

    async def stop(state: Wide) -> dict[str, Any]:
        ran("stop")
        return {"said": ["stop"]}

    builder = StateGraph(Wide)
    builder.add_node("slow", slow)
    builder.add_node("stop", stop)
    builder.add_edge(START, "slow")
    builder.add_edge(START, "stop")
    return builder.compile()


beside = _beside()


def _calling(*, sync: bool) -> Any:
    """A node that calls a graph synchronously: on a thread of its own, or on the loop's."""
    inner = chain("i1", "i2", sync=True, checkpointer=False)  # the asynchronous saver refuses synchronous calls

    def call(state: State) -> dict[str, Any]:
        inner.invoke({"said": []})
        return {"said": ["call"]}

    async def acall(state: State) -> dict[str, Any]:
        return call(state)

    builder = StateGraph(State)
    builder.add_node("call", call if sync else acall)
    builder.add_edge(START, "call")
    return builder.compile()


calling_in_thread = _calling(sync=True)
calling_on_loop = _calling(sync=False)

# ---------------------------------------------------------------------- tools and models


class Messages(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]


@tool
async def pay(amount: int, to: str) -> str:
    """Pay somebody."""
    ran(f"pay {amount} {to}")
    return f"paid {amount} to {to}"


@tool
def pay_now(amount: int, state: Annotated[dict[str, Any], InjectedState]) -> str:
    """Pay at once, by a synchronous tool that is given the state."""
    ran(f"pay_now {amount} {len(state['messages'])}")
    return f"paid {amount}"


def _paying(name: str, *args: dict[str, Any]) -> Any:
    """A node that runs the tool calls of the last message, twice in parallel where there are two."""
    builder = StateGraph(Messages)
    calls = [{"name": name, "args": each, "id": f"call-{number}"} for number, each in enumerate(args, 1)]

    async def ask(state: Messages) -> dict[str, Any]:
        ran("ask")
        return {"messages": [AIMessage("", tool_calls=calls)]}

    builder.add_node("ask", ask)
    builder.add_node("tools", ToolNode([pay, pay_now], handle_tool_errors=True))
    builder.add_edge(START, "ask")
    builder.add_edge("ask", "tools")
    return builder.compile()


paying = _paying("pay", {"amount": 5, "to": "Ann"}, {"amount": 7, "to": "Bob"})
paying_now = _paying("pay_now", {"amount": 5})


def _on_loop() -> Any:
    """A synchronous tool, invoked inside an asynchronous node: it runs on the loop's own thread."""

    async def work(state: Wide) -> dict[str, Any]:
        said = pay_loop.invoke({"amount": 3})
        return {"said": [said]}

    builder = StateGraph(Wide)
    builder.add_node("work", work)
    builder.add_edge(START, "work")
    return builder.compile()


@tool
def pay_loop(amount: int) -> str:
    """Pay, blocking."""
    ran(f"pay_loop {amount}")
    return f"paid {amount}"


on_loop = _on_loop()


USAGE: Any = {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}


class Parrot(BaseChatModel):
    """Says what it was told, a word at a time where it is streamed."""

    model_name: str = "parrot-1"

    @property
    def _llm_type(self) -> str:
        return "parrot"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: Any = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **more: Any,
    ) -> ChatResult:
        text = str(messages[-1].content)
        ran(f"model {text}")
        return ChatResult(generations=[ChatGeneration(message=AIMessage(text, usage_metadata=USAGE))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: Any = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **more: Any,
    ) -> Iterator[ChatGenerationChunk]:
        ran(f"model {messages[-1].content}")
        for word in str(messages[-1].content).split():
            yield ChatGenerationChunk(message=AIMessageChunk(content=word))
        yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=USAGE))


class Plain(Parrot):
    """One that cannot stream: `astream` falls back to `ainvoke`."""

    _stream = BaseChatModel._stream


def _talking(model: BaseChatModel, how: str) -> Any:
    async def talk(state: Messages) -> dict[str, Any]:
        if how == "astream":
            chunks = [chunk async for chunk in model.astream(state["messages"])]
            answer: Any = AIMessage("|".join(str(chunk.content) for chunk in chunks if chunk.content), id=chunks[0].id)
        elif how == "invoke":
            answer = model.invoke(state["messages"])
        else:
            answer = await model.ainvoke(state["messages"])
        return {"messages": [answer]}

    def talk_sync(state: Messages) -> dict[str, Any]:
        return {"messages": [model.invoke(state["messages"])]}

    builder = StateGraph(Messages)
    builder.add_node("talk", talk_sync if how == "thread" else talk)
    builder.add_edge(START, "talk")
    return builder.compile()


talking = _talking(Parrot(), "ainvoke")
talking_stream = _talking(Parrot(), "astream")
talking_plain = _talking(Plain(), "astream")
talking_thread = _talking(Parrot(), "thread")


class Completes(LLM):
    """A completion model that repeats its prompt."""

    @property
    def _llm_type(self) -> str:
        return "completes"

    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **more: Any) -> str:
        ran(f"model {prompt}")
        return prompt


def _completing() -> Any:
    async def complete(state: Wide) -> dict[str, Any]:
        return {"said": [await Completes().ainvoke("once upon a time")]}

    builder = StateGraph(Wide)
    builder.add_node("complete", complete)
    builder.add_edge(START, "complete")
    return builder.compile()


completing = _completing()


def _talking_twice() -> Any:
    model = Parrot()

    async def talk(state: Messages) -> dict[str, Any]:
        await model.ainvoke(state["messages"])
        return {"messages": [await model.ainvoke("again")]}

    builder = StateGraph(Messages)
    builder.add_node("talk", talk)
    builder.add_edge(START, "talk")
    return builder.compile()


talking_twice = _talking_twice()
