"""What an export for readers is made of: a thread's summary, its states, and what happened, with secrets masked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from inspector.core.batches import unfold
from inspector.core.events import Event, Interrupted
from inspector.core.run import Run
from inspector.core.saved import Mark
from inspector.store.checkpoints import CheckpointFile
from inspector.store.marks import Marks
from inspector.store.rebuild import rebuild
from inspector.store.recording import open_recording
from inspector.store.secrets import Masker
from inspector.store.threads import ThreadDetails, ThreadFile


class Content:
    """One thread. `secrets`: leave what looks like a secret as it is. Methods raise `StoreError`."""

    def __init__(self, file: ThreadFile, thread: str, *, secrets: bool = False) -> None:
        self.file = file
        self.thread = thread
        self.summary = file.summary(thread)
        self.details: ThreadDetails = file.details(self.summary)
        self.mark = Marks(file.path).load().get(thread, Mark())
        self.states = CheckpointFile(file.path)
        self.asked: dict[int, list[Interrupted]] = {}  # what each invocation asked; filled by `run`
        self._masker = None if secrets else Masker.beside(file.path)
        recording = open_recording(file.path, thread)
        self.approximate = recording is None
        if recording is not None:
            recording.close()

    def events(self) -> Iterator[Event]:
        """What happened, as it was recorded, else rebuilt."""
        recording = open_recording(self.file.path, self.thread)
        if recording is None:
            yield from rebuild(self.file, self.thread)
            return
        try:
            for batch in recording.batches():
                yield from unfold(batch)
        finally:
            recording.close()

    @cached_property
    def run(self) -> Run:
        """What happened, as a run."""
        run = Run()
        for event in self.events():
            if isinstance(event, Interrupted):
                self.asked.setdefault(len(run.invocations) - 1, []).append(event)
            run.append(event)
        return run

    def masked(self, value: Any) -> Any:
        """Plain data (`core.values.to_json`) with its secrets masked."""
        return value if self._masker is None else self._masker.value(value)

    def masked_text(self, text: str) -> str:
        """A text with its secrets masked."""
        return text if self._masker is None else self._masker.text(text)

    def close(self) -> None:
        """Close what was opened; not the file."""
        self.states.close()
