"""The filter of the thread browser, as it is typed: words that must all match.

    4411 status:waiting tag:billing user_id:42

A word without a colon is a part of the thread's id or alias. `status:` takes how a thread stands (any beginning of
`waiting`, `failed`, `stopped`, `done`), `tag:` a tag; any other `key:value` a part of that value in the newest
checkpoint's metadata. A word in front of whose colon nothing stands, or that is quoted, is looked for as it is.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from inspector.core.saved import Insight, Listing, Mark

Kind: TypeAlias = Literal["text", "status", "tag", "metadata"]


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter, casefolded. `key` is that of the metadata."""

    kind: Kind
    value: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """What was typed, understood. False where it lets everything through."""

    terms: tuple[Term, ...] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def reads(self) -> bool:
        """Whether more than the index has to be read to answer it for all threads."""
        return any(
            term.kind == "metadata" or (term.kind == "status" and not "waiting".startswith(term.value))
            for term in self.terms
        )

    def matches(self, listing: Listing, insight: Insight | None, mark: Mark | None) -> bool:
        """Whether a thread is shown, as far as is known of it."""
        return all(_match(term, listing, insight, mark) for term in self.terms)


def parse(text: str) -> Filter:
    """The filter of a typed text. Any text is one."""
    try:
        words = shlex.split(text, posix=False)
    except ValueError:  # a quote that is not closed yet
        words = text.split()
    return Filter(tuple(term for word in words if (term := _term(word)) is not None))


def _term(word: str) -> Term | None:
    if word[:1] in "\"'" and len(word) > 1:
        return Term("text", word.strip("\"'").casefold())
    key, colon, value = word.partition(":")
    value = value.strip("\"'").casefold()
    if not colon or not key:
        return Term("text", word.casefold())
    if not value:
        return None  # it is being typed
    if key in ("status", "tag"):
        return Term("status" if key == "status" else "tag", value)
    return Term("metadata", value, key)


def _match(term: Term, listing: Listing, insight: Insight | None, mark: Mark | None) -> bool:
    if term.kind == "text":
        return term.value in listing.thread.casefold() or (mark is not None and term.value in mark.alias.casefold())
    if term.kind == "tag":
        return mark is not None and any(tag.casefold().startswith(term.value) for tag in mark.tags)
    if term.kind == "status":
        standing = insight.standing if insight is not None else listing.hint
        return standing is not None and standing.startswith(term.value)
    # An id may have a colon in it, too.
    if f"{term.key.casefold()}:{term.value}" in listing.thread.casefold():
        return True
    return insight is not None and term.value in _text(insight.metadata.get(term.key)).casefold()


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else str(value)
