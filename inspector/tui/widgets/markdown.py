"""Markdown drawn as lines, for a finished text: headings to the left, no links that the terminal would follow."""

from __future__ import annotations

from collections.abc import Mapping
from io import StringIO
from typing import ClassVar

from rich.cells import chop_cells
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.segment import Segment
from rich.style import Style
from rich.syntax import Syntax
from rich.theme import Theme

from inspector.core.text import safe

LIMIT = 60_000
"""Characters. Half a second for a text as people write it; a nasty one takes some, so callers use a thread."""
_HIGHLIGHTED = 300  # lines of code that are coloured; Rich takes most of a millisecond for each


class _Heading(Heading):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        yield self.text


class _CodeBlock(CodeBlock):
    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = str(self.text).rstrip()
        if code.count("\n") < _HIGHLIGHTED:
            yield Syntax(
                code, self.lexer_name, theme="ansi_dark", word_wrap=True, background_color="default", padding=(0, 2)
            )
            return
        width = max(1, options.max_width - 2)
        style = console.get_style("markdown.code_block")
        for line in code.split("\n"):
            for part in chop_cells(line, width) or [""]:
                yield Segment(f"  {part}", style)
                yield Segment.line()


class _Plain(Markdown):
    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _CodeBlock,
        "code_block": _CodeBlock,
    }


def markdown_lines(text: str, width: int, styles: Mapping[str, Style]) -> list[list[Segment]]:
    """The text as Markdown in lines of at most `width` cells. `styles`: for `heading`, `code`, `quiet`."""
    heading, code, quiet = styles["heading"], styles["code"], styles["quiet"]
    bold, italic = Style(bold=True), Style(italic=True)
    theme = Theme({
        "markdown.h1": heading + Style(bold=True, underline=True), "markdown.h2": heading + bold,
        "markdown.h3": heading + bold, "markdown.h4": heading, "markdown.h5": heading, "markdown.h6": heading,
        "markdown.code": code, "markdown.code_block": code, "markdown.block_quote": quiet + italic,
        "markdown.hr": quiet, "markdown.item.bullet": quiet, "markdown.item.number": quiet,
        "markdown.link": Style(underline=True), "markdown.link_url": quiet, "markdown.strong": bold,
        "markdown.em": italic, "markdown.emph": italic, "markdown.s": Style(strike=True),
        "markdown.table.border": quiet, "markdown.table.header": bold,
    }, inherit=True)  # fmt: skip
    document = _Plain(safe(text), hyperlinks=False)
    console = Console(width=max(8, width), theme=theme, file=StringIO(), force_terminal=True, color_system="truecolor")
    lines = console.render_lines(document, console.options.update(highlight=False, markup=False), pad=False)
    kept: list[list[Segment]] = []
    for line in lines:
        blank = not any(segment.text.strip() for segment in line)
        if not (blank and kept and not kept[-1]):  # Rich leaves two blank lines around a table
            kept.append([] if blank else [_on_any_background(segment) for segment in line])
    return kept


def _on_any_background(segment: Segment) -> Segment:
    """The segment without the default background, which Textual would take for black."""
    style = segment.style
    if style is None or style.bgcolor is None or not style.bgcolor.is_default:
        return segment
    plain = Style(
        color=style.color, bold=style.bold, dim=style.dim, italic=style.italic, underline=style.underline,
        strike=style.strike,
    )  # fmt: skip
    return Segment(segment.text, plain)
