"""The `html` form of a thread: one page that needs nothing else. No script; every text is escaped, and control
characters and bidi marks in it are made visible (`core.text.safe`)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any

from inspector.core.checkpoint_ids import made_at
from inspector.core.events import NOTHING, Packed
from inspector.core.labels import given
from inspector.core.messages import Message, as_message
from inspector.core.nodes import Checkpoint, Node, Span, Task
from inspector.core.outline import question
from inspector.core.text import duration, one_line, plural, safe, size
from inspector.core.values import decode, to_json
from inspector.core.view import State
from inspector.errors import StoreError
from inspector.export.content import Content
from inspector.export.style import STYLE

_STATES = 400  # checkpoints whose states are shown, the newest
_ROWS = 5_000  # tasks and spans in the timeline
_LONGEST = 20_000  # characters of one value
_SYMBOLS = {"ok": "✓", "error": "✖", "interrupted": "‖", "cancelled": "⊘", "running": "▶"}
_STATUS = {
    "done": "done", "waiting": "waits for an answer", "failed": "failed", "stopped": "stopped in the middle",
    "unknown": "cannot be read",
}  # fmt: skip


def page(content: Content) -> Iterator[str]:
    """The page, piece by piece."""
    name = content.mark.alias or content.thread
    yield _HEAD.format(title=_text(one_line(name, 80)), style=STYLE)
    yield from _summary(content, name)
    yield from _timeline(content)
    final = _state(content, content.summary.newest)
    messages = [m for value in final.values.values() for m in _messages(value)]
    yield from _conversation(content, messages)
    yield from _tools(content, messages)
    yield from _states(content)
    yield "</main></body></html>\n"


_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>{title}</title><style>{style}</style></head><body><main>
"""


def _summary(content: Content, name: str) -> Iterator[str]:
    summary, details = content.summary, content.details
    yield f"<h1>{_text(one_line(name, 200))}</h1>"
    facts = [
        ("thread", one_line(content.thread, 200)),
        ("status", _STATUS[details.status]),
        ("graph", one_line(content.run.graph, 100)),
        ("began", _when(summary.began)),
        ("last activity", _when(summary.at)),
        ("checkpoints", f"{summary.checkpoints:,}"),
        ("supersteps", "" if summary.supersteps is None else f"{summary.supersteps:,}"),
        ("tags", ", ".join(content.mark.tags)),
        ("next", ", ".join(details.next)),
        ("tokens", _usage(content)),
    ]
    yield "<dl class=facts>"
    yield "".join(f"<div><dt>{label}</dt><dd>{_text(value)}</dd></div>" for label, value in facts if value)
    yield "</dl>"
    for _, value in details.interrupts:
        asked = one_line(content.masked_text(question(value)), 1000)
        yield f"<p class=question>‖ {_text(asked)}</p>"
    if details.error:
        yield f"<p class=error>✖ {_text(content.masked_text(details.error))}</p>"


def _usage(content: Content) -> str:
    usage = content.run.usage
    return f"{usage.input:,} in, {usage.output:,} out" if usage.input or usage.output else ""


# ---------------------------------------------------------------------- timeline


def _timeline(content: Content) -> Iterator[str]:
    run = content.run
    yield "<section><h2>Timeline</h2>"
    if content.approximate:
        yield (
            "<p class=note>Rebuilt from checkpoints: times are those of the checkpoints around a task, "
            "and approximate.</p>"
        )
    total = max(run.now, 1e-9)
    step: int | None = None
    invocation: int | None = None
    for count, (depth, node) in enumerate(run.walk()):
        if count >= _ROWS:
            yield f"<p class=note>… {run.task_count + len(run.spans) - count:,} more</p>"
            break
        if isinstance(node, Task) and depth == 0:
            if node.invocation != invocation and node.invocation < len(run.invocations):
                yield from _asked(content, invocation)
                invocation, step = node.invocation, None
                began = run.invocations[invocation]
                said = "answer" if began.event.resumed else "input"
                yield f"<h3>{said} · {_text(_when(began.event.at))}</h3>"
                if began.event.input not in (NOTHING, b""):
                    yield _block(said, _json(content, to_json(given(decode(began.event.input)))))
            if node.step != step:
                step = node.step
                yield f"<h4>superstep {step}</h4>"
        yield _row(content, depth, node, total)
    yield from _asked(content, invocation)
    for _, owner, failure in run.failures:
        if owner is None:
            yield f"<p class=error>✖ {_text(content.masked_text(str(failure)))}</p>"
    yield "</section>"


def _asked(content: Content, invocation: int | None) -> Iterator[str]:
    """What an invocation asked in the end."""
    for asked in content.asked.get(-1 if invocation is None else invocation, ()):
        said = content.masked_text(question(decode(asked.value)))
        yield f"<p class=question>‖ {_text(one_line(asked.node, 80))}: {_text(one_line(said, 1000))}</p>"


def _row(content: Content, depth: int, node: Node, total: float) -> str:
    name = node.node if isinstance(node, Task) else node.model or node.name or node.type
    kind = "task" if isinstance(node, Task) else node.type
    left = 100 * node.started / total
    width = max(0.3, 100 * (node.duration or 0) / total)
    about = "≈ " if content.approximate and node.duration is not None else ""
    inside = [_value(content, "input", node.input)]
    if isinstance(node, Task):
        inside.append(_value(content, "writes", node.writes))
        inside += [_value(content, "asks", asked.value) for asked in node.interrupts or ()]
    else:
        inside.append(_value(content, "output", node.output))
        said = node.tokens.text if node.tokens is not None and node.output in (NOTHING, b"") else ""
        inside.append(_block("text", content.masked_text(said)) if said else "")
    if node.error is not None:
        inside.append(_block("error", content.masked_text(f"{node.error}\n{node.error.traceback}".strip())))
    return (
        f'<details class="row {node.status}" style="--depth:{min(depth, 20)}"><summary>'
        f"<span class=name>{_SYMBOLS.get(node.status, '·')} {_text(one_line(name, 120))} <i>{kind}</i></span>"
        f'<span class=track><span class=bar style="left:{left:.2f}%;width:{min(width, 100):.2f}%"></span></span>'
        f"<span class=time>{about}{duration(node.duration)}</span></summary>{''.join(inside)}</details>\n"
    )


# ---------------------------------------------------------------------- messages and tools


def _messages(value: Any) -> list[Message]:
    items = value if isinstance(value, list) else [value]
    found = [as_message(item) for item in items]
    return [message for message in found if message is not None]


def _conversation(content: Content, messages: Sequence[Message]) -> Iterator[str]:
    if not messages:
        return
    yield "<section><h2>Messages</h2>"
    for message in messages:
        who = message.role + (f" · {message.name}" if message.name else "")
        yield f'<article class="message {message.role}"><h3>{_text(one_line(who, 100))}</h3>'
        if message.reasoning:
            yield f"<details><summary>reasoning</summary>{_pre(content.masked_text(message.reasoning))}</details>"
        if message.text:
            yield _pre(content.masked_text(message.text))
        for call in message.tool_calls:
            yield _block(f"calls {one_line(call.name, 100)}", _json(content, to_json(call.args)))
        if message.blocks:
            yield f"<p class=note>{_text(', '.join(message.blocks))}</p>"
        yield "</article>"
    yield "</section>"


def _tools(content: Content, messages: Sequence[Message]) -> Iterator[str]:
    """The calls of tools: as recorded, else as the messages tell."""
    rows = [
        (span.name, _packed(content, span.input), _packed(content, span.output), str(span.status), _took(span))
        for span in content.run.tools
    ]
    if not rows:
        results = {message.tool_call_id: message for message in messages if message.role == "tool"}
        for call in (call for message in messages for call in message.tool_calls):
            result = results.get(call.id)
            said = content.masked_text(result.text) if result is not None else ""
            status = "" if result is None else "error" if result.status == "error" else "ok"
            rows.append((call.name, _json(content, to_json(call.args)), said, status, ""))
    if not rows:
        return
    yield "<section><h2>Tools</h2><table><tr><th>tool<th>arguments<th>result<th>took</tr>"
    for name, args, output, how, took in rows:
        tool = f"{_SYMBOLS.get(how, '')} {_text(one_line(name, 100))}"
        yield f"<tr class={how or 'open'}><td>{tool}<td>{_pre(args)}<td>{_pre(output)}<td>{took}</tr>"
    yield "</table></section>"


def _took(span: Span) -> str:
    return duration(span.duration)


# ---------------------------------------------------------------------- states


def _states(content: Content) -> Iterator[str]:
    checkpoints = sorted(content.run.by_checkpoint.values(), key=lambda checkpoint: checkpoint.id, reverse=True)
    yield "<section><h2>States</h2><p class=note>At each checkpoint, newest first; what the step changed is marked.</p>"
    for checkpoint in checkpoints[:_STATES]:
        yield _checkpoint(content, checkpoint)
    if len(checkpoints) > _STATES:
        yield f"<p class=note>… and {plural(len(checkpoints) - _STATES, 'older checkpoint')}</p>"
    yield "</section>"


def _checkpoint(content: Content, checkpoint: Checkpoint) -> str:
    state = _state(content, checkpoint.id, checkpoint.ns)
    before = _state(content, checkpoint.parent, checkpoint.ns).values if checkpoint.parent else {}
    inside: list[str] = []
    for name, value in state.values.items():
        changed = name not in before or before[name] != value
        label = ("● " if changed else "") + (name or "value")
        inside.append(_block(label, _json(content, content.masked({name: to_json(value)})[name])))
    gone = [name for name in before if name not in state.values]
    inside += [f"<p class=note>{_text(one_line(name, 100))} is gone</p>" for name in gone]
    if state.problem:
        inside.append(f"<p class=error>{_text(state.problem)}</p>")
    where = " › ".join(segment.partition(":")[0] for segment in checkpoint.ns)
    following = ", ".join(dict.fromkeys(checkpoint.next)) or "end"
    head = f"step {checkpoint.step} · {checkpoint.source} · {where + ' · ' if where else ''}next: {following}"
    return (
        f"<details class=state><summary>{_text(one_line(head, 300))} <i>{_text(_when(made_at(checkpoint.id)))}</i>"
        f"</summary><p class=note>{_text(checkpoint.id)}</p>{''.join(inside)}</details>\n"
    )


def _state(content: Content, id: str, ns: tuple[str, ...] = ()) -> State:
    try:
        return content.states.state(content.thread, id, ns)
    except StoreError as error:
        return State(id, ns, {}, problem=str(error))


# ---------------------------------------------------------------------- pieces of text


def _value(content: Content, label: str, packed: Packed) -> str:
    return "" if packed in (NOTHING, b"") else _block(label, _packed(content, packed))


def _packed(content: Content, packed: Packed) -> str:
    return _json(content, to_json(decode(packed)))


def _json(content: Content, value: Any) -> str:
    value = content.masked(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, default=str)


def _block(label: str, text: str) -> str:
    return f"<div class=value><b>{_text(one_line(label, 120))}</b>{_pre(text)}</div>"


def _pre(text: str) -> str:
    shown = text[:_LONGEST]
    more = f"\n… {size(len(text) - _LONGEST)} more" if len(text) > _LONGEST else ""
    return f"<pre>{_text(shown)}{more}</pre>"


def _text(text: str) -> str:
    """Safe to stand anywhere in the page."""
    return escape(safe(text), quote=True)


def _when(at: float | None) -> str:
    if at is None:
        return ""
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (ValueError, OverflowError, OSError):
        return ""
