"""Each layer, imported in a fresh interpreter, brings nothing that it must not know: not by any detour either."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UI = {"textual", "rich"}  # where LangGraph is imported rich is, too: httpx brings it
GRAPHS = {"langgraph", "langchain_core", "langchain", "pydantic"}

PROGRAM = """
import importlib, json, pathlib, sys
sys.path.insert(0, sys.argv[1])
root = pathlib.Path(sys.argv[1])
for place in sys.argv[2:]:
    path = root / place
    for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
        parts = file.relative_to(root).with_suffix("").parts
        if parts[-1] != "__main__":
            importlib.import_module(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
print(json.dumps(sorted(sys.modules)))
"""


def imported(*places: str) -> set[str]:
    """What these files and folders import, as module names."""
    command = [sys.executable, "-c", PROGRAM, str(ROOT), *places]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    ("places", "forbidden"),
    [
        (
            ["inspector/core"],
            UI | GRAPHS | {"inspector.debuggee", "inspector.link", "inspector.store", "inspector.tui"},
        ),
        (["inspector/store"], UI | GRAPHS | {"inspector.debuggee", "inspector.tui"}),
        (
            ["inspector/debuggee"],
            {"textual", "inspector.core.run", "inspector.session", "inspector.tui", "inspector.store"},
        ),
        (["inspector/session.py", "inspector/headless.py"], UI | GRAPHS | {"inspector.tui"}),
        (["inspector/tui/panes", "inspector/tui/widgets"], GRAPHS | {"inspector.session", "inspector.debuggee"}),
        (["inspector/__init__.py", "inspector/cli.py"], UI | GRAPHS | {"asyncio", "sqlite3", "inspector.session"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_layer_brings_nothing_from_above(places: list[str], forbidden: set[str]) -> None:
    assert imported(*places) & forbidden == set()
