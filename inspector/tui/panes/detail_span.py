"""What the detail pane says of a span: a model's messages and tokens, a tool's arguments and result, documents."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from inspector.core.documents import documents
from inspector.core.messages import Message, as_message
from inspector.core.nodes import Span
from inspector.core.outline import whole
from inspector.core.run import Run
from inspector.core.text import duration, number, one_line, plural, safe
from inspector.core.tokens import TokenStream
from inspector.core.values import Opaque, decode
from inspector.tui.panes.detail_error import failure
from inspector.tui.panes.detail_lines import LINES, Item, Page, moment
from inspector.tui.panes.timeline_text import SYMBOLS
from inspector.tui.widgets.pretty import message_lines, wrapped

_MESSAGES = 20
_DOCUMENTS = 30
_WORDS = {"running": "running", "ok": "ok", "error": "failed", "interrupted": "stopped", "cancelled": "cancelled"}


def span_page(page: Page, run: Run, span: Span, now: float) -> None:
    """Write all that is known of a span."""
    symbol, pen = SYMBOLS[span.status]
    took = duration(now - span.started if span.ended is None else span.ended - span.started)
    page.add(
        (f"{symbol} ", pen), (f"{span.detail or span.type} ", "muted"), (one_line(span.name, 120), "strong"),
        (f"  {_WORDS[span.status]}  {took}", pen),
    )  # fmt: skip
    if span.task is not None:
        place = f"{one_line(span.task.node, 100)}  step {span.task.step}"
        page.add(("in ", "muted"), (place, ""), item=Item(span.task.node, node=span.task))
    if span.type == "model":
        _model(page, span)
    elif span.type == "tool":
        _tool(page, run, span)
    elif span.type == "retriever":
        _retriever(page, span)
    else:
        _chain(page, span)
    page.heading("Timing")
    page.fact("started", f"at {moment(span.started)}")
    if span.ended is not None:
        page.fact("ended", f"at {moment(span.ended)}, after {duration(span.ended - span.started)}")
    page.fact("id", span.id)


# ---------------------------------------------------------------------- models


def _model(page: Page, span: Span) -> None:
    if span.model or span.provider:
        page.fact("model", "  ".join(part for part in (span.model, span.provider) if part))
    if span.tokens is not None:
        _rate(page, span.tokens)
    _usage(page, span)
    if span.error is not None:
        failure(page, "Error", span.error)
    output = decode(span.output) if span.output else None
    if output is not None:
        page.heading("Answer", item=Item("answer", lambda: whole(output)))
        _messages(page, output, "answer", LINES * 2)
    elif span.tokens is not None and span.tokens.count:
        _streaming(page, span.tokens)
    if not span.input:
        page.packed("Messages in", span.input)
        return
    given = decode(span.input)
    if given is not None:
        page.heading("Messages in", item=Item("messages in", lambda: whole(given)))
        _messages(page, given, "messages in", 8)


def _rate(page: Page, tokens: TokenStream) -> None:
    first, rate = tokens.first_token, tokens.rate()
    said = [f"first token after {duration(first)}"] if first is not None else ["no token yet"]
    if rate is not None:
        said.append(f"{rate:.0f} tok/s")
    said.append(plural(tokens.count, "chunk"))
    page.fact("stream", ", ".join(said))


def _usage(page: Page, span: Span) -> None:
    usage = span.usage
    if usage is None:
        return
    within = [
        f"{number(count)} {what}"
        for count, what in (
            (usage.cache_read, "read from the cache"),
            (usage.cache_write, "written to the cache"),
            (usage.reasoning, "of reasoning"),
        )
        if count
    ]
    said = f"{number(usage.input)} in, {number(usage.output)} out"
    page.fact("tokens", said + (f" ({', '.join(within)})" if within else ""))


def _messages(page: Page, value: Any, title: str, lines: int) -> None:
    """Messages as messages; anything else as the value that it is."""
    found = list(_flat(value, 0))
    if not found or not all(message is not None for message, _ in found):
        page.value(title, value, lines=LINES * 2)
        return
    if len(found) > _MESSAGES:
        page.add((f"… {plural(len(found) - _MESSAGES, 'earlier message')}  ⏎ opens all", "muted"),
                 item=Item(title, lambda: whole(value)))  # fmt: skip
    for message, raw in found[-_MESSAGES:]:
        if message is not None:
            item = Item(f"{message.role} message", partial(whole, raw))
            page.pretty(message_lines(message, page.width, text_lines=lines), item, lines=lines)


def _flat(value: Any, depth: int) -> Iterator[tuple[Message | None, Any]]:
    message = as_message(value)
    if message is not None:
        yield message, value
    elif isinstance(value, list) and depth < 3:
        for item in value:
            yield from _flat(item, depth + 1)
    elif isinstance(value, dict) and depth < 2 and set(value) == {"messages"}:
        yield from _flat(value["messages"], depth + 1)
    else:
        yield None, value


def _streaming(page: Page, tokens: TokenStream) -> None:
    """What a model that still runs has said so far: the end of it."""
    page.heading("Answer", "so far")
    item = Item("answer so far", lambda: safe("\n\n".join(segment.text for segment in tokens.segments)))
    for segment in tokens.segments[-8:]:
        pen = {"text": "", "reasoning": "detail--reasoning", "tool_call": "detail--number"}[segment.type]
        if segment.type == "tool_call":
            page.add(("calls ", "muted"), (one_line(segment.name, 80), pen), item=item)
        tail = segment.since(max(0, segment.length - page.width * LINES))
        shown = wrapped(tail, page.width, LINES * 4)
        for line in shown[-LINES:]:
            page.add((line, pen), item=item)


# ---------------------------------------------------------------------- tools, retrievers, chains


def _tool(page: Page, run: Run, span: Span) -> None:
    if span.call_id:
        page.fact("call", span.call_id)
        asked = run.asked_by.get(span.call_id)
        if asked is not None:
            where = f" in {asked.task.node}, step {asked.task.step}" if asked.task is not None else ""
            page.fact("asked by", f"{asked.model or asked.name}{where}", item=Item(asked.name, node=asked))
    page.packed("Arguments", span.input)
    if span.error is not None:
        failure(page, "Error", span.error)
    output = decode(span.output) if span.output else None
    message = as_message(output)
    if message is not None and message.role == "tool":
        page.heading("Result", "error" if message.status == "error" else "", Item("result", lambda: whole(output)))
        page.text(message.text or "(empty)", "error" if message.status == "error" else "", lines=LINES * 2,
                  item=Item("result", lambda: message.text))  # fmt: skip
        artifact = output.get("artifact") if isinstance(output, (dict, Opaque)) else None
        if artifact is not None:
            page.heading("Artifact")
            page.value("artifact", artifact)
    else:
        page.packed("Result", span.output)


def _retriever(page: Page, span: Span) -> None:
    given = decode(span.input) if span.input else None
    query = given.get("query") if isinstance(given, dict) else given
    if isinstance(query, str):
        page.heading("Query")
        page.text(query, item=Item("query", lambda: query))
    else:
        page.packed("Query", span.input)
    if span.error is not None:
        failure(page, "Error", span.error)
    output = decode(span.output) if span.output else None
    found, missing = documents(output)
    if not found:
        page.packed("Found", span.output)
        return
    page.heading("Found", plural(len(found) + missing, "document"), Item("documents", lambda: whole(output)))
    for index, document in enumerate(found[:_DOCUMENTS], 1):
        score = f"  {document.score_name} {document.score:.3g}" if document.score is not None else ""
        item = Item(f"document {index}", partial(safe, document.text))
        source = one_line(document.source, 120) or "document"
        page.add((f"{index:>2} ", "muted"), (source, "strong"), (score, "detail--number"), item=item)
        page.text(document.text, lines=4, item=item, indent=3)
        for key, value in document.metadata[:6]:
            page.add(("   ", ""), (f"{one_line(key, 40)} ", "muted"), (one_line(str(value), 160), "muted"), item=item)
    if len(found) + missing > _DOCUMENTS:
        page.add((f"… {len(found) + missing - _DOCUMENTS:,} more", "muted"))


def _chain(page: Page, span: Span) -> None:
    if span.error is not None:
        failure(page, "Error", span.error)
    page.packed("Input", span.input)
    page.packed("Output", span.output)
