"""A server's workers end with the process that started them, so that none of them keeps its port when it is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from multiprocessing import parent_process

#: Linux's option of prctl(2): the signal a process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Have the kernel send SIGTERM to this worker when its parent dies: it takes no more connections and finishes its requests.
    Does nothing in a process that multiprocessing did not start."""
    parent = parent_process()
    if parent is None:
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent.pid:  # it died before the kernel knew
        sys.exit(1)
