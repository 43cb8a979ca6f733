from __future__ import annotations

import traceback
from pathlib import Path

from inspector.core.source import Frame, Note, context, frames, relevant

CHAINED = """Traceback (most recent call last):
  File "/home/me/agent/nodes.py", line 12, in search
    return client.get(
        city,
    )
           ^^^^^^^^^^^
  File "/home/me/.venv/lib/python3.11/site-packages/httpx/_client.py", line 1027, in get
    raise TimeoutError(msg)
TimeoutError: first

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/me/agent/graph.py", line 3, in <module>
    run()
  [Previous line repeated 996 more times]
ValueError: second
"""


def test_frames_and_notes() -> None:
    parts = frames(CHAINED)
    said = [part.text if isinstance(part, Note) else (Path(part.path).name, part.line, part.function) for part in parts]
    assert said == [
        ("nodes.py", 12, "search"), ("_client.py", 1027, "get"), "TimeoutError: first",
        "During handling of the above exception, another exception occurred:", ("graph.py", 3, "<module>"),
        "  [Previous line repeated 996 more times]", "ValueError: second",
    ]  # fmt: skip
    assert isinstance(parts[0], Frame)
    assert parts[0].code == ("return client.get(", "city,", ")")
    assert len(frames(CHAINED, limit=2)) == 2
    assert frames("") == []


def test_the_innermost_frame_of_ones_own_is_the_relevant_one() -> None:
    parts = frames(CHAINED)[:2]
    best = relevant(parts)
    assert best is parts[0]
    assert relevant([part for part in parts if isinstance(part, Frame) and part.library]) is parts[1]
    assert relevant([]) is None


def test_context_of_a_real_error(tmp_path: Path) -> None:
    path = tmp_path / "graph.py"
    path.write_text("def node(x):\n    y = 1\n    return y / x\n\n\nz = 2\n")
    names: dict[str, object] = {}
    try:
        exec(compile(path.read_text() + "node(0)\n", str(path), "exec"), names)
    except ZeroDivisionError:
        text = traceback.format_exc()
    best = relevant(frames(text))
    assert best is not None
    assert (best.path, best.line, best.function) == (str(path), 3, "node")
    assert context(best, 1) == [(2, "    y = 1"), (3, "    return y / x"), (4, "")]


def test_no_context_of_what_is_not_there_or_was_changed(tmp_path: Path) -> None:
    path = tmp_path / "graph.py"
    path.write_text("a\nb\n")
    assert context(Frame(str(path), 2, "f", ("b",))) == [(1, "a"), (2, "b")]
    assert context(Frame(str(path), 2, "f", ("c",))) == []
    assert context(Frame(str(path), 9, "f")) == []
    assert context(Frame(str(tmp_path), 1, "f")) == []
    assert context(Frame("<string>", 1, "f")) == []
    assert context(Frame("\x00", 1, "f")) == []
