"""A session without a front end, until its graph is ready to run.

    python -m benchmarks.programs.session REF

Prints the time (`time.monotonic`, the same clock in every process) at which it was.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from time import monotonic


async def main(ref: str) -> None:
    from inspector.core.reference import environment, resolve
    from inspector.session import Session, Settings

    reference = resolve(ref, Path.cwd())
    session = Session(Settings(reference, db=Path("threads.sqlite"), env=environment(reference)))
    session.begin()
    await session.wait_ready()
    print(monotonic())
    await session.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
