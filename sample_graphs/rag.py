"""Retrieval-augmented generation over a small handbook of LangGraph's own words.

What to look at: *Output* lists the retrieved documents with score, source and section. Under `answer`,
*Timeline* unfolds into the prompt template, the model and the output parser: each is a span of its own. In
*State*, `documents` are the passages the answer may use, so a wrong answer can be told from a wrong
passage.

`graph` is an async factory: the index is built when the graph is loaded.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import AsyncCallbackManagerForRetrieverRun, CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.messages import BaseMessage, SystemMessage
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.retrievers import BaseRetriever
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from typing_extensions import TypedDict

from ._model import Reply, model
from ._pace import hold_up, pause

EXAMPLE_INPUT = {"question": "What does a checkpoint hold, and when is it saved?"}

HANDBOOK = {
    "persistence.md#checkpoints": (
        "A checkpoint holds the state of a thread at one moment: the values of its channels, the nodes to run next and "
        "the writes still pending. One is saved at the end of every superstep."
    ),
    "persistence.md#threads": (
        "A thread is a sequence of checkpoints under one id. A run on an existing thread starts from its last "
        "checkpoint."
    ),
    "concepts.md#supersteps": (
        "A superstep runs all the nodes that were triggered, in parallel. Their writes become visible together when it "
        "ends."
    ),
    "concepts.md#channels": (
        "A channel holds one key of the state. Its reducer says how the writes of several tasks are merged into one "
        "value."
    ),
    "human.md#interrupts": (
        "An interrupt stops a node and asks a question. The node runs again from its beginning when the answer arrives."
    ),
    "human.md#time-travel": (
        "A run can go on from any earlier checkpoint. What it saves from there becomes a fork of the thread."
    ),
}

_COMMON = frozenset(
    re.findall(r"\w+", "a an and are as at by does do how in is it its of on one or the that to under what when")
)


def words(text: str) -> Counter[str]:
    """The words that matter, without their endings, and how often each occurs."""
    return Counter(
        re.sub(r"(?<=\w{3})(s|ed?)$", "", word) for word in re.findall(r"\w+", text.lower()) if word not in _COMMON
    )


def likeness(one: Counter[str], other: Counter[str]) -> float:
    """Cosine of two bags of words, 0 to 1."""
    size = math.sqrt(sum(n * n for n in one.values()) * sum(n * n for n in other.values()))
    return sum(n * other[word] for word, n in one.items()) / size if size else 0.0


class HandbookRetriever(BaseRetriever):
    """The `k` passages most like the query, best first, each with its `score`."""

    passages: list[Document]
    k: int = 3

    def _rank(self, query: str) -> list[Document]:
        asked = words(query)
        scored = [(round(likeness(asked, words(each.page_content)), 3), each) for each in self.passages]
        scored.sort(key=lambda pair: -pair[0])
        return [
            Document(id=each.id, page_content=each.page_content, metadata={**each.metadata, "score": score})
            for score, each in scored[: self.k]
            if score
        ]

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        hold_up(0.5)
        return self._rank(query)

    async def _aget_relevant_documents(
        self, query: str, *, run_manager: AsyncCallbackManagerForRetrieverRun
    ) -> list[Document]:
        await pause(0.5)
        return self._rank(query)


class Question(TypedDict):
    question: str


class Answer(Question, total=False):
    documents: list[Document]
    answer: str


def quote(messages: Sequence[BaseMessage]) -> Reply:
    """Answer with the first sentence of each of the two best passages of the prompt, and where they stand."""
    prompt = next(message.text for message in messages if isinstance(message, SystemMessage))
    found = re.findall(r"^\[(.+?)\] (.+?[.])(?: |$)", prompt, flags=re.MULTILINE)[:2]
    if not found:
        return Reply("The handbook does not say.")
    return Reply(" ".join(f"{sentence} [{source}]" for source, sentence in found))


prompt = ChatPromptTemplate.from_messages(
    [
        ("system", "Answer from these passages only, and name the source of each sentence.\n\n{context}"),
        ("human", "{question}"),
    ]
)
answering = prompt | model(quote, tokens_per_second=55) | StrOutputParser()


async def build_index() -> HandbookRetriever:
    """Split the handbook into passages. A real one would compute embeddings here."""
    await pause(0.1)
    passages = []
    for n, (where, text) in enumerate(HANDBOOK.items()):
        source, section = where.split("#")
        passages.append(Document(id=f"p{n}", page_content=text, metadata={"source": source, "section": section}))
    return HandbookRetriever(passages=passages)


async def graph() -> CompiledStateGraph[Answer, None, Question, Answer]:
    """Build the index, then the graph on it."""
    retriever = await build_index()

    async def retrieve(state: Answer) -> dict[str, Any]:
        return {"documents": await retriever.ainvoke(state["question"])}

    async def answer(state: Answer) -> dict[str, Any]:
        context = "\n".join(f"[{each.metadata['source']}] {each.page_content}" for each in state["documents"])
        return {"answer": await answering.ainvoke({"context": context, "question": state["question"]})}

    builder = StateGraph(Answer, input_schema=Question)
    builder.add_node(retrieve)
    builder.add_node(answer)
    builder.add_edge(START, "retrieve")
    builder.add_edge("retrieve", "answer")
    builder.add_edge("answer", END)
    return builder.compile()
