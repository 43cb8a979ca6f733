"""The header: which graph and thread, how the run stands, how far it is, what it costs; and whether one looks back.

One line, from 250 columns to 20: what is missed least leaves first.
"""

from __future__ import annotations

from itertools import islice
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip
from textual.timer import Timer

from inspector.core.clock import live_now
from inspector.core.holding import place, reason, runs_on, title
from inspector.core.prices import Meter
from inspector.core.run import Run
from inspector.core.text import ago as how_long_ago
from inspector.core.text import duration, number, one_line
from inspector.core.view import View
from inspector.tui.panes.base import Pane
from inspector.tui.widgets.cells import cut, strip_of
from inspector.tui.widgets.drawn import Drawn
from inspector.tui.widgets.fitting import Part, fitted

_MANY = 200  # running tasks that are looked at for their names


class Header(Pane, Drawn):
    """Draws one line. `sync` may be called as often as the clock should tick."""

    title = "Header"
    shows = ("header", "state")
    can_focus = False
    ALLOW_SELECT = False
    PENS = "header"

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "header--title", "header--quiet", "header--plain", "header--now", "header--waiting", "header--failed",
        "header--key",
    }  # fmt: skip
    DEFAULT_CSS = """
    Header {
        dock: top;
        height: 1;
        background: $panel;
        color: $foreground;
        &.-past { background: $warning 25%; }
        & > .header--title { color: $foreground; text-style: bold; }
        & > .header--quiet { color: $text-muted; }
        & > .header--plain { color: $foreground; }
        & > .header--now { color: $accent; text-style: bold; }
        & > .header--waiting { color: $warning; text-style: bold; }
        & > .header--failed { color: $error; text-style: bold; }
        & > .header--key { color: $primary; text-style: bold; }
    }
    """

    def __init__(self, view: View, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(view, id=id, classes=classes)
        self.meter = Meter()
        self._left: tuple[Part, ...] = ()
        self._right: tuple[Part, ...] = ()
        self._again: Timer | None = None

    def on_mount(self) -> None:
        self.sync()

    def sync(self) -> None:
        """Say how it stands now."""
        run = self.view.run
        past = self.view.past
        cost = str(self.meter.read(run))
        left = _looking_back(self.view) if not self.view.live else _present(self.view, cost)
        right = _end_key(self.view) if past else _mode(self.view) if run.invocations or run.checkpoints else ()
        self.set_class(past, "-past")
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()
        if self.meter.loading and self._again is None:
            self._again = self.set_timer(0.2, self._once_more)

    def _once_more(self) -> None:
        self._again = None
        self.sync()

    def render_line(self, y: int) -> Strip:
        """The line, the right parts at its end."""
        width = self.size.width
        base = self.base
        if y:
            return Strip.blank(width, base)
        room = max(0, width - 2)
        gap = 3 if room >= 100 else 2 if room >= 50 else 1
        parts = fitted((*self._left, *self._right), room, gap)
        left = self._drawn(parts[: len(self._left)], gap)
        right = self._drawn(parts[len(self._left) :], gap)
        used = 1 + sum(cell_len(text) for text, _ in left)
        size = sum(cell_len(text) for text, _ in right)
        between = max(gap, width - used - size - 1)
        return strip_of([(" ", None), *left, (" " * between, None), *right], width).apply_style(base)

    def _drawn(self, parts: list[Part], gap: int) -> list[tuple[str, Style | None]]:
        drawn: list[tuple[str, Style | None]] = []
        for part in parts:
            if part.text:
                if drawn:
                    drawn.append((" " * gap, None))
                drawn.append((part.text, self.pen(part.tone)))
        return drawn


def _present(view: View, cost: str) -> tuple[Part, ...]:
    run = view.run
    blocked = run.blocked
    usage = run.usage
    spent = usage.input or usage.output
    both = f"in {number(usage.input)} out {number(usage.output)} tok" if spent else ""
    total = f"{number(usage.input + usage.output)} tok" if spent else ""
    running = _running(run) if blocked is None and not run.held else ""
    return (
        *_names(view),
        _status(view),
        *_held(view),
        _asking(run),
        Part(f"step {run.step}" if run.step >= 0 else "", "plain", ((70, ""),)),
        # A width of its own, so that what follows does not move as it ticks.
        Part(
            f"{duration(live_now(run)):>6}" if run.invocations else "",
            "plain",
            ((68, duration(live_now(run))), (80, "")),
        ),
        Part(both, "quiet", ((40, total), (55, ""))),
        Part(cost, "quiet", ((50, ""),)),
        _blocked(blocked.seconds, blocked.where) if blocked is not None else Part(""),
        Part(running, "quiet", ((10, cut(running, 24)), (20, ""))),
    )


def _looking_back(view: View) -> tuple[Part, ...]:
    run = view.run
    shown = view.checkpoint
    if shown is None:
        return _names(view)
    where = f"◀ step {shown.step} of {run.checkpoints[-1].step}"
    moving = run.phase == "running"
    ago = f"{duration(max(0.0, live_now(run) - shown.at))} before {'now' if moving else 'the end'}"
    if shown.at < 0:  # of an earlier session
        ago = how_long_ago(0.0, -shown.at)
    return (
        *_names(view),
        Part(where, "waiting", ((85, f"◀ step {shown.step}"), (95, f"◀ {shown.step}"))),
        Part(ago, "plain", ((45, ago.partition(" before")[0] + " ago"), (60, ""))),
        Part("(nothing is changed by looking)", "quiet", ((15, ""),)),
        _status(view) if moving else Part(""),
        _asking(run),
    )


def _end_key(view: View) -> tuple[Part, ...]:
    end = "live" if view.mode == "live" else "end"
    replay = (Part("◀ REPLAY", "waiting", ((60, "◀"), (88, ""))),) if view.mode == "replay" else ()
    return (*replay, Part("esc", "key", ((90, ""),)), Part(end, "plain", ((90, ""),)))


def _mode(view: View) -> tuple[Part, ...]:
    approximate = Part("≈ times", "quiet", ((25, "≈"), (44, ""))) if view.approximate else Part("")
    if view.mode == "live":
        return (approximate, Part("LIVE", "now", ((60, ""),)))
    return (
        approximate,
        Part("SAVED", "plain", ((60, ""),)),
        Part("T", "key", ((56, ""),)),
        Part("threads", "quiet", ((56, ""),)),
    )


def _names(view: View) -> tuple[Part, ...]:
    title = one_line(view.title or view.run.graph or "graph", 60)
    thread = one_line(view.thread or view.run.thread, 60)
    return (
        Part(cut(title, 40), "title", ((65, cut(title, 14)), (75, ""))),
        Part(thread, "quiet", ((25, cut(thread, 24)), (30, ""))),
    )


def _status(view: View) -> Part:
    run = view.run
    if run.held:
        return Part("‖ held", "waiting", ((90, "‖"),))
    if view.graph is None and not run.invocations and view.mode != "replay":
        return Part("◌ loading", "now", ((92, "◌"),))
    symbol, word, tone = _STATUSES.get(run.phase, ("○", run.phase, "plain"))
    return Part(f"{symbol} {word}", tone, ((92, symbol),))


_STATUSES = {
    "loading": ("◌", "loading", "now"), "ready": ("○", "ready", "plain"), "running": ("●", "running", "now"),
    "interrupted": ("‖", "interrupted", "waiting"), "paused": ("‖", "paused", "waiting"),
    "error": ("✖", "failed", "failed"), "done": ("✔", "done", "plain"), "cancelled": ("⊘", "cancelled", "quiet"),
}  # fmt: skip


def _held(view: View) -> tuple[Part, ...]:
    """What is held, where, why, and whether the rest runs on."""
    held = view.held
    if held is None:
        return ()
    count = len(view.run.held)
    name = title(held)
    why = reason(held, view.breakpoints)
    return (
        Part(cut(name, 50), "waiting", ((78, cut(name, 24)), (91, ""))),
        Part(cut(place(held), 40), "plain", ((58, ""),)),
        Part(f"({cut(why, 60)})", "quiet", ((47, f"({held.reason})" if held.reason else ""), (57, ""))),
        Part(f"{count} held" if count > 1 else "", "waiting", ((74, ""),)),
        Part(runs_on(view.run), "quiet", ((45, ""),)),
    )


def _asking(run: Run) -> Part:
    count = len(run.pending)
    if not count:
        return Part("")
    asking = f"{count} question{'s' if count > 1 else ''}"
    return Part(asking, "waiting", ((48, f"{count}?"), (72, "")))


def _blocked(seconds: float, where: str) -> Part:
    short = f"⚠ blocked {duration(seconds)}"
    told = f"⚠ event loop blocked {duration(seconds)}"
    whole = f"{told}: {one_line(where, 80)}" if where else told
    return Part(whole, "waiting", ((22, cut(whole, 60)), (33, told), (58, short), (78, "")))


def _running(run: Run) -> str:
    """The nodes that run now, the innermost ones: `search ×3, plan`."""
    tasks = list(islice(run.running.values(), _MANY))
    outer = {task.parent for task in tasks}
    counts: dict[str, int] = {}
    for task in tasks:
        if task not in outer:
            counts[task.node] = counts.get(task.node, 0) + 1
    names = [one_line(node, 40) + (f" ×{count}" if count > 1 else "") for node, count in counts.items()]
    shown = ", ".join(names[:4])
    return shown + (f" +{len(names) - 4}" if len(names) > 4 else "")
