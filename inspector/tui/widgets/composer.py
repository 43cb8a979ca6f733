"""`Composer`: writes one value (an input, an answer) in whichever editor fits, and goes through earlier ones.

It owns the editor that is open, switching between kinds of editors without losing what was typed, and the history.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from inspector.core.json_schema import parse_json
from inspector.core.schema_form import message_input
from inspector.errors import InputError
from inspector.tui.widgets.decisions import DecisionsEditor
from inspector.tui.widgets.editors import Editor, FormEditor, LineEditor
from inspector.tui.widgets.statusline import Words
from inspector.tui.widgets.subjects import EditorKind, Subject


class Composer(Widget):
    """Empty until `take`. `said` is what is to be said about what is typed; `Changed` says that it changed.

    `history` gives earlier values as JSON texts, newest first; without it there are none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", key_display="⏎"),
        Binding("up", "earlier(1)", "Earlier", key_display="↑"),
        Binding("down", "earlier(-1)", "Later", show=False),
        Binding("ctrl+o", "editor('message')", "As message"),
        Binding("ctrl+o", "editor('form')", "As form"),
        Binding("ctrl+o", "editor('decisions')", "As choices"),
        Binding("ctrl+o", "editor('answer')", "As line"),
        Binding("ctrl+o", "editor('JSON')", "As JSON"),
        Binding("tab", "field(1)", "Next field", show=False, priority=True),
        Binding("shift+tab", "field(-1)", "Field before", show=False, priority=True),
    ]
    DEFAULT_CSS = """
    Composer { height: auto; display: none; }
    Composer.-open { display: block; }
    """

    class Changed(Message):
        """What is typed, or what is said about it, changed."""

    KEEP = "keep"

    class Sent(Message):
        """A value that the schema takes is to be sent; or only kept, where that is the `purpose`."""

        def __init__(self, value: Any, purpose: str = "") -> None:
            super().__init__()
            self.value = value
            self.purpose = purpose

    def __init__(self, history: Callable[[], list[str]] | None = None) -> None:
        super().__init__()
        self.subject = Subject()
        self.editor: Editor | None = None
        self.said: Words = ()
        self._kind: EditorKind = "JSON"
        self._sent: EditorKind = "JSON"  # the editor that sent last
        self._history = history
        self._earlier: list[str] | None = None
        self._at = -1  # which earlier value is shown; -1: what was typed before looking at them
        self._draft: Any = None

    # ------------------------------------------------------------------ what the owner says

    def take(self, subject: Subject, *, open: bool, value: Any = None) -> None:
        """Write this from now on, beginning with a value where there is one. A chat line is open always, other editors
        when they are wanted."""
        self.subject = subject
        self._earlier, self._at, self.said = None, -1, ()
        self.close()
        self._kind = subject.kinds[0]
        if value is not None and any(self._use(kind, value) for kind in subject.kinds):
            return
        if open or subject.chat:
            self._use(self._kind)

    def write(self, subject: Subject, value: Any = None) -> None:
        """Write this now, beginning with a value where there is one; the keyboard goes to the editor."""
        self.take(subject, open=True, value=value)
        self.take_focus()

    def learn(self, subject: Subject) -> None:
        """More is known about what is to be written: change to the editor that fits, unless something has been typed
        already, or a line for messages is open (it stays the same)."""
        before, self.subject = self.subject, subject
        if self.editor is None or self._kind == "message":
            return
        if self.editor.is_empty or self.value() == before.example():
            focused = self.has_keyboard
            self.take(subject, open=True)
            if focused:
                self.take_focus()

    def open(self) -> None:
        """Open the editor if there is none, and give it the keyboard."""
        if self.editor is None:
            self._use(self._kind)
        self.take_focus()

    def close(self) -> None:
        """Close the editor."""
        if self.editor is not None:
            if self._focused_inside:
                self.screen.set_focus(None)  # at once: a key that comes now must not go to what is being removed
            self.editor.remove()
            self.editor = None
            self.remove_class("-open")

    def refused(self, problem: str, value: Any) -> None:
        """What was sent was not taken: show it again, and why."""
        for kind in (self._sent, *self.subject.kinds):
            if self._use(kind, value):
                break
        self.take_focus()
        self._say_wrong(problem)

    def take_focus(self) -> None:
        """Give the keyboard to the editor."""
        if self.editor is not None:
            self.editor.take_focus()

    @property
    def has_keyboard(self) -> bool:
        """Whether something in here has the keyboard, or takes it once it is mounted."""
        return self._focused_inside or (self.editor is not None and self.editor.wants_focus)

    @property
    def _focused_inside(self) -> bool:
        focused = self.screen.focused
        return focused is not None and self in focused.ancestors_with_self

    def value(self) -> Any:
        """What is typed, or None where it is nothing, or not finished."""
        if self.editor is None or self.editor.is_empty:
            return None
        try:
            return self.editor.peek()
        except InputError:
            return None

    def say(self, words: Words) -> None:
        """Say something about what is typed."""
        self.said = words
        self.post_message(self.Changed())

    # ------------------------------------------------------------------ editors

    def _use(self, kind: EditorKind, value: Any = None) -> bool:
        """Open an editor, showing a value if there is one. Returns whether it can show it."""
        editor = self.subject.make(kind)
        if value is not None and not editor.fill(value):
            return False
        focused = self.editor is not None and self.has_keyboard
        self.close()
        self.editor, self._kind = editor, kind
        if kind == "JSON" and value is None:
            editor.fill(self.subject.example())
        self.mount(editor)
        self.add_class("-open")
        if focused:
            editor.take_focus()
        self.refresh_bindings()
        return True

    @property
    def _other_kind(self) -> EditorKind:
        kinds = self.subject.kinds
        return kinds[(kinds.index(self._kind) + 1) % len(kinds)] if self._kind in kinds else kinds[0]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if self.editor is None:
            return False
        if action == "editor":
            return parameters == (self._other_kind,) and self._other_kind != self._kind
        if action == "earlier":
            return self._history is not None and not self.subject.is_answer
        if action == "field":
            return self._kind in ("form", "decisions")
        if action == "submit":
            return self._kind not in ("JSON", "long message")
        return True

    def action_field(self, by: int) -> None:
        """The next field of a form."""
        if isinstance(self.editor, (FormEditor, DecisionsEditor)):
            self.editor.step(by)

    def action_editor(self, kind: EditorKind) -> None:
        """Another kind of editor, with what was typed where it can show that."""
        value = self.value()
        if value is None or not self._use(kind, value):
            self._use(kind)
        self.say(())

    def action_earlier(self, by: int) -> None:
        """An earlier value (or, with -1, a later one, at last what was being typed)."""
        if self._earlier is None:
            self._earlier = self._history() if self._history is not None else []
        if self._at < 0:
            self._draft = self.value()
        at = min(max(self._at + by, -1), len(self._earlier) - 1)
        if at == self._at or self.editor is None:
            return
        self._at = at
        try:
            value = self._draft if at < 0 else parse_json(self._earlier[at])
        except InputError:
            return
        if value is None:
            self.editor.reset()
        elif not self.editor.fill(value):
            for kind in self.subject.kinds:
                if self._use(kind, value):
                    break
        self.say(() if at < 0 else ((f"earlier input {at + 1} of {len(self._earlier)}", "quiet"),))

    @on(Editor.Edited)
    def _edited(self, event: Editor.Edited) -> None:
        event.stop()
        self.say(())

    @on(Editor.Pasted)
    def _pasted(self, event: Editor.Pasted) -> None:
        """Several lines do not fit into a line: go on in a text area."""
        event.stop()
        if self._kind == "message" and isinstance(self.editor, LineEditor):
            self._use("long message", message_input(self.editor.line.value + event.text))
            return
        try:
            self._use("JSON", parse_json(event.text))
        except InputError:
            self._use("JSON", event.text if self.subject.is_answer else None)

    # ------------------------------------------------------------------ sending

    @on(Editor.Submitted)
    def _submitted(self, event: Editor.Submitted) -> None:
        event.stop()
        self.action_submit()

    def action_submit(self, purpose: str = "") -> None:
        """Send what is typed, if the schema takes it."""
        if self.editor is None:
            return
        try:
            value = self.editor.read()
        except InputError as error:
            self._say_wrong(str(error))
            return
        wrong = self.subject.check(value)
        if wrong:
            self._say_wrong(wrong)
        else:
            self._sent = self._kind
            self.post_message(self.Sent(value, purpose))

    def _say_wrong(self, problem: str) -> None:
        self.say((("✖ ", "failed"), (problem, "failed")))
