"""A graph in a graph in a graph, with synchronous and asynchronous nodes.

What to look at: *Timeline* nests `newsroom` and, in it, `desk`; open and close them. *State* has a view per level:
`article` is shared by all three, `facts` by the newsroom and its desk, `doubts` belongs to the desk alone and is gone
when it ends. `print_page` calls a graph from inside a node, the other way to nest: it appears under its task and shares
no state with it. *Graph* opens each of them.

`graph` is a `StateGraph` that nobody compiled yet.
"""

from __future__ import annotations

# The standard library's TypedDict on purpose, as most graphs have it: on Python 3.11 pydantic refuses to
# describe it, so this graph has no JSON schema for its input there.
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph

from ._pace import hold_up, pause

EXAMPLE_INPUT = {"topic": "the night trains of Portugal"}


class Paper(TypedDict, total=False):
    topic: str
    article: str
    printed: str


class Newsroom(TypedDict, total=False):
    topic: str
    article: str
    facts: list[str]


class Desk(TypedDict, total=False):
    article: str
    facts: list[str]
    doubts: list[str]


class Page(TypedDict, total=False):
    text: str
    lines: list[str]


# Level 2, the desk: writes, doubts, corrects.
def draft(state: Desk) -> dict[str, Any]:
    hold_up(0.4)
    return {"article": "Draft. " + " ".join(state["facts"])}


async def doubt(state: Desk) -> dict[str, Any]:
    await pause(0.3)
    return {"doubts": [fact for fact in state["facts"] if any(letter.isdigit() for letter in fact)]}


def correct(state: Desk) -> dict[str, Any]:
    hold_up(0.3)
    article = state["article"].removeprefix("Draft. ")
    return {"article": f"{article} (Numbers checked: {len(state['doubts'])}.)"}


desk = StateGraph(Desk)
desk.add_node(draft)
desk.add_node(doubt)
desk.add_node(correct)
desk.add_edge(START, "draft")
desk.add_edge("draft", "doubt")
desk.add_edge("doubt", "correct")
desk.add_edge("correct", END)


# Level 1, the newsroom: finds facts, hands them to the desk, signs.
async def research(state: Newsroom) -> dict[str, Any]:
    await pause(0.5)
    return {"facts": [f"This is about {state['topic']}.", "The last one left in 2020.", "People miss them."]}


async def sign(state: Newsroom) -> dict[str, Any]:
    await pause(0.1)
    return {"article": state["article"] + " By our correspondent."}


newsroom = StateGraph(Newsroom)
newsroom.add_node(research)
newsroom.add_node("desk", desk.compile(name="desk"))
newsroom.add_node(sign)
newsroom.add_edge(START, "research")
newsroom.add_edge("research", "desk")
newsroom.add_edge("desk", "sign")
newsroom.add_edge("sign", END)


# Called from inside a node, with a state of its own.
def break_lines(state: Page) -> dict[str, Any]:
    lines = [""]
    for word in state["text"].split():
        if len(lines[-1]) + len(word) > 30:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return {"lines": lines}


layout = StateGraph(Page)
layout.add_node(break_lines)
layout.add_edge(START, "break_lines")
layout.add_edge("break_lines", END)
page = layout.compile(name="layout")


# Level 0, the paper.
def commission(state: Paper) -> dict[str, Any]:
    hold_up(0.2)
    return {"topic": state["topic"].strip()}


async def print_page(state: Paper) -> dict[str, Any]:
    laid_out = await page.ainvoke({"text": state["article"]})
    return {"printed": "\n".join(laid_out["lines"])}


graph = StateGraph(Paper)
graph.add_node(commission)
graph.add_node("newsroom", newsroom.compile(name="newsroom"))
graph.add_node(print_page)
graph.add_edge(START, "commission")
graph.add_edge("commission", "newsroom")
graph.add_edge("newsroom", "print_page")
graph.add_edge("print_page", END)
