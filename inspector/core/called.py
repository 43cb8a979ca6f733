"""How a checkpoint is called in a sentence."""

from __future__ import annotations

from inspector.core.events import Namespace
from inspector.core.nodes import Checkpoint
from inspector.core.text import one_line


def moment_name(checkpoint: Checkpoint, ns: Namespace) -> str:
    """`step 3`, `step 1 of itinerary`."""
    inside = " › ".join(segment.rpartition(":")[0] or segment for segment in ns)
    return f"step {checkpoint.step}" + (f" of {one_line(inside, 60)}" if inside else "")
