"""Going back in time where the graph is: what a re-run would run, what an edit would come to, and doing it.

Everything is worked out by LangGraph itself over an `Overlay`, which saves nothing; a fork is the same with the overlay
committed. Checkpoints of subgraphs need more: `debuggee/branches.py`.

Nothing of the user's graph runs but reducers and, for an edit, the routers behind the node that it is written as: they
decide what comes next.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from langgraph.types import Command

from inspector.core.checkpoint_ids import made_at
from inspector.core.events import Namespace
from inspector.core.travel import Edit, Entry, Plan, Planned, Preview, Writers
from inspector.debuggee.branches import Branch, branch, bring, declared, namespace
from inspector.debuggee.edits import near, update_of
from inspector.debuggee.encode import WHOLE, preview
from inspector.debuggee.overlay import NULL_TASK, Overlay
from inspector.debuggee.preparing import prepare
from inspector.debuggee.tracebacks import in_short, sentence, user_traceback
from inspector.debuggee.writers import writers_at
from inspector.errors import CommandError, InputError, InspectorError


class Traveller:
    """Time travel on one thread of a loaded graph. Methods raise `CommandError` for what is refused, `InputError` for
    values that do not fit. Made anew for each request: it keeps what it has read."""

    def __init__(self, graph: Any, thread: str, *, config: dict[str, Any] | None = None, context: Any = None) -> None:
        if graph.checkpointer is None or isinstance(graph.checkpointer, bool):
            raise CommandError("This graph keeps no checkpoints, so there is nothing to go back to.")
        self._graph = graph
        self._thread = thread
        self._context = context
        self._configurable = {
            key: value
            for key, value in ((config or {}).get("configurable") or {}).items()
            if key not in ("thread_id", "checkpoint_id", "checkpoint_ns", "checkpoint_map")
        }
        self._overlay = Overlay(graph.checkpointer)
        # Without the callbacks of the graph's own config: nothing of this is a run.
        quiet = {key: value for key, value in (graph.config or {}).items() if key != "callbacks"}
        self._dry = graph.copy({"checkpointer": self._overlay, "config": quiet})

    # ------------------------------------------------------------------ re-running

    async def plan(self, checkpoint: str, ns: Namespace) -> Plan:
        """What running on from a checkpoint would run. `Plan.refused` says what cannot be done; raises only for what
        does not exist."""
        await self._saved(checkpoint, ns)
        try:
            with _said():
                return await (self._plan_inside(checkpoint, ns) if ns else self._plan(checkpoint))
        except InspectorError as error:
            return Plan(checkpoint, ns, refused=str(error))

    async def _plan(self, checkpoint: str) -> Plan:
        tasks = [node for _, node in await self._prepared(self._at(checkpoint))]
        if not tasks:
            raise CommandError("Nothing comes after this checkpoint: the graph had ended there. Edit it or jump.")
        return Plan(checkpoint, first=_planned((name, ()) for name in tasks))

    async def _plan_inside(self, checkpoint: str, ns: Namespace) -> Plan:
        found = await self._branch(checkpoint, ns)
        return Plan(checkpoint, ns, first=_planned(found.first), answered=tuple(found.answered))

    async def rewind(self, checkpoint: str, ns: Namespace) -> str | None:
        """Get a thread ready to be run on from a checkpoint. Returns the id to address the run with, or None where the
        run has to go on from the thread's newest checkpoint."""
        await self._saved(checkpoint, ns)
        with _said():
            if not ns:
                return await self._rewind(checkpoint)
            await self._branch(checkpoint, ns)
            await self._overlay.commit()
            return None

    async def _rewind(self, checkpoint: str) -> str:
        newest = await self._saved(None)
        saved = await self._saved(checkpoint)
        stale = any(task != NULL_TASK for task, _, _ in saved.pending_writes or ())
        if newest.checkpoint["id"] == checkpoint and stale and saved.metadata.get("source") in ("update", "fork"):
            # LangGraph would run an edited newest checkpoint again in place, where the file still holds what its tasks
            # wrote the first time: that would win when the run is resumed later.
            copied = await self._dry.aupdate_state(self._at(checkpoint), None, as_node="__copy__")
            await bring(self._overlay, saved, copied)
            await self._overlay.commit()
            return str(copied["configurable"]["checkpoint_id"])
        return checkpoint

    # ------------------------------------------------------------------ editing

    async def writers(self, checkpoint: str, ns: Namespace) -> Writers:
        """As whom an edit at a checkpoint may be written."""
        saved = await self._saved(checkpoint, ns)
        graph = declared(self._graph, ns)
        parent = saved.parent_config and saved.parent_config["configurable"]["checkpoint_id"]
        with _said():
            before = await self._dry.aget_state(self._at(parent, ns)) if parent else None
            return writers_at(graph, saved, before)

    async def preview(self, edit: Edit) -> Preview:
        """What `fork` would come to."""
        _, as_node, config = await self._edited(edit)
        with _said():
            state = await self._dry.aget_state(config)
        one = isinstance(declared(self._graph, edit.ns).stream_channels_asis, str)
        values = {"": state.values} if one else state.values
        return Preview(preview(values, WHOLE), tuple(state.next), as_node)

    async def fork(self, edit: Edit) -> str:
        """Save an edit. Returns the id of the root graph's newest checkpoint."""
        head, _, _ = await self._edited(edit)
        with _said():
            await self._overlay.commit()
        return head

    async def _edited(self, edit: Edit) -> tuple[str, str, Any]:
        """Make the edit on the overlay: the root's newest checkpoint, the node it was written as, and where it is."""
        who = await self.writers(edit.checkpoint, edit.ns)
        as_node = edit.as_node or who.preset
        if not as_node:
            raise CommandError(sentence(f"Who writes this is ambiguous: {who.why}"))
        if as_node not in who.names:
            raise CommandError(f"{as_node!r} is no node of this graph: {near(as_node, who.names)}")
        graph = declared(self._graph, edit.ns)
        with _said():
            state = await self._dry.aget_state(self._at(edit.checkpoint, edit.ns))
            before = state.values if isinstance(state.values, dict) else {}
            update = update_of(graph, edit.values, before, as_node)
            if not edit.ns:
                config = await self._update(self._at(edit.checkpoint), update, as_node)
                return str(config["configurable"]["checkpoint_id"]), as_node, config
            found = await self._branch(edit.checkpoint, edit.ns, edit=True)
            config = await self._update(self._at(found.checkpoint, found.ns), update, as_node)
            return found.head, as_node, config

    async def _update(self, config: Any, update: Any, as_node: str) -> Any:
        try:
            written = await self._dry.aupdate_state(config, update, as_node=as_node)
        except InspectorError:
            raise
        except Exception as error:
            text = sentence(f"The graph does not take this edit as {as_node}: {in_short(error)}")
            raise InputError(text, traceback=user_traceback(error, running=True) or None) from None
        where = written["configurable"]
        return self._at(where["checkpoint_id"], tuple(filter(None, where.get("checkpoint_ns", "").split("|"))))

    # ------------------------------------------------------------------ jumping

    async def jump(self, checkpoint: str, goto: Sequence[str], update: Mapping[str, Any] | None) -> str:
        """Save a branch that goes on with these nodes, by `Command(goto=..., update=...)`. Returns the id of the
        thread's newest checkpoint, from which it can be run.

        LangGraph runs what a command goes to *beside* what was next. A debugger that jumps goes there instead: what was
        next is taken away first, in a checkpoint of its own.
        """
        await self._saved(checkpoint)
        known = [name for name in self._graph.nodes if f"branch:to:{name}" in self._graph.channels]
        if not known:
            raise CommandError("This graph has no nodes to jump to: its code alone decides what runs.")
        if not goto:
            raise CommandError("Name the node to jump to.")
        for name in goto:
            if name not in known:
                raise CommandError(f"There is no node {name!r} to jump to: {near(name, known)}")
        with _said():
            start = self._at(checkpoint)
            state = await self._dry.aget_state(start)
            brought = update_of(self._graph, update, state.values, goto[0]) if update else None
            cleared = Overlay(self._overlay, detached=True)
            if await self._prepared(start):
                start = await self._over(cleared).aupdate_state(start, None, as_node="__end__")
            # LangGraph puts what a command brings into a checkpoint only where that begins a branch, which it does not
            # at one that is an edit. Left beside the checkpoint, `get_state` would not see what it leads to.
            forked = Overlay(cleared, source="loop")
            await self._drained(forked, Command(goto=list(goto), update=brought), start)
            await forked.commit()
            await cleared.commit()
            await self._overlay.commit()
        return str((await self._saved(None)).checkpoint["id"])

    # ------------------------------------------------------------------ asking LangGraph

    async def history(self) -> list[Entry]:
        """The thread's checkpoints, newest first, those of subgraphs too: for checkpointers whose file is not known."""
        entries = []
        # All of them at once: a checkpointer may be locked while it is listed.
        found = self._graph.checkpointer.alist({"configurable": {"thread_id": self._thread}})
        for saved in [saved async for saved in found]:
            ns = tuple(filter(None, saved.config["configurable"].get("checkpoint_ns", "").split("|")))
            id = saved.checkpoint["id"]
            state = await self._dry.aget_state(self._at(id, ns))
            parent = saved.parent_config["configurable"]["checkpoint_id"] if saved.parent_config else None
            parents = saved.metadata.get("parents") or {}
            entries.append(
                Entry(
                    id,
                    parent,
                    ns,
                    saved.metadata.get("step", -1),
                    saved.metadata.get("source", ""),
                    tuple(task.name for task in state.tasks),
                    made_at(id),
                    {"parents": dict(parents)},
                )
            )
        return sorted(entries, key=lambda entry: entry.id, reverse=True)

    async def _prepared(self, config: Any, newest: str | None = None) -> list[tuple[str, str]]:
        """The `(id, node)` of the tasks that a run would begin with. `newest`: were the thread to stand at that
        checkpoint."""
        return await self._drained(Overlay(self._overlay, newest=newest), None, config)

    async def _drained(self, overlay: Overlay, given: Any, config: Any) -> list[tuple[str, str]]:
        config = {**config, "configurable": {**self._configurable, **config["configurable"]}}
        return await prepare(self._over(overlay), given, config, self._context)

    def _over(self, overlay: Overlay) -> Any:
        return self._dry.copy({"checkpointer": overlay})

    async def _branch(self, checkpoint: str, ns: Namespace, *, edit: bool = False) -> Branch:
        return await branch(
            self._graph, self._dry, self._overlay, self._thread, checkpoint, ns, edit=edit,
            tasks=lambda root: self._prepared(self._at(None), root),
        )  # fmt: skip

    def _at(self, checkpoint: str | None, ns: Namespace = ()) -> Any:
        where = {"thread_id": self._thread, "checkpoint_ns": namespace(ns)}
        return {"configurable": where if checkpoint is None else {**where, "checkpoint_id": checkpoint}}

    async def _saved(self, checkpoint: str | None, ns: Namespace = ()) -> Any:
        saved = await self._overlay.aget_tuple(self._at(checkpoint, ns))
        if saved is None and checkpoint is None:
            raise CommandError(f"There is no thread {self._thread!r} yet; run the graph first.")
        if saved is None:
            where = f" in {' > '.join(segment.partition(':')[0] for segment in ns)}" if ns else ""
            raise CommandError(f"Thread {self._thread!r} has no checkpoint {checkpoint!r}{where}.")
        return saved


async def carry_out(graph: Any, verb: str, thread: str, config: Any, context: Any, fields: dict[str, Any]) -> Any:
    """One request, as it came over the link; returns what goes back."""
    traveller = Traveller(graph, thread, config=config, context=context)
    where = (fields["checkpoint"], tuple(fields["ns"])) if "checkpoint" in fields and "ns" in fields else None
    edit = fields.get("edit")
    match verb, where, edit:
        case "history", _, _:
            return [asdict(entry) for entry in await traveller.history()]
        case "plan", (checkpoint, ns), _:
            return asdict(await traveller.plan(checkpoint, ns))
        case "rewind", (checkpoint, ns), _:
            return await traveller.rewind(checkpoint, ns)
        case "writers", (checkpoint, ns), _:
            return asdict(await traveller.writers(checkpoint, ns))
        case "preview", _, {}:
            return asdict(await traveller.preview(_edit(edit)))
        case "fork", _, {}:
            return await traveller.fork(_edit(edit))
        case "jump", _, _:
            return await traveller.jump(fields["checkpoint"], fields["goto"], fields.get("update"))
    raise CommandError(f"This debuggee does not know how to {verb}; is it another version?")


def _edit(wire: Any) -> Edit:
    return Edit(wire["checkpoint"], wire["values"], wire["as_node"], tuple(wire["ns"]))


def _planned(tasks: Any) -> tuple[Planned, ...]:
    return tuple(Planned(name, times, ns) for (name, ns), times in Counter(tasks).items())


@contextlib.contextmanager
def _said() -> Iterator[None]:
    """Whatever goes wrong in LangGraph or the user's code, as a sentence."""
    try:
        yield
    except InspectorError:
        raise
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise CommandError(
                "Another process is writing to the checkpoint file; nothing was changed. Try again when it is done."
            ) from None
        raise CommandError(sentence(f"The checkpoint file cannot be written: {error}")) from None
    except Exception as error:
        text = sentence(f"LangGraph refuses: {in_short(error)}")
        raise CommandError(text, traceback=user_traceback(error, running=True) or None) from None
