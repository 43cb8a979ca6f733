"""One model call that streams as many tokens as the input asks for.

What to look at: *Tokens* keeps up, and so do the keys. The benchmarks use this graph.

`per_second` limits the rate; without it the tokens come as fast as they can be made. The message ends up in `messages`,
so the tokens shown, joined, can be compared with it. `INSPECTOR_MODEL` does not apply here: no provider is as fast.
"""

from __future__ import annotations

from typing import Any, NotRequired

from langgraph.graph import END, START, MessagesState, StateGraph
from typing_extensions import TypedDict

from ._model import Reply, ScriptedChatModel

EXAMPLE_INPUT = {"tokens": 5000, "per_second": 2000}

# None is longer than a token.
# fmt: off
WORDS = (
    "the", "tram", "climbs", "past", "tiled", "walls", "and", "small",
    "cafés", "down", "to", "the", "river", "where", "boats", "wait", "for", "wind"
)
# fmt: on
LINE = 14  # words


class Asked(TypedDict):
    tokens: int
    per_second: NotRequired[float | None]


class Flood(MessagesState):
    tokens: int
    per_second: NotRequired[float | None]


def babble(count: int) -> str:
    """A text of exactly `count` tokens."""
    words = (WORDS[n % len(WORDS)] for n in range(count))
    return "".join(word if n == 0 else ("\n" if n % LINE == 0 else " ") + word for n, word in enumerate(words))


async def flood(state: Flood) -> dict[str, Any]:
    model = ScriptedChatModel(
        script=[Reply(babble(state["tokens"]))], first_token=0, tokens_per_second=state.get("per_second")
    )
    return {"messages": [await model.ainvoke(f"Say {state['tokens']} words.")]}


builder = StateGraph(Flood, input_schema=Asked)
builder.add_node(flood)
builder.add_edge(START, "flood")
builder.add_edge("flood", END)

graph = builder.compile()
