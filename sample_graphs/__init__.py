"""Graphs to try the inspector on: each small, without key or network, saying in its docstring what to look at.

`inspector demo` runs the first; `inspector run sample_graphs.NAME:graph` runs any. Each module has its graph as `graph`
(compiled, a `StateGraph`, an entrypoint, or a factory, as graphs come in the wild) and an input for it as
`EXAMPLE_INPUT`. Importing this package imports none of them.
"""

from __future__ import annotations

from typing import NamedTuple


class Sample(NamedTuple):
    """Where a sample is, and what it is, in a line."""

    module: str
    about: str

    @property
    def ref(self) -> str:
        """What `inspector run` calls it."""
        return f"{self.module}:graph"


SAMPLES = {
    name: Sample(f"{__name__}.{name}", about)
    for name, about in {
        "travel_agent": "the demo: parallel searches, one retried, a subgraph, and a booking to approve",
        "streaming_models": "three models that reason and stream at the same time, with usage",
        "tool_loop": "an agent that calls tools until it knows the answer",
        "rag": "retrieval with scores, a prompt template, an output parser",
        "progress": "nodes that report their progress, nested progress too",
        "nested": "subgraphs two levels deep, and a graph called from a node",
        "map_reduce": "fifty parallel branches, one result",
        "two_interrupts": "two questions waiting at once, each with a schema for the answer",
        "flaky": "retries, a cached node, and an error that ends the run",
        "functional": "the functional API: an entrypoint and its tasks",
        "long_loop": "a thousand supersteps, or as many as the input asks for",
        "blocking": "nodes that hold up the event loop",
        "memory": "long-term memory in the store, across threads",
        "all_streams": "every stream mode and every kind of event in one run",
        "token_flood": "one model call with as many tokens as the input asks for",
    }.items()
}
"""The samples by name, the demo first."""
