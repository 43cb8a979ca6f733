"""The box at the foot of the screen while something is held: what it is, why, what it waits with; and where the
developer writes other arguments, a result or an error for it.

What may be done is the screen's table of commands; the box says `Let` when a verb has all it needs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, TypeAlias

from textual import on
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from inspector.core.control import ReleaseKind
from inspector.core.events import Held
from inspector.core.holding import editable, is_of_state, place, reason, runs_on, title, value
from inspector.core.view import View
from inspector.tui.panes.base import Pane
from inspector.tui.panes.held_rows import HeldRows
from inspector.tui.places import LOW
from inspector.tui.widgets.composer import Composer
from inspector.tui.widgets.rows import RowList
from inspector.tui.widgets.statusline import StatusLine, Words
from inspector.tui.widgets.subjects import Subject
from inspector.tui.widgets.valuebox import ValueBox

Asked: TypeAlias = Literal["edit", "answer", "fail"]

_LINGER = 0.4  # seconds that the box stays between one stop and the next, so that the screen does not jump at each step
_ARGUMENTS = Subject({"type": "object"})
_PROMPT = Subject({"type": "array"})
_RESULT = Subject(is_answer=True, caption="result ▸")
_REPLY = Subject(is_answer=True, caption="reply ▸")
_ERROR = Subject(is_text=True, caption="error ▸")


class HeldBox(Pane):
    """Shown while something is held. `ask` opens an editor; `choose_next` goes to another thing that is held."""

    shows = ("header", "tasks")

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close_editor", "Leave it held", key_display="esc")]
    DEFAULT_CSS = """
    HeldBox {
        display: none; height: auto; max-height: 70%;
        border: round $warning; border-title-color: $warning; border-title-style: bold; border-subtitle-color: $warning;
        &.-held { display: block; }
        &.-going { border: round $border-blurred; border-title-color: $text-muted; }
        &.-node > ValueBox { max-height: 3; }
        &.-low { border: none; }
        &.-low > ValueBox { max-height: 2; }
        &.-low > HeldRows { max-height: 2; }
        &.-tiny > ValueBox { display: none; }
        & > HeldRows { display: none; }
        &.-several > HeldRows { display: block; }
        &.-writing > ValueBox, &.-bare > ValueBox { display: none; }
    }
    """

    class Let(Message):
        """Let a thing go on in this way."""

        def __init__(self, held: Held, how: ReleaseKind, value: Any = None) -> None:
            super().__init__()
            self.held = held
            self.how: ReleaseKind = how
            self.value = value

    class Chosen(Message):
        """The developer looks at another thing that is held."""

        def __init__(self, held: Held) -> None:
            super().__init__()
            self.held = held

    class Left(Message):
        """The developer goes back to the panes."""

    def __init__(self, view: View, *, id: str | None = None) -> None:
        super().__init__(view, id=id)
        self.composer = Composer()
        self.rows = HeldRows()
        self._status = StatusLine()
        self._value = ValueBox()
        self._held: Held | None = None
        self._asked: Asked | None = None
        self._fading: Timer | None = None

    def compose(self) -> Iterator[Widget]:
        yield self.rows
        yield self._status
        yield self._value
        yield self.composer

    def on_resize(self) -> None:
        height = self.app.size.height
        self.set_class(height < LOW, "-low")
        self.set_class(height < LOW // 2, "-tiny")

    # ------------------------------------------------------------------ what is shown

    @property
    def editing(self) -> bool:
        """Whether something is being written for what is held."""
        return self._asked is not None

    def current(self) -> Held | None:
        """What keys are about: what is being written for, else what the view looks at."""
        held = self.view.run.held
        if self._asked is not None and self._held is not None and self._held.id in held:
            return held[self._held.id]
        return self.view.held

    def sync(self) -> None:
        held = self.current()
        if held is None:
            self._nothing()
            return
        if self._fading is not None:
            self._fading.stop()
            self._fading = None
        holds = list(self.view.run.held.values())
        self.remove_class("-going")
        self.add_class("-held")
        if len(holds) > 1:
            self.add_class("-several")  # until all are released: it may have the keyboard, and nothing is to jump
        self.rows.show(holds, held)
        self.border_title = Content(f"‖ held {title(held)}")
        number = holds.index(held) + 1
        self.border_subtitle = Content(f"{number} of {len(holds)} held") if len(holds) > 1 else None
        if self._held is None or held.id != self._held.id:
            self._close()
            self._held = held
            self.set_class(held.what not in ("tool", "model"), "-node")
            shown = value(held)
            self.set_class(shown in (None, {}, []) or is_of_state(held, self.view.run), "-bare")
            self._value.show(shown, at_end=held.what == "model")
        self._say(held)

    def _say(self, held: Held) -> None:
        words: Words = self.composer.said
        if not words and self._asked is not None:
            words = ((_asks(held, self._asked), "quiet"),)
        if not words:
            where, others = place(held), runs_on(self.view.run)
            words = ((f"{where}   " if where else "", "plain"), (reason(held, self.view.breakpoints), "waiting"))
            words = (*words, (f"   {held.error}" if held.error else "", "failed"))
            words = (*words, (f"   {others}" if others else "", "quiet"))
        self._status.say(words)

    def _nothing(self) -> None:
        self._close()
        if not self.has_class("-held"):
            return
        if self.view.run.phase != "running":
            self._hide()
        elif self._fading is None:
            self.add_class("-going")
            self.border_title, self.border_subtitle = Content("● goes on"), None
            self._status.say(())
            self._fading = self.set_timer(_LINGER, self._faded)

    def _faded(self) -> None:
        self._fading = None
        if not self.view.run.held:
            self._hide()

    def _hide(self) -> None:
        had_focus = self.rows.has_focus
        self._held = None
        self.remove_class("-held", "-going", "-several")
        if had_focus:
            self.post_message(self.Left())

    # ------------------------------------------------------------------ writing

    def ask(self, what: Asked) -> None:
        """Open the editor for a verb that needs a value."""
        held = self.current()
        if held is not None:
            self._open(held, what, editable(held) if what == "edit" else None)

    def refused(self, held: Held, what: ReleaseKind, value: Any, problem: str) -> None:
        """What was written for a thing that is held was not taken: show it again, and why."""
        if what != "go":
            self._open(held, what, value)
            self.composer.say((("✖ ", "failed"), (problem, "failed")))

    def _open(self, held: Held, what: Asked, value: Any) -> None:
        model = held.what == "model"
        edited, answered = (_PROMPT, _REPLY) if model else (_ARGUMENTS, _RESULT)
        self._held, self._asked = held, what
        self.set_class(what == "edit", "-writing")
        self.composer.write({"edit": edited, "answer": answered, "fail": _ERROR}[what], value)
        self._say(held)

    def _close(self) -> None:
        if self._asked is not None:
            self._asked = None
            self.remove_class("-writing")
            had_keyboard = self.composer.has_keyboard
            self.composer.close()
            self.composer.said = ()
            if had_keyboard:
                self.post_message(self.Left())

    @on(Composer.Changed)
    def _composer_changed(self, event: Composer.Changed) -> None:
        event.stop()
        if self._held is not None:
            self._say(self._held)

    @on(Composer.Sent)
    def _composer_sent(self, event: Composer.Sent) -> None:
        event.stop()
        held, asked = self._held, self._asked
        if held is not None and asked is not None:
            self._close()
            self._say(held)
            self.post_message(self.Let(held, asked, event.value))

    # ------------------------------------------------------------------ keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.editing if action == "close_editor" else True

    def action_close_editor(self) -> None:
        self._close()
        if self._held is not None:
            self._say(self._held)

    def choose_next(self, by: int) -> None:
        """Look at the next thing that is held, or the one before."""
        holds = list(self.view.run.held.values())
        held = self.current()
        if held is not None and len(holds) > 1 and not self.editing:
            self.post_message(self.Chosen(holds[(holds.index(held) + by) % len(holds)]))

    @on(HeldRows.Left)
    def _left_rows(self, event: HeldRows.Left) -> None:
        event.stop()
        self.post_message(self.Left())

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        held = self.view.run.held.get(event.key)
        if held is not None and event.by_user and not self.editing:
            self.post_message(self.Chosen(held))

    @on(RowList.Chosen)
    def _row_chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        held = self.view.run.held.get(event.key)
        if held is not None:
            self.post_message(self.Let(held, "go"))


def _asks(held: Held, what: Asked) -> str:
    """What is to be written."""
    if what == "fail":
        return "the text of the error that it raises instead of being called"
    if held.what == "model":
        return (
            "the messages to call it with" if what == "edit" else "what it says instead of being called: text, or JSON"
        )
    return "the arguments to call it with" if what == "edit" else "what it gives back instead of being called"
