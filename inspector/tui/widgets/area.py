"""A text area for inputs of several lines: JSON that is checked while it is typed, or a long message.

Without syntax highlighting: Textual's needs tree-sitter, whose newest release crashes the interpreter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from inspector.core.text import one_line
from inspector.errors import InputError
from inspector.tui.widgets.cells import strip_of
from inspector.tui.widgets.editors import Editor, Read, Write


class Area(TextArea):
    """A plain `TextArea` whose first and last lines let the arrows through, for going through earlier inputs."""

    DEFAULT_CSS = """
    Area, Area:focus { border: none; padding: 0; height: 8; background: $panel; }
    """

    def __init__(self) -> None:
        super().__init__(show_line_numbers=True, tab_behavior="focus", soft_wrap=True, compact=True)
        self.cursor_blink = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if parameters == () and action == "cursor_up" and self.cursor_at_first_line:
            return False
        if parameters == () and action == "cursor_down" and self.cursor_at_last_line:
            return False
        return super().check_action(action, parameters)


class Verdict(Widget):
    """One line under the area: what is wrong with the text, or that it can be sent."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"verdict--good", "verdict--bad"}
    DEFAULT_CSS = """
    Verdict {
        height: 1; padding: 0 1;
        & > .verdict--good { color: $text-muted; }
        & > .verdict--bad { color: $error; }
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""

    def say(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self.refresh()

    def render_line(self, y: int) -> Strip:
        if self.problem:
            text, name = f"✖ {one_line(self.problem)}", "verdict--bad"
        else:
            text, name = "✔ can be sent", "verdict--good"
        return strip_of([(text, self.get_component_rich_style(name))], self.size.width).apply_style(self.rich_style)


class AreaEditor(Editor):
    """`read` and `write` say what the text means; `check` what is wrong with a value, beyond the text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,ctrl+enter,f5", "submit", "Send", key_display="^s", priority=True),
    ]
    DEFAULT_CSS = "AreaEditor { height: auto; }"

    def __init__(self, read: Read, write: Write, check: Callable[[Any], str | None]) -> None:
        super().__init__()
        self.area = Area()
        self._verdict = Verdict()
        self._read = read
        self._write = write
        self._check = check

    def compose(self) -> Iterator[Widget]:
        yield self.area
        yield self._verdict

    def read(self) -> Any:
        return self._read(self.area.text)

    def fill(self, value: Any) -> bool:
        text = self._write(value)
        if text is None:
            return False
        with self.prevent(TextArea.Changed):
            self.area.load_text(text)
        self.area.move_cursor(self.area.document.end)
        self._judge()
        return True

    def reset(self) -> None:
        self.area.load_text("")

    def focus_target(self) -> Widget:
        return self.area

    @property
    def is_empty(self) -> bool:
        return not self.area.text.strip()

    def action_submit(self) -> None:
        self.post_message(self.Submitted())

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._judge()
        self.post_message(self.Edited())

    def _judge(self) -> None:
        try:
            self._verdict.say(self._check(self.read()) or "")
        except InputError as error:
            self._verdict.say(str(error))
