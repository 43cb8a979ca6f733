"""A text shown whole: a log line, a result, a value. It can be searched, copied, and saved to a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from inspector.core.text import one_line, size
from inspector.tui.widgets.findbar import FindBar
from inspector.tui.widgets.keyline import KeyLine
from inspector.tui.widgets.textview import TextView

_LONGEST_COPY = 100_000  # characters; terminals drop longer ones silently


class TextViewer(ModalScreen[None]):
    """Dismissed by escape."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "find", "find"),
        Binding("y", "copy", "copy"),
        Binding("s", "save", "save"),
        Binding("escape,q,enter", "dismiss", "close"),
    ]
    DEFAULT_CSS = """
    TextViewer { background: $background 60%; align: center middle; }
    TextViewer > Vertical { width: 100%; height: 100%; max-width: 160; margin: 1 2; border: round $primary; }
    TextViewer > Vertical { background: $background; }
    TextViewer.-small > Vertical { margin: 0; border: none; }
    TextViewer TextView { height: 1fr; padding: 0 1; }
    """

    ALL: ClassVar[str] = "all of it"
    """What is saved."""

    def __init__(self, title: str, text: str, *, folder: Path = Path(".inspector")) -> None:
        super().__init__()
        self._title = self.file_name = one_line(title, 200)
        self._text = text
        self._folder = folder
        self._frame = Vertical()
        self._view = TextView(text)
        self._find_bar = FindBar()

    def compose(self) -> Iterator[Widget]:
        self._frame.border_title = Content(self._title)
        self._frame.border_subtitle = Content(size(len(self._text.encode(errors="replace"))))
        with self._frame:
            yield self._view
            yield self._find_bar
            yield KeyLine()

    def on_mount(self) -> None:
        self.on_resize()
        self._view.focus()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < 60 or self.app.size.height < 16, "-small")

    def action_find(self) -> None:
        self._find_bar.open(self._view.find, self._view)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self._text[:_LONGEST_COPY])
        whole = len(self._text) <= _LONGEST_COPY
        self.notify("Copied, where the terminal allows it; `s` saves it to a file." if whole else
                    f"Copied the first {_LONGEST_COPY:,} characters; `s` saves {self.ALL}.", markup=False)  # fmt: skip

    def action_save(self) -> None:
        name = re.sub(r"[^\w.-]+", "-", self.file_name)[:60].strip("-.") or "text"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = next(path for path in self._names(name) if not path.exists())
            path.write_text(self._text, encoding="utf-8", errors="replace")
        except OSError as error:
            self.notify(f"It cannot be saved: {error.strerror or error}.", severity="error", markup=False)
            return
        self.notify(f"Saved to {path}", markup=False)

    def _names(self, name: str) -> Iterator[Path]:
        yield self._folder / f"{name}.txt"
        number = 2
        while True:
            yield self._folder / f"{name}-{number}.txt"
            number += 1
