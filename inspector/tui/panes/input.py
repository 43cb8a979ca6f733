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
from inspector.core.question import question
from inspector.core.text import one_line
from inspector.core.values import decode, to_json
from inspector.core.view import View
from inspector.errors import InspectorError
from inspector.tui.commands import Situation
from inspector.tui.panes.base import Pane
from inspector.tui.panes.question_rows import QuestionRows, where
from inspector.tui.places import LOW
from inspector.tui.standing import standing
from inspector.tui.widgets.composer import Composer
from inspector.tui.widgets.questionbox import QuestionBox
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.statusline import StatusLine, Words
from inspector.tui.widgets.subjects import Subject


class InputBar(Pane):
    """Asks for inputs and answers. `tell` says how the run stands, `open` gives it the keyboard.

    `history` gives earlier inputs as JSON texts, newest first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "question(1)", "Next question"),
        Binding("pageup", "question(-1)", "Question before", show=False),
        Binding("ctrl+n", "keep", "Keep it, next question"),
        Binding("escape", "leave", "Panes"),
    ]
    DEFAULT_CSS = """
    InputBar { height: auto; max-height: 70%; }
    InputBar.-asking {
        border: round $warning; border-title-color: $warning; border-title-style: bold;
        border-subtitle-color: $warning;
    }
    InputBar > StatusLine, InputBar > QuestionBox, InputBar > QuestionRows { display: none; }
    InputBar.-several > QuestionRows { display: block; }
    InputBar.-low > QuestionRows { display: none; }
    InputBar.-low { border: none; }
    InputBar.-low > QuestionBox { max-height: 2; }
    InputBar.-status > #standing, InputBar.-sends > #sends { display: block; }
    InputBar.-asking > QuestionBox { display: block; }
    """

    class Send(Message):
        """Start a run with this input."""

        def __init__(self, value: Any) -> None:
            super().__init__()
            self.value = value

    class Answer(Message):
        """Answer interrupts: values by their ids. `value` is the one that was written last."""

        def __init__(self, answers: dict[str, Any], value: Any) -> None:
            super().__init__()
            self.answers = answers
            self.value = value

    class Left(Message):
        """The developer goes back to the panes."""

    def __init__(self, view: View, *, history: Callable[[], list[str]], id: str | None = None) -> None:
        super().__init__(view, id=id)
        self.composer = Composer(history)
        self._status = StatusLine(id="standing")
        self._sends = StatusLine(id="sends")  # under an answer, what it comes to; elsewhere what is said stands above
        self._box = QuestionBox()
        self._rows = QuestionRows()
        self._kept: dict[str, Any] = {}  # answers that wait to be sent with others, by id
        self._drafts: dict[str, Any] = {}  # what was being written for others, by id
        self._expanded = False  # an editor is open because it is wanted, not only because it always is
        self._now = Situation()
        self._problem: InspectorError | None = None
        self._asked: Interrupted | None = None

    def compose(self) -> Iterator[Widget]:
        yield self._status
        yield self._rows
        yield self._box
        yield self.composer
        yield self._sends

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < LOW, "-low")

    def sync(self) -> None:
        """The line above the editor; the rest changes when the screen tells."""
        open = self.composer.editor is not None and self._expanded
        words = self.composer.said or self._preview()
        words = words or standing(self._now, self.view.run, self._problem, open=open, chat=self.chat)
        asking = self._asked is not None and self._now.idle
        (self._sends if asking else self._status).say(words)
        self.set_class(bool(words) and not asking, "-status")
        self.set_class(bool(words) and asking, "-sends")

    # ------------------------------------------------------------------ what the screen says

    def tell(self, now: Situation, problem: InspectorError | None) -> None:
        """How the run stands now."""
        before, self._now, self._problem = self._now, now, problem
        pending = list(self.view.run.pending.values())
        self._kept = {id: value for id, value in self._kept.items() if id in self.view.run.pending}
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
        value, schema = to_json(decode(asked.value)), to_json(decode(asked.schema))
        subject = Subject(schema if isinstance(schema, dict) else None, is_answer=True, asked=value)
        self.composer.take(subject, open=True, value=self._kept.get(asked.id, self._drafts.get(asked.id)))

    def _frame(self) -> None:
        pending = list(self.view.run.pending)
        asking = self._asked is not None and self._now.idle
        self.set_class(asking, "-asking")
        if asking and self._asked is not None:
            following = self.view.run.next  # who asks is not in every file
            asking_node = self._asked.node or (following[0] if len(following) == 1 else "the graph")
            self.border_title = Content(f"‖ {one_line(asking_node, 40)} asks")
            number = pending.index(self._asked.id) + 1 if self._asked.id in pending else 1
            count = f"   {number} of {len(pending)} waiting" if len(pending) > 1 else ""
            self.border_subtitle = Content(where(self._asked) + count)
            self._rows.show(list(self.view.run.pending.values()), self._kept, self._asked.id)
        self.set_class(asking and len(pending) > 1, "-several")

    def _preview(self) -> Words:
        """The command that sending comes to, so that text and JSON are not mixed up."""
        if self._asked is None:
            return ()
        value = self.composer.value()
        answers = {**self._kept, **({self._asked.id: value} if value is not None else {})}
        return (("sends ", "quiet"), (command(answers, self.size.width - 10), "plain")) if answers else ()

    # ------------------------------------------------------------------ keys and messages

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action == "keep":
            return self._asked is not None and len(self.view.run.pending) > len(self._kept | {self._asked.id: None})
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
            self._turn_to(pending[(ids.index(self._asked.id) + by) % len(pending)])

    def action_keep(self) -> None:
        """Keep this answer, to be sent with the next ones."""
        self.composer.action_submit(self.composer.KEEP)

    def _kept_one(self, value: Any) -> None:
        assert self._asked is not None
        self._kept[self._asked.id] = value
        pending = list(self.view.run.pending.values())
        at = next((index for index, asked in enumerate(pending) if asked.id == self._asked.id), 0)
        after = [*pending[at + 1 :], *pending[:at]]
        following = next((asked for asked in after if asked.id not in self._kept), None)
        if following is not None:
            self._turn_to(following)

    def _turn_to(self, asked: Interrupted) -> None:
        focused = self.composer.has_keyboard
        draft = self.composer.value()
        if self._asked is not None and draft is not None:
            self._drafts[self._asked.id] = draft
        self._ask(asked)
        self._frame()
        self.sync()
        self.refresh_bindings()
        if focused:
            self.composer.take_focus()

    @on(RowList.Highlighted)
    def _question_highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        asked = self.view.run.pending.get(event.key)
        if event.by_user and asked is not None and asked is not self._asked:
            self._turn_to(asked)

    @on(RowList.Chosen)
    def _question_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.composer.open()

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
            if event.purpose == Composer.KEEP:
                self._kept_one(event.value)
            else:
                self.post_message(self.Answer({**self._kept, self._asked.id: event.value}, event.value))
        else:
            self.post_message(self.Send(event.value))


def command(answers: dict[str, Any], width: int) -> str:
    """The command that answers are sent with, as one would write it in Python; ids are shortened where it is long."""
    text = f"Command(resume={answers!r})"
    if len(text) > width:
        text = f"Command(resume={ {f'{id[:8]}…': value for id, value in answers.items()}!r})"
    return text
