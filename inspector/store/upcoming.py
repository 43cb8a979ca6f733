"""Which tasks a saved checkpoint leads to, found without the graph: the same that `graph.get_state_history` tells.

LangGraph works them out from the graph's nodes and what triggers them. A file has no graph, but it says the same: what
waits in `__pregel_tasks` is sent to nodes by name; channels `branch:to:NODE` and `join:A+B:NODE` name whom they
trigger; `versions_seen` names every node that ever ran, with its triggers; and the writes of a task carry its path. The
id of a task is a hash of its checkpoint, namespace, step, name and triggers, and is computed as LangGraph does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from inspector.core.values import Opaque

NULL_TASK = "00000000-0000-0000-0000-000000000000"  # input to a superstep, not a task's doing
CONTROL = frozenset({"__error__", "__error_source_node__", "__interrupt__", "__resume__", "__scheduled__"})

_PULL, _PUSH, _TASKS, _START = "__pregel_pull", "__pregel_push", "__pregel_tasks", "__start__"
_NO_NODES = frozenset({"__input__", "__interrupt__"})
_OLD_BRANCH = 3  # colons in `branch:source:condition:node`


@dataclass(frozen=True, slots=True)
class Upcoming:
    """A task of the superstep after a checkpoint. `argument` is what was sent to it (`sent`), else None."""

    id: str
    node: str
    triggers: tuple[str, ...] = ()
    sent: bool = False
    argument: Any = None


class Triggers:
    """What is known of a graph's nodes: which channels trigger them. Filled from checkpoints; see `learn`."""

    def __init__(self) -> None:
        self._of: dict[str, set[str]] = {}
        self._entry = ""

    def learn(self, checkpoint: Mapping[str, Any]) -> None:
        """Take in a decoded checkpoint: the names of its channels, and which nodes have seen which."""
        for name in _mapping(checkpoint, "channel_versions"):
            node = _triggered(name)
            if node:
                # A node that waits for several has its own channel too, written to or not.
                own = {f"branch:to:{node}"} if name.startswith("join:") else set()
                self._of.setdefault(node, set()).update({name} | own)
        for node, seen in _mapping(checkpoint, "versions_seen").items():
            if node in _NO_NODES or not isinstance(seen, dict):
                continue
            self._of.setdefault(node, set()).update(channel for channel in seen if isinstance(channel, str))
            if _START in seen:
                self._entry = node

    def items(self, checkpoint: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
        """Nodes with their triggers, sorted, in the order in which LangGraph runs them."""
        known = dict(self._of)
        if _START in _mapping(checkpoint, "channel_values"):
            entry = self._entry or _START
            known[entry] = known.get(entry, set()) | {_START}
        return [(node, tuple(sorted(known[node]))) for node in sorted(known) if known[node]]


def upcoming(
    checkpoint: Mapping[str, Any],
    namespace: str,
    step: int,
    triggers: Triggers,
    writes: Iterable[tuple[str, str]] = (),
    sends: Sequence[Any] = (),
) -> list[Upcoming]:
    """The tasks of the superstep after a checkpoint, those that were sent first, then nodes by name.

    Args:
        checkpoint: decoded (`core.values.decode_typed`); of an empty one only `writes` and `sends` tell tasks.
        namespace: as it is stored.
        step: that of the checkpoint's metadata.
        writes: `(task id, task path)` of what was written at the checkpoint; they say for certain what ran.
        sends: what was sent in a checkpoint of version 3 or older, which does not hold it.
    """
    version = checkpoint.get("v", 4)
    name = _Names(str(checkpoint.get("id", "")), namespace, step + 1, version if isinstance(version, int) else 4)
    tasks: list[Upcoming] = []
    waiting = _mapping(checkpoint, "channel_values").get(_TASKS) or sends
    for index, packet in enumerate(waiting if isinstance(waiting, (list, tuple)) else ()):
        if isinstance(packet, Opaque) and isinstance(packet.fields, list) and packet.fields:
            node = str(packet.fields[0])
            argument = packet.fields[1] if len(packet.fields) > 1 else None
            tasks.append(Upcoming(name.sent(node, index), node, (_PUSH,), True, argument))
    for node, by in triggers.items(checkpoint):
        if any(_fires(checkpoint, node, channel) for channel in by):
            tasks.append(Upcoming(name.pulled(node, by), node, by))
    return _with_written(tasks, writes)


def _with_written(tasks: list[Upcoming], writes: Iterable[tuple[str, str]]) -> list[Upcoming]:
    """The tasks, put right by those that wrote: a node whose triggers are not all known has another id."""
    known = {task.id for task in tasks}
    written = dict(writes)
    for id_, path in written.items():
        if id_ in known or id_ == NULL_TASK:
            continue
        pulled = node_of(path)
        if not pulled:
            continue
        known.add(id_)
        # Until it has run once, nothing tells the name of an entrypoint: it was taken for the node of other graphs.
        at = next((i for i, t in enumerate(tasks) if t.id not in written and t.node in (pulled, _START)), None)
        if at is None:
            tasks.append(Upcoming(id_, pulled))
        else:
            tasks[at] = Upcoming(id_, pulled, tasks[at].triggers)
    return tasks


def node_of(path: str) -> str:
    """The node that a task path names (`~__pregel_pull, NODE`); empty where it names none: a sent task and a call have
    only a number, an error handler the node that failed."""
    kind, _, rest = path.removeprefix("~").partition(", ")
    return rest if kind == _PULL and ", node_error_handler, " not in rest else ""


def sent_index(path: str) -> int | None:
    """Which of the sent packets a task path names (`~__pregel_push, 0000000002, ...`); None for another path."""
    kind, _, rest = path.removeprefix("~").partition(", ")
    number = rest.partition(", ")[0]
    return int(number) if kind == _PUSH and number.isdigit() else None


def caller_of(path: str) -> str:
    """The path of the task that made a call (a `@task` of the functional API); empty for another path."""
    kind, _, rest = path.removeprefix("~").partition(", ")
    return rest.rsplit(", ", 2)[0] if kind == _PUSH and rest.startswith("~") else ""


def handled_by(path: str) -> str:
    """The node whose error a task handles (`~__pregel_pull, NODE, node_error_handler, ...`); empty for another task."""
    kind, _, rest = path.removeprefix("~").partition(", ")
    node, found, _ = rest.rpartition(", node_error_handler, ")
    return node if kind == _PULL and found else ""


def _triggered(channel: str) -> str:
    """The node that a channel names as the one it triggers."""
    if channel.startswith("branch:to:"):
        return channel[len("branch:to:") :]
    if channel.startswith("join:"):
        return channel.rpartition(":")[2]
    if channel.startswith("start:"):
        return channel[len("start:") :]
    if channel.startswith("branch:") and channel.count(":") == _OLD_BRANCH:
        return channel.rpartition(":")[2]
    return ""


def _fires(checkpoint: Mapping[str, Any], node: str, channel: str) -> bool:
    values = _mapping(checkpoint, "channel_values")
    if channel not in values or not _available(channel, values[channel]):
        return False
    seen = _mapping(checkpoint, "versions_seen").get(node)
    version = _mapping(checkpoint, "channel_versions").get(channel)
    before = seen.get(channel) if isinstance(seen, dict) else None
    if before is None or version is None:
        return before is None and (version is not None or seen is None)
    try:
        return bool(version > before)
    except TypeError:
        return False


def _available(channel: str, value: Any) -> bool:
    """Whether a channel's saved value lets it trigger: a barrier only when all have arrived, the channel of a deferred
    node only when everything else is done."""
    if isinstance(value, list) and len(value) == 2 and isinstance(value[1], bool):
        return value[1]
    if not channel.startswith("join:"):
        return True
    arrived = value.fields if isinstance(value, Opaque) else value
    if not isinstance(arrived, list):
        return False
    awaited = channel[len("join:") :].rpartition(":")[0]
    return bool(arrived) and len(awaited) == sum(map(len, map(str, arrived))) + len(arrived) - 1


def _mapping(checkpoint: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = checkpoint.get(key)
    return value if isinstance(value, dict) else {}


class _Names:
    """Task ids as LangGraph makes them."""

    def __init__(self, checkpoint: str, namespace: str, step: int, version: int) -> None:
        try:
            self._seed = bytes.fromhex(checkpoint.replace("-", ""))
        except ValueError:
            self._seed = checkpoint.encode("utf-8", "replace")
        self._namespace = namespace
        self._step = str(step)
        self._version = version

    def pulled(self, node: str, triggers: Sequence[str]) -> str:
        return self._id(node, _PULL, *triggers)

    def sent(self, node: str, index: int) -> str:
        return self._id(node, _PUSH, str(index))

    def _id(self, node: str, *rest: str) -> str:
        inside = f"{self._namespace}|{node}" if self._namespace else node
        data = self._seed + "".join((inside, self._step, node, *rest)).encode("utf-8", "replace")
        if self._version > 1:
            import xxhash

            digest = xxhash.xxh3_128_hexdigest(data)
        else:
            import hashlib

            digest = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"
