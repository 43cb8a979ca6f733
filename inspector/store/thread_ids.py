"""New thread ids: readable, and sorting by time."""

from __future__ import annotations

import secrets
import time

# fmt: off
_WORDS = (
    "amber", "anchor", "apple", "aspen", "badge", "basil", "beach", "birch", "bloom", "brook", "cabin", "cedar",
    "chalk", "cloud", "comet", "coral", "crane", "creek", "daisy", "delta", "dune", "ember", "fable", "falcon",
    "fern", "field", "finch", "flint", "forest", "garnet", "glade", "grove", "harbor", "hazel", "heron", "holly",
    "indigo", "iris", "island", "ivory", "jade", "jasper", "juniper", "kelp", "lagoon", "lark", "laurel", "lemon",
    "lilac", "linen", "lisbon", "lotus", "lunar", "maple", "marble", "meadow", "mint", "mist", "moss", "nectar",
    "north", "oak", "ocean", "olive", "onyx", "opal", "orbit", "otter", "pearl", "pebble", "pine", "plum", "polar",
    "poppy", "quartz", "quill", "rain", "raven", "reef", "ridge", "river", "robin", "rowan", "ruby", "saffron",
    "sage", "sand", "shell", "sierra", "silver", "slate", "snow", "spruce", "stone", "storm", "summit", "swan",
    "tide", "timber", "topaz", "tulip", "valley", "velvet", "violet", "willow", "winter", "wren", "zephyr",
)
# fmt: on


def new_thread_id(now: float | None = None) -> str:
    """`20261122-143205-lisbon`: UTC time to the second, and a word, so that two in one second differ and people can
    say them."""
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    return f"{stamp}-{secrets.choice(_WORDS)}"
