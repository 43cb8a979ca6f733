"""What an editor is for: the input of a graph, or the answer to an interrupt; and which editors can write it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from inspector.core.decisions import Sheet, sheet
from inspector.core.json_schema import Schema, check, dumps, parse_json
from inspector.core.question import answer
from inspector.core.schema_form import Field, example, form_fields, message_input, message_text
from inspector.core.text import safe
from inspector.errors import InputError
from inspector.tui.widgets.decisions import DecisionsEditor
from inspector.tui.widgets.editors import Editor, FormEditor, LineEditor

EditorKind: TypeAlias = Literal["message", "long message", "decisions", "answer", "text", "form", "JSON"]


@dataclass(frozen=True)
class Subject:
    """`chat`: a line of text is a message; `is_answer`: a line of text is an answer, or JSON; `is_text`: it is a text
    and nothing else. `caption` stands in front of the line. `asked` is the value of the question (JSON data) that is
    answered: it may leave no more than decisions."""

    schema: Schema | None = None
    chat: bool = False
    is_answer: bool = False
    is_text: bool = False
    caption: str = "answer ▸"
    asked: Any = None
    sheet: Sheet | None = field(init=False)
    fields: tuple[Field, ...] = field(init=False)

    def __post_init__(self) -> None:
        fields = form_fields(self.schema)
        object.__setattr__(self, "sheet", sheet(self.asked, self.schema) if self.is_answer else None)
        one = self.is_answer and bool(fields) and not fields[0].name and not fields[0].choices
        if (self.chat and len(fields) < 2) or (self.is_answer and not fields) or one:
            fields = ()  # a form would say no more than the line
        object.__setattr__(self, "fields", fields)

    @property
    def kinds(self) -> tuple[EditorKind, ...]:
        """The editors that can write it, the plainest first."""
        if self.is_text:
            return ("text",)
        kinds: list[EditorKind] = ["message"] if self.chat else []
        if self.sheet is not None:
            kinds.append("decisions")
        elif self.fields:
            kinds.append("form")
        if self.is_answer:
            kinds.append("answer")
        return (*kinds, "JSON")

    def check(self, value: Any) -> str | None:
        """What is wrong with a value, or None."""
        if self.is_answer:
            return check(self.schema, value, partial=False, what="The answer")
        return check(self.schema, value)

    def example(self) -> Any:
        """What a JSON editor begins with."""
        return example(self.schema)

    def make(self, kind: EditorKind) -> Editor:
        """A fresh editor."""
        if kind == "decisions" and self.sheet is not None:
            return DecisionsEditor(self.sheet)
        if kind == "form":
            return FormEditor(self.fields)
        if kind == "message":
            return LineEditor("message ▸", "what to say to the graph", _read_message, message_text)
        if kind == "answer":
            return LineEditor(self.caption, "text, or JSON", self._read_answer, _write_answer)
        if kind == "text":
            return LineEditor(self.caption, "a sentence", _read_text, _write_text)
        from inspector.tui.widgets.area import AreaEditor  # not needed for the first paint

        if kind == "long message":
            return AreaEditor(_read_message, _long_message_text, self.check)
        return AreaEditor(parse_json, json_text, self.check)

    def _read_answer(self, text: str) -> Any:
        return answer(text, self.schema)


def json_text(value: Any) -> str:
    """JSON for an editor: control characters and bidi marks are escaped, so that the terminal does not see them."""
    text = dumps(value, indent=2)
    if safe(text) == text:
        return text
    return "".join(char if char == "\n" or safe(char) == char else _escape(char) for char in text)


def _escape(char: str) -> str:
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _read_message(text: str) -> Any:
    if not text.strip():
        raise InputError("Type a message first.")
    return message_input(text)


def _read_text(text: str) -> Any:
    if not text.strip():
        raise InputError("Type a sentence first.")
    return text


def _write_text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _long_message_text(value: Any) -> str | None:
    messages = value.get("messages") if isinstance(value, dict) and len(value) == 1 else None
    if isinstance(messages, list) and len(messages) == 1 and isinstance(messages[0], dict):
        content = messages[0].get("content")
        return content if isinstance(content, str) and safe(content) == content else None
    return None


def _write_answer(value: Any) -> str | None:
    text = value if isinstance(value, str) and value.strip() else dumps(value)
    try:
        return text if answer(text) == value else dumps(value)
    except InputError:
        return dumps(value)
