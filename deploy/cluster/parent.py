"""Make a server's workers end with the process that started them. Otherwise, if that process were killed, its workers would
continue to listen on its port."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from multiprocessing import parent_process

#: An option of Linux's prctl(2): the signal that a process gets when the thread that started it ends.
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Make the kernel send SIGTERM to this worker when its parent dies. After SIGTERM the worker takes no more connections and
    finishes its requests. In a process that multiprocessing did not start, do nothing."""
    parent = parent_process()
    if parent is None:
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != parent.pid:  # The parent died before the option was set, so the kernel sends no signal.
        sys.exit(1)
