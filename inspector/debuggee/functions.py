"""What can be told of a node's code without running it: its function, where that is, and which names it mentions.

Only attributes that functions have are read, so nothing of the user's is executed.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType, FunctionType, MethodType
from typing import Any

from inspector.core.text import one_line

_DEEPEST = 20


@dataclass(frozen=True)
class Code:
    """The function behind a runnable: `function` is None when it is none of Python's; `runs` is then its type."""

    function: FunctionType | None
    is_async: bool
    runs: str

    @property
    def doc(self) -> str:
        """The first line of the docstring, or nothing: for functions of LangGraph and LangChain too, where it speaks of
        their insides."""
        if self.function is None or self.function.__module__.partition(".")[0] in ("langchain", "langgraph"):
            return ""
        text = self.function.__doc__
        return one_line(text.strip().split("\n", 1)[0].strip(), 200) if isinstance(text, str) else ""

    @property
    def file(self) -> str | None:
        return self.function.__code__.co_filename if self.function is not None else None

    @property
    def line(self) -> int | None:
        return self.function.__code__.co_firstlineno if self.function is not None else None


def code_of(runnable: Any) -> Code:
    """The code of a node's runnable, or of any callable."""
    from langchain_core.runnables import RunnableLambda
    from langgraph._internal._runnable import RunnableCallable

    kind = type(runnable)
    if issubclass(kind, (RunnableCallable, RunnableLambda)):
        asynchronous = getattr(runnable, "afunc", None)
        if isinstance(asynchronous, functools.partial):  # LangGraph's own wrapper of a synchronous function
            asynchronous = None
        function = plain_function(getattr(runnable, "func", None) or asynchronous)
        named = kind if kind not in (RunnableCallable, RunnableLambda) else None
        return Code(function if named is None else None, asynchronous is not None, named.__name__ if named else "")
    function = plain_function(runnable)
    if function is not None:
        return Code(function, bool(function.__code__.co_flags & 0x280), "")  # coroutine or async generator
    return Code(None, False, kind.__name__)


def plain_function(value: Any) -> FunctionType | None:
    """The Python function at the bottom of partials, methods, decorators and callable objects."""
    for _ in range(_DEEPEST):
        if isinstance(value, functools.partial):
            value = value.func
        elif type(value) is MethodType:
            value = value.__func__
        elif type(value) is FunctionType:
            inner = value.__dict__.get("__wrapped__")
            if inner is None:
                return value
            value = inner
        else:
            call = inspect.getattr_static(type(value), "__call__", None)
            if type(call) is not FunctionType:
                return None
            value = call
    return None


def values_named(function: FunctionType) -> Iterator[Any]:
    """The globals and captured values that a function's code refers to by name; attributes are not followed."""
    for cell in function.__closure__ or ():
        try:
            yield cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    for code in _codes(function.__code__):
        for name in code.co_names:
            if name in function.__globals__:
                yield function.__globals__[name]


def texts_named(function: FunctionType) -> set[str]:
    """The texts that a function's code has as constants, or refers to by a name."""
    texts = {value for value in values_named(function) if type(value) is str}
    for code in _codes(function.__code__):
        waiting = list(code.co_consts)
        while waiting:
            constant = waiting.pop()
            if type(constant) is str:
                texts.add(constant)
            elif type(constant) in (tuple, frozenset):
                waiting.extend(constant)
    if isinstance(function.__doc__, str):
        texts.discard(function.__doc__)
    return texts


def names_used(function: FunctionType) -> set[str]:
    """The global and attribute names in a function's code."""
    return {name for code in _codes(function.__code__) for name in code.co_names}


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)
