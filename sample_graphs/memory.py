"""Long-term memory: what is told in one thread is known in the next.

What to look at: `recall` reads the store and `remember` writes to it; *State* shows in `recalled` what was found, and
nothing of the store itself, which belongs to no thread. Tell it your name, start a new thread (`--thread another`), and
ask who you are. `--context '{"user_id": "bo"}'` is somebody else, of whom nothing is known.

`graph` is a `StateGraph` with a context schema, compiled by whoever runs it, who also provides the store.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from langchain_core.messages import BaseMessage, SystemMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.runtime import Runtime
from langgraph.store.base import BaseStore

from ._model import Reply, model
from ._pace import pause

EXAMPLE_INPUT = {"messages": [{"role": "user", "content": "Hello! My name is Ana, and I love night trains."}]}


@dataclass
class Context:
    """Whose memories these are."""

    user_id: str = "ana"


class Chat(MessagesState, total=False):
    recalled: list[str]
    remembered: list[str]


def memories(runtime: Runtime[Context]) -> tuple[BaseStore, tuple[str, str]]:
    """The store, and the namespace of this user in it."""
    if runtime.store is None:
        raise RuntimeError("this graph needs a store; compile it with one, such as InMemoryStore()")
    context = runtime.context or Context()
    return runtime.store, ("memories", context.user_id)


def reply(messages: Sequence[BaseMessage]) -> Reply:
    """Greet, with all that the system message says is known."""
    system = next(message.text for message in messages if isinstance(message, SystemMessage))
    known = re.findall(r"^- (.+)$", system, flags=re.MULTILINE)
    if not known:
        return Reply("Nice to meet you! I know nothing about you yet, but I will remember what you tell me.")
    return Reply("Welcome back! I remember that you said: " + "; ".join(known) + ".")


chatter = model(reply, tokens_per_second=60)


async def recall(state: Chat, runtime: Runtime[Context]) -> dict[str, Any]:
    store, namespace = memories(runtime)
    await pause(0.2)
    found = await store.asearch(namespace, limit=20)
    return {"recalled": sorted(item.value["said"] for item in found)}


async def respond(state: Chat) -> dict[str, Any]:
    known = "\n".join(f"- {said}" for said in state.get("recalled", []))
    system = f"You have a good memory. What this person told you before:\n{known}"
    return {"messages": [await chatter.ainvoke([("system", system), *state["messages"]])]}


async def remember(state: Chat, runtime: Runtime[Context]) -> dict[str, Any]:
    """Keep what the last human message says about its author: the clauses with "I" or "my" in them."""
    store, namespace = memories(runtime)
    said = next(message.text for message in reversed(state["messages"]) if message.type == "human")
    clauses = [clause.strip() for clause in re.split(r"[.!?,;]\s*(?:and\s+)?", said)]
    facts = [clause for clause in clauses if re.search(r"\b(i|my)\b", clause, flags=re.IGNORECASE)]
    for fact in facts:
        await store.aput(namespace, sha256(fact.lower().encode()).hexdigest()[:12], {"said": fact})
    return {"remembered": facts}


graph = StateGraph(Chat, context_schema=Context)
graph.add_node(recall)
graph.add_node(respond)
graph.add_node(remember)
graph.add_edge(START, "recall")
graph.add_edge("recall", "respond")
graph.add_edge("respond", "remember")
graph.add_edge("remember", END)
