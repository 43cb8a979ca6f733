"""The short texts of a timeline row, made from packed values only when the row is looked at, and remembered.

- `Labels.of(row)`: what tells a task from its siblings in the same superstep (`Send`): the first part of its input
  that differs among them, `flights`.
- `Labels.input(span)`: what a tool, retriever or chain was given, in one line.
- `Labels.output(span)`: what came of it, where that is worth a word: `4 documents`.
- `Labels.question(task)`: what an interrupted task asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from inspector.core.documents import documents
from inspector.core.nodes import Invocation, Span, Task
from inspector.core.outline import call_summary, summary
from inspector.core.question import question
from inspector.core.rowtree import Group, Row
from inspector.core.text import one_line, plural
from inspector.core.values import Clipped, Opaque, children, decode, is_container

_KEEP = 4000
_SAMPLE = 8
_LEAVES = 80
_DEPTH = 6
_LENGTH = 60
_PREFIX = 12  # a beginning that all siblings share is left out from this length on
_INTERRUPT_ID = re.compile("[0-9a-f]{32}")
_BEFORE_PART = frozenset(" /\\?&=:#\n")

Path = tuple[str | int, ...]


class Labels:
    """Texts of rows. Holds at most some thousands of them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int], str] = {}

    def of(self, row: Row) -> str:
        """What distinguishes a task from its siblings, or nothing. Safe, on one line."""
        group, task = row.parent, row.node
        if group is None or not isinstance(group.thing, Group) or not isinstance(task, Task):
            return ""
        self._sample(group, group.thing)
        path, prefix = group.thing.path, group.thing.prefix
        if path is None or not task.input:
            return ""

        def label() -> str:
            leaf = _at(decode(task.input), path)
            text = "" if leaf is None else _text(leaf)
            return one_line("…" + text[len(prefix) :] if prefix and text.startswith(prefix) else text, _LENGTH)

        return self._remember("label", task.number, group.thing.sampled, label)

    def input(self, span: Span) -> str:
        """What the span was given, in one line: `city="Lisbon", nights=3`, a query, or nothing."""

        def text() -> str:
            value = decode(span.input)
            if value is None:
                return ""
            if span.type == "tool":
                if isinstance(value, dict) and set(value) == {"input"}:
                    value = value["input"]
                return call_summary("", value, 200).removeprefix("(").removesuffix(")")
            if span.type == "retriever" and isinstance(value, dict) and isinstance(value.get("query"), str):
                value = value["query"]
            return summary(value, 120)

        return self._remember("input", span.number, 0, text)

    def output(self, span: Span) -> str:
        """How many documents a retriever found."""
        if span.type != "retriever" or span.status != "ok" or len(span.output) <= 1:
            return ""

        def text() -> str:
            found, missing = documents(decode(span.output))
            return plural(len(found) + missing, "document")

        return self._remember("output", span.number, 0, text)

    def question(self, task: Task) -> str:
        """What the task asks: its newest interrupt, in one line."""
        asked = task.interrupts
        if not asked:
            return ""

        def text() -> str:
            said = question(decode(asked[-1].value))
            return one_line("  ".join((said.headline, *said.details[:3])).strip(), 200)

        return self._remember("question", task.number, len(asked), text)

    def invocation(self, invocation: Invocation) -> str:
        """What an invocation was given, in one line; of a resume, the answer."""
        event = invocation.event
        return self._remember(
            "invocation",
            invocation.index,
            0,
            lambda: summary(given(decode(event.input)), 120) if len(event.input) > 1 else "",
        )

    def _remember(self, what: str, number: int, version: int, make: Callable[[], str]) -> str:
        key = (what, number, version)
        text = self._known.get(key)
        if text is None:
            if len(self._known) >= _KEEP:
                for old in list(islice(self._known, _KEEP // 2)):
                    del self._known[old]
            text = self._known[key] = make()
        return text

    def _sample(self, row: Row, group: Group) -> None:
        """Find the path that tells the members apart; again when there are twice as many."""
        members = row.members
        if members < 2 or members < 2 * group.sampled:
            return
        group.sampled = members
        kids = row.kids or []
        step = max(1, (members - 1) // (_SAMPLE - 1))
        tasks = [kid.node for kid in kids[::step][:_SAMPLE] if isinstance(kid.node, Task)]
        values = [decode(task.input) for task in tasks if task.input]
        group.path = distinguish(values)
        group.prefix = ""
        if group.path is not None:
            group.prefix = _common([_text(leaf) for value in values if (leaf := _at(value, group.path)) is not None])


def tell_apart(values: list[Any]) -> list[str]:
    """A short, safe label for each value: what differs between them; empty where nothing does."""
    path = distinguish(values)
    if path is None:
        return [""] * len(values)
    leaves = [_at(value, path) for value in values]
    texts = ["" if leaf is None else _text(leaf) for leaf in leaves]
    prefix = _common([text for text in texts if text])
    return [one_line("…" + text[len(prefix) :] if prefix and text else text, _LENGTH) for text in texts]


def distinguish(values: list[Any]) -> Path | None:
    """The path to a scalar that tells the values apart best; None when nothing does. Ids are the last resort."""
    if len(values) < 2:
        return None
    flat = [dict(islice(_leaves(value, ()), _LEAVES)) for value in values]
    best: Path | None = None
    best_score = (False, 1)
    for path in flat[0]:
        texts = {leaves[path] for leaves in flat if path in leaves}
        score = (not any(_is_id(key) for key in path), len(texts))
        if score[1] > 1 and score > best_score:
            best, best_score = path, score
    return best


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if is_container(value):
        if len(path) < _DEPTH:
            for key, child in islice(children(value), 24):
                yield from _leaves(child, (*path, key))
    elif isinstance(value, (str, int, float, Clipped)):
        yield path, _text(value)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = next((child for name, child in children(value) if name == key), None)
    return value


def _text(leaf: Any) -> str:
    if isinstance(leaf, Clipped):
        leaf = leaf.text
    return leaf if isinstance(leaf, str) else repr(leaf)


def _is_id(key: str | int) -> bool:
    name = str(key).lower()
    return name in ("id", "uuid", "type", "ts", "timestamp", "created_at") or name.endswith(("_id", "_uuid"))


def _common(texts: list[str]) -> str:
    """The beginning that all texts share, up to where a word or a part of a path begins, if it is long."""
    if len(texts) < 2:
        return ""
    low, high = min(texts), max(texts)
    length = next((i for i, (a, b) in enumerate(zip(low, high, strict=False)) if a != b), min(len(low), len(high)))
    while length and low[length - 1] not in _BEFORE_PART:
        length -= 1
    return low[:length] if length >= _PREFIX else ""


def given(input: Any) -> Any:
    """The answer in a `Command(resume=...)`, without the id of the interrupt where there is but one; other inputs as
    they are."""
    if not isinstance(input, Opaque) or not isinstance(input.fields, dict) or input.fields.get("resume") is None:
        return input
    answer = input.fields["resume"]
    if isinstance(answer, dict) and len(answer) == 1 and _INTERRUPT_ID.fullmatch(str(next(iter(answer)))):
        return next(iter(answer.values()))
    return answer
