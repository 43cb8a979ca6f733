"""The bare thing: `async for` over the very call that the inspector makes, with a plain `AsyncSqliteSaver`.

    python -m benchmarks.programs.bare MODULE INPUT DB

Prints a JSON object: `wall` and `cpu` are the seconds of the loop alone, without imports.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from time import perf_counter, process_time
from typing import Any


async def main(module: str, given: Any, db: str) -> None:
    graph = importlib.import_module(module).graph
    from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

    async with AsyncSqliteSaver.from_conn_string(db) as saver:
        await saver.setup()
        graph = graph.copy({"checkpointer": saver})
        config = {"configurable": {"thread_id": "bare"}, "recursion_limit": 1_000_000}
        cpu, began = process_time(), perf_counter()
        stream = graph.astream_events(
            given, config, version="v2", stream_mode=["tasks", "checkpoints", "custom"], subgraphs=True
        )
        count = 0
        async for _ in stream:
            count += 1
        wall, cpu = perf_counter() - began, process_time() - cpu
    print(json.dumps({"wall": wall, "cpu": cpu, "events": count}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]))
