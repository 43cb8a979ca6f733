"""Going to any moment of a very long recording, and what a recording costs on disk.

The events are made up (`benchmarks.programs.feeder`), the recording is a real file, written and read as every one. A
seek is timed from the call until the run is as it was at that moment, at moments drawn at random; painting it is the
app's. The collector is set as the app sets it.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.programs.feeder import GRAPH, Feeder
from benchmarks.setting import Setting
from benchmarks.table import Row, percentile
from inspector.core.events import Event, RunEnded, RunStarted, Token
from inspector.core.replay import Player
from inspector.store.recording import open_recording, recording_path
from inspector.store.recording_writer import Chunker, RecordingWriter
from inspector.store.secrets import Masker

SEEK = 100.0  # ms
SEEKS = 100
THREAD = "replayed"


def replay(setting: Setting) -> Iterator[Row]:
    """Seeks in recordings of 1,000,000 events: nearly all tokens, and tasks with spans; bytes a token on disk."""
    count = 1_000_000 // (20 if setting.quick else 1)
    for what, given in (
        ("tokens", {"tokens": count, "per_call": max(count // 100, 1)}),
        ("tasks and spans", {"tasks": count // 5}),
    ):
        worst, loads, sizes = [], [], []
        for number in range(1, setting.rounds + 1):
            db = setting.fresh("replay") / "threads.sqlite"
            _record(db, given)
            took, seeks, size = _seeks(db)
            worst.append(percentile(seeks, 1.0) * 1e3)
            loads.append(took)
            sizes.append(size / count)
            setting.say(f"replay, {count:,} {what} {number}/{setting.rounds}: worst seek {worst[-1]:.1f} ms")
        yield Row(f"seek in {count:,} events, {what}", "ms", worst, limit=SEEK, note=f"the slowest of {SEEKS}")
        yield Row(
            f"all of {count:,} events taken in, {what}", "s", loads, note="in the background; what is in can be shown"
        )
        each = "token" if what == "tokens" else "event"
        yield Row(
            f"recording, bytes a{'n' if each == 'event' else ''} {each}", "B", sizes, note="made-up words, 60 a second"
        )


class _Made(Feeder):
    """Made-up events, kept in place of being sent: sixty a second, with the words of a language of their own."""

    def __init__(self, given: dict[str, Any]) -> None:
        self._waiting: list[Any] = []
        self._given = given
        self._clock = 0.0
        self._dice = random.Random(1)
        self._ready: list[str] = []
        syllables = ("ta", "ri", "mo", "len", "sha", "ver", "ing", "con", "po", "est", "ul", "dra")
        lengths = self._dice.choices((1, 2, 2, 3), k=5_000)
        self._words = [" " + "".join(self._dice.choices(syllables, k=length)) for length in lengths]
        self._shares = [1 / place for place in range(1, 5_001)]  # as words are used: a few often, most hardly ever

    def now(self) -> float:
        return self._clock

    def _emit(self, event: Event) -> None:
        self._clock += self._dice.expovariate(60.0)
        if isinstance(event, Token):
            if not self._ready:
                self._ready = self._dice.choices(self._words, self._shares, k=10_000)
            event = Token(self._clock, event.span, event.type, self._ready.pop())
        super()._emit(event)

    def _flush(self) -> None:
        """What waits is taken by `batches`."""

    def batches(self) -> Iterator[list[list[Any]]]:
        """The events in their wire form, some thousand at a time."""
        self._emit(RunStarted(0.0, "run", THREAD, GRAPH.name, 1_700_000_000.0))
        for _ in self._tokens(self._given) if "tokens" in self._given else self._tasks(self._given):
            if len(self._waiting) > 2_000:
                yield self._taken()
        self._emit(RunEnded(self.now(), "done"))
        yield self._taken()

    def _taken(self) -> list[list[Any]]:
        taken, self._waiting = [list(event) for event in self._waiting], []
        return taken


def _record(db: Path, given: dict[str, Any]) -> None:
    file = RecordingWriter(recording_path(db))
    session = file.begin(THREAD, GRAPH.name, True)
    chunker = Chunker(Masker())
    for events in _Made(given).batches():
        file.write(session, chunker.chunks(events), chunker.state)
    file.end(session)
    file.close()


def _seeks(db: Path) -> tuple[float, list[float], int]:
    """`(seconds to take in all, seconds of each seek, bytes of the recording)`."""
    recording = open_recording(db, THREAD)
    assert recording is not None
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 1000)
    try:
        player = Player(recording.batches(), recording.count)
        began = perf_counter()
        while player.load(0.01):
            pass
        took = perf_counter() - began
        dice = random.Random(1)
        seeks = []
        for _ in range(SEEKS):
            position = dice.randrange(player.length + 1)
            began = perf_counter()
            player.seek(position)
            seeks.append(perf_counter() - began)
        return took, seeks, recording.size
    finally:
        recording.close()
        gc.set_threshold(*before)
        gc.unfreeze()


BENCHMARKS: dict[str, Callable[[Setting], Iterator[Row]]] = {"replay": replay}
