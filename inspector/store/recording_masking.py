"""Masks the secrets of events: in their values, their texts, and in what a model says token by token.

A secret that comes in several tokens is seen in the text that they make together, that of the chunk before included:
its first token then holds the mask, the rest of them nothing. At the end of what has come so far the beginning of a
secret counts as one, until what follows says otherwise.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias

from inspector.core.batches import Batch, Raw, TokenGroup
from inspector.core.events import CLASSES, Failure
from inspector.store.secrets import MASK, Masker

StreamKey: TypeAlias = tuple[str, str, int]

_PACKED = frozenset({"input", "output", "writes", "value", "schema", "metadata"})
_TEXTS = frozenset({"text", "note"})
_CARRY = 300  # characters of a stream's text that are looked at again with what follows


def _places(names: frozenset[str]) -> tuple[tuple[int, ...], ...]:
    return tuple(tuple(i for i, f in enumerate(fields(cls), 1) if f.name in names) for cls in CLASSES)


_VALUES_AT, _TEXTS_AT, _ERRORS_AT = _places(_PACKED), _places(_TEXTS), _places(frozenset({"error"}))


class BatchMasker:
    """Masks the events of one session, in their order."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._before: dict[StreamKey, str] = {}

    def event(self, raw: Raw) -> Raw:
        """An event, no token, with its secrets masked; the same list where it has none."""
        code = raw[0]
        changes: dict[int, Any] = {}
        for places, mask in ((_VALUES_AT, self._value), (_TEXTS_AT, self._text), (_ERRORS_AT, self._error)):
            for place in places[code]:
                if place < len(raw):
                    masked = mask(raw[place])
                    if masked is not raw[place]:
                        changes[place] = masked
        return [changes.get(place, value) for place, value in enumerate(raw)] if changes else raw

    def _value(self, value: Any) -> Any:
        return self._masker.packed(value) if isinstance(value, bytes) else value

    def _text(self, value: Any) -> Any:
        return self._masker.text(value) if isinstance(value, str) else value

    def _error(self, error: Any) -> Any:
        if isinstance(error, Failure):
            error = {"type": error.type, "message": error.message, "traceback": error.traceback}
        if not isinstance(error, dict):
            return error
        masked = {key: self._text(value) for key, value in error.items()}
        return masked if masked != error else error

    # ------------------------------------------------------------------ tokens

    def tokens(self, batch: Batch) -> dict[StreamKey, str]:
        """Mask the tokens of a batch, in place. Returns the end of each stream's text as it was: for `go_on`, once the
        batch is done with."""
        streams: dict[StreamKey, list[TokenGroup]] = {}
        for group in batch.tokens:
            streams.setdefault((group.span, group.type, group.index), []).append(group)
        return {key: self._stream(key, groups) for key, groups in streams.items()}

    def go_on(self, texts: dict[StreamKey, str]) -> None:
        """The next batch follows on those texts."""
        self._before = texts

    def _stream(self, key: StreamKey, groups: list[TokenGroup]) -> str:
        before = self._before.get(key, "")
        if len(groups) == 1:
            text = before + groups[0].text
            if not self._places(text, before):
                return text[-_CARRY:]
        # Of the groups of a call's arguments the first has but the first piece: in the order of their positions.
        pieces = sorted((at, n, i) for n, group in enumerate(groups) for i, at in enumerate(group.positions))
        tokens = [_split(group) for group in groups]
        text = before + "".join([tokens[n][i] for _, n, i in pieces])
        places = self._places(text, before)
        if places:
            at = len(before)
            for _, n, i in pieces:
                token = tokens[n][i]
                tokens[n][i] = _masked(token, at, places, len(before))
                at += len(token)
            for group, texts in zip(groups, tokens, strict=True):
                group.text, group.lengths = "".join(texts), [len(text) for text in texts]
        return text[-_CARRY:]

    def _places(self, text: str, before: str) -> list[tuple[int, int]]:
        return [(start, stop) for start, stop in self._masker.places(text, growing=True) if stop > len(before)]


def _split(group: TokenGroup) -> list[str]:
    texts, at = [], 0
    for length in group.lengths:
        texts.append(group.text[at : at + length])
        at += length
    return texts


def _masked(token: str, at: int, places: list[tuple[int, int]], begin: int) -> str:
    """A token that begins at character `at`, without what is in `places`; a mask where one of them begins (or, of one
    that began earlier, at `begin`)."""
    out, stop = "", at + len(token)
    here = at
    for first, last in places:
        if last <= at or first >= stop:
            continue
        out += token[here - at : max(first, here) - at]
        if max(first, begin) >= at:
            out += MASK
        here = min(last, stop)
    return out + token[here - at :]
