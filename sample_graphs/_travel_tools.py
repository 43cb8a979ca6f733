"""The tools of the travel agent: what it can look up, what it can book, and how they go wrong.

Each waits a little, as a server would. `find_hotels` times out at the first attempt of the node that calls it,
`check_weather` never has an answer.
"""

from __future__ import annotations

from typing import Any

from langchain_core.tools import BaseTool, ToolException, tool

from ._compat import attempt
from ._pace import pause

Found = tuple[str, dict[str, Any]]
"""What a search found: for the model to read, and as data for the graph (the artifact of the tool message)."""


@tool(response_format="content_and_artifact")
async def find_flights(origin: str, destination: str, seats: int) -> Found:
    """Find return flights for a weekend. Airports are IATA codes."""
    await pause(1.0)
    price = 168 * seats
    return (
        f"TP 929, {origin} Friday 07:10 to {destination} 09:05, back Sunday 19:40; {price} EUR for {seats}. "
        f"A later one, TP 945 at 12:35, is {price + 96} EUR.",
        {"flight": "TP 929", "leaves": "Fri 07:10", "back": "Sun 19:40", "seats": seats, "price": price},
    )


@tool(response_format="content_and_artifact")
async def find_hotels(city: str, near: str, nights: int) -> Found:
    """Find a hotel near a quarter or a sight."""
    if attempt() == 1:
        await pause(0.5)
        raise TimeoutError(f"the hotel search did not answer within 0.5 s (city={city!r}, near={near!r})")
    await pause(0.6)
    price = 142 * nights
    return (
        f"Pensão da Graça, eight minutes from {near}: a double room, {nights} nights, {price} EUR.",
        {"hotel": "Pensão da Graça", "near": near, "nights": nights, "stars": 3, "price": price},
    )


@tool(response_format="content_and_artifact")
async def find_tables(city: str, dish: str, people: int) -> Found:
    """Find restaurants that are good at a dish."""
    await pause(0.7)
    price = 34 * people
    return (
        f"Tasca da Rosa, Alfama: {dish} over charcoal, about {price} EUR for {people}, free on Friday at 20:30.",
        {"table": "Tasca da Rosa", "dish": dish, "when": "Fri 20:30", "people": people, "price": price},
    )


@tool(response_format="content_and_artifact")
async def check_weather(city: str, days: list[str]) -> Found:
    """Forecast of the weather, day by day."""
    await pause(0.4)
    raise ToolException(f"no forecast for {city} more than ten days ahead; ask again nearer the date")


@tool(response_format="content_and_artifact")
async def book_trip(flight: str, hotel: str, nights: int, total: int) -> Found:
    """Book a flight and a hotel, and pay for them. This costs real money: a person has to approve it."""
    await pause(0.6)
    return (
        f"Booked {flight} and {nights} nights at {hotel} for {total} EUR.",
        {"reference": "LIS-7Q4M", "flight": flight, "hotel": hotel, "nights": nights, "paid": total},
    )


SEARCHES: dict[str, BaseTool] = {each.name: each for each in (find_flights, find_hotels, find_tables, check_weather)}
