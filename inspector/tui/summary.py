"""The few plain lines that stay in the terminal when the app has left: what ran, how it ended, what it took."""

from __future__ import annotations

from collections import Counter

from inspector.core.collision import collision
from inspector.core.control import Debugger
from inspector.core.run import Run
from inspector.core.text import duration, number, one_line, plural

_WORDS = {
    "done": "✔ done", "error": "✖ failed", "interrupted": "‖ waiting", "paused": "‖ paused",
    "cancelled": "⊘ cancelled", "running": "⊘ cancelled",
}  # fmt: skip
_STATUSES = {"done": 0, "ready": 0, "loading": 0, "error": 1, "interrupted": 3, "paused": 3, "cancelled": 130}


def exit_status(session: Debugger) -> int:
    """0 done or nothing run, 1 the graph failed, 2 it could not be loaded, 3 waiting for an answer, 130 cancelled."""
    if session.stage == "failed" and not session.view.run.invocations:
        return session.problem.exit_status if session.problem is not None else 2
    return 130 if session.running else _STATUSES.get(session.view.run.phase, 130)


def summary(session: Debugger) -> str:
    """Some three lines, plain text."""
    run = session.view.run
    name = one_line(run.graph or session.view.title, 60)
    word = _WORDS.get(run.phase, "○ not run")
    lines = [f"{name}  thread {one_line(session.thread, 80)}  {word} in {duration(run.now) or '0s'}"]
    lines.append("  " + ", ".join(_counts(run)))
    if run.error is not None:
        lines.append(f"  {one_line(str(run.error), 300)}")
        if who := collision(run):
            lines.append(f"  {who}")
    if run.pending:
        asking = ", ".join(dict.fromkeys(one_line(asked.node, 40) for asked in run.pending.values()))
        lines.append(f"  {asking} waits for an answer")
    return "\n".join(lines)


def _counts(run: Run) -> list[str]:
    statuses = Counter(task.status for task in run.tasks.values())
    tasks = plural(run.task_count, "task")
    failed = statuses["error"]
    steps = plural(max(run.step, 0), "superstep")
    counts = [steps, tasks + (f" ({failed} failed)" if failed else "")]
    if run.models:
        counts.append(plural(len(run.models), "model call"))
    if run.tools:
        counts.append(plural(len(run.tools), "tool call"))
    if run.usage.input or run.usage.output:
        counts.append(f"{number(run.usage.input)} tokens in, {number(run.usage.output)} out")
    return counts
