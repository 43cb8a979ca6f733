"""The sample runs that the tests look at: which graph, with which input, answered how."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

from sample_graphs import SAMPLES

ANSWERS: dict[str, list[Any]] = {
    "travel_agent": [{"type": "approve"}],
    "two_interrupts": [{"approved": True}, {"limit": 800, "cost_centre": "people"}],
}
SMALLER: dict[str, Any] = {"long_loop": {"steps": 30}, "blocking": {"seconds": 0.01}, "token_flood": {"tokens": 300}}


@dataclass(frozen=True)
class Play:
    """A sample and its input; `answers` are given one run at a time, by the order of the waiting interrupts."""

    name: str
    input: Any
    answers: list[Any] = field(default_factory=list)
    context: Any = None
    label: str = ""

    def __str__(self) -> str:
        return self.label or self.name


def _play(name: str) -> Play:
    module = import_module(SAMPLES[name].module)
    input = SMALLER.get(name, module.EXAMPLE_INPUT)
    context = {"user_id": "ana"} if name == "memory" else None
    return Play(name, input, ANSWERS.get(name, []), context)


PLAYS = [*map(_play, SAMPLES), Play("flaky", {"item": "lamp", "fail": True}, label="flaky-failing")]
