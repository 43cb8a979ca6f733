"""Models that say what a test wants, and what has to hold for every run of an agent, whoever wrote it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.types import Command

from inspector.core.messages import as_message
from inspector.core.nodes import Node, Span, Task
from inspector.core.noise import is_noise
from inspector.core.run import Run
from inspector.core.values import decode
from inspector.debuggee.describe import describe
from inspector.store.checkpoints import CheckpointFile
from sample_graphs._model import Call, Reply, Script, ScriptedChatModel
from tests.runs import checks
from tests.runs.watching import THREAD, Watched, watch

__all__ = ["THREAD", "Call", "Reply", "answer", "chat", "check", "model", "outline", "resumed", "saved", "watch"]


def model(*replies: Reply, script: Script | None = None, **options: Any) -> ScriptedChatModel:
    """A model that gives these replies, one a call since the last human message."""
    return ScriptedChatModel(script=script or replies, first_token=0, tokens_per_second=None, **options)


def chat(text: str = "go") -> dict[str, Any]:
    """The input of an agent."""
    return {"messages": [("user", text)]}


@asynccontextmanager
async def saved(graph: Any, folder: Path) -> AsyncIterator[Any]:
    """The graph, with a checkpoint file in the folder."""
    async with AsyncSqliteSaver.from_conn_string(str(folder / "threads.sqlite")) as saver:
        yield graph.copy(update={"checkpointer": saver})


async def check(watched: Watched, graph: Any = None, folder: Path | None = None) -> None:
    """What has to hold for any run; with the saved graph, also that its history and states are the same."""
    checks.everything_ended_once(watched)
    checks.spans_are_within_their_parents(watched)
    checks.tasks_are_those_of_the_stream(watched)
    checks.lines_keep_the_contract(watched.lines)
    checks.tools_know_who_asked(watched)
    for span in watched.run.models:
        tokens_are_the_answer(span)
    if graph is not None and folder is not None:
        await checks.tasks_are_those_of_the_history(watched, graph, THREAD)
        file = CheckpointFile(folder / "threads.sqlite", describe(graph, schemas=False))
        await checks.states_are_those_of_the_graph(watched, graph, THREAD, file)


def check_resumed(watched: Watched) -> None:
    """As `check`, for an answer to what waited: who asked for the tools that run now was said in the run before."""
    checks.everything_ended_once(watched)
    checks.tasks_are_those_of_the_stream(watched)
    checks.lines_keep_the_contract(watched.lines)


def tokens_are_the_answer(span: Span) -> None:
    """What a model streamed, joined, is the message that it returned, as panes show it."""
    message = as_message(decode(span.output))
    if span.status != "ok" or message is None:
        return
    assert span.tokens is not None
    assert span.tokens.text == message.text
    assert span.tokens.reasoning == message.reasoning
    assert [call.call_id for call in span.tokens.calls()] == [call.id for call in message.tool_calls]
    assert span.calls == tuple(call.id for call in message.tool_calls)


def resumed(*runs: Watched) -> Run:
    """The model of several invocations on one thread."""
    run = Run()
    for watched in runs:
        for event in watched.events:
            run.append(event)
    return run


def outline(run: Run) -> list[str]:
    """The timeline without plumbing, a line a row: `model`, `  @gpt (error)`, `  add()`, `  <researcher>`."""
    lines: list[str] = []

    def add(node: Node, depth: int) -> None:
        if not (isinstance(node, Span) and (is_noise(node) or node.type == "chain")):
            lines.append("  " * depth + _label(node) + ("" if node.status == "ok" else f" ({node.status})"))
            depth += 1
        for child in node.children or ():
            add(child, depth)

    for root in run.roots:
        add(root, 0)
    return lines


def _label(node: Node) -> str:
    if isinstance(node, Task):
        return node.node
    return {"model": f"@{node.model}", "tool": f"{node.name}()", "graph": f"<{node.name}>"}.get(node.type, node.name)


def answer(run: Run, value: Any) -> Command[Any]:
    """The same answer to everything that waits."""
    return Command(resume=dict.fromkeys(run.pending, value))
