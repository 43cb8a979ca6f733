"""Errors, attempts and a cache: a shop whose servers are having a bad day.

What to look at: `order` fails twice and succeeds at the third attempt; *Timeline* shows each attempt.
`price` runs a second time with the same input and its writes come from the cache, in no time. With
`{"item": "lamp", "fail": true}` the node `deliver` runs out of attempts and the graph ends with its
exception: *Detail* shows the traceback down to the line.

`graph` is a factory, so that every run of it has a cache of its own.
"""

from __future__ import annotations

import logging
import operator
from typing import Annotated, Any, Literal

from langgraph.cache.memory import InMemoryCache
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import CachePolicy, RetryPolicy
from typing_extensions import TypedDict

from ._compat import attempt
from ._pace import pause

EXAMPLE_INPUT = {"item": "lamp", "fail": False}

logger = logging.getLogger("flaky")


class CourierGone(Exception):
    """The courier cannot deliver."""


class Query(TypedDict):
    """All that `price` depends on, and so all that its cache key is made of."""

    item: str


class Purchase(Query, total=False):
    fail: bool
    price: int
    seen: Annotated[list[int], operator.add]
    ordered_at_attempt: int
    delivered: bool


async def price(state: Query) -> dict[str, Any]:
    """Slow, and always the same answer: worth caching."""
    await pause(0.8)
    return {"price": 10 * len(state["item"])}


async def compare(state: Purchase) -> dict[str, Any]:
    """The price is looked up before the order, and once more before the delivery.

    A node of its own: where an edge from `price` leads would be part of what is cached, and so never change.
    """
    return {"seen": [state["price"]]}


def what_next(state: Purchase) -> Literal["order", "deliver"]:
    return "order" if len(state["seen"]) == 1 else "deliver"


async def order(state: Purchase) -> dict[str, Any]:
    """Reaches the server at the third attempt."""
    await pause(0.3)
    n = attempt()
    if n < 3:
        raise ConnectionError(f"the order server closed the connection (attempt {n})")
    return {"ordered_at_attempt": n}


async def deliver(state: Purchase) -> dict[str, Any]:
    """Fails for good if the input says so."""
    await pause(0.3)
    if state.get("fail"):
        logger.error("no courier for the %s", state["item"])
        raise CourierGone(f"no courier takes the {state['item']} (attempt {attempt()})")
    return {"delivered": True}


def graph() -> CompiledStateGraph[Purchase, None, Purchase, Purchase]:
    """Build the graph with an empty cache."""
    builder = StateGraph(Purchase)
    builder.add_node(price, cache_policy=CachePolicy())
    builder.add_node(compare)
    builder.add_node(order, retry_policy=RetryPolicy(initial_interval=0.2, jitter=False, retry_on=ConnectionError))
    builder.add_node(
        deliver,
        retry_policy=RetryPolicy(initial_interval=0.2, jitter=False, max_attempts=2, retry_on=CourierGone),
    )
    builder.add_edge(START, "price")
    builder.add_edge("price", "compare")
    builder.add_conditional_edges("compare", what_next)
    builder.add_edge("order", "price")
    builder.add_edge("deliver", END)
    return builder.compile(cache=InMemoryCache())
