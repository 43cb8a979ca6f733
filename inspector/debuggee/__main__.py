"""The debuggee's process: `python -P .../inspector/debuggee/__main__.py FD`, started by `inspector.link.process`.

Runs under the project's own Python, where the inspector may not be installed: before anything else it makes the
`inspector` package importable from where this file lies, and nothing else of that environment.
"""

from __future__ import annotations

import os
import sys


def _bootstrap() -> None:
    import importlib.util

    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    spec = importlib.util.spec_from_file_location(
        "inspector", os.path.join(here, "__init__.py"), submodule_search_locations=[here]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"the inspector's files are missing at {here}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["inspector"] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    _bootstrap()
    from inspector.debuggee.guests import need

    need("ormsgpack")
    from inspector.debuggee.process import main

    sys.exit(main(int(sys.argv[1])))
