"""Which file in a directory without a `langgraph.json` defines its graph, told from the text of the files alone."""

from __future__ import annotations

import re
from pathlib import Path

_MENTIONS = re.compile(
    rb"^\s*(?:from|import)\s+(?:langgraph|deepagents|langchain\.agents)\b|^\s*from\s+langchain\s+import\b.*\bagents\b",
    re.MULTILINE,
)
_BUILDS = re.compile(
    rb"\b(?:StateGraph|MessageGraph|NodeBuilder)\s*[(\[]|\.compile\s*\(|@entrypoint\b|\bcreate_\w*(?:agent|supervisor|swarm)\s*\("
)
_MUCH = 1_000_000  # bytes; nobody writes such a file by hand


def obvious_files(folder: Path) -> list[Path]:
    """The Python files directly in `folder` that import LangGraph and build a graph; those that only import it when
    none builds one. Tests and packaging files do not count."""
    uses: list[Path] = []
    builds: list[Path] = []
    for file in sorted(folder.glob("*.py")):
        if file.name.startswith("test_") or file.name in ("setup.py", "conftest.py", "noxfile.py"):
            continue
        try:
            if file.stat().st_size > _MUCH:
                continue
            source = file.read_bytes()
        except OSError:
            continue
        if _MENTIONS.search(source):
            uses.append(file)
            if _BUILDS.search(source):
                builds.append(file)
    return builds or uses
