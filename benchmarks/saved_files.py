"""Checkpoint files as applications write them, made at once: one very long thread, or very many short ones."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.base.id import uuid6
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite import SqliteSaver

from benchmarks.programs.saved import LONG

SPREAD = 97  # a prime: threads are not written one after the other


def long_thread(path: Path, checkpoints: int, size: int) -> Path:
    """One thread of so many checkpoints, each of about `size` bytes: a conversation."""
    text = "The quick brown fox jumps over the lazy dog, and says why it did. " * 14
    messages: list[Any] = []
    while len(messages) * (len(text) + 160) < size:
        kind = HumanMessage if len(messages) % 2 else AIMessage
        messages.append(kind(text, id=f"m-{len(messages)}"))
    return _write(path, _of_thread(LONG, checkpoints, {"messages": messages}))


def many_threads(path: Path, threads: int, checkpoints: int) -> Path:
    """So many threads of so many small checkpoints, written in turns; every fiftieth waits for an answer."""

    def rows() -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...] | None]]:
        order = [index * SPREAD % threads for index in range(threads)]
        for index in order:
            asks = index % 50 == 0
            yield from _of_thread(f"user-{index:06d}", checkpoints, {"number": index}, asks=asks)

    return _write(path, rows())


def _of_thread(
    thread: str, checkpoints: int, values: dict[str, Any], *, asks: bool = False
) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...] | None]]:
    serde = JsonPlusSerializer()
    state = serde.dumps_typed(values)[1]
    parent: str | None = None
    for number in range(checkpoints):
        id_ = str(uuid6(clock_seq=number - 1))
        last = number == checkpoints - 1
        pending = {"branch:to:work": None} if asks or not last else {}
        version = f"{number:032}.5"
        head = {"v": 4, "ts": "2026-01-01T00:00:00+00:00", "id": id_}
        tail = {
            "channel_versions": dict.fromkeys([*values, *pending], version), "versions_seen": {},
            "updated_channels": [],
        }  # fmt: skip
        # The channels' values are encoded once; of a map the entries simply follow each other.
        channels = bytes([state[0] + len(pending)]) + state[1:] + b"".join(_entry(serde, name) for name in pending)
        fields = bytes([0x80 + len(head) + 1 + len(tail)])
        blob = fields + _items(serde, head) + b"\xaechannel_values" + channels + _items(serde, tail)
        source: dict[str, Any] = {
            "source": "input" if number == 0 else "loop",
            "step": number - 1,
            "parents": {},
            "user": thread[-2:],
        }
        write = None
        if asks and last:
            question = serde.dumps_typed([{"question": "Go on?"}])
            write = (thread, "", id_, f"task-{number}", "~__pregel_pull, work", -3, "__interrupt__", *question)
        elif not last:
            done = serde.dumps_typed(number)
            write = (thread, "", id_, f"task-{number}", "~__pregel_pull, work", 0, next(iter(values)), *done)
        yield (thread, "", id_, parent, "msgpack", blob, json.dumps(source).encode()), write
        parent = id_


def _items(serde: JsonPlusSerializer, mapping: dict[str, Any]) -> bytes:
    return serde.dumps_typed(mapping)[1][1:]


def _entry(serde: JsonPlusSerializer, name: str) -> bytes:
    return _items(serde, {name: None})


def _write(path: Path, rows: Iterator[tuple[tuple[Any, ...], tuple[Any, ...] | None]]) -> Path:
    with SqliteSaver.from_conn_string(str(path)) as saver:
        saver.setup()
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    for number, (checkpoint, write) in enumerate(rows):
        connection.execute("INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?)", checkpoint)
        if write is not None:
            connection.execute(
                "INSERT INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type, "
                "value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                write,
            )
        if number % 2000 == 0:
            connection.commit()
    connection.commit()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def forget(path: Path) -> None:
    """Take the file out of the page cache, so that it is read from the disk again."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        if hasattr(os, "posix_fadvise"):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
