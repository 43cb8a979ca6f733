"""Which spans are the machinery of LangChain and LangGraph rather than the developer's work."""

from __future__ import annotations

from inspector.core.nodes import Span

_MACHINERY = frozenset({
    "RunnableSequence", "RunnableParallel", "RunnableLambda", "RunnablePassthrough", "RunnableAssign", "RunnablePick",
    "RunnableBinding", "RunnableBranch", "RunnableEach", "RunnableMap", "RunnableCallable", "RunnableSeq",
    "RunnableWithFallbacks", "RunnableRetry", "RunnableGenerator", "RunnableConfigurableFields",
    "RunnableConfigurableAlternatives", "DynamicRunnable", "RouterRunnable",
    "ChannelWrite", "ChannelRead", "ChannelInvoke", "Branch", "PregelNode", "Prompt", "StateModifier", "LangGraph",
    "_write", "_route", "_control_branch", "_control_static", "__start__", "__end__",
})  # fmt: skip


def is_noise(span: Span) -> bool:
    """Whether a span is hidden until the developer asks for everything; its children are shown in its place.

    True of plumbing chains, prompts and output parsers; never of a model, tool, retriever or inner graph.
    """
    if span.type != "chain":
        return False
    if span.detail in ("prompt", "parser"):
        return True
    name = span.name
    cut = min((i for i in (name.find("<"), name.find("["), name.find("(")) if i > 0), default=len(name))
    return name[:cut] in _MACHINERY or not name
