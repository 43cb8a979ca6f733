"""The composer: one value, in whichever editor fits what is known of it."""

from __future__ import annotations

from textual.app import App, ComposeResult

from inspector.tui.widgets.composer import Composer
from inspector.tui.widgets.editors import FormEditor
from inspector.tui.widgets.subjects import Subject
from tests.tui.drive import until

SCHEMA = {"type": "object", "properties": {"question": {"type": "string"}, "limit": {"type": "integer"}}}


class ComposerApp(App[None]):
    """A composer and nothing else."""

    def __init__(self) -> None:
        super().__init__()
        self.composer = Composer()

    def compose(self) -> ComposeResult:
        yield self.composer


async def test_what_was_about_to_take_the_keyboard_hands_that_on_when_the_schema_comes() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.take(Subject(), open=True)
        app.composer.take_focus()
        app.composer.learn(Subject(SCHEMA))  # before the first editor is mounted
        await until(pilot, lambda: app.focused is not None)
        assert isinstance(app.composer.editor, FormEditor)
        assert app.focused is app.composer.editor.focus_target()


async def test_an_editor_without_the_keyboard_does_not_take_it_when_the_schema_comes() -> None:
    app = ComposerApp()
    async with app.run_test() as pilot:
        app.composer.take(Subject(), open=True)
        app.composer.learn(Subject(SCHEMA))
        await until(pilot, lambda: isinstance(app.composer.editor, FormEditor) and app.composer.editor.is_mounted)
        assert app.focused is None
