"""Retrieved documents are recognised in every shape that retrievers and search tools return them in."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from langchain_core.documents import Document as RealDocument

from inspector.core.documents import Document, documents
from inspector.core.values import decode
from inspector.debuggee.encode import preview


def found(value: Any) -> list[Document]:
    return documents(decode(preview(value)))[0]


def test_langchain_documents() -> None:
    [one, two] = found(
        [
            RealDocument("Trams run late.", metadata={"source": "lisbon.md", "page": 3, "score": 0.83, "lang": "en"}),
            RealDocument("Alfama is old.", id="d2"),
        ]
    )
    assert one == Document("Trams run late.", "lisbon.md, page 3", 0.83, "score", (("lang", "en"),))
    assert two == Document("Alfama is old.", id="d2")


def test_document_and_score_pairs() -> None:
    [one, two] = found([(RealDocument("a", metadata={"source": "x"}), 0.25), (RealDocument("b"), 0.5)])
    assert (one.text, one.score, one.score_name, one.source) == ("a", 0.25, "score", "x")
    assert (two.text, two.score) == ("b", 0.5)


def test_one_pair_alone_is_no_list_of_two() -> None:
    assert [(d.text, d.score) for d in found((RealDocument("a"), 0.25))] == [("a", 0.25)]


@pytest.mark.parametrize(
    ("hit", "expected"),
    [
        ({"document": {"page_content": "t", "metadata": {"url": "u"}}, "score": 0.5}, ("t", "u", 0.5, "score")),
        ({"id": "p1", "score": 0.7, "metadata": {"text": "t", "source": "s"}}, ("t", "s", 0.7, "score")),
        ({"title": "T", "content": "t", "url": "http://x", "score": 0.9}, ("t", "http://x", 0.9, "score")),
        ({"content": "t", "metadata": {}, "_distance": 1.5}, ("t", "", 1.5, "_distance")),
        ({"page_content": "t", "metadata": {"relevance_score": Decimal("0.75")}}, ("t", "", 0.75, "relevance_score")),
    ],
)
def test_hits_as_mappings(hit: dict[str, Any], expected: tuple[str, str, float, str]) -> None:
    for value in ([hit], {"results": [hit]}, {"deep": {"documents": [[hit]]}}):
        [document] = found(value)
        assert (document.text, document.source, document.score, document.score_name) == expected


def test_a_long_text_says_how_much_was_left_out() -> None:
    [document] = found([RealDocument("x" * 5000)])
    assert len(document.text) + document.clipped == 5000
    assert document.clipped > 0


def test_documents_that_a_preview_left_out_are_counted() -> None:
    value = decode(preview([RealDocument(str(n)) for n in range(100)]))
    shown, missing = documents(value)
    assert len(shown) + missing == 100
    assert missing > 0


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        3,
        [1.0, 2.0],
        {"role": "user", "content": "hello", "name": "x"},
        {"text": "just text"},
        [{"a": [{"b": "c"}]}],
        float("nan"),
    ],
)
def test_other_values_hold_none(value: Any) -> None:
    assert found(value) == []


def test_messages_are_no_documents() -> None:
    from langchain_core.messages import HumanMessage

    assert found([HumanMessage("hello", name="x", id="1")]) == []


def test_deep_nesting_ends() -> None:
    value: Any = {"page_content": "x"}
    for _ in range(60):
        value = [value]
    assert documents(value) == ([], 0)
