"""The inbox: every question that a thread of the open files waits for an answer to, the oldest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import time
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from inspector.core.question import answer, choices, question
from inspector.core.saved import Library, Question, ThreadKey
from inspector.core.text import ago, one_line, plural
from inspector.core.values import decode, to_json
from inspector.errors import InspectorError
from inspector.tui.threads.topline import TopLine
from inspector.tui.widgets.cells import cut, fit, strip_of
from inspector.tui.widgets.fitting import Part
from inspector.tui.widgets.keyline import KeyLine
from inspector.tui.widgets.questionbox import QuestionBox
from inspector.tui.widgets.rows import RowList


class Questions(RowList):
    """One row a question, the question first."""

    FOLLOWS = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "open and answer", key_display="⏎")]
    DEFAULT_CSS = "Questions { height: 1fr; }"

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.library = library
        self.questions: Sequence[Question] = ()
        self.busy: set[str] = set()  # questions that were answered, and whose threads run on
        self._texts: dict[str, str] = {}
        self.empty = "Looking for questions…"

    def show(self, questions: Sequence[Question]) -> None:
        """These are the questions."""
        self.questions = questions
        self.empty = "No thread waits for an answer."
        self.model_changed()

    def row_count(self) -> int:
        return len(self.questions)

    def row_key(self, index: int) -> Any:
        asked = self.questions[index]
        return asked.key, asked.id

    def index_of(self, key: Any) -> int | None:
        return next((index for index in range(len(self.questions)) if self.row_key(index) == key), None)

    def header(self, width: int) -> Strip | None:
        ask, node, thread, file = self._widths(width)
        parts = [("  ", None), (fit("question", ask), None)]
        for title, room in (("asked by", node), ("thread", thread), ("file", file)):
            if room:
                parts.append(("  " + fit(title, room), None))
        parts.append((fit("since", 10, "right"), None))
        return strip_of(parts, width)

    def render_row(self, index: int, width: int, selected: bool) -> Strip:
        asked = self.questions[index]
        ask, node, thread, file = self._widths(width)
        mark = self.library.table.marks.get(asked.key)
        name = mark.alias if mark is not None and mark.alias else asked.key[1]
        parts = [("▸ " if selected else "  ", self.pen("accent"))]
        busy = asked.id in self.busy
        parts.append(
            (fit(f"{'●' if busy else '‖'} {self._text(asked)}", ask), self.pen("accent" if busy else "warning"))
        )
        for text, room in (
            (asked.node, node), (name, thread), (self.library.files[asked.key[0]].name, file),
        ):  # fmt: skip
            if room:
                parts.append(("  " + fit(one_line(text, 100), room), self.pen("muted")))
        parts.append((fit(ago(asked.since, time()), 10, "right"), self.pen("muted")))
        return strip_of(parts, width)

    def _text(self, asked: Question) -> str:
        text = self._texts.get(asked.id)
        if text is None:
            text = self._texts[asked.id] = one_line(question(decode(asked.value)).headline, 300)
        return text

    def _widths(self, width: int) -> tuple[int, int, int, int]:
        """The cells of question, node, thread and file."""
        file = 16 if len(self.library.files) > 1 and width >= 100 else 0
        thread = 24 if width >= 100 else 16 if width >= 60 else 0
        node = 16 if width >= 76 else 0
        gaps = sum(room + 2 for room in (file, thread, node) if room)
        return max(4, width - 12 - gaps), node, thread, file


class InboxScreen(Screen[None]):
    """Shows the questions of a library. `Opened` says which thread is to be opened to be answered."""

    class Opened(Message):
        """The developer wants to see the thread, and to answer there."""

        def __init__(self, key: ThreadKey, id: str) -> None:
            super().__init__()
            self.key = key
            self.id = id

    class Answered(Message):
        """The developer answers here and now."""

        def __init__(self, asked: Question, value: Any) -> None:
            super().__init__()
            self.asked = asked
            self.value = value

    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "answer", "answer", tooltip="Answer the question without opening its thread"),
        Binding("f5,r", "again", "look again", key_display="r"),
        Binding("escape,I", "dismiss(None)", "threads", key_display="esc"),
        Binding("question_mark", "help", "help"),
        Binding("q,ctrl+q", "quit", "quit"),
    ]
    DEFAULT_CSS = """
    InboxScreen > QuestionBox {
        border: round $warning; border-title-color: $warning; display: none; height: auto; max-height: 40%;
    }
    InboxScreen.-asking > QuestionBox { display: block; }
    InboxScreen.-low > QuestionBox { display: none; }
    """

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.library = library
        self.top = TopLine()
        self.rows = Questions(library)
        self.box = QuestionBox()

    def compose(self) -> Iterator[Widget]:
        yield self.top
        yield self.rows
        yield self.box
        yield KeyLine()

    def on_mount(self) -> None:
        self.set_focus(self.rows, scroll_visible=False)
        self._say()

    def on_screen_resume(self) -> None:
        self.action_again()

    def on_resize(self) -> None:
        self.set_class(self.app.size.height < 16, "-low")

    def action_again(self) -> None:
        self.run_worker(self._look(), exclusive=True, exit_on_error=True)

    async def _look(self) -> None:
        try:
            found = await self.library.questions()
        except InspectorError as error:
            self.notify(one_line(str(error)), severity="error", markup=False)
            return
        self.rows.show(found)
        self._say()
        self._show_question()

    def _say(self) -> None:
        count = len(self.rows.questions)
        names = ", ".join(one_line(file.name, 40) for file in self.library.files[:3])
        self.top.say((
            Part("Inbox", "title"),
            Part(plural(count, "question") if count else "", "waiting"),
            Part(names, "quiet", ((50, cut(names, 20)), (60, ""))),
            Part("oldest first", "quiet", ((20, ""),)),
        ))  # fmt: skip

    @on(RowList.Highlighted)
    def _highlighted(self, event: RowList.Highlighted) -> None:
        event.stop()
        self._show_question()

    def _show_question(self) -> None:
        asked = self._asked()
        self.set_class(asked is not None, "-asking")
        if asked is not None:
            from textual.content import Content

            self.box.border_title = Content(f"‖ {one_line(asked.node, 40)} asks")
            self.box.ask(question(decode(asked.value)))

    def _asked(self) -> Question | None:
        rows = self.rows
        return rows.questions[rows.cursor] if 0 <= rows.cursor < len(rows.questions) else None

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        key, id_ = event.key
        self.post_message(self.Opened(key, id_))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return action != "answer" or self._asked() is not None

    def action_answer(self) -> None:
        """Ask for the answer; who runs the thread on is the app's to see to."""
        from inspector.tui.screens.ask import AskScreen

        asked = self._asked()
        if asked is None:
            return
        found = to_json(decode(asked.schema))
        schema = found if isinstance(found, dict) else None
        words = ", ".join(choices(schema))

        def answered(text: str | None) -> None:
            if text is not None:
                self.rows.busy.add(asked.id)
                self.rows.model_changed()
                self.post_message(self.Answered(asked, answer(text, schema)))

        headline = question(decode(asked.value)).headline
        title = f"{asked.node} asks, on {asked.key[1]}"
        self.app.push_screen(
            AskScreen(
                title,
                f"{headline[:600]}" + (f"\nIt takes: {words}." if words else ""),
                placeholder="text, or JSON",
                check=lambda text: answer(text, schema),
            ),
            answered,
        )

    def done(self, asked: Question) -> None:
        """The run that an answer began is over."""
        self.rows.busy.discard(asked.id)
        if self.is_attached:
            self.action_again()

    def action_help(self) -> None:
        from inspector.tui.screens.help import HelpScreen, keys_of

        self.app.push_screen(
            HelpScreen(
                lines=[("Inbox", "", ""), *keys_of(self), ("", "", ""), ("The list", "", ""), *keys_of(self.rows)]
            )
        )

    async def action_quit(self) -> None:
        await self.app.action_quit()
