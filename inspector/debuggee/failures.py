"""Exceptions of the user's code as `Failure`: the traceback with the frames that are theirs."""

from __future__ import annotations

import os
import sys
import traceback

from inspector.core.events import Failure

_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_LIMIT = 40_000


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
    return Failure(_encodable(name), _encodable(message[:_LIMIT]), _encodable(format_traceback(error)))


def format_traceback(error: BaseException) -> str:
    """The traceback as Python prints it, without the frames of LangGraph, LangChain, asyncio and the inspector (unless
    nothing else is left), causes and contexts included."""
    try:
        summary = traceback.TracebackException.from_exception(error, compact=True, limit=200)
        _trim(summary, 0)
        return "".join(summary.format())[-_LIMIT:]
    except Exception as problem:
        return f"<the traceback cannot be formatted: {type(problem).__name__}>"


def _trim(summary: traceback.TracebackException, depth: int) -> None:
    own = [frame for frame in summary.stack if not _is_plumbing(frame.filename)]
    if own:
        summary.stack = traceback.StackSummary.from_list(own)
    if depth < 8:
        for linked in (summary.__cause__, summary.__context__):
            if linked is not None:
                _trim(linked, depth + 1)


def _is_plumbing(filename: str) -> bool:
    if filename.startswith(_OURS) or filename.startswith("<frozen"):
        return True
    path = filename.replace(os.sep, "/")
    if "/site-packages/" in path:
        package = path.rpartition("/site-packages/")[2].split("/", 1)[0]
        return package in ("langgraph", "langchain_core", "langchain", "aiosqlite", "pydantic")
    return any(part in path for part in ("/asyncio/", "/concurrent/futures/", "/contextlib.py", "/threading.py"))


def where(frame_of: int) -> str:
    """`file:line in function` of the innermost frame of a thread that is the user's, for the watchdog."""
    frame = sys._current_frames().get(frame_of)
    innermost = None
    while frame is not None:
        filename = frame.f_code.co_filename
        if not _is_plumbing(filename) and "/site-packages/" not in filename and not _is_stdlib(filename):
            return f"{filename}:{frame.f_lineno} in {frame.f_code.co_name}"
        innermost = innermost or f"{filename}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back
    return innermost or ""


def _is_stdlib(filename: str) -> bool:
    return filename.startswith(os.path.dirname(os.__file__)) or filename.startswith("<")


def _encodable(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")
