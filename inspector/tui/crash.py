"""When the app itself has a bug: the traceback goes to a file, the developer gets a sentence, the terminal is whole."""

from __future__ import annotations

import platform
import tempfile
import traceback
from datetime import datetime
from pathlib import Path

from inspector import __version__

STATUS = 70  # EX_SOFTWARE


def record(error: BaseException, folder: Path = Path(".inspector")) -> str:
    """Write the traceback to `crash.log` in the folder (or in the system's temporary one). Returns the sentence to say.
    Never raises."""
    text = "".join(traceback.format_exception(error))
    head = f"inspector {__version__}, Python {platform.python_version()}, {platform.platform()}"
    stamp = datetime.now().astimezone().isoformat(timespec="seconds")
    for place in (folder, Path(tempfile.gettempdir())):
        try:
            place.mkdir(parents=True, exist_ok=True)
            with open(place / "crash.log", "a", encoding="utf-8", errors="replace") as file:
                file.write(f"{stamp} {head}\n{text}\n")
        except OSError:
            continue
        return (
            f"The inspector met an error of its own ({type(error).__name__}) and had to stop; the graph's checkpoints "
            f"are kept. The traceback is in {place / 'crash.log'}: please report it."
        )
    return f"The inspector met an error of its own and had to stop; the graph's checkpoints are kept. {error!r}"
