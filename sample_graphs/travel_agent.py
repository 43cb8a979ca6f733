"""A travel agent plans three days in Lisbon: the demo, with something for every pane.

What to look at:

- *Timeline*: `plan` asks for four searches, and four `search` tasks run side by side. The one for hotels times out and
  is retried (attempt 2); `itinerary` is a subgraph, open it to see three days written at the same time.
- *Tools*: the arguments arrive in pieces while the model still speaks. `check_weather` fails, and the graph
  goes on: the
  model reads the error as any other result.
- *Tokens*: `plan` reasons before it speaks; the three days stream at once; `write_up` is the long one.
- *Output*: progress bars from the days, a warning from the logger, a print.
- *State*: `findings` grows by one key per search, `cost` appears with the itinerary.
- The end: `approve` asks before `book_trip` is called, since that costs money. Answer `{"type": "approve"}`, or
  `{"type": "edit", "edited_action": {"name": "book_trip", "args": {...}}}`, or `{"type": "reject", "message": "..."}`.

It takes about eight seconds; `SAMPLE_SPEED=2` doubles that. The models' words are scripted and cost nothing; they go by
the name of a real model so that there is a price to show.
"""

from __future__ import annotations

import logging
import operator
from typing import Annotated, Any, Literal, NotRequired

from langchain_core.messages import AIMessage, AnyMessage, ToolCall, ToolMessage
from langchain_core.tools import ToolException
from langgraph.graph import END, START, StateGraph, add_messages
from langgraph.types import Command, RetryPolicy, Send
from pydantic import Discriminator
from typing_extensions import TypedDict

from ._compat import ask
from ._model import Call, Reply, model
from ._travel_days import itinerary
from ._travel_tools import SEARCHES, book_trip

EXAMPLE_INPUT = {
    "messages": [
        {
            "role": "user",
            "content": "Three days in Lisbon for two in May, flying from Zurich. At most 1,500 euros, and good fish.",
        }
    ],
    "budget": 1500,
}

logger = logging.getLogger("travel_agent")


class Request(TypedDict):
    """What the agent is given."""

    messages: Annotated[list[AnyMessage], add_messages]
    budget: NotRequired[int]


class Trip(Request, total=False):
    """All it knows about the trip."""

    findings: Annotated[dict[str, Any], operator.or_]
    days: Annotated[dict[str, str], operator.or_]
    cost: int
    approved: bool
    booking: dict[str, Any]


class Search(TypedDict):
    """What one branch of the search is given."""

    call: ToolCall


class Approve(TypedDict):
    """Book it as proposed."""

    type: Literal["approve"]


class Action(TypedDict):
    name: Literal["book_trip"]
    args: dict[str, Any]


class Edit(TypedDict):
    """Book this instead."""

    type: Literal["edit"]
    edited_action: Action


class Reject(TypedDict):
    """Book nothing."""

    type: Literal["reject"]
    message: NotRequired[str]


Decision = Annotated[Approve | Edit | Reject, Discriminator("type")]

planner = model(
    [
        Reply(
            reasoning=(
                "Two people, three days, 1,500 euros in all. The flight and the bed decide what is left, so those "
                "first. They want fish: one good table. The weather tells which day to give to the sea. None of "
                "the four needs another: all at once."
            ),
            text="I will look up flights, a hotel, a table and the weather, all at once.",
            calls=[
                Call("find_flights", {"origin": "ZRH", "destination": "LIS", "seats": 2}),
                Call("find_hotels", {"city": "Lisbon", "near": "Alfama", "nights": 2}),
                Call("find_tables", {"city": "Lisbon", "dish": "grilled sardines", "people": 2}),
                Call("check_weather", {"city": "Lisbon", "days": ["Fri", "Sat", "Sun"]}),
            ],
        )
    ],
    model_name="gpt-5-mini",
    provider="openai",
    tokens_per_second=130,
).bind_tools(list(SEARCHES.values()))

writer = model(
    [
        Reply(
            text=(
                "Day one starts in Alfama: take the 28 tram up to the castle before ten, when the stones are still "
                "cool and the view is yours. Walk down through the lanes in the afternoon; at half past eight a "
                "table waits at Tasca da Rosa, where the sardines come off the charcoal.\n\n"
                "Day two belongs to the river. See the tower early, the monastery at noon while the groups are at "
                "lunch, and eat the custard tarts warm. Take the ferry home at sunset.\n\n"
                "Day three is Sintra: the 8:41 from Rossio gets you to the palace before the coaches do.\n\n"
                "Nobody can tell the weather yet, so pack one jumper. The flight and two nights at Pensão da Graça "
                "come to 620 euros, which leaves plenty for tarts. Shall I book them?"
            ),
            calls=[
                Call(
                    "book_trip",
                    {"flight": "TP 929", "hotel": "Pensão da Graça", "nights": 2, "total": 620},
                )
            ],
        )
    ],
    model_name="gpt-5-mini",
    provider="openai",
    first_token=0.4,
    tokens_per_second=75,
).bind_tools([book_trip])


async def plan(state: Trip) -> dict[str, Any]:
    """Decide what has to be looked up."""
    system = "You plan short trips. First look up everything you need with the tools, all in one go."
    message = await planner.ainvoke([("system", system), *state["messages"]])
    return {"messages": [message], "budget": state.get("budget", 1500)}


def each_search(state: Trip) -> list[Send] | Literal["write_up"]:
    """A branch of its own for everything the planner wants to know."""
    asked = state["messages"][-1]
    calls = asked.tool_calls if isinstance(asked, AIMessage) else []
    return [Send("search", Search(call=call)) for call in calls] or "write_up"


async def search(state: Search) -> dict[str, Any]:
    """Make one search. What a tool says it cannot do is an answer; a timeout is worth another attempt."""
    call = state["call"]
    try:
        message: ToolMessage = await SEARCHES[call["name"]].ainvoke(call)
    except ToolException as error:
        logger.warning("%s: %s. Going on without it.", call["name"], error)
        message = ToolMessage(str(error), name=call["name"], tool_call_id=call["id"], status="error")
        return {"messages": [message]}
    logger.info("%s found %s", call["name"], message.artifact)
    return {"messages": [message], "findings": {call["name"]: message.artifact}}


async def write_up(state: Trip) -> dict[str, Any]:
    """Tell the traveller, and propose what to book."""
    days = "\n".join(f"{name}: {text}" for name, text in state.get("days", {}).items())
    system = (
        f"Write up the trip in 130 words and propose to book flight and hotel with book_trip. It costs "
        f"{state.get('cost', 0)} of {state.get('budget')} EUR. The days:\n{days}"
    )
    return {"messages": [await writer.ainvoke([("system", system), *state["messages"]])]}


def proposal(state: Trip) -> ToolCall | None:
    """The booking the agent proposes, if it does."""
    last = state["messages"][-1]
    return last.tool_calls[0] if isinstance(last, AIMessage) and last.tool_calls else None


def anything_to_book(state: Trip) -> Literal["approve", "__end__"]:
    return "approve" if proposal(state) else "__end__"


def approve(state: Trip) -> Command[Literal["book", "__end__"]]:
    """Ask a person before any money is spent."""
    call = proposal(state)
    assert call is not None, "approve is reached only with a proposal"
    decision = ask(
        {
            "type": "tool_approval",
            "tool_call_id": call["id"],
            "name": call["name"],
            "args": call["args"],
            "description": "Book {flight} and {nights} nights at {hotel} for {total} EUR?".format_map(call["args"]),
        },
        Decision,
    )
    match decision["type"]:
        case "approve":
            return Command(goto="book", update={"approved": True, "booking": call["args"]})
        case "edit":
            args = decision["edited_action"]["args"]
            return Command(goto="book", update={"approved": True, "booking": {**call["args"], **args}})
        case _:
            why = decision.get("message") or "no reason given"
            refusal = ToolMessage(f"Not booked: {why}.", tool_call_id=call["id"], status="error")
            return Command(goto="__end__", update={"approved": False, "messages": [refusal]})


async def book(state: Trip) -> dict[str, Any]:
    """Book what was approved."""
    call = proposal(state)
    assert call is not None, "book is reached only with a proposal"
    message: ToolMessage = await book_trip.ainvoke({**call, "args": state["booking"]})
    return {"messages": [message], "booking": message.artifact}


builder = StateGraph(Trip, input_schema=Request)
builder.add_node(plan)
builder.add_node(
    search,
    retry_policy=RetryPolicy(initial_interval=0.3, jitter=False, max_attempts=3, retry_on=TimeoutError),
)
builder.add_node("itinerary", itinerary)
builder.add_node(write_up)
builder.add_node(approve)
builder.add_node(book)
builder.add_edge(START, "plan")
builder.add_conditional_edges("plan", each_search, ["search", "write_up"])
builder.add_edge("search", "itinerary")
builder.add_edge("itinerary", "write_up")
builder.add_conditional_edges("write_up", anything_to_book)
builder.add_edge("book", END)

graph = builder.compile()
