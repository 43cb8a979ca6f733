"""Markdown drawn as lines, for a finished text: headings to the left, no links that the terminal would follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.theme import Theme

from inspector.core.text import safe

LIMIT = 100_000
"""Characters; a longer text is not worth the wait (about a second at most)."""


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _CodeBlock(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        syntax = Syntax(
            code, self.lexer_name, theme="ansi_dark", word_wrap=True, background_color="default", padding=(0, 2)
        )
        yield syntax


class _Plain(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _CodeBlock,
        "code_block": _CodeBlock,
    }


def markdown_lines(text: str, width: int, console: Console, styles: Mapping[str, Style]) -> list[list[Segment]]:
    """The text as Markdown in lines of at most `width` cells. `styles`: for `heading`, `code`, `quiet`, `strong`."""
    heading, code, quiet = styles["heading"], styles["code"], styles["quiet"]
    bold, italic = Style(bold=True), Style(italic=True)
    theme = Theme({
        "markdown.h1": heading + Style(bold=True, underline=True), "markdown.h2": heading + bold,
        "markdown.h3": heading + bold, "markdown.h4": heading, "markdown.h5": heading, "markdown.h6": heading,
        "markdown.code": code, "markdown.code_block": code, "markdown.block_quote": quiet + italic,
        "markdown.hr": quiet, "markdown.item.bullet": heading, "markdown.item.number": heading,
        "markdown.link": Style(underline=True), "markdown.link_url": quiet, "markdown.strong": bold,
        "markdown.em": italic, "markdown.emph": italic, "markdown.s": Style(strike=True),
        "markdown.table.border": quiet, "markdown.table.header": bold,
    }, inherit=True)  # fmt: skip
    document = _Plain(safe(text), hyperlinks=False)
    options = console.options.update(width=max(8, width), height=None, highlight=False, markup=False)
    with console.use_theme(theme):
        return console.render_lines(document, options, pad=False)
