"""Nodes that say how far they have come.

What to look at: *Output* turns what the nodes send into progress bars. `fetch` counts with `progress` and
`total`, `index` sends a `percent` as a callback event, and `translate` counts chapters and, inside each,
pages: nested progress. The last event of `translate` is no progress at all and stays an ordinary custom
event.
"""

from __future__ import annotations

from typing import Any

from langchain_core.callbacks import adispatch_custom_event
from langgraph.graph import END, START, StateGraph
from langgraph.types import StreamWriter
from typing_extensions import TypedDict

from ._pace import pause

EXAMPLE_INPUT = {"book": "Os Maias", "files": 12, "chapters": 3}

PAGES = 5
PERCENT = 4


class Book(TypedDict, total=False):
    book: str
    files: int
    chapters: int
    fetched: int
    indexed: bool
    pages: int


async def fetch(state: Book, writer: StreamWriter) -> dict[str, Any]:
    """Plain counting, on the custom stream."""
    files = state.get("files", 12)
    for n in range(1, files + 1):
        await pause(0.12)
        writer({"label": f"fetching {state['book']}", "progress": n, "total": files})
    return {"fetched": files}


async def index(state: Book) -> dict[str, Any]:
    """A percentage, as a callback event with a name; it works without LangGraph, too."""
    for percent in range(0, 101, PERCENT):
        await adispatch_custom_event("indexing", {"percent": percent})
        await pause(0.06)
    return {"indexed": True}


async def translate(state: Book, writer: StreamWriter) -> dict[str, Any]:
    """Progress within progress: pages of a chapter, chapters of the book."""
    chapters = state.get("chapters", 3)
    for chapter in range(1, chapters + 1):
        for page in range(1, PAGES + 1):
            await pause(0.1)
            writer(
                {
                    "translate": {
                        "label": "chapters",
                        "progress": chapter - 1 + (page == PAGES),
                        "total": chapters,
                        "step": {"label": f"chapter {chapter}, pages", "progress": page, "total": PAGES},
                    }
                }
            )
    writer({"note": f"{state['book']} is ready to read"})
    return {"pages": chapters * PAGES}


builder = StateGraph(Book)
builder.add_node(fetch)
builder.add_node(index)
builder.add_node(translate)
builder.add_edge(START, "fetch")
builder.add_edge(START, "index")
builder.add_edge(["fetch", "index"], "translate")
builder.add_edge("translate", END)

graph = builder.compile()
