"""Which files the graph was made from: those of the project that were imported. When they change it is loaded anew."""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path

from inspector.core.reference import Reference

_FOREIGN = frozenset({"site-packages", "dist-packages", ".venv", "venv", ".tox", ".nox", "__pycache__"})


def sources(reference: Reference) -> list[str]:
    """The absolute paths of the project's modules that are imported now, of its `langgraph.json` and its `.env`."""
    roots = {reference.project_dir, *reference.import_paths}
    if reference.path is not None:
        roots.add(reference.path.parent)
    ours = Path(__file__).resolve().parent.parent
    library = Path(sysconfig.get_paths()["stdlib"]).resolve()
    found = {str(path.absolute()) for path in (reference.config_file, reference.env_file) if path is not None}
    for module in list(sys.modules.values()):
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or not file.endswith(".py"):
            continue
        path = Path(os.path.abspath(file))
        if path.is_relative_to(ours) or path.is_relative_to(library):
            continue
        root = next((root for root in roots if path.is_relative_to(root)), None)
        if root is not None and not _FOREIGN.intersection(path.relative_to(root).parts):
            found.add(str(path))
    return sorted(found)
