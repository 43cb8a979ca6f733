"""The inspector's end of the link to a debuggee process: start it, send commands, take in what it sends.

Starting needs no event loop and imports nothing heavy, so that the process can be importing LangGraph while the
inspector is still importing Textual.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from pathlib import Path
from typing import Any

from inspector import errors
from inspector.errors import CommandError, InspectorError, LinkClosed, LoadError
from inspector.link.frames import Reader, pack

_SCRIPT = Path(__file__).resolve().parent.parent / "debuggee" / "__main__.py"
HIGH_WATER = 200_000  # events waiting to be drained, above which reading stops and the socket pushes back


class DebuggeeProcess:
    """A started debuggee. `events` fills with raw events (`core.events.from_wire`) as they arrive; whoever owns the
    process drains it. `output` likewise with `(stream, line)` of what was written to the descriptors themselves."""

    def __init__(self, python: str, *, cwd: Path, env: dict[str, str] | None = None) -> None:
        """Start it. Raises `LoadError` when there is no such Python."""
        ours, theirs = socket.socketpair()
        for sock in (ours, theirs):
            with contextlib.suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._socket = ours
        environment = {**os.environ, **(env or {}), "INSPECTOR_SITE": _site()}
        environment.setdefault("PYTHONUNBUFFERED", "1")
        environment["INSPECTOR"] = "1"
        try:
            self._process = subprocess.Popen(
                [python, "-P", str(_SCRIPT), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                pass_fds=(theirs.fileno(),),
                cwd=cwd,
                env=environment,
                start_new_session=True,  # Ctrl-C in the terminal is the inspector's to answer
            )
        except OSError as error:
            ours.close()
            raise LoadError(
                f"Cannot start {python}: {error.strerror}. Name the project's Python with --python."
            ) from None
        finally:
            theirs.close()
        self.events: deque[list[Any]] = deque()
        self.output: deque[tuple[str, str]] = deque()
        self.arrived = asyncio.Event()
        self.closed = False
        self._frames = Reader()
        self._replies: dict[int, asyncio.Future[Any]] = {}
        self._number = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reading = False
        self._partial = {"stdout": b"", "stderr": b""}
        self._cut = {"stdout": False, "stderr": False}  # the line that is being read has been passed on so far
        self._tail: deque[str] = deque(maxlen=40)  # of stderr, for the sentence when it dies

    # ------------------------------------------------------------------ life

    def attach(self) -> None:
        """Begin to read, on the running event loop. Once is enough."""
        if self._loop is not None:
            return
        self._loop = asyncio.get_running_loop()
        self._socket.setblocking(False)
        self._loop.add_reader(self._socket, self._readable)
        self._reading = True
        for name, pipe in (("stdout", self._process.stdout), ("stderr", self._process.stderr)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._loop.add_reader(pipe, self._pipe_readable, name, pipe)

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def kill(self) -> None:
        """End it at once, with everything that it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def close(self, grace: float = 4.0) -> None:
        """Ask it to stop; kill it when it has not after `grace` seconds. Leaves no process behind."""
        if not self.closed:
            with contextlib.suppress(OSError, LinkClosed):
                self._send({"op": "close", "id": 0})
        await self._gone(grace)
        if self.alive():
            self.kill()
            await self._gone(2.0)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)  # children that it left
        self._hang_up()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe is not None:
                if self._loop is not None:
                    self._loop.remove_reader(pipe)
                pipe.close()

    async def _gone(self, seconds: float) -> None:
        end = asyncio.get_running_loop().time() + seconds
        pause = 0.002
        while self.alive() and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.05)

    # ------------------------------------------------------------------ requests

    async def request(self, op: str, **fields: Any) -> Any:
        """Send a command and wait for its answer. Raises what the debuggee refused with (an `InspectorError`), or
        `LinkClosed` when it goes away first."""
        if self.closed:
            raise self.death()
        self._number += 1
        number = self._number
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._replies[number] = future
        try:
            self._send({"op": op, "id": number, **fields})
            return await future
        finally:
            self._replies.pop(number, None)

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._socket.setblocking(True)  # commands are small and rare
            self._socket.sendall(pack([message]))
        except OSError:
            raise self.death() from None
        finally:
            with contextlib.suppress(OSError):
                self._socket.setblocking(False)

    # ------------------------------------------------------------------ reading

    def _readable(self) -> None:
        try:
            data = self._socket.recv(1 << 20)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._ended()
            return
        for items in self._frames.feed(data):
            for item in items:
                if isinstance(item, list):
                    self.events.append(item)
                elif item.get("op") == "reply":
                    self._reply(item)
        self.arrived.set()
        if len(self.events) > HIGH_WATER and self._loop is not None:
            self._loop.remove_reader(self._socket)
            self._reading = False

    def drained(self) -> None:
        """The owner took events out of `events`: read on, if reading had stopped."""
        if not self._reading and not self.closed and self._loop is not None and len(self.events) < HIGH_WATER // 2:
            self._loop.add_reader(self._socket, self._readable)
            self._reading = True

    def _reply(self, item: dict[str, Any]) -> None:
        future = self._replies.get(item["id"])
        if future is None or future.done():
            return
        if "error" in item:
            future.set_exception(_error(item["error"]))
        else:
            future.set_result(item.get("value"))

    def _pipe_readable(self, name: str, pipe: Any) -> None:
        try:
            data = os.read(pipe.fileno(), 1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data and self._loop is not None:
            self._loop.remove_reader(pipe)
        *lines, rest = (self._partial[name] + data).split(b"\n")
        if lines and self._cut[name]:
            self._cut[name] = False
            if not lines[0]:  # the end of a line in pieces is no line of its own
                del lines[0]
        if (not data and rest) or len(rest) > 1_000_000:
            lines, rest = [*lines, rest], b""
            self._cut[name] = True
        self._partial[name] = rest
        for line in lines:
            text = line.decode("utf-8", "replace")
            if name == "stderr":
                self._tail.append(text)
            self.output.append((name, text))
        self.arrived.set()

    def _hang_up(self) -> None:
        if self._loop is not None and self._reading:
            self._loop.remove_reader(self._socket)
            self._reading = False
        self.closed = True
        self._socket.close()

    def _ended(self) -> None:
        self._hang_up()
        death = self.death()
        for future in self._replies.values():
            if not future.done():
                future.set_exception(death)
        self.arrived.set()

    def death(self) -> LinkClosed:
        """Why it is gone, as a sentence."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        code = self._process.returncode
        tail = "\n".join(self._tail).strip() or None
        if code is None:
            text = "The debuggee closed its link."
        elif code < 0:
            try:
                name = signal.Signals(-code).name
            except ValueError:
                name = f"signal {-code}"
            text = f"The graph's process was killed by {name}."
        else:
            text = f"The graph's process ended by itself with exit status {code}."
        return LinkClosed(text, returncode=code, traceback=tail)


def _site() -> str:
    """The directories that the inspector's own libraries are imported from."""
    here = {str(Path(p)) for p in sys.path if p.endswith(("site-packages", "dist-packages"))}
    return os.pathsep.join(sorted(here))


def _error(raw: dict[str, Any]) -> InspectorError:
    """An error that the debuggee replied with, as the exception that it was there."""
    if raw["kind"] == "SeveralGraphs":
        return errors.SeveralGraphs(raw["message"], list(raw["names"]))
    cls = getattr(errors, raw["kind"], CommandError)
    if not (isinstance(cls, type) and issubclass(cls, InspectorError)):
        cls = CommandError
    return cls(raw["message"], traceback=raw.get("traceback"))
