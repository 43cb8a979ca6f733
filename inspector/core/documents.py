"""Retrieved documents, recognised among inert values, whichever way a retriever or tool returns them.

Understood: LangChain's `Document`, `(document, score)` pairs, mappings that hold a `page_content`, search hits with a
nested `document`, and lists of those at any depth.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from inspector.core.values import MORE, Clipped, More, Opaque, to_json

_TEXT_KEYS = ("page_content", "content", "text", "chunk", "snippet", "body", "passage")
_SCORE_KEYS = (
    "relevance_score", "score", "_score", "similarity", "similarity_score", "relevance", "rerank_score", "rank_score",
    "_relevance_score", "_collection_score", "confidence", "distance", "_distance", "vector_distance",
)  # fmt: skip
_SOURCE_KEYS = (
    "source", "url", "uri", "link", "file_path", "filepath", "path", "file_name", "filename", "file", "title", "doc_id",
    "document_id", "name",
)  # fmt: skip
_PLACE_KEYS = ("page_label", "page", "page_number", "chunk", "chunk_index", "line", "start_index", "seq_num")
_MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Document:
    """One retrieved document. `score_name` says which kind of score it is (a `distance` is better when small);
    `metadata` is JSON data without what `source` and `score` say; `clipped` characters of the text were not sent."""

    text: str
    source: str = ""
    score: float | None = None
    score_name: str = ""
    metadata: tuple[tuple[str, Any], ...] = ()
    id: str = ""
    clipped: int = 0


def documents(value: Any) -> tuple[list[Document], int]:
    """The documents in an inert value (a retriever's output), in its order, and how many more a preview left out."""
    found: list[Document] = []
    missing = 0
    for item in _walk(value, None, "", 0):
        if isinstance(item, Document):
            found.append(item)
        else:
            missing += item.count
    return found, missing


def _walk(value: Any, score: float | None, score_name: str, depth: int) -> Iterator[Document | More]:
    if isinstance(value, More):
        yield value
    elif isinstance(value, list) or (isinstance(value, Opaque) and isinstance(value.fields, list)):
        items = value.fields if isinstance(value, Opaque) else value
        if len(items) == 2 and (pair := _number(items[1])) is not None:
            yield from _walk(items[0], pair, "score", depth + 1)
        elif depth < _MAX_DEPTH:
            for item in items:
                yield from _walk(item, None, "", depth + 1)
    else:
        fields = value.fields if isinstance(value, Opaque) else value
        if not isinstance(fields, dict):
            return
        if (document := _document(value, fields, score, score_name)) is not None:
            yield document
        elif depth < _MAX_DEPTH:
            own, name = _score(fields)
            for key, item in fields.items():
                if key == MORE and isinstance(item, More):
                    continue
                if isinstance(item, (dict, list, Opaque)):
                    yield from _walk(item, own, name, depth + 1)


def _document(value: Any, fields: dict[Any, Any], score: float | None, score_name: str) -> Document | None:
    """The document that a mapping is. Plain mappings need a `page_content`, or a text beside a source or score."""
    metadata = fields.get("metadata")
    held = {**metadata, **fields} if isinstance(metadata, dict) else fields
    key = next((key for key in _TEXT_KEYS if isinstance(held.get(key), (str, Clipped))), None)
    if key is None or "role" in fields or (isinstance(value, Opaque) and "messages" in value.type):
        return None
    own, own_name = _score(held)
    source = next((k for k in _SOURCE_KEYS if k != key and isinstance(held.get(k), str) and held[k]), "")
    place = next((k for k in _PLACE_KEYS if k != key and type(held.get(k)) in (int, str)), "")
    if key != "page_content" and not isinstance(metadata, dict) and own is None and not source:
        return None
    text = held[key]
    shown = text if isinstance(text, str) else text.text if isinstance(text.text, str) else ""
    if score is None:
        score, score_name = own, own_name
    told = {key, "metadata", "type", "id", "embedding", "vector", source, place, own_name}
    where = (held[source] if source else "", f"{place.partition('_')[0]} {held[place]}" if place else "")
    return Document(
        text=shown,
        source=", ".join(filter(None, where)),
        score=score,
        score_name=score_name,
        metadata=tuple((str(k), to_json(v)) for k, v in held.items() if k not in told and v is not None),
        id=fields["id"] if isinstance(fields.get("id"), str) else "",
        clipped=text.total - len(shown) if isinstance(text, Clipped) else 0,
    )


def _score(fields: dict[Any, Any]) -> tuple[float | None, str]:
    for key in _SCORE_KEYS:
        number = _number(fields.get(key))
        if number is not None:
            return number, key
    return None, ""


def _number(value: Any) -> float | None:
    if isinstance(value, Opaque) and isinstance(value.fields, str) and value.name in ("Decimal", "float32", "float64"):
        try:
            value = float(value.fields)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        return None
    return float(value)
