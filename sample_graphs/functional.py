"""The functional API: an `@entrypoint` that is an ordinary function, calling `@task`s.

What to look at: *Timeline* has a row for the entrypoint and one per task it called; the four `translate`
tasks run at the same time, `stitch` after them. The state is what the entrypoint saved: run it again on the
same thread, and `previous` counts on. There is no drawing to speak of in *Graph*, because the order is in
the code.
"""

# No `from __future__ import annotations` here: `entrypoint` makes its input schema of the annotations as they are, and
# cannot look up the name of a class.
import asyncio

from langgraph.func import entrypoint, task
from typing_extensions import TypedDict

from ._pace import hold_up, pause

EXAMPLE_INPUT = {"text": "good morning", "languages": ["pt", "de", "fr", "ja"]}

PHRASES = {
    "good morning": {"pt": "bom dia", "de": "guten Morgen", "fr": "bonjour", "ja": "おはよう"},
    "good night": {"pt": "boa noite", "de": "gute Nacht", "fr": "bonne nuit", "ja": "おやすみ"},
}


class Wanted(TypedDict):
    text: str
    languages: list[str]


class Done(TypedDict):
    translations: dict[str, str]
    line: str
    run: int


@task
async def translate(text: str, language: str) -> str:
    await pause(0.3 + 0.2 * (ord(language[0]) % 4))
    return PHRASES.get(text, {}).get(language, f"[{language}] {text}")


@task
def stitch(parts: list[str]) -> str:
    """A synchronous task: it runs in a thread."""
    hold_up(0.3)
    return " · ".join(parts)


@entrypoint()
async def greeter(wanted: Wanted, *, previous: int | None = None) -> entrypoint.final[Done, int]:
    """Translate into all languages at once; remember how often this thread asked."""
    languages = wanted["languages"]
    parts = await asyncio.gather(*(translate(wanted["text"], language) for language in languages))
    line = await stitch(parts)
    run = (previous or 0) + 1
    return entrypoint.final(
        value=Done(translations=dict(zip(languages, parts, strict=True)), line=line, run=run), save=run
    )


graph = greeter
