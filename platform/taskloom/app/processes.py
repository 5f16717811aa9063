"""A worker process ends when the server that started it says so, and never outlives it."""

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1
_LOOK_EVERY_SECONDS = 0.5


def die_with_parent() -> None:
    """End this worker at once when its parent ends, however that ends.

    Otherwise an orphan would keep the port and the next server could not start. To be called in
    the worker; does nothing in a process that no other Python process started.
    """
    parent = multiprocessing.parent_process()
    if parent is None or parent.pid is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        threading.Thread(target=_watch, args=(parent.pid,), daemon=True).start()
    if os.getppid() != parent.pid:
        os._exit(1)


def leave_group() -> None:
    """Let signals for the whole group, as Ctrl-C in a terminal sends them, reach the parent alone.

    The parent then ends its workers itself. A worker that hears twice that it shall end may wait
    for ever within granian's own signal handler.
    """
    os.setpgid(0, 0)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK_EVERY_SECONDS)
    os._exit(1)
