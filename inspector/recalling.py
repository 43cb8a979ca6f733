"""Taking in what a thread has in its file and a session's run has not: checkpoints of earlier sessions, of an edit, of
another program; and the questions that the thread waits with."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from inspector.core.events import Interrupted
from inspector.core.packing import WHOLE, pack
from inspector.core.past import missing
from inspector.errors import UnknownThread

if TYPE_CHECKING:
    from inspector.session import Session


async def recall(session: Session) -> None:
    """Bring the run up to what the file says; not while one goes on, and not for a thread that there is not yet."""
    await session.wait_ready()
    try:
        entries = await session.travel.history()
    except UnknownThread:
        return
    if session.running:
        return
    run = session.view.run
    newest = next((entry.id for entry in entries if not entry.ns), None)
    known = newest in run.by_checkpoint
    past, since = missing(run, entries, time())
    for event in past:
        run.append(event)  # no listener is told of it: it is none of this session's
    for event in since:
        session.take(event)
    if newest is not None and not known and session.database is not None:
        for asked in await asyncio.to_thread(_waiting, session.database, session.thread):
            if not session.running:
                run.append(asked)


def _waiting(path: Path, thread: str) -> Sequence[Interrupted]:
    from inspector.store.inbox import waiting_in
    from inspector.store.threads import ThreadFile

    file = ThreadFile(path)
    try:
        return [
            Interrupted(
                0.0, asked.id, asked.ns, asked.task, asked.node, pack(asked.value, WHOLE), pack(asked.schema, WHOLE)
            )
            for asked in waiting_in(file, file.summary(thread))
        ]
    finally:
        file.close()
