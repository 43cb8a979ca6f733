"""A stand-in for the graph's Python that starts `benchmarks.programs.feeder` in place of the debuggee."""

from __future__ import annotations

import shlex

from benchmarks.setting import PYTHON, ROOT, Setting


def feeder(setting: Setting) -> str:
    """The path of an executable that takes the arguments of a debuggee and is a feeder."""
    path = setting.scratch / "feeder"
    if not path.exists():
        program = ROOT / "benchmarks" / "programs" / "feeder.py"
        path.write_text(f'#!/bin/sh\nexec {shlex.quote(PYTHON)} {shlex.quote(str(program))} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
    return str(path)
