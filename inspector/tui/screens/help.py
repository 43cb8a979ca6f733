"""All keys: those of the app by group, then those of each pane."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.dom import DOMNode
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.widget import Widget

from inspector.tui import commands
from inspector.tui.commands import key_name
from inspector.tui.panes.base import Pane
from inspector.tui.widgets.cells import fit, strip_of
from inspector.tui.widgets.keyline import KeyLine
from inspector.tui.widgets.rows import RowList

Line = tuple[str, str, str]  # heading (or nothing), keys, what they do

_PLAIN = frozenset(
    ("scroll_left", "scroll_right", "page_left", "page_right", "app.focus_next", "app.focus_previous",
     "screen.copy_text")
)  # fmt: skip
"""What Textual binds on everything, and nobody looks for in a help."""

_GROUPS = {
    "Run": "The run",
    "Step": "Stepping and breakpoints",
    "Held": "While something is held",
    "Time": "In time",
    "Panes": "Panes",
    "App": "The app",
}


class Keys(RowList):
    """The lines of the help."""

    def __init__(self, lines: list[Line]) -> None:
        super().__init__()
        self.lines = lines
        self._keys = max((len(keys) for _, keys, _ in lines), default=8) + 2

    def row_count(self) -> int:
        return len(self.lines)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        heading, keys, text = self.lines[index]
        if heading:
            return strip_of([(f" {heading}", self.pen("strong"))], width)
        return strip_of([("   " + fit(keys, self._keys), self.pen("accent")), (text, None)], width)


class HelpScreen(ModalScreen[None]):
    """Dismissed by any of the usual keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,enter", "dismiss", "close", priority=True, key_display="esc"),
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > Vertical {
        width: 84; max-width: 100%; height: 90%; border: round $primary; background: $background;
        border-title-color: $primary;
    }
    HelpScreen.-low > Vertical { height: 100%; border: none; }
    HelpScreen Keys { height: 1fr; }
    """

    def __init__(self, panes: Iterable[Pane] = (), *, lines: list[Line] | None = None) -> None:
        """The keys of the main screen and its `panes`, or these lines."""
        super().__init__()
        self._keys = Keys(help_lines(panes) if lines is None else lines)

    def compose(self) -> Iterator[Widget]:
        frame = Vertical()
        frame.border_title = "Keys"
        with frame:
            yield self._keys
            yield KeyLine()

    def on_mount(self) -> None:
        self.on_resize()
        self._keys.model_changed()
        self._keys.move_to(0)
        self._keys.focus()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < 20, "-low")


def help_lines(panes: Iterable[Pane]) -> list[Line]:
    """The lines: the table of commands by group, then what each pane adds."""
    lines: list[Line] = []
    for group, heading in _GROUPS.items():
        entries = [command for command in commands.COMMANDS if command.group == group]
        lines += [("", "", "")] if lines else []
        lines.append((heading, "", ""))
        for command in entries:
            keys = " ".join(key_name(key) for key in command.keys.split(","))
            lines.append(("", keys, command.help))
    for pane in panes:
        found = list(_pane_keys(pane))
        if found:
            lines.append(("", "", ""))
            lines.append((pane.title or str(pane.id), "", ""))
            lines += found
    return lines


def _pane_keys(pane: Pane) -> Iterator[Line]:
    """The described bindings of a pane and of what is in it, each once."""
    seen: set[str] = set()
    for node in (pane, *pane.walk_children(Widget)):
        if node is not pane and not node.can_focus:
            continue
        for line in keys_of(node):
            if line[2] not in seen:
                seen.add(line[2])
                yield line


def keys_of(node: DOMNode) -> Iterator[Line]:
    """The described bindings of one widget or screen."""
    by_action: dict[str, list[str]] = {}
    for key, binding in node._bindings:
        if binding.description and binding.action not in _PLAIN:
            by_action.setdefault(binding.tooltip or binding.description, []).append(key_name(key))
    for description, keys in by_action.items():
        yield "", " ".join(dict.fromkeys(keys)), description
