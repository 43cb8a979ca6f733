"""The `inspector` command as a process of its own, for tests of what scripts see of it."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that a command may take before a test fails. Never waited for when all is well."""
_MARK = "INSPECTOR_HEADLESS"  # in the environment of everything that a command starts


@dataclass(frozen=True)
class Done:
    """How a command ended: exit status, standard output and its lines as objects, standard error."""

    status: int
    out: str
    lines: list[dict[str, Any]]
    said: str

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["kind"] == kind]

    @property
    def ended(self) -> dict[str, Any]:
        """The last line, which is the end of the run."""
        assert self.lines[-1]["kind"] == "run_ended"
        return self.lines[-1]


class Command:
    """A command that was started; leave the context and everything that it started is gone."""

    def __init__(self, *argv: str, cwd: Path, env: Mapping[str, str] | None = None) -> None:
        self._mark = uuid.uuid4().hex
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", _MARK: self._mark, **(env or {})}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "inspector", *argv], cwd=cwd, env=environment,
            bufsize=0,  # no reading ahead of lines
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self._headless = "--headless" in argv
        self._read: list[str] = []

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self.family():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        self.process.communicate()

    def read_until(self, text: str) -> None:
        """Read its output, to the line with this text in it."""
        assert self.process.stdout is not None
        for raw in self.process.stdout:
            line = raw.decode("utf-8")
            self._read.append(line)
            if text in line:
                return
        raise AssertionError(f"it ended without {text!r}: {''.join(self._read)}")

    @property
    def read(self) -> list[str]:
        """The lines that have been read."""
        return self._read

    def done(self) -> Done:
        """Wait for its end. Every line of a headless run has to be JSON, numbered without gaps."""
        rest, errors = self.process.communicate(timeout=PATIENCE)
        out, said = "".join([*self._read, rest.decode("utf-8")]), errors.decode("utf-8")
        lines = [json.loads(line) for line in out.splitlines()] if self._headless else []
        assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
        return Done(self.process.returncode, out, lines, said)

    def family(self) -> list[int]:
        """The processes that live of all that it was and started."""
        return list(self._family())

    def _family(self) -> Iterator[int]:
        mark = f"{_MARK}={self._mark}".encode()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    if mark in (entry / "environ").read_bytes().split(b"\0"):
                        yield int(entry.name)


def run(*argv: str, cwd: Path, env: Mapping[str, str] | None = None) -> Done:
    """`inspector run ... --headless` (or another command, by its name), to its end; leaves nothing behind."""
    with Command(*argv, cwd=cwd, env=env) as command:
        done = command.done()
        assert command.family() == []
    assert "\x1b" not in done.said
    return done
