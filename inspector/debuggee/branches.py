"""A second branch inside a subgraph: getting a thread to where it runs on from one checkpoint of a subgraph, and runs
only what comes after it.

Asked naively, LangGraph runs the whole subgraph again: a run addressed at an older checkpoint saves a new one to
begin with, its tasks have new ids, and the namespace of a subgraph is its task's id. A run that goes on from a thread's
newest checkpoint, on the other hand, resumes each subgraph of an unfinished task from the newest checkpoint in its
namespace. So the branch is laid out that way, from the root inwards, and then the thread goes on:

- The checkpoint of each graph around is copied as that graph's newest, with what the other tasks of that superstep
  wrote: they do not run again. The copy's tasks have new ids, so all that is further in moves to new namespaces.
- The checkpoint itself is copied last. The old branch's rows stay what they are.
- Tasks beside that have not finished cannot be taken over so. If the graph waits at just that superstep it stays as it
  is, and the branch goes on from there; they run again, as ever when a thread goes on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from langgraph.checkpoint.base.id import uuid6
from langgraph.pregel import Pregel

from inspector.core.events import Namespace
from inspector.debuggee.overlay import NULL_TASK, Overlay
from inspector.errors import CommandError

_CONTROL = frozenset({"__interrupt__", "__resume__", "__error__", "__error_source_node__"})
_COUNTERS = "counters_since_delta_snapshot"


@dataclass
class Branch:
    """A branch as it was laid out: the root's newest checkpoint; the checkpoint that the subgraph goes on from and its
    namespace now; the tasks that will run first as `(node, namespace of its graph)`; interrupts answered before."""

    head: str
    checkpoint: str
    ns: Namespace
    first: list[tuple[str, Namespace]] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)


def namespace(ns: Namespace) -> str:
    """A namespace as LangGraph writes it."""
    return "|".join(ns)


def control_of(channel: str) -> bool:
    """Whether a write says what became of a task, rather than what the task wrote."""
    return channel in _CONTROL


def declared(graph: Any, ns: Namespace) -> Any:
    """The graph of a namespace. Raises `CommandError` where LangGraph cannot tell."""
    if not ns:
        return graph
    path = "|".join(segment.partition(":")[0] for segment in ns if not segment.isdigit())
    for _, found in graph.get_subgraphs(namespace=path, recurse=True):
        return found
    raise CommandError(
        f"{path.replace('|', ' > ')} calls its graph out of LangGraph's sight, so nothing can be written into it; "
        "go back in the graph around it instead."
    )


Tasks = Callable[[str], Awaitable[list[tuple[str, str]]]]


async def bring(overlay: Overlay, saved: Any, config: Any) -> None:
    """Write to the copy of a checkpoint what a command from outside had brought to it: where to go, an update."""
    writes = saved.pending_writes or ()
    brought = [(channel, value) for task, channel, value in writes if task == NULL_TASK and not control_of(channel)]
    if brought:
        await overlay.aput_writes(config, brought, NULL_TASK)


async def branch(
    graph: Any, dry: Any, overlay: Overlay, thread: str, checkpoint: str, ns: Namespace, *, tasks: Tasks, edit: bool
) -> Branch:
    """Lay a branch out on the overlay (`dry` is the graph over it). `tasks` tells the `(id, node)` of what would run
    from a checkpoint of the root graph. With `edit`, the caller writes the edit to `Branch.checkpoint`, which makes it
    the newest. Raises `CommandError` where it cannot be done right."""
    return await _Layout(graph, dry, overlay, thread, ns, tasks, edit).lay(checkpoint)


@dataclass
class _Level:
    """A graph around the checkpoint: its own checkpoint `saved`, in the namespace `ns`, and the task that leads in.

    `segment` is that task's part of the namespaces inside, `tasks` are the ids and nodes of all tasks there, `finished`
    the ids of those that are done. `waits`: the graph stands there now, and that task is not done.
    """

    ns: Namespace
    segment: str
    saved: Any
    tasks: list[tuple[str, str]]
    task: str
    finished: set[str]
    waits: bool

    @property
    def id(self) -> str:
        return str(self.saved.checkpoint["id"])

    @property
    def others(self) -> list[tuple[str, str]]:
        """The tasks beside that are not done."""
        return [(id, node) for id, node in self.tasks if id != self.task and id not in self.finished]


class _Layout:
    def __init__(
        self, graph: Any, dry: Any, overlay: Overlay, thread: str, ns: Namespace, tasks: Tasks, edit: bool
    ) -> None:
        self._graph = graph
        self._dry = dry
        self._overlay = overlay
        self._thread = thread
        self._ns = ns
        self._root_tasks = tasks
        self._edit = edit
        self._made: dict[str, str] = {}  # the checkpoint that stands at each level now, by its namespace
        self._first: list[tuple[str, Namespace]] = []
        self._answered: list[str] = []

    async def lay(self, checkpoint: str) -> Branch:
        self._refuse_what_has_no_place()
        target = await self._saved(checkpoint, self._ns)
        parents = target.metadata.get("parents") or {}
        levels = [await self._level(depth, parents) for depth in range(len(self._ns))]
        stay = _stay(levels)
        ns: Namespace = ()
        for level in levels[:stay]:
            self._made[namespace(ns)] = level.id
            await self._waiting(level)
            ns = (*ns, level.segment)
        for level in levels[stay:]:
            ns = (*ns, await self._move(level, ns))
        placed = checkpoint if self._edit and stay == len(levels) else await self._copy(target, ns)
        state = await self._dry.aget_state(self._at(placed, ns))
        inside = [(task.name, self._ns) for task in state.tasks]
        if not inside and not self._first:
            inside = [(self._ns[-1].partition(":")[0], self._ns[:-1])]
        return Branch(self._made[""], placed, ns, [*self._first, *inside], self._answered)

    def _refuse_what_has_no_place(self) -> None:
        for depth, segment in enumerate(self._ns):
            name, _, task = segment.partition(":")
            outer = self._ns[:depth]
            if segment.isdigit():
                called = self._ns[depth - 1].partition(":")[0]
                raise CommandError(
                    f"{called} calls this graph more than once, and would make its first call again to come here; "
                    "re-run the node instead."
                )
            if not task and depth < len(self._ns) - 1:
                raise CommandError(
                    f"{name} keeps one history for the whole thread (checkpointer=True), so what it called cannot be "
                    "told apart; go back in it, or in the graph around it, instead."
                )
            node = declared(self._graph, outer).nodes.get(name)
            if node is not None and not isinstance(node.bound, Pregel):
                self._first.append((name, outer))  # the node's own code runs again, down to where it calls the graph

    async def _level(self, depth: int, parents: Any) -> _Level:
        ns, segment = self._ns[:depth], self._ns[depth]
        if namespace(ns) not in parents:
            raise CommandError("This checkpoint does not say where it belongs in the graph around it.")
        saved = await self._saved(parents[namespace(ns)], ns)
        name, _, task = segment.partition(":")
        tasks = await self._tasks(saved.checkpoint["id"], ns)
        if not task:  # its namespace does not name the task: it keeps one history for the whole thread
            task = next((id for id, node in tasks if node == name), "")
        if task not in [id for id, _ in tasks]:
            raise CommandError(f"The graph is no longer one in which {name} would run there.")
        writes = saved.pending_writes or ()
        finished = {writer for writer, channel, _ in writes if writer != NULL_TASK and not control_of(channel)}
        newest = await self._saved(None, ns)
        # An answer that names no question is kept here, and would be given to the first that asks.
        bare = any(writer == NULL_TASK and channel == "__resume__" for writer, channel, _ in writes)
        waits = newest.checkpoint["id"] == saved.checkpoint["id"] and task not in finished and not bare
        return _Level(ns, segment, saved, tasks, task, finished, waits)

    async def _tasks(self, checkpoint: str, ns: Namespace) -> list[tuple[str, str]]:
        if not ns:
            return await self._root_tasks(checkpoint)
        return [(task.id, task.name) for task in (await self._dry.aget_state(self._at(checkpoint, ns))).tasks]

    async def _waiting(self, level: _Level) -> None:
        """Other tasks that wait beside this one run again, too: as ever when a thread goes on."""
        state = await self._dry.aget_state(self._at(level.id, level.ns))
        for id, node in level.others:
            self._first.append((node, level.ns))
            if any(w == id and channel == "__resume__" for w, channel, _ in level.saved.pending_writes or ()):
                self._answered += [asked.id for task in state.tasks if task.id == id for asked in task.interrupts]

    async def _move(self, level: _Level, ns: Namespace) -> str:
        """Copy a graph's checkpoint, with what is done there beside the task; returns the task's segment now."""
        copied = self._made[namespace(ns)] = await self._copy(level.saved, ns)
        config = self._at(copied, ns)
        await bring(self._overlay, level.saved, config)
        now = [id for id, _ in await self._tasks(copied, ns)]
        renamed = dict(zip([id for id, _ in level.tasks], now, strict=True))
        done = {id: renamed[id] for id in level.finished if id != level.task and id in renamed}
        await self._take_over(level.saved, config, done)
        name, colon, _ = level.segment.partition(":")
        return f"{name}:{renamed[level.task]}" if colon else level.segment

    async def _take_over(self, saved: Any, config: Any, renamed: dict[str, str]) -> None:
        by_task: dict[str, list[tuple[str, Any]]] = {}
        for task, channel, value in saved.pending_writes or ():
            if task in renamed and not control_of(channel):
                by_task.setdefault(renamed[task], []).append((channel, value))
        for task, writes in by_task.items():
            await self._overlay.aput_writes(config, writes, task)

    async def _copy(self, saved: Any, ns: Namespace) -> str:
        """Copy a checkpoint to be the newest of a namespace, beside the original where that is its own. Returns its
        id."""
        old_ns = saved.config["configurable"].get("checkpoint_ns", "")
        parent = saved.parent_config["configurable"]["checkpoint_id"] if saved.parent_config else None
        if old_ns != namespace(ns):
            if saved.metadata.get(_COUNTERS):  # its state is put together from its ancestors
                await self._copy_ancestors(saved, ns)
            else:
                parent = None
        step = saved.metadata.get("step", -1)
        id = str(uuid6(clock_seq=step))
        checkpoint = {**saved.checkpoint, "id": id, "ts": datetime.now(UTC).isoformat()}
        await self._put(checkpoint, parent, ns, {**_kept(saved.metadata), "source": "fork", "step": step})
        return id

    async def _copy_ancestors(self, saved: Any, ns: Namespace) -> None:
        config = saved.parent_config
        while config is not None and (ancestor := await self._overlay.aget_tuple(config)) is not None:
            config = ancestor.parent_config
            parent = config["configurable"]["checkpoint_id"] if config else None
            await self._put(ancestor.checkpoint, parent, ns, {**ancestor.metadata})
            by_task: dict[str, list[tuple[str, Any]]] = {}
            for task, channel, value in ancestor.pending_writes or ():
                by_task.setdefault(task, []).append((channel, value))
            for task, writes in by_task.items():
                await self._overlay.aput_writes(self._at(ancestor.checkpoint["id"], ns), writes, task)

    async def _put(self, checkpoint: Any, parent: str | None, ns: Namespace, metadata: dict[str, Any]) -> None:
        config = self._at(parent, ns)
        metadata["parents"] = {known: id for known, id in self._made.items() if known != namespace(ns)}
        await self._overlay.aput(config, checkpoint, metadata, checkpoint["channel_versions"])

    def _at(self, checkpoint: str | None, ns: Namespace) -> Any:
        where = {"thread_id": self._thread, "checkpoint_ns": namespace(ns)}
        return {"configurable": where if checkpoint is None else {**where, "checkpoint_id": checkpoint}}

    async def _saved(self, checkpoint: str | None, ns: Namespace) -> Any:
        saved = await self._overlay.aget_tuple(self._at(checkpoint, ns))
        if saved is None:
            raise CommandError("A checkpoint of the graph around this one is no longer in the file.")
        return saved


def _stay(levels: list[_Level]) -> int:
    """How many graphs, from the root inwards, are left as they are: as few as possible, so that the first branch keeps
    even the questions that it waits with. Raises `CommandError`."""
    for stay in range(len(levels) + 1):
        if all(level.waits for level in levels[:stay]) and not any(level.others for level in levels[stay:]):
            return stay
    level = next(level for level in reversed(levels) if level.others)
    others = " and ".join(sorted({node for _, node in level.others}))
    raise CommandError(
        f"{others} had not finished beside {level.segment.partition(':')[0]}, and the branch cannot take that over; "
        "re-run from the graph around it instead."
    )


def _kept(metadata: Any) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key == _COUNTERS}
