"""Remembered inputs: order, bounds, several writers, and files that are broken or cannot be written."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from inspector.errors import StoreError
from inspector.store.inputs import KEEP, LONGEST, RememberedInputs


def test_newest_first_without_repeats_and_by_graph(tmp_path: Path) -> None:
    inputs = RememberedInputs(tmp_path / ".inspector" / "inputs.json")
    assert inputs.of("agent") == []
    for text in ('"a"', '"b"', '"a"'):
        inputs.remember("agent", text)
    inputs.remember("other", "{}")
    again = RememberedInputs(inputs.path)
    assert again.of("agent") == ['"a"', '"b"']
    assert again.of("other") == ["{}"]


def test_bounded_in_number_and_length(tmp_path: Path) -> None:
    inputs = RememberedInputs(tmp_path / "inputs.json")
    for number in range(KEEP + 10):
        inputs.remember("agent", str(number))
    inputs.remember("agent", "x" * (LONGEST + 1))
    assert inputs.of("agent") == [str(number) for number in range(KEEP + 9, 9, -1)]


def test_several_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inputs.json"
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: RememberedInputs(path).remember("agent", str(number)), range(40)))
    assert sorted(RememberedInputs(path).of("agent"), key=int) == [str(number) for number in range(40)]
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"graphs": 5}', '{"graphs": {"agent": 5}}', "\x00\xff"])
def test_a_broken_file_counts_as_empty_and_is_put_aside(tmp_path: Path, content: str) -> None:
    path = tmp_path / "inputs.json"
    path.write_text(content, encoding="latin-1")
    inputs = RememberedInputs(path)
    assert inputs.of("agent") == []
    inputs.remember("agent", "1")
    assert inputs.of("agent") == ["1"]
    assert (tmp_path / "inputs.unreadable").read_text(encoding="latin-1") == content


def test_lone_surrogates_do_not_lose_the_file(tmp_path: Path) -> None:
    inputs = RememberedInputs(tmp_path / "inputs.json")
    inputs.remember("agent", '"\ud800"')
    assert inputs.of("agent") == ['"?"']
    assert json.loads(inputs.path.read_text(encoding="utf-8"))["version"] == 1


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match=r"cannot be remembered in .*inputs\.json: "):
        RememberedInputs(tmp_path / "file" / "inputs.json").remember("agent", "1")
