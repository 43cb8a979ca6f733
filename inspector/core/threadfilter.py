"""The filter of the thread browser, as it is typed: words that must all match.

    4411 status:waiting tag:billing user_id:42

A word without a colon is a part of the thread's id or alias. `status:` takes how a thread stands (any beginning of
`waiting`, `failed`, `stopped`, `done`), `tag:` a tag; any other `key:value` a part of that value in the newest
checkpoint's metadata. A word in front of whose colon nothing stands, or that is quoted, is
looked for as it is.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inspector.core.saved import Mark, Standing

_LONGEST = 200  # characters of a metadata value that are searched


@dataclass(frozen=True, slots=True)
class ThreadFilter:
    """What was typed, understood; casefolded. False where it lets everything through. `metadata` are pairs of key and
    value."""

    texts: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.texts or self.statuses or self.tags or self.metadata)

    def named(self, thread: str, mark: Mark | None) -> bool:
        """Whether id, alias and tags match."""
        if self.texts:
            name = thread.casefold() if mark is None else f"{thread}\n{mark.alias}".casefold()
            for text in self.texts:  # loops: `all` costs twice as much, and there may be 100,000 threads
                if text not in name:
                    return False
        if self.tags:
            tags = [tag.casefold() for tag in mark.tags] if mark is not None else []
            return all(any(tag.startswith(wanted) for tag in tags) for wanted in self.tags)
        return True

    def stands(self, standing: Standing) -> bool:
        """Whether how a thread stands matches."""
        return all(standing.startswith(status) for status in self.statuses)

    def about(self, metadata: Mapping[str, str]) -> bool:
        """Whether the metadata (as of `searchable`) matches."""
        for key, value in self.metadata:  # noqa: SIM110
            if value not in metadata.get(key, ""):
                return False
        return True


def parse_filter(text: str) -> ThreadFilter:
    """The filter of a typed text. Any text is one."""
    try:
        words = shlex.split(text, posix=False)
    except ValueError:  # a quote that is not closed yet
        words = text.split()
    texts: list[str] = []
    statuses: list[str] = []
    tags: list[str] = []
    metadata: list[tuple[str, str]] = []
    for word in words:
        key, colon, value = word.partition(":")
        key, value = key.casefold(), value.strip("\"'").casefold()
        if word[0] in "\"'":
            texts.append(word.strip("\"'").casefold())
        elif not colon or not key:
            texts.append(word.casefold())
        elif not value:
            continue  # it is being typed
        elif key == "status":
            statuses.append(value)
        elif key == "tag":
            tags.append(value)
        else:
            metadata.append((key, value))
    return ThreadFilter(tuple(filter(None, texts)), tuple(statuses), tuple(tags), tuple(metadata))


def searchable(metadata: Mapping[str, Any]) -> dict[str, str]:
    """A checkpoint's metadata as a filter searches it: casefolded texts."""
    return {str(key).casefold(): _text(value).casefold() for key, value in metadata.items()}


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value[:_LONGEST]
    return json.dumps(value, default=str)[:_LONGEST]
