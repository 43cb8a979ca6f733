"""Text from a graph, made safe and short: nothing that reaches the terminal may move its cursor or reorder its text.

Also how numbers, durations and sizes are written everywhere.
"""

from __future__ import annotations

import re
from datetime import datetime

# C0 and C1 controls, DEL, bidi marks and overrides, zero-width characters, line separators, lone surrogates,
# and the tag block. Tabs and newlines are handled by the callers, who know whether they show one line or many.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
_NAMED = {0x1B: "␛", 0x7F: "␡", 0x0D: "␍"}


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in _NAMED:
        return _NAMED[code]
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x200D:
        return match[0]  # the joiner of emoji families; harmless, and taking it away breaks them
    return "\ufffd"


def safe(text: str) -> str:
    """The text with control characters, escapes and bidi marks made visible. Keeps newlines; tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return _UNSAFE.sub(_visible, text.replace("\r\n", "\n").expandtabs(4))


def one_line(text: str, limit: int = 500) -> str:
    """The text safe and on one line, newlines shown as `⏎`, cut with an ellipsis after `limit` characters."""
    cut = len(text) > limit
    out = safe(text[:limit]).replace("\n", "⏎")
    return out + "…" if cut else out


def duration(seconds: float | None) -> str:
    """`0.3ms 12ms 0.94s 12.3s 2m03s 1h04m`: at most 6 characters."""
    if seconds is None or seconds < 0:
        return ""
    if seconds < 0.000_95:
        return f"{seconds * 1e6:.0f}µs"
    if seconds < 0.0995:
        return f"{seconds * 1e3:.1f}ms" if seconds < 0.00995 else f"{seconds * 1e3:.0f}ms"
    if seconds < 9.995:
        return f"{seconds:.2f}s"
    if seconds < 99.95:
        return f"{seconds:.1f}s"
    if seconds < 3600:
        return f"{int(seconds) // 60}m{int(seconds) % 60:02d}s"
    return f"{int(seconds) // 3600}h{int(seconds) % 3600 // 60:02d}m"


def ago(then: float | None, now: float) -> str:
    """How long ago a Unix time was: `now 40s ago 2m ago 9h ago 6d ago`, then the date: at most 10 characters."""
    if then is None:
        return ""
    past = now - then
    if past < 1:
        return "now"
    if past < 60:
        return f"{past:.0f}s ago" if past < 59.5 else "1m ago"
    if past < 3600:
        return f"{past // 60:.0f}m ago"
    if past < 86_400:
        return f"{past // 3600:.0f}h ago"
    if past < 14 * 86_400:
        return f"{past // 86_400:.0f}d ago"
    try:
        return datetime.fromtimestamp(then).date().isoformat()
    except (OverflowError, ValueError, OSError):
        return ""


def size(count: int) -> str:
    """`214 B 12 kB 9.8 MB`, decimal units."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5:
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
    return f"{value:.0f} PB"


def number(count: int) -> str:
    """`412 1.3k 20k 1.2M`: at most 5 characters."""
    if count < 1000:
        return str(count)
    value = float(count)
    for unit in ("k", "M", "G"):
        value /= 1000
        if value < 999.5:
            return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"
    return f"{value:.0f}T"


def plural(count: int, noun: str) -> str:
    """`1 item`, `5 items`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
