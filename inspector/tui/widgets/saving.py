"""Saving a text that the developer wants to keep to a file, under a name that says what it is."""

from __future__ import annotations

import re
from itertools import count
from pathlib import Path

FOLDER = Path(".inspector")


def save(title: str, text: str, folder: Path = FOLDER) -> Path:
    """Write the text to a new file `<title>.txt` in the folder, which is made. Returns its path. Raises `OSError`."""
    name = re.sub(r"[^\w.-]+", "-", title)[:60].strip("-.") or "text"
    folder.mkdir(parents=True, exist_ok=True)
    for number in count(1):
        path = folder / (f"{name}.txt" if number == 1 else f"{name}-{number}.txt")
        try:
            with path.open("x", encoding="utf-8", errors="replace") as file:
                file.write(text)
        except FileExistsError:
            continue
        break
    return path
