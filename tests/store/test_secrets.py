"""Secrets are masked by name and by shape, in texts and inside packed values; the rest is left as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage

from inspector.core.values import Opaque, decode
from inspector.debuggee.encode import preview
from inspector.errors import StoreError
from inspector.store.secrets import MASK, Masker

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"
SECRETS = [
    "sk-proj-abcdefghij0123456789", "ghp_abcdefghijklmnopqrst0123456789ABCDEF", "AKIAIOSFODNN7EXAMPLE", JWT,
    "xoxb-123456789012-abcdefghijkl", "hf_abcdefghijklmnopqrstuvwxyz", "sk_live_abcdefghijklmnop",
]  # fmt: skip


@pytest.mark.parametrize("secret", SECRETS)
def test_by_shape(secret: str) -> None:
    assert Masker().text(f"use {secret}, please") == f"use {MASK}, please"
    packed = Masker().packed(preview({"messages": [HumanMessage(f"it is {secret}")], "n": 1}))
    assert secret.encode() not in packed
    assert decode(packed)["messages"][0].get("content") == f"it is {MASK}"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc.def-123456", f"Authorization: {MASK}"),
        ('{"api_key": "hunter2-long", "n": 3}', f'{{"api_key": "{MASK}", "n": 3}}'),
        ("MY_PASSWORD=hunter2 rest", f"MY_PASSWORD={MASK} rest"),
        ("postgres://ana:hunter2@db/x", f"postgres://{MASK}@db/x"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", f"{MASK}"),
    ],
)
def test_in_a_text(text: str, masked: str) -> None:
    assert Masker().text(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "max_tokens: 512", "the sky-blue ask-me-anything desk-lamp", "the basic idea", "a bearer of news", "Asia",
        "https://example.org/a@b", "key: C minor", "a secret garden", "task-0123456789abcdef0123",
    ],
)  # fmt: skip
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert Masker().text(text) is text


@pytest.mark.parametrize(
    "name", ["password", "API-Key", "openai_api_key", "clientSecret", "Authorization", "db_password"]
)
def test_by_name(name: str) -> None:
    value: Any = {"headers": {name: "plain words"}, "pair": [[name, "plain"]], "rest": "plain"}
    masked = decode(Masker().packed(preview(value)))
    assert masked == {"headers": {name: MASK}, "pair": [[name, MASK]], "rest": "plain"}


def test_what_is_under_a_secret_name_is_masked_to_the_bottom() -> None:
    value = {"credentials": {"user": "ana", "codes": ["one", 2, None, ""], "ok": True}}
    assert Masker().value(value) == {"credentials": {"user": MASK, "codes": [MASK, 2, None, ""], "ok": True}}


def test_a_vague_name_is_secret_only_with_a_value_that_looks_so() -> None:
    assert Masker().value({"token": "word", "key": "C minor"}) == {"token": "word", "key": "C minor"}
    assert Masker().value({"token": "a1b2c3d4e5f6a7b8c9"}) == {"token": MASK}


def test_objects_keep_their_kind() -> None:
    message = AIMessage("", tool_calls=[{"name": "login", "args": {"password": "hunter2"}, "id": "call"}])
    before = preview([message])
    after = Masker().packed(before)
    shown = decode(after)[0]
    assert isinstance(shown, Opaque)
    assert shown.type == decode(before)[0].type
    assert shown.get("tool_calls")[0]["args"] == {"password": MASK}


def test_what_has_no_secret_is_the_same_object() -> None:
    for value in ({"messages": [AIMessage("hello", usage_metadata={
        "input_tokens": 1, "output_tokens": 2, "total_tokens": 3})]}, "the secret garden", 3, [1.5]):  # fmt: skip
        blob = preview(value)
        assert Masker().packed(blob) is blob


@pytest.mark.parametrize("blob", [b"", b"\xff" * 40, b"password" * 20, b"\xdd\xff\xff\xff\xffpassword", b"\xc1" * 20])
def test_bytes_that_are_no_value_are_left_alone(blob: bytes) -> None:
    assert Masker().packed(blob) == blob


def test_lists_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text('names = ["customer_code"]\nshapes = ["ACME-[0-9]{8}"]\nkeep = ["cookie"]\n')
    masker = Masker.beside(tmp_path / "threads.sqlite")
    value = {"customerCode": "blue", "note": "see ACME-12345678", "cookie": "chocolate"}
    expected = {"customerCode": MASK, "note": f"see {MASK}", "cookie": "chocolate"}
    assert masker.value(value) == expected
    assert decode(masker.packed(preview(value))) == expected
    assert decode(masker.packed(preview({"n": "see ACME-12345678"}))) == {"n": f"see {MASK}"}


@pytest.mark.parametrize("text", ["names = 3", "names = [1]", "= [", 'shapes = ["("]'])
def test_a_list_that_cannot_be_used_is_said_so(text: str, tmp_path: Path) -> None:
    (tmp_path / "secrets.toml").write_text(text)
    with pytest.raises(StoreError, match=r"secrets\.toml"):
        Masker.beside(tmp_path / "threads.sqlite")


@pytest.mark.parametrize(("text", "start"), [("use sk-ab", 7), ("Bearer ab", 7), ("ghp_", None), ("risk-a", None)])
def test_the_beginning_of_a_secret_counts_while_the_text_grows(text: str, start: int | None) -> None:
    places = Masker().places(text, growing=True)
    assert places == ([] if start is None else [(start, len(text))])
    assert Masker().places(text) == []
