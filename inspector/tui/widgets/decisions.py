"""Writes an answer that is one or several decisions: for each a choice, and a line for what has to be said with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual import on
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from inspector.core.decisions import Decide, Sheet
from inspector.core.text import one_line, safe
from inspector.errors import InputError
from inspector.tui.widgets.editors import Caption, Choice, Editor, Fields, Line


class Decision(Widget):
    """One thing to decide. `line` is for what the chosen option needs, and hidden where it needs nothing."""

    DEFAULT_CSS = """
    Decision { height: auto; }
    Decision > Horizontal { height: 1; }
    Decision > .-needs { display: none; }
    Decision.-typed > .-needs { display: block; }
    """

    def __init__(self, item: Decide, width: int) -> None:
        super().__init__()
        self.item = item
        self.choice = Choice(tuple(option.word for option in item.options), "", required=True)
        self.line = Line()
        self._title = Caption(one_line(item.title, 32) or "decide", width)
        self._about = Caption("", width)
        self._word = ""
        self._typed: dict[str, str] = {}  # by option, so that looking at another loses nothing

    def compose(self) -> Iterator[Widget]:
        with Horizontal():
            yield self._title
            yield self.choice
        with Horizontal(classes="-needs"):
            yield self._about
            yield self.line

    def on_mount(self) -> None:
        self.follow()

    def follow(self) -> None:
        """The choice changed: show the line that it needs."""
        option = self.item.option(self.choice.value)
        if option.word != self._word:
            self._typed[self._word] = self.line.value
            self._word = option.word
            with self.line.prevent(Input.Changed):
                self.line.value = safe(self._typed.get(option.word, option.begin))
            self.line.cursor_position = len(self.line.value)
            self.line.placeholder = f"{option.about}, or nothing" if option.optional else option.about
            self.line.remove_class("-invalid")
            self._about.text = ""
            self.set_class(option.needs != "nothing", "-typed")
            self.refresh(layout=True)

    def set(self, word: str, text: str) -> None:
        """Show this choice, with what was typed for it."""
        self._typed[word] = text
        self.choice.set_reactive(Choice.value, word)
        self.choice.refresh()
        self.follow()

    def typed(self) -> tuple[str, str]:
        """What is chosen, and what is typed for it."""
        return self.choice.value, self.line.value

    def fields(self) -> list[Widget]:
        """What takes the keyboard, in order."""
        return [self.choice, self.line] if self.has_class("-typed") else [self.choice]


class DecisionsEditor(Editor):
    """A row for each thing to decide."""

    DEFAULT_CSS = """
    DecisionsEditor { height: auto; max-height: 14; }
    """

    def __init__(self, sheet: Sheet) -> None:
        super().__init__()
        self.sheet = sheet
        width = max((len(one_line(item.title, 32)) for item in sheet.items), default=0)
        self.decisions = [Decision(item, max(width, 6)) for item in sheet.items]

    def compose(self) -> Iterator[Widget]:
        with Fields():
            yield from self.decisions

    def read(self) -> Any:
        for decision in self.decisions:
            decision.line.remove_class("-invalid")
            word, text = decision.typed()
            try:
                decision.item.option(word).read(text)
            except InputError:
                decision.line.add_class("-invalid")
                self.screen.set_focus(decision.line)
                raise
        return self.peek()

    def peek(self) -> Any:
        return self.sheet.answer([decision.typed() for decision in self.decisions])

    def fill(self, value: Any) -> bool:
        chosen = self.sheet.undo(value)
        if chosen is None or any(safe(text) != text or "\n" in text for _, text in chosen):
            return False
        for decision, (word, text) in zip(self.decisions, chosen, strict=True):
            decision.set(word, text)
        return True

    def reset(self) -> None:
        for decision in self.decisions:
            decision.choice.action_clear()

    def focus_target(self) -> Widget:
        return self.decisions[0].choice

    def step(self, by: int) -> None:
        """Give the keyboard to the next field (or the one before)."""
        widgets = [widget for decision in self.decisions for widget in decision.fields()]
        at = next((index for index, widget in enumerate(widgets) if widget.has_focus), -by)
        self.screen.set_focus(widgets[(at + by) % len(widgets)])  # at once: the next key may be on its way

    @property
    def is_empty(self) -> bool:
        return False

    @on(Editor.Edited)
    def _choice_changed(self) -> None:
        for decision in self.decisions:
            decision.follow()

    @on(Input.Changed)
    def _line_changed(self, event: Input.Changed) -> None:
        event.stop()
        event.input.remove_class("-invalid")
        self.post_message(self.Edited())
