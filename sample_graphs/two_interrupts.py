"""Two people are asked at the same time, each their own question, and each answer has a shape.

What to look at: the run stops with two interrupts waiting, `legal` and `finance`; each carries a JSON
schema of the answer (`response_schema`), so a form can be made of it and a wrong answer is refused without
losing the question. Answer one, and the other still waits. `publish` runs only when both have answered.

Answers to try: `{"approved": true}` for legal, `{"limit": 800, "cost_centre": "events"}` for finance.
"""

from __future__ import annotations

from typing import Any, Literal

from langgraph.graph import END, START, StateGraph
from pydantic import BaseModel, Field
from typing_extensions import TypedDict

from ._compat import ask
from ._pace import pause

EXAMPLE_INPUT = {"title": "Summer party in the botanical garden", "amount": 950}


class Event(TypedDict, total=False):
    title: str
    amount: int
    approved: bool
    remark: str
    limit: int
    cost_centre: str
    outcome: str


class Legal(BaseModel):
    """What the legal department has to say."""

    approved: bool = Field(description="May it take place?")
    remark: str = Field(default="", max_length=200, description="What has to be observed")


class Finance(BaseModel):
    """What finance has to say."""

    limit: int = Field(ge=0, le=100_000, description="The most it may cost, in euros")
    cost_centre: Literal["events", "people", "marketing"] = Field(description="Who pays")


def legal(state: Event) -> dict[str, Any]:
    question = {"question": f"May we hold «{state['title']}»?", "regulation": "park by-laws, section 4"}
    answer = Legal.model_validate(ask(question, Legal))
    return {"approved": answer.approved, "remark": answer.remark}


def finance(state: Event) -> dict[str, Any]:
    question = {"question": f"{state['amount']} EUR for «{state['title']}»: what is the limit, and who pays?"}
    answer = Finance.model_validate(ask(question, Finance))
    return {"limit": answer.limit, "cost_centre": answer.cost_centre}


async def publish(state: Event) -> dict[str, Any]:
    await pause(0.3)
    if not state["approved"]:
        return {"outcome": f"«{state['title']}» is off. {state['remark']}".strip()}
    spend = min(state["amount"], state["limit"])
    return {"outcome": f"«{state['title']}» takes place, for {spend} EUR from {state['cost_centre']}."}


builder = StateGraph(Event)
builder.add_node(legal)
builder.add_node(finance)
builder.add_node(publish)
builder.add_edge(START, "legal")
builder.add_edge(START, "finance")
builder.add_edge(["legal", "finance"], "publish")
builder.add_edge("publish", END)

graph = builder.compile()
