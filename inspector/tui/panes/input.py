"""The foot of the screen, where the developer talks to the graph: inputs, and answers to what it asks.

One line says how the run stands and what can be done about it; under it opens the editor that fits: a message line for
graphs with `messages`, a form for other schemas, a JSON editor for anything. Sending is a message to the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from inspector.core.events import Interrupted
from inspector.core.json_schema import dumps, parse_json
from inspector.core.question import question
from inspector.core.schema_form import message_input
from inspector.core.text import one_line
from inspector.core.values import decode, to_json
from inspector.core.view import View
from inspector.errors import InputError, InspectorError
from inspector.tui.commands import Situation
from inspector.tui.panes.base import Pane
from inspector.tui.places import LOW
from inspector.tui.standing import standing
from inspector.tui.widgets.editors import Editor, FormEditor, LineEditor
from inspector.tui.widgets.questionbox import QuestionBox
from inspector.tui.widgets.statusline import StatusLine, Words
from inspector.tui.widgets.subjects import EditorKind, Subject


class InputBar(Pane):
    """Asks for inputs and answers. `tell` says how the run stands, `open` gives it the keyboard.

    `history` gives earlier inputs as JSON texts, newest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Send", key_display="⏎"),
        Binding("up", "earlier(1)", "Earlier", key_display="↑"),
        Binding("down", "earlier(-1)", "Later", show=False),
        Binding("ctrl+o", "editor('message')", "As message"),
        Binding("ctrl+o", "editor('form')", "As form"),
        Binding("ctrl+o", "editor('answer')", "As line"),
        Binding("ctrl+o", "editor('JSON')", "As JSON"),
        Binding("tab", "field(1)", "Next field", show=False, priority=True),
        Binding("shift+tab", "field(-1)", "Field before", show=False, priority=True),
        Binding("pagedown", "question(1)", "Next question"),
        Binding("pageup", "question(-1)", "Question before", show=False),
        Binding("escape", "leave", "Panes"),
    ]
    DEFAULT_CSS = """
    InputBar { height: auto; max-height: 70%; }
    InputBar.-asking {
        border: round $warning; border-title-color: $warning; border-title-style: bold;
        border-subtitle-color: $warning;
    }
    InputBar > StatusLine, InputBar > QuestionBox { display: none; }
    InputBar.-low { border: none; }
    InputBar.-low > QuestionBox { max-height: 2; }
    InputBar.-status > StatusLine { display: block; }
    InputBar.-asking > QuestionBox { display: block; }
    """

    class Send(Message):
        """Start a run with this input."""

        def __init__(self, value: Any) -> None:
            super().__init__()
            self.value = value

    class Answer(Message):
        """Answer an interrupt."""

        def __init__(self, id: str, value: Any) -> None:
            super().__init__()
            self.id = id
            self.value = value

    class Left(Message):
        """The developer goes back to the panes."""

    def __init__(self, view: View, *, history: Callable[[], list[str]], id: str | None = None) -> None:
        super().__init__(view, id=id)
        self.editor: Editor | None = None
        self._history = history
        self._earlier: list[str] | None = None
        self._at = -1  # which earlier input is shown; -1: what was typed before looking at them
        self._draft: Any = None
        self._status = StatusLine()
        self._box = QuestionBox()
        self._subject = Subject()
        self._kind: EditorKind = "JSON"
        self._expanded = False
        self._now = Situation()
        self._problem: InspectorError | None = None
        self._asked: Interrupted | None = None
        self._sent: EditorKind = "JSON"  # the editor that sent last
        self._said: Words = ()  # what was wrong with what was typed, or what it will send

    def compose(self) -> Iterator[Widget]:
        yield self._status
        yield self._box

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < LOW, "-low")

    def sync(self) -> None:
        """The line above the editor; the rest changes when the screen tells."""
        chat = self._subject.chat
        words = self._said or standing(
            self._now, self.view.run, self._problem, open=self.editor is not None and self._expanded, chat=chat
        )
        self._status.say(words)
        self.set_class(bool(words), "-status")

    # ------------------------------------------------------------------ what the screen says

    def tell(self, now: Situation, problem: InspectorError | None) -> None:
        """How the run stands now."""
        before, self._now, self._problem = self._now, now, problem
        pending = list(self.view.run.pending.values())
        if now.idle and now.waiting and pending:
            if self._asked is None or self._asked.id not in self.view.run.pending:
                self._ask(pending[0])
        elif now.idle:
            if not before.idle or self._asked is not None:
                self._asked = None
                self._expanded = now.phase == "ready"
                self._take(self._input_subject())
            elif now.has_schema and not before.has_schema:
                self._learn()
        elif before.idle:
            self._asked = None
            self._close()
        self._frame()
        self.sync()

    def open(self) -> None:
        """Give it the keyboard."""
        self._expanded = True
        if self.editor is None:
            self._use(self._kind)
        if self.editor is not None:
            self.editor.take_focus()
        self.sync()

    def refused(self, problem: str, value: Any) -> None:
        """What was sent was not taken: show it again, and why."""
        self.open()
        for kind in (self._sent, *self._subject.kinds):
            if self._use(kind, value):
                break
        if self.editor is not None:
            self.editor.take_focus()
        self._say_wrong(problem)

    @property
    def chat(self) -> bool:
        """Whether a line typed here is a message to the graph."""
        return self._subject.chat

    @property
    def has_focus_within(self) -> bool:
        focused = self.screen.focused
        return focused is not None and self in focused.ancestors_with_self

    # ------------------------------------------------------------------ editors

    def _ask(self, asked: Interrupted) -> None:
        self._asked = asked
        self._box.ask(question(decode(asked.value)))
        schema = to_json(decode(asked.schema))
        self._expanded = True
        self._take(Subject(schema if isinstance(schema, dict) else None, is_answer=True))

    def _input_subject(self) -> Subject:
        graph = self.view.graph
        return Subject(graph.input_schema, graph.has_messages) if graph is not None else Subject()

    def _learn(self) -> None:
        """What the graph takes is known now: ask for that, unless something has been typed already."""
        before, self._subject = self._subject, self._input_subject()
        if self.editor is None or self._kind == "message":  # the line stays: what is being typed must not be lost
            return
        if not self.editor.is_empty and self._value() != before.example():
            return
        focused = self.has_focus_within
        self._take(self._subject)
        if focused and self.editor is not None:
            self.editor.take_focus()

    def _take(self, subject: Subject) -> None:
        self._subject = subject
        self._earlier, self._at, self._said = None, -1, ()
        self._close()
        self._kind = subject.kinds[0]
        if self._expanded or subject.chat:
            self._use(self._kind)

    def _use(self, kind: EditorKind, value: Any = None) -> bool:
        """Open an editor, showing a value if there is one. Returns whether it can show it."""
        editor = self._subject.make(kind)
        if value is not None and not editor.fill(value):
            return False
        focused = self.editor is not None and self.has_focus_within
        self._close()
        self.editor, self._kind = editor, kind
        if kind == "JSON" and value is None:
            editor.fill(self._subject.example())
        self.mount(editor)
        if focused:
            editor.take_focus()
        self.refresh_bindings()
        return True

    def _close(self) -> None:
        if self.editor is not None:
            if self.has_focus_within:
                self.screen.set_focus(None)  # at once: a key that comes now must not go to what is being removed
            self.editor.remove()
            self.editor = None

    def _frame(self) -> None:
        pending = list(self.view.run.pending)
        asking = self._asked is not None and self._now.idle
        self.set_class(asking, "-asking")
        if asking and self._asked is not None:
            self.border_title = Content(f"‖ {one_line(self._asked.node, 40)} asks")
            number = pending.index(self._asked.id) + 1 if self._asked.id in pending else 1
            self.border_subtitle = Content(f"{number} of {len(pending)} waiting") if len(pending) > 1 else None

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "question":
            return self._asked is not None and len(self.view.run.pending) > 1
        if action == "earlier":
            return self._asked is None and self.editor is not None
        if action == "editor":
            return self.editor is not None and parameters == (self._other_kind,) and self._other_kind != self._kind
        if action == "field":
            return self._kind == "form" and self.editor is not None
        if action == "submit":
            return self.editor is not None and self._kind not in ("JSON", "long message")
        return True

    def action_leave(self) -> None:
        if self._asked is None and not self._subject.chat and self._now.phase != "ready":
            self._expanded = False
            self._close()
        self._said = ()
        self.sync()
        self.post_message(self.Left())

    def action_submit(self) -> None:
        self._send()

    @on(Editor.Submitted)
    def _submitted(self, event: Editor.Submitted) -> None:
        event.stop()
        self._send()

    @on(Editor.Edited)
    def _edited(self, event: Editor.Edited) -> None:
        event.stop()
        self._said = self._preview() if self._asked is not None else ()
        self.sync()

    @on(Editor.Pasted)
    def _pasted(self, event: Editor.Pasted) -> None:
        """Several lines do not fit into a line: go on in a text area."""
        event.stop()
        if self._kind == "message" and isinstance(self.editor, LineEditor):
            self._use("long message", message_input(self.editor.line.value + event.text))
        else:
            try:
                self._use("JSON", parse_json(event.text))
            except InputError:
                self._use("JSON", event.text if self._subject.is_answer else None)

    @property
    def _other_kind(self) -> EditorKind:
        kinds = self._subject.kinds
        return kinds[(kinds.index(self._kind) + 1) % len(kinds)] if self._kind in kinds else kinds[0]

    def action_field(self, by: int) -> None:
        """The next field of a form."""
        if isinstance(self.editor, FormEditor):
            self.editor.step(by)

    def action_editor(self, kind: EditorKind) -> None:
        """Another kind of editor, with what was typed where it can show that."""
        value = self._value()
        self._said = ()
        if value is None or not self._use(kind, value):
            self._use(kind)
        self.sync()

    def action_question(self, by: int) -> None:
        pending = list(self.view.run.pending.values())
        ids = [asked.id for asked in pending]
        if self._asked is not None and self._asked.id in ids:
            focused = self.has_focus_within
            self._ask(pending[(ids.index(self._asked.id) + by) % len(pending)])
            self._frame()
            self.sync()
            if focused and self.editor is not None:
                self.editor.take_focus()

    def action_earlier(self, by: int) -> None:
        """An earlier input (or, with -1, a later one, at last what was being typed)."""
        if self._earlier is None:
            self._earlier = self._history()
        if self._at < 0:
            self._draft = self._value()
        at = min(max(self._at + by, -1), len(self._earlier) - 1)
        if at == self._at or self.editor is None:
            return
        self._at = at
        try:
            value = self._draft if at < 0 else parse_json(self._earlier[at])
        except InputError:
            return
        self._said = () if at < 0 else ((f"earlier input {at + 1} of {len(self._earlier)}", "quiet"),)
        if value is None:
            self.editor.reset()
        elif not self.editor.fill(value):
            for kind in self._subject.kinds:
                if self._use(kind, value):
                    break
        self.sync()

    # ------------------------------------------------------------------ sending

    def _value(self) -> Any:
        """What is in the editor, or None where it is nothing, or not finished."""
        if self.editor is None or self.editor.is_empty:
            return None
        try:
            return self.editor.read()
        except InputError:
            return None

    def _send(self) -> None:
        if self.editor is None or not self._now.idle:
            return
        try:
            value = self.editor.read()
        except InputError as error:
            self._say_wrong(str(error))
            return
        wrong = self._subject.check(value)
        if wrong:
            self._say_wrong(wrong)
            return
        self._sent = self._kind
        if self._asked is not None:
            self.post_message(self.Answer(self._asked.id, value))
        else:
            self.post_message(self.Send(value))

    def _say_wrong(self, problem: str) -> None:
        self._said = (("✖ ", "failed"), (problem, "failed"))
        self.sync()

    def _preview(self) -> Words:
        """What an answer will send, so that text and JSON are not mixed up."""
        value = self._value()
        if value is None or self._asked is None:
            return ()
        return (("sends ", "quiet"), (f"resume={{{self._asked.id[:6]}…: {dumps(value)}}}", "plain"))
