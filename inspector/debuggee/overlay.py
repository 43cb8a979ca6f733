"""A checkpointer over another one: reads through to it, keeps what is written to itself until told to `commit`.

With it LangGraph's own code works out what an edit or a re-run would come to, and nothing is saved. What is to be
saved after all goes over in one order, the root graph's newest checkpoint last: a process that dies in between leaves a
thread that still ends where it ended.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple

Key = tuple[str, str, str]  # thread, namespace, checkpoint id
NULL_TASK = "00000000-0000-0000-0000-000000000000"  # writes that a command brought, which belong to no task


@dataclass(slots=True)
class _Put:
    config: Any
    checkpoint: tuple[str, bytes]  # as the saver below would store it: nobody shares a value with anybody
    metadata: Any
    versions: Any


@dataclass(slots=True)
class _Writes:
    task: str
    path: str
    pairs: list[tuple[str, tuple[str, bytes]]]


class Overlay(BaseCheckpointSaver[Any]):
    """Asynchronous use only, for one short operation.

    `detached`: what tasks wrote on top of a checkpoint below is nobody's, so that the checkpoint reads as if none of
    its tasks had run. (It is still there: state that is kept in deltas is put together from it.)
    `newest`: the checkpoint that the root graph is to stand at. `source`: what all below pass for in their metadata.
    """

    def __init__(
        self,
        below: BaseCheckpointSaver[Any],
        *,
        detached: bool = False,
        newest: str | None = None,
        source: str = "",
    ) -> None:
        super().__init__(serde=below.serde)
        self._source = source
        self._newest = newest
        self._below = below
        self._detached = detached
        self._puts: dict[Key, _Put] = {}
        self._writes: dict[Key, list[_Writes]] = {}

    def get_next_version(self, current: Any, channel: None) -> Any:
        """The versions of the saver below."""
        return self._below.get_next_version(current, channel)

    async def aget_tuple(self, config: Any) -> CheckpointTuple | None:
        """One checkpoint: that of the id in the config, else the newest of the namespace."""
        wanted = config["configurable"].get("checkpoint_id")
        if wanted is None and self._newest is not None and not config["configurable"].get("checkpoint_ns"):
            wanted, config = self._newest, _config(_key(config, self._newest))
        if wanted is not None:
            key = _key(config, wanted)
            return self._own(key) if key in self._puts else self._with_writes(await self._below.aget_tuple(config))
        below = await self._below.aget_tuple(config)
        own = max((key for key in self._puts if key[:2] == _key(config, "")[:2]), default=None)
        if own is not None and (below is None or own[2] > below.checkpoint["id"]):
            return self._own(own)
        return self._with_writes(below)

    async def alist(
        self,
        config: Any,
        *,
        filter: dict[str, Any] | None = None,
        before: Any = None,
        limit: int | None = None,
    ) -> AsyncIterator[CheckpointTuple]:
        """The checkpoints of a namespace, newest first (metadata filters only see those below)."""
        end = before["configurable"]["checkpoint_id"] if before else None
        thread_ns = _key(config, "")[:2]
        own = sorted((k for k in self._puts if k[:2] == thread_ns and (end is None or k[2] < end)), reverse=True)
        found = 0
        async for below in self._below.alist(config, filter=filter, before=before, limit=limit):
            while own and own[0][2] > below.checkpoint["id"] and found != limit:
                found += 1
                yield self._own(own.pop(0))
            if found == limit:
                return
            found += 1
            yield self._with_writes(below) or below
        for key in own[: None if limit is None else limit - found]:
            yield self._own(key)

    async def aput(self, config: Any, checkpoint: Any, metadata: Any, new_versions: Any) -> Any:
        """Keep a checkpoint."""
        key = _key(config, checkpoint["id"])
        self._puts[key] = _Put(config, self.serde.dumps_typed(checkpoint), metadata, new_versions)
        return _config(key)

    async def aput_writes(
        self, config: Any, writes: Sequence[tuple[str, Any]], task_id: str, task_path: str = ""
    ) -> None:
        """Keep writes of a checkpoint, whether that is kept here or below."""
        pairs = [(channel, self.serde.dumps_typed(value)) for channel, value in writes]
        key = _key(config, config["configurable"]["checkpoint_id"])
        self._writes.setdefault(key, []).append(_Writes(task_id, task_path, pairs))

    async def commit(self) -> None:
        """Save what is kept: inner namespaces first, writes before their checkpoint, so that the root graph's newest
        checkpoint, which makes all of it count, comes last."""
        for key in sorted(self._puts, key=lambda key: (-key[1].count("|") - bool(key[1]), key[2])):
            for writes in self._writes.pop(key, ()):
                await self._put_writes(key, writes)
            put = self._puts[key]
            await self._below.aput(put.config, self.serde.loads_typed(put.checkpoint), put.metadata, put.versions)
        for key, more in self._writes.items():
            for writes in more:
                await self._put_writes(key, writes)
        self._puts, self._writes = {}, {}

    async def _put_writes(self, key: Key, writes: _Writes) -> None:
        pairs = [(channel, self.serde.loads_typed(value)) for channel, value in writes.pairs]
        await self._below.aput_writes(_config(key), pairs, writes.task, writes.path)

    def _own(self, key: Key) -> CheckpointTuple:
        put = self._puts[key]
        parent = put.config["configurable"].get("checkpoint_id")
        found = CheckpointTuple(
            _config(key),
            self.serde.loads_typed(put.checkpoint),
            put.metadata,
            _config((key[0], key[1], parent)) if parent else None,
            [],
        )
        return self._with_writes(found) or found

    def _with_writes(self, found: CheckpointTuple | None) -> CheckpointTuple | None:
        if found is not None and self._source:
            found = found._replace(metadata={**found.metadata, "source": self._source})  # type: ignore[typeddict-item]
        if found is not None and self._detached and found.pending_writes:
            strays = [
                (task if task == NULL_TASK else f"stray-{task}", channel, value)
                for task, channel, value in found.pending_writes
            ]
            found = found._replace(pending_writes=strays)
        more = self._writes.get(_key(found.config, found.checkpoint["id"])) if found is not None else None
        if found is None or not more:
            return found
        ours = [(w.task, channel, self.serde.loads_typed(value)) for w in more for channel, value in w.pairs]
        return found._replace(pending_writes=[*(found.pending_writes or ()), *ours])


def _key(config: Any, checkpoint: str) -> Key:
    configurable = config["configurable"]
    return str(configurable["thread_id"]), str(configurable.get("checkpoint_ns") or ""), checkpoint


def _config(key: Key) -> Any:
    thread, ns, checkpoint = key
    return {"configurable": {"thread_id": thread, "checkpoint_ns": ns, "checkpoint_id": checkpoint}}
