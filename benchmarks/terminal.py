"""A program in a pseudo-terminal: a thread reads what it writes, as a terminal does, and notes when each piece came.

Nothing is interpreted while the program runs, so that the measuring takes next to nothing of the machine that is
measured; `benchmarks.screen` makes screens of the pieces afterwards.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import Any

from benchmarks.setting import PYTHON, environment

COLUMNS, ROWS = 120, 40
_ESCAPES = re.compile(rb"\x1b(?:\[[0-9;:?<>=$ ]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\|[()].|[=>78cM])")


class Terminal:
    """Starts the program at once. `chunks` are the pieces that it wrote, each with the time it arrived; `reports` the
    JSON objects that it wrote, one a line, to the descriptor whose number takes the place of `{report}` in `argv`.

    All times are seconds of `time.monotonic`, which is the same clock in every process of the machine.
    """

    def __init__(self, argv: list[str], *, cwd: Path) -> None:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        from_report, to_report = os.pipe()
        self.chunks: list[tuple[float, bytes]] = []
        self.reports: list[dict[str, Any]] = []
        self._master = master
        self._news = threading.Condition()
        self._open = True
        self.started = monotonic()
        self._process = subprocess.Popen(
            [part.replace("{report}", str(to_report)) for part in argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            pass_fds=(to_report,),
            cwd=cwd,
            env=environment(),
            start_new_session=True,
        )
        os.close(slave)
        os.close(to_report)
        self._thread = threading.Thread(target=self._read, args=(from_report,), name="terminal", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def _read(self, report: int) -> None:
        sources = [self._master, report]
        rest = b""
        while sources:
            for source in select.select(sources, [], [])[0]:
                try:
                    data = os.read(source, 1 << 16)
                except OSError:  # the other end of the terminal is closed
                    data = b""
                now = monotonic()
                if not data:
                    sources.remove(source)
                elif source == self._master:
                    self.chunks.append((now, data))
                else:
                    *lines, rest = (rest + data).split(b"\n")
                    self.reports.extend(json.loads(line) for line in lines)
            with self._news:
                self._news.notify_all()
        os.close(report)
        self._open = False
        with self._news:
            self._news.notify_all()

    def press(self, key: str) -> float:
        """Type something. Returns when."""
        at = monotonic()
        os.write(self._master, key.encode())
        return at

    # ------------------------------------------------------------------ waiting

    def wait_text(self, *texts: str, timeout: float = 60.0, after: int = 0) -> float:
        """Until all of the texts have been written (in pieces from the one of that number on). Returns when the last of
        them was. Raises `TimeoutError`."""
        missing = [text.encode() for text in texts]
        written = bytearray()
        taken = after
        last = self.started

        def arrived() -> bool:
            nonlocal taken, last
            while taken < len(self.chunks) and missing:
                last, data = self.chunks[taken]
                taken += 1
                written.extend(data)
                plain = _ESCAPES.sub(b"", bytes(written))
                missing[:] = [text for text in missing if text not in plain]
            return not missing

        self._wait(arrived, timeout, f"the texts {texts}")
        return last

    def wait_report(self, kind: str, timeout: float = 120.0, count: int = 1) -> dict[str, Any]:
        """The report of that `kind` (the `count`th), once it comes. Raises `TimeoutError`."""
        found: list[dict[str, Any]] = []

        def reported() -> bool:
            found[:] = [report for report in self.reports if report["kind"] == kind]
            return len(found) >= count

        self._wait(reported, timeout, f"the report {kind!r}")
        return found[count - 1]

    def _wait(self, happened: Callable[[], bool], timeout: float, what: str) -> None:
        end = monotonic() + timeout
        with self._news:
            while not happened():
                if not self._open or not self._news.wait(max(0.0, end - monotonic())):
                    self.kill()
                    raise TimeoutError(f"{what} did not come; the terminal says:\n{self.text()[-3000:]}")

    def wait_end(self, timeout: float = 60.0) -> int:
        """Until the program has ended. Returns its exit status. Raises `TimeoutError`."""
        try:
            status = self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise TimeoutError(f"the program did not end; the terminal says:\n{self.text()[-3000:]}") from None
        self._close()
        return status

    def leave(self) -> None:
        """Quit the program with its key, or by force when that does not help."""
        with contextlib.suppress(OSError):
            self.press("\x11")
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self.kill()
        else:
            self._close()

    def kill(self) -> None:
        """End it at once. What it started notices that its link is closed."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._close()

    def _close(self) -> None:
        if threading.current_thread() is not self._thread:
            self._thread.join(5.0)
        with contextlib.suppress(OSError):
            os.close(self._master)

    def text(self) -> str:
        """Everything that was written, without escape sequences."""
        return _ESCAPES.sub(b"", b"".join(data for _, data in self.chunks)).decode("utf-8", "replace")


def start_app(cwd: Path, spec: dict[str, Any]) -> Terminal:
    """The app (`benchmarks.programs.app`) in a terminal of its own, working in the new directory `cwd`."""
    cwd.mkdir()
    spec = {"db": "threads.sqlite", **spec}
    return Terminal([PYTHON, "-m", "benchmarks.programs.app", "{report}", json.dumps(spec)], cwd=cwd)
