"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

# Here, because a worker may import them for one directory before another names them.
pytest.register_assert_rewrite("tests.runs.checks", "tests.real.checking")

HERE = Path(__file__).parent
SHOWN = (HERE / "e2e", HERE / "tui")  # tests that wait for a screen to show something


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A screen that was not painted in time on a busy machine gets two more chances; a real failure fails thrice."""
    for item in items:
        if any(item.path.is_relative_to(folder) for folder in SHOWN):
            item.add_marker(pytest.mark.flaky(reruns=2))
