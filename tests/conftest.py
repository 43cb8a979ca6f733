"""What all tests share."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

# Here, because a worker may import them for one directory before another names them.
pytest.register_assert_rewrite("tests.runs.checks", "tests.real.checking")

HERE = Path(__file__).parent
# Tests that wait for a screen or for another process.
WAITING = tuple(HERE / name for name in ("control", "e2e", "headless", "real", "replay", "store", "travel", "tui"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What did not come in time on a busy machine gets two more chances; a real failure fails thrice."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in WAITING):
            item.add_marker(pytest.mark.flaky(reruns=2))


def pytest_collection_finish() -> None:
    """What was imported stays: the collector need not go through all of LangGraph and Textual in every test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
