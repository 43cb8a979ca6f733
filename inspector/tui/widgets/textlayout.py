"""The lines of texts that grow, kept so that growing costs only what is new.

A `Layout` holds blocks (a text each: what a model said, what it thought, a call's arguments), cut into pages of some
16,000 characters. A page that nobody has looked at at this width has an estimated height, and is wrapped when it comes
into view or in spare moments (`refine`); so a text of many megabytes opens and is resized as quickly as a short one.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from time import perf_counter
from typing import Protocol

from rich.cells import cell_len

from inspector.tui.widgets.wrapping import TAB, clean, wrap

PAGE = 16_384  # characters
_KEEP = 32  # pages whose text is at hand
_GROWING = 64  # the newest blocks, which may still grow


class Source(Protocol):
    """A text that grows at its end (`core.tokens.Segment` is one)."""

    @property
    def length(self) -> int: ...

    @property
    def text(self) -> str: ...

    def since(self, offset: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """A text that does not grow."""

    text: str

    @property
    def length(self) -> int:
        return len(self.text)

    def since(self, offset: int) -> str:
        return self.text[offset:]


@dataclass(slots=True, eq=False)
class Block:
    """A text and how it is drawn: in `style`, every line after a `gutter`, the first line beginning with `prefix`.

    `gutter` and `prefix` are safe text on one line. Styles are names of component classes.
    """

    source: Source
    style: str = "text"
    gutter: str = ""
    gutter_style: str = "gutter"
    prefix: str = ""
    prefix_style: str = "label"
    markdown: bool = False
    consumed: int = field(default=0, init=False)
    tail: Page | None = field(default=None, init=False)


@dataclass(slots=True, eq=False)
class Page:
    """A stretch of a block: `length` characters of its source from `start`, after `lead` characters of its prefix."""

    block: Block
    start: int
    lead: int = 0
    length: int = 0
    height: int = 1
    lines: array[int] | None = None  # where each line begins, in characters of `text`; None: height is an estimate
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line as drawn. `prefix` characters at its beginning belong to the block's prefix; `ended` by a newline."""

    block: Block
    text: str
    prefix: int
    ended: bool


def _estimate(text: str, start: int, stop: int, width: int) -> int:
    """About how many lines a stretch takes, without looking at each character."""
    return max(1, text.count("\n", start, stop) + (stop - start) * 10 // (width * 9 + 1))


class Layout:
    """Blocks wrapped at a width. Lines are counted from the top of the first block.

    `height` changes when text comes, and when an estimated page is wrapped: after each call that may do so, callers
    compare it, and `top_after` tells what to scroll to so that what is on screen stays there.
    """

    def __init__(self, width: int) -> None:
        self.width = max(1, width)
        self.blocks: list[Block] = []
        self.pages: list[Page] = []
        self._starts: list[int] = [0]  # of the pages, and the height of it all
        self._held: list[Page] = []  # pages whose text is kept, oldest first
        self._estimated = 0

    # ------------------------------------------------------------------ reading

    @property
    def height(self) -> int:
        """How many lines there are (as far as is known)."""
        return self._starts[-1]

    @property
    def settled(self) -> bool:
        """Whether every page is wrapped."""
        return self._estimated == 0

    def page_at(self, y: int) -> int:
        """The index of the page that line `y` is on."""
        return min(max(bisect_right(self._starts, y) - 1, 0), len(self.pages) - 1)

    def line(self, y: int) -> Line | None:
        """Line `y`, None outside or on a page that is not wrapped (see `reveal`)."""
        if not 0 <= y < self.height:
            return None
        at = self.page_at(y)
        page = self.pages[at]
        lines = page.lines
        if lines is None:
            return None
        row = y - self._starts[at]
        text = self._text(page)
        begin = lines[row]
        end = lines[row + 1] if row + 1 < len(lines) else len(text)
        ended = end > begin and text[end - 1] == "\n"
        drawn = text[begin : end - 1 if ended else end].replace("\t", " " * TAB)
        return Line(page.block, drawn, max(0, page.lead - begin), ended or self._closes(page, row))

    def _closes(self, page: Page, row: int) -> bool:
        return page is page.block.tail and page.lines is not None and row == len(page.lines) - 1

    # ------------------------------------------------------------------ changing

    def add(self, block: Block) -> None:
        """Add a block at the end. `grow` takes in its text."""
        self.blocks.append(block)
        block.consumed, block.tail = 0, None
        self._open(block, 0, clean(block.prefix))

    def grow(self, *, all: bool = False) -> bool:
        """Take in what the newest blocks (or `all`) have grown by. Returns whether they have."""
        grown = False
        for block in self.blocks if all else self.blocks[-_GROWING:]:
            if block.source.length > block.consumed:
                grown = self._grow(block) or grown
        return grown

    def resize(self, width: int) -> None:
        """Wrap at another width: at once what is looked at next, the rest later."""
        width = max(1, width)
        if width == self.width:
            return
        for page in self.pages:
            page.height = max(1, page.height * self.width // width)
            page.lines = None
        self.width = width
        self._estimated = len(self.pages)
        self._restart(0)

    def reveal(self, top: int, count: int) -> int:
        """Wrap the pages that lines `top` to `top + count` are on. Returns the new `top` of what was there."""
        if not self.pages:
            return top
        for _ in range(count + 2):  # each round wraps a page, and the window spans no more than `count` pages
            first, last = self.page_at(top), self.page_at(top + max(count, 1) - 1)
            ready = [at for at in range(first, last + 1) if self.pages[at].lines is not None]
            missing = [at for at in range(first, last + 1) if self.pages[at].lines is None]
            if not missing:
                break
            anchor = ready[0] if ready else missing[0]
            beside = self._starts[anchor] - top
            for at in missing:
                self._wrap(self.pages[at])
            self._restart(missing[0])
            top = max(0, self._starts[anchor] - beside)
        return top

    def reveal_end(self, count: int) -> None:
        """Wrap the pages of the last `count` lines."""
        at = len(self.pages) - 1
        lines = 0
        while at >= 0 and lines < count:
            if self.pages[at].lines is None:
                self._wrap(self.pages[at])
                self._restart(at)
            lines += self.pages[at].height
            at -= 1

    def refine(self, top: int, seconds: float) -> int:
        """Wrap pages that are only estimated, the last ones first, for about so long. Returns the new `top`."""
        deadline = perf_counter() + seconds
        anchor = self.page_at(top)
        beside = self._starts[anchor] - top
        lowest = len(self.pages)
        for at in range(len(self.pages) - 1, -1, -1):
            if self.pages[at].lines is None:
                self._wrap(self.pages[at])
                lowest = at
                if perf_counter() > deadline:
                    break
        if lowest < len(self.pages):
            self._restart(lowest)
        return max(0, self._starts[anchor] - beside)

    def locate(self, y: int) -> tuple[Page, int] | None:
        """The page and character that line `y` begins with, to find it again at another width."""
        if not 0 <= y < self.height:
            return None
        at = self.page_at(y)
        page = self.pages[at]
        return page, page.lines[y - self._starts[at]] if page.lines is not None else 0

    def find(self, page: Page, offset: int) -> int:
        """The line on which a character of a page is."""
        at = self.pages.index(page)
        if page.lines is None:
            self._wrap(page)
            self._restart(at)
        assert page.lines is not None
        return self._starts[at] + bisect_right(page.lines, offset) - 1

    # ------------------------------------------------------------------ inside

    def _open(self, block: Block, start: int, lead: str = "") -> Page:
        page = Page(block, start, lead=len(lead), lines=array("I", [0]), text=lead)
        before = block.tail
        after = self._index(before) + 1 if before is not None else len(self.pages)
        self.pages.insert(after, page)
        block.tail = page
        if before is not None:
            if before.lines is not None and len(before.lines) > 1 and before.lines[-1] == before.lead + before.length:
                before.lines.pop()  # what follows its last newline is on this page
                before.height = len(before.lines)
            if before.text is not None:
                self._hold(before)
        self._restart(max(0, after - 1))
        return page

    def _grow(self, block: Block) -> bool:
        if block.source.length - block.consumed > 8 * PAGE:
            self._skip(block)
        raw = block.source.since(block.consumed)
        if raw.endswith("\r"):
            raw = raw[:-1]  # perhaps the first half of a line's end
        if not raw:
            return False
        tail = block.tail
        assert tail is not None
        index = self._index(tail)
        while raw:
            size = PAGE + 1 if raw[PAGE - 1 : PAGE] == "\r" else PAGE  # a line's end stays whole
            piece, raw = raw[:size], raw[size:]
            tail.text = (tail.text or "") + clean(piece)
            block.consumed += len(piece)
            self._wrap_tail(tail)
            tail = self._seal(block, tail)
        self._restart(index)
        return True

    def _index(self, page: Page) -> int:
        for at in range(len(self.pages) - 1, -1, -1):
            if self.pages[at] is page:
                return at
        raise ValueError("not a page of this layout")

    def _wrap_tail(self, page: Page) -> None:
        text = page.text or ""
        if page.lines is None:
            self._estimated -= 1
            page.lines = array("I", [0])
        wrap(text, page.lines[-1], self.width_of(page.block), page.lines)
        page.length = len(text) - page.lead
        page.height = len(page.lines)

    def _seal(self, block: Block, page: Page) -> Page:
        """Begin another page when this one is full: at a newline if there is one, else at the start of a line."""
        text, lines = page.text or "", page.lines
        if len(text) <= PAGE or lines is None or len(lines) < 2:
            return page
        at = next((n for n in range(len(lines) - 1, len(lines) // 2, -1) if text[lines[n] - 1] == "\n"), len(lines) - 1)
        cut = lines[at]
        page.text, rest = text[:cut], text[cut:]
        page.lines = lines[:at]
        page.height, page.length = at, cut - page.lead
        fresh = self._open(block, page.start + page.length)
        fresh.text = rest
        self._wrap_tail(fresh)
        return fresh

    def _skip(self, block: Block) -> None:
        """Cut a long text that is there already into pages, all but its end, and only estimate their heights."""
        text = block.source.text
        width = self.width_of(block)
        first = self._index(block.tail) if block.tail is not None else 0
        while len(text) - block.consumed > 2 * PAGE:
            assert block.tail is not None
            page = block.tail
            begin = block.consumed
            stop = text.rfind("\n", begin + PAGE // 2, begin + PAGE) + 1 or begin + PAGE
            if text[stop - 1] == "\r":
                stop -= 1
            if page.length or page.lines is None:
                page = self._open(block, begin)
            page.length, page.lines, page.text = stop - begin, None, None
            page.height = _estimate(text, begin, stop, width)
            self._estimated += 1
            block.consumed = stop
        self._open(block, block.consumed)
        self._restart(first)

    def _wrap(self, page: Page) -> None:
        text = self._text(page)
        lines = array("I", [0])
        wrap(text, 0, self.width_of(page.block), lines)
        if len(lines) > 1 and lines[-1] == len(text) and page is not page.block.tail:
            lines.pop()  # what follows the last newline is on the next page
        if page.lines is None:
            self._estimated -= 1
        page.lines, page.height = lines, len(lines)

    def width_of(self, block: Block) -> int:
        """The cells for the text of a block."""
        return max(1, self.width - cell_len(block.gutter))

    def _text(self, page: Page) -> str:
        if page.text is None:
            lead = clean(page.block.prefix) if page.lead else ""
            page.text = lead + clean(page.block.source.text[page.start : page.start + page.length])
            self._hold(page)
        return page.text

    def _hold(self, page: Page) -> None:
        self._held.append(page)
        if len(self._held) > _KEEP:
            old = self._held.pop(0)
            if old is not old.block.tail:
                old.text = None

    def _restart(self, at: int) -> None:
        """Count the lines again from page `at` on."""
        del self._starts[at + 1 :]
        y = self._starts[at]
        for page in self.pages[at:]:
            y += page.height
            self._starts.append(y)
