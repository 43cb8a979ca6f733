"""Looks at a checkpoint file in a process of its own and prints what it took as JSON: seconds by what was done, and the
most memory it ever held, in bytes. `python -m benchmarks.programs.saved WHAT FILE`; WHAT is `ours`, `theirs`, `threads`
or `states`."""

from __future__ import annotations

import json
import random
import resource
import sys
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

LONG = "long"  # the thread


def ours(path: Path) -> dict[str, float]:
    """The list of a thread's checkpoints: ids, steps and times of all; parents and metadata of the newest."""
    from inspector.core.checkpoint_ids import made_at, step_of
    from inspector.store.threads import ThreadFile

    began = perf_counter()
    file = ThreadFile(path)
    rows = file.reader.query(
        "SELECT checkpoint_id FROM checkpoints WHERE thread_id = ? AND checkpoint_ns = '' ORDER BY checkpoint_id DESC",
        (LONG,),
    )
    listed = [(id_, step_of(id_), made_at(id_)) for (id_,) in rows]
    assert listed[0][1] == len(listed) - 2
    return {"list": perf_counter() - began}


def theirs(path: Path) -> dict[str, float]:
    """The same by the saver's own API."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    with SqliteSaver.from_conn_string(str(path)) as saver:
        began = perf_counter()
        listed = list(saver.list({"configurable": {"thread_id": LONG, "checkpoint_ns": ""}}))
        assert listed
        return {"list": perf_counter() - began}


def states(path: Path) -> dict[str, float]:
    """States at checkpoints anywhere in the thread."""
    from inspector.store.checkpoints import CheckpointFile
    from inspector.store.threads import ThreadFile

    file, found = CheckpointFile(path), ThreadFile(path)
    ids = [row[0] for row in found.reader.query("SELECT checkpoint_id FROM checkpoints WHERE thread_id = ?", (LONG,))]
    took: list[float] = []
    for id_ in random.Random(7).sample(ids, min(100, len(ids))):
        began = perf_counter()
        assert file.state(LONG, id_).values["messages"]
        took.append(perf_counter() - began)
    return {"state": max(took)}


def threads(path: Path) -> dict[str, float]:
    """A library of very many threads: the first screen's, all, and filters when all that they ask for is known."""
    from inspector.store.library import FileLibrary

    library = FileLibrary([path])
    began = perf_counter()
    library.begin()
    took: dict[str, float] = {}
    while not library.table.shown:
        _wait(library)
    took["first"] = perf_counter() - began
    while library.files[0].reading or library.drain():
        _wait(library)
    took["all"] = perf_counter() - began
    total = len(library.table.shown)
    for name, text, count in (("id", "00042", None), ("status", "status:waiting", total // 50)):
        began = perf_counter()
        library.filter(text)
        took[f"filter by {name}"] = perf_counter() - began
        assert count is None or len(library.table.shown) == count
    library.filter("user:42")
    began = perf_counter()
    while library.busy:
        _wait(library)
    took["metadata read"] = perf_counter() - began
    began = perf_counter()
    library.filter("user:43")
    took["filter by metadata"] = perf_counter() - began
    assert len(library.table.shown) == total // 100
    library.close()
    return took


def most_memory(process: int | str = "self") -> float:
    """The most memory that a process ever held, in bytes; of another than this one only where there is `/proc`."""
    status = Path(f"/proc/{process}/status")
    if status.exists():  # `ru_maxrss` counts what the process that started this one held
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return 1024.0 * int(line.split()[1])
    scale = 1 if sys.platform == "darwin" else 1024
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale)


def _wait(library: Any) -> None:
    library.drain()
    sleep(0.002)


if __name__ == "__main__":
    what = {"ours": ours, "theirs": theirs, "states": states, "threads": threads}[sys.argv[1]]
    figures = what(Path(sys.argv[2]))
    figures["memory"] = most_memory()
    print(json.dumps(figures))
