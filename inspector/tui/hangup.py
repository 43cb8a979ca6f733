"""What happens when the terminal goes away (its window is closed, the connection is lost).

Textual's writer thread then dies of its first write, its queue fills up, and the main thread waits for room in it for
ever; its reader thread spins, for there is always an end of file to be read. There is nothing left to restore and
nobody to tell: the process leaves at once. The debuggee sees its link close, ends its run, and keeps the thread's
checkpoints (`debuggee/process.py`).

SIGHUP is not enough: the kernel sends it to the leader of the session, which may be a shell or `make` that dies without
handing it on.
"""

from __future__ import annotations

import os
import select
import signal
import sys
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
    if hasattr(select, "poll") and sys.__stdin__ is not None:
        threading.Thread(target=_wait, args=(sys.__stdin__.fileno(),), name="inspector-hangup", daemon=True).start()


def _wait(terminal: int) -> None:
    """Sleep until the terminal is gone. Where the system cannot tell of terminals, this ends at once."""
    poll = select.poll()
    poll.register(terminal, 0)  # nothing but a hangup and errors
    for _, event in poll.poll():
        if event & select.POLLHUP:
            os._exit(STATUS)
