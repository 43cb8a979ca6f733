"""What a terminal shows of the bytes it is sent.

Knows the few sequences that the app is meant to send and no others: whatever else arrives, above all an escape sequence
or an invisible mark of the graph's, is kept in `strange`.
"""

from __future__ import annotations

import codecs
import re

from rich.cells import cell_len

_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+)"
    r"|\x1b\[(?P<args>[0-9;?<>=]*\$?)(?P<final>[A-Za-z])"
    r"|(?P<control>[\r\n])"
    r"|\x1b\]22;[a-z]*\x07"  # the shape of the mouse pointer
)
_UNFINISHED = re.compile(r"\x1b(\[[0-9;?<>=$]*|\](2(2(;[a-z]*)?)?)?)?\Z")
ALTERNATE = 1049
CURSOR = 25


class Screen:
    """A screen of cells. `modes`: the private modes that are on; `strange`: everything that it does not know."""

    def __init__(self, columns: int, rows: int) -> None:
        self.modes: set[int] = set()
        self.strange: list[str] = []
        self.cursor_shown = True
        self.keyboard = 0  # how often the keyboard protocol was switched on, and not off again
        self.farewell = ""  # the text that was written since the alternate screen was left
        self._size = (columns, rows)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._painted = False
        self._cells = self._blank()
        self._shell: list[list[str]] = []
        self._x = self._y = 0

    def _blank(self) -> list[list[str]]:
        return [[" "] * self._size[0] for _ in range(self._size[1])]

    @property
    def lines(self) -> list[str]:
        """Its lines, without the spaces at their ends."""
        return ["".join(row).rstrip() for row in self._cells]

    def resize(self, columns: int, rows: int) -> None:
        """Another size; what fits stays."""
        self._size = (columns, rows)
        self._painted = False
        old, self._cells = self._cells, self._blank()
        for new, row in zip(self._cells, old, strict=False):
            new[:] = (row + new)[:columns] if len(row) < columns else row[:columns]

    def painted(self) -> bool:
        """Whether anything has been drawn since the last change of its size."""
        return self._painted

    def feed(self, data: bytes) -> None:
        """Show what was sent."""
        text = self._rest + self._decode(data)
        at = 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                if _UNFINISHED.match(text, at):
                    break
                self.strange.append(text[at : at + 20])
                at += 1
                continue
            at = token.end()
            if token["text"]:
                self._write(token["text"])
            elif token["control"]:
                self._control(token["control"])
            elif token["final"] and token["final"] != "m":  # colours are of no interest here
                self._sequence(token["args"], token["final"])
        self._rest = text[at:]

    def _write(self, text: str) -> None:
        self.farewell += text
        self._painted = True
        if cell_len(text) != len(text):
            for char in text:
                self._put(char, cell_len(char))
            return
        columns = self._size[0]
        if self._y < len(self._cells):
            text = text[: columns - self._x]
            self._cells[self._y][self._x : self._x + len(text)] = text
            self._x += len(text)

    def _put(self, char: str, width: int) -> None:
        row = self._cells[self._y] if self._y < len(self._cells) else []
        if width == 0:
            if 0 < self._x <= len(row):
                row[self._x - 1] += char
        elif self._x + width <= len(row):
            row[self._x : self._x + width] = [char, *[""] * (width - 1)]
            self._x += width

    def _control(self, char: str) -> None:
        self.farewell += char.replace("\r", "")
        if char == "\r":
            self._x = 0
        elif self._y + 1 < self._size[1]:
            self._y += 1
        else:
            self._cells = [*self._cells[1:], [" "] * self._size[0]]

    def _sequence(self, args: str, final: str) -> None:
        if final == "H":
            row, _, column = args.partition(";")
            self._y, self._x = max(0, int(row or 1) - 1), max(0, int(column or 1) - 1)
        elif final in "hl" and args.startswith("?"):
            self._mode({int(number) for number in args[1:].split(";")}, final == "h")
        elif final == "u" and args[:1] in ("<", ">"):
            self.keyboard += 1 if args[0] == ">" else -1
        elif not (final == "p" and args.endswith("$")):  # asks which modes the terminal has
            self.strange.append(f"CSI {args}{final}")

    def _mode(self, numbers: set[int], on: bool) -> None:
        if ALTERNATE in numbers and on != (ALTERNATE in self.modes):
            if on:
                self._shell, self._cells = self._cells, self._blank()
            else:
                self._cells, self.farewell = self._shell, ""
        if CURSOR in numbers:
            self.cursor_shown = on
        self.modes = self.modes | numbers if on else self.modes - numbers
