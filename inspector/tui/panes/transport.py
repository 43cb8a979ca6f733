"""The transport bar of a replay: where it is, how fast it plays, a slider to seek with, and the keys that move it.

It moves the player and says so; what the panes show then is the screen's to see to.
"""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from inspector.core import transport
from inspector.core.reel import Mark
from inspector.core.saved import Reopened
from inspector.core.text import one_line
from inspector.core.transport import clock, pace_of, slider, time_of_cell
from inspector.core.view import View
from inspector.tui.panes.base import Pane
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.drawn import Drawn

_WORDS: dict[Mark, str] = {"error": "✖ error", "interrupt": "‖ question", "tool": "tool call"}


class TransportBar(Pane, Drawn, can_focus=True):
    """One line. Hidden while there is nothing to replay."""

    title = "Replay"
    shows = ("header", "tasks", "tokens", "output", "state")

    class Moved(Message):
        """Another moment is to be shown; `found` is what was jumped to."""

        def __init__(self, found: Mark | None = None) -> None:
            super().__init__()
            self.found = found

    class GoTo(Message):
        """The developer wants to say where to go."""

    ALLOW_SELECT = False
    PENS = "bar"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "play", "play/pause", key_display="space"),
        Binding("left", "step(-1)", "event", key_display="← →"),
        Binding("right", "step(1)", "Next event", show=False),
        Binding("shift+left", "jump('superstep', False)", "step", key_display="⇧← ⇧→"),
        Binding("shift+right", "jump('superstep', True)", "Next superstep", show=False),
        Binding("up", "jump('node', False)", "node", key_display="↑ ↓"),
        Binding("down", "jump('node', True)", "Next node", show=False),
        Binding("less_than_sign", "speed(-1)", "speed", key_display="< >"),
        Binding("greater_than_sign", "speed(1)", "Faster", show=False),
        Binding("n", "eventful(True)", "next ✖ ‖ tool"),
        Binding("N", "eventful(False)", "Error, question or tool call before", show=False),
        Binding("g", "go_to", "go to"),
        Binding("home", "edge(0)", "To the beginning", show=False),
        Binding("end", "edge(1)", "To the end", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "bar--past", "bar--rest", "bar--head", "bar--error", "bar--interrupt", "bar--tool", "bar--plain", "bar--quiet",
        "bar--now", "bar--lit",
    }  # fmt: skip
    DEFAULT_CSS = """
    TransportBar {
        height: 1; background: $panel; display: none;
        &.-open { display: block; }
        & > .bar--past { color: $primary; }
        & > .bar--rest { color: $text-disabled; }
        & > .bar--head { color: $accent; text-style: bold; }
        & > .bar--error { color: $error; text-style: bold; }
        & > .bar--interrupt { color: $warning; text-style: bold; }
        & > .bar--tool { color: $text-muted; }
        & > .bar--plain { color: $foreground; }
        & > .bar--quiet { color: $text-muted; }
        & > .bar--now { color: $accent; text-style: bold; }
        & > .bar--lit { color: $primary; text-style: bold; }
    }
    """

    def __init__(self, view: View, saved: Reopened | None, *, id: str | None = None) -> None:
        super().__init__(view, id=id)
        self.saved = saved
        self._slider = (0, 0)  # where it was drawn: its first cell, and how many
        self._drawn: object = None
        self._said = ""  # what was found by the last move

    @property
    def available(self) -> bool:
        """Whether there is something to replay."""
        saved = self.saved
        return saved is not None and saved.player is not None and not saved.attached and saved.player.length > 0

    def sync(self) -> None:
        self.set_class(self.available, "-open")
        saved = self.saved
        if saved is None or saved.player is None:
            return
        player = saved.player
        if player.playing:
            self._said = ""
        time = f"{player.time:.2f}"
        now = (
            player.position, player.loaded, player.complete, player.playing, player.speed, time, self._said,
            saved.trouble,
        )  # fmt: skip
        if now != self._drawn:
            self._drawn = now
            self.refresh()

    def sync_if_changed(self) -> bool:
        self.sync()  # it plays between two events, too
        return True

    def watch_has_focus(self, _has_focus: bool) -> None:
        self.refresh()

    # ------------------------------------------------------------------ drawing

    def render_line(self, y: int) -> Strip:
        width, base = self.size.width, self.base
        player = self.saved.player if self.saved is not None else None
        if y or player is None:
            return Strip.blank(width, base)
        playing = player.playing
        left = [
            (" ▌" if self.has_focus else "  ", "lit"),
            (f"{'▶' if playing else '‖'} {pace_of(player.speed):<5}", "now" if playing else "plain"),
        ]
        about = "≈ " if self.saved is not None and self.saved.approximate else ""
        whole = player.duration
        times = f"{about}{clock(player.time, whole)} / {clock(whole, whole)}"
        trouble = one_line(self.saved.trouble, 100) if self.saved is not None else ""
        step = f"✖ {trouble}" if trouble else self._said or f"step {player.run.step}"
        count = f"event {player.position:,} of {player.length:,}"
        loading = "" if player.complete else f"  ◌ {player.loaded / max(player.length, 1):.0%} read"
        right = [(f"  {times}", "plain"), (f"   {step}", "quiet"), (f"   {count}", "quiet"), (loading, "now")]
        shorter = [
            (f" {clock(player.time, whole)}", "plain"),
            (f" {player.position:,}/{player.length:,}", "quiet"),
            ("", ""),
        ]
        room = width - sum(cell_len(text) for text, _ in left)
        for tail in (right, right[:1] + right[2:], right[:1], shorter[:2], shorter[:1]):
            needed = sum(cell_len(text) for text, _ in tail)
            if needed + 12 <= room or tail is shorter[:1]:
                break
        cells = max(0, room - needed - 1)
        self._slider = (width - room, cells)
        pieces = [*left, *((text, tone) for text, tone in slider(player, cells)), *tail]
        return strip_of([(text, self.pen(tone)) for text, tone in pieces if text], width).apply_style(base)

    # ------------------------------------------------------------------ moving

    def action_play(self) -> None:
        player = self.saved.player if self.saved is not None else None
        if player is not None:
            if player.playing:
                player.pause()
            else:
                player.play()
            self._moved()

    def action_step(self, by: int) -> None:
        saved = self.saved
        if saved is not None and saved.player is not None:
            if saved.approximate:  # what is between two checkpoints is not known
                transport.walk(saved.player, by)
            else:
                saved.player.step(by)
            self._moved()

    def action_jump(self, mark: Mark, forward: bool) -> None:
        player = self.saved.player if self.saved is not None else None
        if player is not None:
            if not player.jump(mark, forward):
                player.seek(player.length if forward else 0)
            self._moved()

    def action_eventful(self, forward: bool) -> None:
        player = self.saved.player if self.saved is not None else None
        if player is None:
            return
        found = transport.jump_to_eventful(player, forward)
        self._moved(_WORDS[found] if found is not None else "none after this" if forward else "none before this", found)

    def action_speed(self, by: int) -> None:
        player = self.saved.player if self.saved is not None else None
        if player is not None:
            player.faster(by)
            self._moved()

    def action_edge(self, end: int) -> None:
        player = self.saved.player if self.saved is not None else None
        if player is not None:
            player.seek(player.length if end else 0)
            self._moved()

    def action_go_to(self) -> None:
        self.post_message(self.GoTo())

    def _moved(self, said: str = "", found: Mark | None = None) -> None:
        self._said = said
        self.sync()
        self.post_message(self.Moved(found))

    # ------------------------------------------------------------------ mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        start, cells = self._slider
        if start <= event.x < start + cells:
            self.capture_mouse()
            self._seek(event.x)
        elif event.x < start:
            self.action_play()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._seek(event.x)

    def on_mouse_up(self, _event: events.MouseUp) -> None:
        self.release_mouse()

    def _seek(self, x: int) -> None:
        player = self.saved.player if self.saved is not None else None
        if player is not None:
            start, cells = self._slider
            player.seek_time(time_of_cell(player, x - start, cells))
            self._moved()
