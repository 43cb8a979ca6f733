"""What happens when the terminal goes away (its window is closed, the connection is lost).

Textual's writer thread then dies of its first write, its queue fills up, and the main thread waits for room in it for
ever. There is nothing left to restore and nobody to tell: the process leaves at once. The debuggee sees its link close,
ends its run, and keeps the thread's checkpoints (`debuggee/process.py`).
"""

from __future__ import annotations

import os
import signal
import threading

STATUS = 128 + 1  # as a shell reports the death by SIGHUP
_WRITER = "textual-output"  # textual/drivers/_writer_thread.py, 8.2


def leave_with_the_terminal() -> None:
    """From now on, leave when the terminal does. Call it on the main thread."""
    # A handler of Python's own, not of the event loop: the loop may be stuck in a write.
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, lambda *_: os._exit(STATUS))
    before = threading.excepthook

    def hook(args: threading.ExceptHookArgs) -> None:
        if isinstance(args.exc_value, OSError) and args.thread is not None and args.thread.name == _WRITER:
            os._exit(STATUS)
        before(args)

    threading.excepthook = hook
