"""Small questions: yes or no, and one line of text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input, Static

from inspector.core.text import one_line, safe
from inspector.errors import InspectorError
from inspector.tui.screens.dialog import Dialog, Result
from inspector.tui.widgets.editors import Line
from inspector.tui.widgets.keyline import KeyLine

_SMALL = (50, 12)  # these take few lines: below this many columns or rows the frame is left out


class _Short(Dialog[Result]):
    """A dialog of a few lines, which says its title in a line of its own where it has no frame."""

    DEFAULT_CSS = """
    _Short > Vertical { width: 76; }
    _Short Static { height: auto; max-height: 10; }
    _Short .-title { display: none; text-style: bold; }
    _Short.-small .-title { display: block; }
    """

    def __init__(self, title: str) -> None:
        super().__init__(title)
        self._title = one_line(title, 200)

    def compose(self) -> Iterable[Widget]:
        with self.frame:
            yield Static(self._title, classes="-title", markup=False)
            yield from self.body()
            yield KeyLine()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < _SMALL[0] or self.app.size.height < _SMALL[1], "-small")


class ConfirmScreen(_Short[bool]):
    """Asks before something that cannot be taken back. Dismissed with True to do it.

    `lines` say what it will do, one sentence each; `verb` is what the key that does it says.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,n,q", "no", "leave it as it is", key_display="esc")]
    DEFAULT_CSS = """
    ConfirmScreen KeyLine { margin-top: 1; }
    ConfirmScreen.-small KeyLine { margin: 0; }
    """

    def __init__(self, title: str, lines: Sequence[str], verb: str) -> None:
        super().__init__(title)
        self.add_class("-warning")
        self._lines = [safe(line) for line in lines]
        self._bindings.bind("y", "yes", verb)

    def body(self) -> Iterable[Widget]:
        for line in self._lines:
            yield Static(line, markup=False)

    def action_yes(self) -> None:
        self.dismiss(True)

    def action_no(self) -> None:
        self.dismiss(False)


class AskScreen(_Short[str | None]):
    """Asks for one line of text. Dismissed with it, or None.

    `check` is called with the text before it is taken; the `InspectorError` that it raises is shown, and the question
    stays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take it", key_display="⏎"),
        Binding("escape", "leave", "leave", key_display="esc"),
    ]
    DEFAULT_CSS = """
    AskScreen .-wrong { color: $error; }
    AskScreen Line, AskScreen Line:focus { margin: 1 0; background: $panel; padding: 0 1; }
    AskScreen.-small Line, AskScreen.-small Line:focus { margin: 0; }
    """

    def __init__(
        self,
        title: str,
        text: str = "",
        *,
        value: str = "",
        placeholder: str = "",
        check: Callable[[str], object] | None = None,
    ) -> None:
        super().__init__(title)
        self._text = safe(text)
        self._check = check
        self.line = Line(placeholder)
        self.line.value = one_line(value, 2000)
        self._wrong = Static("", classes="-wrong", markup=False)

    def body(self) -> Iterable[Widget]:
        if self._text:
            yield Static(self._text, markup=False)
        yield self.line
        yield self._wrong

    def on_mount(self) -> None:
        self._wrong.display = False
        self.line.focus()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._wrong.display = False

    def action_take(self) -> None:
        try:
            if self._check is not None:
                self._check(self.line.value)
        except InspectorError as error:
            self._wrong.update(safe(str(error)))
            self._wrong.display = True
            return
        self.dismiss(self.line.value)

    def action_leave(self) -> None:
        self.dismiss(None)
