"""Exceptions of the user's code as `Failure`, and where a thread is, in the user's own frames."""

from __future__ import annotations

import os
import sys

from inspector.core.events import Failure
from inspector.debuggee.tracebacks import is_plumbing, user_traceback

_LIMIT = 40_000
_STDLIB = os.path.dirname(os.__file__)


def failure(error: BaseException) -> Failure:
    """The exception as a `Failure`; its `str()` may raise or be half a megabyte."""
    try:
        message = str(error)
    except Exception as problem:
        message = f"<str() raised {type(problem).__name__}>"
    name = type(error).__qualname__
    module = type(error).__module__
    if module not in ("builtins", "__main__"):
        name = f"{module}.{name}"
    return Failure(_encodable(name), _encodable(message[:_LIMIT]), format_traceback(error))


def format_traceback(error: BaseException) -> str:
    """The traceback of an error in a running graph, with the user's frames."""
    return user_traceback(error, running=True)


def where(thread: int) -> str:
    """`file:line in function` of the innermost frame of a thread that is the user's, for the watchdog."""
    frame = sys._current_frames().get(thread)
    innermost = None
    while frame is not None:
        filename = frame.f_code.co_filename
        place = f"{filename}:{frame.f_lineno} in {frame.f_code.co_name}"
        if not (is_plumbing(filename) or "/site-packages/" in filename or filename.startswith((_STDLIB, "<"))):
            return place
        innermost = innermost or place
        frame = frame.f_back
    return innermost or ""


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
