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
from inspector.core.json_schema import dumps
from inspector.core.question import question
from inspector.core.text import one_line
from inspector.core.values import decode, to_json
from inspector.core.view import View
from inspector.errors import InspectorError
from inspector.tui.commands import Situation
from inspector.tui.panes.base import Pane
from inspector.tui.places import LOW
from inspector.tui.standing import standing
from inspector.tui.widgets.composer import Composer
from inspector.tui.widgets.questionbox import QuestionBox
from inspector.tui.widgets.statusline import StatusLine, Words
from inspector.tui.widgets.subjects import Subject


class InputBar(Pane):
    """Asks for inputs and answers. `tell` says how the run stands, `open` gives it the keyboard.

    `history` gives earlier inputs as JSON texts, newest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
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
        self.composer = Composer(history)
        self._status = StatusLine()
        self._box = QuestionBox()
        self._expanded = False  # an editor is open because it is wanted, not only because it always is
        self._now = Situation()
        self._problem: InspectorError | None = None
        self._asked: Interrupted | None = None

    def compose(self) -> Iterator[Widget]:
        yield self._status
        yield self._box
        yield self.composer

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < LOW, "-low")

    def sync(self) -> None:
        """The line above the editor; the rest changes when the screen tells."""
        open = self.composer.editor is not None and self._expanded
        words = self.composer.said or self._preview()
        words = words or standing(self._now, self.view.run, self._problem, open=open, chat=self.chat)
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
                self.composer.take(self._input(), open=self._expanded)
            elif now.has_schema and not before.has_schema:
                self.composer.learn(self._input())
        elif before.idle:
            self._asked = None
            self.composer.close()
        self._frame()
        self.sync()

    def open(self) -> None:
        """Give it the keyboard."""
        self._expanded = True
        self.composer.open()
        self.sync()

    def refused(self, problem: str, value: Any) -> None:
        """What was sent was not taken: show it again, and why."""
        self._expanded = True
        self.composer.refused(problem, value)

    @property
    def chat(self) -> bool:
        """Whether a line typed here is a message to the graph."""
        return self.composer.subject.chat

    # ------------------------------------------------------------------ asking

    def _input(self) -> Subject:
        graph = self.view.graph
        return Subject(graph.input_schema, graph.has_messages) if graph is not None else Subject()

    def _ask(self, asked: Interrupted) -> None:
        self._asked = asked
        self._expanded = True
        self._box.ask(question(decode(asked.value)))
        schema = to_json(decode(asked.schema))
        self.composer.take(Subject(schema if isinstance(schema, dict) else None, is_answer=True), open=True)

    def _frame(self) -> None:
        pending = list(self.view.run.pending)
        asking = self._asked is not None and self._now.idle
        self.set_class(asking, "-asking")
        if asking and self._asked is not None:
            self.border_title = Content(f"‖ {one_line(self._asked.node, 40)} asks")
            number = pending.index(self._asked.id) + 1 if self._asked.id in pending else 1
            self.border_subtitle = Content(f"{number} of {len(pending)} waiting") if len(pending) > 1 else None

    def _preview(self) -> Words:
        """What an answer will send, so that text and JSON are not mixed up."""
        value = self.composer.value() if self._asked is not None else None
        if value is None or self._asked is None:
            return ()
        return (("sends ", "quiet"), (f"resume={{{self._asked.id[:6]}…: {dumps(value)}}}", "plain"))

    # ------------------------------------------------------------------ keys and messages

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "question" or (self._asked is not None and len(self.view.run.pending) > 1)

    def action_leave(self) -> None:
        """Back to the panes; an editor that is not always there closes."""
        if self._asked is None and not self.chat and self._now.phase != "ready":
            self._expanded = False
            self.composer.close()
        self.composer.said = ()
        self.sync()
        self.post_message(self.Left())

    def action_question(self, by: int) -> None:
        """Another of the questions that wait."""
        pending = list(self.view.run.pending.values())
        ids = [asked.id for asked in pending]
        if self._asked is not None and self._asked.id in ids:
            focused = self.composer.has_keyboard
            self._ask(pending[(ids.index(self._asked.id) + by) % len(pending)])
            self._frame()
            self.sync()
            if focused:
                self.composer.take_focus()

    @on(Composer.Changed)
    def _composer_changed(self, event: Composer.Changed) -> None:
        event.stop()
        self.sync()

    @on(Composer.Sent)
    def _composer_sent(self, event: Composer.Sent) -> None:
        event.stop()
        if not self._now.idle:
            return
        if self._asked is not None:
            self.post_message(self.Answer(self._asked.id, event.value))
        else:
            self.post_message(self.Send(event.value))
