"""Packages that are imported by the first test that uses one: each of them takes seconds, in every worker."""

from __future__ import annotations

from typing import Any

import pytest


class Later:
    """A module that may not be installed; then the test that uses it is skipped."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(pytest.importorskip(self._name), name)
