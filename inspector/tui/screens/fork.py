"""Edit and fork: the state at a checkpoint as JSON, what an edit of it would come to, and saving that as a new branch.

Two steps, one screen: the editor, then the preview (the state after the reducers, the nodes that come next). Nothing is
saved before the preview was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import TextArea

from inspector.core import edits
from inspector.core.control import Travelling
from inspector.core.diff import level
from inspector.core.graphinfo import GraphInfo
from inspector.core.json_schema import parse_json
from inspector.core.travel import Edit, Preview, Writers
from inspector.core.values import decode
from inspector.core.view import State
from inspector.errors import InputError, InspectorError
from inspector.tui.panes.base import ShowText
from inspector.tui.screens.dialog import Dialog
from inspector.tui.widgets.area import Area
from inspector.tui.widgets.editors import Caption, Editor
from inspector.tui.widgets.statusline import StatusLine, Words
from inspector.tui.widgets.subjects import json_text
from inspector.tui.widgets.value_tree import ValueTreeView
from inspector.tui.widgets.writerchoice import WriterChoice


@dataclass(frozen=True, slots=True)
class Forked:
    """What a fork came to: the thread's newest checkpoint, what comes next there, and whether that is to be run."""

    checkpoint: str
    next: tuple[str, ...]
    run: bool


class ForkScreen(Dialog[Forked | None]):
    """Dismissed once the fork is saved, or with None. `moment` names what is edited, `state` is its state, `made_by`
    the one node that ran to it, where that is known, `key` the key that the editor begins at."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s,f5", "preview", "see what it comes to", key_display="^s", priority=True),
        Binding("ctrl+e", "external", "$EDITOR", key_display="^e", priority=True),
        Binding("enter", "save", "save it", key_display="⏎", priority=True),
        Binding("r", "save_and_run", "save it and run"),
        Binding("escape", "back", "go on editing", key_display="esc"),
        Binding("escape", "leave", "leave it", key_display="esc"),
    ]
    DEFAULT_CSS = """
    ForkScreen #writer { height: 1; }
    ForkScreen Area, ForkScreen Area:focus { height: 1fr; background: $background; }
    ForkScreen #preview { height: 1fr; display: none; }
    ForkScreen #preview ValueTreeView { height: 1fr; }
    ForkScreen.-previewing #preview { display: block; }
    ForkScreen.-previewing Area, ForkScreen.-previewing #writer { display: none; }
    """

    def __init__(
        self,
        travel: Travelling,
        graph: GraphInfo | None,
        moment: str,
        state: State,
        *,
        made_by: str = "",
        key: str = "",
    ) -> None:
        super().__init__(f"Edit the state at {moment}")
        self.add_class("-tall")
        self.travel = travel
        self.state = state
        self.preview: Preview | None = None
        self.before = edits.document(state.values)
        self._graph = graph
        self._made_by = made_by
        self._key = key
        self._text = json_text(self.before)
        self._area = Area()
        self._writer = WriterChoice((), "")
        self._writer_caption = Caption("written as")
        self._verdict = StatusLine()
        self._tree = ValueTreeView(marked=True)
        self._coming = StatusLine()
        self._writers = Writers()
        self._busy = False
        self._asked_to_leave = False

    # ------------------------------------------------------------------ what it shows

    def body(self) -> Iterator[Widget]:
        with Horizontal(id="writer"):
            yield self._writer_caption
            yield self._writer
        yield self._area
        with Vertical(id="preview"):
            yield self._coming
            yield self._tree
        yield self._verdict

    def on_mount(self) -> None:
        with self.prevent(TextArea.Changed):
            self._area.load_text(self._text)
        mark = f'  "{self._key}": '
        line = next((n for n, text in enumerate(self._text.split("\n")) if text.startswith(mark)), 0)
        self._area.focus()
        self._area.move_cursor((line, len(mark) if line else 0))
        self._judge()
        self.call_after_refresh(self._area.scroll_cursor_visible, center=True)
        self.run_worker(self._find_writers(), exit_on_error=True)

    async def _find_writers(self) -> None:
        try:
            self._writers = await self.travel.writers(self.state.checkpoint, self.state.ns)
        except InspectorError as error:
            self._say_wrong(str(error))
            return
        # What was seen to run is surer than LangGraph's own rule, which does not see the tasks of a `Send`.
        seen = self._made_by in self._writers.names
        self._writer.offer(self._writers.names, self._made_by if seen else self._writers.preset)
        self._judge()

    @property
    def previewing(self) -> bool:
        return self.has_class("-previewing")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("save", "save_and_run", "back"):
            return self.previewing and (action == "back" or not self._busy)
        if action in ("preview", "external", "leave"):
            return not self.previewing
        return super().check_action(action, parameters)

    # ------------------------------------------------------------------ editing

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._asked_to_leave = False
        self._judge()

    @on(Editor.Edited)
    def _writer_changed(self, event: Editor.Edited) -> None:
        event.stop()
        self._judge()

    def _judge(self) -> None:
        """Say what would be written, or what is wrong."""
        try:
            changes = self.changes()
        except InputError as error:
            self._say_wrong(str(error))
            return
        if not changes:
            self._verdict.say((("Nothing is changed yet.", "quiet"),))
            return
        said: Words = (("changes ", "quiet"), (", ".join(changes), "plain"))
        if not self._writer.value and self._writers.names:
            said = (*said, ("   choose above as which node it is written", "waiting"))
        plain = edits.objects_in([self.state.values.get(key) for key in changes])
        if plain:
            said = (*said, (f"   {', '.join(plain[:4])}: written as plain JSON", "waiting"))
        self._verdict.say(said)

    def changes(self) -> dict[str, Any]:
        """The keys that were changed. Raises `InputError`."""
        changes = edits.changed(self.before, parse_json(self._area.text))
        graph = self._graph
        if graph is not None and changes:
            schema = graph.input_schema if not graph.path else None
            edits.check_edit(changes, self.before, graph.channels, schema)
        return changes

    def edit(self) -> Edit:
        """What is to be saved. Raises `InputError` where that is nothing, or not clear."""
        changes = self.changes()
        if not changes:
            raise InputError("Nothing is changed yet: change a value, then look at what it comes to.")
        if not self._writer.value and self._writers.names:
            self._writer.focus()
            raise InputError(f"Choose as which node it is written: {self._writers.why or 'it is not clear'}")
        channels = self._graph.channels if self._graph is not None else ()
        values = edits.writes(self.before, changes, channels)
        return Edit(self.state.checkpoint, values, self._writer.value, self.state.ns)

    def action_external(self) -> None:
        from inspector.tui.external import edit

        try:
            text = edit(self.app, self._area.text)
        except InspectorError as error:
            self._say_wrong(str(error))
            return
        if text is not None:
            self._area.load_text(text)
        self._judge()

    def action_leave(self) -> None:
        if self._area.text != self._text and not self._asked_to_leave:
            self._asked_to_leave = True
            self._verdict.say((("esc again throws the edit away", "waiting"),))
            return
        self.dismiss(None)

    def _say_wrong(self, problem: str) -> None:
        self._verdict.say((("✖ ", "failed"), (problem, "failed")))

    # ------------------------------------------------------------------ the preview

    async def action_preview(self) -> None:
        if self._busy:
            return
        try:
            edit = self.edit()
            self._verdict.say((("working out what it comes to…", "quiet"),))
            self._busy = True
            preview = await self.travel.preview(edit)
        except InspectorError as error:
            self._say_wrong(str(error))
            return
        finally:
            self._busy = False
        self.preview = preview
        self._show(preview)

    def _show(self, preview: Preview) -> None:
        values = decode(preview.values)
        after = values if isinstance(values, dict) else {"": values}
        self._tree.show(level(edits.lean(self.state.values), edits.lean(after)))
        following = ", ".join(dict.fromkeys(preview.next))
        ending = (("the graph is at its end then", "plain"),)
        self._coming.say((
            ("written as ", "quiet"), (preview.as_node, "plain"),
            *((("   next: ", "quiet"), (following, "now")) if following else (("   ", "quiet"), *ending)),
        ))  # fmt: skip
        self._verdict.say(self._surprise(after))
        self.add_class("-previewing")
        self._tree.focus()
        self._tree.action_next_change()
        self.refresh_bindings()

    def _surprise(self, after: Mapping[str, Any]) -> Words:
        """Whether the reducers made something else of the edit than was typed."""
        try:
            typed = self.changes()
            came = edits.document({key: after.get(key) for key in typed})
        except InputError:
            return ()
        other = [key for key in typed if not _is_what_was_typed(typed[key], came[key])]
        if other:
            return (("Not as typed, look at it: ", "waiting"), (", ".join(other), "plain"))
        return (("Nothing is saved yet. The branch that there is stays as it is.", "quiet"),)

    def action_back(self) -> None:
        self.remove_class("-previewing")
        self._area.focus()
        self._judge()
        self.refresh_bindings()

    async def action_save(self) -> None:
        await self._save(run=False)

    async def action_save_and_run(self) -> None:
        await self._save(run=True)

    async def _save(self, *, run: bool) -> None:
        if self._busy:
            return
        try:
            self._busy = True
            checkpoint = await self.travel.fork(self.edit())
        except InspectorError as error:
            self._say_wrong(str(error))
            return
        finally:
            self._busy = False
        self.dismiss(Forked(checkpoint, self.preview.next if self.preview is not None else (), run))

    @on(ShowText)
    def _show_text(self, event: ShowText) -> None:
        from inspector.tui.screens.viewer import TextViewer

        event.stop()
        self.app.push_screen(TextViewer(event.title, event.text))


def _is_what_was_typed(typed: Any, came: Any) -> bool:
    """Whether a value is what was typed; messages that were typed without an id have got one."""
    if isinstance(typed, list) and isinstance(came, list):
        return len(typed) == len(came) and all(map(_is_what_was_typed, typed, came))
    if isinstance(typed, dict) and isinstance(came, dict):
        return all(key in came and _is_what_was_typed(value, came[key]) for key, value in typed.items())
    return edits.alike(typed, came) or (typed == came and not isinstance(typed, bool) and not isinstance(came, bool))
