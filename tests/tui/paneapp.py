"""A small app around one pane, for tests: it does with the pane's messages what the main screen would do."""

from __future__ import annotations

from textual.app import App, ComposeResult

from inspector.core.nodes import Node, Span
from inspector.core.view import View
from inspector.tui.panes.base import NodeSelected, Pane, ShowNode, ShowText
from tests.core.script import Script


class PaneApp(App[None]):
    """Shows one pane of a scripted run. What it says is kept: `selected` and `shown` nodes by name, `texts`."""

    def __init__(self, kind: type[Pane], script: Script | None = None) -> None:
        super().__init__()
        self.script = script or Script()
        self.view = View(self.script.run)
        self.pane = kind(self.view)
        self.selected: list[str] = []
        self.shown: list[str] = []
        self.texts: list[tuple[str, str]] = []

    def compose(self) -> ComposeResult:
        yield self.pane

    def on_node_selected(self, message: NodeSelected) -> None:
        self.selected.append(named(message.node))
        self.view.select(message.node)
        self.pane.sync_if_changed()

    def on_show_node(self, message: ShowNode) -> None:
        self.shown.append(named(message.node))

    def on_show_text(self, message: ShowText) -> None:
        self.texts.append((message.title, message.text))


def named(node: Node | None) -> str:
    return "" if node is None else node.name if isinstance(node, Span) else node.node


def screen(app: App[None]) -> list[str]:
    """What is on the terminal, line by line."""
    return ["".join(segment.text for segment in strip).rstrip() for strip in app.screen._compositor.render_strips()]


SIZES = [(20, 5), (20, 20), (40, 10), (60, 8), (80, 24), (120, 40), (250, 80)]
HOSTILE = "[bold red]markup[/] \x1b[31mred\x1b[0m \x00 \u202eevil 日本語 👩\u200d👩\u200d👧\r\n\ttab"
FORBIDDEN = set("\x1b\x00\u202e\r")
