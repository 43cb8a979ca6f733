"""Being asked for an input: a form or a message line, what it says to nonsense, and what it remembers."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal

FORM = """
from typing import Literal, TypedDict
from langgraph.graph import StateGraph
class Question(TypedDict, total=False):
    question: str
    limit: int
    tone: Literal["short", "long"]
class State(Question, total=False):
    answer: str
def reply(state: State):
    return {"answer": f"{state['question']} {state.get('limit', 'unlimited')} {state.get('tone')}"}
builder = StateGraph(State, input_schema=Question).add_node(reply)
graph = builder.set_entry_point("reply").set_finish_point("reply")
"""
CHAT = """
from langgraph.graph import MessagesState, StateGraph
def reply(state: MessagesState):
    return {"messages": [("ai", "You said: " + state["messages"][-1].content)]}
graph = StateGraph(MessagesState).add_node(reply).set_entry_point("reply").set_finish_point("reply").compile()
"""


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
def test_a_form_from_the_schema(tmp_path: Path, size: tuple[int, int]) -> None:
    (tmp_path / "form.py").write_text(FORM)
    with Terminal(["run", "form.py"], cwd=tmp_path, size=size) as app:
        app.wait_for("ready", "question", "limit", "tone", "a whole number")
        app.wait_for("⏎ send")
        app.press("why", "tab", "many", "enter")
        app.wait_for("✖ “limit” must be a whole number, not “many”.", "why", "many")
        for left in ("man", "ma", "m", "a whole number"):  # one at a time: Textual takes characters before key bindings
            app.press("backspace")
            app.wait_for(partial(_limit_shows, app, left))
        app.press("12")
        app.wait_for(partial(_limit_shows, app, "12"))
        app.press("tab", "right")
        app.wait_for("● short")
        app.press("enter")
        app.wait_for("✔ done", "i next input")
        app.press("2")
        app.wait_for("answer", "why 12 short")

        # What was sent before comes back with up, on the same thread.
        app.press("i")
        app.wait_for("⏎ send")
        app.press("up")
        app.wait_for("earlier input 1 of 1", "why")
        app.press("ctrl+o")
        app.wait_for('"question": "why"', "^s send")
        app.press("ctrl+s")
        app.wait_for("✔ done", "step 4 · the end", "i next input")

        # The JSON editor: no JSON, then JSON of the wrong shape; nothing that was typed is lost.
        app.press("i")
        app.wait_for("⏎ send")
        app.press("ctrl+o")
        app.wait_for('"tone": "short"', "^s send")
        app.press("x", "ctrl+s")
        app.wait_for("✖ This is not JSON: line 5, column 2: extra data.", "}x")
        app.press("backspace", "backspace")
        app.wait_gone("5  }")
        app.press(', "limit": "x"}', "ctrl+s")
        app.wait_for("✖ “limit” must be a whole number", '"limit": "x"}')
        app.press("ctrl+q")
        assert app.wait_end() == 0
        app.assert_restored()


def test_a_message_line(tmp_path: Path) -> None:
    (tmp_path / "chat.py").write_text(CHAT)
    with Terminal(["run", "chat.py"], cwd=tmp_path) as app:
        app.wait_for("message ▸", "ready", "⏎ send")
        app.press("enter")
        app.wait_for("✖ Type a message first.")
        app.press("grüße 東京 [b]", "enter")
        app.wait_for("✔ done", "message ▸ what to say", "messages  2 items")
        app.press("again", "enter")
        app.wait_for("messages  4 items", "History  6", "message ▸ what to say")
        app.press("up", "up")
        app.wait_for("message ▸ grüße 東京 [b]", "earlier input 2 of 2")
        app.press("ctrl+c")
        assert app.wait_end() == 0
        app.assert_restored()
    with Terminal(["run", "chat.py"], cwd=tmp_path) as app:  # the inputs are remembered per graph, across starts
        app.wait_for("message ▸", "ready", "⏎ send")
        app.press("up")
        app.wait_for("message ▸ again")
        app.press("ctrl+q")
        assert app.wait_end() == 0


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ('{"question": 7}', "“question” must be text, not 7."),
        ('{"colour": 7}', "The graph has no input “colour”; it takes question, limit, tone."),
    ],
)
def test_an_input_of_the_command_line_that_the_schema_does_not_take(tmp_path: Path, given: str, sentence: str) -> None:
    (tmp_path / "form.py").write_text(FORM)
    with Terminal(["run", "form.py", "--input", given], cwd=tmp_path) as app:
        app.wait_for(sentence, "7")  # with what was given, to be put right
        app.press("ctrl+q")
        app.wait_end()
        app.assert_restored()


def test_text_that_is_no_json_is_refused_before_the_app_begins(tmp_path: Path) -> None:
    (tmp_path / "form.py").write_text(FORM)
    with Terminal(["run", "form.py", "--input", "{question: why}"], cwd=tmp_path) as app:
        assert app.wait_end() == 2
        assert "inspector: --input: This is not JSON: line 1, column 2" in app.screen
        assert app.display.modes == set()


def _limit_shows(app: Terminal, text: str) -> bool:
    return re.search(rf"limit +{text}\b", app.screen) is not None
