"""A user's exception as text: their frames with source lines, without the inspector's own and the import system's."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

from inspector.core.text import one_line

_OURS = str(Path(__file__).resolve().parents[1])
_CARRIERS = frozenset({"langgraph", "langchain_core", "langchain", "aiosqlite", "pydantic"})
_MOST = 100_000  # characters; a message may hold a whole document


def user_traceback(error: BaseException, *, running: bool = False) -> str:
    """The traceback as Python prints it, chained exceptions and groups included, with the user's frames only.

    For an error of a `running` graph the frames of LangGraph, LangChain and asyncio go too, unless nothing is left.
    """
    try:
        summary = traceback.TracebackException.from_exception(error)
        for part in _parts(summary):
            theirs = [frame for frame in part.stack if _theirs(frame.filename)]
            if running:
                theirs = [frame for frame in theirs if not is_plumbing(frame.filename)] or theirs
            part.stack = traceback.StackSummary.from_list(theirs)
        text = "".join(summary.format())
    except Exception:  # an exception class may raise from any of its attributes
        text = f"{type(error).__name__}: (its traceback cannot be shown)\n"
    text = text.encode("utf-8", "replace").decode()  # lone surrogates cannot cross the link
    return text if len(text) <= _MOST else f"{text[: _MOST // 2]}\n[...]\n{text[-_MOST // 2 :]}"


def in_short(error: BaseException) -> str:
    """`ValueError: what it says`, on one line, safe to print."""
    try:
        text = str(error).strip().split("\n", 1)[0]
    except Exception:
        text = "(its message cannot be shown)"
    name = type(error).__name__
    return one_line(f"{name}: {text}" if text else name, 300)


def sentence(text: str) -> str:
    """The text with a full stop, unless it ends like a sentence already."""
    return text if text.endswith((".", "!", "?")) else f"{text}."


def where(error: BaseException, roots: tuple[Path, ...]) -> str | None:
    """`file.py line 3`: the innermost frame in one of the directories, or None."""
    found = None
    for frame in traceback.extract_tb(error.__traceback__):
        path = Path(frame.filename)
        if _theirs(frame.filename) and "site-packages" not in path.parts and any(map(path.is_relative_to, roots)):
            found = f"{path.name} line {frame.lineno}"
    return found


def has_user_frames(error: BaseException) -> bool:
    """Whether any code other than the inspector's and the import system's was running."""
    return any(_theirs(frame.filename) for frame in traceback.extract_tb(error.__traceback__))


def is_plumbing(filename: str) -> bool:
    """Whether a file belongs to what carries a node: LangGraph, LangChain, asyncio, the inspector."""
    if filename.startswith((_OURS, "<frozen")):
        return True
    path = filename.replace("\\", "/")
    if "/site-packages/" in path:
        return path.rpartition("/site-packages/")[2].split("/", 1)[0] in _CARRIERS
    return any(part in path for part in ("/asyncio/", "/concurrent/futures/", "/contextlib.py", "/threading.py"))


def _theirs(filename: str) -> bool:
    if filename.startswith("<frozen "):
        return False
    path = Path(filename)
    return not path.is_relative_to(_OURS) and path.parent.name != "importlib" and path.name != "contextlib.py"


def _parts(summary: traceback.TracebackException) -> Iterator[traceback.TracebackException]:
    waiting = [summary]
    seen: set[int] = set()
    while waiting:
        part = waiting.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield part
        waiting.extend(p for p in (part.__cause__, part.__context__) if p is not None)
        waiting.extend(getattr(part, "exceptions", None) or ())
