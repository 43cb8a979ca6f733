"""Samples at full speed, with the scripted model, opened on a database of the test's own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from langgraph.store.memory import InMemoryStore

from tests.sample_graphs.playing import Stage, open_sample


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_SPEED", "0")
    for name in ("INSPECTOR_MODEL", "LANGSMITH_TRACING", "LANGCHAIN_TRACING_V2"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Callable[[str], Awaitable[Stage]]]:
    """Opens a sample by name; closed after the test."""
    async with AsyncExitStack() as stack:
        store = InMemoryStore()

        async def opened(name: str) -> Stage:
            return await stack.enter_async_context(open_sample(name, tmp_path / "threads.sqlite", store))

        yield opened
