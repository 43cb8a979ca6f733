"""The newest state of each open graph of a run, as LangGraph has it, at the moment that it is made.

LangGraph hands every checkpoint to the graph's streams before it starts the tasks that follow. So what a condition sees
is what the task will see; the subscription tells the same, but later. The root graph's come by the stream of an
enclosing graph (`CONFIG_KEY_STREAM`, see `streams`). A subgraph's go to a stream that `Pregel.astream` makes for them,
by a name of its module: `tap` puts itself there. Where LangGraph has no such name, the states of subgraphs are unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from inspector.core.events import Namespace
from inspector.debuggee.encode import preview

_MISSING = object()
_hears: ContextVar[GraphStates | None] = ContextVar("inspector_states", default=None)


class GraphStates:
    """`values` and `superstep` by namespace. `changes` are looked for only in the keys of `watched`."""

    def __init__(self, changed: Callable[[str, str, list[str]], None]) -> None:
        """`changed(key, note, task ids)` is called where a watched key is not what it was; those tasks come next."""
        self._changed = changed
        self._values: dict[Namespace, Any] = {}
        self._seen: dict[Namespace, dict[str, tuple[bytes, Any]]] = {}
        self._digest = _encoder()
        self._given: set[Namespace] = set()  # graphs whose next checkpoint takes in an input
        self.supersteps: dict[Namespace, int] = {}  # the one under way
        self._waiting: set[Namespace] = set()  # graphs that something comes next in
        self.watched: frozenset[str] = frozenset()

    def checkpoint(self, ns: Namespace, payload: dict[str, Any]) -> None:
        """A checkpoint was made: a payload of the stream mode `checkpoints`."""
        if len(self._values) > 1:
            self._forget_below(ns)
        self._values[ns] = values = payload.get("values")
        self.supersteps[ns] = int((payload.get("metadata") or {}).get("step", -2)) + 1
        tasks = payload.get("tasks") or ()
        (self._waiting.add if tasks else self._waiting.discard)(ns)
        if self.watched and isinstance(values, dict):
            self._compare(ns, values, [str(task["id"]) for task in tasks], given=ns in self._given)
        # What a new input brings is in the state once `__start__` has run: given, not changed.
        (self._given.add if [task["name"] for task in tasks] == ["__start__"] else self._given.discard)(ns)

    def values(self, ns: Namespace, default: Any) -> Any:
        """The newest state of a graph; `default` where it has no checkpoints."""
        return self._values.get(ns, default)

    def unfinished(self) -> list[Namespace]:
        """The innermost graphs that are not at their end."""
        return [
            ns
            for ns in self._waiting
            if not any(len(inner) > len(ns) and inner[: len(ns)] == ns for inner in self._waiting)
        ]

    def watch(self, keys: frozenset[str]) -> None:
        """Look for changes of these keys from now on."""
        self.watched = keys
        for ns, values in self._values.items():
            if isinstance(values, dict):
                self._compare(ns, values, [], only_new=True, given=True)

    def _forget_below(self, ns: Namespace) -> None:
        """A superstep is over, and with it the graphs inside its tasks."""
        depth = len(ns)
        for inner in [known for known in self._values if len(known) > depth and known[:depth] == ns]:
            for kept in (self._values, self._seen, self.supersteps):
                kept.pop(inner, None)
            self._waiting.discard(inner)

    def _compare(
        self, ns: Namespace, values: dict[str, Any], tasks: list[str], *, only_new: bool = False, given: bool
    ) -> None:
        seen = self._seen.setdefault(ns, {})
        for key in self.watched:
            if only_new and key in seen:
                continue
            value = values.get(key, _MISSING)
            digest = b"" if value is _MISSING else self._digest(value)
            before = seen.get(key)
            if before is not None and before[0] != digest and not given:
                self._changed(key, _note(key, before[1], value), tasks)
            if before is None or before[0] != digest:
                seen[key] = (digest, _short(value))


def tap(states: GraphStates) -> None:
    """Let the checkpoints of subgraphs be told to `states`, for what runs in this context."""
    from langgraph.pregel import main

    _hears.set(states)
    original = getattr(main, "StreamProtocol", None)
    if original is None or hasattr(original, "is_tapped"):
        return

    def stream(put: Callable[[Any], None], modes: set[Any]) -> Any:
        states = _hears.get()
        if states is None or "checkpoints" not in modes:
            return original(put, modes)

        def both(chunk: Any) -> None:
            ns, mode, payload = chunk
            if mode == "checkpoints" and ns:
                states.checkpoint(ns, payload)
            put(chunk)

        return original(both, modes)

    stream.is_tapped = True  # type: ignore[attr-defined]
    vars(main)["StreamProtocol"] = stream


def _short(value: Any) -> Any:
    return repr(value) if type(value) in (bool, int, float) or value is None else _size(value)


def _size(value: Any) -> str | None:
    if value is _MISSING:
        return "nothing"
    if type(value) is str:
        return repr(value) if len(value) <= 40 else f"{len(value):,} characters"
    return f"{len(value):,} items" if type(value) in (list, dict, tuple, set) else None


def _note(key: str, before: str | None, value: Any) -> str:
    after = _short(value)
    return f"{key} changed" + (f": {before} -> {after}" if before and after and before != after else "")


def _encoder() -> Callable[[Any], bytes]:
    """A digest of a value: of LangGraph's own encoding where it has one."""
    from hashlib import blake2b

    from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

    dumps = JsonPlusSerializer().dumps_typed

    def digest(value: Any) -> bytes:
        try:
            encoded = dumps(value)[1]
        except Exception:
            encoded = preview(value)
        return blake2b(encoded, digest_size=16).digest()

    return digest
