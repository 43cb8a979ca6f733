"""Every sample: it is listed, it runs to its end, and what it streams adds up."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from functools import reduce
from importlib import import_module
from operator import add
from pathlib import Path

import pytest

import sample_graphs
from sample_graphs import SAMPLES
from tests.sample_graphs.playing import Stage

Opener = Callable[[str], Awaitable[Stage]]
FOLDER = Path(sample_graphs.__file__).parent

INTERRUPTED = {"travel_agent": ["approve"], "two_interrupts": ["legal", "finance"]}
SMALLER = {"long_loop": {"steps": 30}, "blocking": {"seconds": 0.01}, "token_flood": {"tokens": 300}}


def test_every_module_is_listed_everywhere() -> None:
    modules = {path.stem for path in FOLDER.glob("*.py") if not path.stem.startswith("_")}
    config = json.loads((FOLDER / "langgraph.json").read_text())

    assert set(SAMPLES) == modules
    assert config["graphs"] == {name: f"./{name}.py:graph" for name in SAMPLES}
    assert next(iter(SAMPLES)) == "travel_agent"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_says_what_to_look_at_and_what_to_give_it(name: str) -> None:
    module = import_module(SAMPLES[name].module)

    assert module.__doc__ is not None
    assert "What to look at" in module.__doc__
    assert json.loads(json.dumps(module.EXAMPLE_INPUT)) == module.EXAMPLE_INPUT


def test_the_package_imports_nothing_heavy_and_the_samples_nothing_but_langgraph(tmp_path: Path) -> None:
    """In a fresh interpreter in which `langchain` does not exist and any warning is an error."""
    program = """
import sys
sys.path.insert(0, sys.argv[1])
sys.modules["langchain"] = None
from sample_graphs import SAMPLES
assert not [name for name in sys.modules if name.startswith(("langgraph", "langchain_core", "pydantic"))]
for sample in SAMPLES.values():
    __import__(sample.module)
"""
    command = [sys.executable, "-W", "error", "-c", program, str(FOLDER.parent)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", SAMPLES)
async def test_a_sample_runs_to_its_end_and_takes_the_next_input(name: str, stage: Opener) -> None:
    example = SMALLER.get(name, import_module(SAMPLES[name].module).EXAMPLE_INPUT)
    opened = await stage(name)
    run = await opened.run(example)

    waiting = INTERRUPTED.get(name, [])
    assert run.error is None
    assert sorted(run.state.next) == sorted(waiting)
    assert len(run.state.interrupts) == len(waiting)
    if name != "flaky":  # the cached task has no end in the stream
        assert not run.unfinished
    for call in run.calls:
        assert call.message is not None
        whole = reduce(add, call.chunks)
        assert whole.content == call.message.content
        assert "".join(chunk.text for chunk in call.chunks) == call.message.text
        assert {chunk.id for chunk in call.chunks} == {call.message.id}
        assert call.message.usage_metadata is not None
        assert call.message.usage_metadata["output_tokens"] > 0
        assert call.message.response_metadata["model_name"]

    if name != "travel_agent":  # its own tests do that, and more
        again = await opened.run(example)
        assert again.error is None
        assert len(again.state.interrupts) == len(waiting)
