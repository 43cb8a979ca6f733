"""What a headless run says, to the last field, against files that are kept: nothing in it changes unnoticed.

`INSPECTOR_GOLDEN=write pytest tests/headless/test_golden.py` writes the files anew; their difference is then to be
read before it is committed.
"""

from __future__ import annotations

import difflib
import json
import os
from importlib import import_module
from pathlib import Path

import pytest

from tests.headless.command import run
from tests.headless.normal import in_order, normal
from tests.runs.checks import lines_keep_the_contract

GOLDEN = Path(__file__).parent / "golden"
STATUS = {"travel_agent": 3, "nested": 0, "two_interrupts": 3, "flaky": 0, "functional": 0}


@pytest.mark.parametrize("name", STATUS)
def test_a_run_says_what_it_said(name: str, tmp_path: Path) -> None:
    given = json.dumps(import_module(f"sample_graphs.{name}").EXAMPLE_INPUT)
    argv = ["run", f"sample_graphs.{name}:graph", "--headless", "--thread", "golden", "--input", given]
    done = run(*argv, cwd=tmp_path, env={"SAMPLE_SPEED": "0"})
    assert (done.status, done.said) == (STATUS[name], "")
    lines_keep_the_contract(done.lines)
    in_order(done.lines)
    lines = normal(done.lines)
    file = GOLDEN / f"{name}.ndjson"
    if os.environ.get("INSPECTOR_GOLDEN") == "write":
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    kept = file.read_text(encoding="utf-8").splitlines()
    different = [line[:2000] for line in difflib.unified_diff(kept, lines, "kept", "now", lineterm="", n=1)]
    assert not different, "\n".join(["write the files anew if this is meant (see above):", *different[:40]])
