"""The app itself, with an ear to its session: what `inspector run` starts, through the same calls.

    python -m benchmarks.programs.app REPORT_FD SPEC

SPEC is JSON: `ref`, and maybe `db`, `input`, `python`, `exit_on_end`. What is noticed goes to the descriptor, a JSON
object a line, with `at` on the clock that all processes share (`time.monotonic`):

- `ready`: the graph is loaded
- `started`: the run began (by the debuggee's own clock)
- `mark`: a custom event named `mark` was taken in, with its `value`
- `ended`: the end of the run was taken in; `duration` is what the debuggee says
- `left`: the app has ended; `cpu` seconds of its own, `graph_cpu` of the debuggee; `tasks` as `[node, start, end]`
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from time import monotonic, time
from typing import Any

from inspector.core.events import Custom, Event, RunEnded, RunStarted
from inspector.core.reference import environment, resolve
from inspector.core.values import decode
from inspector.session import Session, Settings

LISTED = 200  # tasks that are told of in the end, at most


class Ear:
    """Writes down what it hears."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self.run_began = 0.0

    def tell(self, kind: str, at: float, **more: Any) -> None:
        os.write(self._fd, json.dumps({"kind": kind, "at": at, **more}).encode() + b"\n")

    def __call__(self, event: Event) -> None:
        kind = type(event)
        if kind is Custom and event.name == "mark":  # type: ignore[union-attr]
            self.tell("mark", monotonic(), value=decode(event.value))  # type: ignore[union-attr]
        elif kind is RunStarted:
            self.run_began = monotonic() - (time() - event.at)  # type: ignore[union-attr]
            self.tell("started", self.run_began)
        elif kind is RunEnded:
            self.tell("ended", monotonic(), duration=event.t)


class Heard(Session):
    """A session that says when its graph is ready."""

    def __init__(self, settings: Settings, ear: Ear) -> None:
        super().__init__(settings)
        self.ear = ear
        self.listeners.append(ear)
        self._told = False

    async def wait_ready(self) -> Any:
        info = await super().wait_ready()
        if not self._told:
            self._told = True
            self.ear.tell("ready", monotonic())
        return info


def main(fd: int, spec: dict[str, Any]) -> int:
    reference = resolve(spec["ref"], Path.cwd())
    ear = Ear(fd)
    db = Path(spec["db"]) if spec.get("db") else None
    session = Heard(Settings(reference, db=db, python=spec.get("python"), env=environment(reference)), ear)
    session.begin()  # as the command does: the graph is being imported while Textual is
    from inspector.tui.app import MISSING, run_app

    status = run_app(session, input=spec.get("input", MISSING), exit_on_end=spec.get("exit_on_end", False))
    ours, graphs = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    tasks = [
        [task.node, ear.run_began + task.started, ear.run_began + (task.ended or task.started)]
        for task in list(session.view.run.tasks.values())[:LISTED]
    ]
    ear.tell(
        "left", monotonic(), tasks=tasks,
        cpu=ours.ru_utime + ours.ru_stime, graph_cpu=graphs.ru_utime + graphs.ru_stime,
    )  # fmt: skip
    return status


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), json.loads(sys.argv[2])))
