"""What the dialogs have in common: a frame with a title in the middle of the screen, keys in its last line, all of the
screen where that is small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget

from inspector.core.text import one_line
from inspector.tui.widgets.keyline import KeyLine

Result = TypeVar("Result")
Parts = Iterable[tuple[str, str]]  # plain text and its style

_SMALL = (70, 18)  # below this many columns or rows the frame is left out


class Dialog(ModalScreen[Result]):
    """A framed modal screen. Subclasses override `body`; the class `-tall` gives them all of the height."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > Vertical {
        width: 96; max-width: 100%; height: auto; max-height: 100%; padding: 0 1;
        border: round $primary; border-title-color: $primary; border-title-style: bold; background: $background;
    }
    Dialog.-tall > Vertical { width: 100%; max-width: 140; height: 100%; }
    Dialog.-warning > Vertical { border: round $warning; border-title-color: $warning; }
    Dialog.-small > Vertical { border: none; width: 100%; height: 100%; padding: 0; }
    Dialog KeyLine { dock: none; background: $background; }
    """

    def __init__(self, title: str) -> None:
        super().__init__()
        self.frame = Vertical()
        self.name_it(title)

    def name_it(self, title: str) -> None:
        """Change the title."""
        self.frame.border_title = Content(one_line(title, 100))

    def body(self) -> Iterable[Widget]:
        """What is in the frame above the keys."""
        raise NotImplementedError

    def compose(self) -> Iterable[Widget]:
        with self.frame:
            yield from self.body()
            yield KeyLine()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < _SMALL[0] or self.app.size.height < _SMALL[1], "-small")


def prose(*lines: Parts) -> Content:
    """Lines of styled plain text, for a `Static`."""
    return Content("\n").join([Content.assemble(*line) for line in lines])
