"""The debuggee as a process: the socket to the inspector, the event loop, captured output, signals, the end."""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import os
import signal
import socket
import sys
import threading
import traceback
from typing import Any

from inspector.core.events import RunEnded
from inspector.debuggee.commits import Commits
from inspector.debuggee.failures import failure
from inspector.debuggee.host import Host, error_to_wire
from inspector.debuggee.outbox import Outbox
from inspector.debuggee.output import captured
from inspector.debuggee.watchdog import Watchdog
from inspector.link.frames import Reader

GRACE = 3.0  # seconds that a run gets to end itself when the inspector is gone


def main(fd: int) -> int:
    """Serve commands from the socket `fd` until it closes. Returns the process's exit status."""
    sock = socket.socket(fileno=fd)
    with contextlib.suppress(Exception):
        faulthandler.enable()
    commits = Commits()
    outbox = Outbox(sock, commits)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    host = Host(outbox.emit, commits=commits)
    status = 0
    inbox: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    reader = threading.Thread(
        target=_receive, args=(sock, loop, inbox, host, outbox), name="inspector-inbox", daemon=True
    )
    with captured(host.log) as flush_output, contextlib.suppress(KeyboardInterrupt):
        host.flush = flush_output
        reader.start()
        served = loop.create_task(_serve(host, inbox, outbox, loop))
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(signal.SIGINT, lambda: loop.create_task(host.cancel()))
            loop.add_signal_handler(signal.SIGTERM, lambda: inbox.put_nowait(None))
        while not served.done():
            try:
                loop.run_until_complete(served)
            except (SystemExit, KeyboardInterrupt):
                # A node called `sys.exit()`: asyncio lets it through everything, but the loop can go on, and the
                # run has already said how it ended. The graph stays loaded for another try.
                continue
            except Exception:  # a defect of ours: say so rather than hang
                traceback.print_exc(file=sys.__stderr__)
                status = 70
                break
    outbox.close()
    sock.close()
    # Threads of the user's that are still busy must not keep the process: its work is saved.
    sys.stdout.flush()
    os._exit(status)


def _receive(
    sock: socket.socket, loop: asyncio.AbstractEventLoop, inbox: asyncio.Queue[Any], host: Host, outbox: Outbox
) -> None:
    """Commands from the socket to the loop; those that cannot wait for it are carried out here. When the inspector
    is gone, the process leaves: by itself if it can, after `GRACE` seconds in any case (a node may spin for ever)."""
    frames = Reader()
    while True:
        try:
            data = sock.recv(65536)
        except OSError:
            data = b""
        if not data:
            host.free()
            break
        for items in frames.feed(data):
            for item in items:
                if not _at_once(host, item, outbox):
                    loop.call_soon_threadsafe(inbox.put_nowait, item)
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(inbox.put_nowait, None)
    threading.Event().wait(GRACE)
    os._exit(1)


async def _serve(
    host: Host, inbox: asyncio.Queue[dict[str, Any] | None], outbox: Outbox, loop: asyncio.AbstractEventLoop
) -> None:
    watchdog = Watchdog(loop, host.blocked)
    outbox.post({"op": "hello", "pid": os.getpid(), "python": sys.version.split()[0]})
    tasks: set[asyncio.Task[None]] = set()
    while (message := await inbox.get()) is not None:
        if message["op"] == "open":
            # In the loop's own task, so that a factory's context manager is closed where it was opened.
            await _answer(host, message, outbox)
            watchdog.start()  # from now on: an import may well hold the loop
            continue
        if message["op"] == "close":
            break
        task = loop.create_task(_answer(host, message, outbox))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    watchdog.stop()
    try:
        await host.close()
    except BaseException as error:
        if isinstance(error, (SystemExit, KeyboardInterrupt)):
            outbox.emit(RunEnded(host.now(), "error", (), failure(error)))


def _at_once(host: Host, message: dict[str, Any], outbox: Outbox) -> bool:
    if message["op"] == "close":
        host.free()
        return False
    try:
        if not host.at_once(message["op"], _fields(message)):
            return False
    except Exception as error:
        outbox.post({"op": "reply", "id": message["id"], "error": error_to_wire(error)})
    else:
        outbox.post({"op": "reply", "id": message["id"], "value": None})
    return True


def _fields(message: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in message.items() if key not in ("op", "id")}


async def _answer(host: Host, message: dict[str, Any], outbox: Outbox) -> None:
    try:
        value = await host.command(message["op"], _fields(message))
    except Exception as error:
        outbox.post({"op": "reply", "id": message["id"], "error": error_to_wire(error)})
    else:
        outbox.post({"op": "reply", "id": message["id"], "value": value})
