"""Modules that the project's environment lacks, lent by the inspector's.

A project may have LangGraph without `langgraph-checkpoint-sqlite`. The inspector's own copies of the few modules that
takes are then importable one by one, and nothing else of its environment is.
"""

from __future__ import annotations

import importlib.util
import os
import sys

VARIABLE = "INSPECTOR_SITE"  # the inspector's site-packages, set by whoever starts the debuggee


def need(*modules: str) -> None:
    """Make sure that the modules can be imported, lending those that are missing."""
    for name in modules:
        try:
            found = importlib.util.find_spec(name)
        except (ImportError, ValueError):
            found = None
        if found is None:
            lend(name)


def lend(name: str) -> None:
    """Load a package of the inspector's environment under its own name. Does nothing when it is not there either:
    the import then fails with Python's own message."""
    for site in filter(None, os.environ.get(VARIABLE, "").split(os.pathsep)):
        folder = os.path.join(site, *name.split("."))
        init = os.path.join(folder, "__init__.py")
        if not os.path.exists(init):
            continue
        spec = importlib.util.spec_from_file_location(name, init, submodule_search_locations=[folder])
        if spec is None or spec.loader is None:
            continue
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(importlib.import_module(parent), child, module)
        spec.loader.exec_module(module)
        return
