"""What the samples need of LangGraph that not every 1.x release has."""

from __future__ import annotations

import inspect
from collections import Counter
from typing import Any

from langgraph.config import get_config
from langgraph.runtime import get_runtime
from langgraph.types import interrupt

_attempts: Counter[str] = Counter()
_TAKES_SCHEMA = "response_schema" in inspect.signature(interrupt).parameters


def ask(value: Any, schema: Any) -> Any:
    """`interrupt(value)`, telling whoever answers what shape the answer has, where LangGraph can say so."""
    return interrupt(value, response_schema=schema) if _TAKES_SCHEMA else interrupt(value)


def attempt() -> int:
    """Which attempt of the current task this is, 1 at first. To be called once per attempt."""
    info = getattr(get_runtime(), "execution_info", None)
    if info is not None:
        return int(info.node_attempt)
    task: str = get_config()["configurable"]["checkpoint_ns"]  # LangGraph before 1.1 does not count
    _attempts[task] += 1
    return _attempts[task]
