"""A graph whose state holds objects: a model of models, dataclasses, enumerations, dates and ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from langgraph.graph import START, StateGraph
from pydantic import BaseModel, ConfigDict

from tests.travel.graphs import Ran

WHEN = datetime(2026, 1, 2, 3, 4)


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Order:
    amount: int
    colour: Colour
    when: datetime


class Guest(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    likes: Colour = Colour.RED


class Typed(BaseModel):
    order: Order | None = None
    guests: list[Guest] = []
    tags: set[str] = set()
    id: UUID | None = None
    count: int = 0


def typed(ran: Ran, saver: Any) -> Any:
    """make fills the state with objects, check refuses anything else."""

    async def make(state: Typed) -> dict[str, Any]:
        ran.append("make")
        order = Order(1, Colour.RED, WHEN)
        return {"order": order, "guests": [Guest(name="Ann")], "tags": {"a"}, "id": UUID(int=5)}

    async def check(state: Typed) -> dict[str, Any]:
        ran.append("check")
        assert isinstance(state.order, Order)
        assert isinstance(state.order.colour, Colour)
        return {"count": 1}

    builder = StateGraph(Typed)
    builder.add_sequence([("make", make), ("check", check)])
    builder.add_edge(START, "make")
    return builder.compile(checkpointer=saver)
