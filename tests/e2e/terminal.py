"""A terminal for tests: starts a program in a pseudo-terminal, types, and reads the screen as a person would see it.

    with Terminal(["run", "agent.py"], cwd=tmp_path) as app:
        app.wait_for("ready")
        app.press("q")
        assert app.wait_end() == 0

Everything waits for a condition. The program's output is taken in while waiting, in the test's own thread; what has not
been waited for has not been seen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType

from tests.e2e.screen import Screen

ROOT = Path(__file__).parents[2]
PATIENCE = 30.0
"""Seconds that anything may take before a test fails. Never waited for when all is well."""

KEYS = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "backspace": "\x7f", "up": "\x1b[A", "down": "\x1b[B",
    "right": "\x1b[C", "left": "\x1b[D", "home": "\x1b[H", "end": "\x1b[F", "pagedown": "\x1b[6~", "pageup": "\x1b[5~",
    "ctrl+c": "\x03", "ctrl+o": "\x0f", "ctrl+p": "\x10", "ctrl+q": "\x11", "ctrl+s": "\x13", "ctrl+j": "\n",
    "ctrl+e": "\x05", "ctrl+u": "\x15", "ctrl+r": "\x12", "delete": "\x1b[3~",
}  # fmt: skip
_NOT_OURS = ("TMUX", "TEXTUAL", "NO_COLOR", "COLUMNS", "LINES")
_MARK = "INSPECTOR_E2E"  # in the environment of everything that a terminal's program starts


class Terminal:
    """A program in a terminal of `size` (columns, rows). `raw` is every byte that it wrote.

    `argv` are the arguments of the `inspector` command; with `program`, of that program.
    """

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        size: tuple[int, int] = (120, 40),
        env: Mapping[str, str] | None = None,
        program: Sequence[str] = (sys.executable, "-m", "inspector"),
    ) -> None:
        self._master, slave = pty.openpty()
        self._set_size(*size)
        self._before = termios.tcgetattr(slave)
        self.display = Screen(*size)
        self.raw = bytearray()
        self._mark = uuid.uuid4().hex
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(_NOT_OURS)},
            "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT),
            "SAMPLE_SPEED": "0.05", _MARK: self._mark, **(env or {}),
        }  # fmt: skip
        self.process = subprocess.Popen(
            [*program, *argv], stdin=slave, stdout=slave, stderr=slave, cwd=cwd, env=environment,
            preexec_fn=_own_terminal,
        )  # fmt: skip
        self._slave = slave  # kept, so that the terminal outlives the program and its settings can be looked at

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    # ------------------------------------------------------------------ what it shows

    def _pump(self, seconds: float) -> bool:
        """Take in what the program has written, waiting for it that long. Returns whether there was anything."""
        if not select.select([self._master], [], [], max(0.0, seconds))[0]:
            return False
        data = os.read(self._master, 1 << 16)
        self.raw += data
        self.display.feed(data)
        return True

    @property
    def lines(self) -> list[str]:
        """The lines of the screen, from the top, without spaces at their ends."""
        return self.display.lines

    @property
    def screen(self) -> str:
        """The whole screen as text."""
        return "\n".join(self.lines)

    def line(self, text: str) -> str:
        """The first line of the screen with this text in it; empty where there is none."""
        return next((line for line in self.lines if text in line), "")

    # ------------------------------------------------------------------ doing

    def press(self, *keys: str) -> None:
        """Press keys, by name (`KEYS`) or as the characters they type. Escape comes last: what is typed right behind it
        would be read as Alt with that key, as on every terminal.

        Text and keys that are bound to actions take different ways through Textual: wait for what a key does before
        typing text behind it.
        """
        assert "escape" not in keys[:-1], "wait for what escape does"
        for key in keys:
            self._write(KEYS.get(key, key).encode())

    def paste(self, text: str) -> None:
        """Paste a text, as terminals do it (bracketed)."""
        self._write(b"\x1b[200~" + text.encode() + b"\x1b[201~")

    def _write(self, data: bytes) -> None:
        while data:
            data = data[os.write(self._master, data[:1024]) :]

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal's window another size."""
        self.display.resize(columns, rows)
        self._set_size(columns, rows)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, number: signal.Signals) -> None:
        """Send the program (not what it started) a signal."""
        self.process.send_signal(number)

    # ------------------------------------------------------------------ waiting

    def wait_for(self, *wanted: str | Callable[[], object], patience: float = PATIENCE) -> None:
        """Until the screen shows all of these texts at once, and all of these conditions are true."""
        texts = [item for item in wanted if isinstance(item, str)]
        conditions = [item for item in wanted if not isinstance(item, str)]

        def all_there() -> bool:
            screen = self.screen
            return all(text in screen for text in texts) and all(condition() for condition in conditions)

        self._wait(all_there, f"{texts or conditions}", patience)

    def wait_told(self, condition: Callable[[], object], patience: float = PATIENCE) -> None:
        """Until the condition is true, whether the app is still there or has left."""
        self._wait(condition, "what was to be told", patience, ends=True)

    def wait_gone(self, *texts: str, patience: float = PATIENCE) -> None:
        """Until the screen shows none of these texts."""
        self._wait(lambda: not any(text in self.screen for text in texts), f"the end of {texts}", patience)

    def wait_quiet(self, seconds: float = 1.0, patience: float = PATIENCE) -> None:
        """Wait until nothing has been written for that long."""
        end = monotonic() + patience
        while self._pump(seconds):
            assert monotonic() < end, f"After {patience:.0f} s it still writes.\n{self.screen}"

    def wait_end(self, patience: float = PATIENCE) -> int:
        """Until the program has ended. Returns its exit status, negative for a signal."""
        self._wait(lambda: self.process.poll() is not None, "the end of the program", patience, ends=True)
        while self._pump(0):
            pass
        assert self.process.returncode is not None
        return self.process.returncode

    def wait_dead(self, patience: float = PATIENCE) -> None:
        """Until nothing of all that the program started lives."""
        self._wait(lambda: not self.family(), "the end of what it started", patience, ends=True)

    def _wait(self, condition: Callable[[], object], what: str, patience: float, *, ends: bool = False) -> None:
        end = monotonic() + patience
        while not condition():
            over = self.process.poll() is not None
            if monotonic() > end or (over and not ends and not self._pump(0.2) and not condition()):
                why = f"The program ended ({self.process.returncode})" if over else f"After {patience:.0f} s"
                raise AssertionError(f"{why}, and there was no sign of {what}. The screen:\n{self.screen}")
            self._pump(0.02)

    # ------------------------------------------------------------------ what it left behind

    @property
    def farewell(self) -> str:
        """What the program said on the shell's own screen, after the app had left it."""
        return self.display.farewell

    def assert_restored(self) -> None:
        """The terminal is as it was: the shell's screen, cursor, keys, mouse, echo; and nothing strange reached it."""
        assert self.display.modes <= {7, 25}, "modes that were left on"  # 7: lines wrap, as in every shell
        assert self.display.cursor_shown
        assert self.display.keyboard <= 0, "the keyboard protocol was left on"
        assert not self.display.strange, self.display.strange[:5]
        assert termios.tcgetattr(self._slave) == self._before, "the terminal's settings were changed"

    def family(self) -> list[int]:
        """The processes that live of all that the program was and started, wherever they went since."""
        mark = f"{_MARK}={self._mark}".encode()
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        found.append(int(entry.name))
        return found

    def debuggee(self) -> int:
        """The process that the graph runs in."""
        [pid] = [pid for pid in self.family() if pid != self.process.pid]
        return pid

    def hang_up(self, patience: float = PATIENCE) -> None:
        """The terminal goes away. Waits until nothing is left of what was started in it."""
        self._let_go()
        end = monotonic() + patience
        while self.process.poll() is None or self.family():
            if monotonic() > end:
                raise AssertionError(f"After {patience:.0f} s without a terminal there still is {self.family()}.")
            sleep(0.02)

    def _let_go(self) -> None:
        for descriptor in (self._slave, self._master):
            if descriptor >= 0:
                os.close(descriptor)
        self._slave = self._master = -1

    def close(self) -> None:
        """End whatever is still there."""
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self._let_go()


def _own_terminal() -> None:
    """Make standard input the controlling terminal of a new session: that is what makes Ctrl-C and hang-ups real."""
    os.setsid()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
