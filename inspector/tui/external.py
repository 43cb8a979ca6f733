"""`$EDITOR`: a text is edited in the developer's own editor, on the terminal that the app gives up meanwhile."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from textual.app import App, SuspendNotSupported

from inspector.errors import UsageError

_PLAIN = ("nano", "vim", "vi")  # where neither $VISUAL nor $EDITOR says anything


def editor_command() -> list[str]:
    """The developer's editor, as arguments. Raises `UsageError` where there is none."""
    for name in ("VISUAL", "EDITOR"):
        given = os.environ.get(name, "").strip()
        if given:
            try:
                command = shlex.split(given)
            except ValueError:
                raise UsageError(f"${name} ({given}) is no command: a quotation mark is missing.") from None
            if shutil.which(command[0]) is None:
                raise UsageError(f"${name} names {command[0]}, but there is no such program.")
            return command
    found = next((name for name in _PLAIN if shutil.which(name)), None)
    if found is None:
        raise UsageError("There is no editor: set $EDITOR to one, or edit the text here.")
    return [found]


def edit(app: App[object], text: str, *, suffix: str = ".json") -> str | None:
    """The text as the developer left it, or None where it was not changed. Blocks until the editor is closed.

    Raises:
        UsageError: there is no editor, the terminal cannot be given up, the editor failed, what it left is no text.
    """
    command = editor_command()
    name = Path(command[0]).name
    with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
        path = Path(folder) / f"state{suffix}"
        path.write_text(text, encoding="utf-8")
        try:
            with app.suspend():
                status = subprocess.run([*command, str(path)], check=False).returncode
        except SuspendNotSupported:
            raise UsageError("The terminal cannot be given to an editor here; edit the text in the app.") from None
        except OSError as error:
            raise UsageError(f"{name} cannot be started: {error.strerror or error}.") from None
        finally:
            app.refresh()
        if status:
            raise UsageError(f"{name} ended with status {status}; nothing was taken from it.")
        try:
            edited = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise UsageError(f"What {command[0]} left is no UTF-8 text; nothing was taken from it.") from None
    return edited if edited != text else None
