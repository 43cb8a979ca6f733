"""What the graph prints, logs and warns, as `Log` events with the node they came from.

`sys.stdout` and `sys.stderr` are replaced, `logging` and `warnings` are listened to where records are handled, not by a
handler on the root logger: that would make the user's own `logging.basicConfig()` do nothing.
"""

from __future__ import annotations

import contextlib
import io
import logging
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

LogSink = Callable[[str, str, str, str], None]  # stream, text, level, logger

_LINE_LIMIT = 1_000_000
_inside = threading.local()


class Capture(io.TextIOBase):
    """A text stream whose lines go to a sink. A line longer than a megabyte is sent in pieces."""

    def __init__(self, name: str, sink: LogSink, original: Any) -> None:
        self._name = name
        self._sink = sink
        self._original = original
        self._partial = ""
        self._cut = False  # the line that is being written has been sent so far
        self._lock = threading.RLock()

    @property
    def name(self) -> str:
        return f"<{self._name}>"

    encoding = "utf-8"
    errors = "replace"

    @property
    def buffer(self) -> Any:
        return _Bytes(self)

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        # Programs that write to the descriptor itself (subprocesses, C code) are read from there by the inspector.
        return int(self._original.fileno())

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if getattr(_inside, "record", False):
            return len(text)  # a logging handler writing what the record itself has shown already
        with self._lock:
            *lines, self._partial = (self._partial + text).split("\n")
            for line in lines:
                if line or not self._cut:  # the end of a line in pieces is no line of its own
                    self._sink(self._name, line, "", "")
                self._cut = False
            if len(self._partial) > _LINE_LIMIT:
                self._sink(self._name, self._partial, "", "")
                self._partial, self._cut = "", True
        return len(text)

    def flush_partial(self) -> None:
        """Send a last line that has no newline."""
        with self._lock:
            if self._partial:
                self._sink(self._name, self._partial, "", "")
                self._partial, self._cut = "", True


class _Bytes(io.RawIOBase):
    """`sys.stdout.buffer` for programs that write bytes."""

    def __init__(self, text: Capture) -> None:
        self._text = text

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._text.write(bytes(data).decode("utf-8", "replace"))
        return len(data)


@contextlib.contextmanager
def captured(sink: LogSink) -> Iterator[Callable[[], None]]:
    """Capture output while the context is open. Yields a function that sends lines still without a newline."""
    stdout, stderr = sys.stdout, sys.stderr
    out, err = Capture("stdout", sink, stdout), Capture("stderr", sink, stderr)
    handle, show = logging.Logger.callHandlers, warnings.showwarning

    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        if self.name != "inspector" and not getattr(_inside, "record", False):
            sink("logging", _message(record), record.levelname.lower(), record.name)
        _inside.record = True
        try:
            handle(self, record)
        finally:
            _inside.record = False

    def show_warning(
        message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
    ) -> None:
        text = f"{category.__name__}: {message}  ({filename}:{lineno})"
        sink("warnings", text, "warning", "")

    sys.stdout, sys.stderr = out, err
    logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign]
    warnings.showwarning = show_warning

    def flush() -> None:
        out.flush_partial()
        err.flush_partial()

    try:
        yield flush
    finally:
        flush()
        sys.stdout, sys.stderr = stdout, stderr
        logging.Logger.callHandlers = handle  # type: ignore[method-assign]
        warnings.showwarning = show


def _message(record: logging.LogRecord) -> str:
    try:
        text = record.getMessage()
    except Exception as error:  # a record whose arguments do not fit its format
        text = f"{record.msg!r} % {record.args!r} ({type(error).__name__}: {error})"
    if record.exc_info and record.exc_info[1] is not None:
        from inspector.debuggee.failures import format_traceback

        text += "\n" + format_traceback(record.exc_info[1]).rstrip()
    return text
