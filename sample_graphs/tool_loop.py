"""The classic agent: a model that calls tools until it knows the answer.

What to look at: *Timeline* alternates `agent` and `tools`, the first `tools` runs two calls side by side. *Tools* shows
the arguments coming in as fragments of JSON while the model streams, and which model call asked for what. In *State*,
`messages` grows by one AI message and its tool messages per round. Every call is made of what the tools before it said:
go back, edit a tool message, and the sum comes out different.

`graph` is a factory taking a config: `{"configurable": {"model_name": "gpt-5"}}` chooses the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, ToolMessage
from langchain_core.runnables import RunnableConfig
from langchain_core.tools import tool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode, tools_condition

from ._model import Call, Reply, model, since_human
from ._pace import hold_up, pause

EXAMPLE_INPUT = {"messages": [{"role": "user", "content": "What does dinner for four in Lisbon come to in yen?"}]}


@tool
async def lookup_price(item: str, city: str) -> float:
    """The usual price of something in a city, in euros, for one person."""
    await pause(0.6)
    return 31.5


@tool
def exchange_rate(base: str, quote: str) -> float:
    """How much of the quote currency one unit of the base currency buys."""
    hold_up(0.9)
    return 171.4


@tool
def multiply(a: float, b: float) -> float:
    """Multiply two numbers."""
    return a * b


TOOLS = [lookup_price, exchange_rate, multiply]


def script(messages: Sequence[BaseMessage]) -> Reply:
    """What to do next, from what the tools have said since the question."""
    said = [(message.name, message.text) for message in since_human(messages) if isinstance(message, ToolMessage)]
    facts = dict(said)
    products = [text for name, text in said if name == "multiply"]
    if not facts:
        return Reply(
            "I need two things: the price and the rate.",
            calls=[
                Call("lookup_price", {"item": "dinner", "city": "Lisbon"}),
                Call("exchange_rate", {"base": "EUR", "quote": "JPY"}),
            ],
        )
    if not products:
        return Reply(calls=[Call("multiply", {"a": float(facts["lookup_price"]), "b": 4})])
    euros = float(products[0])
    if len(products) == 1:
        return Reply(calls=[Call("multiply", {"a": euros, "b": float(facts["exchange_rate"])})])
    return Reply(f"Dinner for four comes to {euros:,.0f} euros, which is {float(products[1]):,.0f} yen.")


def graph(config: RunnableConfig) -> CompiledStateGraph[MessagesState, None, MessagesState, MessagesState]:
    """Build the agent, on the model that the config names."""
    name = config.get("configurable", {}).get("model_name", "gpt-5-mini")
    calculator = model(script, model_name=name, provider="openai", tokens_per_second=60).bind_tools(TOOLS)

    async def agent(state: MessagesState) -> dict[str, Any]:
        system = "Answer with the tools, never from memory. Look up everything you need before you calculate."
        return {"messages": [await calculator.ainvoke([("system", system), *state["messages"]])]}

    builder = StateGraph(MessagesState)
    builder.add_node(agent)
    builder.add_node("tools", ToolNode(TOOLS))
    builder.add_edge(START, "agent")
    builder.add_conditional_edges("agent", tools_condition)
    builder.add_edge("tools", "agent")
    return builder.compile()
