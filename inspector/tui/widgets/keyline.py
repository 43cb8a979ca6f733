"""The last line of the screen: the keys that do something here and now, and nothing else."""

from __future__ import annotations

from operator import itemgetter
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import ActiveBinding
from textual.screen import Screen
from textual.strip import Strip

from inspector.tui.commands import is_of_run, key_name, place
from inspector.tui.widgets.drawn import Drawn

Entry: TypeAlias = tuple[str, str, str]  # the key as shown, what it does, the key as Textual names it
_ALWAYS = ("help", "palette", "quit")  # kept at the right end; dropped in the reverse of this order


class KeyLine(Drawn):
    """The footer. What does not fit is left out, the help and the palette last. A click does what the key does."""

    ALLOW_SELECT = False
    PENS = "keys"
    COMPONENT_CLASSES: ClassVar[set[str]] = {"keys--key", "keys--label"}
    DEFAULT_CSS = """
    KeyLine {
        dock: bottom;
        height: 1;
        background: $panel;
        color: $text-muted;
        & > .keys--key { color: $primary; text-style: bold; }
        & > .keys--label { color: $text-muted; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._spans: list[tuple[int, int, str]] = []
        self._entries: tuple[list[Entry], list[Entry]] = ([], [])
        self._stale = True
        self._of_run = 0  # cells that the keys of the run take

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, _: Screen[object]) -> None:
        self._stale = True
        self.refresh()

    def render_line(self, y: int) -> Strip:
        if self._stale:
            self._entries = self._collect()
            self._stale = False
        width = self.size.width
        left, right = self._entries
        kept = list(right)
        while kept and sum(_width(entry) for entry in kept) > max(width - 12, width // 2):
            kept.pop()
        while len(kept) > 1 and 1 + self._of_run + sum(_width(entry) for entry in kept) > width:
            kept.pop()  # what can be done with the run is missed more
        tail = sum(_width(entry) for entry in kept)
        segments = [Segment(" ")]
        self._spans = []
        x = 1
        base = self.base
        key_style = base + self.pen("key")
        label_style = base + self.pen("label")
        for entry in left:
            if x + _width(entry) > width - tail:
                continue
            x = self._put(segments, entry, x, key_style, label_style)
        gap = max(0, width - tail - x)
        segments.append(Segment(" " * gap, base))
        x += gap
        for entry in reversed(kept):
            x = self._put(segments, entry, x, key_style, label_style)
        return Strip([Segment(s.text, s.style or base) for s in segments]).adjust_cell_length(width, base)

    def _put(self, out: list[Segment], entry: Entry, x: int, key: Style, label: Style) -> int:
        out += [Segment(entry[0], key), Segment(f" {entry[1]}  ", label)]
        end = x + _width(entry)
        self._spans.append((x, end, entry[2]))
        return end

    def _collect(self) -> tuple[list[Entry], list[Entry]]:
        """What can be done: with the run, then in the focused widget, then in the app (in the order of the table of
        commands); and what is always there."""
        run: list[tuple[int, Entry]] = []
        here: list[Entry] = []
        app: list[tuple[int, Entry]] = []
        right: dict[str, Entry] = {}
        seen: set[str] = set()
        for key, active in self.screen.active_bindings.items():
            binding = active.binding
            if not binding.show or not active.enabled or not binding.description or binding.action in seen:
                continue
            seen.add(binding.action)
            entry = (binding.key_display or key_name(key), _uncapitalised(binding.description), key)
            if binding.action in _ALWAYS:
                right[binding.action] = entry
            elif active.node is not self.screen:
                here.append(entry)
            elif is_of_run(binding.action):
                run.append((place(binding.action), entry))
            else:
                app.append((place(binding.action), entry))
        own = [[entry for _, entry in sorted(entries, key=itemgetter(0))] for entries in (run, app)]
        self._of_run = sum(_width(entry) for entry in own[0])
        return [*own[0], *here, *own[1]], [right[action] for action in _ALWAYS if action in right]

    async def on_click(self, event: events.Click) -> None:
        for start, end, key in self._spans:
            if start <= event.x < end:
                active: ActiveBinding | None = self.screen.active_bindings.get(key)
                if active is not None:
                    await self.app.run_action(active.binding.action, active.node)
                return


def _width(entry: Entry) -> int:
    return cell_len(entry[0]) + cell_len(entry[1]) + 3


def _uncapitalised(text: str) -> str:
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]
