"""How the run stands, in one line: a symbol, a word, what happened, and the keys that do something about it."""

from __future__ import annotations

from inspector.core.collision import collision
from inspector.core.json_schema import clip, dumps
from inspector.core.run import Run
from inspector.core.values import decode, to_json
from inspector.errors import InspectorError
from inspector.tui.commands import Situation
from inspector.tui.widgets.statusline import Words

_SENT = 400  # characters of the input that are repeated while it runs


def standing(now: Situation, run: Run, problem: InspectorError | None, *, open: bool, chat: bool) -> Words:
    """The words for a situation, those about changed source files first. `open` and `chat` as in `_standing`."""
    words = _standing(now, run, problem, open=open, chat=chat)
    if now.loading_code:
        return (("↻ ", "now"), ("loading the new code…   ", "plain"), *words)
    if now.stale and now.stage == "ready":
        return (("↻ ", "now"), (f"{now.stale} changed", "plain"), ("  ^r", "key"), (" loads it   ", "quiet"), *words)
    return words


def _standing(now: Situation, run: Run, problem: InspectorError | None, *, open: bool, chat: bool) -> Words:
    """The words for a situation; none where the editor below says all there is. `open`: an editor is open below;
    `chat`: it stays there when the developer leaves it."""
    if now.stage == "failed":
        keys: Words = (("   r", "key"), (" restarts it on the same thread", "quiet")) if now.can_restart else ()
        return (("✖ ", "failed"), (str(problem or "The graph's process is gone."), "failed"), *keys)
    if now.stage != "ready":
        what = "the thread is being read" if now.saved and not now.attached else "the graph is being imported"
        return (("◌ loading ", "now"), (what, "quiet"))
    if now.replaying:
        return (("◀ replay ", "waiting"), ("nothing is run or called by it", "quiet"))
    if now.saved and not now.attached and not now.graph_known:
        return (("○ saved ", "plain"), ("and opened without its graph   ", "quiet"), ("G", "key"),
                (" names the graph, to answer, edit and run it on", "quiet"))  # fmt: skip
    if now.running:
        return _running(now, run)
    if now.waiting:
        return () if open else (("‖ it waits for an answer", "waiting"), ("   i", "key"), (" answers", "quiet"))
    return _stopped(now, run, open=open or chat)


def _running(now: Situation, run: Run) -> Words:
    if now.leaving:
        return (("⊘ stopping the graph… ", "waiting"), ("^C again ends its process at once", "quiet"))
    if now.cancelling:
        return (("⊘ cancelling… ", "waiting"), ("x again ends its process, if it does not answer", "quiet"))
    if run.blocked is not None:
        blocked = f"the event loop has been blocked for {run.blocked.seconds:.0f}s"
        return (("● running ", "now"), (blocked + (f" at {run.blocked.where}" if run.blocked.where else ""), "waiting"))
    last = run.invocation
    if last is None or last.ended is not None:
        return (("● starting", "now"),)
    if last.event.resumed and not now.holds:
        return (("● running ", "now"), ("with your answer", "quiet"))
    sent = input_text(last.event.input)
    if now.holds:
        return (("‖ stopped ", "waiting"), (sent, "quiet"))
    return (("● running ", "now"), (sent, "quiet"))


def _stopped(now: Situation, run: Run, *, open: bool) -> Words:
    next_nodes = ", ".join(run.next[:4])
    key = "   I" if now.stopped else "   i"
    again: Words = ((key, "key"), (" next input on this thread", "quiet")) if not open else ()
    go_on: Words = (("   c", "key"), (" goes on", "quiet")) if now.next else ()
    if now.phase == "error":
        error = run.error
        who = collision(run)
        said = f"{who}: {error}" if who else str(error or "")
        retry: Words = (("   c", "key"), (" tries again from the last checkpoint", "quiet")) if now.next else ()
        return (("✖ failed ", "failed"), (clip(said, 300), "failed"), *retry, *again)
    if now.phase == "paused":
        return (("‖ paused ", "waiting"), (f"before {next_nodes}" if next_nodes else "", "plain"), *go_on, *again)
    if now.phase == "interrupted":
        return (("‖ stopped ", "waiting"), (f"before {next_nodes}" if next_nodes else "", "plain"), *go_on, *again)
    if now.phase == "cancelled":
        return (("⊘ cancelled ", "waiting"), ("its checkpoints are kept", "quiet"), *go_on, *again)
    if now.phase == "done":
        return () if open else (("✔ done", "plain"), *again)
    return () if open else (("○ ready", "plain"), ("   i", "key"), (" writes its input", "quiet"))


def input_text(packed: bytes) -> str:
    """An input in one line: the message alone where it is one."""
    value = to_json(decode(packed))
    if isinstance(value, dict) and isinstance(value.get("messages"), list) and len(value["messages"]) == 1:
        message = value["messages"][0]
        content = message.get("content") if isinstance(message, dict) else message
        if isinstance(content, str):
            return clip(content, _SENT)
    return "" if value is None else clip(dumps(value), _SENT)
