"""Where inputs and answers are typed: a line, a form, a text area. Each turns what was typed into a value and back.

An editor posts `Editor.Submitted` when the developer wants to send; whoever owns it reads the value then. `InputError`
from `read` says in one sentence what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from rich.style import Style
from textual import events, on
from textual.await_remove import AwaitRemove
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input

from inspector.core.schema_form import Field, FieldError, fill_form, read_form
from inspector.core.text import one_line, safe
from inspector.tui.widgets.cells import strip_of

Read = Callable[[str], Any]  # what a typed text means; raises InputError
Write = Callable[[Any], str | None]  # the text that means a value, None where there is none


class Editor(Widget):
    """Base of the editors."""

    wants_focus = False  # it takes the keyboard once it is mounted

    class Submitted(Message):
        """The developer wants to send what is in the editor."""

    class Edited(Message):
        """What is in the editor changed."""

    class Pasted(Message):
        """Several lines were pasted into a place that takes one."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def read(self) -> Any:
        """The value. Raises `InputError`, and goes to what is wrong."""
        raise NotImplementedError

    def peek(self) -> Any:
        """The value, while somebody writes it: the keyboard stays where it is. Raises `InputError`."""
        return self.read()

    def fill(self, value: Any) -> bool:
        """Show a value. Returns whether this editor can."""
        raise NotImplementedError

    def reset(self) -> None:
        """Empty it."""
        raise NotImplementedError

    def take_focus(self) -> None:
        """Give it the keyboard, now or once it is mounted."""
        if self.is_mounted:
            self.screen.set_focus(self.focus_target())
        else:
            self.wants_focus = True

    def on_mount(self) -> None:
        if self.wants_focus:
            self.wants_focus = False
            self.screen.set_focus(self.focus_target())

    def remove(self) -> AwaitRemove:
        """Take it away. It takes the keyboard no more, not even where it was about to: a key that a removed widget gets
        is lost, the app's own keys too."""
        self.wants_focus = False
        return super().remove()

    def focus_target(self) -> Widget:
        """What takes the keyboard."""
        raise NotImplementedError

    @property
    def is_empty(self) -> bool:
        raise NotImplementedError


class Line(Input, inherit_bindings=False):
    """An `Input` without a frame that hands on pasted lines instead of dropping all but the first, and leaves enter and
    the arrows up and down to what it is in."""

    BINDINGS: ClassVar[list[BindingType]] = [
        binding for binding in Input.BINDINGS if isinstance(binding, Binding) and binding.key != "enter"
    ]

    DEFAULT_CSS = """
    Line, Line:focus { border: none; height: 1; padding: 0; background: $panel; width: 1fr; }
    Line.-invalid, Line.-invalid:focus { border: none; background: $error 25%; }
    """

    def __init__(self, placeholder: str = "") -> None:
        super().__init__(placeholder=placeholder, select_on_focus=False)
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        if "\n" in event.text.strip():
            event.prevent_default()
            event.stop()
            self.post_message(Editor.Pasted(event.text))
            return
        super()._on_paste(events.Paste(event.text.strip("\r\n")))
        event.prevent_default()
        event.stop()


class Caption(Widget):
    """A short plain text in front of an input."""

    DEFAULT_CSS = "Caption { height: 1; width: auto; color: $text-muted; padding: 0 1; }"

    def __init__(self, text: str, width: int | None = None) -> None:
        super().__init__()
        self.text = text
        if width is not None:
            self.styles.width = width + 2

    def get_content_width(self, container: Any, viewport: Any) -> int:
        return len(self.text)

    def render_line(self, y: int) -> Strip:
        return strip_of([(self.text, None)], self.size.width).apply_style(self.rich_style)


class LineEditor(Editor):
    """One line: a message, or an answer."""

    DEFAULT_CSS = """
    LineEditor { layout: horizontal; height: 1; background: $panel; }
    LineEditor > Caption { color: $primary; text-style: bold; }
    """

    def __init__(self, caption: str, placeholder: str, read: Read, write: Write) -> None:
        super().__init__()
        self._caption = Caption(caption)
        self.line = Line(placeholder)
        self._read = read
        self._write = write

    def compose(self) -> Iterator[Widget]:
        yield self._caption
        yield self.line

    def read(self) -> Any:
        return self._read(self.line.value)

    def fill(self, value: Any) -> bool:
        text = self._write(value)
        if text is None or "\n" in text or safe(text) != text:
            return False
        with self.prevent(Input.Changed):  # nobody typed this
            self.line.value = text
        self.line.cursor_position = len(text)
        return True

    def reset(self) -> None:
        self.line.value = ""

    def focus_target(self) -> Widget:
        return self.line

    @property
    def is_empty(self) -> bool:
        return not self.line.value.strip()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Edited())


class Choice(Widget, can_focus=True):
    """One of a few values, or none (unless `required`): arrows and space go through them, and so do their first
    letters."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space,l", "step(1)", "Next value", show=False),
        Binding("left,h", "step(-1)", "Previous value", show=False),
        Binding("backspace,delete", "clear", "Leave out", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choice--chosen", "choice--rest"}
    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; background: $panel; }
    Choice > .choice--chosen { color: $foreground; text-style: bold; }
    Choice > .choice--rest { color: $text-muted; }
    Choice:focus > .choice--chosen { color: $primary; text-style: bold reverse; }
    """
    value: reactive[str] = reactive("")

    def __init__(self, options: tuple[str, ...], hint: str, *, required: bool = False) -> None:
        super().__init__()
        self.options = options
        self._hint = hint
        self._values = options if required else ("", *options)
        self._typed = ""
        self.set_reactive(Choice.value, self._values[0])

    def render_line(self, y: int) -> Strip:
        chosen, rest = self.get_component_rich_style("choice--chosen"), self.get_component_rich_style("choice--rest")
        parts: list[tuple[str, Style | None]] = []
        for option in self._values:
            here = option == self.value
            mark = "●" if here and option else "○"
            parts += [("   ", rest)] if parts else []
            parts.append((f"{mark} {one_line(option, 40) or 'left out'}", chosen if here else rest))
        return strip_of(parts, self.size.width).apply_style(self.rich_style)

    def action_step(self, by: int) -> None:
        values = self._values
        index = values.index(self.value) if self.value in values else 0
        self._choose(values[(index + by) % len(values)])

    def action_clear(self) -> None:
        self._choose(self._values[0])

    def check_consume_key(self, key: str, character: str | None) -> bool:
        return character is not None and character.isalpha()  # somebody may write the word: no command may come of it

    def on_key(self, event: events.Key) -> None:
        """Letters go to the value that begins with them, one or the whole word."""
        letter = (event.character or "").lower()
        if not letter.isalpha() or letter in "hl":
            self._typed = ""
            return
        for typed in (self._typed + letter, letter):
            found = next((option for option in self.options if option.lower().startswith(typed)), None)
            if found is not None:
                event.stop()
                event.prevent_default()
                self._typed = typed
                self._choose(found)
                return

    def _choose(self, value: str) -> None:
        self.value = value
        self.post_message(Editor.Edited())

    def on_click(self) -> None:
        self.action_step(1)


class Fields(VerticalScroll, can_focus=False, inherit_bindings=False):
    """The rows of a form. Scrolls with the focus; its keys are for what it is in."""

    DEFAULT_CSS = "Fields { height: auto; max-height: 14; scrollbar-size-vertical: 1; }"


class FormEditor(Editor):
    """A row for each field of a schema."""

    DEFAULT_CSS = """
    FormEditor { height: auto; max-height: 14; }
    FormEditor Horizontal { height: 1; }
    """

    def __init__(self, fields: tuple[Field, ...]) -> None:
        super().__init__()
        self.fields = fields
        self.inputs: dict[str, Line | Choice] = {
            field.name: Choice(field.options, field.hint) if field.choices else Line(_placeholder(field))
            for field in fields
        }

    def compose(self) -> Iterator[Widget]:
        width = min(max(len(one_line(field.name or "input", 24)) for field in self.fields), 24)
        with Fields():
            for field in self.fields:
                with Horizontal():
                    yield Caption(one_line(field.name or "input", 24), width)
                    yield self.inputs[field.name]

    def read(self) -> Any:
        for widget in self.inputs.values():
            widget.remove_class("-invalid")
        try:
            return read_form(self.fields, {name: widget.value for name, widget in self.inputs.items()})
        except FieldError as error:
            self.inputs[error.field].add_class("-invalid")
            self.inputs[error.field].focus()
            raise

    def peek(self) -> Any:
        return read_form(self.fields, {name: widget.value for name, widget in self.inputs.items()})

    def fill(self, value: Any) -> bool:
        texts = fill_form(self.fields, value)
        if texts is None or any("\n" in text or safe(text) != text for text in texts.values()):
            return False
        with self.prevent(Input.Changed):
            for name, widget in self.inputs.items():
                widget.value = texts.get(name, "")
        return True

    def reset(self) -> None:
        for widget in self.inputs.values():
            widget.value = ""
            widget.remove_class("-invalid")

    def focus_target(self) -> Widget:
        return next(iter(self.inputs.values()))

    def step(self, by: int) -> None:
        """Give the keyboard to the next field (or the one before)."""
        widgets = list(self.inputs.values())
        at = next((index for index, widget in enumerate(widgets) if widget.has_focus), -by)
        self.screen.set_focus(widgets[(at + by) % len(widgets)])  # at once: the next key may be on its way

    @property
    def is_empty(self) -> bool:
        return not any(widget.value.strip() for widget in self.inputs.values())

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        event.input.remove_class("-invalid")
        self.post_message(self.Edited())


def _placeholder(field: Field) -> str:
    parts = [field.hint, f"default {field.default}" if field.default else "", field.description]
    return one_line(" · ".join(part for part in parts if part), 200)
