"""Checkpoints and what ran after each, put together from rows: what `store.rebuild` makes events of."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from inspector.core.checkpoint_ids import made_at
from inspector.core.events import Failure, Namespace, Packed
from inspector.core.packing import pack
from inspector.store.checkpoints import INTERNAL_PREFIXES
from inspector.store.deltas import unwrapped
from inspector.store.pending import failure, interrupts
from inspector.store.rows import Saved, Wrote
from inspector.store.threads import ThreadFile
from inspector.store.upcoming import CONTROL, NULL_TASK, Triggers, Upcoming, caller_of, handled_by, upcoming

_KEEP = 64  # decoded checkpoints
_NO_WRITES = "__no_writes__"


@dataclass(frozen=True, slots=True)
class Ran:
    """A task after a checkpoint. `begun`: something is known of it; `finished`: it wrote what it had to. `written` maps
    state channels to inert values. `interrupts` are `(id, value, schema)`, answered or not. A `call` is a `@task`,
    whose `caller` is the id of the task that made it; its name is not in the file (`node` is empty)."""

    id: str
    node: str
    triggers: tuple[str, ...] = ()
    sent: bool = False
    argument: Any = None
    begun: bool = False
    finished: bool = False
    written: Any = None
    error: Failure | None = None
    interrupts: tuple[tuple[str, Any, Any], ...] = ()
    call: bool = False
    caller: str = ""


@dataclass(frozen=True)
class Moment:
    """A checkpoint and what ran after it. `at` is Unix time (0 where the id does not tell), `owner` the id of the task
    that the graph runs in, `resumed_at` what changes whenever an invocation takes up where another ended."""

    ns: Namespace
    id: str
    parent: str | None
    step: int
    source: str
    at: float
    values: dict[str, Any]
    ran: tuple[Ran, ...]
    resumed_at: Any = None
    input: Any = None
    answer: Any = None
    owner: str = ""
    parents: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def preview(self) -> Packed:
        """The state, packed and bounded."""
        return pack(self.values)


class Steps:
    """The checkpoints of a thread, read when they are asked for."""

    def __init__(self, file: ThreadFile, thread: str) -> None:
        self.thread = thread
        self._file = file
        keys = file.reader.query(
            "SELECT checkpoint_ns, checkpoint_id FROM checkpoints WHERE thread_id = ? ORDER BY checkpoint_id", (thread,)
        )
        self._ids: dict[str, list[str]] = defaultdict(list)
        for namespace, id_ in keys:
            self._ids[namespace].append(id_)
        self._last = made_at(keys[-1][1]) if keys else None
        self._owned, self._unowned = _owners(self._ids)
        self._triggers: defaultdict[str, Triggers] = defaultdict(Triggers)
        self._kept: OrderedDict[tuple[str, str], Moment | None] = OrderedDict()
        self._learn()

    def _learn(self) -> None:
        """What the newest checkpoint of each graph knows of its nodes holds for all of them."""
        for namespace, ids in self._ids.items():
            if "|" in namespace and len(self._ids) > 200:
                continue
            saved = self._file.checkpoint(self.thread, namespace, ids[-1])
            if saved is not None:
                self._triggers[_graph_of(namespace)].learn(saved.decoded())

    # ------------------------------------------------------------------ where things are

    def window(self, namespace: str, first: str | None, last: str | None) -> list[str]:
        """The ids of a graph's checkpoints from `first` to `last`, oldest first."""
        ids = self._ids.get(namespace, [])
        begin = bisect_left(ids, first) if first is not None else 0
        return ids[begin : bisect_right(ids, last) if last is not None else len(ids)]

    def is_newest(self, at: Moment) -> bool:
        """Whether no checkpoint of the same graph is newer."""
        return self._ids["|".join(at.ns)][-1] == at.id

    def latest(self, at: Moment) -> float:
        """When the last thing known of what came after a checkpoint happened."""
        ids = self._ids["|".join(at.ns)]
        after = bisect_right(ids, at.id)
        limit = made_at(ids[after]) if after < len(ids) else self._last
        return limit if limit is not None else at.at

    def inside(self, at: Moment, task: Ran) -> list[list[Moment]]:
        """The graphs that ran inside a task: the checkpoints of each, oldest first."""
        found = [
            [m for id_ in self._ids[namespace] if (m := self.moment(namespace, id_, task.id)) is not None]
            for namespace in self._owned.get(task.id, ())
        ]
        kept = "|".join((*at.ns, task.node))  # a subgraph with a memory of its own: the same at every call
        if kept in self._unowned:
            moments = (self.moment(kept, id_, task.id) for id_ in self._ids[kept])
            own = [m for m in moments if m is not None and m.parents.get("|".join(at.ns)) == at.id]
            if own:
                found.append(own)
        return found

    def name_of(self, call: Ran) -> str:
        """The name of a `@task`, where a graph inside it tells."""
        for namespace in self._owned.get(call.id, ()):
            for segment in reversed(namespace.split("|")):
                if segment.endswith(f":{call.id}"):
                    return segment.rpartition(":")[0]
        return ""

    # ------------------------------------------------------------------ reading

    def moment(self, namespace: str, id: str, owner: str = "") -> Moment | None:
        """A checkpoint with what ran after it; None if there is none."""
        key = (namespace, id)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        saved = self._file.checkpoint(self.thread, namespace, id) if id else None
        found = None if saved is None else self._read(saved, owner)
        self._kept[key] = found
        if len(self._kept) > _KEEP:
            self._kept.popitem(last=False)
        return found

    def _read(self, saved: Saved, owner: str) -> Moment:
        checkpoint = saved.decoded()
        triggers = self._triggers[_graph_of(saved.namespace)]
        triggers.learn(checkpoint)
        rows = self._file.writes(self.thread, saved.namespace, saved.id)
        tasks = upcoming(checkpoint, saved.namespace, saved.step, triggers, ((row.task, row.path) for row in rows))
        values = checkpoint.get("channel_values")
        values = values if isinstance(values, dict) else {}
        seen = checkpoint.get("versions_seen")
        source = str(saved.metadata.get("source", ""))
        parents = saved.metadata.get("parents")
        return Moment(
            tuple(saved.namespace.split("|")) if saved.namespace else (), saved.id, saved.parent, saved.step, source,
            made_at(saved.id) or 0.0, state_of(values), _ran(tasks, rows),
            seen.get("__interrupt__") if isinstance(seen, dict) else None,
            values.get("__start__") if source == "input" else None, _answer(rows), owner,
            parents if isinstance(parents, dict) else {},
        )  # fmt: skip


def state_of(values: dict[str, Any]) -> dict[str, Any]:
    """The state channels among the values of a checkpoint."""
    shown = {name: unwrapped(value) for name, value in values.items() if not name.startswith(INTERNAL_PREFIXES)}
    return shown or ({"__end__": values["__end__"]} if "__end__" in values else {})


def _ran(tasks: list[Upcoming], rows: list[Wrote]) -> tuple[Ran, ...]:
    by_task: dict[str, list[Wrote]] = {}
    for row in rows:
        if row.task != NULL_TASK:
            by_task.setdefault(row.task, []).append(row)
    known = {task.id for task in tasks}
    ran = [_one(Ran(t.id, t.node, t.triggers, t.sent, t.argument), by_task.get(t.id, [])) for t in tasks]
    paths = {own[0].path: id_ for id_, own in by_task.items() if own[0].path}
    for id_, own in by_task.items():
        if id_ in known:
            continue
        caller = caller_of(own[0].path)
        failed = handled_by(own[0].path)
        if caller:
            ran.append(_one(Ran(id_, "", call=True, caller=paths.get(caller, _called_by(tasks, caller))), own))
        elif failed:
            ran.append(_one(Ran(id_, f"error handler of {failed}"), own))
        # Anything else without a path is what an edit wrote (`update_state`), and no task.
    return tuple(ran)


def _called_by(tasks: list[Upcoming], path: str) -> str:
    """The task with a path, for callers that wrote nothing themselves."""
    name = path.rpartition(", ")[2]
    return next((task.id for task in tasks if task.node == name), "")


def _one(task: Ran, rows: list[Wrote]) -> Ran:
    if not rows:
        return task
    written: dict[str, Any] = {}
    asked: list[tuple[str, Any, Any]] = []
    error: Failure | None = None
    finished = False
    for row in rows:
        if row.channel == "__interrupt__":
            asked += interrupts(row.decoded())
        elif row.channel == "__error__":
            error = failure(row.decoded())
        elif row.channel not in CONTROL:
            finished = True
            if row.channel == "__return__" or not row.channel.startswith(INTERNAL_PREFIXES):
                _add(written, row.channel, row.decoded())
            elif row.channel == "__end__":
                written[row.channel] = row.decoded()
    return Ran(
        task.id, task.node, task.triggers, task.sent, task.argument, True, finished, written, error, tuple(asked),
        task.call, task.caller,
    )  # fmt: skip


def _add(written: dict[str, Any], channel: str, value: Any) -> None:
    """Several writes to one channel are shown as LangGraph's streams show them."""
    if channel not in written:
        written[channel] = value
    elif isinstance(written[channel], dict) and list(written[channel]) == ["$writes"]:
        written[channel]["$writes"].append(value)
    else:
        written[channel] = {"$writes": [written[channel], value]}


def _answer(rows: list[Wrote]) -> Any:
    """What the questions at a checkpoint were answered with, as far as that is kept."""
    answers = [row.decoded() for row in rows if row.channel == "__resume__"]
    own = [row.decoded() for row in rows if row.channel == "__resume__" and row.task != NULL_TASK]
    flat = [item for answer in (own or answers) for item in (answer if isinstance(answer, list) else [answer])]
    return flat[0] if len(flat) == 1 else flat or None


def _owners(namespaces: dict[str, list[str]]) -> tuple[dict[str, list[str]], frozenset[str]]:
    """The namespaces by the task that their graph ran in; and those whose name has no task in it."""
    owned: dict[str, list[str]] = defaultdict(list)
    unowned: set[str] = set()
    for namespace in sorted(namespaces, key=lambda name: namespaces[name][0]):
        segments = [segment for segment in namespace.split("|") if not segment.isdigit()]
        if not namespace or not segments:
            continue
        _, colon, task = segments[-1].rpartition(":")
        if colon:
            owned[task].append(namespace)
        else:
            unowned.add(namespace)
    return owned, frozenset(unowned)


def _graph_of(namespace: str) -> str:
    """Which graph a namespace is of: the same for every call of it."""
    return "|".join(segment.partition(":")[0] for segment in namespace.split("|") if not segment.isdigit())
