"""Three models think and speak at the same time, a fourth weighs what they said.

What to look at: *Tokens* shows three streams at once, reasoning apart from text. Each model sends its reasoning as
another kind of provider does (content blocks, Anthropic's `thinking`, `reasoning_content` beside the text), and at its
own speed, so the time to the first token and the tokens per second differ. *Timeline* shows the three side by side, and
`verdict` waiting for the slowest. Every call reports its usage.
"""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langchain_core.language_models import BaseChatModel
from langgraph.graph import END, START, StateGraph
from typing_extensions import TypedDict

from ._model import Reply, model

EXAMPLE_INPUT = {"question": "Should a team of four write its own deployment tool?"}


class Debate(TypedDict, total=False):
    question: str
    views: Annotated[dict[str, str], operator.or_]
    verdict: str


optimist = model(
    [
        Reply(
            reasoning="Four people know each other's habits. A tool that fits those habits can be very small.",
            text=(
                "Yes, if it stays small. Two hundred lines that do what the four of you do every day will beat a "
                "product with two hundred settings. You will understand it at three in the morning, and that is "
                "when it counts."
            ),
        )
    ],
    model_name="gpt-5-mini",
    provider="openai",
    reasoning="blocks",
    first_token=0.3,
    tokens_per_second=45,
)
sceptic = model(
    [
        Reply(
            reasoning=(
                "Who will maintain it? In a year one of the four is gone, and it is always the one who wrote it. "
                "What does the tool on the shelf not do? Usually nothing that matters."
            ),
            text=(
                "No. You will spend the first month on the part everybody has solved, and the next year on the "
                "part nobody told you about: locks, rollbacks, half-finished releases."
            ),
        )
    ],
    model_name="claude-sonnet-4-5",
    provider="anthropic",
    reasoning="thinking",
    first_token=0.6,
    tokens_per_second=32,
)
historian = model(
    [
        Reply(
            reasoning="Make, cron, rsync: each was written by a few people for themselves.",
            text=(
                "Most tools you like began that way: a few people, one problem, no plan. Most tools you have "
                "forgotten began that way too."
            ),
        )
    ],
    model_name="deepseek-reasoner",
    provider="deepseek",
    reasoning="reasoning_content",
    first_token=0.15,
    tokens_per_second=70,
)
judge = model(
    [Reply(text="Write a script, not a tool. Give it a week; if it grows past a page, buy something.")],
    model_name="gpt-5-mini",
    provider="openai",
    first_token=0.25,
)


async def ask_about(who: BaseChatModel, role: str, state: Debate) -> dict[str, Any]:
    message = await who.ainvoke([("system", f"You are the {role}. Three sentences."), ("human", state["question"])])
    return {"views": {role: message.text}}


async def ask_optimist(state: Debate) -> dict[str, Any]:
    return await ask_about(optimist, "optimist", state)


async def ask_sceptic(state: Debate) -> dict[str, Any]:
    return await ask_about(sceptic, "sceptic", state)


async def ask_historian(state: Debate) -> dict[str, Any]:
    return await ask_about(historian, "historian", state)


async def verdict(state: Debate) -> dict[str, Any]:
    views = "\n".join(f"{role}: {view}" for role, view in state["views"].items())
    message = await judge.ainvoke([("system", "Weigh the views. Two sentences."), ("human", views)])
    return {"verdict": message.text}


builder = StateGraph(Debate)
for node in (ask_optimist, ask_sceptic, ask_historian):
    builder.add_node(node)
    builder.add_edge(START, node.__name__)
builder.add_node(verdict)
builder.add_edge(["ask_optimist", "ask_sceptic", "ask_historian"], "verdict")
builder.add_edge("verdict", END)

graph = builder.compile()
