"""Everything LangGraph and LangChain can stream, in one short run.

What to look at: the *Stream modes* view has something in every row (`values`, `updates`, `messages`, `custom`, `tasks`,
`checkpoints`, `debug`), and the run emits every kind of v2 event: chains, prompts, parsers, a retriever, a tool that
works and one that fails, a chat model, a completion model that is no chat model, and custom events.

`graph` is an async context manager: it opens a connection, and closes it when the inspector is done with the graph.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.callbacks.manager import adispatch_custom_event
from langchain_core.documents import Document
from langchain_core.output_parsers import CommaSeparatedListOutputParser, StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langchain_core.tools import tool
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import StreamWriter
from typing_extensions import TypedDict

from ._llm import ScriptedLLM
from ._model import Reply, model
from ._pace import pause

EXAMPLE_INPUT = {"word": "saudade"}


class Entry(TypedDict, total=False):
    word: str
    documents: list[Document]
    definition: str
    synonyms: list[str]
    example: str
    letters: int
    audio: str
    reviewed: bool


class Dictionary(BaseRetriever):
    """A dictionary with one page, kept open by the graph's context manager."""

    open: bool = True

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        if not self.open:
            raise ConnectionError("the dictionary is closed")
        text = f"{query}: a longing for something or someone absent, felt as much as remembered."
        return [Document(id=query, page_content=text, metadata={"source": "dictionary.txt", "score": 0.93})]

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        await pause(0.3)
        return self._get_relevant_documents(query, run_manager=run_manager.get_sync())


@tool
async def count_letters(word: str) -> int:
    """Count the letters of a word."""
    await pause(0.2)
    return len(word)


@tool
async def pronounce(word: str) -> bytes:
    """Say a word out loud."""
    await pause(0.2)
    raise OSError(f"no sound card to say {word!r} with")


define = (
    ChatPromptTemplate.from_messages([("system", "Define the word from this: {text}"), ("human", "{word}")])
    | model(
        [
            Reply(
                text="A longing for what is absent, half pain and half pleasure.",
                reasoning="Not nostalgia; that is for the past.",
            )
        ]
    )
    | StrOutputParser()
)
list_synonyms = (
    ChatPromptTemplate.from_template("List words like {word}, separated by commas.")
    | model([Reply("longing, yearning, wistfulness, homesickness")])
    | CommaSeparatedListOutputParser()
)
completion = ScriptedLLM(text="She felt a deep saudade for the river, the trams and the noise of the harbour.")


async def explain(state: Entry) -> dict[str, Any]:
    """Two chains of prompt, chat model and parser; the first is streamed, parser and all."""
    parts = [part async for part in define.astream({"word": state["word"], "text": state["documents"][0].page_content})]
    return {"definition": "".join(parts), "synonyms": await list_synonyms.ainvoke({"word": state["word"]})}


async def illustrate(state: Entry) -> dict[str, Any]:
    """A completion model: text in, text out, no messages."""
    return {"example": await completion.ainvoke(f"A sentence with {state['word']}:")}


async def use_tools(state: Entry) -> dict[str, Any]:
    """One tool works, the other does not."""
    letters: int = await count_letters.ainvoke({"word": state["word"]})
    try:
        await pronounce.ainvoke({"word": state["word"]})
    except OSError as error:
        return {"letters": letters, "audio": f"none: {error}"}
    return {"letters": letters, "audio": "played"}


async def announce(state: Entry, writer: StreamWriter) -> dict[str, Any]:
    """The two kinds of custom event: LangGraph's stream, and LangChain's callbacks."""
    writer({"headline": f"{state['word']}, {state['letters']} letters"})
    await adispatch_custom_event("announcement", {"word": state["word"], "synonyms": len(state["synonyms"])})
    return {}


def review(state: Entry) -> dict[str, Any]:
    return {"reviewed": bool(state["definition"])}


@asynccontextmanager
async def graph() -> AsyncIterator[CompiledStateGraph[Entry, None, Entry, Entry]]:
    """Open the dictionary, and close it at the end."""
    dictionary = Dictionary()

    async def look_up(state: Entry) -> dict[str, Any]:
        return {"documents": await dictionary.ainvoke(state["word"])}

    editors = StateGraph(Entry)
    editors.add_node(review)
    editors.add_edge(START, "review")
    editors.add_edge("review", END)

    builder = StateGraph(Entry)
    builder.add_node(look_up)
    builder.add_node(explain)
    builder.add_node(illustrate)
    builder.add_node(use_tools)
    builder.add_node(announce)
    builder.add_node("editors", editors.compile(name="editors"))
    path = [START, "look_up", "explain", "illustrate", "use_tools", "announce", "editors", END]
    for one, next_one in pairwise(path):
        builder.add_edge(one, next_one)
    try:
        yield builder.compile()
    finally:
        dictionary.open = False
