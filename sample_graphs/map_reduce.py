"""Fifty branches at once: how far is every capital from home?

What to look at: *Timeline* has one row per `Send` branch of `measure`, told apart by city; they start
together and end in another order: Lisbon itself at once, Baku last. In *State*, `distances` gets all fifty
writes in one superstep; the detail of that step shows each task's own write. `rank` then runs once.
"""

from __future__ import annotations

import math
import operator
from typing import Annotated, Any

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from typing_extensions import TypedDict

from ._pace import pause

EXAMPLE_INPUT = {"home": "Lisbon"}

CAPITALS: dict[str, tuple[float, float]] = {
    "Amsterdam": (52.37, 4.90), "Ankara": (39.93, 32.86), "Athens": (37.98, 23.73), "Baku": (40.41, 49.87),
    "Belgrade": (44.79, 20.45), "Berlin": (52.52, 13.40), "Bern": (46.95, 7.45), "Bratislava": (48.15, 17.11),
    "Brussels": (50.85, 4.35), "Bucharest": (44.43, 26.10), "Budapest": (47.50, 19.04), "Chișinău": (47.01, 28.86),
    "Copenhagen": (55.68, 12.57), "Dublin": (53.35, -6.26), "Helsinki": (60.17, 24.94), "Kyiv": (50.45, 30.52),
    "Lisbon": (38.72, -9.14), "Ljubljana": (46.06, 14.51), "London": (51.51, -0.13), "Luxembourg": (49.61, 6.13),
    "Madrid": (40.42, -3.70), "Minsk": (53.90, 27.57), "Monaco": (43.74, 7.43), "Moscow": (55.76, 37.62),
    "Nicosia": (35.19, 33.38), "Oslo": (59.91, 10.75), "Paris": (48.86, 2.35), "Podgorica": (42.43, 19.26),
    "Prague": (50.08, 14.44), "Pristina": (42.66, 21.17), "Reykjavík": (64.15, -21.94), "Riga": (56.95, 24.11),
    "Rome": (41.90, 12.50), "San Marino": (43.94, 12.45), "Sarajevo": (43.86, 18.41), "Skopje": (42.00, 21.43),
    "Sofia": (42.70, 23.32), "Stockholm": (59.33, 18.07), "Tallinn": (59.44, 24.75), "Tbilisi": (41.72, 44.83),
    "Tirana": (41.33, 19.82), "Vaduz": (47.14, 9.52), "Valletta": (35.90, 14.51), "Vatican City": (41.90, 12.45),
    "Vienna": (48.21, 16.37), "Vilnius": (54.69, 25.28), "Warsaw": (52.23, 21.01), "Yerevan": (40.18, 44.51),
    "Zagreb": (45.81, 15.98), "Andorra la Vella": (42.51, 1.52),
}  # fmt: skip
EARTH = 6371.0  # radius in km


class Journey(TypedDict, total=False):
    home: str
    distances: Annotated[dict[str, int], operator.or_]
    nearest: list[str]
    farthest: list[str]
    mean_km: int


class Leg(TypedDict):
    """What one branch is given."""

    city: str
    home: str


def kilometres(one: str, other: str) -> int:
    """Length of the great circle between two capitals."""
    (lat1, lon1), (lat2, lon2) = (map(math.radians, CAPITALS[each]) for each in (one, other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return round(2 * EARTH * math.asin(math.sqrt(half)))


def each_city(state: Journey) -> list[Send]:
    if state["home"] not in CAPITALS:
        raise ValueError(f"{state['home']!r} is no capital known here; try one of {', '.join(CAPITALS)}")
    return [Send("measure", Leg(city=city, home=state["home"])) for city in CAPITALS]


async def measure(state: Leg) -> dict[str, Any]:
    """One branch: the farther, the longer it takes."""
    distance = kilometres(state["home"], state["city"])
    await pause(0.2 + distance / 3000)
    return {"distances": {state["city"]: distance}}


async def rank(state: Journey) -> dict[str, Any]:
    await pause(0.2)
    away = sorted((km, city) for city, km in state["distances"].items() if km)
    return {
        "nearest": [city for _, city in away[:3]],
        "farthest": [city for _, city in away[-3:]],
        "mean_km": round(sum(km for km, _ in away) / len(away)),
    }


builder = StateGraph(Journey)
builder.add_node(measure)
builder.add_node(rank)
builder.add_conditional_edges(START, each_city, ["measure"])
builder.add_edge("measure", "rank")
builder.add_edge("rank", END)

graph = builder.compile()
