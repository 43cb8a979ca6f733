"""Rows of figures and the table that is printed of them.

A row has a value a round. Where it has a bare value a round too, its ratio is the median of the rounds' own ratios, so
that what else the machine did in one round touches that round alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """`values` and `bare` hold one figure a round, in `unit`. `limit` is that of the ratio where there are bare values,
    else that of the value. `value` is the figure of all rounds together where that is not their median."""

    name: str
    unit: str
    values: Sequence[float]
    bare: Sequence[float] = ()
    limit: float | None = None
    value: float | None = None
    note: str = ""

    def __post_init__(self) -> None:
        if not self.values or (self.bare and len(self.bare) != len(self.values)):
            raise ValueError(f"{self.name}: {len(self.values)} values, {len(self.bare)} bare ones")

    @property
    def figure(self) -> float:
        return median(self.values) if self.value is None else self.value

    @property
    def ratios(self) -> list[float]:
        """The ratio of each round; empty without bare values."""
        return [ours / bare for ours, bare in zip(self.values, self.bare, strict=False)]

    @property
    def ok(self) -> bool | None:
        """Whether it is within its limit; None where it has none."""
        if self.limit is None:
            return None
        return (median(self.ratios) if self.bare else self.figure) <= self.limit

    def to_json(self) -> dict[str, Any]:
        """Everything, with what was computed."""
        return {**asdict(self), "figure": self.figure, "ratios": self.ratios, "ok": self.ok}


HEAD = ("measured", "median", "min–max", "bare", "ratio", "min–max", "limit", "", "")


@dataclass
class Table:
    """The rows so far."""

    rows: list[Row] = field(default_factory=list)

    def add(self, rows: Iterable[Row]) -> None:
        self.rows.extend(rows)

    @property
    def over(self) -> list[Row]:
        """The rows that are over their limit."""
        return [row for row in self.rows if row.ok is False]

    def render(self) -> str:
        """A Markdown table, aligned for reading as it is."""
        cells = [HEAD, *(_cells(row) for row in self.rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
        lines = [_line(line, widths) for line in cells]
        rule = "|".join(["", *("-" * (w + 1) + (":" if 0 < i < 7 else "-") for i, w in enumerate(widths)), ""])
        return "\n".join([lines[0], rule, *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (c.rjust(w) if 0 < i < 7 else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True)))
    return "| " + " | ".join(padded) + " |"


def _cells(row: Row) -> tuple[str, ...]:
    ratio = spread = ""
    if row.bare:
        ratio, spread = f"{median(row.ratios):.2f}", f"{min(row.ratios):.2f}–{max(row.ratios):.2f}"
    limit = "" if row.limit is None else f"{row.limit:.2f}" if row.bare else _with_unit(row.limit, row.unit)
    return (
        row.name,
        _with_unit(row.figure, row.unit),
        f"{_number(min(row.values))}–{_number(max(row.values))}",
        _with_unit(median(row.bare), row.unit) if row.bare else "",
        ratio,
        spread,
        limit,
        {True: "ok", False: "OVER", None: ""}[row.ok],
        row.note,
    )


def _with_unit(value: float, unit: str) -> str:
    return f"{_number(value)} {unit}"


def _number(value: float) -> str:
    """Three digits that matter."""
    if value == 0 or not math.isfinite(value):
        return str(value)
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least `share` (0 to 1) of them do not exceed: the 99th percentile of a hundred
    values is the second largest."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
