"""The subgraph `itinerary` of the travel agent: three days written at the same time, then the sums done."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langgraph.config import get_stream_writer
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from ._model import Reply, model
from ._pace import pause

DAYS = {
    "day_one": (
        "Friday, Alfama and the castle",
        "Tram 28 up to the castle before ten, while the lanes below are still cool. Down through Alfama on foot; "
        "sardines at eight.",
    ),
    "day_two": (
        "Saturday, Belém and the river",
        "The tower first, then the monastery at noon, when the groups are at lunch. Custard tarts still warm, and "
        "the ferry back at sunset.",
    ),
    "day_three": (
        "Sunday, Sintra",
        "The 8:41 from Rossio, the palace before the coaches come. Lunch in the old town, and the airport train "
        "at half past five.",
    ),
}

WRITERS = {
    name: model([Reply(text)], model_name="gpt-5-mini", provider="openai", first_token=0.25, tokens_per_second=45)
    for name, (_, text) in DAYS.items()
}


class Days(TypedDict):
    """What the subgraph works on. `findings` and `budget` come from the trip; `stops` is its own."""

    findings: dict[str, Any]
    budget: int
    days: Annotated[dict[str, str], operator.or_]
    stops: Annotated[int, operator.add]
    cost: int


class Planned(TypedDict):
    """What it gives back. Without the keys it only read: their reducers would add them a second time."""

    days: Annotated[dict[str, str], operator.or_]
    cost: int


async def write(name: str) -> dict[str, Any]:
    """Put the stops of one day on the map, then have it written."""
    theme, text = DAYS[name]
    report = get_stream_writer()
    stops = text.count(".") + 1
    for stop in range(1, stops + 1):
        await pause(0.005 * len(theme))  # the more there is to see, the longer it takes
        report({"label": f"{theme}: stops on the map", "progress": stop, "total": stops})
    prompt = [("system", "You plan one day in Lisbon, in two sentences."), ("human", f"{theme}, please.")]
    message = await WRITERS[name].ainvoke(prompt)
    return {"days": {name: message.text}, "stops": stops}


async def day_one(state: Days) -> dict[str, Any]:
    return await write("day_one")


async def day_two(state: Days) -> dict[str, Any]:
    return await write("day_two")


async def day_three(state: Days) -> dict[str, Any]:
    return await write("day_three")


async def add_up(state: Days) -> dict[str, Any]:
    """What the trip costs so far: everything that was found and has a price."""
    await pause(0.2)
    cost = sum(found.get("price", 0) for found in state["findings"].values())
    print(f"itinerary: {state['stops']} stops, {cost} of {state['budget']} EUR planned")
    return {"cost": cost}


builder = StateGraph(Days, output_schema=Planned)
for day in (day_one, day_two, day_three):
    builder.add_node(day)
    builder.add_edge(START, day.__name__)
builder.add_node(add_up)
builder.add_edge(["day_one", "day_two", "day_three"], "add_up")
builder.add_edge("add_up", END)

itinerary = builder.compile(name="itinerary")
