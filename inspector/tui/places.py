"""Which panes there are, at which key, and how much of the terminal each gets. Nothing here needs a widget, so that the
first frame can be drawn before the panes are imported."""

from __future__ import annotations

from dataclasses import dataclass

NARROW = (110, 30)  # below this many columns or rows of the terminal, one pane at a time
LOW = 14  # below this many rows, no borders


@dataclass(frozen=True, slots=True)
class Place:
    """A pane's id (and module), key and names, its class, and whether it has a place of its own or is behind a tab."""

    id: str
    key: str
    name: str
    short: str
    cls: str
    own: bool = False


PLACES: tuple[Place, ...] = (
    Place("timeline", "1", "Timeline", "Time", "TimelinePane", own=True),
    Place("state", "2", "State", "State", "StatePane", own=True),
    Place("history", "3", "History", "Hist", "HistoryPane", own=True),
    Place("tokens", "4", "Tokens", "Tok", "TokensPane"),
    Place("tools", "5", "Tools", "Tool", "ToolsPane"),
    Place("output", "6", "Output", "Out", "OutputPane"),
    Place("graph", "7", "Graph", "Graph", "GraphPane"),
    Place("streams", "8", "Streams", "Strm", "StreamsPane"),
    Place("detail", "d", "Detail", "Det", "DetailPane"),
)
BY_ID = {place.id: place for place in PLACES}
FIRST_TAB = "tokens"


@dataclass(frozen=True, slots=True)
class Geometry:
    """Columns left and right; rows of the upper and lower pane at the right, and of the pane behind the tabs."""

    left: int
    right: int
    upper: int
    lower: int
    tabbed: int


def is_narrow(width: int, height: int) -> bool:
    """Whether a terminal of this size shows one pane at a time."""
    return width < NARROW[0] or height < NARROW[1]


def geometry(width: int, height: int) -> Geometry:
    """How an area is divided among all panes, the line of tabs between them taking one row."""
    left = (width * 6 + 5) // 11
    tabbed = max(1, min((height * 3) // 10, height - 5))
    above = max(2, height - 1 - tabbed)
    upper = max(1, (above * 3) // 5)
    return Geometry(left, max(1, width - left), upper, max(1, above - upper), tabbed)
